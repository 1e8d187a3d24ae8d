/* SPDX-License-Identifier: Apache-2.0 */
#include "red.h"

/* Redundant audio (RFC 2198): headers of four bytes for older blocks (F set, payload type, 14 bits
 *of timestamp offset, 10 of length), one of a single byte (F clear) for the newest; then the blocks
 *in the same order, the newest as long as what is left. With an older block of 3 bytes, and PT 111:
 *
 *	ef 0f 00 03  6f  aa aa aa  bb bb ...
 *	             ^4            ^8: the newest
 */
#define OLDER  0x80
#define HEADER 4

uint16_t red_look(const uint8_t *payload, size_t len, uint8_t pt)
{
	size_t at = 0, older = 0;
	for (unsigned n = 1; n < RED_BLOCKS && at + HEADER <= len && payload[at] & OLDER; n++) {
		if ((payload[at] & 0x7f) != pt)
			return 0;
		older += (payload[at + 2] & 3u) << 8 | payload[at + 3];
		at += HEADER;
	}
	if (at >= len || payload[at] != pt || len - at <= 1 + older)
		return 0;
	return (uint16_t)(at + 1 + older);
}

uint8_t red_renumber(uint8_t *payload, uint8_t pt)
{
	uint8_t before = *payload & 0x7f;
	for (; *payload & OLDER; payload += HEADER)
		*payload = OLDER | pt;
	*payload = pt;
	return before;
}

unsigned red_blocks(const uint8_t *payload, size_t len, struct red_block out[RED_BLOCKS])
{
	unsigned n = 0;
	const uint8_t *head = payload, *end = payload + len, *at;
	for (; *head & OLDER; head += HEADER)
		out[n++] = (struct red_block){ .before = (uint32_t)head[1] << 6 | head[2] >> 2,
			.len = (uint16_t)((head[2] & 3u) << 8 | head[3]) };
	at = head + 1;
	for (unsigned i = 0; i < n; at += out[i++].len)
		out[i].bytes = at;
	out[n] = (struct red_block){ .bytes = at, .len = (uint16_t)(end - at) };
	return n + 1;
}
