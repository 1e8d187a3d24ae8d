/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

/** @file
 * What an SCTP association carries, and what it tells its owner. */

/** A user message. */
struct sctp_msg {
	uint16_t stream;
	uint32_t ppid;
	bool unordered;
	enum { SCTP_RELIABLE, SCTP_RETRANSMITS, SCTP_LIFETIME } partial; /**< RFC 3758; when sent */
	uint32_t limit; /**< retransmissions, or milliseconds */
	const uint8_t *data;
	size_t len;
};
struct sctp_ops {
	/** A packet for the peer, to be protected by DTLS. */
	void (*send)(void *arg, const uint8_t *packet, size_t len);
	void (*up)(void *arg);
	void (*message)(void *arg, const struct sctp_msg *m); /**< borrowed */
	/** The peer has reset its outgoing streams; @p n 0: all. */
	void (*reset)(void *arg, const uint16_t *streams, unsigned n);
	void (*reset_done)(void *arg); /**< one of ours, or it was refused: another may begin */
	void (*drained)(void *arg);    /**< after ERR_FULL or ERR_AGAIN: try again */
	/** The association is over: nothing more will come; sctp_end() is for the owner to call.
	 */
	void (*down)(void *arg);
};
