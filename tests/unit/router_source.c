/* SPDX-License-Identifier: Apache-2.0 */
/* A source in slot 7, filled by hand as a player does; peers subscribe to it. */
#include <stdlib.h>
#include "../../core/base/queue.h"
#include "../../core/router/sink/sink_queue.h"
#include "router_trunk_world.h"

#define SOURCE (3ULL << 32 | 7)
#define HZ     90000

static struct queue *words;
static uint8_t number;
static unsigned n_wishes, n_closed, wish_mindex;

static void on_word(void *arg, const void *rec, size_t len)
{
	const struct source_wish *w = rec;
	(void)arg;
	assert_int_equal(len, sizeof *w);
	assert_int_equal(w->source, SOURCE);
	n_wishes += w->type == SOURCE_KEYFRAME;
	n_closed += w->type == SOURCE_CLOSED;
	wish_mindex = w->mindex;
}

static unsigned wishes(void)
{
	n_wishes = n_closed = 0;
	queue_drain(words, on_word, NULL);
	return n_wishes;
}

static struct source_want want(void)
{
	struct source_want w = { .id = SOURCE, .queue = number, .n_tracks = 2 };
	w.tracks[AUDIO] = (struct track){ .kind = CARDEA_AUDIO,
		.dir = CARDEA_RECV,
		.codec = CARDEA_OPUS,
		.pt = 111,
		.clock_hz = 48000 };
	w.tracks[VIDEO] = (struct track){ .kind = CARDEA_VIDEO,
		.dir = CARDEA_RECV,
		.codec = CARDEA_VP8,
		.pt = 96,
		.clock_hz = HZ };
	return w;
}

/* ---- what is said ---- */

static struct {
	struct source_record head;
	uint8_t bytes[1u << 16];
} batch;
static size_t used;
static uint16_t seqs[2];
static unsigned picture;

static void begin_batch(void)
{
	memset(&batch.head, 0, sizeof batch.head);
	batch.head.type = SOURCE_PACKETS;
	batch.head.source = SOURCE;
	used = 0;
}

static void add(unsigned mindex, uint32_t ts, const uint8_t *payload, size_t len, unsigned again)
{
	struct source_packet p = { (uint16_t)(RTP_HEADER + len), (uint8_t)mindex, (uint8_t)again };
	const struct rtp_out h = {
		.pt = mindex == AUDIO ? 111 : 96, .marker = true, .seq = seqs[mindex]++, .ts = ts
	};
	uint8_t *at = batch.bytes + used;
	memcpy(at, &p, sizeof p);
	rtp_write(at + sizeof p, RTP_HEADER, &h);
	memcpy(at + sizeof p + RTP_HEADER, payload, len);
	used += source_room(p.len);
	batch.head.n++;
}

/* Its mark says which picture it was at first. */
static void add_picture(unsigned mark, uint32_t ts, bool key, unsigned again)
{
	uint8_t payload[1200];
	size_t len = vp8_payload(payload, true, key, picture++ & 0x7fff, 0, 0, false);
	payload[20] = (uint8_t)mark;
	add(VIDEO, ts, payload, len, again);
}

static void send_batch(void)
{
	router_source(r, &batch.head, sizeof batch.head + used, now_us);
	flush();
	flush();
}

static void say_picture(unsigned mark, bool key)
{
	begin_batch();
	add_picture(mark, mark * 3600, key, PKT_NEW);
	send_batch();
	pass_us(40000);
}

static void say_sound(unsigned n)
{
	begin_batch();
	add(AUDIO, n * 960, (const uint8_t *)"sound", 5, PKT_NEW);
	send_batch();
}

static void say_report(unsigned mindex, uint64_t ntp, uint32_t ts)
{
	const struct source_record rec = {
		.type = SOURCE_REPORT, .source = SOURCE, .report = { ntp, ts, (uint16_t)mindex }
	};
	router_source(r, &rec, sizeof rec, now_us);
}

static void view(uint32_t slot, unsigned mindex)
{
	const struct route route = { .from_peer = SOURCE,
		.to_slot = slot,
		.from_mindex = (uint16_t)mindex,
		.to_mindex = (uint16_t)mindex };
	assert_int_equal(router_route(of(slot), &route), OK);
	flush();
	flush();
}

static int setup(void **state)
{
	struct source_want w;
	if (world_setup(state))
		return -1;
	words = queue_create("words", 1u << 16);
	assert_int_equal(sink_queue_add(words, &number), OK);
	seqs[AUDIO] = 65530;
	seqs[VIDEO] = 65500;
	picture = 0x7ff0;
	w = want();
	assert_int_equal(router_source_open(r, &w), OK);
	for (uint32_t slot = 1; slot <= 3; slot++)
		open_peer(slot, false, true);
	forget_all();
	return 0;
}

static int teardown(void **state)
{
	int e = world_teardown(state);
	sink_queue_remove(number);
	queue_destroy(words);
	return e;
}

/* ---- what came ---- */

/* Marks of the pictures that went to one, in order, and that numbers have no gaps. */
static const char *seen_by(uint32_t slot)
{
	static char marks[512];
	int last_seq = -1, last_picture = -1;
	uint32_t last_ts = 0;
	size_t n = 0;
	for (unsigned i = 0; i < n_outs; i++) {
		const struct pkt *k = &outs[i].k;
		if (outs[i].slot != slot || k->pt != 100)
			continue;
		if (last_seq >= 0) {
			assert_int_equal(k->seq, (uint16_t)(last_seq + 1));
			assert_int_equal(out_info(i)->picture_id, (last_picture + 1) & 0x7fff);
			assert_true((int32_t)(k->ts - last_ts) > 0);
		}
		last_seq = k->seq;
		last_ts = k->ts;
		last_picture = out_info(i)->picture_id;
		n += (size_t)snprintf(marks + n, sizeof marks - n, "%u ", k->data[k->payload + 20]);
	}
	marks[n] = 0;
	return marks;
}

static void tracks_go_to_a_subscriber_as_of_any_publisher(void **state)
{
	(void)state;
	view(1, AUDIO);
	view(1, VIDEO);
	for (unsigned n = 0; n < 4; n++) {
		say_picture(n, n == 0);
		say_sound(n);
	}
	assert_string_equal(seen_by(1), "0 1 2 3 ");
	assert_int_equal(n_outs, 8);
	assert_int_equal(n_told, 1); /* the layer; nothing of who sends, for nobody does */
}

static void a_viewer_who_comes_late_makes_a_wish(void **state)
{
	(void)state;
	view(1, VIDEO);
	assert_int_equal(wishes(), 0); /* it has not begun: it will do so with a keyframe */
	say_picture(0, true);
	say_picture(1, false);
	assert_int_equal(wishes(), 0);
	view(2, VIDEO);
	assert_int_equal(wishes(), 1);
	assert_int_equal(wish_mindex, VIDEO);
	pass_us(400000);
	assert_int_equal(wishes(), 1); /* none has come */
}

/* The picture 2 is new, and comes amid what is sent again. */
static void again_from_the_last_keyframe(void)
{
	begin_batch();
	add_picture(0, 3601, true, PKT_AGAIN);
	add_picture(2, 7200, false, PKT_NEW);
	add_picture(1, 7201, false, PKT_AGAIN);
	add_picture(2, 7202, false, PKT_AGAIN_LAST);
	send_batch();
	pass_us(40000);
}

static void what_is_sent_again_goes_to_who_asked_alone(void **state)
{
	(void)state;
	view(1, VIDEO);
	say_picture(0, true);
	say_picture(1, false);
	view(2, VIDEO);
	again_from_the_last_keyframe();
	say_picture(3, false);
	assert_string_equal(seen_by(1), "0 1 2 3 ");
	assert_string_equal(seen_by(2), "0 1 2 3 ");
	wishes();
	pass_us(1000000);
	assert_int_equal(wishes(), 0);
}

static void who_has_lost_a_keyframe_gets_it_again(void **state)
{
	(void)state;
	view(1, VIDEO);
	view(2, VIDEO);
	say_picture(0, true);
	say_picture(1, false);
	rtcp_put_pli(rtcp_begin(), 1, 1001);
	rtcp_arrives(1);
	assert_int_equal(wishes(), 1);
	again_from_the_last_keyframe();
	say_picture(3, false);
	assert_string_equal(seen_by(1), "0 1 0 1 2 3 ");
	assert_string_equal(seen_by(2), "0 1 2 3 ");
}

/* Its end is lost on the way. */
static void who_catches_up_goes_on_with_the_next_keyframe_at_the_latest(void **state)
{
	(void)state;
	say_picture(0, true);
	view(1, VIDEO);
	say_picture(1, false);
	begin_batch();
	add_picture(0, 3601, true, PKT_AGAIN);
	send_batch();
	say_picture(2, false);
	say_picture(3, true);
	say_picture(4, false);
	assert_string_equal(seen_by(1), "0 3 4 ");
}

static void it_is_the_same_over_a_trunk(void **state)
{
	(void)state;
	teardown(state);
	assert_int_equal(world_setup(state), 0);
	words = queue_create("words", 1u << 16);
	assert_int_equal(sink_queue_add(words, &number), OK);
	split(1u << 1 | 1u << 2);
	for (uint32_t slot = 1; slot <= 3; slot++)
		open_peer(slot, false, true);
	struct source_want w = want();
	assert_int_equal(router_source_open(r, &w), OK);
	view(1, VIDEO);
	view(3, VIDEO);
	forget_all();
	say_picture(0, true);
	say_picture(1, false);
	wishes();
	view(2, VIDEO);
	assert_int_equal(wishes(), 1);
	again_from_the_last_keyframe();
	say_picture(3, false);
	assert_string_equal(seen_by(1), "0 1 2 3 ");
	assert_string_equal(seen_by(2), "0 1 2 3 ");
	assert_string_equal(seen_by(3), "0 1 2 3 ");
	assert_int_equal(crossed[TRUNK_PACKET], 7);
}

static void a_paused_source_shows_its_last_picture_to_newcomers(void **state)
{
	struct source_record rec = { .type = SOURCE_PAUSED, .source = SOURCE, .paused = { 1 } };
	struct track_stats st[2];
	bool told_so = false;
	(void)state;
	view(1, VIDEO);
	say_picture(0, true);
	router_source(r, &rec, sizeof rec, now_us);
	for (unsigned s = 0; s < 7; s++) {
		for (uint32_t slot = 1; slot <= 3; slot++)
			router_heard(r, slot, now_us);
		pass_us(US_PER_S);
	}
	router_stats(r, 1, st, 2);
	assert_int_equal(st[VIDEO].why_out.code, WHY_SOURCE_PAUSED);
	for (unsigned i = 0; i < n_whys; i++)
		told_so |= whys[i].slot == 1 && whys[i].why.code == WHY_SOURCE_PAUSED;
	assert_true(told_so);
	wishes();
	view(2, VIDEO);
	assert_int_equal(wishes(), 1);
	begin_batch();
	add_picture(0, 90000 * 20, true, PKT_AGAIN_LAST);
	send_batch();
	assert_string_equal(seen_by(2), "0 ");
	rec.paused.on = 0;
	router_source(r, &rec, sizeof rec, now_us);
	begin_batch();
	add_picture(1, 90000 * 21, false, PKT_NEW);
	send_batch();
	assert_string_equal(seen_by(2), "0 1 ");
	assert_string_equal(seen_by(1), "0 1 ");
}

/* Both go by one clock, and whoever hears them can put them together. */
static void sound_and_picture_are_of_one_clock(void **state)
{
	const struct rtcp_item *sr;
	uint32_t off[2] = { 0 };
	uint64_t at[2] = { 0 };
	(void)state;
	view(1, AUDIO);
	view(1, VIDEO);
	for (unsigned n = 0; n < 60; n++) {
		uint64_t ntp = clock_ntp(now_us);
		say_picture(n, n == 0);
		say_sound(2 * n);
		if (n % 25 == 0) {
			say_report(VIDEO, ntp, n * 3600);
			say_report(AUDIO, ntp, n * 1920);
		}
	}
	for (unsigned i = 0; i < n_heard; i++)
		if ((sr = &heard[i].item)->kind == RTCP_SR) {
			unsigned m = sr->ssrc == 1001 ? VIDEO : AUDIO;
			at[m] = sr->sr.ntp;
			off[m] = sr->sr.rtp_ts;
		}
	assert_true(at[AUDIO]);
	assert_int_equal(at[AUDIO], at[VIDEO]);
	for (unsigned i = 0; i < n_outs; i++)
		off[outs[i].k.pt == 100] -= i < 2 ? outs[i].k.ts : 0; /* since the first of each */
	assert_in_range((int64_t)off[VIDEO] * 48 / 90 - off[AUDIO] + 100, 0, 200);
}

static void its_end_is_told(void **state)
{
	struct track_stats st[2];
	(void)state;
	view(1, VIDEO);
	say_picture(0, true);
	router_source_close(r, SOURCE + (1ULL << 32)); /* another one's */
	assert_true(router_has_source(r, SOURCE));
	router_source_close(r, SOURCE);
	assert_false(router_has_source(r, SOURCE));
	wishes();
	assert_int_equal(n_closed, 1);
	say_picture(1, true);
	assert_string_equal(seen_by(1), "0 ");
	router_stats(r, 1, st, 2);
	assert_int_equal(st[VIDEO].why_out.code, WHY_SOURCE_ENDED);
	router_source_close(r, SOURCE);
}

static void its_codec_may_change(void **state)
{
	struct source_want w = want();
	struct track_stats st[2];
	(void)state;
	view(1, VIDEO);
	say_picture(0, true);
	w.tracks[VIDEO].codec = CARDEA_H264;
	assert_int_equal(router_source_open(r, &w), OK);
	say_picture(1, true);
	router_stats(r, 1, st, 2);
	assert_int_equal(st[VIDEO].why_out.code, WHY_CODEC);
	w.tracks[VIDEO].codec = CARDEA_VP8;
	assert_int_equal(router_source_open(r, &w), OK);
	say_picture(2, true);
	assert_string_equal(seen_by(1), "0 2 ");
}

static void what_cannot_be_is_refused(void **state)
{
	struct source_want w = want();
	(void)state;
	w.id = 1ULL << 32 | PEERS;
	assert_int_equal(router_source_open(r, &w), ERR_INVALID);
	w.id = 1ULL << 32 | 7; /* another generation */
	assert_int_equal(router_source_open(r, &w), ERR_EXISTS);
	w.id = 1ULL << 32 | 1; /* a peer's */
	assert_int_equal(router_source_open(r, &w), ERR_EXISTS);
	w = want();
	w.n_tracks = SOURCE_TRACKS + 1;
	assert_int_equal(router_source_open(r, &w), ERR_INVALID);
	w = want();
	w.tracks[0].kind = CARDEA_DATA;
	assert_int_equal(router_source_open(r, &w), ERR_INVALID);
}

/* Nothing but what is there is read, wherever a record is cut off. */
static void a_record_that_is_cut_off_does_no_harm(void **state)
{
	(void)state;
	view(1, VIDEO);
	begin_batch();
	for (unsigned n = 0; n < 3; n++)
		add_picture(n, n * 3600, n == 0, PKT_NEW);
	for (size_t len = 0; len < sizeof batch.head + used; len++) {
		struct source_record *cut = malloc(len ? len : 1);
		memcpy(cut, &batch, len);
		router_source(r, cut, len, now_us);
		free(cut);
	}
	flush();
	assert_true(n_outs > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(tracks_go_to_a_subscriber_as_of_any_publisher),
		T(a_viewer_who_comes_late_makes_a_wish),
		T(what_is_sent_again_goes_to_who_asked_alone),
		T(who_has_lost_a_keyframe_gets_it_again),
		T(who_catches_up_goes_on_with_the_next_keyframe_at_the_latest),
		T(it_is_the_same_over_a_trunk),
		T(a_paused_source_shows_its_last_picture_to_newcomers),
		T(sound_and_picture_are_of_one_clock),
		T(its_end_is_told),
		T(its_codec_may_change),
		T(what_cannot_be_is_refused),
		T(a_record_that_is_cut_off_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
