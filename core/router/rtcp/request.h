/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../in/receiver.h"

/** @file
 * What a publisher is asked for by RTCP: keyframes (PLI, RFC 4585, 6.3.1; FIR, RFC 5104, 4.3.1) and
 * lost packets (NACK, RFC 4585, 6.2.1). */

extern const struct receiver_ops request_ops; /**< of a receiver whose packets come from its peer */
void request_nacks(void *router);             /**< Timer. */
