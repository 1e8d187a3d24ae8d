/* SPDX-License-Identifier: Apache-2.0 */
/* What is lost between two workers is told again. */
#include "../../core/base/id.h"
#include "../fuzz/mutate.h"
#include "router_world.h"
#include "router_trunk_world.h"

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
	unsigned n = 1;
	(void)state;
	use_three_layers();
	watch_layers(1);
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
	rtcp_in = (struct rtcp_buf){ rtcp_in_room, 0, sizeof rtcp_in_room, false };
	rtcp_put_sr(&rtcp_in, 0x51de0, 0x1234567800000000, 3600, 1, 100, NULL, 0);
	rtcp_arrives(0);
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
#define T(f) cmocka_unit_test_setup_teardown(f, trunk_setup, world_teardown)
	const struct CMUnitTest tests[] = {
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
