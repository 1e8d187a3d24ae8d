/* SPDX-License-Identifier: Apache-2.0 */
#include "ossl.h"
#include <string.h>
#include "../rtp/rtp.h"
#include "dtls_noted.h"
#include "dtls_record.h"

/* A flight's end: ChangeCipherSpec, then Finished as the first encrypted record. */
static void note_flight(struct dtls_noted *n, const uint8_t *record, size_t len)
{
	if (record[0] == SSL3_RT_CHANGE_CIPHER_SPEC)
		n->flight_len = 0;
	else if (!rd16(record + 3) || !n->flight_len)
		return;
	if (len <= sizeof(n->flight) - n->flight_len) {
		memcpy(n->flight + n->flight_len, record, len);
		n->flight_len += (uint8_t)len;
	}
}

void dtls_noted_take(struct dtls_noted *n, const uint8_t *at, size_t len)
{
	while (len >= DTLS_RECORD_HEADER) {
		size_t record = DTLS_RECORD_HEADER + rd16(at + 11);
		if (record > len)
			return;
		if (rd16(at + 3) && record >= DTLS_RECORD_OVERHEAD) {
			n->seq = rd64(at + 3);
			n->nonce = rd64(at + DTLS_RECORD_HEADER);
		}
		note_flight(n, at, record);
		at += record;
		len -= record;
	}
}
