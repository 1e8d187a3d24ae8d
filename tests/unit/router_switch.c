/* SPDX-License-Identifier: Apache-2.0 */
/* From one source to another: what a subscriber sees when its publisher changes, pauses or is
 * muted. */
#include "router_world.h"

static void an_old_source_is_let_go_when_the_new_one_stays_away(void **state)
{
	(void)state;
	open_peer(2, true, false);
	video(1, true);
	route_to(2, 1, VIDEO);
	pass_us(3000000);
	forget_all();
	video(2, false);
	assert_int_equal(n_outs, 0);
}

static void audio_switches_at_once(void **state)
{
	struct in in = audio_in(1), other = audio_in(9000);
	(void)state;
	open_peer(2, true, false);
	give(0, &in);
	router_flush(r, now_us);
	route_to(2, 1, AUDIO);
	pass_us(20000);
	give(2, &other);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 2);
	assert_int_equal((uint16_t)(outs[1].k.seq - outs[0].k.seq), 1);
	assert_int_equal(outs[1].k.ts - outs[0].k.ts, 960);
}

static void mute_drops_and_unmute_goes_on_at_a_keyframe(void **state)
{
	struct track_stats st[4];
	(void)state;
	video(1, true);
	router_mute(r, 0, VIDEO, true);
	video(2, true);
	assert_int_equal(n_outs, 1);
	router_stats(r, 0, st, 4);
	assert_int_equal(st[1].in[0].packets, 2);
	forget_all();
	router_mute(r, 0, VIDEO, false);
	assert_int_equal(count_heard(RTCP_PLI, 0), 1);
	video(3, false);
	assert_int_equal(n_outs, 0);
	video(4, true);
	assert_int_equal(n_outs, 1);
}

static void a_paused_route_is_quiet_and_resumes_at_a_keyframe(void **state)
{
	struct route route = {
		.from_peer = 0, .to_slot = 1, .from_mindex = VIDEO, .to_mindex = VIDEO, .paused = 1
	};
	uint16_t seq;
	(void)state;
	video(1, true);
	seq = outs[0].k.seq;
	assert_int_equal(router_route(r, &route), OK);
	video(2, true);
	assert_int_equal(n_outs, 1);
	forget_all();
	route.paused = 0;
	assert_int_equal(router_route(r, &route), OK);
	assert_int_equal(count_heard(RTCP_PLI, 0), 1);
	video(3, false);
	assert_int_equal(n_outs, 0);
	video(4, true);
	assert_int_equal((uint16_t)(outs[0].k.seq - seq), 1);
}

static void who_joins_a_slow_stream_does_not_wait_for_its_next_picture(void **state)
{
	(void)state;
	video(1, true);
	for (unsigned n = 2; n < 6; n++, pass_us(2960000))
		video(n, false);
	open_peer(2, false, true);
	forget_all();
	route_to(0, 2, VIDEO); /* three seconds after the last one */
	assert_int_equal(count_heard(RTCP_PLI, 0), 1);
}

static void padding_and_foreign_payload_types_leave_no_gap(void **state)
{
	struct in pad = audio_in(2), dtmf = audio_in(3), next = audio_in(4), first = audio_in(1);
	(void)state;
	give(0, &first);
	pad.len = 0;
	give(0, &pad);
	dtmf.pt = 126;
	give(0, &dtmf);
	give(0, &next);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 2);
	assert_int_equal((uint16_t)(outs[1].k.seq - outs[0].k.seq), 1);
}

static void other_codecs_are_not_mixed(void **state)
{
	struct track t = track_out(VIDEO, 1);
	(void)state;
	t.codec = CARDEA_VP9;
	router_track(r, 1, &t);
	video(1, true);
	assert_int_equal(n_outs, 0);
}

static void an_inactive_track_is_inert_and_revives(void **state)
{
	struct track t = track_in(VIDEO), none = t;
	(void)state;
	none.dir = CARDEA_INACTIVE;
	video(1, true);
	assert_int_equal(router_track(r, 0, &none), OK);
	video(2, true);
	assert_int_equal(n_outs, 1);
	assert_int_equal(router_track(r, 0, &t), OK);
	video(3, false);
	assert_int_equal(n_outs, 1);
	video(4, true);
	assert_int_equal(n_outs, 2);
	assert_int_equal((uint16_t)(outs[1].k.seq - outs[0].k.seq), 1);
}

/* What nobody kept of the old source says nothing about a keyframe of the new one. */
static void a_new_source_is_not_measured_by_the_old_ones_numbers(void **state)
{
	struct track t = track_in(VIDEO), none = t;
	struct in in = video_in(30000, true);
	(void)state;
	video(40000, true);
	router_unroute(r, 1, VIDEO);
	video(40001, false);
	none.dir = CARDEA_INACTIVE;
	assert_int_equal(router_track(r, 0, &none), OK);
	t.ssrc[0] = in.ssrc = 0x51de1;
	assert_int_equal(router_track(r, 0, &t), OK);
	route_to(0, 1, VIDEO);
	give(0, &in);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 2);
}

static void routes_end_with_either_peer(void **state)
{
	(void)state;
	open_peer(2, false, true);
	route_to(0, 2, VIDEO);
	video(1, true);
	router_peer_close(r, 1);
	forget_all();
	video(2, false);
	assert_int_equal(n_outs, 1);
	router_peer_close(r, 0);
	open_peer(0, true, false);
	video(3, true);
	assert_int_equal(n_outs, 1);
	assert_int_equal(
		router_route(r, &(struct route){ .from_peer = 0, .to_slot = 1 }), ERR_NOT_FOUND);
}

static void an_echo_is_a_route_to_oneself(void **state)
{
	struct in in = video_in(1, true);
	(void)state;
	open_peer(3, true, true);
	route_to(3, 3, VIDEO);
	give(3, &in);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 1);
	assert_int_equal(outs[0].slot, 3);
	assert_int_equal(outs[0].k.ssrc, 3001);
	forget_all();
	pass_us(400000);
	rtcp_put_pli(rtcp_begin(), 1, 3001);
	rtcp_arrives(3);
	assert_int_equal(count_heard(RTCP_PLI, 3), 1);
	assert_int_equal(last_heard(RTCP_PLI, 3)->ssrc, 0x51de0);
}

static void unknown_ssrcs_fall_back_to_the_payload_type(void **state)
{
	struct in in = audio_in(1);
	(void)state;
	in.mid = NULL;
	give(0, &in);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 1);
	in.ssrc++; /* the track has its source */
	give(0, &in);
	in.ssrc++;
	in.mid = "x"; /* names another m-line */
	give(0, &in);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 1);
	pass_us(1100000);
	in.ssrc++;
	in.mid = NULL;
	give(0, &in);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 2);
	assert_int_equal((uint16_t)(outs[1].k.seq - outs[0].k.seq), 1);
}

/* RFC 8285, section 5: what only comes is not written, what only goes is not read. */
static void an_extension_goes_its_way(void **state)
{
	const uint16_t level = 1u << CARDEA_EXT_AUDIO_LEVEL;
	struct in in = audio_in(1);
	(void)state;
	in.level = 30;
	for (unsigned i = 0; i < 9; i++) {
		struct track from = track_in(AUDIO), to = track_out(AUDIO, 1);
		bool comes = i / 3 != 2, goes = i % 3 != 1;
		from.ext_recv_only = i / 3 == 1 ? level : 0;
		from.ext_send_only = i / 3 == 2 ? level : 0;
		to.ext_recv_only = i % 3 == 1 ? level : 0;
		to.ext_send_only = i % 3 == 2 ? level : 0;
		router_track(r, 0, &from);
		router_track(r, 1, &to);
		route_to(0, 1, AUDIO);
		forget_all();
		in.seq++;
		give(0, &in);
		flush();
		assert_int_equal(n_outs, 1);
		assert_int_equal(outs[0].k.ext_len[ID_LEVEL], comes && goes ? 1 : 0);
		assert_true(outs[0].k.ext_len[ID_MID]);
	}
}

static void a_routes_delay_overrides_the_publishers(void **state)
{
	struct track t = track_out(VIDEO, 1);
	struct route route = { .from_peer = 0,
		.to_slot = 1,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO,
		.min_delay = 11,
		.max_delay = 21 };
	(void)state;
	t.ext[CARDEA_EXT_PLAYOUT_DELAY] = ID_DELAY;
	router_track(r, 1, &t);
	router_route(r, &route);
	video(1, true);
	assert_int_equal(outs[0].k.ext_len[ID_DELAY], 3);
	assert_memory_equal(outs[0].k.data + outs[0].k.ext_off[ID_DELAY], "\0\xa0\x14", 3);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, routed_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(an_old_source_is_let_go_when_the_new_one_stays_away),
		T(audio_switches_at_once),
		T(mute_drops_and_unmute_goes_on_at_a_keyframe),
		T(a_paused_route_is_quiet_and_resumes_at_a_keyframe),
		T(who_joins_a_slow_stream_does_not_wait_for_its_next_picture),
		T(padding_and_foreign_payload_types_leave_no_gap),
		T(other_codecs_are_not_mixed),
		T(an_inactive_track_is_inert_and_revives),
		T(a_new_source_is_not_measured_by_the_old_ones_numbers),
		T(routes_end_with_either_peer),
		T(an_echo_is_a_route_to_oneself),
		T(unknown_ssrcs_fall_back_to_the_payload_type),
		T(an_extension_goes_its_way),
		T(a_routes_delay_overrides_the_publishers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
