/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/** @file
 * The last FORWARD TSN on its way (RFC 3758, 3.2). usrsctp sends one once, and again when there is
 * more to skip: when it was lost and nothing else is on its way, the peer would wait for ever for
 * what was given up, and deliver nothing of the streams behind it. */
struct sctp_forward {
	uint8_t *packet; /**< that of it alone, to be sent again; NULL: none, or the peer has it */
	size_t len;
	uint32_t tsn;
};
void sctp_forward_end(struct sctp_forward *f);
/** A packet of usrsctp's. */
void sctp_forward_out(struct sctp_forward *f, uint8_t *packet, size_t len);
/** A packet of the peer's: it may acknowledge it. */
void sctp_forward_in(struct sctp_forward *f, uint8_t *packet, size_t len);
