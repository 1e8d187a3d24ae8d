/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "../../rtp/rtcp.h"
#include "../peer.h"

/** @file
 * Arrival times of a peer's packets by transport-wide sequence number, and the feedback about them
 * from which browsers estimate their bandwidth
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01). */
#define TWCC_WINDOW  512 /**< numbers remembered, a power of two */
#define TWCC_MESSAGE 400 /**< numbers in one feedback message */

struct twcc {
	bool started, pending;
	uint8_t count;             /**< feedback messages so far */
	uint16_t first, newest;    /**< to be reported: first…newest */
	uint16_t seq[TWCC_WINDOW]; /**< whose arrival that is */
	int64_t at_us[TWCC_WINDOW];
};
/** A packet came. @return true: so many wait that feedback must leave now. */
bool twcc_seen(struct twcc *t, uint16_t seq, int64_t now_us);
/** Append one feedback message to a compound; call with another one until it returns 0. A number
 * that comes late is reported again.
 *  @return numbers that it covers. */
unsigned twcc_write(struct twcc *t, uint32_t sender, uint32_t media, struct rtcp_buf *b);

/** A packet of the peer came that has a transport-wide number. */
void twcc_in_note(struct peer *p, uint16_t seq, int64_t now_us);
void twcc_in_send(void *router); /**< Timer. */
