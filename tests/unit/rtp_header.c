/* SPDX-License-Identifier: Apache-2.0 */
/* RTP packets written and read (core/rtp/rtp.c), with header extensions of both forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/rtp/rtp.h"

static struct pkt k;

static enum err parse(const void *data, size_t len)
{
	memset(&k, 0xaa, sizeof k);
	memcpy(k.data, data, len);
	k.len = (uint16_t)len;
	return rtp_parse(&k);
}

static void reads_what_it_writes(void **state)
{
	static const uint8_t mid[] = "video0", level[] = { 0x85 };
	struct rtp_out h = { .pt = 96,
		.marker = true,
		.seq = 65535,
		.ts = 0xfffffff0,
		.ssrc = 0xcafebabe,
		.n_ext = 2,
		.ext = { { 4, 6, mid }, { 1, 1, level } } };
	uint8_t out[RTP_MAX_HEADER + 10];
	size_t n = rtp_write(out, RTP_MAX_HEADER, &h);
	(void)state;
	assert_int_equal(n, 12 + 4 + 12); /* 7 + 2 bytes, rounded up */
	memcpy(out + n, "payload", 7);
	assert_int_equal(rtp_header_len(out, n + 7), n);
	assert_int_equal(parse(out, n + 7), OK);
	assert_int_equal(k.pt, 96);
	assert_true(k.marker);
	assert_int_equal(k.seq, 65535);
	assert_int_equal(k.ts, 0xfffffff0);
	assert_int_equal(k.ssrc, 0xcafebabe);
	assert_int_equal(k.payload, n);
	assert_int_equal(k.payload_len, 7);
	assert_int_equal(k.ext_len[4], 6);
	assert_memory_equal(k.data + k.ext_off[4], mid, 6);
	assert_int_equal(k.data[k.ext_off[1]], 0x85);
	for (unsigned id = 2; id < 16; id++)
		if (id != 4)
			assert_int_equal(k.ext_off[id], 0);
}

static void long_elements_take_the_two_byte_form(void **state)
{
	uint8_t big[40], out[RTP_MAX_HEADER];
	struct rtp_out h = {
		.pt = 98, .ssrc = 1, .n_ext = 2, .ext = { { 4, 1, big }, { 9, sizeof big, big } }
	};
	size_t n;
	(void)state;
	memset(big, 7, sizeof big);
	n = rtp_write(out, sizeof out, &h);
	assert_int_equal(rd16(out + 12), 0x1000);
	assert_int_equal(parse(out, n), OK);
	assert_int_equal(k.ext_len[9], sizeof big);
	assert_memory_equal(k.data + k.ext_off[9], big, sizeof big);
	assert_int_equal(k.ext_len[4], 1);
}

static void writes_nothing_that_does_not_fit(void **state)
{
	uint8_t big[200] = { 0 }, out[RTP_MAX_HEADER];
	struct rtp_out h = { .n_ext = 2, .ext = { { 1, 200, big }, { 2, 200, big } } };
	(void)state;
	assert_int_equal(rtp_write(out, sizeof out, &h), 0);
	assert_int_equal(rtp_write(out, 11, &h), 0);
}

static void leaves_padding_out(void **state)
{
	uint8_t d[20] = { 0xa0, 96 };
	(void)state;
	memcpy(d + 12, "abcde\0\0\3", 8);
	assert_int_equal(parse(d, 20), OK);
	assert_int_equal(k.payload_len, 5);
	d[19] = 8;
	assert_int_equal(parse(d, 20), OK);
	assert_int_equal(k.payload_len, 0);
}

/* Header extensions in one-byte form, 12 bytes of them. */
static enum err parse_elements(const uint8_t *elements)
{
	uint8_t d[12 + 4 + 12] = { 0x90, 96 };
	wr16(d + 12, 0xbede);
	wr16(d + 14, 3);
	memcpy(d + 16, elements, 12);
	return parse(d, sizeof d);
}

/* RFC 8285, section 4.2: id 15, and id 0 with a length, end the block; id 0 without is padding. */
static void ends_the_block_where_it_ends(void **state)
{
	static const uint8_t zero[] = { 0x40, 'a', 0x02, 1, 2, 3, 0x50, 'b', 0, 0, 0, 0 },
			     fifteen[] = { 0x40, 'a', 0xf2, 1, 2, 3, 0x50, 'b', 0, 0, 0, 0 },
			     beyond[] = { 0x40, 'a', 0x0f, 1, 2, 3, 0x50, 'b', 0, 0, 0, 0 },
			     padding[] = { 0x40, 'a', 0, 0, 0, 0, 0x50, 'b', 0, 0, 0, 0 };
	(void)state;
	assert_int_equal(parse_elements(padding), OK);
	assert_int_equal(k.data[k.ext_off[5]], 'b');
	assert_int_equal(parse_elements(zero), OK);
	assert_int_equal(k.data[k.ext_off[4]], 'a');
	assert_int_equal(k.ext_off[5], 0);
	assert_int_equal(parse_elements(fifteen), OK);
	assert_int_equal(k.data[k.ext_off[4]], 'a');
	assert_int_equal(k.ext_off[5], 0);
	assert_int_equal(
		parse_elements(beyond), OK); /* longer than the block: it ends all the same */
	assert_int_equal(k.ext_off[5], 0);
}

static void refuses_what_is_malformed(void **state)
{
	uint8_t d[24] = { 0x80, 96 };
	(void)state;
	assert_int_equal(parse(d, 11), ERR_INVALID);
	assert_int_equal(rtp_header_len(d, 11), 0);
	d[0] = 0x40; /* version 1 */
	assert_int_equal(parse(d, 20), ERR_INVALID);
	d[0] = 0x8f; /* 15 contributing sources */
	assert_int_equal(parse(d, 20), ERR_INVALID);
	d[0] = 0x90; /* extension of 65535 words */
	wr16(d + 12, 0xbede);
	wr16(d + 14, 0xffff);
	assert_int_equal(parse(d, 24), ERR_INVALID);
	wr16(d + 14, 1);
	d[16] = 0x1f; /* an element of 16 bytes in 3 */
	assert_int_equal(parse(d, 24), ERR_INVALID);
	d[0] = 0xa0; /* padding longer than the payload, and of no length */
	d[23] = 13;
	assert_int_equal(parse(d, 24), ERR_INVALID);
	d[23] = 0;
	assert_int_equal(parse(d, 24), ERR_INVALID);
}

static void skips_contributing_sources(void **state)
{
	uint8_t d[24] = { 0x82, 96 };
	(void)state;
	assert_int_equal(parse(d, 24), OK);
	assert_int_equal(k.payload, 20);
}

static void knows_what_comes_after(void **state)
{
	(void)state;
	assert_true(seq_after(1, 0));
	assert_true(seq_after(0, 65535));
	assert_false(seq_after(5, 5));
	assert_false(seq_after(65535, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_writes),
		cmocka_unit_test(long_elements_take_the_two_byte_form),
		cmocka_unit_test(writes_nothing_that_does_not_fit),
		cmocka_unit_test(leaves_padding_out),
		cmocka_unit_test(ends_the_block_where_it_ends),
		cmocka_unit_test(refuses_what_is_malformed),
		cmocka_unit_test(skips_contributing_sources),
		cmocka_unit_test(knows_what_comes_after),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
