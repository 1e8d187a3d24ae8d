/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * `trickle`: a client's candidates, from dispatch.c or a plugin. The ICE-lite mux learns a peer's
 * addresses from its binding requests, so they are checked, answered as the API says, and kept to
 * be shown. */
struct request;
struct cardea_field;

/** Handler of `trickle` (see dispatch.c), which checks its fields itself. */
extern const struct cardea_field trickle_fields[];
void trickle_request(struct request *r);
