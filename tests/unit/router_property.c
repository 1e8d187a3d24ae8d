/* SPDX-License-Identifier: Apache-2.0 */
/* What a subscriber gets goes on without a gap, whatever happens: the whole router
 * (core/router/router.c), from random lives. */
#include <stdlib.h>
#include "../../core/base/queue.h"
#include "../../core/router/sink/sink_queue.h"
#include "router_world.h"
#include "../fuzz/mutate.h"

/* Random lives of one subscriber: packets lost, overtaken and doubled, layers and sources changed,
 * a player of recordings among them, mutes and pauses, temporal layers dropped, packets asked for
 * again, on one worker or over a trunk between two. Whatever happens, what leaves
 *  - has no gap in its sequence numbers, nor in its VP8 picture ids, that the input did not have;
 *  - has timestamps that grow from frame to frame;
 *  - has each packet of the input once at most, but for repeats;
 *  - never shows other bytes under a number used before.
 * A sink (a recorder) whose queue is too small and read too rarely takes packets once at most and
 * as they were sent, tells how many it did not get, and goes on after those with a keyframe.
 * A failure names its seed; LIVES=1 SEED=n repeats it. */
#define STREAMS  5 /* three simulcast layers of peer 0, one layer of peer 2, a source */
#define FILM     4 /* the source: it loses nothing, and sends again from its last keyframe */
#define FILM_ID  3
#define LATE_MAX 64
#define NEVER    0x7fffffff
#define MARK     20 /* where the payload carries stream and number */
#define OUT_MAX  8192

struct sent_in {        /* what became of a packet */
	int made, came; /* steps */
	bool went, taped;
};
static struct stream {
	uint32_t ssrc, slot;
	uint16_t first_seq, seq;
	uint32_t ts0;
	unsigned picture, first_picture, tl0;
	bool owes_keyframe;
	struct sent_in log[OUT_MAX];
} streams[STREAMS];

static struct {
	bool used, fills;
	int step;
	struct pkt k;
} * outv;
static uint16_t out_first;
static bool out_begun;
static unsigned n_outv;
static int step;
static bool muted;
static bool calm; /* nothing that cuts a stream: the strict rules hold */
static struct {
	struct in in;
	unsigned stream;
	int due;
} late[LATE_MAX];
static unsigned n_late;

static unsigned dice(unsigned n)
{
	return (unsigned)mutate_below(n);
}

static void deliver(unsigned s, const struct in *in)
{
	struct sent_in *l = &streams[s].log[(uint16_t)(in->seq - streams[s].first_seq)];
	if (l->came == NEVER)
		l->came = step;
	give(streams[s].slot, in);
}

static void network(unsigned s, const struct in *in)
{
	struct sent_in *l = &streams[s].log[(uint16_t)(in->seq - streams[s].first_seq)];
	*l = (struct sent_in){ .made = step, .came = NEVER };
	if (!dice(20))
		return;
	if (!dice(10) && n_late < LATE_MAX) {
		late[n_late].in = *in;
		late[n_late].stream = s;
		late[n_late++].due = step + 1 + (int)dice(4);
		return;
	}
	deliver(s, in);
	if (!dice(20))
		deliver(s, in);
}

static void deliver_late(void)
{
	for (unsigned i = 0; i < n_late;) {
		if (late[i].due > step) {
			i++;
			continue;
		}
		deliver(late[i].stream, &late[i].in);
		late[i] = late[--n_late];
	}
}

/* ---- the source ---- */

static struct queue *words;
static uint8_t words_number;

static void on_word(void *arg, const void *rec, size_t len)
{
	const struct source_wish *w = rec;
	(void)arg;
	(void)len;
	streams[FILM].owes_keyframe |= w->type == SOURCE_KEYFRAME;
}

static struct {
	struct source_record head;
	uint8_t bytes[1u << 14];
} film_batch;
static size_t film_used;

static void film_leave(void)
{
	film_batch.head.type = SOURCE_PACKETS;
	film_batch.head.source = FILM_ID;
	router_source(r, &film_batch.head, sizeof film_batch.head + film_used, now_us);
	film_used = film_batch.head.n = 0;
}

static void film_picture(bool key, unsigned temporal, unsigned tl0, enum pkt_again again)
{
	struct stream *t = &streams[FILM];
	unsigned n = 1 + dice(3);
	for (unsigned i = 0; i < n; i++) {
		const struct rtp_out h = { .pt = 96,
			.marker = i + 1 == n,
			.seq = t->seq++,
			.ts = t->ts0 + t->picture * 3000 };
		uint8_t payload[200], *at = film_batch.bytes + film_used;
		size_t len = vp8_payload(payload, !i, key, (t->first_picture + t->picture) & 0x7fff,
			tl0 & 0xff, temporal, temporal);
		struct source_packet p = { (uint16_t)(RTP_HEADER + len), VIDEO,
			(uint8_t)(again == PKT_AGAIN_LAST && i + 1 < n ? PKT_AGAIN : again) };
		payload[MARK] = FILM;
		wr16(payload + MARK + 1, h.seq);
		memcpy(at, &p, sizeof p);
		rtp_write(at + sizeof p, RTP_HEADER, &h);
		memcpy(at + sizeof p + RTP_HEADER, payload, len);
		film_used += source_room(p.len);
		film_batch.head.n++;
		assert_in_range((uint16_t)(h.seq - t->first_seq), 0, OUT_MAX - 1);
		t->log[(uint16_t)(h.seq - t->first_seq)] =
			(struct sent_in){ .made = step, .came = step };
	}
	t->picture++;
}

static struct {
	unsigned temporal, tl0;
} gop[100];                      /* since the last keyframe */
static unsigned n_gop, again_at; /* the next that is sent again, n_gop: none is */

static void film_new(void)
{
	static const unsigned pattern[] = { 0, 2, 1, 2 };
	bool key = !n_gop || n_gop > 90 || !dice(20);
	unsigned temporal = key ? 0 : pattern[n_gop % 4];
	if (key)
		n_gop = again_at = 0;
	if (!temporal)
		streams[FILM].tl0++;
	again_at += again_at == n_gop; /* none is being sent again, nor this */
	gop[n_gop].temporal = temporal;
	gop[n_gop++].tl0 = streams[FILM].tl0;
	film_picture(key, temporal, streams[FILM].tl0, PKT_NEW);
}

/* Some of what came since, and now and then all of it at once. */
static void film_again(void)
{
	struct stream *t = &streams[FILM];
	if (t->owes_keyframe && again_at == n_gop) {
		again_at = 0;
		t->owes_keyframe = false;
	}
	for (unsigned n = 1 + dice(dice(3) ? 5 : 20); n-- && again_at < n_gop; again_at++)
		film_picture(!again_at, gop[again_at].temporal, gop[again_at].tl0,
			again_at + 1 == n_gop ? PKT_AGAIN_LAST : PKT_AGAIN);
}

static void film(void)
{
	queue_drain(words, on_word, NULL);
	film_new();
	film_again();
	film_leave();
}

static void open_film(void)
{
	struct source_want w = { .id = FILM_ID, .n_tracks = 2 };
	words = queue_create("words", 1u << 16);
	assert_int_equal(sink_queue_add(words, &words_number), OK);
	w.queue = words_number;
	for (unsigned m = AUDIO; m <= VIDEO; m++)
		w.tracks[m] = track_in(m);
	assert_int_equal(router_source_open(r, &w), OK);
	n_gop = again_at = 0;
}

static void close_film(void)
{
	sink_queue_remove(words_number);
	queue_destroy(words);
}

/* ---- peers ---- */

static void picture_of(unsigned s)
{
	struct stream *t = &streams[s];
	static const unsigned pattern[] = { 0, 2, 1, 2 };
	bool key = t->owes_keyframe && dice(2);
	unsigned temporal = key ? 0 : pattern[t->picture % 4], n = 1 + dice(3);
	if (!temporal)
		t->tl0++;
	if (key)
		t->owes_keyframe = false;
	for (unsigned i = 0; i < n; i++) {
		struct in in = { .pt = 96,
			.marker = i + 1 == n,
			.seq = t->seq++,
			.ts = t->ts0 + t->picture * 3000,
			.ssrc = t->ssrc };
		in.len = vp8_payload(in.payload, !i, key, (t->first_picture + t->picture) & 0x7fff,
			t->tl0 & 0xff, temporal, temporal);
		in.payload[MARK] = (uint8_t)s;
		wr16(in.payload + MARK + 1, in.seq);
		network(s, &in);
	}
	t->picture++;
}

/* ---- a recorder ---- */

#define TAPE_SHARE 6000            /* bytes: some pictures */
#define TORN_US    (10 * US_PER_S) /* then a sink waits for no keyframe any more */

static struct {
	struct queue *queue;
	struct sink_want want;
	bool is_torn, is_closed;
	int64_t torn_us;
	unsigned came, lost;
} tape;
static unsigned shed; /* in all lives */

static void take_taped(const struct sink_packet *p)
{
	const uint8_t *rtp = sink_rtp(p), *mark = rtp + p->payload + MARK;
	struct sent_in *l;
	tape.came++;
	if (tape.is_torn && p->at_us - tape.torn_us < TORN_US)
		assert_true(p->info.is_keyframe && p->info.starts_frame);
	tape.is_torn = false;
	assert_int_equal(rd16(rtp + 2), p->seq);
	assert_int_equal(rd16(mark + 1), p->seq);
	assert_in_range(mark[0], 0, FILM - 1);
	l = &streams[mark[0]].log[(uint16_t)(p->seq - streams[mark[0]].first_seq)];
	assert_int_not_equal(l->came, NEVER);
	assert_false(l->taped);
	l->taped = true;
	tape.torn_us = p->at_us;
}

static void on_taped(void *arg, const void *rec, size_t len)
{
	const struct sink_record *m = rec;
	(void)arg;
	assert_false(tape.is_closed);
	tape.lost += m->lost;
	tape.is_torn |= m->lost > 0;
	if (m->type == SINK_SOURCE_ENDED)
		tape.is_torn = false;
	tape.is_closed = m->type == SINK_CLOSED;
	for (const struct sink_packet *p = NULL;
		m->type == SINK_PACKETS && (p = sink_next(m, len, p));)
		take_taped(p);
}

static void open_tape(void)
{
	memset(&tape, 0, sizeof tape);
	tape.queue = queue_create("tape", 1u << 16);
	tape.want = (struct sink_want){ .id = 7,
		.from_peer = 1ULL << 32,
		.from_mindex = VIDEO,
		.kind = CARDEA_VIDEO,
		.share = TAPE_SHARE };
	assert_int_equal(sink_queue_add(tape.queue, &tape.want.queue), OK);
	assert_int_equal(router_sink_open(r, &tape.want), OK);
}

/* All that came to the only stream is taped or told as lost. */
static void check_tape(void)
{
	unsigned came = 0;
	for (unsigned i = 0; i < (uint16_t)(streams[0].seq - streams[0].first_seq); i++)
		came += streams[0].log[i].came != NEVER;
	if (calm)
		assert_int_equal(tape.came + tape.lost, came);
	assert_in_range(tape.came, 5, OUT_MAX);
	assert_true(tape.is_closed);
	shed += tape.lost;
}

static void close_tape(void)
{
	router_sink_close(r, tape.want.id);
	queue_drain(tape.queue, on_taped, NULL);
	check_tape();
	sink_queue_remove(tape.want.queue);
	queue_destroy(tape.queue);
}

/* ---- what is expected ---- */

static void goes_once(const struct pkt *k)
{
	const uint8_t *mark = k->data + k->payload + MARK;
	struct stream *t = &streams[mark[0]];
	struct sent_in *l = &t->log[(uint16_t)(rd16(mark + 1) - t->first_seq)];
	assert_false(l->went);
	l->went = true;
}

static void take_out(void)
{
	for (unsigned i = 0; i < n_outs; i++) {
		unsigned at;
		if (!out_begun) {
			out_begun = true;
			out_first = outs[i].k.seq;
		}
		at = (uint16_t)(outs[i].k.seq - out_first);
		assert_in_range(at, 0, OUT_MAX - 1);
		if (outv[at].used) {
			assert_int_equal(outv[at].k.len, outs[i].k.len);
			assert_memory_equal(outv[at].k.data, outs[i].k.data, outs[i].k.len);
			continue;
		}
		outv[at].used = true;
		outv[at].fills = !outs[i].k.payload_len;
		if (!outv[at].fills)
			goes_once(&outs[i].k);
		outv[at].step = step;
		outv[at].k = outs[i].k;
		n_outv = at >= n_outv ? at + 1 : n_outv;
	}
	n_outs = 0;
}

static const uint8_t *mark(unsigned i)
{
	return outv[i].k.data + outv[i].k.payload + MARK;
}

/* Packets between out packets a and b that the sender cannot have had: those lost, and where
 * streams are cut those late. */
static unsigned excused(unsigned a, unsigned b)
{
	const struct stream *t = &streams[mark(a)[0]];
	unsigned n = 0;
	uint16_t from = (uint16_t)(rd16(mark(a) + 1) - t->first_seq), to = (uint16_t)(from + 200);
	if (mark(a)[0] == mark(b)[0])
		to = (uint16_t)(rd16(mark(b) + 1) - t->first_seq);
	for (unsigned i = from + 1u; i < to && i < (uint16_t)(t->seq - t->first_seq); i++)
		n += calm ? t->log[i].came == NEVER : t->log[i].came != t->log[i].made;
	return n;
}

static void check_pair(unsigned a, unsigned b, unsigned fills)
{
	unsigned gap = b - a - 1 - fills, lost = excused(a, b);
	struct payload_info x, y;
	assert_in_range(gap, 0, lost);
	payload_look(
		CARDEA_VP8, outv[a].k.data + outv[a].k.payload, outv[a].k.payload_len, NULL, 0, &x);
	payload_look(
		CARDEA_VP8, outv[b].k.data + outv[b].k.payload, outv[b].k.payload_len, NULL, 0, &y);
	if (outv[a].k.ts == outv[b].k.ts) {
		assert_int_equal(x.picture_id, y.picture_id);
		assert_int_equal(mark(a)[0], mark(b)[0]);
		return;
	}
	assert_true((int32_t)(outv[b].k.ts - outv[a].k.ts) > 0);
	assert_in_range((y.picture_id - x.picture_id) & 0x7fff, 1, 1 + lost);
	if (mark(b)[0] == FILM && y.is_keyframe)
		return; /* it was catching up, and need not any more: decoders begin anew */
	assert_in_range((uint8_t)(y.tl0 - x.tl0), 0, 1 + lost);
}

static void check_all(void)
{
	unsigned last = OUT_MAX, fills = 0;
	for (unsigned i = 0; i < n_outv; i++) {
		if (!outv[i].used)
			continue;
		if (outv[i].fills) {
			fills++;
			continue;
		}
		if (last < OUT_MAX)
			check_pair(last, i, fills);
		last = i;
		fills = 0;
	}
}

/* ---- one life ---- */

static void keyframes_owed(void)
{
	for (unsigned i = 0; i < n_heard; i++)
		for (unsigned s = 0; s < STREAMS; s++)
			if (heard[i].item.kind == RTCP_PLI &&
				heard[i].item.ssrc == streams[s].ssrc &&
				heard[i].slot == streams[s].slot)
				streams[s].owes_keyframe = true;
	n_heard = n_told = 0;
}

static void meddle(struct route *route)
{
	static const unsigned from[] = { 0, 2, FILM_ID };
	switch (dice(calm ? 3 : 8)) {
	case 0:
		route->max_temporal = (uint8_t)dice(4);
		break;
	case 1:
	case 2: /* asked for again */
		if (n_outv)
			nack_from(1, 1001,
				(uint16_t)(out_first + n_outv - 1 -
					   dice(n_outv < 60 ? n_outv : 60)));
		return;
	case 3:
		route->max_layer = (uint8_t)dice(4);
		break;
	case 4:
		route->from_peer = from[dice(3)];
		break;
	case 5:
		route->paused = !dice(3);
		break;
	case 6:
		tape.want.from_peer = 1ULL << 32 | (dice(2) ? 2 : 0);
		assert_int_equal(router_sink_open(r, &tape.want), OK);
		return;
	default:
		router_mute(r, 0, VIDEO, muted = !muted && !dice(2));
		return;
	}
	assert_int_equal(router_route(of(1), route), OK);
}

static void live(uint64_t seed)
{
	struct route route = {
		.from_peer = 0, .to_slot = 1, .from_mindex = VIDEO, .to_mindex = VIDEO
	};
	struct track t = track_in(VIDEO);
	bool is_film = false;
	void *state = NULL;
	mutate_seed(seed);
	assert_int_equal(world_setup(&state), 0);
	calm = dice(2);
	if (dice(2))
		split(1u << 1); /* the subscriber is on another worker */
	n_late = n_outv = 0;
	muted = false;
	out_begun = false;
	memset(outv, 0, OUT_MAX * sizeof *outv);
	open_peer(0, true, false);
	open_peer(2, true, false);
	open_peer(1, false, true);
	for (unsigned s = 0; s < STREAMS; s++) {
		struct stream *m = &streams[s];
		memset(m, 0, sizeof *m);
		m->slot = s == 3 ? 2 : 0; /* of the source none */
		t.ssrc[s % 3] = m->ssrc = 0x700 + s;
		m->first_seq = m->seq = (uint16_t)mutate_next();
		m->ts0 = (uint32_t)mutate_next();
		m->first_picture = dice(0x8000);
		m->owes_keyframe = true;
		if (s == 2) {
			t.n_layers = calm ? 0 : 3;
			router_track(r, 0, &t);
		} else if (s == 3) {
			t.n_layers = 0;
			router_track(r, 2, &t);
		}
	}
	open_film();
	open_tape();
	if (calm && dice(2)) {
		route.from_peer = FILM_ID;
		is_film = true;
	}
	assert_int_equal(router_route(of(1), &route), OK);
	for (step = 0; step < 300; step++) {
		for (unsigned s = 0; s < STREAMS; s++)
			if (s != FILM && (!calm || s == 0))
				picture_of(s);
		if (!calm || is_film)
			film();
		deliver_late();
		flush();
		take_out();
		if (!dice(4))
			meddle(&route);
		take_out();
		pass_us(1000 * (int64_t)(1 + dice(60)));
		take_out();
		if (!dice(12))
			queue_drain(tape.queue, on_taped, NULL);
		keyframes_owed();
	}
	close_tape();
	check_all();
	assert_in_range(n_outv, 5, OUT_MAX); /* it was a life worth living */
	world_teardown(&state);
	close_film();
}

static void output_goes_on_whatever_happens(void **state)
{
	unsigned lives = getenv("LIVES") ? (unsigned)atoi(getenv("LIVES")) : 120;
	uint64_t seed = getenv("SEED") ? (uint64_t)atoll(getenv("SEED")) : 1;
	(void)state;
	outv = malloc(OUT_MAX * sizeof *outv);
	assert_non_null(outv);
	for (; lives--; seed++) {
		print_message("seed %llu\n", (unsigned long long)seed);
		live(seed);
	}
	assert_int_not_equal(shed, 0);
	free(outv);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(output_goes_on_whatever_happens) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
