/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/** @file
 * What can be read on the datagrams of a handshake as OpenSSL sends them, and OpenSSL tells nobody:
 * how far its numbers have come, and the end of its flight, to be repeated. A leaf. */
#define DTLS_NOTED_FLIGHT 96 /**< bytes: 14 + 61 with AES-GCM */

struct dtls_noted {
	uint64_t seq, nonce; /**< of the last encrypted record sent */
	/** our ChangeCipherSpec and Finished */
	uint8_t flight[DTLS_NOTED_FLIGHT], flight_len;
};

void dtls_noted_take(struct dtls_noted *n, const uint8_t *datagram, size_t len);
