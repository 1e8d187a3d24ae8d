/* SPDX-License-Identifier: Apache-2.0 */
/* Frames from packets: Opus, G.711, VP8 and VP9; what is lost freezes the picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "depack_world.h"

#define KEY    0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0
#define KEY_IS "K64x48:1000009d012a40003000 "

/* ---- sound ---- */

static void sound_goes_through(void **state)
{
	(void)state;
	begin(CARDEA_OPUS, 0);
	assert_false(depack_wants_keyframe(d));
	TAKE(H(.marker = true), 0xfc, 1, 2);
	ts += 960;
	TAKE(H(.gap = 3), 0xfc, 3);
	assert_out("K:fc0102 K:fc03 ");
	assert_int_equal(last.ts, 1960);
	assert_int_equal(last.at_us, 5000);
	TAKE(H(.is_empty = true), 0);
	assert_out("");
	assert_int_equal(depack_stats(d)->frames, 2);
}

static void timestamps_are_unwrapped_within_a_gen(void **state)
{
	(void)state;
	begin(CARDEA_PCMU, 0);
	ts = 0xfffffff0;
	TAKE(H(0), 1);
	ts = 0x10;
	TAKE(H(0), 1);
	assert_int_equal(last.ts, 0x100000010);
	ts = 0xfffffff0;
	TAKE(H(0), 1);
	assert_int_equal(last.ts, 0xfffffff0);
	ts = 5;
	TAKE(H(.gen = 1), 1);
	assert_int_equal(last.ts, 5);
	assert_int_equal(last.gen, 1);
}

static void redundant_sound_fills_what_was_lost(void **state)
{
	(void)state;
	begin(CARDEA_OPUS, 63);
	TAKE(H(.pt = 63), 0xef, 0x0f, 0, 1, 111, 0x77, 1, 1); /* what was before is not asked for */
	ts += 960;
	TAKE(H(.pt = 63), 0xef, 0x0f, 0, 2, 111, 1, 1, 2);
	assert_out("K:0101 K:02 ");
	ts += 1920; /* one is missing */
	TAKE(H(.pt = 63, .gap = 1), 0xef, 0x1e, 0, 1, 0xef, 0x0f, 0, 2, 111, 2, 3, 3, 4);
	assert_out("K:0303 K:04 ");
	assert_int_equal(last.ts, 3880);
	ts += 960;
	TAKE(H(.pt = 111), 5); /* plain */
	assert_out("K:05 ");
	ts += 960;
	TAKE(H(.pt = 63), 0xef, 0x0f, 0, 200, 111, 1); /* longer than it is */
	assert_out("");
	assert_int_equal(depack_stats(d)->broken, 1);
}

static void what_nobody_knows_is_refused(void **state)
{
	(void)state;
	assert_null(depack_new(CARDEA_CODEC_NONE, 0, NULL, NULL));
	assert_null(depack_new(CARDEA_ISAC16, 0, NULL, NULL));
	depack_free(NULL);
}

/* ---- VP8 ---- */

static void vp8_frames_are_put_together(void **state)
{
	(void)state;
	begin(CARDEA_VP8, 0);
	assert_true(depack_wants_keyframe(d));
	TAKE(H(0), 0x10, KEY);
	assert_false(depack_wants_keyframe(d)); /* it is on its way */
	TAKE(H(0), 0x00, 1);
	TAKE(H(.marker = true), 0x80, 0x80, 0x12, 2, 3); /* with a picture id */
	assert_out("K64x48:1000009d012a40003000010203 ");
	ts += 3000;
	TAKE(H(.marker = true), 0x10, 0x11, 0, 0, 7);
	assert_out("P:11000007 ");
	ts += 3000;
	TAKE(H(.marker = true), 0x30, 0x11, 0, 0, 8); /* N */
	assert_out("D:11000008 ");
	assert_int_equal(last.ts, 7000);
	assert_int_equal(depack_stats(d)->keyframes, 1);
	assert_int_equal(depack_stats(d)->broken, 0);
}

static void vp8_without_markers_ends_with_the_timestamp(void **state)
{
	(void)state;
	begin(CARDEA_VP8, 0);
	TAKE(H(0), 0x10, KEY);
	ts += 3000;
	TAKE(H(0), 0x10, 0x11, 0, 0, 7);
	assert_out(KEY_IS);
	TAKE(H(0), 0x00, 8);
	ts += 3000;
	TAKE(H(.gap = 1), 0x10, 0x11, 0, 0, 9); /* whose end was missing? */
	assert_out("");
	depack_flush(d); /* this may go on */
	assert_out("");
	assert_int_equal(depack_stats(d)->broken, 2);
}

static void what_misses_a_packet_is_not_given_nor_what_refers_to_it(void **state)
{
	(void)state;
	begin(CARDEA_VP8, 0);
	TAKE(H(.marker = true), 0x10, 0x11, 0, 0, 1); /* began before */
	assert_out("");
	assert_int_equal(depack_stats(d)->skipped, 1);
	TAKE(H(.marker = true), 0x10, KEY);
	assert_out(KEY_IS);
	ts += 3000;
	TAKE(H(0), 0x10, 0x11, 0, 0, 1);
	TAKE(H(.marker = true, .gap = 1), 0x00, 2); /* its middle is missing */
	assert_true(depack_wants_keyframe(d));
	ts += 3000;
	TAKE(H(.marker = true), 0x10, 0x11, 0, 0, 3);
	assert_out("");
	assert_int_equal(depack_stats(d)->broken, 1);
	assert_int_equal(depack_stats(d)->skipped, 2);
	ts += 3000;
	TAKE(H(.marker = true), 0x10, KEY);
	ts += 3000;
	TAKE(H(.marker = true), 0x10, 0x11, 0, 0, 4);
	assert_out(KEY_IS "P:11000004 ");
	ts += 3000;
	TAKE(H(.marker = true, .gap = 1), 0x00, 0x11, 0, 0, 5); /* its head is missing */
	ts += 3000;
	TAKE(H(.marker = true), 0x10, 0x11, 0, 0, 6);
	assert_out("");
	assert_true(depack_wants_keyframe(d));
}

static void a_keyframe_with_a_damaged_head_is_none(void **state)
{
	(void)state;
	begin(CARDEA_VP8, 0);
	TAKE(H(.marker = true), 0x10, 0x10, 0, 0, 0x9d, 1, 0x2b, 64, 0, 48, 0);
	ts++;
	TAKE(H(.marker = true), 0x10, 0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 0, 0);
	ts++;
	TAKE(H(.marker = true), 0x10, 0x10, 0);
	assert_out("");
	assert_int_equal(depack_stats(d)->broken, 3);
}

static void what_nothing_refers_to_may_be_lost(void **state)
{
	(void)state;
	begin(CARDEA_VP8, 0);
	TAKE(H(.marker = true), 0x10, KEY);
	ts += 3000;
	TAKE(H(0), 0x30, 0x11, 0, 0, 1); /* N, and its end is missing */
	TAKE(H(.marker = true, .gap = 1), 0x20, 2);
	ts += 3000;
	TAKE(H(.marker = true), 0x10, 0x11, 0, 0, 3);
	assert_out(KEY_IS "P:11000003 ");
}

/* X; I L T; picture id, TL0PICIDX, TID and Y */
#define VP8(id, tl0, tid, y) 0x90, 0xe0, id, tl0, (tid) << 6 | (y) << 5

static void temporal_layers_tell_what_is_missing(void **state)
{
	(void)state;
	begin(CARDEA_VP8, 0);
	TAKE(H(.marker = true), VP8(1, 1, 0, 1), KEY);
	ts++;
	TAKE(H(.marker = true, .gap = 2), VP8(4, 2, 0, 0), 0x11, 0, 0, 4); /* 2, 3 were above */
	ts++;
	TAKE(H(.marker = true), VP8(5, 2, 2, 0), 0x11, 0, 0, 5); /* may refer to those */
	assert_out(KEY_IS "P:11000004 ");
	assert_false(depack_wants_keyframe(d));
	ts++;
	TAKE(H(.marker = true), VP8(6, 2, 1, 1), 0x11, 0, 0, 6); /* refers to 4 alone */
	ts++;
	TAKE(H(.marker = true), VP8(7, 2, 2, 0), 0x11, 0, 0, 7); /* layer 2 is not known */
	ts++;
	TAKE(H(.marker = true), VP8(8, 2, 2, 1), 0x11, 0, 0, 8);
	ts++;
	TAKE(H(.marker = true), VP8(9, 3, 0, 0), 0x11, 0, 0, 9);
	ts++;
	TAKE(H(.marker = true), VP8(10, 3, 2, 0), 0x11, 0, 0, 10);
	assert_out("P:11000006 P:11000008 P:11000009 P:1100000a ");
	ts++;
	TAKE(H(.marker = true, .gap = 2), VP8(12, 4, 2, 1), 0x11, 0, 0, 12); /* base 4 is missing */
	assert_out("");
	assert_true(depack_wants_keyframe(d));
}

static void what_is_broken_and_discardable_breaks_no_layer(void **state)
{
	(void)state;
	begin(CARDEA_VP8, 0);
	TAKE(H(.marker = true), VP8(1, 1, 0, 1), KEY);
	ts++;
	TAKE(H(.gap = 0), 0xb0, 0xe0, 2, 1, 2 << 6, 0x11, 0, 0, 2); /* N, and its end is missing */
	ts++;
	TAKE(H(.marker = true, .gap = 1), VP8(3, 1, 2, 0), 0x11, 0, 0, 3);
	assert_out(KEY_IS "P:11000003 ");
}

static void a_frame_whose_head_was_lost_is_broken(void **state)
{
	(void)state;
	begin(CARDEA_VP8, 0);
	TAKE(H(.marker = true), 0x90, 0x80, 1, KEY);
	ts++;
	TAKE(H(.marker = true, .gap = 1), 0x80, 0x80, 2, 0x11, 0, 0, 4); /* no frame is missing */
	assert_out(KEY_IS);
	assert_int_equal(depack_stats(d)->broken, 1);
}

static void what_was_lost_may_have_been_padding(void **state)
{
	(void)state;
	begin(CARDEA_VP8, 0);
	TAKE(H(.marker = true), 0x90, 0x80, 127, KEY);
	ts++;
	TAKE(H(.is_empty = true, .gap = 2), 0);
	TAKE(H(.marker = true), 0x90, 0x80, 0, 0x11, 0, 0, 4);
	assert_out(KEY_IS "P:11000004 ");
	ts++;
	TAKE(H(.marker = true, .gap = 1), 0x90, 0x80, 2, 0x11, 0, 0, 5);
	assert_out("");
}

static void another_layer_begins_with_a_keyframe(void **state)
{
	(void)state;
	begin(CARDEA_VP8, 0);
	TAKE(H(.marker = true), 0x10, KEY);
	TAKE(H(0), 0x10, 0x11, 0, 0, 3);
	ts = 99;
	TAKE(H(.layer = 1, .marker = true), 0x10, 0x11, 0, 0, 4);
	assert_out(KEY_IS);
	assert_true(depack_wants_keyframe(d));
	ts = 199;
	TAKE(H(.layer = 1, .marker = true), 0x10, KEY);
	assert_out(KEY_IS);
	assert_int_equal(last.layer, 1);
	assert_int_equal(last.ts, 199);
}

static void no_frame_is_longer_than_may_be(void **state)
{
	uint8_t payload[501] = { 0x00 };
	(void)state;
	begin(CARDEA_VP8, 0);
	TAKE(H(0), 0x10, KEY);
	for (unsigned i = 0; i < DEPACK_FRAME / 500 + 10; i++)
		take_bytes((struct how){ 0 }, payload, sizeof payload);
	TAKE(H(.marker = true), 0x00, 1);
	assert_out("");
	assert_int_equal(depack_stats(d)->broken, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sound_goes_through),
		TEST(timestamps_are_unwrapped_within_a_gen),
		TEST(redundant_sound_fills_what_was_lost),
		TEST(what_nobody_knows_is_refused),
		TEST(vp8_frames_are_put_together),
		TEST(vp8_without_markers_ends_with_the_timestamp),
		TEST(what_misses_a_packet_is_not_given_nor_what_refers_to_it),
		TEST(a_keyframe_with_a_damaged_head_is_none),
		TEST(what_nothing_refers_to_may_be_lost),
		TEST(temporal_layers_tell_what_is_missing),
		TEST(what_is_broken_and_discardable_breaks_no_layer),
		TEST(a_frame_whose_head_was_lost_is_broken),
		TEST(what_was_lost_may_have_been_padding),
		TEST(another_layer_begins_with_a_keyframe),
		TEST(no_frame_is_longer_than_may_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
