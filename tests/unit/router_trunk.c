/* SPDX-License-Identifier: Apache-2.0 */
#include "../../core/base/id.h"
#include "../fuzz/mutate.h"
#include "router_world.h"

/* Peer 0 publishes on worker 0; peers 1 and 2 watch on worker 1, peer 3 at home. */

/* A turn to speak, one to answer. */
static void carry(void)
{
	flush();
	flush();
}

static int setup(void **state)
{
	if (world_setup(state))
		return -1;
	split(1u << 1 | 1u << 2);
	open_peer(0, true, false);
	for (uint32_t slot = 1; slot <= 3; slot++)
		open_peer(slot, false, true);
	forget_all();
	return 0;
}

static void give_one(unsigned n, bool key)
{
	struct in in = video_in(n, key);
	give(0, &in);
	/* what home says arrives in the next turn */
	router_flush(r, now_us);
	carry();
}

static unsigned outs_of(uint32_t slot)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_outs; i++)
		n += outs[i].slot == slot;
	return n;
}

static void watch(uint32_t slot)
{
	route_to(0, slot, VIDEO);
	carry();
}

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
		rtcp_put_pli(speak(), 1, 1000 * slot + VIDEO);
		hear(slot);
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

/* ---- simulcast ---- */

static void give_layer(unsigned layer, unsigned n, bool key)
{
	struct in in = video_in(n, key);
	in.ssrc = 0x700 + layer;
	in.mid = NULL;
	give(0, &in);
	router_flush(r, now_us);
	carry();
}

static void give_layers(unsigned *n, bool key)
{
	for (unsigned layer = 0; layer < 3; layer++)
		give_layer(layer, *n, key);
	++*n;
	pass_us(40000);
}

static void layers_that_nobody_wants_stay_at_home(void **state)
{
	struct track t = track_in(VIDEO);
	struct route route = { .from_peer = 0,
		.to_slot = 1,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO,
		.max_layer = 1 };
	unsigned n = 1;
	(void)state;
	t.n_layers = 3;
	for (unsigned i = 0; i < 3; i++)
		t.ssrc[i] = 0x700 + i;
	assert_int_equal(router_track(r, 0, &t), OK);
	assert_int_equal(router_route(far, &route), OK);
	carry();
	for (unsigned i = 0; i < 10; i++)
		give_layers(&n, i == 0);
	forget_all();
	for (unsigned i = 0; i < 10; i++)
		give_layers(&n, false);
	assert_int_equal(crossed[TRUNK_PACKET], 10); /* the lowest alone */
	assert_in_range(crossed[TRUNK_ALIVE], 4, 12);
	route.max_layer = 3; /* it comes, though its packets do not: so it is wished for */
	forget_all();
	assert_int_equal(router_route(far, &route), OK);
	carry();
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

/* ---- reports and rubbish ---- */

static void sender_reports_cross(void **state)
{
	(void)state;
	watch(1);
	give_one(1, true);
	say = (struct rtcp_buf){ say_room, 0, sizeof say_room, false };
	rtcp_put_sr(&say, 0x51de0, 0x1234567800000000, 3600, 1, 100, NULL, 0);
	hear(0);
	carry();
	assert_int_equal(crossed[TRUNK_REPORT], 1);
	forget_all();
	pass_us(1100000);
	give_one(2, false);
	pass_us(1100000);
	assert_in_range(count_heard(RTCP_SR, 1), 1, 2);
	/* a report of ours says that time goes on from theirs */
	uint32_t out_ts = outs[0].k.ts, shown = last_heard(RTCP_SR, 1)->sr.rtp_ts;
	assert_in_range(shown - out_ts, 90000, 3 * 90000);
}

static void rubbish_changes_nothing(void **state)
{
	(void)state;
	mutate_seed(7);
	watch(1);
	give_one(1, true);
	for (unsigned i = 0; i < 20000; i++) {
		struct trunk_msg m = { .version = TRUNK_VERSION };
		uint8_t *bytes = (uint8_t *)&m;
		for (unsigned k = 1; k < 80; k++)
			bytes[k] = (uint8_t)mutate_next();
		m.type = (uint8_t)mutate_below(12);
		m.from = (uint16_t)mutate_below(2);
		m.mindex = (uint16_t)mutate_below(3);
		m.peer = mutate_below(4) ? mutate_below(9) : mutate_next();
		size_t len = mutate_below(sizeof m + 1);
		if (m.type == TRUNK_PACKET && m.packet.len > PKT_CAP - 100)
			m.packet.len = 100;
		router_trunk(mutate_below(2) ? r : far, &m, len, now_us);
		n_mail = mail_read = n_outs = n_heard = n_told = 0;
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)
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
		T(sender_reports_cross),
		T(rubbish_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
