/* SPDX-License-Identifier: Apache-2.0 */
/* Sinks (core/router/sink): what a reader of their queue finds. router_world.h has the peers;
 * router_trunk those of two workers. */
#include "../../core/base/queue_thread.h"
#include "../../core/router/sink/sink_queue.h"
#include "router_world.h"

/* Two small users of a sink: one that counts what it is told, and one that keeps the RTP of what
 * comes, to compare it. Peer 0 publishes; ids have a generation, for 0 is nobody. */
#define PEER(slot) (1ULL << 32 | (slot))
#define QUEUE      (1u << 20)
#define SHARE      (256u << 10)

static struct queue *queue;
static uint8_t number;

static struct counted {
	unsigned batches, packets, keyframes, empty, tracks, reports, ended, closed, lost, records;
	unsigned layers; /* bits */
	unsigned of_layer[CARDEA_LAYERS];
	uint32_t gen;
	uint16_t last_seq;
	bool is_muted;
	uint8_t codec;
	int64_t at_us;
	uint64_t sink, ntp, peer;
	uint32_t report_ts;
	char order[256]; /* the records' kinds */
} got;

static struct dumped {
	uint8_t data[1600];
	uint16_t len;
} dump[256];
static unsigned n_dumped;

static void count_packet(const struct sink_packet *p)
{
	got.packets++;
	got.keyframes += p->info.is_keyframe;
	got.empty += p->is_empty;
	got.layers |= 1u << p->layer;
	got.of_layer[p->layer]++;
	got.gen = p->gen;
	got.last_seq = p->seq;
	got.at_us = p->at_us;
	if (n_dumped < 256) {
		memcpy(dump[n_dumped].data, sink_rtp(p), p->len);
		dump[n_dumped++].len = p->len;
	}
}

static void count_record(void *arg, const void *rec, size_t len)
{
	const struct sink_record *m = rec;
	(void)arg;
	got.sink = m->sink;
	got.lost += m->lost;
	if (got.records < sizeof got.order - 1)
		got.order[got.records] = " TPRLEC"[m->type];
	got.records++;
	switch ((enum sink_type)m->type) {
	case SINK_TRACK:
		got.tracks++;
		got.is_muted = m->track.muted;
		got.codec = m->track.t.codec;
		got.peer = m->track.peer;
		break;
	case SINK_PACKETS:
		got.batches++;
		for (const struct sink_packet *p = NULL; (p = sink_next(m, len, p));)
			count_packet(p);
		break;
	case SINK_REPORT:
		got.reports++;
		got.ntp = m->report.ntp;
		got.report_ts = m->report.ts;
		break;
	case SINK_LOST:
		break;
	case SINK_SOURCE_ENDED:
		got.ended++;
		break;
	case SINK_CLOSED:
		got.closed++;
		break;
	}
}

static void read_all(void)
{
	got = (struct counted){ 0 };
	n_dumped = 0;
	queue_drain(queue, count_record, NULL);
}

static int setup(void **state)
{
	if (world_setup(state))
		return -1;
	queue = queue_create("sink", QUEUE);
	assert_int_equal(sink_queue_add(queue, &number), OK);
	open_peer(0, true, false);
	forget_all();
	return 0;
}

static int teardown(void **state)
{
	int e = world_teardown(state);
	sink_queue_remove(number);
	queue_destroy(queue);
	return e;
}

static struct sink_want want_of(uint32_t slot, unsigned mindex)
{
	return (struct sink_want){ .id = 7,
		.from_peer = PEER(slot),
		.from_mindex = (uint16_t)mindex,
		.kind = mindex == AUDIO ? CARDEA_AUDIO : CARDEA_VIDEO,
		.queue = number,
		.share = SHARE };
}

static void open_sink(unsigned mindex)
{
	const struct sink_want w = want_of(0, mindex);
	assert_int_equal(router_sink_open(r, &w), OK);
}

static void give_video(unsigned n, bool key)
{
	struct in in = video_in(n, key);
	give(0, &in);
	pass_us(1000);
}

/* ---- what comes ---- */

static void packets_come_in_batches_with_what_was_read_of_them(void **state)
{
	(void)state;
	open_sink(VIDEO);
	read_all();
	assert_string_equal(got.order, "T");
	assert_int_equal(got.peer, PEER(0));
	assert_int_equal(got.codec, CARDEA_VP8);
	for (unsigned i = 0; i < 4; i++) { /* one frame of four packets */
		struct in in = video_in(1 + i, true);
		in.marker = i == 3;
		in.ts = 3600;
		give(0, &in);
	}
	int64_t at_us = now_us;
	pass_us(1000);
	read_all();
	assert_int_equal(got.sink, 7);
	assert_int_equal(got.batches, 1);
	assert_int_equal(got.packets, 4);
	assert_int_equal(got.keyframes, 4);
	assert_int_equal(got.at_us, at_us);
	assert_int_equal(got.last_seq, 4);
	assert_int_equal(got.lost, 0);
}

static void a_dump_has_the_rtp_that_was_sent(void **state)
{
	struct in in = video_in(2, false);
	struct pkt *first;
	(void)state;
	open_sink(VIDEO);
	give_video(1, true);
	read_all();
	first = make(&in);
	router_rtp(r, 0, first, now_us);
	pass_us(1000);
	/* and one that comes as a retransmission */
	struct in later = video_in(4, false), rtx = video_in(3, false);
	give(0, &later);
	struct pkt *plain = make(&rtx);
	rtx.ssrc = 0x999;
	rtx.pt = 97;
	memmove(rtx.payload + 2, rtx.payload, rtx.len);
	wr16(rtx.payload, 3);
	rtx.len += 2;
	give(0, &rtx);
	pass_us(1000);
	read_all();
	assert_int_equal(n_dumped, 3);
	assert_int_equal(dump[0].len, first->len);
	assert_memory_equal(dump[0].data, first->data, first->len);
	assert_int_equal(dump[2].len, plain->len);
	assert_memory_equal(dump[2].data, plain->data, plain->len);
	pkt_drop(first);
	pkt_drop(plain);
}

static void padding_takes_up_a_number_and_carries_nothing(void **state)
{
	struct in in = video_in(2, false);
	(void)state;
	open_sink(VIDEO);
	give_video(1, true);
	in.len = 0;
	give(0, &in);
	pass_us(1000);
	read_all();
	assert_int_equal(got.packets, 2);
	assert_int_equal(got.empty, 1);
	assert_int_equal(got.last_seq, 2);
}

static void reports_tie_rtp_to_wall_time(void **state)
{
	(void)state;
	open_sink(VIDEO);
	give_video(1, true);
	rtcp_in = (struct rtcp_buf){ rtcp_in_room, 0, sizeof rtcp_in_room, false };
	rtcp_put_sr(&rtcp_in, 0x51de0, 0x123456789abcdefULL, 3600, 1, 100, NULL, 0);
	rtcp_arrives(0);
	read_all();
	assert_int_equal(got.reports, 1);
	assert_true(got.ntp == 0x123456789abcdefULL);
	assert_int_equal(got.report_ts, 3600);
}

static void restarted_numbering_shows(void **state)
{
	uint32_t gen;
	(void)state;
	open_sink(VIDEO);
	give_video(1, true);
	read_all();
	gen = got.gen;
	for (unsigned i = 0; i < 3; i++) {
		struct in in = video_in(30000 + i, i == 0);
		in.ssrc = 0xbeef;
		give(0, &in);
		pass_us(1000);
	}
	read_all();
	assert_int_not_equal(got.packets, 0);
	assert_int_not_equal(got.gen, gen);
}

static void another_codec_and_muting_are_told(void **state)
{
	struct track t = track_in(VIDEO);
	(void)state;
	open_sink(VIDEO);
	t.codec = CARDEA_VP9;
	assert_int_equal(router_track(r, 0, &t), OK);
	read_all();
	assert_int_equal(got.tracks, 2);
	assert_int_equal(got.codec, CARDEA_VP9);
	router_mute(r, 0, VIDEO, true);
	give_video(1, true);
	read_all();
	assert_int_equal(got.tracks, 1);
	assert_true(got.is_muted);
	assert_int_equal(got.packets, 0);
	router_mute(r, 0, VIDEO, false);
	give_video(2, true);
	read_all();
	assert_false(got.is_muted);
	assert_int_equal(got.packets, 1);
}

/* ---- keyframes and layers ---- */

static void keyframes_are_asked_for_within_a_budget(void **state)
{
	(void)state;
	give_video(1, true);
	forget_all();
	open_sink(VIDEO);
	assert_int_equal(count_heard(RTCP_PLI, 0), 1); /* to begin with */
	for (unsigned i = 0; i < 100; i++) {
		give_video(2 + i, true); /* it comes: the wish is over */
		pass_us(330000);
		router_sink_keyframe(r, 7);
		pass_us(20000);
	}
	assert_in_range(count_heard(RTCP_PLI, 0), 10, 20);
}

static void three_layers(void)
{
	struct track t = track_in(VIDEO);
	t.n_layers = 3;
	for (unsigned i = 0; i < 3; i++)
		t.ssrc[i] = 0x700 + i;
	assert_int_equal(router_track(r, 0, &t), OK);
}

static void give_layers(unsigned n, unsigned layers, unsigned keys)
{
	for (unsigned l = 0; l < 3; l++) {
		struct in in = video_in(n, keys >> l & 1);
		in.ssrc = 0x700 + l;
		in.mid = NULL;
		if (layers >> l & 1)
			give(0, &in);
	}
	pass_us(40000);
}

static void the_best_layer_that_comes_is_taken(void **state)
{
	unsigned n = 1;
	(void)state;
	three_layers();
	open_sink(VIDEO);
	for (; n < 10; n++)
		give_layers(n, 7, n % 5 == 2 ? 7 : 0);
	read_all();
	assert_int_equal(got.of_layer[2], 8); /* from its first keyframe on */
	forget_all();
	for (; n < 30; n++) /* the highest ends */
		give_layers(n, 3, 0);
	assert_in_range(count_heard(RTCP_PLI, 0), 1, 8);
	read_all();
	assert_int_equal(got.packets, 0); /* what has no beginning is of no use */
	for (; n < 40; n++)
		give_layers(n, 3, n == 30 ? 2 : 0);
	read_all();
	assert_int_equal(got.layers, 1u << 1);
	assert_int_equal(got.packets, 10);
}

static void layers_that_are_named_are_taken(void **state)
{
	struct sink_want w = want_of(0, VIDEO);
	(void)state;
	three_layers();
	w.layers = 1u << 0 | 1u << 2;
	assert_int_equal(router_sink_open(r, &w), OK);
	give_layers(1, 7, 7);
	give_layers(2, 7, 0);
	read_all();
	assert_int_equal(got.of_layer[0], 2);
	assert_int_equal(got.of_layer[1], 0);
	assert_int_equal(got.of_layer[2], 2);
	w.layers = 1u << 1;
	assert_int_equal(router_sink_open(r, &w), OK);
	give_layers(3, 7, 7);
	read_all();
	assert_string_equal(got.order, "P");
	assert_int_equal(got.layers, 1u << 1);
}

/* ---- back-pressure ---- */

static void a_slow_reader_loses_packets_and_is_told_how_many(void **state)
{
	struct sink_want w = want_of(0, VIDEO);
	unsigned came, lost;
	(void)state;
	w.share = 4096;
	assert_int_equal(router_sink_open(r, &w), OK);
	for (unsigned n = 1; n <= 200; n++)
		give_video(n, n == 1);
	read_all();
	came = got.packets;
	lost = got.lost;
	assert_in_range(came, 5, 100);
	give_video(201, true);
	read_all();
	assert_int_equal(got.packets, 1);
	assert_int_equal(came + lost + got.lost, 200);
	give_video(202, false);
	read_all();
	assert_int_equal(got.lost, 0);
}

static void what_was_lost_last_is_told_without_another_packet(void **state)
{
	struct sink_want w = want_of(0, VIDEO);
	(void)state;
	w.share = 4096;
	assert_int_equal(router_sink_open(r, &w), OK);
	for (unsigned n = 1; n <= 200; n++)
		give_video(n, n == 1);
	pass_us(50000);
	read_all();
	assert_int_equal(got.order[got.records - 1], 'L');
	assert_int_equal(got.packets + got.lost, 200);
}

static void ignore(void *arg, const void *rec, size_t len)
{
	(void)arg;
	(void)rec;
	(void)len;
}

static void pictures_are_shed_up_to_the_next_keyframe(void **state)
{
	struct sink_want w = want_of(0, VIDEO);
	(void)state;
	w.share = 4096;
	assert_int_equal(router_sink_open(r, &w), OK);
	for (unsigned n = 1; n <= 200; n++)
		give_video(n, n == 1);
	forget_all();
	pass_us(50000);
	assert_int_equal(count_heard(RTCP_PLI, 0), 0); /* it would be lost, too */
	read_all();
	forget_all();
	for (unsigned n = 201; n <= 210; n++)
		give_video(n, false);
	pass_us(50000);
	assert_int_equal(count_heard(RTCP_PLI, 0), 1); /* there is room again */
	read_all();
	assert_int_equal(got.packets, 0);
	assert_int_not_equal(got.lost, 0);
	for (unsigned n = 211; n <= 220; n++)
		give_video(n, n == 213);
	read_all();
	assert_int_equal(got.keyframes, 1);
	assert_int_equal(got.packets, 8);
	assert_int_equal(got.lost, 2);
}

static void sound_goes_on_where_there_is_room(void **state)
{
	struct sink_want w = want_of(0, AUDIO);
	(void)state;
	w.share = 4096;
	assert_int_equal(router_sink_open(r, &w), OK);
	for (unsigned n = 1; n <= 200; n++) {
		struct in in = audio_in(n);
		give(0, &in);
		pass_us(1000);
	}
	read_all();
	assert_int_not_equal(got.packets, 200);
	struct in in = audio_in(201);
	give(0, &in);
	pass_us(1000);
	read_all();
	assert_int_equal(got.packets, 1);
}

static void fill_queue(void)
{
	static const uint8_t filling[1024];
	while (!queue_push(queue, filling, sizeof filling))
		;
	while (!queue_push(queue, filling, 16)) /* to the last byte */
		;
}

static void what_is_no_packet_waits_for_room(void **state)
{
	(void)state;
	open_sink(VIDEO);
	give_video(1, true);
	fill_queue();
	router_mute(r, 0, VIDEO, true);
	router_peer_close(r, 0);
	queue_drain(queue, ignore, NULL);
	pass_us(50000);
	read_all();
	assert_string_equal(got.order, "E"); /* the track was gone before it could be told */
}

static unsigned n_closed, n_lost;

static void count_ends(void *arg, const void *rec, size_t len)
{
	const struct sink_record *m = rec;
	(void)arg;
	if (len != SINK_HEAD || m->sink < 7 || m->sink > 9)
		return; /* what it was filled with */
	n_closed += m->type == SINK_CLOSED;
	n_lost += m->lost;
}

static void its_end_is_told_however_full_the_queue(void **state)
{
	struct sink_want w = want_of(0, VIDEO);
	(void)state;
	for (w.id = 7; w.id <= 9; w.id++)
		assert_int_equal(router_sink_open(r, &w), OK);
	read_all();
	fill_queue();
	give_video(1, true);
	router_sink_close(r, 8);
	w.id = 10;
	assert_int_equal(router_sink_open(r, &w), ERR_FULL); /* nor could its end be told */
	w.id = 8;
	assert_int_equal(router_sink_open(r, &w), ERR_FULL);
	router_destroy(r);
	r = router_create(&world_conf, wheel, &world_ops, NULL);
	n_closed = n_lost = 0;
	queue_drain(queue, count_ends, NULL);
	assert_int_equal(n_closed, 3);
	assert_int_equal(n_lost, 3);
	/* and nothing is kept for them any more */
	fill_queue();
	queue_drain(queue, ignore, NULL);
	assert_int_equal(queue_reserve(queue, QUEUE - 16), OK);
}

/* ---- life ---- */

static void a_sink_waits_for_its_receiver(void **state)
{
	struct sink_want w = want_of(1, VIDEO);
	(void)state;
	assert_int_equal(router_sink_open(r, &w), OK);
	read_all();
	assert_int_equal(got.records, 0);
	open_peer(1, true, false);
	struct in in = video_in(1, true);
	give(1, &in);
	pass_us(1000);
	read_all();
	assert_string_equal(got.order, "TP");
}

static void it_outlives_its_receiver_and_takes_another(void **state)
{
	struct sink_want w = want_of(0, VIDEO);
	(void)state;
	open_sink(VIDEO);
	give_video(1, true);
	read_all();
	router_peer_close(r, 0);
	read_all();
	assert_string_equal(got.order, "E");
	open_peer(0, true, false); /* somebody else, in the same slot */
	give_video(1, true);
	read_all();
	assert_int_equal(got.records, 0);
	w.from_peer = 2ULL << 32;
	assert_int_equal(router_sink_open(r, &w), OK);
	give_video(2, true);
	read_all();
	assert_string_equal(got.order, "TP");
	assert_int_equal(got.peer, 2ULL << 32);
	w = want_of(0, AUDIO);
	assert_int_equal(router_sink_open(r, &w), OK); /* while it has one */
	struct in in = audio_in(1);
	give(0, &in);
	give_video(3, false);
	read_all();
	assert_string_equal(got.order, "ETP");
	assert_int_equal(got.codec, CARDEA_OPUS);
}

static void nobody_waits_for_a_peer_that_has_gone(void **state)
{
	struct sink_want w = want_of(1, VIDEO);
	(void)state;
	open_peer(1, false, true);
	assert_int_equal(router_sink_open(r, &w), OK);
	router_peer_close(r, 1);
	read_all();
	assert_string_equal(got.order, "E");
	open_peer(1, true, false);
	read_all();
	assert_int_equal(got.records, 0);
}

static void it_may_close_while_a_batch_is_leaving(void **state)
{
	(void)state;
	for (uint32_t slot = 1; slot < PEERS; slot++) {
		open_peer(slot, false, true);
		route_to(0, slot, VIDEO);
	}
	open_sink(VIDEO);
	read_all();
	/* so many packets that they leave in several turns: the sink is served last */
	for (unsigned i = 0; i < 120; i++) {
		struct in in = video_in(1 + i, i == 0);
		in.ts = 3600;
		in.marker = i == 119;
		give(0, &in);
	}
	int64_t again_us = router_flush(r, now_us);
	assert_int_equal(again_us, now_us);
	router_sink_close(r, 7);
	pass_us(5000);
	read_all();
	assert_string_equal(got.order, "C");
	give_video(200, false);
	read_all();
	assert_int_equal(got.records, 0);
}

static void note_closed(void *arg, const void *rec, size_t len)
{
	(void)arg, (void)len;
	assert_int_equal(((const struct sink_record *)rec)->type, SINK_CLOSED);
}

static void a_wrong_queue_is_refused(void **state)
{
	struct sink_want w = want_of(0, VIDEO);
	(void)state;
	w.queue = SINK_QUEUES - 1;
	assert_int_equal(router_sink_open(r, &w), ERR_INVALID);
	w.queue = UINT8_MAX;
	assert_int_equal(router_sink_open(r, &w), ERR_INVALID);
	router_sink_close(r, 7); /* never was */
	router_sink_keyframe(r, 7);
	w = want_of(0, VIDEO);
	assert_int_equal(router_sink_open(r, &w), OK);
	struct queue *other = queue_create("other", 1 << 16);
	assert_int_equal(sink_queue_add(other, &w.queue), OK);
	assert_int_equal(router_sink_open(r, &w), ERR_INVALID); /* it has one already */
	assert_int_equal(queue_drain(other, note_closed, NULL), 1);
	sink_queue_remove(w.queue);
	queue_destroy(other);
}

static void a_router_that_ends_closes_its_sinks(void **state)
{
	(void)state;
	open_sink(VIDEO);
	read_all();
	router_destroy(r);
	r = router_create(&world_conf, wheel, &world_ops, NULL);
	read_all();
	assert_string_equal(got.order, "EC");
}

/* ---- two workers ---- */

static void another_workers_receiver_is_taken_by_a_mirror(void **state)
{
	struct sink_want w = want_of(0, VIDEO);
	(void)state;
	split(1u << 1);
	assert_int_equal(router_sink_open(far, &w), OK);
	flush();
	flush();
	assert_int_equal(crossed[TRUNK_SUBSCRIBE], 1);
	for (unsigned n = 1; n <= 5; n++) {
		give_video(n, n == 1);
		flush();
	}
	rtcp_in = (struct rtcp_buf){ rtcp_in_room, 0, sizeof rtcp_in_room, false };
	rtcp_put_sr(&rtcp_in, 0x51de0, 99ULL << 32, 3600, 1, 100, NULL, 0);
	rtcp_arrives(0);
	flush();
	pass_us(2000);
	read_all();
	assert_int_equal(got.packets, 5);
	assert_int_equal(got.reports, 1);
	assert_int_equal(got.codec, CARDEA_VP8);
	router_sink_keyframe(far, 7);
	flush();
	assert_int_not_equal(crossed[TRUNK_KEYFRAME], 0);
	router_peer_close(r, 0);
	flush();
	read_all();
	assert_string_equal(got.order, "E");
	router_sink_close(far, 7);
	pass_us(600000);
	read_all();
	assert_string_equal(got.order, "C");
}

/* ---- on a thread of its own ---- */

static _Atomic unsigned n_seen, n_turns;

static void see(void *arg, const void *rec, size_t len)
{
	const struct sink_record *rr = rec;
	(void)arg;
	(void)len;
	n_seen += rr->type == SINK_PACKETS ? rr->packets.n : 0;
}

static void turn(void *arg)
{
	(void)arg;
	n_turns++;
}

static void a_thread_reads_all_before_it_ends(void **state)
{
	static const struct queue_reader reader = { .fn = see, .at_end = turn };
	struct queue_thread *thread;
	struct sink_want w = want_of(0, VIDEO);
	(void)state;
	assert_int_equal(queue_thread_start(&thread, "reader", QUEUE, &reader), OK);
	assert_int_equal(sink_queue_add(queue_thread_queue(thread), &w.queue), OK);
	w.id = 8;
	assert_int_equal(router_sink_open(r, &w), OK);
	for (unsigned n = 1; n <= 300; n++)
		give_video(n, n == 1);
	router_sink_close(r, 8);
	queue_thread_stop(thread);
	sink_queue_remove(w.queue);
	assert_int_equal(n_seen, 300);
	assert_int_not_equal(n_turns, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(packets_come_in_batches_with_what_was_read_of_them),
		T(a_dump_has_the_rtp_that_was_sent),
		T(padding_takes_up_a_number_and_carries_nothing),
		T(reports_tie_rtp_to_wall_time),
		T(restarted_numbering_shows),
		T(another_codec_and_muting_are_told),
		T(keyframes_are_asked_for_within_a_budget),
		T(the_best_layer_that_comes_is_taken),
		T(layers_that_are_named_are_taken),
		T(a_slow_reader_loses_packets_and_is_told_how_many),
		T(what_was_lost_last_is_told_without_another_packet),
		T(pictures_are_shed_up_to_the_next_keyframe),
		T(sound_goes_on_where_there_is_room),
		T(what_is_no_packet_waits_for_room),
		T(its_end_is_told_however_full_the_queue),
		T(a_sink_waits_for_its_receiver),
		T(it_outlives_its_receiver_and_takes_another),
		T(nobody_waits_for_a_peer_that_has_gone),
		T(it_may_close_while_a_batch_is_leaving),
		T(a_wrong_queue_is_refused),
		T(a_router_that_ends_closes_its_sinks),
		T(another_workers_receiver_is_taken_by_a_mirror),
		T(a_thread_reads_all_before_it_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
