/* SPDX-License-Identifier: Apache-2.0 */
#include "level.h"

/* Who talks, by the audio levels that packets carry (RFC 6464: 0 is the loudest, 127 silence).
 *
 * With 100 packets of 20 ms to a window it takes two seconds to be heard as talking, and two to
 * fall silent. With DTX a silent sender brings one packet in 400 ms, whose timestamp tells of the
 * 19 that were not worth sending: those count as silence, or it would talk for 40 s more. */
#define SILENCE   127
#define WINDOW_US 200000 /* at least, however many packets come */
#define FRAME_HZ  50     /* packets of a second */
#define DTX_HZ    5      /* a longer step of the timestamp than this share of a second is silence */
#define GONE_US   US_PER_S /* no sender that is there is silent for so long */

static void begin_window(struct receiver *rx, int64_t now_us)
{
	rx->watch.n = rx->watch.sum = 0;
	rx->watch.since_us = now_us;
}

static void decide(struct receiver *rx, bool talks, double avg)
{
	struct router *r = rx->peer->r;
	if (talks == rx->watch.talks)
		return;
	rx->watch.talks = talks;
	r->ops->talking(r->arg, rx->peer->slot, rx->t.mindex, talks, avg);
}

void level_end(struct receiver *rx)
{
	rx->watch.last_us = 0;
	decide(rx, false, SILENCE);
}

void level_review(struct receiver *rx, int64_t now_us)
{
	if (rx->watch.talks && now_us - rx->watch.last_us >= GONE_US)
		level_end(rx);
}

void level_watch(struct receiver *rx, unsigned packets, unsigned level)
{
	if (rx->watch.packets == packets && rx->watch.level == level)
		return;
	rx->watch.packets = packets;
	rx->watch.level = level;
	if (packets)
		rx->watch.last_us = 0;
	else
		level_end(rx);
}

/* Packets left out before this one because there was nothing to hear. */
static unsigned left_out(const struct receiver *rx, const struct pkt *k)
{
	uint32_t step = k->ts - rx->watch.ts, frame = rx->t.clock_hz / FRAME_HZ;
	if (k->seq != (uint16_t)(rx->watch.seq + 1) || !frame || (int32_t)step < 0 ||
		step <= rx->t.clock_hz / DTX_HZ)
		return 0;
	step = step / frame - 1;
	return step < rx->watch.packets ? step : rx->watch.packets;
}

void level_seen(struct receiver *rx, const struct pkt *k, int64_t now_us)
{
	size_t len;
	const uint8_t *level = track_ext(&rx->t, k, CARDEA_EXT_AUDIO_LEVEL, &len);
	unsigned silent = 0;
	double avg;
	if (!level || !len)
		return;
	if (rx->watch.last_us)
		silent = left_out(rx, k);
	else
		begin_window(rx, now_us);
	rx->watch.last_us = now_us;
	rx->watch.ts = k->ts;
	rx->watch.seq = k->seq;
	rx->watch.sum += (*level & 0x7f) + SILENCE * silent;
	rx->watch.n += 1 + silent;
	if (rx->watch.n < rx->watch.packets || now_us - rx->watch.since_us < WINDOW_US)
		return;
	avg = (double)rx->watch.sum / rx->watch.n;
	begin_window(rx, now_us);
	decide(rx, avg < rx->watch.level, avg);
}
