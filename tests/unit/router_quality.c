/* SPDX-License-Identifier: Apache-2.0 */
/* How well media comes and goes, as peers report it and clients are told. */
#include "router_world.h"

static void say_fraction(uint8_t fraction)
{
	struct rtcp_block b = { .ssrc = 1001, .fraction = fraction };
	rtcp_in = (struct rtcp_buf){ rtcp_in_room, 0, sizeof rtcp_in_room, false };
	rtcp_put_rr(&rtcp_in, 1, &b, 1);
	rtcp_arrives(1);
}

/* The last @p n packets of video, asked for once each. */
static void ask_again(unsigned n)
{
	for (unsigned i = n_outs; i-- > 0 && n;) {
		if (outs[i].k.ssrc != 1001)
			continue;
		nack_from(1, 1001, outs[i].k.seq);
		n--;
	}
}

/* What is shown at the next tick. */
static struct quality quality_after(uint8_t fraction)
{
	say_fraction(fraction);
	pass_us(1100000);
	return stats_of(1, VIDEO).quality_out;
}

static void quality_of_what_goes_is_as_the_peer_reports(void **state)
{
	struct quality q;
	(void)state;
	frames = 0;
	flow(100);
	q = stats_of(1, VIDEO).quality_out;
	assert_int_equal(q.link + q.media, 0); /* nothing heard yet */
	q = quality_after(64);
	assert_int_equal(q.link, 75);
	assert_int_equal(q.media, 75);
	assert_int_equal(quality_after(255).link, 75); /* nothing was sent meanwhile */
	flow(100);
	assert_int_equal(stats_of(1, VIDEO).quality_out.link, 75); /* nor reported now */
	assert_int_equal(quality_after(1).link, 99);
	flow(2);
	assert_int_equal(quality_after(255).link, 0);
	flow(2);
	assert_int_equal(quality_after(0).link, 100);
}

static void reports_of_one_second_are_taken_together(void **state)
{
	struct quality q;
	(void)state;
	frames = 0;
	while (!count_heard(RTCP_SR, 1)) {
		say_fraction(0);
		flow(1);
	}
	for (unsigned i = 0; i < 3; i++) { /* two pictures each */
		say_fraction(0);
		flow(4);
	}
	say_fraction(0);
	flow(4);
	q = quality_after(128);
	assert_in_range(
		q.link, 87, 88); /* one is lost of eight, or of nine where one came with the tick */
	assert_int_equal(q.media, q.link);
}

static void what_is_sent_again_mends_the_media(void **state)
{
	struct track t = track_out(VIDEO, 1);
	struct quality q;
	(void)state;
	frames = 0;
	flow(100); /* 50 pictures */
	ask_again(10);
	q = quality_after(128);
	assert_int_equal(q.link, 50);
	assert_int_equal(q.media, 50); /* on the same SSRC: the peer's count has them */
	t.rtx_pt = 101;
	t.out_rtx_ssrc = 5555;
	assert_int_equal(router_track(r, 1, &t), OK);
	flow(20); /* 10 pictures */
	ask_again(4);
	assert_int_equal(outs[n_outs - 1].k.ssrc, 5555);
	q = quality_after(128);
	assert_int_equal(q.link, 50);
	assert_int_equal(q.media, 70); /* half of the four came */
	forget_all();
	flow(20);
	ask_again(10);
	pass_us(50000);
	n_outs -= 10;
	ask_again(10); /* all of them twice */
	q = quality_after(128);
	assert_int_equal(q.link, 50);
	assert_int_equal(q.media, 100); /* not more than all */
}

static void says_how_long_packets_can_be_sent_again(void **state)
{
	struct rtcp_block b = { .ssrc = 1001, .dlsr = 0 };
	(void)state;
	frames = 0;
	assert_int_equal(stats_of(1, VIDEO).nack_queue_ms, 500);
	assert_int_equal(stats_of(1, AUDIO).nack_queue_ms, 0); /* not agreed on */
	assert_int_equal(stats_of(0, VIDEO).nack_queue_ms, 0); /* nothing goes there */
	flow(60);
	forget_all();
	while (!count_heard(RTCP_SR, 1))
		flow(1);
	b.lsr = (uint32_t)(last_heard(RTCP_SR, 1)->sr.ntp >> 16);
	pass_us(700000);
	rtcp_in = (struct rtcp_buf){ rtcp_in_room, 0, sizeof rtcp_in_room, false };
	rtcp_put_rr(&rtcp_in, 1, &b, 1);
	rtcp_arrives(1);
	flow(60);
	assert_in_range(stats_of(1, VIDEO).nack_queue_ms, 799, 821);
	router_unroute(r, 1, VIDEO);
	assert_int_equal(stats_of(1, VIDEO).nack_queue_ms, 0);
}

static unsigned told_to_come(unsigned mindex)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_told; i++)
		n += told[i].what == 'r' && told[i].mindex == mindex && told[i].b;
	return n;
}

static unsigned told_to_stop(unsigned mindex)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_told; i++)
		n += told[i].what == 'r' && told[i].mindex == mindex && !told[i].b;
	return n;
}

static void show(unsigned n, unsigned ms)
{
	for (; n--; frames++) {
		struct in in = video_in(frames, !frames);
		give(0, &in);
		router_flush(r, now_us);
		pass_us(1000LL * ms);
	}
}

static void slow_video_is_not_told_to_stop_and_go(void **state)
{
	(void)state;
	frames = 0;
	show(50, 40);
	forget_all();
	show(10, 1000); /* as slow as browsers repeat a picture that stands still */
	show(10, 1300);
	show(6, 3000);
	assert_in_range(told_to_stop(VIDEO), 0, 3); /* once for each change of pace */
	assert_int_equal(told_to_come(VIDEO), told_to_stop(VIDEO));
	forget_all();
	for (unsigned i = 0; i < 5; i++) { /* something moves, and stands still again */
		show(10, 100);
		show(3, 1500);
	}
	assert_int_equal(told_to_stop(VIDEO), 0);
	show(250, 40); /* it is a camera now, and is switched off */
	forget_all();
	pass_us(2200000);
	assert_int_equal(told_to_stop(VIDEO), 1);
	pass_us(60000000); /* and on */
	show(200, 40);
	forget_all();
	pass_us(2200000);
	assert_int_equal(told_to_stop(VIDEO), 1);
}

static void what_is_tuned_is_in_force_at_once(void **state)
{
	struct router_tuning t = {
		.nack_history_us = 300000, .no_media_s = 0, .slowlink_threshold = 2
	};
	struct track_stats st[2];
	(void)state;
	router_tune(r, &t);
	route_to(0, 1, VIDEO);
	frames = 0;
	show(50, 40);
	assert_int_equal(router_stats(r, 1, st, 2), 2);
	assert_int_equal(st[1].nack_queue_ms, 300);
	forget_all();
	pass_us(10000000); /* nothing comes any more, and is not told */
	assert_int_equal(told_to_stop(VIDEO), 0);
	t.no_media_s = 3; /* who is silent already is told of, too */
	router_tune(r, &t);
	pass_us(1200000);
	assert_int_equal(told_to_stop(VIDEO), 1);
	t.nack_history_us = 800000;
	router_tune(r, &t);
	show(50, 40);
	router_stats(r, 1, st, 2);
	assert_int_equal(st[1].nack_queue_ms, 800);
	forget_all();
	frames += 3; /* three are lost */
	show(50, 40);
	unsigned slow = 0;
	for (unsigned i = 0; i < n_told; i++)
		slow += told[i].what == 's' && told[i].mindex == VIDEO;
	assert_int_equal(slow, 1);
}

static void sound_of_which_nothing_comes_is_told_after_a_second(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		struct in in = audio_in(i);
		give(0, &in);
		pass_us(20000);
	}
	forget_all();
	pass_us(2100000);
	assert_int_equal(told_to_stop(AUDIO), 1);
}

static void what_was_stopped_by_agreement_is_news_again(void **state)
{
	struct track t = track_in(AUDIO);
	struct in first = audio_in(1), second = audio_in(2);
	(void)state;
	give(0, &first);
	assert_int_equal(told_to_come(AUDIO), 1);
	t.dir = CARDEA_INACTIVE;
	assert_int_equal(router_track(r, 0, &t), OK);
	t.dir = CARDEA_RECV;
	assert_int_equal(router_track(r, 0, &t), OK);
	give(0, &second);
	assert_int_equal(told_to_come(AUDIO), 2);
}

static void totals_add_up(void **state)
{
	struct track_stats st[4];
	(void)state;
	frames = 0;
	flow(120);
	assert_int_equal(router_stats(r, 0, st, 4), 2);
	assert_int_equal(st[0].in[0].packets, 120);
	assert_int_equal(st[0].ssrc_in[0], 0xa0d10);
	assert_int_equal(st[1].keyframes, 1);
	assert_in_range(st[0].bytes_in_lastsec[0], 49 * 20, 51 * 40);
	assert_int_equal(router_stats(r, 1, st, 1), 1);
	assert_int_equal(st[0].out.packets, 120);
	assert_int_equal(st[0].ssrc_out, 1000);
	assert_int_equal(router_stats(r, 7, st, 4), 0);
}

static unsigned outs_of(unsigned mindex)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_outs; i++)
		n += outs[i].k.pt == (mindex == AUDIO ? 112 : 100);
	return n;
}

static void who_is_not_heard_any_more_gets_no_video(void **state)
{
	(void)state;
	frames = 0;
	for (unsigned s = 0; s < 12; s++) { /* checks alone, at the pace of an idle browser */
		flow(50);
		if (s % 6 == 0)
			router_heard(r, 1, now_us);
	}
	forget_all();
	flow(50);
	assert_int_equal(outs_of(VIDEO), 25);
	flow(400);
	forget_all();
	flow(50);
	assert_int_equal(outs_of(VIDEO), 0);
	assert_int_equal(outs_of(AUDIO), 50);
	assert_int_equal(count_heard(RTCP_PLI, 0), 0);
	router_heard(r, 1, now_us);
	assert_int_equal(count_heard(RTCP_PLI, 0), 1);
	struct in key = video_in(frames / 2, true);
	frames += 2;
	give(0, &key);
	flow(50);
	assert_int_equal(outs_of(VIDEO), 26);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, routed_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(quality_of_what_goes_is_as_the_peer_reports),
		T(reports_of_one_second_are_taken_together),
		T(what_is_sent_again_mends_the_media),
		T(says_how_long_packets_can_be_sent_again),
		T(slow_video_is_not_told_to_stop_and_go),
		T(what_is_tuned_is_in_force_at_once),
		T(sound_of_which_nothing_comes_is_told_after_a_second),
		T(what_was_stopped_by_agreement_is_news_again),
		T(totals_add_up),
		T(who_is_not_heard_any_more_gets_no_video),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
