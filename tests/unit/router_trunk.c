/* SPDX-License-Identifier: Apache-2.0 */
/* A track that is received on one worker and sent on another (core/router/far).
 * router_trunk_world.h has both. */
#include "../../core/base/id.h"
#include "../fuzz/mutate.h"
#include "router_world.h"
#include "router_trunk_world.h"

static void a_packet_crosses_once_for_all_who_are_there(void **state)
{
	(void)state;
	watch(1);
	watch(2);
	watch(3);
	assert_int_equal(crossed[TRUNK_SUBSCRIBE], 1);
	forget_all();
	give_one(1, true);
	give_one(2, false);
	assert_int_equal(crossed[TRUNK_PACKET], 2);
	for (uint32_t slot = 1; slot <= 3; slot++)
		assert_int_equal(outs_of(slot), 2);
}

static void what_was_lost_is_sent_again_without_crossing(void **state)
{
	(void)state;
	watch(1);
	give_one(1, true);
	give_one(2, false);
	assert_int_equal(n_outs, 2);
	struct pkt first = outs[0].k;
	forget_all();
	nack_from(1, 1001, first.seq);
	carry();
	assert_int_equal(n_outs, 1);
	assert_int_equal(outs[0].k.len, first.len);
	assert_memory_equal(outs[0].k.data, first.data, first.len);
	assert_int_equal(crossed[TRUNK_PACKET] + crossed[TRUNK_KEYFRAME], 0);
}

static void wishes_for_keyframes_are_merged(void **state)
{
	(void)state;
	watch(1);
	watch(2);
	give_one(1, true);
	pass_us(400000);
	give_one(2, false);
	forget_all();
	for (uint32_t slot = 1; slot <= 2; slot++) {
		rtcp_put_pli(rtcp_begin(), 1, 1000 * slot + VIDEO);
		rtcp_arrives(slot);
	}
	carry();
	assert_int_equal(crossed[TRUNK_KEYFRAME], 1);
	assert_int_equal(count_heard(RTCP_PLI, 0), 1);
}

static void who_comes_late_begins_at_a_keyframe(void **state)
{
	(void)state;
	watch(3);
	give_one(1, true);
	give_one(2, false);
	struct in late = video_in(3, true); /* overtaken by 4, which came before peer 1 did */
	give_one(4, false);
	forget_all();
	watch(1);
	give(0, &late);
	carry();
	give_one(5, true);
	give_one(6, false);
	assert_int_equal(outs_of(1), 2); /* not 3: what came after it is not there */
}

static void a_lost_subscription_is_asked_for_again(void **state)
{
	(void)state;
	route_to(0, 1, VIDEO);
	assert_int_equal(crossed[TRUNK_SUBSCRIBE], 1);
	n_mail = mail_read = 0; /* home was too busy to take it */
	forget_all();
	pass_us(300000);
	assert_int_equal(crossed[TRUNK_SUBSCRIBE], 1);
	give_one(1, true);
	assert_int_equal(outs_of(1), 1);
	forget_all();
	pass_us(600000);
	assert_int_equal(crossed[TRUNK_SUBSCRIBE], 0);
}

static void nothing_crosses_once_nobody_watches(void **state)
{
	(void)state;
	watch(1);
	give_one(1, true);
	router_unroute(far, 1, VIDEO);
	pass_us(300000);
	assert_int_equal(crossed[TRUNK_UNSUBSCRIBE], 1);
	forget_all();
	give_one(2, false);
	assert_int_equal(crossed[TRUNK_PACKET], 0);
	watch(1); /* and again */
	give_one(3, true);
	assert_int_equal(outs_of(1), 1);
}

static void a_lost_farewell_is_said_again(void **state)
{
	(void)state;
	watch(1);
	give_one(1, true);
	router_unroute(far, 1, VIDEO);
	for (forget_all(); !crossed[TRUNK_UNSUBSCRIBE];) {
		now_us += 1000;
		clock_fake(now_us);
		wheel_run(wheel, now_us);
	}
	n_mail = mail_read = 0; /* home was too busy to take it */
	forget_all();
	give_one(2, false);
	assert_int_equal(crossed[TRUNK_PACKET], 1);
	assert_int_equal(crossed[TRUNK_UNSUBSCRIBE], 1);
	forget_all();
	give_one(3, false);
	assert_int_equal(crossed[TRUNK_PACKET], 0);
}

static void a_publisher_that_goes_takes_its_mirror_along(void **state)
{
	(void)state;
	watch(1);
	give_one(1, true);
	router_peer_close(r, 0);
	carry();
	assert_int_equal(crossed[TRUNK_END], 1);
	forget_all();
	pass_us(600000);
	assert_int_equal(crossed[TRUNK_UNSUBSCRIBE], 0);
	open_peer(0, true, false);
	watch(1);
	give_one(1, true);
	assert_int_equal(outs_of(1), 1);
}

static void a_successor_in_the_same_place_is_another(void **state)
{
	struct route route = { .from_peer = 1ULL << 32, /* slot 0, next generation */
		.to_slot = 1,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO };
	(void)state;
	assert_int_equal(ID_SLOT(route.from_peer), 0);
	watch(1);
	give_one(1, true);
	/* the old one has gone, but its end is still on the way */
	router_peer_close(r, 0);
	struct trunk_msg end = mail[n_mail - 1].m;
	assert_int_equal(end.type, TRUNK_END);
	n_mail = 0;
	open_peer(0, true, false);
	assert_int_equal(router_route(far, &route), OK);
	carry();
	router_trunk(far, &end, trunk_len(&end), now_us);
	forget_all();
	give_one(1, true);
	assert_int_equal(outs_of(1), 1);
}

static void who_is_not_there_is_said_to_be_gone(void **state)
{
	struct route route = {
		.from_peer = 5, .to_slot = 1, .from_mindex = VIDEO, .to_mindex = VIDEO
	};
	(void)state;
	assert_int_equal(router_route(far, &route), OK);
	carry();
	assert_int_equal(crossed[TRUNK_END], 1);
	forget_all();
	pass_us(600000);
	assert_int_equal(crossed[TRUNK_UNSUBSCRIBE], 0);
}

static void layers_that_nobody_wants_stay_at_home(void **state)
{
	unsigned n = 1;
	(void)state;
	use_three_layers();
	watch_layers(1);
	for (unsigned i = 0; i < 10; i++)
		give_layers(&n, i == 0);
	forget_all();
	for (unsigned i = 0; i < 10; i++)
		give_layers(&n, false);
	assert_int_equal(crossed[TRUNK_PACKET], 10); /* the lowest alone */
	assert_in_range(crossed[TRUNK_ALIVE], 4, 12);
	forget_all();
	watch_layers(3); /* it comes, though its packets do not: so it is wished for */
	assert_int_equal(crossed[TRUNK_KEYFRAME], 1);
	assert_int_equal(count_heard(RTCP_PLI, 0), 1);
	assert_int_equal(last_heard(RTCP_PLI, 0)->ssrc, 0x702);
	give_layers(&n, true);
	forget_all();
	give_layers(&n, false);
	assert_int_equal(outs_of(1), 1);
	for (unsigned i = 0; i < 10; i++)
		give_layers(&n, false);
	forget_all();
	for (unsigned i = 0; i < 10; i++)
		give_layers(&n, false);
	assert_int_equal(crossed[TRUNK_PACKET], 10); /* the highest alone */
	assert_int_equal(outs_of(1), 10);
}

/* The layers of a slow screen come one after the other, and of those that stay at home only words.
 */
static void slow_layers_are_alive_on_the_far_side(void **state)
{
	static const unsigned gaps[] = { 200, 500, 1000, 300, 1000, 700 };
	unsigned n = 1;
	(void)state;
	use_three_layers();
	watch_layers(2);
	for (unsigned i = 0; i < 30; i++)
		give_layers(&n, i == 0);
	forget_all();
	for (unsigned i = 0; i < 60; i++, n++) {
		for (unsigned layer = 0; layer < 3; layer++) {
			give_layer((layer + i) % 3, n, false);
			pass_us(10000);
		}
		router_heard(far, 1, now_us);
		pass_us(1000LL * gaps[i / 10]);
	}
	assert_int_equal(crossed[TRUNK_KEYFRAME], 0);
	assert_int_equal(crossed[TRUNK_PACKET], 60);
	assert_int_equal(outs_of(1), 60);
}

static void sender_reports_do_not_flood_the_trunk(void **state)
{
	(void)state;
	watch(1);
	give_one(1, true);
	for (unsigned i = 0; i < 1000; i++) { /* a second */
		rtcp_in = (struct rtcp_buf){ rtcp_in_room, 0, sizeof rtcp_in_room, false };
		for (unsigned k = 0; k < 30; k++)
			rtcp_put_sr(
				&rtcp_in, 0x51de0, 0x1234567800000000 + i, 3600, 1, 100, NULL, 0);
		rtcp_arrives(0);
		carry();
		pass_us(1000);
	}
	assert_in_range(crossed[TRUNK_REPORT], 5, 11);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, trunk_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(a_packet_crosses_once_for_all_who_are_there),
		T(what_was_lost_is_sent_again_without_crossing),
		T(wishes_for_keyframes_are_merged),
		T(who_comes_late_begins_at_a_keyframe),
		T(a_lost_subscription_is_asked_for_again),
		T(a_lost_farewell_is_said_again),
		T(nothing_crosses_once_nobody_watches),
		T(a_publisher_that_goes_takes_its_mirror_along),
		T(a_successor_in_the_same_place_is_another),
		T(who_is_not_there_is_said_to_be_gone),
		T(layers_that_nobody_wants_stay_at_home),
		T(slow_layers_are_alive_on_the_far_side),
		T(sender_reports_do_not_flood_the_trunk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
