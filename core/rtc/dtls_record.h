/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/err.h"

/** @file
 * The record layer of an agreed DTLS 1.2 association with an AES-GCM suite (RFC 6347, section 4.1;
 * RFC 5288), in some hundred flat bytes where OpenSSL keeps fifty thousand. Handshakes are not its
 * affair: it takes over from OpenSSL once both sides are done with theirs, and carries alerts and
 * application data. It may be copied and moved to another process. One thread. */
enum dtls_content {
	DTLS_CONTENT_ALERT = 21,
	DTLS_CONTENT_HANDSHAKE = 22,
	DTLS_CONTENT_DATA = 23,
};
#define DTLS_RECORD_HEADER   13
#define DTLS_RECORD_OVERHEAD 37 /**< header, explicit nonce and tag: added to what is sent */

struct dtls_record {
	uint8_t key_len; /**< 16 or 32 */
	uint8_t key_out[32], key_in[32];
	uint8_t salt_out[4], salt_in[4];
	uint64_t seq_out;           /**< of the next record: epoch in the upper 16 bits */
	uint64_t nonce_out;         /**< explicit part of the next record's nonce */
	uint64_t seq_in, window_in; /**< highest received; bit n: seq_in - n came */
};

/** What a TLS library tells of an association. */
struct dtls_secrets {
	const char *digest; /**< of the PRF: "SHA256" or "SHA384" */
	uint8_t key_len;    /**< of the cipher: 16 or 32 */
	bool is_server;
	uint8_t master[48], client_random[32], server_random[32];
	uint64_t seq_out, nonce_out; /**< of the last record sent under these keys */
};
/** Derive the keys (RFC 5246, section 6.3). ERR_UNSUPPORTED: no such digest or key length. */
enum err dtls_record_init(struct dtls_record *r, const struct dtls_secrets *s);

/** Protect @p data as one record into @p out, which has room for DTLS_RECORD_OVERHEAD more.
 *  @return bytes written, 0: numbers are used up, or encryption failed. */
size_t dtls_record_seal(struct dtls_record *r, enum dtls_content type, const uint8_t *data,
	size_t len, uint8_t *out);

/** What one record held. */
struct dtls_plain {
	enum dtls_content type;
	uint8_t *data; /**< in place, in the datagram */
	size_t len;
};
/** Take the record at the front of a datagram and decrypt it in place.
 *  @param data,len the rest of the datagram; moved behind the record
 *  @return OK; ERR_NOT_FOUND: no further record; ERR_DENIED: not authentic; ERR_EXISTS: a replay;
 *          ERR_INVALID: of another epoch or version. After all but ERR_NOT_FOUND go on with the
 * rest. */
enum err dtls_record_open(
	struct dtls_record *r, uint8_t **data, size_t *len, struct dtls_plain *out);

/** Forget the keys. */
void dtls_record_clear(struct dtls_record *r);
