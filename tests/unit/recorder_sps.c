/* SPDX-License-Identifier: Apache-2.0 */
/* What sequence parameter sets of H.264 and H.265 tell, whole and cut short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/recorder/sps.h"

typedef bool reader(const uint8_t *nal, size_t len, struct sps *out);

/* @param hex a NAL unit; each shorter one is looked at, too */
static struct sps read_hex(reader *read, const char *hex, bool good)
{
	size_t len = strlen(hex) / 2;
	struct sps s, cut;
	uint8_t *nal = calloc(1, len);
	for (size_t i = 0; i < len; i++) {
		unsigned byte;
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		nal[i] = (uint8_t)byte;
	}
	assert_int_equal(read(nal, len, &s), good);
	for (size_t n = 0; n < len; n++) {
		uint8_t *exact = calloc(1, n ? n : 1);
		memcpy(exact, nal, n);
		read(exact, n, &cut);
		free(exact);
	}
	free(nal);
	return s;
}

#define IS(read, hex, w, h) \
	do { \
		struct sps s_ = read_hex(read, hex, true); \
		assert_int_equal(s_.width, w); \
		assert_int_equal(s_.height, h); \
	} while (0)

static void h264_sizes_are_what_is_shown(void **state)
{
	(void)state;
	/* by x264: 4:2:0 cropped from 1088 lines, 4:2:2, 4:4:4, grey; interlaced */
	IS(sps_read_h264, "67640028acd940780227e5c044000003000400000300c83c60c658", 1920, 1080);
	IS(sps_read_h264, "677a000dbcd9415087888fc044000003000400000300c83c50a658", 322, 242);
	IS(sps_read_h264, "67f4000d919b282a10f1f0860220000003002000000641e28532c0", 322, 241);
	IS(sps_read_h264, "6764000df36505421e3e3f016c800000030080000019078a14cb", 322, 242);
	IS(sps_read_h264, "67640028acd94078044fde0220000003002000000643e2c5b2c0", 1920, 1080);
	/* by hand: baseline, with scaling lists, with pictures counted as the second type has it */
	IS(sps_read_h264, "6742c01eda11e4", 64, 48);
	IS(sps_read_h264, "6764001eadffff80ca8479", 64, 48);
	IS(sps_read_h264, "6742001ed37a11e4", 64, 48);
}

static void h264_tells_how_long_frame_num_is(void **state)
{
	(void)state;
	assert_int_equal(read_hex(sps_read_h264, "6742c01eda11e4", true).frame_num_bits, 4);
	assert_true(read_hex(sps_read_h264,
			    "67f4000d919b282a10f1f0860220000003002000000641e28532c0", true)
			    .frame_num_bits >= 4);
}

static void h265_sizes_are_what_is_shown(void **state)
{
	(void)state;
	/* by x265: 4:2:0, 4:4:4, 4:2:2 */
	IS(sps_read_h265,
		"42010101600000030090000003000003003ca00a88040724996566924caf0168080000030008000003"
		"00c840",
		330, 250);
	IS(sps_read_h265,
		"4201010408000003009e0800000300003c9001510080e69f2cacd24995e02d01000003000100000300"
		"1908",
		331, 250);
	IS(sps_read_h265,
		"4201010408000003009d0800000300003cb00a88040753e5959a4932bc05a02000000300200000030"
		"321",
		334, 250);
}

static void h265_tells_its_sub_layers(void **state)
{
	const char *hex = "42010201600000030090000003000003003c0000a00a880407249965652b2c9265780b40"
			  "40000003004000000642";
	(void)state;
	IS(sps_read_h265, hex, 330, 250);
	assert_int_equal(read_hex(sps_read_h265, hex, true).highest_temporal, 1);
}

static void what_is_not_possible_is_refused(void **state)
{
	(void)state;
	read_hex(sps_read_h264, "6742001eda11f0a8dd", false); /* all is cropped */
	read_hex(sps_read_h264, "6742c01e", false);
	read_hex(sps_read_h264, "6742c01e00000000000000000000000000000000", false);
	read_hex(sps_read_h265, "420101016000000300", false);
}

static void bytes_against_start_codes_are_taken_out(void **state)
{
	static const uint8_t in[] = { 1, 0, 0, 3, 1, 0, 0, 3, 0, 0, 3, 3 };
	static const uint8_t out[] = { 1, 0, 0, 1, 0, 0, 0, 0, 3 };
	uint8_t raw[sizeof in];
	(void)state;
	assert_int_equal(sps_unescape(in, sizeof in, raw, sizeof raw), sizeof out);
	assert_memory_equal(raw, out, sizeof out);
	assert_int_equal(sps_unescape(in, sizeof in, raw, 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(h264_sizes_are_what_is_shown),
		cmocka_unit_test(h264_tells_how_long_frame_num_is),
		cmocka_unit_test(h265_sizes_are_what_is_shown),
		cmocka_unit_test(h265_tells_its_sub_layers),
		cmocka_unit_test(what_is_not_possible_is_refused),
		cmocka_unit_test(bytes_against_start_codes_are_taken_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
