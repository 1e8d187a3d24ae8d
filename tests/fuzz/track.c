/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of one track in any order, and their timestamps with sender reports as times of a
 * recording: numbers leave rising, each once, none is forgotten; times never fall. */
#include "fuzz.h"
#include "../../core/recorder/reorder.h"
#include "../../core/recorder/timeline.h"

struct track {
	struct timeline *line;
	bool has_begun;
	uint32_t gen, ts;
	uint8_t layer;
	uint16_t last;
	int64_t now_us, us[TIMELINE_TRACKS];
	uint64_t taken, left;
};

static void place(struct track *t, unsigned track, const struct rec_packet *p)
{
	struct rec_frame f = {
		.ts = (int64_t)p->ts, .gen = p->gen, .layer = p->layer, .at_us = p->at_us
	};
	int64_t us = timeline_place(t->line, track, &f);
	must(us >= t->us[track]);
	t->us[track] = us;
}

static void on_packet(void *arg, const struct rec_packet *p, unsigned gap)
{
	struct track *t = arg;
	bool anew = !t->has_begun || p->gen != t->gen || p->layer != t->layer;
	must(p->rtp_len == 2 && p->rtp[0] == (p->seq & 0xff) && p->rtp[1] == 7);
	if (anew)
		must(!gap);
	else if (gap != 1) /* as one is given where numbering began anew, too */
		must(p->seq == (uint16_t)(t->last + 1 + gap));
	t->has_begun = true;
	t->gen = p->gen;
	t->layer = p->layer;
	t->last = p->seq;
	t->left++;
	place(t, 0, p);
	place(t, 1, p);
}

static void take(struct track *t, struct reorder *o, struct script *s, uint16_t *seq)
{
	unsigned what = script_below(s, 10);
	uint8_t rtp[2] = { 0, 7 };
	struct rec_packet p = { .at_us = t->now_us, .gen = t->gen, .layer = t->layer };
	t->now_us += script_8(s) * 4000;
	if (what == 0) {
		timeline_report(t->line, script_below(s, 3), script_below(s, 4),
			(uint64_t)script_32(s) << 24, script_32(s), t->now_us);
		return;
	} else if (what == 1) {
		must(reorder_tick(o, t->now_us) > t->now_us);
		return;
	} else if (what == 2) {
		timeline_pause(t->line, t->now_us);
		return;
	} else if (what == 3) {
		timeline_resume(t->line, t->now_us);
		return;
	} else if (what == 4) {
		*seq = script_16(s);
	} else if (what == 5) {
		t->ts = script_32(s);
	}
	p.gen += what == 6;
	p.layer = (uint8_t)((p.layer + (what == 7)) % 5);
	t->ts += 960;
	*seq = (uint16_t)(*seq + 1 + (int8_t)(what == 8 ? script_8(s) : 0));
	p.ts = t->ts;
	p.seq = *seq;
	rtp[0] = (uint8_t)*seq;
	p.rtp = rtp;
	p.rtp_len = sizeof rtp;
	t->taken++;
	reorder_take(o, &p);
	must(timeline_at(t->line, t->now_us) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script s = script_of(data, size);
	struct track t = { .line = timeline_new(), .now_us = 1000000000 };
	struct reorder *o = reorder_new(on_packet, &t);
	const struct reorder_stats *stats = reorder_stats(o);
	uint16_t seq = 0;
	timeline_track(t.line, 0, 48000, true);
	timeline_track(t.line, 1, 90000, false);
	while (!script_over(&s))
		take(&t, o, &s, &seq);
	reorder_flush(o);
	must(stats->packets == t.left);
	must(t.left + stats->late + stats->duplicate == t.taken);
	reorder_free(o);
	timeline_free(t.line);
	return 0;
}
