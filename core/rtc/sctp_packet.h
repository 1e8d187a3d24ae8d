/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * SCTP packets (RFC 9260, section 3): ports, tag and checksum, then chunks. */
#define SCTP_COMMON 12   /**< header of a packet */
#define SCTP_HEAD   4    /**< of a chunk, and of a parameter */
#define SCTP_PACKET 2048 /**< bytes at most */

enum sctp_chunk {
	CHUNK_DATA = 0,
	CHUNK_INIT = 1,
	CHUNK_INIT_ACK = 2,
	CHUNK_SACK = 3,
	CHUNK_ABORT = 6,
	CHUNK_COOKIE_ECHO = 10,
	CHUNK_COOKIE_ACK = 11,
	CHUNK_SHUTDOWN_COMPLETE = 14,
	CHUNK_RECONFIG = 130,
	CHUNK_FORWARD = 192,
	CHUNK_UNKNOWN = 0xbf /**< to be skipped by who does not know it (3.2) */
};
/** Parameters of RECONFIG (RFC 6525, section 4). */
enum sctp_parameter {
	RECONFIG_RESET_OUT = 13,
	RECONFIG_RESET_TSN = 15,
	RECONFIG_RESPONSE = 16,
	RECONFIG_ADD_OUT = 17,
	RECONFIG_ADD_IN = 18
};

/** Results of requests (4.4). */
enum { RECONFIG_PERFORMED = 1, RECONFIG_IN_PROGRESS = 6 };

/** @return the chunk (or parameter) at @p at, NULL: none that is whole; *len without padding */
uint8_t *sctp_item(uint8_t *packet, size_t at, size_t end, size_t *len);
static inline size_t sctp_padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}
/** Compute the checksum of a packet. */
void sctp_seal(uint8_t *packet, size_t len);
bool sctp_is_sealed(uint8_t *packet, size_t len);
/** Take its data out of a packet: usrsctp reads no data behind what it takes for a fault, and it is
 * to be known what it has read. @param data SCTP_PACKET bytes: a packet of that alone
 *  @return its length, 0: none; *len: of the other, 0: there is no chunk left in it */
size_t sctp_split(uint8_t *packet, size_t *len, uint8_t *data);
/** What to answer to a packet of an association that is over (RFC 9260, 8.4).
 * @param out SCTP_PACKET bytes @return its length, 0: nothing */
size_t sctp_refusal(const uint8_t *packet, size_t len, uint8_t *out);
