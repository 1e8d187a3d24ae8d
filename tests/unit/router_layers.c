/* SPDX-License-Identifier: Apache-2.0 */
/* Which layers a subscriber gets (core/router/out/select.c): simulcast of three VP8 layers by rid,
 * two temporal layers each. router_world.h has the peers. */
#include "router_world.h"

static unsigned pictures;
static unsigned silent; /* bits of layers that are not sent */

static struct in layer_in(unsigned layer, unsigned n, bool key)
{
	static const char *rids[] = { "l", "m", "h" };
	bool upper = n & 1;
	struct in in = { .pt = 96,
		.marker = true,
		.seq = (uint16_t)(n + 1000 * layer),
		.ts = n * 3600 + layer * 77777,
		.ssrc = 0x100 + layer,
		.mid = "v",
		.rid = rids[layer] };
	in.len = vp8_payload(in.payload, true, key, n + 500 * layer, (n / 2) & 0xff, upper, upper);
	in.payload[50] = (uint8_t)layer; /* to know it again */
	return in;
}

static int setup(void **state)
{
	struct track t = track_in(VIDEO);
	if (world_setup(state))
		return 1;
	pictures = silent = 0;
	open_peer(0, true, false);
	t.n_layers = 3;
	strcpy(t.rids[0], "l");
	strcpy(t.rids[1], "m");
	strcpy(t.rids[2], "h");
	router_track(r, 0, &t);
	open_peer(1, false, true);
	route_to(0, 1, VIDEO);
	forget_all();
	return 0;
}

/** One picture on each layer; @p keys has the bits of layers where it is a keyframe. */
static void picture(unsigned keys)
{
	for (unsigned l = 0; l < 3; l++) {
		struct in in = layer_in(l, pictures, keys >> l & 1);
		if (!(silent >> l & 1))
			give(0, &in);
		router_flush(r, now_us);
	}
	pictures++;
	pass_us(40000);
}

static unsigned layer_of(unsigned i)
{
	return outs[i].k.data[outs[i].k.payload + 50];
}

static void want(unsigned max_layer, unsigned max_temporal)
{
	struct route route = { .from_peer = 0,
		.to_slot = 1,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO,
		.max_layer = (uint8_t)max_layer,
		.max_temporal = (uint8_t)max_temporal };
	assert_int_equal(router_route(r, &route), OK);
}

/** Whatever happened, what left has no gap. */
static void assert_continuous(void)
{
	for (unsigned i = 1; i < n_outs; i++) {
		struct payload_info before = *out_info(i - 1);
		assert_int_equal((uint16_t)(outs[i].k.seq - outs[i - 1].k.seq), 1);
		assert_true((int32_t)(outs[i].k.ts - outs[i - 1].k.ts) > 0);
		assert_int_equal(out_info(i)->picture_id, (before.picture_id + 1) & 0x7fff);
		assert_in_range((uint8_t)(out_info(i)->tl0 - before.tl0), 0, 1);
	}
}

static void the_best_layer_is_taken_at_its_keyframe(void **state)
{
	(void)state;
	picture(1); /* only the lowest has one */
	assert_int_equal(n_outs, 1);
	assert_int_equal(layer_of(0), 0);
	assert_non_null(last_heard(RTCP_PLI, 0)); /* the highest is asked for one */
	assert_int_equal(last_heard(RTCP_PLI, 0)->ssrc, 0x102);
	picture(0);
	picture(4);
	picture(0);
	assert_int_equal(layer_of(n_outs - 1), 2);
	assert_continuous();
}

static void a_cap_is_kept_and_the_old_layer_stays_until_the_keyframe(void **state)
{
	(void)state;
	picture(7);
	assert_int_equal(layer_of(n_outs - 1), 2);
	want(1, 0);
	picture(0);
	assert_int_equal(layer_of(n_outs - 1), 2);
	forget_all();
	pass_us(300000);
	picture(0);
	assert_int_equal(last_heard(RTCP_PLI, 0)->ssrc, 0x100);
	picture(6); /* keyframes of others do not matter */
	assert_int_equal(layer_of(n_outs - 1), 2);
	picture(1);
	picture(0);
	assert_int_equal(layer_of(n_outs - 1), 0);
	assert_continuous();
}

static void a_silent_layer_is_left_for_a_lower_one(void **state)
{
	(void)state;
	picture(7);
	forget_all();
	silent = 4;
	for (unsigned i = 0; i < 9; i++)
		picture(0);
	assert_non_null(last_heard(RTCP_PLI, 0));
	assert_int_equal(last_heard(RTCP_PLI, 0)->ssrc, 0x101);
	picture(2);
	picture(0);
	assert_int_equal(layer_of(n_outs - 1), 1);
	silent = 0;
	picture(0);
	picture(4);
	assert_int_equal(layer_of(n_outs - 1), 2);
	assert_continuous();
}

static void slow_layers_are_not_silent(void **state)
{
	(void)state;
	picture(7);
	forget_all();
	for (unsigned i = 0; i < 5; i++) { /* all of them, one picture in two seconds */
		pass_us(2000000);
		picture(0);
	}
	assert_int_equal(count_heard(RTCP_PLI, 0), 0);
	assert_int_equal(layer_of(n_outs - 1), 2);
}

/* One picture, its layers in the order of @p order, some milliseconds apart as a slow link has it,
 * @p ms after the one before. */
static void slow_picture(const unsigned order[3], unsigned ms)
{
	for (unsigned i = 0; i < 3; i++) {
		struct in in = layer_in(order[i], pictures, false);
		if (!(silent >> order[i] & 1))
			give(0, &in);
		flush();
		pass_us(7000);
	}
	pictures++;
	pass_us(1000LL * ms - 21000);
	router_heard(r, 1, now_us);
}

static unsigned silences_told(void)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_told; i++)
		n += told[i].what == 'r' && !told[i].b;
	return n;
}

/* A shared screen: for a while five pictures a second, then three, two and one, in any order. */
static void a_slow_screen_keeps_its_best_layer(void **state)
{
	static const unsigned orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 }, { 2, 0, 1 } },
			      gaps[] = { 200, 330, 500, 1000, 200, 1000, 250, 700 };
	(void)state;
	for (unsigned i = 0; i < 10; i++)
		picture(i ? 0 : 7);
	for (unsigned round = 0; round < 8; round++) {
		unsigned n = 10000 / gaps[round];
		forget_all();
		for (unsigned i = 0; i < n; i++)
			slow_picture(orders[(i + round) % 4], gaps[round]);
		assert_int_equal(n_outs, n);
		assert_int_equal(layer_of(0), 2);
		assert_int_equal(layer_of(n - 1), 2);
		assert_int_equal(count_heard(RTCP_PLI, 0), 0);
		assert_in_range(silences_told(), 0, 3);
		if (round > 3) /* its pace is known */
			assert_int_equal(silences_told(), 0);
	}
}

static void a_slow_layer_that_ends_is_left_for_a_lower_one(void **state)
{
	static const unsigned order[] = { 0, 1, 2 };
	unsigned n = 0;
	(void)state;
	picture(7);
	for (unsigned i = 0; i < 10; i++)
		slow_picture(order, 500);
	assert_int_equal(count_heard(RTCP_PLI, 0), 0);
	silent = 4;
	for (; !count_heard(RTCP_PLI, 0); n++)
		slow_picture(order, 500);
	assert_in_range(n, 2, 4);
	assert_int_equal(last_heard(RTCP_PLI, 0)->ssrc, 0x101);
}

/* Numbers come round: what was carried once does not count for ever. */
static void a_layer_is_taken_again_after_a_long_time(void **state)
{
	(void)state;
	picture(3);
	assert_int_equal(layer_of(n_outs - 1), 1);
	picture(4);
	assert_int_equal(layer_of(n_outs - 1), 2);
	for (unsigned i = 0; i < 40000; i++, pictures++) { /* ten minutes, shortened */
		for (unsigned l = 1; l < 3; l++) {
			struct in in = layer_in(l, pictures, false);
			give(0, &in);
		}
		n_outs = n_heard = 0;
		pass_us(100);
		if (i % 1000 == 0)
			router_heard(r, 1, now_us);
	}
	silent = 4;
	for (unsigned i = 0; i < 9; i++)
		picture(0);
	picture(2);
	assert_int_equal(layer_of(n_outs - 1), 1);
}

/* The layers that were asked for a keyframe, as bits. */
static unsigned keyframes_owed(void)
{
	unsigned keys = 0;
	for (unsigned i = 0; i < n_heard; i++)
		if (heard[i].item.kind == RTCP_PLI)
			keys |= 1u << (heard[i].item.ssrc - 0x100);
	return keys;
}

/* Of a stream whose upper layer has fewer pictures than the lower ones. */
static void a_layer_has_a_pace_of_its_own(void **state)
{
	unsigned owed = 0;
	(void)state;
	picture(7);
	for (unsigned i = 0; i < 250; i++) {
		silent = i % 10 ? 4 : 0; /* 25 a second, and 2.5 */
		owed |= keyframes_owed();
		if (i <= 50)
			forget_all();
		picture(owed & ~silent);
		owed &= silent;
		router_heard(r, 1, now_us);
	}
	assert_int_equal(count_heard(RTCP_PLI, 0), 0);
	assert_int_equal(n_outs, 20);
	assert_int_equal(layer_of(0), 2);
}

static void temporal_layers_are_dropped_without_a_gap(void **state)
{
	(void)state;
	want(0, 1);
	picture(7);
	for (unsigned i = 0; i < 10; i++)
		picture(0);
	assert_int_equal(n_outs, 3 + 5); /* the keyframes of three layers, then every second */
	assert_continuous();
	want(0, 2);
	for (unsigned i = 0; i < 4; i++)
		picture(0);
	assert_int_equal(n_outs, 3 + 5 + 4);
	assert_continuous();
}

static void changes_of_layer_are_told(void **state)
{
	unsigned last = 0;
	(void)state;
	picture(7);
	picture(0);
	for (unsigned i = 0; i < n_told; i++)
		if (told[i].what == 'l')
			last = i;
	assert_int_equal(told[last].slot, 1);
	assert_int_equal(told[last].mindex, VIDEO);
	assert_int_equal(told[last].a, 2);
	assert_int_equal(told[last].b, 1);
	assert_int_equal(told[last].c, -1);
	forget_all();
	picture(0);
	for (unsigned i = 0; i < n_told; i++)
		assert_int_not_equal(told[i].what, 'l');
}

static void each_layer_is_told_to_bring_packets_and_to_stop(void **state)
{
	unsigned on = 0, off = 0;
	(void)state;
	picture(7);
	silent = 4;
	for (unsigned i = 0; i < 60; i++)
		picture(0);
	for (unsigned i = 0; i < n_told; i++) {
		if (told[i].what != 'r')
			continue;
		assert_int_equal(told[i].slot, 0);
		if (told[i].b) {
			assert_int_equal(told[i].a, (int)on);
			on++;
		} else {
			assert_int_equal(told[i].a, 2);
			assert_in_range(told[i].c, 1, 2);
			off++;
		}
	}
	assert_int_equal(on, 3);
	assert_int_equal(off, 1);
}

static void a_keyframe_wish_goes_to_all_layers_and_is_repeated(void **state)
{
	(void)state;
	picture(7);
	pass_us(400000);
	forget_all();
	router_keyframe(r, 0, VIDEO);
	router_keyframe(r, 0, VIDEO);
	assert_int_equal(count_heard(RTCP_PLI, 0), 3);
	pass_us(299000);
	router_keyframe(r, 0, VIDEO);
	assert_int_equal(count_heard(RTCP_PLI, 0), 3);
	pass_us(2000);
	assert_int_equal(count_heard(RTCP_PLI, 0), 6);
	picture(5);
	forget_all();
	pass_us(1000000);
	assert_in_range(count_heard(RTCP_PLI, 0), 3, 4); /* only the middle one still owes */
	assert_int_equal(last_heard(RTCP_PLI, 0)->ssrc, 0x101);
	pass_us(2000000); /* all are silent: nobody is pestered */
	forget_all();
	pass_us(5000000);
	assert_int_equal(count_heard(RTCP_PLI, 0), 0);
	silent = 5;
	picture(0);
	assert_int_equal(count_heard(RTCP_PLI, 0), 1);
}

static void rtx_finds_its_layer_by_repaired_rid(void **state)
{
	struct in rtx;
	struct track_stats st[4];
	(void)state;
	picture(7);
	picture(0);
	rtx = layer_in(2, pictures - 1, false);
	rtx.ssrc = 0x900;
	rtx.pt = 97;
	rtx.rid = NULL;
	rtx.rrid = "h";
	memmove(rtx.payload + 2, rtx.payload, rtx.len);
	wr16(rtx.payload, rtx.seq);
	rtx.len += 2;
	give(0, &rtx);
	router_stats(r, 0, st, 4);
	assert_int_equal(st[1].in[2].retransmissions, 1);
	assert_int_equal(st[1].ssrc_in[2], 0x102);
	assert_int_equal(st[1].rtx_ssrc_in[2], 0x900);
	assert_int_equal(st[1].rtx_ssrc_in[0], 0);
}

static void losses_and_quality_are_those_of_each_layer(void **state)
{
	struct track_stats st[4];
	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		silent = i == 5 || i == 6 ? 2 : 0;
		picture(i == 0 ? 7 : 0);
	}
	router_stats(r, 0, st, 4);
	assert_int_equal(st[1].lost[0], 0);
	assert_int_equal(st[1].lost[1], 2);
	assert_int_equal(st[1].lost[2], 0);
	assert_int_equal(st[1].quality_in[0].link, 100);
	assert_in_range(st[1].quality_in[1].link, 85, 95);
	assert_int_equal(st[1].quality_in[2].link, 100);
}

static void fir_is_sent_where_nothing_else_was_agreed(void **state)
{
	struct track t = track_in(VIDEO);
	struct in in = video_in(1, false);
	(void)state;
	t.feedback = CARDEA_FB_FIR;
	router_track(r, 0, &t);
	in.ssrc = 0xf1;
	give(0, &in);
	router_flush(r, now_us);
	assert_int_equal(count_heard(RTCP_PLI, 0), 0);
	assert_int_equal(count_heard(RTCP_FIR, 0), 1);
	pass_us(301000);
	assert_int_equal(count_heard(RTCP_FIR, 0), 2);
	assert_int_equal(last_heard(RTCP_FIR, 0)->fir.seq, 1);
	assert_int_equal(last_heard(RTCP_FIR, 0)->ssrc, 0xf1);
}

/* ---- VP9 with spatial layers on one SSRC ---- */

static void svc_layer(unsigned n, unsigned spatial, bool key)
{
	struct in in = { .pt = 96,
		.seq = (uint16_t)(3 * n + spatial),
		.ts = n * 3600,
		.ssrc = 0x99,
		.mid = "v",
		.len = 60 };
	in.marker = spatial == 2;
	in.payload[0] = (uint8_t)(0xac | (key ? 0 : 0x40)); /* I L B E, and P */
	in.payload[1] = n & 0x7f;
	in.payload[2] = (uint8_t)(spatial << 1);
	give(0, &in);
}

static void spatial_layers_are_dropped_and_the_picture_still_ends(void **state)
{
	struct track in = track_in(VIDEO), out = track_out(VIDEO, 1);
	struct route route = { .from_peer = 0,
		.to_slot = 1,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO,
		.max_spatial = 2 };
	(void)state;
	in.codec = out.codec = CARDEA_VP9;
	in.svc = 1;
	router_track(r, 0, &in);
	router_track(r, 1, &out);
	router_route(r, &route);
	for (unsigned n = 0; n < 3; n++)
		for (unsigned s = 0; s < 3; s++)
			svc_layer(n, s, !n);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 6);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal((uint16_t)(outs[i].k.seq - outs[0].k.seq), i);
		assert_int_equal(outs[i].k.marker, i & 1);
	}
	forget_all();
	route.max_spatial = 3;
	router_route(r, &route);
	pass_us(400000);
	assert_int_equal(count_heard(RTCP_PLI, 0), 2); /* the third layer begins at a keyframe */
	for (unsigned s = 0; s < 3; s++)
		svc_layer(3, s, false);
	for (unsigned s = 0; s < 3; s++)
		svc_layer(4, s, true);
	router_flush(r, now_us);
	assert_int_equal(n_outs, 5);
}

/* ---- AV1, whose layers are told by the dependency descriptor ---- */

enum { ID_DD = 9 };

/* Templates 0 and 1 for temporal layers 0 and 1; two decode targets; both switch. */
static const uint8_t key_descriptor[] = { 0xc0, 0, 1, 0x80, 0x01, 0x7a, 0x20 };

static void av1_picture(unsigned n, bool key, unsigned template)
{
	uint8_t inter[] = { (uint8_t)(0xc0 | template), 0, (uint8_t)n };
	struct rtp_out h = { .pt = 96,
		.marker = true,
		.seq = (uint16_t)n,
		.ts = n * 3000,
		.ssrc = 0xa1,
		.n_ext = 2 };
	struct pkt *k = pkt_take(packets);
	h.ext[0].id = ID_MID;
	h.ext[0].len = 1;
	h.ext[0].data = (const uint8_t *)"v";
	h.ext[1].id = ID_DD;
	h.ext[1].len = key ? sizeof key_descriptor : sizeof inter;
	h.ext[1].data = key ? key_descriptor : inter;
	k->len = (uint16_t)rtp_write(k->data, sizeof k->data, &h);
	memset(k->data + k->len, 0, 50);
	k->data[k->len] = 0x10;
	k->len = (uint16_t)(k->len + 50);
	k->at_us = now_us;
	assert_int_equal(rtp_parse(k), OK);
	router_rtp(r, 0, k, now_us);
	pkt_drop(k);
	router_flush(r, now_us);
}

static void descriptors_rule_av1_and_go_along(void **state)
{
	struct track in = track_in(VIDEO), out = track_out(VIDEO, 1);
	struct route route = { .from_peer = 0,
		.to_slot = 1,
		.from_mindex = VIDEO,
		.to_mindex = VIDEO,
		.max_svc_temporal = 1 };
	(void)state;
	in.codec = out.codec = CARDEA_AV1;
	in.svc = 1;
	in.ext[CARDEA_EXT_DEPENDENCY] = ID_DD;
	out.ext[CARDEA_EXT_DEPENDENCY] = ID_DD + 1;
	router_track(r, 0, &in);
	router_track(r, 1, &out);
	router_route(r, &route);
	for (unsigned n = 0; n < 6; n++)
		av1_picture(n, !n, n & 1);
	assert_int_equal(n_outs, 3);
	assert_int_equal(outs[0].k.ext_len[ID_DD + 1], sizeof key_descriptor);
	assert_memory_equal(outs[0].k.data + outs[0].k.ext_off[ID_DD + 1], key_descriptor,
		sizeof key_descriptor);
	assert_int_equal(outs[2].k.data[outs[2].k.ext_off[ID_DD + 1] + 2], 4);
	assert_int_equal((uint16_t)(outs[2].k.seq - outs[0].k.seq), 2);
	route.max_svc_temporal = 2;
	router_route(r, &route);
	for (unsigned n = 6; n < 10; n++)
		av1_picture(n, false, n & 1);
	assert_int_equal(n_outs, 3 + 4); /* taken up where the descriptor allows it */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(the_best_layer_is_taken_at_its_keyframe),
		T(a_cap_is_kept_and_the_old_layer_stays_until_the_keyframe),
		T(a_silent_layer_is_left_for_a_lower_one),
		T(slow_layers_are_not_silent),
		T(a_slow_screen_keeps_its_best_layer),
		T(a_slow_layer_that_ends_is_left_for_a_lower_one),
		T(a_layer_is_taken_again_after_a_long_time),
		T(a_layer_has_a_pace_of_its_own),
		T(temporal_layers_are_dropped_without_a_gap),
		T(changes_of_layer_are_told),
		T(each_layer_is_told_to_bring_packets_and_to_stop),
		T(a_keyframe_wish_goes_to_all_layers_and_is_repeated),
		T(rtx_finds_its_layer_by_repaired_rid),
		T(losses_and_quality_are_those_of_each_layer),
		T(fir_is_sent_where_nothing_else_was_agreed),
		T(spatial_layers_are_dropped_and_the_picture_still_ends),
		T(descriptors_rule_av1_and_go_along),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
