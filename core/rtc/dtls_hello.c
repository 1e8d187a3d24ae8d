/* SPDX-License-Identifier: Apache-2.0 */
/* ClientHello and HelloVerifyRequest as bytes; dtls.c decides. */
#include "dtls_hello.h"
#include <string.h>
#include "../rtp/rtp.h"
#include "dtls_record.h"

#define HEADER       12 /* of a handshake message */
#define CLIENT_HELLO 1
#define VERIFY       3
#define DTLS_1_0     0xfeff
#define DTLS_1_2     0xfefd
#define SUITE        0xc02b /* ECDHE-ECDSA-AES128-GCM-SHA256: any will do */

/* @p at is the body, of which @p len bytes are there */
static bool read_body(const uint8_t *at, size_t len, struct dtls_hello *out)
{
	size_t session = 2 + DTLS_RANDOM, cookie;
	if (len < session + 1)
		return false;
	cookie = session + 1 + at[session];
	if (at[session] > 32 || len < cookie + 1 || len < cookie + 1 + at[cookie])
		return false;
	out->random = at + 2;
	out->cookie = at + cookie + 1;
	out->cookie_len = at[cookie];
	return true;
}

static bool read_record(const uint8_t *at, size_t len, struct dtls_hello *out)
{
	const uint8_t *m = at + DTLS_RECORD_HEADER;
	if (at[0] != DTLS_CONTENT_HANDSHAKE || rd16(at + 3) || len < DTLS_RECORD_HEADER + HEADER ||
		m[0] != CLIENT_HELLO || m[6] || rd16(m + 7))
		return false;
	size_t there = len - DTLS_RECORD_HEADER - HEADER, n = (size_t)m[9] << 16 | rd16(m + 10);
	out->record_seq = rd64(at + 3);
	out->seq = rd16(m + 4);
	if (!read_body(m + HEADER, n < there ? n : there, out))
		out->random = NULL;
	return true;
}

bool dtls_hello_find(const uint8_t *at, size_t len, struct dtls_hello *out)
{
	while (len >= DTLS_RECORD_HEADER) {
		size_t n = DTLS_RECORD_HEADER + (size_t)rd16(at + 11);
		if (n > len)
			return false;
		if (read_record(at, n, out))
			return true;
		at += n;
		len -= n;
	}
	return false;
}

/* Both headers of a message of @p len bytes in one record of its own. */
static uint8_t *put_headers(uint8_t *at, uint64_t record_seq, uint8_t type, uint16_t len)
{
	memset(at, 0, DTLS_RECORD_HEADER + HEADER);
	at[0] = DTLS_CONTENT_HANDSHAKE;
	wr16(at + 1, DTLS_1_0);
	wr64(at + 3, record_seq);
	wr16(at + 11, (uint16_t)(HEADER + len));
	at += DTLS_RECORD_HEADER;
	at[0] = type;
	wr16(at + 2, len);
	wr16(at + 10, len);
	return at + HEADER;
}

void dtls_hello_verify(const struct dtls_hello *h, const uint8_t cookie[DTLS_COOKIE],
	uint8_t out[DTLS_HELLO_VERIFY])
{
	uint8_t *at = put_headers(out, h->record_seq, VERIFY, 3 + DTLS_COOKIE);
	wr16(at, DTLS_1_0);
	at[2] = DTLS_COOKIE;
	memcpy(at + 3, cookie, DTLS_COOKIE);
}

void dtls_hello_bare(const uint8_t random[DTLS_RANDOM], uint8_t out[DTLS_HELLO_BARE])
{
	static const uint8_t rest[] = { 0, 0, 0, 2, SUITE >> 8, SUITE & 255, 1, 0 };
	uint8_t *at = put_headers(out, 0, CLIENT_HELLO, 2 + DTLS_RANDOM + sizeof(rest));
	wr16(at, DTLS_1_2);
	memcpy(at + 2, random, DTLS_RANDOM);
	memcpy(at + 2 + DTLS_RANDOM, rest, sizeof(rest));
}

bool dtls_hello_is(const uint8_t *record)
{
	return record[0] == DTLS_CONTENT_HANDSHAKE && !rd16(record + 3) &&
	       record[DTLS_RECORD_HEADER] == CLIENT_HELLO;
}
