/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * `trickle`: a client's candidates, from dispatch.c or a plugin. The ICE-lite mux learns a peer's
 * addresses from its binding requests, so they are checked, answered as the API says, and kept to
 * be shown. */
struct request;

/** Handler of `trickle` (see dispatch.c). */
void trickle_request(struct request *r);
