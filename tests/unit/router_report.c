/* SPDX-License-Identifier: Apache-2.0 */
/* What the router tells and asks by RTCP (core/router/rtcp): reports, caps by REMB, feedback.
 * router_world.h has the peers. */
#include "router_world.h"

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
	rtcp_put_sr(rtcp_begin(), 0xa0d10, their_ntp(now_us - 30000), 5000, 1, 1, NULL, 0);
	rtcp_put_sr(&rtcp_in, 0x51de0, their_ntp(now_us - 30000), 7777777, 1, 1, NULL, 0);
	rtcp_arrives(0);
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
	rtcp_in = (struct rtcp_buf){ rtcp_in_room, 0, sizeof rtcp_in_room, false };
	rtcp_put_rr(&rtcp_in, 1, &b, 1);
	rtcp_arrives(1);
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
	rtcp_put_sr(rtcp_begin(), 0xa0d10, 0x1122334455667788, 1, 1, 1, NULL, 0);
	rtcp_arrives(0);
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
	rtcp_in = (struct rtcp_buf){ rtcp_in_room, 0, sizeof rtcp_in_room, false };
	rtcp_put_rr(&rtcp_in, 1, &b, 1);
	rtcp_arrives(1);
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

static void a_repeated_packet_is_no_step_of_a_limit(void **state)
{
	struct in in = video_in(500, true);
	(void)state;
	router_limit(r, 0, 400000);
	give(0, &in);
	assert_int_equal(count_heard(RTCP_REMB, 0), 1);
	give(0, &in);
	assert_int_equal(count_heard(RTCP_REMB, 0), 1);
}

static void the_peers_own_limit_is_not_passed_to_others(void **state)
{
	(void)state;
	rtcp_put_remb(rtcp_begin(), 1, 123456, NULL, 0);
	rtcp_arrives(1);
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
		rtcp_put_remb(rtcp_begin(), 1, 100000 + i, NULL, 0);
		rtcp_arrives(1);
	}
	flow(60);
	assert_int_equal(estimates_told(1, 100019), 1);
	rtcp_put_remb(rtcp_begin(), 1, 100019, NULL, 0);
	rtcp_arrives(1);
	flow(60);
	assert_int_equal(estimates_told(1, 100019), 1);
	rtcp_put_remb(rtcp_begin(), 1, 0, NULL, 0);
	rtcp_arrives(1);
	flow(60);
	assert_int_equal(estimates_told(1, 0), 1);
	assert_int_equal(estimates_told(0, 0) + estimates_told(0, 100019), 0);
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

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, routed_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(reports_come_once_a_second_while_media_flows),
		T(audio_and_video_stay_in_step),
		T(round_trip_is_learned_from_report_blocks),
		T(our_blocks_echo_the_peers_report),
		T(lost_packets_are_told_both_ways),
		T(feedback_about_arrivals_is_sent_every_period),
		T(feedback_is_whole_unless_all_agree_on_less),
		T(a_limit_grows_at_the_start_and_is_repeated),
		T(a_repeated_packet_is_no_step_of_a_limit),
		T(the_peers_own_limit_is_not_passed_to_others),
		T(the_peers_own_limit_is_told_when_it_changes),
		T(quality_of_what_comes_is_that_of_the_last_second),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
