/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * The exchange of a cookie before a DTLS 1.2 handshake (RFC 6347, section 4.2.1), without any
 * state: a ClientHello too short for all that we would answer is answered with HelloVerifyRequest,
 * which is shorter still. Pure functions. */
#define DTLS_RANDOM 32
#define DTLS_COOKIE 20

/** A ClientHello's first fragment. Borrowed from the datagram. */
struct dtls_hello {
	uint64_t record_seq;
	uint16_t seq; /**< of the handshake message: 1 with a cookie */
	const uint8_t
		*random; /**< DTLS_RANDOM bytes; NULL: the fragment ends before the cookie does */
	const uint8_t *cookie;
	size_t cookie_len;
};
/** @return false: there is none in the datagram */
bool dtls_hello_find(const uint8_t *datagram, size_t len, struct dtls_hello *out);
/** Is a record, with a whole message, one? */
bool dtls_hello_is(const uint8_t *record);

#define DTLS_HELLO_VERIFY 48 /**< bytes of the answer */
/** Write the HelloVerifyRequest that answers @p h. */
void dtls_hello_verify(const struct dtls_hello *h, const uint8_t cookie[DTLS_COOKIE],
	uint8_t out[DTLS_HELLO_VERIFY]);

#define DTLS_HELLO_BARE 67
/** Write the least ClientHello of that random, without cookie or extensions. A TLS library that
 * reads it is where it would be if it had answered the peer's first one itself. */
void dtls_hello_bare(const uint8_t random[DTLS_RANDOM], uint8_t out[DTLS_HELLO_BARE]);
