/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sender.h"

/** @file
 * NACKs answered (RFC 4585, section 6.2.1), out of the source's cache. */

void resend(struct sender *tx, uint16_t seq, int64_t now_us);
