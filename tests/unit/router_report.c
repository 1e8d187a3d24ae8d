/* SPDX-License-Identifier: Apache-2.0 */
#include "router_world.h"

static int setup(void **state)
{
	if (world_setup(state))
		return 1;
	open_peer(0, true, false);
	open_peer(1, false, true);
	route_to(0, 1, AUDIO);
	route_to(0, 1, VIDEO);
	return 0;
}

static unsigned frames;

/* 20 ms of audio each, a picture with every second. */
static void flow(unsigned n)
{
	for (; n--; frames++) {
		struct in a = audio_in(frames), v = video_in(frames / 2, frames == 0);
		give(0, &a);
		if (!(frames & 1))
			give(0, &v);
		router_flush(r, now_us);
		pass_us(20000);
	}
}

static void reports_come_once_a_second_while_media_flows(void **state)
{
	(void)state;
	frames = 0;
	flow(150);
	assert_in_range(count_heard(RTCP_SR, 1), 4, 6); /* two tracks */
	assert_in_range(count_heard(RTCP_REPORT_BLOCK, 0), 4, 6);
	assert_int_equal(count_heard(RTCP_SR, 0), 0);
	assert_in_range(last_heard(RTCP_SR, 1)->sr.packets, 50,
		75); /* of video, told last, before its end */
	pass_us(5000000);
	forget_all();
	pass_us(5000000);
	assert_int_equal(n_heard, 0);
	assert_true(sleeps()); /* silent peers cost nothing */
}

/* NTP time as a peer's clock shows it, an hour behind ours. */
static uint64_t their_ntp(int64_t at_us)
{
	return clock_ntp(at_us + 3600 * US_PER_S);
}

static void audio_and_video_stay_in_step(void **state)
{
	uint64_t ntp_a = 0, ntp_v = 1;
	uint32_t audio_at = 0, video_at = 0;
	double a_s = 0, v_s = 0;
	(void)state;
	frames = 0;
	flow(2);
	/* The peer's clocks: audio shows 5000 and video 7777777 at one and the same moment. */
	rtcp_put_sr(speak(), 0xa0d10, their_ntp(now_us - 30000), 5000, 1, 1, NULL, 0);
	rtcp_put_sr(&say, 0x51de0, their_ntp(now_us - 30000), 7777777, 1, 1, NULL, 0);
	hear(0);
	flow(110);
	for (unsigned i = 0; i < n_outs; i++) /* where the timestamps of the first packets went */
		if (outs[i].k.ssrc == 1000 && !audio_at)
			audio_at = outs[i].k.ts;
		else if (outs[i].k.ssrc == 1001 && !video_at)
			video_at = outs[i].k.ts;
	for (unsigned i = 0; i < n_heard; i++) {
		const struct rtcp_item *it = &heard[i].item;
		if (it->kind != RTCP_SR || heard[i].slot != 1)
			continue;
		if (it->ssrc == 1000)
			ntp_a = it->sr.ntp,
			a_s = (double)(int32_t)(it->sr.rtp_ts - audio_at - 5000) / 48000;
		else
			ntp_v = it->sr.ntp,
			v_s = (double)(int32_t)(it->sr.rtp_ts - video_at - 7777777) / 90000;
	}
	assert_true(ntp_a == ntp_v); /* both tracks were reported in one compound */
	assert_true(a_s > 0.5 && a_s - v_s < 0.0001 && v_s - a_s < 0.0001);
}

static void round_trip_is_learned_from_report_blocks(void **state)
{
	struct rtcp_block b = { .ssrc = 1000, .lost = 3, .jitter = 480 };
	struct track_stats st[4];
	(void)state;
	frames = 0;
	flow(60);
	forget_all();
	while (!count_heard(RTCP_SR, 1))
		flow(1);
	b.lsr = (uint32_t)(last_heard(RTCP_SR, 1)->sr.ntp >> 16);
	pass_us(180000); /* the report was heard at some time in the flow's last 20 ms */
	b.dlsr = 65536 / 10;
	say = (struct rtcp_buf){ say_room, 0, sizeof say_room, false };
	rtcp_put_rr(&say, 1, &b, 1);
	hear(1);
	router_stats(r, 1, st, 4);
	assert_in_range(st[0].rtt_ms, 79, 101);
	assert_int_equal(st[0].lost_remote, 3);
	assert_int_equal(st[0].jitter_remote_ms, 10);
}

static void our_blocks_echo_the_peers_report(void **state)
{
	const struct rtcp_item *it;
	(void)state;
	frames = 0;
	flow(2);
	rtcp_put_sr(speak(), 0xa0d10, 0x1122334455667788, 1, 1, 1, NULL, 0);
	hear(0);
	forget_all();
	for (unsigned i = 0; i < 60 && !count_heard(RTCP_REPORT_BLOCK, 0); i++)
		flow(1);
	for (unsigned i = 0; i < n_heard; i++) {
		it = &heard[i].item;
		if (it->kind == RTCP_REPORT_BLOCK && it->ssrc == 0xa0d10)
			assert_int_equal(it->block.lsr, 0x33445566);
	}
	it = last_heard(RTCP_REPORT_BLOCK, 0);
	assert_non_null(it);
	assert_int_equal(it->block.lsr, 0); /* of video nothing was reported */
}

static void lost_packets_are_told_both_ways(void **state)
{
	struct rtcp_block b = { .ssrc = 1001, .lost = 9 };
	unsigned up = 0, down = 0;
	(void)state;
	frames = 0;
	flow(10);
	frames += 20; /* of audio 20 are missing, of video 10 */
	flow(60);
	say = (struct rtcp_buf){ say_room, 0, sizeof say_room, false };
	rtcp_put_rr(&say, 1, &b, 1);
	hear(1);
	flow(120);
	for (unsigned i = 0; i < n_told; i++) {
		if (told[i].what != 's')
			continue;
		if (told[i].a) {
			assert_int_equal(told[i].slot, 1);
			assert_int_equal(told[i].b, 9);
			up++;
		} else {
			assert_int_equal(told[i].slot, 0);
			assert_int_equal(told[i].b, told[i].mindex == AUDIO ? 20 : 10);
			down++;
		}
	}
	assert_int_equal(up, 1);
	assert_int_equal(down, 2);
}

static void feedback_about_arrivals_is_sent_every_period(void **state)
{
	unsigned n = 0;
	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		struct in in = audio_in(i);
		in.twcc = (int)i + 1;
		give(0, &in);
		pass_us(20000);
	}
	n = count_heard(RTCP_TWCC, 0);
	assert_in_range(n, 4, 5);
	assert_int_equal(heard_covered, 10);
}

/* on_rtcp() holds all that is sent in all tests to it. @return compounds without a CNAME */
static unsigned bare_feedback(bool audio, bool video)
{
	static int n;
	struct track a = track_in(AUDIO), v = track_in(VIDEO);
	a.rtcp_rsize = audio;
	v.rtcp_rsize = video;
	assert_int_equal(router_track(r, 0, &a), OK);
	assert_int_equal(router_track(r, 0, &v), OK);
	reduced_size = audio && video;
	n_bare = 0;
	forget_all();
	router_limit(r, 0, 200000 + (unsigned)n);
	for (unsigned i = 0; i < 20; i++) {
		struct in in = video_in(2 * (unsigned)n, i == 0); /* every other one is lost */
		in.twcc = ++n;
		give(0, &in);
		pass_us(20000);
	}
	router_keyframe(r, 0, VIDEO);
	pass_us(1000000);
	assert_true(count_heard(RTCP_NACK, 0) && count_heard(RTCP_PLI, 0));
	assert_true(count_heard(RTCP_TWCC, 0) && count_heard(RTCP_REMB, 0));
	return n_bare;
}

static void feedback_is_whole_unless_all_agree_on_less(void **state)
{
	(void)state;
	assert_int_equal(bare_feedback(false, false), 0);
	assert_int_equal(bare_feedback(true, false), 0);
	assert_true(bare_feedback(true, true) > 3);
	assert_int_equal(bare_feedback(false, true), 0);
}

static void a_limit_grows_at_the_start_and_is_repeated(void **state)
{
	uint64_t steps[4];
	unsigned n = 0;
	(void)state;
	frames = 0;
	router_limit(r, 0, 400000);
	assert_int_equal(count_heard(RTCP_REMB, 0), 0); /* nobody to tell it to yet */
	flow(20);
	for (unsigned i = 0; i < n_heard; i++)
		if (heard[i].item.kind == RTCP_REMB) {
			assert_in_range(n, 0, 3);
			steps[n++] = heard[i].item.remb.bps;
		}
	assert_int_equal(n, 4);
	assert_int_equal(steps[0], 100000);
	assert_int_equal(steps[1], 133333);
	assert_int_equal(steps[2], 200000);
	assert_int_equal(steps[3], 400000);
	forget_all();
	for (unsigned i = 0; i < 6; i++, n_outs = 0)
		flow(50);
	assert_int_equal(count_heard(RTCP_REMB, 0), 1);
	forget_all();
	router_limit(r, 0, 200000);
	assert_int_equal(count_heard(RTCP_REMB, 0), 1);
	assert_int_equal(last_heard(RTCP_REMB, 0)->remb.bps, 200000);
	assert_int_equal(last_heard(RTCP_REMB, 0)->ssrc, 0x51de0);
	router_limit(r, 0, 0);
	assert_in_range(last_heard(RTCP_REMB, 0)->remb.bps, 100000000, UINT64_MAX);
}

static void the_peers_own_limit_is_not_passed_to_others(void **state)
{
	(void)state;
	rtcp_put_remb(speak(), 1, 123456, NULL, 0);
	hear(1);
	assert_int_equal(count_heard(RTCP_REMB, 0) + count_heard(RTCP_REMB, 1), 0);
}

static unsigned estimates_told(uint32_t slot, int bps)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_told; i++)
		n += told[i].what == 'e' && told[i].slot == slot && told[i].a == bps;
	return n;
}

static void the_peers_own_limit_is_told_when_it_changes(void **state)
{
	(void)state;
	frames = 0;
	for (unsigned i = 0; i < 20; i++) {
		rtcp_put_remb(speak(), 1, 100000 + i, NULL, 0);
		hear(1);
	}
	flow(60);
	assert_int_equal(estimates_told(1, 100019), 1);
	rtcp_put_remb(speak(), 1, 100019, NULL, 0);
	hear(1);
	flow(60);
	assert_int_equal(estimates_told(1, 100019), 1);
	rtcp_put_remb(speak(), 1, 0, NULL, 0);
	hear(1);
	flow(60);
	assert_int_equal(estimates_told(1, 0), 1);
	assert_int_equal(estimates_told(0, 0) + estimates_told(0, 100019), 0);
}

/* ---- quality ---- */

static struct track_stats stats_of(uint32_t slot, unsigned mindex)
{
	struct track_stats st[4];
	assert_int_equal(router_stats(r, slot, st, 4), 2);
	return st[mindex];
}

static void flow_to_the_next_report(void)
{
	forget_all();
	while (!count_heard(RTCP_REPORT_BLOCK, 0))
		flow(1);
}

static void repair(unsigned n)
{
	struct in rtx = video_in(n, false);
	rtx.pt = 97;
	rtx.ssrc = 0x777;
	rtx.seq = (uint16_t)(900 + n);
	memmove(rtx.payload + 2, rtx.payload, rtx.len);
	wr16(rtx.payload, (uint16_t)n);
	rtx.len += 2;
	give(0, &rtx);
}

static void quality_of_what_comes_is_that_of_the_last_second(void **state)
{
	struct quality q;
	(void)state;
	frames = 0;
	q = stats_of(0, VIDEO).quality_in[0];
	assert_int_equal(q.link + q.media, 0); /* not known */
	flow_to_the_next_report();
	flow_to_the_next_report();
	q = stats_of(0, VIDEO).quality_in[0];
	assert_int_equal(q.link, 100);
	assert_int_equal(q.media, 100);
	frames += 20; /* 10 pictures of 35 */
	flow_to_the_next_report();
	q = stats_of(0, VIDEO).quality_in[0];
	assert_in_range(q.link, 70, 72);
	assert_int_equal(q.media, q.link);
	q = stats_of(0, AUDIO).quality_in[0];
	assert_in_range(q.link, 70, 72);
	assert_int_equal(q.media, q.link); /* nothing is asked for, nothing mended */
	assert_int_equal(stats_of(0, VIDEO).lost[0], 10);
	frames += 20;
	flow(4);
	for (unsigned n = 3; n < 8; n++) /* and 5 of them are sent again */
		repair(frames / 2 - n);
	flow_to_the_next_report();
	q = stats_of(0, VIDEO).quality_in[0];
	assert_in_range(q.link, 70, 72);
	assert_in_range(q.media, 84, 86);
	flow_to_the_next_report();
	q = stats_of(0, VIDEO).quality_in[0];
	assert_int_equal(q.link, 100);
	frames += 20;
	flow(4);
	for (unsigned n = 0; n < 30; n++) /* what came again had come before: a bandwidth probe */
		repair(frames / 2 - 1);
	flow_to_the_next_report();
	q = stats_of(0, VIDEO).quality_in[0];
	assert_in_range(q.link, 70, 72);
	assert_int_equal(q.media, q.link);
}

static void say_fraction(uint8_t fraction)
{
	struct rtcp_block b = { .ssrc = 1001, .fraction = fraction };
	say = (struct rtcp_buf){ say_room, 0, sizeof say_room, false };
	rtcp_put_rr(&say, 1, &b, 1);
	hear(1);
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
	say = (struct rtcp_buf){ say_room, 0, sizeof say_room, false };
	rtcp_put_rr(&say, 1, &b, 1);
	hear(1);
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
#define T(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(reports_come_once_a_second_while_media_flows),
		T(audio_and_video_stay_in_step),
		T(round_trip_is_learned_from_report_blocks),
		T(our_blocks_echo_the_peers_report),
		T(lost_packets_are_told_both_ways),
		T(feedback_about_arrivals_is_sent_every_period),
		T(feedback_is_whole_unless_all_agree_on_less),
		T(a_limit_grows_at_the_start_and_is_repeated),
		T(the_peers_own_limit_is_not_passed_to_others),
		T(the_peers_own_limit_is_told_when_it_changes),
		T(quality_of_what_comes_is_that_of_the_last_second),
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
