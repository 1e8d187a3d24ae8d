/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "sctp_forge.h"

const uint8_t OPEN_CHAT[] = { 3, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 'c', 'h', 'a', 't' };

size_t forge_begin(uint8_t *packet)
{
	memcpy(packet, last_data, SCTP_COMMON);
	return SCTP_COMMON;
}

void forge_feed(uint8_t *packet, size_t len)
{
	sctp_seal(packet, len);
	feed(&ends[1], packet, len);
}

size_t forge_piece(uint8_t *packet, size_t at, uint32_t tsn, uint16_t stream, uint16_t ssn,
	uint8_t flags, size_t len)
{
	packet[at + 1] = flags;
	wr16(packet + at + 2, (uint16_t)(16 + len));
	wr32(packet + at + 4, rd32(last_data + 16) + tsn);
	wr16(packet + at + 8, stream);
	wr16(packet + at + 10, ssn);
	wr32(packet + at + 12, 53);
	return at + sctp_padded(16 + len);
}

void forge_data(uint32_t tsn, uint16_t stream, uint16_t ssn, uint8_t flags, size_t len, size_t pad)
{
	uint8_t packet[1500] = { 0 };
	size_t n = forge_piece(packet, forge_begin(packet), tsn, stream, ssn, flags, len);
	if (pad) {
		packet[n] = 0x84;
		wr16(packet + n + 2, (uint16_t)pad);
	}
	forge_feed(packet, n + pad);
}

void forge_two(uint32_t tsn, uint16_t stream, uint8_t flags, uint8_t next, size_t len)
{
	uint8_t packet[1500] = { 0 };
	size_t n = forge_piece(packet, forge_begin(packet), tsn, stream, 0, flags, len);
	forge_feed(packet, forge_piece(packet, n, tsn + 1, stream, 0, next, len));
}

void forge_forward(uint32_t tsn, uint16_t stream, uint16_t ssn, enum forward how)
{
	uint8_t packet[64] = { 0 };
	size_t at = forge_begin(packet), len = how == LISTS_NONE ? 8 : 12;
	if (how == FALSE_TAG)
		packet[4] ^= 0x55;
	if (how == BEHIND_UNKNOWN) {
		packet[at] = 0x3f; /* RFC 9260, 3.2: stop reading */
		wr16(packet + at + 2, 4);
		at += 4;
	}
	packet[at] = 192;
	wr16(packet + at + 2, (uint16_t)len);
	wr32(packet + at + 4, rd32(last_data + 16) + tsn);
	wr16(packet + at + 8, stream);
	wr16(packet + at + 10, ssn);
	forge_feed(packet, at + len);
}

void forge_reset(uint32_t request, uint32_t tsn, unsigned first, unsigned n)
{
	uint8_t packet[2048] = { 0 };
	size_t at = forge_begin(packet), len = 16 + 2 * n;
	packet[at] = CHUNK_RECONFIG;
	wr16(packet + at + 2, (uint16_t)(4 + len));
	wr16(packet + at + 4, RECONFIG_RESET_OUT);
	wr16(packet + at + 6, (uint16_t)len);
	wr32(packet + at + 8, request);
	wr32(packet + at + 16, tsn);
	for (unsigned i = 0; i < n; i++)
		wr16(packet + at + 20 + 2 * i, (uint16_t)(first + i));
	forge_feed(packet, at + sctp_padded(4 + len));
}

unsigned answered(uint32_t request)
{
	for (unsigned i = ends[1].n_wire; i--;) {
		struct packet *p = &ends[1].wire[i];
		const uint8_t *c;
		size_t n;
		for (size_t at = SCTP_COMMON; (c = sctp_item(p->data, at, p->len, &n));
			at += sctp_padded(n))
			if (c[0] == CHUNK_RECONFIG && rd16(c + 4) == RECONFIG_RESPONSE &&
				rd32(c + 8) == request)
				return rd32(c + 12);
	}
	return 0;
}

void pass_mute(unsigned ms)
{
	for (unsigned i = 0; i < ms; i += 5) {
		now_us += 5 * MILLIS;
		clock_fake(now_us);
		loop_turn(loop, now_us);
		ends[0].n_wire = ends[1].n_wire = 0;
	}
}
