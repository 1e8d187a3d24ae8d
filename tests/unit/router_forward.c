/* SPDX-License-Identifier: Apache-2.0 */
/* Packets through the whole router (core/router/router.c): in at one peer, out at others.
 * router_world.h has the peers. */
#include "router_world.h"

static void a_packet_reaches_its_subscriber_under_new_numbers(void **state)
{
	struct in in = audio_in(5);
	(void)state;
	in.level = 31;
	give(0, &in);
	assert_true(router_flush(r, now_us) == INT64_MAX); /* audio never waits */
	assert_int_equal(n_outs, 1);
	assert_int_equal(outs[0].slot, 1);
	assert_int_equal(outs[0].k.ssrc, 1000);
	assert_int_equal(outs[0].k.pt, 112);
	assert_int_equal(outs[0].k.payload_len, 5);
	assert_memory_equal(outs[0].k.data + outs[0].k.payload, "sound", 5);
	assert_int_equal(outs[0].k.ext_len[ID_MID], 4);
	assert_memory_equal(outs[0].k.data + outs[0].k.ext_off[ID_MID], "out0", 4);
	assert_int_equal(outs[0].k.data[outs[0].k.ext_off[ID_LEVEL]], 30);
	assert_int_equal(outs[0].k.ext_off[ID_TWCC], 0); /* only on video */
}

static void video_begins_at_a_keyframe(void **state)
{
	(void)state;
	video(10, false);
	video(11, true);
	video(12, false);
	assert_int_equal(n_outs, 2);
	assert_true(out_info(0)->is_keyframe);
	assert_int_equal((uint16_t)(outs[1].k.seq - outs[0].k.seq), 1);
	assert_int_equal(outs[1].k.ts - outs[0].k.ts, 3600);
	assert_int_equal(outs[0].k.ext_len[ID_AST], 3);
	assert_int_equal(rd16(outs[1].k.data + outs[1].k.ext_off[ID_TWCC]),
		rd16(outs[0].k.data + outs[0].k.ext_off[ID_TWCC]) + 1);
	assert_int_equal(outs[0].header_len, outs[1].header_len);
}

static void a_burst_waits_for_its_end_but_not_for_long(void **state)
{
	struct in in = video_in(1, true);
	(void)state;
	in.marker = false;
	give(0, &in);
	assert_true(router_flush(r, now_us) == now_us + 500);
	assert_int_equal(n_outs, 0);
	in.seq = 2;
	in.payload[0] = 0x80;
	in.marker = true;
	give(0, &in);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 2);
	in.seq = 3;
	in.marker = false;
	give(0, &in);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 2);
	router_flush(r, now_us + 500);
	assert_int_equal(n_outs, 3);
}

static void packets_of_one_destination_leave_together(void **state)
{
	struct in in = video_in(1, true);
	(void)state;
	open_peer(2, false, true);
	route_to(0, 2, VIDEO);
	for (unsigned i = 0; i < 4; i++) {
		in.seq++;
		in.marker = i == 3;
		give(0, &in);
		in.payload[0] = 0x80;
	}
	router_flush(r, now_us);
	assert_int_equal(n_outs, 8);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(outs[i].slot, 1 + i / 4);
}

static void memory_is_asked_for_before_it_is_needed(void **state)
{
	struct in in = audio_in(1);
	(void)state;
	for (uint32_t slot = 2; slot < PEERS; slot++) {
		open_peer(slot, false, true);
		route_to(0, slot, AUDIO);
	}
	give(0, &in);
	router_flush(r, now_us);
	assert_int_equal(n_outs, PEERS - 1);
	for (unsigned i = 0; i < n_outs; i++)
		assert_in_range(warmed[outs[i].slot], 1, i + 1);
	assert_int_equal(warmed[outs[5].slot], 6); /* right before its turn, not all at once */
	assert_int_equal(warmed[0], 0);
}

static void late_packets_take_their_reserved_place(void **state)
{
	struct in late = video_in(2, false);
	(void)state;
	video(1, true);
	video(3, false);
	give(0, &late);
	give(0, &late);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 3);
	assert_int_equal((uint16_t)(outs[1].k.seq - outs[0].k.seq), 2);
	assert_int_equal((uint16_t)(outs[2].k.seq - outs[0].k.seq), 1);
}

static void a_late_keyframe_brings_what_came_before_it(void **state)
{
	struct in late = video_in(1, true);
	(void)state;
	video(2, false);
	video(3, false);
	assert_int_equal(n_outs, 0);
	give(0, &late);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal((uint16_t)(outs[i].k.seq - outs[0].k.seq), i);
		assert_int_equal(out_info(i)->picture_id, i + 1);
	}
}

static void a_gap_is_asked_for_twice(void **state)
{
	const struct rtcp_item *it;
	(void)state;
	video(1, true);
	forget_all();
	video(4, false);
	assert_int_equal(count_heard(RTCP_NACK, 0), 1);
	it = last_heard(RTCP_NACK, 0);
	assert_int_equal(it->ssrc, 0x51de0);
	assert_int_equal(it->nack.pid, 2);
	assert_int_equal(it->nack.blp, 1);
	pass_us(200000);
	assert_int_equal(count_heard(RTCP_NACK, 0), 2);
	pass_us(1000000);
	assert_int_equal(count_heard(RTCP_NACK, 0), 2);
}

static void received_rtx_is_unwrapped(void **state)
{
	struct in rtx = video_in(2, false);
	struct track_stats st[4];
	(void)state;
	video(1, true);
	video(3, false);
	rtx.pt = 97;
	rtx.ssrc = 0x777;
	rtx.seq = 900;
	memmove(rtx.payload + 2, rtx.payload, rtx.len);
	wr16(rtx.payload, 2);
	rtx.len += 2;
	give(0, &rtx);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 3);
	assert_int_equal((uint16_t)(outs[2].k.seq - outs[0].k.seq), 1);
	assert_int_equal(outs[2].k.payload_len, 100);
	assert_int_equal(router_stats(r, 0, st, 4), 2);
	assert_int_equal(st[1].in[0].retransmissions, 1);
	rtx.len = 1; /* padding to probe the bandwidth */
	give(0, &rtx);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 3);
}

static void a_nack_is_answered_with_the_same_bytes(void **state)
{
	(void)state;
	video(1, true);
	video(2, false);
	nack_from(1, 1001, outs[1].k.seq);
	assert_int_equal(n_outs, 3);
	assert_int_equal(outs[2].k.len, outs[1].k.len);
	assert_memory_equal(outs[2].k.data, outs[1].k.data, outs[1].k.len);
}

static void a_nack_reaches_back_as_far_as_packets_are_kept(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 400; n++, pass_us(1000)) {
		struct in in = video_in(n, n == 1);
		give(0, &in);
		router_flush(r, now_us);
	}
	assert_int_equal(n_outs, 400);
	for (unsigned n = 0; n < 400; n += 57) {
		nack_from(1, 1001, outs[n].k.seq);
		assert_int_equal(outs[n_outs - 1].k.len, outs[n].k.len);
		assert_memory_equal(outs[n_outs - 1].k.data, outs[n].k.data, outs[n].k.len);
	}
	assert_int_equal(n_outs, 400 + 8);
}

/* 60 packets to each of six: more than one turn takes. */
static void sound_goes_between_the_parts_of_a_large_burst(void **state)
{
	struct in sound = audio_in(1);
	unsigned n[PEERS] = { 0 };
	(void)state;
	for (uint32_t slot = 3; slot < PEERS; slot++) {
		open_peer(slot, false, true);
		route_to(0, slot, VIDEO);
		route_to(0, slot, AUDIO);
	}
	for (unsigned i = 0; i < 60; i++) {
		struct in in = video_in(1 + i, i == 0);
		in.marker = i == 59;
		give(0, &in);
	}
	assert_true(router_flush(r, now_us) == now_us); /* there is more */
	assert_in_range(n_outs, 180, 300);
	unsigned before = n_outs;
	give(0, &sound);
	router_unroute(r, 7, VIDEO); /* its turn has not come yet */
	router_flush(r, now_us);
	assert_int_equal(outs[before].k.pt, 112);
	assert_int_equal(outs[before + 4].k.pt, 112);
	while (router_flush(r, now_us) == now_us)
		;
	for (unsigned i = 0; i < n_outs; i++)
		n[outs[i].slot] += outs[i].k.pt == 100;
	for (uint32_t slot = 3; slot < 7; slot++)
		assert_int_equal(n[slot], 60);
	assert_int_equal(n[7], 0);
	assert_int_equal(pool_used(packets), 61); /* in the caches, and nowhere else */
}

static void packets_of_a_frame_are_evened_out(void **state)
{
	static const size_t lens[] = { 99, 100, 97, 90, 96, 95 };
	(void)state;
	video(1, true);
	n_outs = 0;
	for (unsigned i = 0; i < 6; i++) {
		struct in in = video_in(2 + i, false);
		in.marker = i == 5;
		in.len = lens[i];
		give(0, &in);
	}
	router_flush(r, now_us);
	assert_int_equal(n_outs, 6);
	for (unsigned i = 0; i < 6; i++) {
		/* 90 is too far off, and begins anew; the last may be shorter */
		static const uint16_t even[] = { 100, 100, 100, 90, 96, 95 };
		const struct pkt *k = &outs[i].k;
		assert_int_equal(k->len - outs[i].header_len, even[i]);
		assert_int_equal(k->payload_len, lens[i]);
		assert_int_equal(
			k->data[k->len - 1], lens[i] == even[i] ? 0x11 : even[i] - lens[i]);
		nack_from(1, 1001, k->seq);
		assert_int_equal(outs[n_outs - 1].k.len, k->len);
		assert_memory_equal(outs[n_outs - 1].k.data, k->data, k->len);
	}
}

static void repeats_keep_their_distance(void **state)
{
	uint16_t seq;
	(void)state;
	video(1, true);
	seq = outs[0].k.seq;
	nack_from(1, 1001, seq);
	nack_from(1, 1001, seq);
	assert_int_equal(n_outs, 2);
	pass_us(39000);
	nack_from(1, 1001, seq);
	assert_int_equal(n_outs, 2);
	pass_us(1000);
	nack_from(1, 1001, seq);
	assert_int_equal(n_outs, 3);
	pass_us(79000);
	nack_from(1, 1001, seq);
	assert_int_equal(n_outs, 3);
	pass_us(1000);
	nack_from(1, 1001, seq);
	assert_int_equal(n_outs, 4);
	nack_from(1, 1001, (uint16_t)(seq + 1)); /* never sent */
	nack_from(1, 1001, (uint16_t)(seq - 1));
	assert_int_equal(n_outs, 4);
}

static void with_rtx_the_answer_is_wrapped(void **state)
{
	struct track t = track_out(VIDEO, 1);
	struct out *a, *b;
	(void)state;
	t.rtx_pt = 101;
	t.out_rtx_ssrc = 5555;
	assert_int_equal(router_track(r, 1, &t), OK);
	video(1, true);
	a = &outs[0];
	nack_from(1, 1001, a->k.seq);
	pass_us(40000);
	nack_from(1, 1001, a->k.seq);
	assert_int_equal(n_outs, 3);
	b = &outs[1];
	assert_int_equal(b->k.ssrc, 5555);
	assert_int_equal(b->k.pt, 101);
	assert_int_equal(b->k.ts, a->k.ts);
	assert_int_equal(rd16(b->k.data + b->k.payload), a->k.seq);
	assert_int_equal(b->k.payload_len, a->k.payload_len + 2);
	assert_memory_equal(
		b->k.data + b->k.payload + 2, a->k.data + a->k.payload, a->k.payload_len);
	assert_int_equal((uint16_t)(outs[2].k.seq - b->k.seq), 1);
	assert_int_equal(rd16(b->k.data + b->k.ext_off[ID_TWCC]),
		rd16(a->k.data + a->k.ext_off[ID_TWCC]) + 1);
}

static void a_switch_waits_for_the_new_keyframe(void **state)
{
	struct in in = video_in(7000, false);
	struct out *last;
	(void)state;
	open_peer(2, true, false);
	video(1, true);
	route_to(2, 1, VIDEO);
	video(2, false);
	give(2, &in); /* of the new source, no keyframe */
	router_flush(r, now_us);
	assert_int_equal(n_outs, 2);
	in = video_in(7001, true);
	give(2, &in);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 3);
	last = &outs[2];
	assert_int_equal((uint16_t)(last->k.seq - outs[1].k.seq), 1);
	assert_int_equal(last->k.ts - outs[1].k.ts, 3600); /* 40 ms later */
	assert_int_equal(out_info(2)->picture_id, out_info(1)->picture_id + 1);
	assert_int_equal(out_info(2)->picture_id, 3);
	assert_int_equal(out_info(2)->tl0, 3);
	video(3, false); /* the old one is not heard any more */
	assert_int_equal(n_outs, 3);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, routed_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(a_packet_reaches_its_subscriber_under_new_numbers),
		T(video_begins_at_a_keyframe),
		T(a_burst_waits_for_its_end_but_not_for_long),
		T(packets_of_one_destination_leave_together),
		T(memory_is_asked_for_before_it_is_needed),
		T(late_packets_take_their_reserved_place),
		T(a_late_keyframe_brings_what_came_before_it),
		T(a_gap_is_asked_for_twice),
		T(received_rtx_is_unwrapped),
		T(a_nack_is_answered_with_the_same_bytes),
		T(a_nack_reaches_back_as_far_as_packets_are_kept),
		T(sound_goes_between_the_parts_of_a_large_burst),
		T(packets_of_a_frame_are_evened_out),
		T(repeats_keep_their_distance),
		T(with_rtx_the_answer_is_wrapped),
		T(a_switch_waits_for_the_new_keyframe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
