/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads of one track as frames: a byte of codec, then packets, each behind a byte of what it is
 * and two of its length. What is given holds what containers rely on. */
#include "fuzz.h"
#include "../../core/recorder/depack.h"
#include "../../core/rtp/rtp.h"

#define RED_PT 63
enum { MARKER = 1, NEW_TS = 2, LOST = 4, EMPTY = 8, RED = 16, NEW_GEN = 32, NEW_LAYER = 64 };

struct track {
	enum cardea_codec_id codec;
	uint64_t given, keyframes;
	uint32_t gen;
	uint8_t layer;
};

static bool is_video(enum cardea_codec_id codec)
{
	return codec >= CARDEA_VP8;
}

/* OBUs with sizes, to the end, and no delimiter. */
static void check_obus(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	while (p < end) {
		size_t size = 0;
		unsigned type = *p >> 3 & 15;
		must(*p & 2 && type != 2);
		p += *p & 4 ? 2 : 1;
		for (unsigned shift = 0;; shift += 7) {
			must(p < end && shift < 28);
			size |= (size_t)(*p & 0x7f) << shift;
			if (!(*p++ & 0x80))
				break;
		}
		must(size <= (size_t)(end - p));
		p += size;
	}
}

static void on_frame(void *arg, const struct rec_frame *f)
{
	struct track *t = arg;
	uint8_t head[256];
	size_t n;
	must(f->len && f->len <= DEPACK_FRAME);
	must(f->gen == t->gen && f->layer == t->layer);
	must(is_video(t->codec) || f->is_keyframe);
	must(f->is_keyframe || t->keyframes); /* nothing before a keyframe */
	if (is_video(t->codec))
		must(!f->is_keyframe == !(f->width && f->height));
	if (t->codec == CARDEA_H264 || t->codec == CARDEA_H265)
		must(rd32(f->data) == 1);
	if (t->codec == CARDEA_AV1)
		check_obus(f->data, f->len);
	n = depack_head(t->codec, f->data, f->len, head, sizeof head);
	must(n <= sizeof head);
	t->given++;
	t->keyframes += f->is_keyframe;
}

static void take(struct depack *d, struct track *t, struct script *s, uint32_t *ts)
{
	static uint16_t seq;
	uint8_t what = script_8(s), *exact;
	size_t len = script_16(s) % 2000, given_before;
	const uint8_t *payload = script_bytes(s, &len);
	struct rec_packet p = { .payload = RTP_HEADER, .payload_len = (uint16_t)len };
	exact = malloc(RTP_HEADER + len);
	must(exact);
	memset(exact, 0, RTP_HEADER);
	if (len)
		memcpy(exact + RTP_HEADER, payload, len);
	exact[1] = what & RED ? RED_PT : 96;
	if (what & NEW_TS)
		*ts += 3000;
	/* what is left of the one before is given as of that */
	if (what & (NEW_GEN | NEW_LAYER)) {
		depack_flush(d);
		t->keyframes = 0;
	}
	t->gen += (what & NEW_GEN) != 0;
	t->layer ^= (what & NEW_LAYER) != 0;
	p.ts = *ts;
	p.seq = seq++;
	p.gen = t->gen;
	p.layer = t->layer;
	p.marker = what & MARKER;
	p.is_empty = what & EMPTY;
	p.rtp = exact;
	p.rtp_len = (uint16_t)(RTP_HEADER + len);
	given_before = t->given;
	depack_take(d, &p, what & LOST ? 1 + len % 300 : 0);
	must(t->given - given_before <= 2 || !is_video(t->codec));
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script s = script_of(data, size);
	struct track t = { .codec = script_below(&s, CARDEA_N_CODECS + 1) };
	struct depack *d = depack_new(t.codec, RED_PT, on_frame, &t);
	const struct depack_stats *stats;
	uint32_t ts = 0xfffff000;
	if (!d)
		return 0;
	stats = depack_stats(d);
	while (!script_over(&s))
		take(d, &t, &s, &ts);
	depack_flush(d);
	must(stats->frames == t.given && stats->keyframes <= stats->frames);
	must(is_video(t.codec) || !depack_wants_keyframe(d));
	depack_free(d);
	return 0;
}
