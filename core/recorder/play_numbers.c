/* SPDX-License-Identifier: Apache-2.0 */
#include "play_numbers.h"
#include "../base/clock.h"
#include "../base/rand.h"
#include "../rtp/payload.h"
#include "../rtp/rtp.h"

/* Sound of 48 kHz, packets of 20 ms, whose file has times in milliseconds: 0, 20, 41, 60. By them
 * the timestamps would be 0, 960, 1968, 2880, and the third a gap of a millisecond for whoever
 * plays it. They are 0, 960, 1920, 2880, as long as that is less than SNAP away. */
#define SNAP 100 /* parts of a second */

void play_numbers_init(struct play_numbers *n, uint8_t kind, uint8_t codec, uint32_t clock_hz)
{
	*n = (struct play_numbers){ .kind = kind,
		.codec = codec,
		.clock_hz = clock_hz,
		.ts_base = rand_u32(),
		.seq = (uint16_t)rand_u32(),
		.picture_id = rand_u32() & 0x7fff,
		.tl0 = (uint8_t)rand_u32() };
}

/* To the nearest tick: a time that was made of ticks, rounded down to microseconds, gives them
 * back. Seconds apart, for the product would not fit after some months. */
uint32_t play_numbers_ts(const struct play_numbers *n, int64_t us)
{
	int64_t s = us / US_PER_S, rest_us = us % US_PER_S;
	return n->ts_base +
	       (uint32_t)(s * n->clock_hz + (rest_us * n->clock_hz + US_PER_S / 2) / US_PER_S);
}

static uint32_t next_ts(const struct play_numbers *n, int64_t us)
{
	uint32_t ts = play_numbers_ts(n, us), expected = n->ts + n->ticks;
	int32_t off = (int32_t)(ts - expected);
	if (!n->has_begun)
		return ts;
	if (n->kind == CARDEA_AUDIO && n->ticks && off < (int32_t)n->clock_hz / SNAP &&
		off > -(int32_t)n->clock_hz / SNAP)
		return expected;
	return (int32_t)(ts - n->ts) > 0 ? ts : n->ts + 1;
}

/* All packets of a picture have its id. TL0PICIDX counts the pictures of the lowest temporal layer;
 * the others name the last of them. What is sent again keeps its own, for what follows it is what
 * followed then; and those that it is not for count on. */
static void fill_vp8(struct play_numbers *n, uint8_t *payload, size_t len, bool is_new)
{
	struct payload_info info;
	payload_look(CARDEA_VP8, payload, len, NULL, 0, &info);
	if (is_new && info.starts_frame && info.temporal <= 0)
		n->tl0++;
	if (is_new && info.has_tl0)
		payload[info.tl0_off] = n->tl0;
	if (info.has_picture_id && info.picture_id_15bit)
		wr16(payload + info.picture_id_off, 0x8000 | n->picture_id);
	else if (info.has_picture_id)
		payload[info.picture_id_off] = n->picture_id & 0x7f;
}

/* Of RTP that was made or read as such here: its header is whole. */
static void fill_packet(struct play_numbers *n, uint8_t *rtp, size_t len, bool is_new)
{
	size_t header = rtp_header_len(rtp, len);
	wr16(rtp + 2, n->seq++);
	wr32(rtp + 4, n->ts);
	if (n->codec == CARDEA_VP8 && header && header < len)
		fill_vp8(n, rtp + header, len - header, is_new);
}

void play_numbers_fill(struct play_numbers *n, struct play_unit *u, int64_t us, uint32_t ticks)
{
	n->ts = next_ts(n, us);
	n->ticks = ticks;
	n->has_begun = true;
	if (n->codec == CARDEA_VP8)
		n->picture_id = (n->picture_id + 1) & 0x7fff;
	for (struct source_packet *p = NULL; (p = play_unit_next(u, p));)
		fill_packet(n, (uint8_t *)(p + 1), p->len, p->again == PKT_NEW);
}
