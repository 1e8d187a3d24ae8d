/* SPDX-License-Identifier: Apache-2.0 */
/* One peer that does as much as it can: what it costs the others and the server is bounded. */
#include "router_world.h"

static unsigned layer_seq[2];

static int setup(void **state)
{
	if (world_setup(state))
		return 1;
	open_peer(0, true, false);
	open_peer(1, false, true);
	route_to(0, 1, VIDEO);
	route_to(0, 1, AUDIO);
	layer_seq[0] = layer_seq[1] = 100;
	return 0;
}

static unsigned count_told(char what, uint32_t slot)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_told; i++)
		n += told[i].what == what && told[i].slot == slot;
	return n;
}

/* ---- simulcast of two layers ---- */

static void use_two_layers(void)
{
	struct track t = track_in(VIDEO);
	t.n_layers = 2;
	strcpy(t.rids[0], "l");
	strcpy(t.rids[1], "h");
	assert_int_equal(router_track(r, 0, &t), OK);
}

static void give_layer(unsigned layer, unsigned n, bool key)
{
	struct in in = video_in(n, key);
	in.ssrc = 0x100 + layer;
	in.rid = layer ? "h" : "l";
	in.seq = (uint16_t)layer_seq[layer]++;
	give(0, &in);
}

static void begin_both(void)
{
	for (unsigned i = 0; i < 30; i++)
		for (unsigned layer = 0; layer < 2; layer++) {
			give_layer(layer, i, i == 0);
			flush();
			pass_us(1000);
		}
	forget_all();
}

/* Four packets: the upper layer begins a new numbering, then each layer has a keyframe. */
static void alternate(unsigned n)
{
	layer_seq[1] += 5000;
	give_layer(1, n, false);
	give_layer(1, n, false);
	give_layer(0, n, true);
	give_layer(1, n, true);
}

static void layers_are_told_a_few_times_a_second(void **state)
{
	unsigned events = 0;
	(void)state;
	use_two_layers();
	begin_both();
	for (unsigned n = 0; n < 1000; n++) { /* ten seconds */
		alternate(100 + n);
		flush();
		pass_us(10000);
		events += count_told('l', 1);
		forget_all();
	}
	assert_in_range(events, 10, 45);
}

static void the_last_layer_is_told_in_the_end(void **state)
{
	struct track_stats ts[4];
	int last = -2;
	(void)state;
	use_two_layers();
	begin_both();
	for (unsigned n = 0; n < 30; n++)
		alternate(100 + n);
	layer_seq[1] += 5000;
	give_layer(1, 200, false);
	give_layer(1, 200, false);
	give_layer(0, 200, true);
	flush();
	assert_int_equal(count_told('l', 1), 4); /* and two before them */
	router_stats(r, 1, ts, 4);
	assert_int_equal(ts[VIDEO].substream, 0);
	pass_us(1200000);
	for (unsigned i = 0; i < n_told; i++)
		if (told[i].what == 'l')
			last = told[i].a;
	assert_int_equal(count_told('l', 1), 5);
	assert_int_equal(last, 0);
	forget_all();
	pass_us(3000000);
	assert_int_equal(count_told('l', 1), 0);
}

static void no_packet_goes_twice_when_layers_alternate(void **state)
{
	(void)state;
	use_two_layers();
	begin_both();
	for (unsigned n = 0; n < 50; n++)
		alternate(100 + n);
	flush();
	assert_in_range(n_outs, 50, 200); /* as many as came, at most */
}

/* Each keyframe of the lower layer comes after hundreds that follow it. */
static void late_keyframes_bring_what_follows_once(void **state)
{
	unsigned first, in = 0;
	(void)state;
	use_two_layers();
	begin_both();
	first = layer_seq[0];
	layer_seq[0] += 20; /* numbers of the keyframes to come */
	for (unsigned i = 0; i < 150; i++) {
		give_layer(0, 200 + i, false);
		flush();
	}
	pass_us(1000);
	forget_all();
	for (unsigned n = 0; n < 15; n++, in += 4) {
		struct in late = video_in(150 + n, true);
		late.ssrc = 0x100;
		late.seq = (uint16_t)(first + 15 - n);
		layer_seq[1] += 5000;
		give_layer(1, n, false);
		give_layer(1, n, false);
		give(0, &late);
		flush();
		give_layer(1, n, true);
		flush();
	}
	assert_in_range(n_outs, 1, 150 + in);
}

/* ---- talking ---- */

static void give_sound(unsigned n, unsigned level)
{
	struct in in = audio_in(n);
	in.level = (int)level + 1;
	give(0, &in);
	flush();
}

/* 20000 packets a second for a second, loud and silent by turns. @return reports of talking. */
static unsigned flood_with_sound(unsigned turn)
{
	static unsigned n;
	unsigned events = 0;
	for (unsigned i = 0; i < 20000; i++) {
		give_sound(n++, i / turn & 1 ? 127 : 5);
		pass_us(50);
		events += count_told('t', 0);
		forget_all();
	}
	return events;
}

static void talking_is_told_a_few_times_a_second(void **state)
{
	(void)state;
	router_watch_level(r, 0, AUDIO, 100, 25);
	assert_int_equal(flood_with_sound(100), 0); /* neither, on the average */
	assert_in_range(flood_with_sound(4001), 2, 5);
	assert_int_equal(flood_with_sound(10000), 2); /* what lasts is told, at any rate */
}

/* ---- keyframes ---- */

static unsigned frame;

/* A picture each 40 ms, a keyframe when one was asked for. @return how many were. */
static unsigned show(unsigned ms, unsigned beggars)
{
	unsigned asked = 0;
	for (unsigned i = 0; i < ms / 40; i++) {
		struct in in = video_in(frame++, count_heard(RTCP_PLI, 0));
		asked += count_heard(RTCP_PLI, 0);
		forget_all();
		give(0, &in);
		flush();
		for (unsigned k = 0; k < 4; k++) {
			for (uint32_t slot = 1; slot <= beggars; slot++) {
				rtcp_put_pli(rtcp_begin(), 1, 1000 * slot + VIDEO);
				rtcp_put_fir(&rtcp_in, 1, 1000 * slot + VIDEO, (uint8_t)frame);
				rtcp_arrives(slot);
			}
			pass_us(10000);
		}
	}
	return asked;
}

static void who_begs_for_keyframes_gets_fewer_and_fewer(void **state)
{
	(void)state;
	frame = 1;
	show(1000, 0);
	assert_in_range(show(5000, 1), 9, 11); /* honest needs, at once */
	assert_in_range(show(55000, 1), 3, 6);
	assert_in_range(show(60000, 1), 3, 5);
	show(160000, 0);
	assert_in_range(show(4000, 1), 9, 11); /* it was good again for long enough */
}

static void a_crowd_of_beggars_does_not_get_them_all_the_time(void **state)
{
	(void)state;
	frame = 1;
	for (uint32_t slot = 2; slot < PEERS; slot++) {
		open_peer(slot, false, true);
		route_to(0, slot, VIDEO);
	}
	show(1000, 0);
	assert_in_range(show(60000, PEERS - 1), 20, 7 * 16);
	assert_in_range(show(60000, PEERS - 1), 4, 7 * 5);
}

static void who_begs_does_not_keep_others_from_theirs(void **state)
{
	(void)state;
	frame = 1;
	show(30000, 1);
	for (uint32_t slot = 2; slot < 6; slot++) {
		open_peer(slot, false, true);
		pass_us(400000); /* no keyframe is on its way */
		struct in in = video_in(frame++, false);
		give(0, &in);
		flush();
		forget_all();
		route_to(0, slot, VIDEO);
		assert_int_equal(count_heard(RTCP_PLI, 0), 1);
		show(1000, 1);
	}
	pass_us(400000);
	struct in in = video_in(frame++, false);
	give(0, &in);
	forget_all();
	rtcp_put_pli(rtcp_begin(), 1, 2001); /* and who lost something */
	rtcp_arrives(2);
	assert_int_equal(count_heard(RTCP_PLI, 0), 1);
}

static void wishes_over_a_trunk_are_within_the_same_budget(void **state)
{
	unsigned asked;
	(void)state;
	split(1u << 2);
	open_peer(2, false, true);
	route_to(0, 2, VIDEO);
	frame = 1;
	show(1000, 0);
	asked = 0;
	for (unsigned i = 0; i < 60; i++) {
		for (unsigned k = 0; k < 25; k++) {
			asked += show(40, 0);
			rtcp_put_pli(rtcp_begin(), 1, 2001);
			rtcp_arrives(2);
		}
	}
	assert_in_range(asked, 10, 16);
}

static void changing_layers_for_ever_is_begging(void **state)
{
	struct route route = {
		.from_peer = 0, .to_slot = 1, .from_mindex = VIDEO, .to_mindex = VIDEO
	};
	unsigned asked = 0;
	(void)state;
	frame = 1;
	show(1000, 0);
	for (unsigned i = 0; i < 60 * 5; i++) {
		route.paused = 1;
		assert_int_equal(router_route(r, &route), OK);
		route.paused = 0;
		assert_int_equal(router_route(r, &route), OK);
		asked += show(200, 0);
	}
	assert_in_range(asked, 10, 16);
}

static void look_at(unsigned speaker)
{
	struct route route = {
		.from_peer = speaker ? 2 : 0, .to_slot = 1, .from_mindex = VIDEO, .to_mindex = VIDEO
	};
	assert_int_equal(router_route(r, &route), OK);
}

/* Two speakers, 40 ms a picture; each brings a keyframe when it is asked. @return how often. */
static unsigned both_show(unsigned ms)
{
	unsigned asked = 0;
	for (unsigned i = 0; i < ms / 40; i++, frame++) {
		for (uint32_t slot = 0; slot <= 2; slot += 2) {
			struct in in = video_in(frame, count_heard(RTCP_PLI, slot));
			asked += count_heard(RTCP_PLI, slot);
			give(slot, &in);
		}
		forget_all();
		flush();
		pass_us(40000);
		router_heard(r, 1, now_us);
	}
	return asked;
}

static void who_follows_the_speaker_does_not_wait(void **state)
{
	(void)state;
	open_peer(2, true, false);
	frame = 1;
	look_at(0);
	both_show(1000);
	for (unsigned i = 1; i < 60; i++) { /* two minutes */
		look_at(i & 1);
		assert_int_equal(count_heard(RTCP_PLI, i & 1 ? 2 : 0), 1);
		assert_int_equal(both_show(2000), 1);
	}
	unsigned asked = 0;
	for (unsigned i = 0; i < 300; i++) { /* but who turns the head all the time does */
		look_at(i & 1);
		asked += both_show(200);
	}
	assert_in_range(asked, 10, 42);
}

/* ---- RTCP ---- */

static void who_says_too_much_is_not_listened_to(void **state)
{
	struct rtcp_block lies[31] = { 0 };
	(void)state;
	struct in in = video_in(1, true);
	give(0, &in);
	flush();
	rtcp_put_remb(rtcp_begin(), 1, 100001, NULL, 0);
	for (unsigned i = 0; i < 100; i++) {
		rtcp_arrives(1);
		rtcp_in = (struct rtcp_buf){ rtcp_in_room, 0, sizeof rtcp_in_room, false };
		rtcp_put_rr(&rtcp_in, 1, lies, 31);
	}
	rtcp_put_remb(rtcp_begin(), 1, 100002, NULL, 0);
	rtcp_arrives(1);
	pass_us(1200000);
	for (unsigned i = 0; i < n_told; i++)
		if (told[i].what == 'e')
			assert_int_equal(told[i].a, 100001);
	assert_int_equal(count_told('e', 1), 1);
	in = video_in(2, false);
	give(0, &in);
	flush();
	rtcp_put_remb(rtcp_begin(), 1, 100003, NULL, 0);
	rtcp_arrives(1);
	pass_us(1200000);
	assert_int_equal(told[n_told - 1].a, 100003);
}

/* ---- NACKs ---- */

static void give_pictures(unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++) {
		struct in in = video_in(i, i == 1);
		give(0, &in);
		flush();
		pass_us(1000);
	}
}

static void answers_to_nacks_are_no_more_than_what_was_sent(void **state)
{
	uint16_t first, seqs[400];
	(void)state;
	give_pictures(1, 400);
	first = outs[0].k.seq;
	for (unsigned i = 0; i < 400; i++)
		seqs[i] = (uint16_t)(first + i);
	n_outs = 0;
	for (unsigned round = 0; round < 20; round++) {
		rtcp_put_nack(rtcp_begin(), 1, 1001, seqs, 400);
		rtcp_arrives(1);
		pass_us(50000);
	}
	assert_in_range(n_outs, 400, 400 + 64);
}

static void asking_in_vain_costs_too(void **state)
{
	uint16_t first, seqs[272];
	(void)state;
	give_pictures(1, 10);
	first = outs[0].k.seq;
	for (unsigned i = 0; i < 272; i++) /* never sent */
		seqs[i] = (uint16_t)(first + 1000 + i);
	n_outs = 0;
	for (unsigned i = 0; i < 10; i++) {
		rtcp_put_nack(rtcp_begin(), 1, 1001, seqs, 272);
		rtcp_arrives(1);
	}
	nack_from(1, 1001, first);
	assert_int_equal(n_outs, 0);
	give_pictures(11, 5); /* and is earned again */
	n_outs = 0;
	nack_from(1, 1001, first);
	assert_int_equal(n_outs, 1);
}

/* ---- transport-wide feedback ---- */

static void numbers_that_jump_do_not_make_feedback_flow(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) { /* a second */
		struct in in = audio_in(i);
		in.twcc = 1 + (int)(uint16_t)(i * 411);
		give(0, &in);
		pass_us(1000);
		n_outs = 0;
	}
	assert_in_range(count_heard(RTCP_TWCC, 0), 5, 110);
	for (unsigned i = 0; i < 60; i++) { /* and it is right again */
		struct in in = audio_in(1000 + i);
		in.twcc = 2 + (int)(uint16_t)(999 * 411) + (int)i;
		n_heard = 0;
		give(0, &in);
		pass_us(20000);
	}
	assert_in_range(heard_covered, 9, 11);
}

/* ---- memory ---- */

static void one_publisher_does_not_take_all_packets(void **state)
{
	unsigned n = 0;
	(void)state;
	pool_destroy(packets);
	packets = pool_create("packets", sizeof(struct pkt), 1200);
	for (unsigned m = 2; m < 12; m++) { /* ten cameras: caches of 512 each */
		struct track t = track_in(VIDEO), out = track_out(VIDEO, 1);
		struct route route = { .from_peer = 0, .to_slot = 1 };
		t.mindex = out.mindex = route.from_mindex = route.to_mindex = (uint16_t)m;
		t.ssrc[0] = 0x9000 + m;
		out.out_ssrc = 0x8000 + m;
		assert_int_equal(router_track(r, 0, &t), OK);
		assert_int_equal(router_track(r, 1, &out), OK);
		assert_int_equal(router_route(r, &route), OK);
	}
	for (unsigned i = 0; i < 400; i++) {
		for (unsigned m = 2; m < 12; m++) {
			struct in in = video_in(i, i == 0);
			in.ssrc = 0x9000 + m;
			give(0, &in);
		}
		flush();
		n += n_outs;
		n_outs = n_heard = 0;
		pass_us(500);
	}
	assert_int_equal(n, 4000); /* they pass all the same */
	assert_in_range(
		pool_used(packets), 500, 600); /* half, and the other half is there for others */
	give_pictures(1, 3);
	n_outs = 0;
	struct in in = video_in(399, false);
	in.ssrc = 0x9002;
	in.seq = 400;
	give(0, &in);
	flush();
	nack_from(1, 0x8002, outs[0].k.seq); /* of its own the newest are kept */
	assert_int_equal(n_outs, 2);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(layers_are_told_a_few_times_a_second),
		T(the_last_layer_is_told_in_the_end),
		T(no_packet_goes_twice_when_layers_alternate),
		T(late_keyframes_bring_what_follows_once),
		T(talking_is_told_a_few_times_a_second),
		T(who_begs_for_keyframes_gets_fewer_and_fewer),
		T(a_crowd_of_beggars_does_not_get_them_all_the_time),
		T(who_begs_does_not_keep_others_from_theirs),
		T(wishes_over_a_trunk_are_within_the_same_budget),
		T(changing_layers_for_ever_is_begging),
		T(who_follows_the_speaker_does_not_wait),
		T(who_says_too_much_is_not_listened_to),
		T(answers_to_nacks_are_no_more_than_what_was_sent),
		T(asking_in_vain_costs_too),
		T(numbers_that_jump_do_not_make_feedback_flow),
		T(one_publisher_does_not_take_all_packets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
