/* SPDX-License-Identifier: Apache-2.0 */
/* The indices of what leaves: how far they may run, and that a number asked for again shows what it
 * showed before or says that it cannot prove it. */
#include "../../core/router/out/rewrite.h"
#include "router_world.h"

static void join(void)
{
	open_peer(0, true, false);
	open_peer(1, false, true);
	route_to(0, 1, VIDEO);
	route_to(0, 1, AUDIO);
}

static void give_video(unsigned seq, unsigned n, bool key, size_t len)
{
	struct in in = video_in(n, key);
	in.seq = (uint16_t)seq;
	in.len = len;
	give(0, &in);
	flush();
	pass_us(1000);
}

static const struct out *newest(void)
{
	assert_true(n_outs > 0);
	return &outs[n_outs - 1];
}

/* Packets without payload, each 2999 after the one before: none is sealed. */
static void numbers_do_not_run_ahead_of_what_is_sealed(void **state)
{
	unsigned seq = 1000, n = 0;
	(void)state;
	join();
	for (; n < 100; n++)
		give_video(seq++, n, n == 0, 100);
	uint64_t last = newest()->index;
	for (unsigned round = 0; round < 60; round++) {
		for (unsigned i = 0; i < 22; i++)
			give_video(seq += 2999, n, false, 0);
		pass_us(1500000); /* the cache forgets */
		router_heard(r, 1, now_us);
		forget_all();
		for (unsigned i = 0; i < 40; i++, n++)
			give_video(++seq, n, i == 0, 100);
		assert_int_equal(n_outs, 40);
		assert_in_range(outs[0].index, last + 1, last + RW_AHEAD);
		for (unsigned i = 1; i < n_outs; i++)
			assert_int_equal(outs[i].index, outs[i - 1].index + 1);
		last = newest()->index;
	}
}

/* Short gaps stay what they are: the subscriber asks for what is in them, and it may come yet. */
static void a_gap_that_can_be_mended_is_kept(void **state)
{
	(void)state;
	join();
	give_video(1000, 0, true, 100);
	uint64_t first = newest()->index;
	give_video(1005, 5, false, 100);
	assert_int_equal(newest()->index, first + 5);
	give_video(1003, 3, false, 100);
	assert_int_equal(newest()->index, first + 3);
	assert_false(newest()->again);
}

static void nothing_counts_that_was_not_sealed(void **state)
{
	struct track_stats ts[2];
	(void)state;
	join();
	give_video(1000, 0, true, 100);
	uint64_t first = newest()->index;
	seals = false;
	for (unsigned n = 1; n < 20000; n++)
		give_video(1000 + n, n, false, 100);
	seals = true;
	give_video(1000 + 20000, 20000, false, 100);
	assert_in_range(newest()->index, first + 1, first + RW_AHEAD);
	assert_int_equal(router_stats(r, 1, ts, 2), 2);
	assert_int_equal(ts[VIDEO].out.packets, 2);
	/* and what never went out cannot be asked for */
	forget_all();
	nack_from(1, 1001, (uint16_t)(first + 1));
	assert_int_equal(n_outs, 0);
}

static void a_repeat_is_proven_to_be_one(void **state)
{
	(void)state;
	join();
	for (unsigned n = 0; n < 5; n++)
		give_video(1000 + n, n, n == 0, 100);
	struct out was = *newest();
	pass_us(20000);
	nack_from(1, 1001, was.k.seq);
	assert_true(newest()->again);
	assert_int_equal(newest()->index, was.index);
	assert_int_equal(newest()->k.len, was.k.len);
	assert_memory_equal(newest()->k.data, was.k.data, was.k.len);
}

/* The publisher brings other bytes by RTX for a number that has left the cache. */
static void other_bytes_by_rtx_are_no_repeat(void **state)
{
	(void)state;
	join();
	for (unsigned n = 0; n < 10; n++)
		give_video(1000 + n, n, n == 0, 100);
	uint16_t seq = newest()->k.seq;
	pass_us(600000);
	give_video(1010, 10, false, 100); /* the rest goes out of the cache */
	struct in rtx = video_in(9, false);
	rtx.pt = 97;
	rtx.ssrc = 0x51de1;
	memmove(rtx.payload + 2, rtx.payload, rtx.len);
	wr16(rtx.payload, 1009);
	rtx.len += 2;
	memset(rtx.payload + 20, 0xee, 60);
	give(0, &rtx);
	flush();
	forget_all();
	nack_from(1, 1001, seq);
	for (unsigned i = 0; i < n_outs; i++)
		assert_false(outs[i].again);
}

/* The publisher negotiates header extensions anew between a packet and its repetition. */
static void other_extensions_are_no_repeat(void **state)
{
	struct track out = track_out(AUDIO, 1), in = track_in(AUDIO);
	(void)state;
	join();
	out.feedback |= CARDEA_FB_NACK;
	assert_int_equal(router_track(r, 1, &out), OK);
	for (unsigned n = 0; n < 5; n++) {
		struct in sound = audio_in(100 + n);
		sound.level = 21;
		give(0, &sound);
		flush();
		pass_us(1000);
	}
	uint16_t seq = newest()->k.seq;
	nack_from(1, 1000, seq);
	assert_true(newest()->again);
	in.ext[CARDEA_EXT_AUDIO_LEVEL] = 0;
	assert_int_equal(router_track(r, 0, &in), OK);
	pass_us(100000);
	forget_all();
	nack_from(1, 1000, seq);
	for (unsigned i = 0; i < n_outs; i++)
		assert_false(outs[i].again);
}

/* Who has not agreed on NACK cannot ask. */
static void nothing_is_repeated_that_was_not_agreed_on(void **state)
{
	struct track out = track_out(VIDEO, 1);
	(void)state;
	join();
	out.feedback &= ~(uint32_t)CARDEA_FB_NACK;
	assert_int_equal(router_track(r, 1, &out), OK);
	for (unsigned n = 0; n < 5; n++)
		give_video(1000 + n, n, n == 0, 100);
	uint16_t seq = newest()->k.seq;
	pass_us(20000);
	forget_all();
	nack_from(1, 1001, seq);
	assert_int_equal(n_outs, 0);
}

static void ssrcs_are_given_up_with_their_track(void **state)
{
	struct track t = track_out(VIDEO, 1);
	(void)state;
	join();
	t.rtx_pt = 101;
	t.out_rtx_ssrc = 5001;
	assert_int_equal(router_track(r, 1, &t), OK);
	forget_all();
	assert_int_equal(router_track(r, 1, &t), OK); /* no change */
	assert_int_equal(n_forgotten, 0);
	t.out_ssrc = 6001;
	t.out_rtx_ssrc = 7001;
	assert_int_equal(router_track(r, 1, &t), OK);
	assert_int_equal(n_forgotten, 2);
	assert_int_equal(forgotten[0], 1001);
	assert_int_equal(forgotten[1], 5001);
	t.dir = CARDEA_INACTIVE;
	t.out_ssrc = t.out_rtx_ssrc = 0;
	assert_int_equal(router_track(r, 1, &t), OK);
	assert_int_equal(n_forgotten, 4);
	assert_int_equal(forgotten[2], 6001);
	assert_int_equal(forgotten[3], 7001);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(numbers_do_not_run_ahead_of_what_is_sealed),
		T(a_gap_that_can_be_mended_is_kept),
		T(nothing_counts_that_was_not_sealed),
		T(a_repeat_is_proven_to_be_one),
		T(other_bytes_by_rtx_are_no_repeat),
		T(other_extensions_are_no_repeat),
		T(nothing_is_repeated_that_was_not_agreed_on),
		T(ssrcs_are_given_up_with_their_track),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
