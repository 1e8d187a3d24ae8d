/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/** @file
 * How much the client of a direct endpoint may send: a bucket that fills with time. direct_web.c
 * asks it for each message. A message counts once, and once more for each 8 KiB: so a burst takes
 * the control side 20 ms at most, and half of what the web host lets wait for a peer that it is
 * sent on to. One thread. */
struct direct_rate {
	double per_s, left; /**< left goes below zero by refused messages */
	int64_t at_us;
};
enum direct_pace {
	PACE_OK,
	PACE_TOO_FAST, /**< refuse the message */
	PACE_ABUSE,    /**< close: as much was refused and went on as had been allowed at once */
};

/** @param per_s messages for long, above 0; five times as many at once: a browser has many
 *  candidates */
void direct_rate_start(struct direct_rate *r, double per_s, int64_t now_us);
enum direct_pace direct_rate_say(struct direct_rate *r, size_t len, int64_t now_us);
