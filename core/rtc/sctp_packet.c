/* SPDX-License-Identifier: Apache-2.0 */
#include "sctp_packet.h"
#include <string.h>
#include <usrsctp.h>
#include "../rtp/rtp.h"

void sctp_seal(uint8_t *packet, size_t len)
{
	memset(packet + 8, 0, 4);
	uint32_t crc = usrsctp_crc32c(packet, len);
	memcpy(packet + 8, &crc, sizeof(crc));
}

bool sctp_is_sealed(uint8_t *packet, size_t len)
{
	uint8_t was[4];
	if (len < SCTP_COMMON)
		return false;
	memcpy(was, packet + 8, sizeof(was));
	sctp_seal(packet, len);
	return memcmp(packet + 8, was, sizeof(was)) == 0;
}

uint8_t *sctp_item(uint8_t *packet, size_t at, size_t end, size_t *len)
{
	if (at + SCTP_HEAD > end)
		return NULL;
	*len = rd16(packet + at + 2);
	return *len >= SCTP_HEAD && *len <= end - at ? packet + at : NULL;
}

size_t sctp_split(uint8_t *packet, size_t *len, uint8_t *data)
{
	size_t at = SCTP_COMMON, kept = SCTP_COMMON, n_data = SCTP_COMMON, n;
	uint8_t *c;
	memcpy(data, packet, SCTP_COMMON);
	while ((c = sctp_item(packet, at, *len, &n))) {
		size_t size = sctp_padded(n) < *len - at ? sctp_padded(n) : *len - at;
		bool is_data = c[0] == CHUNK_DATA;
		memmove(is_data ? data + n_data : packet + kept, c, size);
		*(is_data ? &n_data : &kept) += size;
		at += size;
	}
	*len = kept > SCTP_COMMON ? kept : 0;
	return n_data > SCTP_COMMON ? n_data : 0;
}

size_t sctp_refusal(const uint8_t *packet, size_t len, uint8_t *out)
{
	unsigned type = len >= SCTP_COMMON + SCTP_HEAD ? packet[SCTP_COMMON] : CHUNK_ABORT;
	if (type == CHUNK_INIT || type == CHUNK_ABORT || type == CHUNK_SHUTDOWN_COMPLETE)
		return 0;
	memcpy(out, packet + 2, 2);
	memcpy(out + 2, packet, 2);
	memcpy(out + 4, packet + 4, 4);
	out[SCTP_COMMON] = CHUNK_ABORT;
	out[SCTP_COMMON + 1] = 1; /* the tag is the peer's own */
	wr16(out + SCTP_COMMON + 2, SCTP_HEAD);
	sctp_seal(out, SCTP_COMMON + SCTP_HEAD);
	return SCTP_COMMON + SCTP_HEAD;
}
