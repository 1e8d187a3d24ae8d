/* SPDX-License-Identifier: Apache-2.0 */
/* What the payload formats of pictures have that real encoders and libavformat seldom make. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "depack_world.h"

#define NEXT (ts += 3000)

/* ---- VP9 ---- */

/* An uncompressed header of 64x48, and of a frame that refers to one of the same size; of which
 * nothing is a reference afterwards; and a byte behind each. */
#define VP9_KEY \
	0x82, 0x49, 0x83, 0x42, 0x20, 0x03, 0xf0, 0x02, 0xf0, 0x00, 0x00, 0x00, 0x00, 0x01, 0xaa
#define VP9_KEY_IS   "K64x48:824983422003f002f00000000001aa "
#define VP9_INTER    0x86, 0x00, 0x40, 0x02, 0x40, 0x00, 0x00, 0x00, 0x00, 0x08, 0xbb
#define VP9_INTER_IS "P:86004002400000000008bb "
#define VP9_NONE     0x87, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0xcc
#define VP9_NONE_IS  "D:87000009000000000080cc "

static void vp9_frames_are_put_together(void **state)
{
	static const uint8_t key[] = { VP9_KEY };
	uint8_t part[32];
	(void)state;
	begin(CARDEA_VP9, 0);
	assert_true(depack_wants_keyframe(d));
	part[0] = 0x08; /* B */
	memcpy(part + 1, key, 5);
	take_bytes(H(.gap = 0), part, 6);
	assert_false(depack_wants_keyframe(d));
	part[0] = 0x04; /* E */
	memcpy(part + 1, key + 5, sizeof key - 5);
	take_bytes(H(.marker = true), part, sizeof key - 4);
	assert_out(VP9_KEY_IS);
	NEXT;
	TAKE(H(.marker = true), 0x4c, VP9_INTER);
	assert_out(VP9_INTER_IS);
	NEXT;
	TAKE(H(.marker = true), 0x4c, VP9_NONE);
	assert_out(VP9_NONE_IS);
	NEXT;
	TAKE(H(.gap = 0), 0x4c, VP9_INTER); /* its end is not marked, but E says it */
	depack_flush(d);
	assert_out(VP9_INTER_IS);
	assert_int_equal(depack_stats(d)->broken, 0);
}

static void vp9_that_lists_what_it_refers_to_goes_on_after_a_loss(void **state)
{
	(void)state;
	begin(CARDEA_VP9, 0);
	TAKE(H(.marker = true), 0x9c, 1, VP9_KEY); /* I F B E */
	NEXT;
	TAKE(H(.marker = true), 0xdc, 2, 1 << 1, VP9_INTER); /* refers to 1 */
	NEXT;
	TAKE(H(.marker = true, .gap = 1), 0xdc, 4, 2 << 1, VP9_INTER); /* 3 is lost, but not 2 */
	assert_out(VP9_KEY_IS VP9_INTER_IS VP9_INTER_IS);
	NEXT;
	TAKE(H(.marker = true), 0xdc, 5, 1 << 1 | 1, 2 << 1, VP9_INTER); /* to 4 and 3 */
	assert_out("");
	assert_true(depack_wants_keyframe(d));
	NEXT;
	TAKE(H(.marker = true), 0xdc, 6, 4 << 1, VP9_INTER); /* to 2 */
	NEXT;
	TAKE(H(.marker = true), 0xdc, 7, 2 << 1, VP9_INTER); /* to 5, which was not given */
	assert_out(VP9_INTER_IS);
	NEXT;
	TAKE(H(.marker = true, .gap = 200), 0xdc, 120, 124 << 1, VP9_INTER); /* to 124 of before */
	assert_out("");
	assert_int_equal(depack_stats(d)->skipped, 3);
}

/* I P L B E, picture id, TID and U, TL0PICIDX */
#define VP9_AT(id, tid, u, tl0) 0xec, id, (tid) << 5 | (u) << 4, tl0

static void vp9_takes_up_its_temporal_layers_again(void **state)
{
	(void)state;
	begin(CARDEA_VP9, 0);
	TAKE(H(.marker = true), 0xac, 1, 0, 1, VP9_KEY);
	NEXT;
	TAKE(H(.marker = true, .gap = 1), VP9_AT(3, 1, 0, 1), VP9_INTER); /* may refer to 2 */
	assert_out(VP9_KEY_IS);
	NEXT;
	TAKE(H(.marker = true), VP9_AT(4, 0, 1, 2), VP9_INTER);
	NEXT;
	TAKE(H(.marker = true), VP9_AT(5, 2, 0, 2), VP9_INTER); /* to nothing before 4 */
	assert_out(VP9_INTER_IS VP9_INTER_IS);
}

static void vp9_before_its_keyframe_is_whole_and_skipped(void **state)
{
	(void)state;
	begin(CARDEA_VP9, 0);
	TAKE(H(.marker = true), 0x4c, VP9_INTER);
	assert_out("");
	assert_int_equal(depack_stats(d)->skipped, 1);
	assert_int_equal(depack_stats(d)->broken, 0);
}

static void vp9_that_is_malformed_is_broken(void **state)
{
	(void)state;
	begin(CARDEA_VP9, 0);
	TAKE(H(.marker = true), 0x0c, VP9_KEY);
	assert_out(VP9_KEY_IS);
	NEXT;
	TAKE(H(.marker = true), 0x48, VP9_INTER); /* no E */
	NEXT;
	TAKE(H(.marker = true), 0x44, VP9_INTER); /* no B */
	NEXT;
	TAKE(H(.marker = true), 0x9c); /* nothing behind it */
	NEXT;
	TAKE(H(.marker = true), 0x0e, 0xff, 1, 2, 3); /* a structure that is cut off */
	NEXT;
	TAKE(H(.marker = true), 0x0c, 0x42, 0x49, 0x83); /* no frame */
	assert_out("");
	assert_int_equal(depack_stats(d)->broken, 5);
}

/* ---- H.264 ---- */

#define SPS     0x67, 0x42, 0xc0, 0x1e, 0xda, 0x11, 0xe4 /* 64x48, frame_num of 4 bits */
#define PPS     0x68, 0xce
#define SETS_IS "000000016742c01eda11e40000000168ce"
#define IDR     0x65, 0x88, 0x85, 0x60
#define IDR_IS  "0000000165888560"
/* a slice with a frame_num, which others refer to, or none */
#define P(n) 0x41, 0x9a, 0x15 | ((n)&7) << 5, 0x80 | (n) >> 3
#define B(n) 0x01, 0x9a, 0x15 | ((n)&7) << 5, 0x80 | (n) >> 3
#define STAP 0x78, 0, 7, SPS, 0, 2, PPS

static void begin_h264(void)
{
	begin(CARDEA_H264, 0);
	TAKE(H(.gap = 0), STAP);
	assert_false(depack_wants_keyframe(d));
	TAKE(H(.marker = true), IDR);
	assert_out("K64x48:" SETS_IS IDR_IS " ");
}

static void h264_comes_in_fragments(void **state)
{
	(void)state;
	begin_h264();
	NEXT;
	TAKE(H(.gap = 0), 0x5c, 0x81, 0x9a, 0x35); /* FU-A of P(1) */
	TAKE(H(.gap = 0), 0x5c, 0x01, 0x80);
	TAKE(H(.marker = true), 0x5c, 0x41, 0x77);
	assert_out("P:00000001419a358077 ");
	NEXT;
	TAKE(H(.gap = 0), 0x5c, 0x81, 0x9a, 0x35);
	TAKE(H(.marker = true), P(2)); /* its end did not come */
	NEXT;
	TAKE(H(.marker = true), 0x5c, 0x41, 0x77); /* nor its beginning */
	assert_out("");
	assert_int_equal(depack_stats(d)->broken, 2);
}

static void h264_keyframes_get_the_sets_that_came_before(void **state)
{
	(void)state;
	begin(CARDEA_H264, 0);
	TAKE(H(.marker = true), IDR); /* none came before */
	assert_out("");
	assert_int_equal(depack_stats(d)->broken, 1);
	NEXT;
	TAKE(H(.marker = true), STAP); /* no picture */
	NEXT;
	TAKE(H(.marker = true), 0x67, 0x42); /* damaged */
	NEXT;
	TAKE(H(.marker = true), IDR);
	assert_out("K64x48:" SETS_IS IDR_IS " ");
	NEXT;
	TAKE(H(.marker = true, .gap = 1), IDR); /* others may have been lost */
	assert_out("");
	NEXT;
	TAKE(H(.marker = true), IDR);
	assert_out("K64x48:" SETS_IS IDR_IS " ");
	assert_int_equal(depack_stats(d)->broken, 3);
}

static void h264_tells_by_frame_num_what_was_lost(void **state)
{
	(void)state;
	begin_h264();
	NEXT;
	TAKE(H(.marker = true), P(1));
	NEXT;
	TAKE(H(.marker = true, .gap = 2), P(2)); /* what was between is referred to by none */
	assert_out("P:00000001419a3580 P:00000001419a5580 ");
	NEXT;
	TAKE(H(.marker = true), B(3));
	NEXT;
	TAKE(H(.marker = true, .gap = 1), B(3));
	assert_out("D:00000001019a7580 D:00000001019a7580 ");
	NEXT;
	TAKE(H(.gap = 0), 0x1c, 0x81, 0x9a, 0x75); /* one of those loses its end */
	NEXT;
	TAKE(H(.marker = true, .gap = 1), 0x1c, 0x41, 0x77); /* and one its beginning */
	NEXT;
	TAKE(H(.marker = true), P(3));
	assert_out("P:00000001419a7580 ");
	NEXT;
	TAKE(H(.marker = true, .gap = 1), P(5)); /* 4 is lost */
	assert_out("");
	assert_true(depack_wants_keyframe(d));
	NEXT;
	TAKE(H(.gap = 0), STAP);
	TAKE(H(.marker = true), IDR);
	NEXT;
	TAKE(H(.marker = true, .gap = 16), P(1)); /* so many, they may have gone round */
	assert_out("K64x48:" SETS_IS IDR_IS " ");
}

static void h264_goes_on_at_a_recovery_point(void **state)
{
	(void)state;
	begin_h264();
	NEXT;
	TAKE(H(.marker = true, .gap = 1), P(5));
	assert_out("");
	NEXT;
	TAKE(H(.gap = 0), 0x06, 0x05, 0x01, 0x00, 0x06, 0x01, 0x40,
		0x80); /* after one picture: no */
	TAKE(H(.marker = true), P(6));
	assert_out("");
	NEXT;
	TAKE(H(.gap = 0), 0x06, 0x05, 0x01, 0x00, 0x06, 0x01, 0x80, 0x80);
	TAKE(H(.marker = true), P(7));
	assert_out("K64x48:" SETS_IS "000000010605010006018080"
		   "00000001419af580 ");
	NEXT;
	TAKE(H(.marker = true), P(8));
	assert_out("P:00000001419a1581 ");
}

static void h264_that_is_malformed_is_broken(void **state)
{
	(void)state;
	begin_h264();
	NEXT;
	TAKE(H(.marker = true), 0x78, 0, 9, 1, 2); /* longer than it is */
	NEXT;
	TAKE(H(.marker = true), 0x78);
	NEXT;
	TAKE(H(.marker = true), 0x5c, 0xc1);
	NEXT;
	TAKE(H(.marker = true), 0x79, 1, 2, 3, 4); /* STAP-B, of the mode with interleaving */
	NEXT;
	TAKE(H(.marker = true), 0x67, 0x42);
	assert_out("");
	assert_int_equal(depack_stats(d)->broken, 5);
}

/* ---- H.265 ---- */

#define VPS5 0x40, 1, 0x0c
#define SPS5 \
	0x42, 0x01, 0x02, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, \
		0x03, 0x00, 0x3c, 0x00, 0x00, 0xa0, 0x0a, 0x88, 0x04, 0x07, 0x24, 0x99, 0x65, \
		0x65, 0x2b, 0x2c, 0x92, 0x65, 0x78, 0x0b, 0x40, 0x40, 0x00, 0x00, 0x03, 0x00, \
		0x40, 0x00, 0x00, 0x06, 0x42 /* 330x250, two sub-layers */
#define SPS5_LEN 46
#define PPS5     0x44, 1, 0xc1
#define SETS5_IS \
	"0000000140010c" \
	"0000000142010201600000030090000003000003003c0000a00a880407249965652b2c9265780b4040000003" \
	"0040000006420000000144" \
	"01c1"

static void begin_h265(void)
{
	begin(CARDEA_H265, 0);
	TAKE(H(.gap = 0), 0x60, 1, 0, 3, VPS5, 0, SPS5_LEN, SPS5, 0, 3, PPS5); /* AP */
	assert_false(depack_wants_keyframe(d));
	TAKE(H(.marker = true), 0x26, 1, 0xaf, 9); /* IDR_W_RADL */
	assert_out("K330x250:" SETS5_IS "000000012601af09 ");
}

static void h265_comes_together_and_in_fragments(void **state)
{
	(void)state;
	begin_h265();
	NEXT;
	TAKE(H(.gap = 0), 0x62, 1, 0x81, 0xd0, 1); /* FU of TRAIL_R */
	TAKE(H(.marker = true), 0x62, 1, 0x41, 2);
	assert_out("P:000000010201d00102 ");
	NEXT;
	TAKE(H(.marker = true), 0x00, 2, 0xd0, 3); /* TRAIL_N, of the highest sub-layer */
	NEXT;
	TAKE(H(.marker = true), 0x00, 1, 0xd0, 4); /* of a lower one */
	assert_out("D:000000010002d003 P:000000010001d004 ");
	NEXT;
	TAKE(H(.marker = true), 0x26, 1, 0xaf, 9);
	assert_out("K330x250:" SETS5_IS "000000012601af09 ");
	NEXT;
	TAKE(H(.marker = true, .gap = 1), 0x02, 1, 0xd0, 5);
	assert_out("");
	assert_true(depack_wants_keyframe(d));
	NEXT;
	TAKE(H(.marker = true, .gap = 1), 0x26, 1, 0xaf, 9); /* its sets may have been lost */
	assert_out("");
}

/* What is behind it has the header of the packet, with another type: 1, 49, 48. */
static void h265_comes_with_content_information(void **state)
{
	(void)state;
	begin_h265();
	NEXT;
	TAKE(H(.marker = true), 0x64, 1, 0x02, 0x30, 7, 7, 7, 0xd0, 1);
	assert_out("P:000000010201d001 ");
	NEXT;
	TAKE(H(.gap = 0), 0x64, 1, 0x62, 0x00, 0x81, 0xd0, 1);
	TAKE(H(.marker = true), 0x64, 1, 0x62, 0x18, 7, 0x41, 2);
	assert_out("P:000000010201d00102 ");
	NEXT;
	TAKE(H(.marker = true), 0x64, 1, 0x60, 0x10, 7, 0, 4, 0x02, 1, 0xd0, 1);
	assert_out("P:000000010201d001 ");
	NEXT;
	TAKE(H(.marker = true), 0x64, 1, 0x64, 0x00, 0x02, 0x00, 0xd0, 1); /* PACI within PACI */
	assert_out("");
}

static void h265_that_is_malformed_is_broken(void **state)
{
	(void)state;
	begin_h265();
	NEXT;
	TAKE(H(.marker = true), 0x02, 0, 0xd0, 5); /* a temporal id of -1 */
	NEXT;
	TAKE(H(.marker = true), 0x60, 1, 0, 9, 1);
	NEXT;
	TAKE(H(.marker = true), 0x64, 1, 0x02, 0x30, 1, 2); /* PACI of three bytes that has two */
	NEXT;
	TAKE(H(.marker = true), 0x02);
	NEXT;
	TAKE(H(.marker = true), 0x62, 1, 0x41, 2);
	assert_out("");
	assert_int_equal(depack_stats(d)->broken, 5);
}

/* ---- AV1 ---- */

/* A sequence header of 64x48 (reduced), a key frame and another, with one byte each behind what is
 * looked at. */
#define SEQ      0x08, 0x18, 0x15, 0x7f, 0xbc /* no size */
#define SEQ_LEN  5
#define KEY_OBU  0x30, 0x10, 0xaa
#define SEQ_IS   "0a0418157fbc"
#define KEY_IS_1 "320210aa"

static void av1_obus_get_sizes(void **state)
{
	(void)state;
	begin(CARDEA_AV1, 0);
	TAKE(H(.marker = true), 0x28, SEQ_LEN, SEQ, KEY_OBU); /* W is 2 */
	assert_out("K64x48:" SEQ_IS KEY_IS_1 " ");
	NEXT;
	TAKE(H(.marker = true), 0x00, 2, 0x10, 0, 4, 0x34, 0x28, 0x30, 0xbb,
		0); /* W is 0; a delimiter */
	assert_out("P:36280230bb ");
	NEXT;
	TAKE(H(.marker = true), 0x10, 0x32, 2, 0x30, 0xbb); /* has a size */
	assert_out("P:320230bb ");
	NEXT;
	TAKE(H(.marker = true), 0x10, 0x32, 3, 0x30, 0xbb); /* a wrong one */
	assert_out("");
	assert_int_equal(depack_stats(d)->broken, 1);
}

static void av1_obus_come_in_fragments(void **state)
{
	(void)state;
	begin(CARDEA_AV1, 0);
	TAKE(H(.gap = 0), 0x68, SEQ_LEN, SEQ, 0x30, 0x10); /* Y, N, W is 2 */
	assert_false(depack_wants_keyframe(d));
	TAKE(H(.gap = 0), 0xd0, 0xa1); /* Z, Y */
	TAKE(H(.gap = 0), 0xd0, 0xa2);
	TAKE(H(.marker = true), 0xa0, 1, 0xa3, 0x38, 0); /* Z, W is 2 */
	assert_out("K64x48:" SEQ_IS "320410a1a2a3"
		   "3a0100 ");
	NEXT;
	TAKE(H(.gap = 0), 0x50, 0x30, 0x30);
	TAKE(H(.marker = true), 0x10, 0x30, 0x30, 1); /* not the rest */
	NEXT;
	TAKE(H(.marker = true), 0x90, 0x30); /* the rest of nothing */
	NEXT;
	TAKE(H(.marker = true), 0x50, 0x30, 0x30); /* cut off by the end */
	assert_out("");
	assert_int_equal(depack_stats(d)->broken, 3);
}

static void av1_waits_for_a_key_frame_after_a_loss(void **state)
{
	(void)state;
	begin(CARDEA_AV1, 0);
	TAKE(H(.marker = true), 0x28, SEQ_LEN, SEQ, KEY_OBU);
	NEXT;
	TAKE(H(.marker = true, .gap = 1), 0x10, 0x30, 0x30, 1);
	assert_out("K64x48:" SEQ_IS KEY_IS_1 " ");
	assert_true(depack_wants_keyframe(d));
	NEXT;
	TAKE(H(.marker = true), 0x10, KEY_OBU); /* a key frame without its sequence header */
	assert_out("");
	NEXT;
	TAKE(H(.marker = true, .gap = 1), 0x28, SEQ_LEN, SEQ, KEY_OBU);
	assert_out("K64x48:" SEQ_IS KEY_IS_1 " ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(vp9_frames_are_put_together),
		TEST(vp9_that_lists_what_it_refers_to_goes_on_after_a_loss),
		TEST(vp9_takes_up_its_temporal_layers_again),
		TEST(vp9_before_its_keyframe_is_whole_and_skipped),
		TEST(vp9_that_is_malformed_is_broken),
		TEST(h264_comes_in_fragments),
		TEST(h264_keyframes_get_the_sets_that_came_before),
		TEST(h264_tells_by_frame_num_what_was_lost),
		TEST(h264_goes_on_at_a_recovery_point),
		TEST(h264_that_is_malformed_is_broken),
		TEST(h265_comes_together_and_in_fragments),
		TEST(h265_comes_with_content_information),
		TEST(h265_that_is_malformed_is_broken),
		TEST(av1_obus_get_sizes),
		TEST(av1_obus_come_in_fragments),
		TEST(av1_waits_for_a_key_frame_after_a_loss),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
