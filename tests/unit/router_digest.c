/* SPDX-License-Identifier: Apache-2.0 */
/* The digest of a packet that is sent again (core/router/out/digest.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/router/out/digest.h"

static struct digest_key key, other;
static uint8_t header[RTP_MAX_HEADER], payload[PKT_CAP];

static uint64_t of(size_t header_len, size_t payload_len)
{
	const struct rtp_parts p = { .header = header,
		.payload = payload,
		.header_len = header_len,
		.payload_len = payload_len };
	return digest(&key, &p);
}

static int setup(void **state)
{
	(void)state;
	digest_key_make(&key);
	digest_key_make(&other);
	for (size_t i = 0; i < sizeof header; i++)
		header[i] = (uint8_t)random();
	for (size_t i = 0; i < sizeof payload; i++)
		payload[i] = (uint8_t)random();
	return 0;
}

static void same_bytes_have_the_same_digest(void **state)
{
	(void)state;
	uint64_t d = of(20, 1100);
	assert_true(d == of(20, 1100));
	struct digest_key mine = key;
	key = other;
	assert_true(d != of(20, 1100));
	key = mine;
}

static void every_bit_counts(void **state)
{
	static const size_t lens[] = { 1, 7, 8, 15, 16, 17, 31, 100 };
	(void)state;
	for (unsigned l = 0; l < sizeof lens / sizeof *lens; l++) {
		uint64_t d = of(20, lens[l]);
		for (size_t bit = 0; bit < 8 * lens[l]; bit++) {
			payload[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_true(of(20, lens[l]) != d);
			payload[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		for (size_t bit = 0; bit < 8 * 20; bit++) {
			header[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_true(of(20, lens[l]) != d);
			header[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		assert_true(of(20, lens[l]) == d);
	}
}

static void lengths_count(void **state)
{
	(void)state;
	memset(payload, 0, sizeof payload);
	memset(header, 0, sizeof header);
	for (size_t n = 0; n < 64; n++)
		assert_true(of(20, n) != of(20, n + 1));
	assert_true(of(16, 32) != of(32, 16));
	assert_true(of(0, 48) != of(16, 32));
}

static void the_longest_packet_has_one(void **state)
{
	(void)state;
	uint64_t d = of(sizeof header - 1, sizeof payload - 1);
	payload[sizeof payload - 2] ^= 1;
	assert_true(of(sizeof header - 1, sizeof payload - 1) != d);
	of(sizeof header, sizeof payload);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(same_bytes_have_the_same_digest, setup),
		cmocka_unit_test_setup(every_bit_counts, setup),
		cmocka_unit_test_setup(lengths_count, setup),
		cmocka_unit_test_setup(the_longest_packet_has_one, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
