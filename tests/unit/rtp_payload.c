/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of the payload of each codec (core/rtp/payload.c): keyframes, layers, counters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/rtp/payload.h"

static struct payload_info in;
#define LOOK(codec, ...) \
	do { \
		const uint8_t p_[] = { __VA_ARGS__ }; \
		payload_look(codec, p_, sizeof p_, NULL, 0, &in); \
	} while (0)

static void vp8_descriptor_is_read(void **state)
{
	(void)state;
	/* X S, I L T, picture id 0x1234 of 15 bits, tl0 7, TID 2 with Y, then a key frame */
	LOOK(CARDEA_VP8, 0x90, 0xe0, 0x92, 0x34, 7, 0xa0, 0x10);
	assert_true(in.is_keyframe && in.starts_frame && in.switch_up);
	assert_int_equal(in.temporal, 2);
	assert_true(in.has_picture_id && in.picture_id_15bit && in.has_tl0);
	assert_int_equal(in.picture_id, 0x1234);
	assert_int_equal(in.picture_id_off, 2);
	assert_int_equal(in.tl0, 7);
	assert_int_equal(in.tl0_off, 4);
	LOOK(CARDEA_VP8, 0x90, 0x80, 0x55, 0x01); /* 7 bits; an inter frame */
	assert_false(in.is_keyframe || in.picture_id_15bit || in.has_tl0);
	assert_int_equal(in.picture_id, 0x55);
	assert_int_equal(in.temporal, -1);
	LOOK(CARDEA_VP8, 0x30, 0x00); /* N S, no extension */
	assert_true(in.is_keyframe && in.not_a_reference);
	LOOK(CARDEA_VP8, 0x00, 0x00); /* goes on inside a frame */
	assert_false(in.is_keyframe || in.starts_frame);
}

static void vp9_descriptor_is_read(void **state)
{
	(void)state;
	/* I L B E, 15 bit id, TID 1 U SID 0, key picture */
	LOOK(CARDEA_VP9, 0xac, 0x80, 0x01, 0x30, 0x00);
	assert_true(in.is_keyframe && in.starts_frame && in.ends_frame && in.switch_up);
	assert_int_equal(in.temporal, 1);
	assert_int_equal(in.spatial, 0);
	LOOK(CARDEA_VP9, 0xa8, 0x01, 0x04, 0x00); /* spatial layer 2 of it */
	assert_false(in.is_keyframe);
	assert_int_equal(in.spatial, 2);
	LOOK(CARDEA_VP9, 0xc8, 0x01, 0x00); /* P: predicted */
	assert_false(in.is_keyframe);
	assert_true(in.starts_frame);
	LOOK(CARDEA_VP9, 0x08, 0x00); /* no layers at all */
	assert_true(in.is_keyframe);
	assert_int_equal(in.spatial, -1);
}

static void h264_keyframes_are_seen_in_every_wrapping(void **state)
{
	(void)state;
	LOOK(CARDEA_H264, 0x67, 0x42);
	assert_true(in.is_keyframe && in.starts_frame);
	LOOK(CARDEA_H264, 0x78, 0x00, 0x0a, 0x67, 0x42);
	assert_true(in.is_keyframe && in.starts_frame);
	LOOK(CARDEA_H264, 0x7c, 0x85, 0x88);
	assert_true(in.is_keyframe && in.starts_frame);
	LOOK(CARDEA_H264, 0x7c, 0x05, 0x88);
	assert_true(in.is_keyframe);
	assert_false(in.starts_frame);
	LOOK(CARDEA_H264, 0x41, 0x9a);
	assert_false(in.is_keyframe);
	assert_true(in.starts_frame);
	LOOK(CARDEA_H264, 0x01, 0x9a);
	assert_true(in.not_a_reference);
}

static void h265_keyframes_are_seen_in_every_wrapping(void **state)
{
	(void)state;
	LOOK(CARDEA_H265, 0x40, 0x01, 0x0c); /* VPS */
	assert_true(in.is_keyframe && in.starts_frame);
	LOOK(CARDEA_H265, 0x60, 0x01, 0x00, 0x08, 0x42, 0x01); /* AP with an SPS */
	assert_true(in.is_keyframe);
	LOOK(CARDEA_H265, 0x62, 0x01, 0x93, 0x80); /* FU, start, IDR_W_RADL */
	assert_true(in.is_keyframe && in.starts_frame);
	LOOK(CARDEA_H265, 0x64, 0x01, 0x26, 0x10, 7, 0x80); /* PACI of IDR_W_RADL */
	assert_true(in.is_keyframe && in.starts_frame);
	LOOK(CARDEA_H265, 0x64, 0x01, 0x62, 0x00, 0x93, 0x80); /* of a FU */
	assert_true(in.is_keyframe && in.starts_frame);
	LOOK(CARDEA_H265, 0x64, 0x01, 0x27, 0xf0, 7); /* cut off */
	assert_false(in.is_keyframe);
	LOOK(CARDEA_H265, 0x02, 0x03, 0x80); /* TRAIL_R of temporal layer 2 */
	assert_false(in.is_keyframe);
	assert_int_equal(in.temporal, 2);
}

static void av1_new_sequence_is_a_keyframe(void **state)
{
	(void)state;
	LOOK(CARDEA_AV1, 0x18, 0x0a, 0x01); /* W 1, N */
	assert_true(in.is_keyframe);
	/* W 2: a sequence header of 2 bytes, then a frame with temporal 1, spatial 2 */
	LOOK(CARDEA_AV1, 0x20, 0x02, 0x08, 0x00, 0x34, 0x30, 0x00);
	assert_false(in.is_keyframe);
	assert_int_equal(in.temporal, 1);
	assert_int_equal(in.spatial, 2);
	LOOK(CARDEA_AV1, 0x90, 0x34, 0x30); /* Z: begins inside an OBU */
	assert_int_equal(in.temporal, -1);
}

/* ---- dependency descriptors, put together bit by bit ---- */

static uint8_t dd[64];
static unsigned dd_bits;

static void put(unsigned v, unsigned n)
{
	for (; n--; dd_bits++)
		if (v >> n & 1)
			dd[dd_bits / 8] |= (uint8_t)(0x80 >> dd_bits % 8);
}

static void begin_descriptor(unsigned starts, unsigned ends, unsigned template)
{
	memset(dd, 0, sizeof dd);
	dd_bits = 0;
	put(starts, 1);
	put(ends, 1);
	put(template, 6);
	put(77, 16);
}

/* Two temporal layers, two decode targets, templates from 5 on. */
static size_t key_descriptor(void)
{
	begin_descriptor(1, 1, 5);
	put(1, 1); /* structure */
	put(0, 4);
	put(5, 6);
	put(1, 5);            /* two targets */
	put(1, 2);            /* next temporal */
	put(3, 2);            /* no more */
	put(2, 2), put(2, 2); /* template 0: switch, switch */
	put(0, 2), put(2, 2); /* template 1: not in target 0; switch in target 1 */
	return (dd_bits + 7) / 8;
}

static void descriptor_tells_layers_by_template(void **state)
{
	struct dd_templates known = { 0 };
	struct payload_info info = { .temporal = -1, .spatial = -1 };
	(void)state;
	begin_descriptor(1, 0, 6);
	assert_false(dd_look(&known, dd, 3, &info)); /* nothing known yet */
	assert_int_equal(info.temporal, -1);
	assert_true(dd_look(&known, dd, 0, &info) == false);
	assert_true(dd_look(&known, dd, key_descriptor(), &info));
	assert_true(info.is_keyframe && info.starts_frame && info.ends_frame && info.switch_up);
	assert_int_equal(info.temporal, 0);
	begin_descriptor(1, 0, 6);
	assert_true(dd_look(&known, dd, 3, &info));
	assert_false(info.is_keyframe || info.ends_frame);
	assert_true(info.switch_up);
	assert_int_equal(info.temporal, 1);
	assert_int_equal(info.spatial, 0);
	begin_descriptor(1, 0, 7);
	assert_false(dd_look(&known, dd, 3, &info)); /* no such template */
}

static void truncated_descriptors_change_nothing(void **state)
{
	struct dd_templates known = { 0 };
	struct payload_info info;
	size_t whole;
	(void)state;
	memset(&info, 0x55, sizeof info);
	whole = key_descriptor();
	for (size_t n = 0; n < whole; n++) {
		struct payload_info before = info;
		assert_false(dd_look(&known, dd, n, &info));
		assert_memory_equal(&before, &info, sizeof info);
		assert_int_equal(known.n, 0);
	}
}

static void truncated_payloads_say_nothing_wrong(void **state)
{
	static const uint8_t whole[] = { 0x90, 0xe0, 0x92, 0x34, 7, 0xa0, 0x10 };
	(void)state;
	for (size_t n = 0; n < sizeof whole; n++) {
		payload_look(CARDEA_VP8, whole, n, NULL, 0, &in);
		assert_false(in.is_keyframe);
		if (n < 6)
			assert_false(in.has_picture_id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vp8_descriptor_is_read),
		cmocka_unit_test(vp9_descriptor_is_read),
		cmocka_unit_test(h264_keyframes_are_seen_in_every_wrapping),
		cmocka_unit_test(h265_keyframes_are_seen_in_every_wrapping),
		cmocka_unit_test(av1_new_sequence_is_a_keyframe),
		cmocka_unit_test(descriptor_tells_layers_by_template),
		cmocka_unit_test(truncated_descriptors_change_nothing),
		cmocka_unit_test(truncated_payloads_say_nothing_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
