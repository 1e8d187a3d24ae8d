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

static void use_three_layers(void)
{
	struct track t = track_in(VIDEO);
	t.n_layers = 3;
	for (unsigned i = 0; i < 3; i++)
		t.ssrc[i] = 0x700 + i;
	assert_int_equal(router_track(r, 0, &t), OK);
}

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
	struct route route = { .from_peer = 0,
		.to_slot = 1,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO,
		.max_layer = 1 };
	unsigned n = 1;
	(void)state;
	use_three_layers();
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

/* The layers of a slow screen come one after the other, and of those that stay at home only words.
 */
static void slow_layers_are_alive_on_the_far_side(void **state)
{
	static const unsigned gaps[] = { 200, 500, 1000, 300, 1000, 700 };
	struct route route = { .from_peer = 0,
		.to_slot = 1,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO,
		.max_layer = 2 };
	unsigned n = 1;
	(void)state;
	use_three_layers();
	assert_int_equal(router_route(far, &route), OK);
	carry();
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
		say = (struct rtcp_buf){ say_room, 0, sizeof say_room, false };
		for (unsigned k = 0; k < 30; k++)
			rtcp_put_sr(&say, 0x51de0, 0x1234567800000000 + i, 3600, 1, 100, NULL, 0);
		hear(0);
		carry();
		pass_us(1000);
	}
	assert_in_range(crossed[TRUNK_REPORT], 5, 11);
}

/* ---- what a busy worker had no room for ---- */

static void lose_mail(void)
{
	n_mail = mail_read = 0;
}

static void give_type(unsigned n, bool key, uint8_t pt)
{
	struct in in = video_in(n, key);
	in.pt = pt;
	give(0, &in);
	router_flush(r, now_us);
	carry();
	pass_us(40000);
}

static void negotiate_type(uint8_t pt)
{
	struct track t = track_in(VIDEO);
	t.pt = pt;
	assert_int_equal(router_track(r, 0, &t), OK);
}

static void a_lost_change_of_the_track_is_told_again(void **state)
{
	(void)state;
	watch(1);
	for (unsigned n = 1; n < 5; n++)
		give_type(n, n == 1, 96);
	assert_int_equal(outs_of(1), 4);
	negotiate_type(98);
	lose_mail();
	forget_all();
	for (unsigned n = 5; n < 8; n++)
		give_type(n, false, 98);
	assert_int_equal(crossed[TRUNK_TRACK], 1);
	assert_int_equal(outs_of(1), 2); /* all but the first, by which it was noticed */
}

static void nor_is_it_lost_while_nothing_comes(void **state)
{
	(void)state;
	watch(1);
	negotiate_type(98);
	lose_mail();
	forget_all();
	pass_us(1300000);
	assert_int_equal(crossed[TRUNK_TRACK], 1);
	give_type(1, true, 98);
	assert_int_equal(outs_of(1), 1);
	forget_all();
	pass_us(5000000);
	assert_in_range(crossed[TRUNK_SUBSCRIBE], 4, 5);
	assert_int_equal(crossed[TRUNK_TRACK], 0);
}

static void a_change_that_keeps_getting_lost_is_not_asked_for_at_every_packet(void **state)
{
	(void)state;
	watch(1);
	give_type(1, true, 96);
	negotiate_type(98);
	lose_mail();
	forget_all();
	for (unsigned n = 2; n < 102; n++) { /* a tenth of a second */
		struct in in = video_in(n, false);
		in.pt = 98;
		give(0, &in);
		router_flush(r, now_us);
		for (unsigned i = 0; i < n_mail; i++) /* home does not hear of it */
			if (mail[i].to)
				router_trunk(far, &mail[i].m, mail[i].len, now_us);
		lose_mail();
		now_us += 1000;
	}
	assert_in_range(crossed[TRUNK_SUBSCRIBE], 1, 3);
}

/* Home believes that the old one is still there, with all that it was sent. */
static void who_comes_again_has_nothing_of_before(void **state)
{
	(void)state;
	struct in late = video_in(3, true); /* overtaken by 4 */
	watch(1);
	give_one(1, true);
	give_one(2, false);
	give_one(4, false);
	router_unroute(far, 1, VIDEO);
	for (forget_all(); !crossed[TRUNK_UNSUBSCRIBE];) {
		now_us += 1000;
		clock_fake(now_us);
		wheel_run(wheel, now_us);
	}
	lose_mail();
	watch(1);
	forget_all();
	give(0, &late);
	router_flush(r, now_us);
	carry();
	assert_int_equal(crossed[TRUNK_PACKET], 1);
	assert_int_equal(outs_of(1), 0);
	give_one(5, true);
	assert_int_equal(outs_of(1), 1);
}

static void a_lost_end_is_told_again(void **state)
{
	(void)state;
	watch(1);
	give_one(1, true);
	router_peer_close(r, 0);
	lose_mail();
	forget_all();
	pass_us(1300000);
	assert_int_equal(crossed[TRUNK_SUBSCRIBE], 1);
	assert_int_equal(crossed[TRUNK_END], 1);
	forget_all();
	pass_us(3000000);
	assert_int_equal(crossed[TRUNK_SUBSCRIBE] + crossed[TRUNK_UNSUBSCRIBE], 0);
}

static void whatever_comes_for_nobody_is_refused(void **state)
{
	static const enum trunk_type types[] = { TRUNK_TRACK, TRUNK_ALIVE, TRUNK_REPORT };
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct trunk_msg m = {
			.version = TRUNK_VERSION, .type = (uint8_t)types[i], .mindex = VIDEO
		};
		forget_all();
		router_trunk(far, &m, trunk_len(&m), now_us);
		assert_int_equal(crossed[TRUNK_UNSUBSCRIBE], 1);
		carry();
	}
}

static void lost_layers_are_told_again(void **state)
{
	struct route route = { .from_peer = 0,
		.to_slot = 1,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO,
		.max_layer = 1 };
	unsigned n = 1;
	(void)state;
	use_three_layers();
	assert_int_equal(router_route(far, &route), OK);
	carry();
	for (forget_all(); !crossed[TRUNK_SUBSCRIBE];) { /* until it says what it wants */
		n_outs = 0;
		now_us += 10000;
		clock_fake(now_us);
		wheel_run(wheel, now_us);
		if (crossed[TRUNK_SUBSCRIBE])
			lose_mail();
		give_layer(0, n, n == 1);
		give_layer(1, n, n == 1);
		give_layer(2, n, n == 1);
		n++;
	}
	for (unsigned i = 0; i < 30; i++)
		give_layers(&n, false);
	forget_all();
	for (unsigned i = 0; i < 10; i++)
		give_layers(&n, false);
	assert_int_equal(crossed[TRUNK_PACKET], 10); /* the lowest alone */
	assert_int_equal(outs_of(1), 10);
}

/* A turn in which every third message is lost, but for packets: those are lost for good anyway. */
static void turn_with_losses(void)
{
	unsigned n;
	router_flush(r, now_us);
	router_flush(far, now_us);
	n = n_mail;
	for (unsigned i = 0; i < n; i++) {
		struct trunk_msg m = mail[i].m;
		if (m.type == TRUNK_PACKET || mutate_below(3))
			router_trunk(mail[i].to ? far : r, &m, mail[i].len, now_us);
	}
	memmove(mail, mail + n, (n_mail - n) * sizeof mail[0]);
	n_mail -= n;
	now_us += 10000;
	clock_fake(now_us);
	wheel_run(wheel, now_us);
	forget_all();
}

static void change_something(uint8_t *pt)
{
	struct route route = { .from_peer = 0,
		.to_slot = 1,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO,
		.max_layer = (uint8_t)(1 + mutate_below(3)) };
	if (mutate_below(2)) {
		struct track t = track_in(VIDEO);
		t.pt = *pt = (uint8_t)(96 + 2 * mutate_below(4));
		t.n_layers = 3;
		for (unsigned i = 0; i < 3; i++)
			t.ssrc[i] = 0x700 + i;
		assert_int_equal(router_track(r, 0, &t), OK);
	} else if (mutate_below(4)) {
		assert_int_equal(router_route(far, &route), OK);
	} else {
		router_unroute(far, 1, VIDEO);
	}
}

static void give_three(unsigned n, uint8_t pt)
{
	for (unsigned layer = 0; layer < 3; layer++) {
		struct in in = video_in(n, n % 10 == 0);
		in.pt = pt;
		in.ssrc = 0x700 + layer;
		in.mid = NULL;
		give(0, &in);
	}
}

static void no_state_is_lost_for_good(void **state)
{
	unsigned n = 1;
	uint8_t pt = 96;
	(void)state;
	mutate_seed(12);
	use_three_layers();
	for (unsigned round = 0; round < 60; round++) {
		unsigned layer = round % 3;
		struct route route = { .from_peer = 0,
			.to_slot = 1,
			.from_mindex = VIDEO,
			.to_mindex = VIDEO,
			.max_layer = (uint8_t)(1 + layer) };
		for (unsigned i = 0; i < 40; i++) {
			if (!mutate_below(8))
				change_something(&pt);
			give_three(n++, pt);
			turn_with_losses();
		}
		router_heard(far, 1, now_us);
		assert_int_equal(router_route(far, &route), OK);
		for (unsigned i = 0; i < 60; i++) {
			give_three(n++, pt);
			carry();
			pass_us(40000);
			forget_all();
		}
		for (unsigned i = 0; i < 10; i++) {
			give_three(n++, pt);
			carry();
		}
		assert_int_equal(outs_of(1), 10);
		assert_int_equal(crossed[TRUNK_PACKET], 10); /* the one that is wanted */
	}
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
		T(slow_layers_are_alive_on_the_far_side),
		T(sender_reports_do_not_flood_the_trunk),
		T(a_lost_change_of_the_track_is_told_again),
		T(nor_is_it_lost_while_nothing_comes),
		T(a_change_that_keeps_getting_lost_is_not_asked_for_at_every_packet),
		T(who_comes_again_has_nothing_of_before),
		T(a_lost_end_is_told_again),
		T(whatever_comes_for_nobody_is_refused),
		T(lost_layers_are_told_again),
		T(no_state_is_lost_for_good),
		T(sender_reports_cross),
		T(rubbish_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
