/* SPDX-License-Identifier: Apache-2.0 */
/* Every reason of core/router/why.c is made here, and ends. */
#include "router_world.h"

static unsigned pictures, sounds;

static int setup(void **state)
{
	if (world_setup(state))
		return 1;
	pictures = sounds = 0;
	open_peer(0, true, false);
	open_peer(1, false, true);
	route_to(0, 1, VIDEO);
	route_to(0, 1, AUDIO);
	forget_all();
	return 0;
}

/* The same with the subscriber on a worker of its own. */
static int setup_split(void **state)
{
	if (world_setup(state))
		return 1;
	pictures = sounds = 0;
	split(1u << 1);
	open_peer(0, true, false);
	open_peer(1, false, true);
	route_to(0, 1, VIDEO);
	forget_all();
	return 0;
}

static struct why sending(unsigned mindex)
{
	return stats_of(1, mindex).why_out;
}

static struct why receiving(unsigned mindex)
{
	return stats_of(0, mindex).why_in;
}

static void all_are_heard(void)
{
	router_heard(r, 0, now_us);
	router_heard(of(1), 1, now_us);
}

static void wait_s(unsigned seconds)
{
	while (seconds--) {
		all_are_heard();
		pass_us(US_PER_S);
	}
}

/** Pictures at @p fps for so long, the first a keyframe. */
static void film(unsigned fps, unsigned seconds)
{
	for (unsigned i = 0; i < fps * seconds; i++) {
		struct in in = video_in(pictures++, i == 0);
		all_are_heard();
		give(0, &in);
		flush();
		pass_us(US_PER_S / fps);
	}
}

static void talk(unsigned a_second, unsigned seconds)
{
	for (unsigned i = 0; i < a_second * seconds; i++) {
		struct in in = audio_in(sounds++);
		all_are_heard();
		give(0, &in);
		flush();
		pass_us(US_PER_S / a_second);
	}
}

#define assert_sending(mindex, reason)   assert_int_equal(sending(mindex).code, reason)
#define assert_receiving(mindex, reason) assert_int_equal(receiving(mindex).code, reason)

static void video_flows(void)
{
	film(25, 3);
	assert_sending(VIDEO, WHY_WELL);
	assert_receiving(VIDEO, WHY_WELL);
}

/* ---- both directions ---- */

static void waits_for_the_transport(void **state)
{
	struct track in = track_in(VIDEO), out = track_out(VIDEO, 3);
	struct track_stats s[2];
	(void)state;
	router_peer_open(r, 2);
	router_peer_open(r, 3);
	router_track(r, 2, &in);
	router_track(r, 3, &out);
	router_stats(r, 2, s, 2);
	assert_int_equal(s[0].why_in.code, WHY_NOT_UP);
	router_stats(r, 3, s, 2);
	assert_int_equal(s[0].why_out.code, WHY_NOT_UP);
	wait_s(7);
	assert_int_equal(
		n_whys, 4); /* of the m-lines of peers 0 and 1: its worker tells of 2 and 3 */
	router_peer_up(r, 2);
	router_peer_up(r, 3);
	router_stats(r, 2, s, 2);
	assert_int_equal(s[0].why_in.code, WHY_NO_PACKETS);
	router_stats(r, 3, s, 2);
	assert_int_equal(s[0].why_out.code, WHY_NO_ROUTE);
}

static void peer_is_silent(void **state)
{
	(void)state;
	video_flows();
	for (unsigned i = 0; i < 9; i++) {
		router_heard(r, 1, now_us);
		pass_us(US_PER_S);
	}
	assert_receiving(VIDEO, WHY_PEER_SILENT);
	assert_in_range(now_us - receiving(VIDEO).since_us, 9 * US_PER_S, 9 * US_PER_S + 40000);
	assert_receiving(AUDIO, WHY_PEER_SILENT);
	video_flows();
	assert_receiving(AUDIO, WHY_NO_PACKETS);
	for (unsigned i = 0; i < 9 * 25; i++) {
		struct in in = video_in(pictures++, i % 25 == 0);
		give(0, &in);
		pass_us(40000);
	}
	assert_sending(VIDEO, WHY_PEER_SILENT);
	router_heard(r, 1, now_us);
	video_flows();
}

static void muted_by_the_room(void **state)
{
	(void)state;
	video_flows();
	router_mute(r, 0, VIDEO, true);
	assert_sending(VIDEO, WHY_MUTED);
	assert_receiving(VIDEO, WHY_MUTED);
	router_mute(r, 0, VIDEO, false);
	video_flows();
}

static void line_is_not_described(void **state)
{
	struct track in = track_in(VIDEO), out = track_out(VIDEO, 1), none = out;
	(void)state;
	video_flows();
	none.dir = CARDEA_INACTIVE;
	router_track(r, 1, &none);
	assert_sending(VIDEO, WHY_NOT_DESCRIBED);
	router_track(r, 1, &out);
	video_flows();
	none = in;
	none.dir = CARDEA_INACTIVE;
	router_track(r, 0, &none);
	assert_receiving(VIDEO, WHY_WELL); /* as it was agreed on */
	assert_sending(VIDEO, WHY_SOURCE_STOPPED);
	film(25, 1);
	assert_receiving(VIDEO, WHY_NOT_DESCRIBED);
	assert_int_equal(receiving(VIDEO).packets, 25);
	router_track(r, 0, &in);
	video_flows();
}

/* ---- what we send ---- */

static void nothing_is_routed(void **state)
{
	(void)state;
	router_unroute(r, 1, VIDEO);
	assert_sending(VIDEO, WHY_NO_ROUTE);
	route_to(0, 1, VIDEO);
	video_flows();
}

static void source_ends(void **state)
{
	(void)state;
	video_flows();
	router_peer_close(r, 0);
	assert_sending(VIDEO, WHY_SOURCE_ENDED);
	router_unroute(r, 1, VIDEO);
	assert_sending(VIDEO, WHY_NO_ROUTE);
	open_peer(0, true, false);
	route_to(0, 1, VIDEO);
	wait_s(2); /* until then it is a short gap */
	assert_sending(VIDEO, WHY_SOURCE_EMPTY);
	video_flows();
}

static void route(bool paused, unsigned max_layer)
{
	struct route route = { .from_peer = 0,
		.to_slot = 1,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO,
		.max_layer = (uint8_t)max_layer,
		.paused = paused };
	assert_int_equal(router_route(r, &route), OK);
}

static void paused_by_its_subscriber(void **state)
{
	(void)state;
	video_flows();
	route(true, 0);
	assert_sending(VIDEO, WHY_PAUSED);
	route(false, 0);
	video_flows();
}

static void codecs_differ(void **state)
{
	struct track out = track_out(VIDEO, 1);
	(void)state;
	out.codec = CARDEA_H264;
	router_track(r, 1, &out);
	film(25, 1);
	assert_sending(VIDEO, WHY_CODEC);
	out.codec = CARDEA_VP8;
	router_track(r, 1, &out);
	video_flows();
}

/* Packets come, but what they carry was not agreed on with their sender. */
static void payload_types_were_not_agreed_on(void **state)
{
	(void)state;
	talk(50, 1);
	assert_sending(AUDIO, WHY_WELL);
	for (unsigned i = 0; i < 300; i++) {
		struct in in = audio_in(sounds++);
		in.pt = 13;
		all_are_heard();
		give(0, &in);
		pass_us(20000);
	}
	assert_sending(AUDIO, WHY_CODEC);
	talk(50, 1);
	assert_sending(AUDIO, WHY_WELL);
}

static void give_type(unsigned pt, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct in in = video_in(pictures++, i == 0);
		in.pt = (uint8_t)pt;
		all_are_heard();
		give(0, &in);
		flush();
		pass_us(40000);
	}
}

/* Its publisher is told, whether somebody watches or not. */
static void payload_type_is_told_to_its_publisher(void **state)
{
	(void)state;
	video_flows();
	give_type(13, 1);
	assert_receiving(VIDEO, WHY_WELL); /* one among others */
	film(25, 1);
	assert_receiving(VIDEO, WHY_WELL);
	int64_t since_us = now_us;
	give_type(13, 50);
	assert_receiving(VIDEO, WHY_PAYLOAD_TYPE);
	assert_int_equal(receiving(VIDEO).since_us, since_us);
	assert_sending(VIDEO, WHY_CODEC);
	video_flows();
	router_unroute(r, 1, VIDEO);
	give_type(13, 50);
	assert_receiving(VIDEO, WHY_PAYLOAD_TYPE);
	film(25, 1);
	assert_receiving(VIDEO, WHY_WELL);
}

/* A frozen picture is explained within two seconds, whenever the last look was, and again. */
static void who_asks_is_told_in_time(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		video_flows();
		pass_us(i * 100000);
		film(25, 2);
		pass_us(US_PER_S);
		assert_sending(VIDEO, WHY_SOURCE_STALLED);
		assert_receiving(VIDEO, WHY_STALLED);
		router_unroute(r, 1, VIDEO);
		route_to(0, 1, VIDEO);
		for (unsigned k = 0; k < 25; k++) {
			struct in in = video_in(pictures++, false);
			all_are_heard();
			give(0, &in);
			pass_us(40000);
		}
		assert_sending(VIDEO, WHY_KEYFRAME);
	}
}

/* One outage after another is no habit of a camera's. */
static void the_third_outage_is_told_too(void **state)
{
	(void)state;
	video_flows();
	for (unsigned i = 0; i < 4; i++) {
		film(25, 1);
		pass_us(2 * US_PER_S);
		assert_receiving(VIDEO, WHY_STALLED);
		pass_us(1500000);
	}
}

static void source_is_not_up(void **state)
{
	struct track in = track_in(VIDEO);
	struct route route = {
		.from_peer = 2, .to_slot = 1, .from_mindex = VIDEO, .to_mindex = VIDEO
	};
	(void)state;
	router_peer_open(r, 2);
	router_track(r, 2, &in);
	router_unroute(r, 1, VIDEO);
	router_route(r, &route);
	assert_sending(VIDEO, WHY_SOURCE_NOT_UP);
	router_peer_up(r, 2);
	assert_sending(VIDEO, WHY_SOURCE_EMPTY);
}

static void source_stalls(void **state)
{
	(void)state;
	assert_sending(VIDEO, WHY_SOURCE_EMPTY);
	assert_receiving(VIDEO, WHY_NO_PACKETS);
	video_flows();
	int64_t last_us = now_us - 40000;
	pass_us(600000);
	assert_sending(VIDEO, WHY_WELL); /* not for long enough */
	assert_receiving(VIDEO, WHY_WELL);
	pass_us(200000); /* who asks sees no picture */
	assert_sending(VIDEO, WHY_SOURCE_STALLED);
	assert_receiving(VIDEO, WHY_STALLED);
	assert_int_equal(sending(VIDEO).since_us, last_us);
	assert_int_equal(receiving(VIDEO).since_us, last_us);
	video_flows();
}

static void waits_for_a_keyframe(void **state)
{
	struct why w;
	(void)state;
	for (unsigned i = 0; i < 25; i++) {
		struct in in = video_in(pictures++, false);
		give(0, &in);
		pass_us(40000);
	}
	assert_sending(VIDEO, WHY_KEYFRAME);
	w = sending(VIDEO);
	assert_in_range(w.asked, 2, 4); /* once each 300 ms */
	assert_in_range(now_us - w.asked_us, 0, 400000);
	assert_int_equal(w.layer, 0);
	video_flows();
	assert_int_equal(sending(VIDEO).asked, 0);
}

static void transport_refuses(void **state)
{
	(void)state;
	video_flows();
	seals = false;
	film(25, 3);
	assert_sending(VIDEO, WHY_REFUSED);
	seals = true;
	video_flows();
}

/* Simulcast: a picture on each layer of @p layers. */
static void simulcast(unsigned layers, unsigned seconds)
{
	static const char *rids[] = { "l", "m", "h" };
	for (unsigned i = 0; i < 25 * seconds; i++, pictures++) {
		all_are_heard();
		for (unsigned l = 0; l < 3; l++) {
			struct in in = video_in(pictures, i % 25 == 0);
			in.ssrc = 0x100 + l;
			in.rid = rids[l];
			if (layers >> l & 1)
				give(0, &in);
		}
		pass_us(40000);
	}
}

static void describe_simulcast(void)
{
	struct track t = track_in(VIDEO);
	t.n_layers = 3;
	strcpy(t.rids[0], "l");
	strcpy(t.rids[1], "m");
	strcpy(t.rids[2], "h");
	router_track(r, 0, &t);
}

static void only_higher_layers_come(void **state)
{
	(void)state;
	describe_simulcast();
	route(false, 1);
	simulcast(4, 3);
	assert_sending(VIDEO, WHY_LAYER_CAP);
	assert_int_equal(sending(VIDEO).layer, 0);
	route(false, 3);
	simulcast(4, 1);
	assert_sending(VIDEO, WHY_WELL);
}

static void wanted_layer_does_not_come(void **state)
{
	(void)state;
	describe_simulcast();
	route(false, 3);
	simulcast(3, 3);
	assert_sending(VIDEO, WHY_LAYER_NOT_SENT);
	assert_int_equal(sending(VIDEO).layer, 2);
	wait_s(1);
	simulcast(7, 3);
	assert_sending(VIDEO, WHY_WELL);
}

/* A subscriber that turns to a source without pictures, and back. */
static void new_source_is_asked_for(void **state)
{
	struct route other = {
		.from_peer = 2, .to_slot = 1, .from_mindex = VIDEO, .to_mindex = VIDEO
	};
	(void)state;
	open_peer(2, true, false);
	video_flows();
	router_route(r, &other);
	film(25, 1);
	assert_sending(VIDEO, WHY_WELL); /* the old one is kept for a while */
	film(25, 6);
	assert_sending(VIDEO, WHY_SOURCE_EMPTY);
	route(false, 0);
	video_flows();
}

/* ---- what we receive ---- */

static void packets_of_nobody(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		struct in in = video_in(i, true);
		in.mid = "x";
		in.ssrc = 0xbad;
		give(0, &in);
		pass_us(40000);
	}
	assert_receiving(VIDEO, WHY_UNKNOWN_SSRC);
	assert_int_equal(receiving(VIDEO).ssrc, 0xbad);
	assert_int_equal(receiving(VIDEO).packets, 30);
	video_flows();
	assert_receiving(AUDIO, WHY_UNKNOWN_SSRC); /* perhaps it was that */
	wait_s(5);
	assert_receiving(AUDIO, WHY_NO_PACKETS);
}

/* ---- what is well ---- */

static void slow_screens_are_well(void **state)
{
	(void)state;
	film(1, 12);
	assert_sending(VIDEO, WHY_WELL);
	assert_receiving(VIDEO, WHY_WELL);
	for (unsigned i = 0; i < 4; i++) {
		struct in in = video_in(pictures++, false);
		give(0, &in);
		wait_s(3); /* slower and slower */
	}
	wait_s(1);
	assert_sending(VIDEO, WHY_WELL);
	assert_receiving(VIDEO, WHY_WELL);
	wait_s(4);
	assert_sending(VIDEO, WHY_SOURCE_STALLED);
}

/* Who types, and thinks for a while, again and again. */
static void pauses_of_a_screen_are_well(void **state)
{
	(void)state;
	video_flows();
	for (unsigned i = 0; i < 5; i++) {
		pass_us(1800000);
		if (i > 1) {
			assert_sending(VIDEO, WHY_WELL);
			assert_receiving(VIDEO, WHY_WELL);
		}
		film(10, 2);
	}
}

static void pauses_of_sound_are_well(void **state)
{
	(void)state;
	talk(50, 1);
	for (unsigned i = 0; i < 20; i++) { /* DTX: a packet each 400 ms */
		struct in in = audio_in(sounds++);
		all_are_heard();
		give(0, &in);
		pass_us(400000);
		assert_sending(AUDIO, WHY_WELL);
		assert_receiving(AUDIO, WHY_WELL);
	}
	wait_s(4);
	assert_sending(AUDIO, WHY_WELL);
	wait_s(3);
	assert_sending(AUDIO, WHY_SOURCE_STALLED);
	assert_receiving(AUDIO, WHY_STALLED);
	talk(50, 1);
	assert_sending(AUDIO, WHY_WELL);
	assert_receiving(AUDIO, WHY_WELL);
}

/* ---- what is told ---- */

static unsigned told_of(uint32_t slot, unsigned mindex, bool sends)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_whys; i++)
		n += whys[i].slot == slot && whys[i].mindex == mindex && whys[i].sends == sends;
	return n;
}

static const struct why *last_told(uint32_t slot, unsigned mindex, bool sends)
{
	for (unsigned i = n_whys; i-- > 0;)
		if (whys[i].slot == slot && whys[i].mindex == mindex && whys[i].sends == sends)
			return &whys[i].why;
	return NULL;
}

static void what_lasts_is_told_and_its_end(void **state)
{
	(void)state;
	video_flows();
	assert_int_equal(told_of(1, VIDEO, true), 0);
	route(true, 0);
	film(25, 3);
	assert_int_equal(told_of(1, VIDEO, true), 0); /* it has not lasted */
	film(25, 4);
	assert_int_equal(told_of(1, VIDEO, true), 1);
	assert_int_equal(last_told(1, VIDEO, true)->code, WHY_PAUSED);
	film(25, 10);
	assert_int_equal(told_of(1, VIDEO, true), 1); /* once */
	route(false, 0);
	film(25, 2);
	assert_int_equal(told_of(1, VIDEO, true), 2);
	assert_int_equal(last_told(1, VIDEO, true)->code, WHY_WELL);
	assert_int_equal(told_of(0, VIDEO, false), 0);
	assert_int_equal(last_told(0, AUDIO, false)->code, WHY_NO_PACKETS);
}

static void short_reasons_are_not_told(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		video_flows();
		route(true, 0);
		film(25, 2);
		route(false, 0);
	}
	assert_int_equal(told_of(1, VIDEO, true), 0);
}

static void looks_begin_again_with_a_peer(void **state)
{
	(void)state;
	router_peer_close(r, 0);
	router_peer_close(r, 1);
	pass_us(1500000);
	forget_all();
	open_peer(0, true, false);
	wait_s(7);
	assert_int_equal(last_told(0, VIDEO, false)->code, WHY_NO_PACKETS);
}

/* More than are looked at in one go: each once a second all the same. */
static void many_peers_are_looked_at_in_turn(void **state)
{
	struct router_conf conf = world_conf;
	struct track t = track_in(VIDEO);
	(void)state;
	conf.max_peers = 50;
	struct router *large = router_create(&conf, wheel, &world_ops, NULL);
	for (uint32_t slot = 0; slot < 50; slot++) {
		assert_int_equal(router_peer_open(large, slot), OK);
		assert_int_equal(router_track(large, slot, &t), OK);
		router_peer_up(large, slot);
	}
	router_peer_close(r, 0);
	router_peer_close(r, 1);
	pass_us(5 * US_PER_S);
	assert_int_equal(n_whys, 0);
	pass_us(2500000);
	assert_int_equal(n_whys, 50);
	router_destroy(large);
}

/* ---- over a trunk ---- */

static void a_mirror_is_followed(void **state)
{
	(void)state;
	assert_sending(VIDEO, WHY_SOURCE_EMPTY);
	for (unsigned i = 0; i < 25; i++) {
		struct in in = video_in(pictures++, false);
		give(0, &in);
		flush();
		pass_us(40000);
	}
	assert_sending(VIDEO, WHY_KEYFRAME);
	assert_in_range(sending(VIDEO).asked, 2, 4);
	video_flows();
	wait_s(4);
	assert_sending(VIDEO, WHY_SOURCE_STALLED);
	video_flows();
	router_peer_close(r, 0);
	flush();
	pass_us(300000);
	assert_sending(VIDEO, WHY_SOURCE_ENDED);
}

#define TEST(f)       cmocka_unit_test_setup_teardown(f, setup, world_teardown)
#define TEST_SPLIT(f) cmocka_unit_test_setup_teardown(f, setup_split, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(waits_for_the_transport),
		TEST(peer_is_silent),
		TEST(muted_by_the_room),
		TEST(line_is_not_described),
		TEST(nothing_is_routed),
		TEST(source_ends),
		TEST(paused_by_its_subscriber),
		TEST(codecs_differ),
		TEST(payload_types_were_not_agreed_on),
		TEST(payload_type_is_told_to_its_publisher),
		TEST(who_asks_is_told_in_time),
		TEST(the_third_outage_is_told_too),
		TEST(source_is_not_up),
		TEST(source_stalls),
		TEST(waits_for_a_keyframe),
		TEST(transport_refuses),
		TEST(only_higher_layers_come),
		TEST(wanted_layer_does_not_come),
		TEST(new_source_is_asked_for),
		TEST(packets_of_nobody),
		TEST(slow_screens_are_well),
		TEST(pauses_of_a_screen_are_well),
		TEST(pauses_of_sound_are_well),
		TEST(what_lasts_is_told_and_its_end),
		TEST(short_reasons_are_not_told),
		TEST(looks_begin_again_with_a_peer),
		TEST(many_peers_are_looked_at_in_turn),
		TEST_SPLIT(a_mirror_is_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
