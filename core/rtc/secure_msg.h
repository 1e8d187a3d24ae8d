/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "dtls_role.h"
#include "fingerprint.h"
#include "srtp_keys.h"

/** @file
 * Messages between workers and the secure thread: flat values. Commands are the functions of
 * secure.h; a peer's replies are made by assoc.c and read by the worker. */

/** What is known of the peer's side of DTLS; an update replaces it. */
struct secure_peer {
	struct fingerprints
		fingerprints; /**< none known yet: the handshake ends without trust until then */
	enum dtls_role role;
	uint16_t sctp_port;   /**< 0: no data channels (yet) */
	uint32_t sctp_max;    /**< bytes of a message that it takes, 0: any */
	uint32_t sctp_number; /**< of the association: with another one, or another port, the old
				 one ends */
};

#define SECURE_DATAGRAM 2048 /**< bytes at most */
enum secure_reply_type {
	SECURE_SEND = 1, /**< a datagram for the peer */
	SECURE_KEYS, /**< the handshake is done and the certificate is the right one; profile 0: no
			SRTP. Again after a new certificate: these keys replace the others */
	SECURE_FAILED,   /**< enum failure */
	SECURE_REPEATED, /**< flights of ours had to be sent again, so often in all; may get lost */
	SECURE_HEARD,    /**< an authentic record came; once a second at most */
	SECURE_CLOSED,
};
struct secure_reply {
	uint32_t type;
	uint32_t len; /**< of data */
	uint64_t peer;
	union {
		struct {
			struct srtp_keys keys;
			uint8_t is_server;
		} up;
		uint8_t why;
		uint32_t repeats;
		uint8_t data[SECURE_DATAGRAM];
	};
};
