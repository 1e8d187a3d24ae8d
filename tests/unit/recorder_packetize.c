/* SPDX-License-Identifier: Apache-2.0 */
/* What packetize() makes of a frame, depack makes the same frame of; and what the router reads in
 * it is right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/recorder/depack.h"
#include "../../core/recorder/packetize.h"
#include "../../core/rtp/payload.h"

static struct depack *d;
static struct packetizer pz;
static uint16_t seq;
static uint32_t ts;
static uint8_t frame[1u << 18], got[1u << 18];
static size_t frame_len, got_len;
static bool got_key;
static struct payload_info first, infos;
static unsigned n_payloads, n_lasts;
static size_t longest;
static uint8_t payloads[200][PAYLOAD_MOST];
static size_t lens[200];

static void on_frame(void *arg, const struct rec_frame *f)
{
	(void)arg;
	assert_int_equal(got_len, 0);
	memcpy(got, f->data, f->len);
	got_len = f->len;
	got_key = f->is_keyframe;
}

static void on_payload(void *arg, const uint8_t *payload, size_t len, bool last)
{
	uint8_t rtp[12 + PAYLOAD_MOST + 4096] = { 0x80 };
	struct rec_packet p = { .gen = 1,
		.ts = ts,
		.seq = seq++,
		.marker = last,
		.rtp = rtp,
		.rtp_len = (uint16_t)(12 + len),
		.payload = 12,
		.payload_len = (uint16_t)len };
	(void)arg;
	memcpy(rtp + 12, payload, len);
	payload_look(pz.codec, payload, len, NULL, 0, &infos);
	if (!n_payloads)
		first = infos;
	longest = len > longest ? len : longest;
	if (len <= PAYLOAD_MOST && n_payloads < 200) {
		memcpy(payloads[n_payloads], payload, len);
		lens[n_payloads] = len;
	}
	n_payloads++;
	n_lasts += last;
	depack_take(d, &p, 0);
}

static void begin(enum cardea_codec_id codec)
{
	depack_free(d);
	d = depack_new(codec, 0, on_frame, NULL);
	assert_non_null(d);
	pz = (struct packetizer){ .codec = codec, .picture_id = 0x7ffe };
	frame_len = 0;
}

static int teardown(void **state)
{
	(void)state;
	depack_free(d);
	d = NULL;
	return 0;
}

static void put(const void *bytes, size_t len)
{
	memcpy(frame + frame_len, bytes, len);
	frame_len += len;
}

static void put_many(size_t len) /* no zeros: nothing looks like a start code */
{
	for (size_t i = 0; i < len; i++)
		frame[frame_len++] = (uint8_t)(1 + i * 7 % 250);
}

static void send_frame(bool key)
{
	const struct rec_frame f = { .data = frame, .len = frame_len, .is_keyframe = key };
	got_len = n_payloads = n_lasts = 0;
	longest = 0;
	ts += 3000;
	packetize(&pz, &f, on_payload, NULL);
}

/* It comes out as it was, and the router knows where it begins. */
static void comes_back(bool key)
{
	send_frame(key);
	assert_int_equal(n_lasts, 1);
	assert_in_range(longest, 1, PAYLOAD_MOST);
	assert_int_equal(got_len, frame_len);
	assert_memory_equal(got, frame, frame_len);
	assert_int_equal(got_key, key);
	assert_int_equal(first.is_keyframe, key);
	frame_len = 0;
}

/* So that they leave in one message. */
static void are_of_one_size_but_the_last(void)
{
	for (unsigned i = 1; i < n_payloads; i++)
		assert_true(lens[i] == lens[0] || (i + 1 == n_payloads && lens[i] < lens[0]));
}

static const size_t sizes[] = { 1, 2, 20, 1100, 1140, 1150, 1155, 1156, 1157, 1158, 1159, 1160,
	1161, 1162, 1163, 2310, 2312, 2320, 5000, 100000 };
#define EACH_SIZE(n) \
	for (size_t i_ = 0, n; i_ < sizeof sizes / sizeof *sizes && (n = sizes[i_]); i_++)

static void vp8_with_picture_ids(void **state)
{
	static const uint8_t key[] = { 0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0 };
	uint16_t id = 0x7ffe;
	(void)state;
	begin(CARDEA_VP8);
	EACH_SIZE(n)
	{
		put(key, sizeof key);
		put_many(n);
		comes_back(true);
		assert_true(first.starts_frame);
		assert_int_equal(first.picture_id, id);
		are_of_one_size_but_the_last();
		id = (id + 1) & 0x7fff;
		put("\x11\0\0\1", 4);
		put_many(n);
		comes_back(false);
		assert_true(first.picture_id_15bit);
		assert_int_equal(infos.picture_id, id); /* of the last packet */
		id = (id + 1) & 0x7fff;
	}
}

static void vp9_without(void **state)
{
	static const uint8_t key[] = { 0x82, 0x49, 0x83, 0x42, 0x00, 0x03, 0xf0, 0x02, 0xf6, 0x06,
		0x38, 0x24, 0x1c, 0x18, 0x4a, 0x00, 0x01, 0x90, 0x7c, 0xb1 };
	static const uint8_t other[] = { 0x86, 0x00, 0x40, 0x92, 0x9c, 0x0c, 0x50, 0x00, 0x00, 0x03,
		0x60, 0x00, 0x00, 0x7a, 0x33, 0xcf, 0x48, 0xd7 };
	(void)state;
	begin(CARDEA_VP9);
	EACH_SIZE(n)
	{
		put(key, sizeof key);
		put_many(n);
		comes_back(true);
		assert_int_equal(payloads[0][0] & 0xf8, 0x08);
		are_of_one_size_but_the_last();
		put(other, sizeof other);
		put_many(n);
		comes_back(false);
		assert_int_equal(payloads[0][0] & 0xf8, 0x48);
	}
}

static void put_nal(const char *header, size_t header_len, size_t len)
{
	put("\0\0\0\1", 4);
	put(header, header_len);
	put_many(len);
}

/* 64 by 48. */
static void put_h264_sets(void)
{
	static const uint8_t sps[] = { 0x67, 0x42, 0xc0, 0x0a, 0xd9, 0x04, 0x7b, 0x01, 0x10, 0x00,
		0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xf1, 0x22, 0x64, 0x80 };
	static const uint8_t pps[] = { 0x68, 0xcb, 0x83, 0xcb, 0x20 };
	put_nal((const char *)sps, sizeof sps, 0);
	put_nal((const char *)pps, sizeof pps, 0);
}

static void h264_together_and_in_pieces(void **state)
{
	(void)state;
	begin(CARDEA_H264);
	EACH_SIZE(n)
	{
		put_h264_sets();
		put_nal("\x65\x88", 2, n);
		comes_back(true);
		assert_true(first.starts_frame);
		put_nal("\x41\x9a", 2, n);
		put_nal("\x41\x10", 2, n);
		comes_back(false);
	}
	put_h264_sets();
	put_nal("\x65\x88", 2, 5000);
	send_frame(true);
	assert_int_equal(payloads[0][0], 0x60 | 24);
	assert_int_equal(payloads[1][0], 0x60 | 28);
	assert_int_equal(payloads[1][1], 0x80 | 5);
	assert_int_equal(payloads[n_payloads - 1][1], 0x40 | 5);
}

static void h264_delimiters_are_left_out(void **state)
{
	(void)state;
	begin(CARDEA_H264);
	put("\0\0\1\x09\xf0", 5); /* of three bytes, too */
	put("\0\0\1\x41\x9a\x55", 6);
	send_frame(false);
	assert_int_equal(n_payloads, 1);
	assert_int_equal(lens[0], 3);
	assert_memory_equal(payloads[0], "\x41\x9a\x55", 3);
}

static void put_h265_sets(void)
{
	static const uint8_t vps[] = { 0x40, 0x01, 0x0c, 0x01, 0xff, 0xff, 0x01, 0x60, 0x00, 0x00,
		0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x1e, 0x95, 0x98,
		0x09 };
	static const uint8_t sps[] = { 0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90,
		0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x1e, 0xa0, 0x20, 0x83, 0x16, 0x59, 0x59,
		0xae, 0x4c, 0xaf, 0x01, 0x68, 0x08, 0x00, 0x00, 0x03, 0x00, 0x08, 0x00, 0x00, 0x03,
		0x00, 0xc8, 0x40 };
	static const uint8_t pps[] = { 0x44, 0x01, 0xc1, 0x73, 0xd0, 0x89 };
	put_nal((const char *)vps, sizeof vps, 0);
	put_nal((const char *)sps, sizeof sps, 0);
	put_nal((const char *)pps, sizeof pps, 0);
}

static void h265_together_and_in_pieces(void **state)
{
	(void)state;
	begin(CARDEA_H265);
	EACH_SIZE(n)
	{
		put_h265_sets();
		put_nal("\x26\x01\xaf", 3, n);
		comes_back(true);
		assert_true(first.starts_frame);
		put_nal("\x02\x01\xd0", 3, n);
		put_nal("\x02\x01\x10", 3, n);
		comes_back(false);
	}
}

static void put_obu(uint8_t header, const char *begin_with, size_t begin_len, size_t len)
{
	size_t all = begin_len + len;
	put(&header, 1);
	do {
		uint8_t b = (uint8_t)((all & 127) | (all > 127 ? 128 : 0));
		put(&b, 1);
	} while (all >>= 7);
	put(begin_with, begin_len);
	put_many(len);
}

static void av1_without_sizes(void **state)
{
	static const char sequence[] = "\x00\x00\x00\x02\xaf\xff\x9b\x5f\x30\x08";
	(void)state;
	begin(CARDEA_AV1);
	EACH_SIZE(n)
	{
		put_obu(0x0a, sequence, 10, 0);
		put_obu(0x32, "\x10", 1, n);
		comes_back(true);
		put_obu(0x32, "\x30", 1, n);
		comes_back(false);
		assert_int_equal(payloads[0][0] & 0x38, 0x10); /* W: one */
	}
}

/* Up to three are counted, and the last has no length: not all readers know the other way. */
static void av1_counts_obus(void **state)
{
	(void)state;
	begin(CARDEA_AV1);
	for (unsigned n = 1; n <= 5; n++) {
		for (unsigned i = 1; i < n; i++)
			put_obu(0x2a, "m", 1, 3); /* metadata */
		put_obu(0x32, "\x30", 1, 7);
		send_frame(false);
		assert_int_equal(n_payloads, 1);
		assert_int_equal(payloads[0][0] >> 4 & 3, n <= 3 ? n : 0);
		assert_int_equal(lens[0], 1 + 5 * (n - 1) + 9 + 2 * (n <= 3 ? n - 1 : n));
		frame_len = 0;
	}
}

static void sound_is_a_packet_each(void **state)
{
	(void)state;
	begin(CARDEA_OPUS);
	put_many(100);
	send_frame(true);
	assert_int_equal(n_payloads, 1);
	assert_int_equal(got_len, 100);
	frame_len = 0;
	send_frame(true);
	assert_int_equal(n_payloads, 0);
}

static void it_knows_how_long_sound_is(void **state)
{
	static const uint8_t celt_20[] = { 0xfc }, silk_60[] = { 0x18 }, two_10[] = { 0xf1 },
			     six_2_5[] = { 0xe3, 6 }, hybrid_20[] = { 0x68 };
	uint8_t law[160] = { 0 };
	(void)state;
	assert_int_equal(packetize_ticks(CARDEA_OPUS, celt_20, 1), 960);
	assert_int_equal(packetize_ticks(CARDEA_OPUS, silk_60, 1), 2880);
	assert_int_equal(packetize_ticks(CARDEA_OPUS, two_10, 1), 960);
	assert_int_equal(packetize_ticks(CARDEA_OPUS, six_2_5, 2), 720);
	assert_int_equal(packetize_ticks(CARDEA_OPUS, six_2_5, 1), 0);
	assert_int_equal(packetize_ticks(CARDEA_OPUS, hybrid_20, 1), 960);
	assert_int_equal(packetize_ticks(CARDEA_OPUS, NULL, 0), 0);
	assert_int_equal(packetize_ticks(CARDEA_PCMA, law, 160), 160);
	assert_int_equal(packetize_ticks(CARDEA_G722, law, 160), 160);
	assert_int_equal(packetize_ticks(CARDEA_L16, law, 160), 0);
}

/* Whatever a file says: nothing but the frame is read, and no payload is too long. */
static void damaged_frames_do_no_harm(void **state)
{
	static const enum cardea_codec_id codecs[] = { CARDEA_VP8, CARDEA_VP9, CARDEA_H264,
		CARDEA_H265, CARDEA_AV1 };
	uint32_t x = 12345;
	(void)state;
	for (unsigned n = 0; n < 3000; n++) {
		size_t len = (x >> 8) % (n % 3 ? 40 : 3000);
		uint8_t *bytes = malloc(len ? len : 1);
		struct rec_frame f = { .data = bytes, .len = len, .is_keyframe = n & 1 };
		begin(codecs[n % 5]);
		for (size_t i = 0; i < len; i++) {
			x = x * 1664525u + 1013904223u;
			bytes[i] = (uint8_t)(x >> 24) & (n & 4 ? 0x83 : 0xff);
		}
		got_len = n_payloads = 0;
		longest = 0;
		packetize(&pz, &f, on_payload, NULL);
		assert_in_range(longest, 0, PAYLOAD_MOST);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_teardown(f, teardown)
		T(vp8_with_picture_ids),
		T(vp9_without),
		T(h264_together_and_in_pieces),
		T(h264_delimiters_are_left_out),
		T(h265_together_and_in_pieces),
		T(av1_without_sizes),
		T(av1_counts_obus),
		T(sound_is_a_packet_each),
		T(it_knows_how_long_sound_is),
		T(damaged_frames_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
