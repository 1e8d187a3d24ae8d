/* SPDX-License-Identifier: Apache-2.0 */
/* RTCP compounds written and read (core/rtp/rtcp.c, rtcp_write.c, rtcp_twcc.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/rtp/rtcp.h"
#include "../../core/rtp/rtp.h"

static struct rtcp_item seen[64];
static unsigned n_seen;
static uint8_t room[1500];
static struct rtcp_buf b;

static int setup(void **state)
{
	(void)state;
	n_seen = 0;
	b = (struct rtcp_buf){ room, 0, sizeof room, false };
	return 0;
}

static void collect(void *arg, const struct rtcp_item *item)
{
	(void)arg;
	assert_in_range(n_seen, 0, 63);
	seen[n_seen++] = *item;
}

static void reads_its_own_reports(void **state)
{
	struct rtcp_block blocks[2] = {
		{ 0xa, 12, 345, 0x10005, 77, 0x11112222, 0x33 },
		{ 0xb, 0, -3, 9, 0, 0, 0 },
	};
	(void)state;
	rtcp_put_sr(&b, 1, 0x0102030405060708, 99, 10, 1000, blocks, 1);
	rtcp_put_sdes(&b, 1, "janus");
	rtcp_put_rr(&b, 2, blocks + 1, 1);
	rtcp_put_bye(&b, 3);
	assert_int_equal(rtcp_walk(room, b.len, collect, NULL), OK);
	assert_int_equal(n_seen, 4);
	assert_int_equal(seen[0].kind, RTCP_SR);
	assert_int_equal(seen[0].ssrc, 1);
	assert_true(seen[0].sr.ntp == 0x0102030405060708);
	assert_int_equal(seen[0].sr.rtp_ts, 99);
	assert_int_equal(seen[0].sr.packets, 10);
	assert_int_equal(seen[0].sr.octets, 1000);
	assert_int_equal(seen[1].kind, RTCP_REPORT_BLOCK);
	assert_int_equal(seen[1].ssrc, 0xa);
	assert_int_equal(seen[1].block.fraction, 12);
	assert_int_equal(seen[1].block.lost, 345);
	assert_int_equal(seen[1].block.highest, 0x10005);
	assert_int_equal(seen[1].block.jitter, 77);
	assert_int_equal(seen[1].block.lsr, 0x11112222);
	assert_int_equal(seen[1].block.dlsr, 0x33);
	assert_int_equal(seen[2].sender, 2);
	assert_int_equal(seen[2].block.lost, -3);
	assert_int_equal(seen[3].kind, RTCP_BYE);
	assert_int_equal(seen[3].ssrc, 3);
}

static void reads_its_own_feedback(void **state)
{
	static const uint32_t ssrcs[] = { 5, 6, 7 };
	(void)state;
	rtcp_put_pli(&b, 1, 2);
	rtcp_put_fir(&b, 1, 3, 9);
	rtcp_put_remb(&b, 1, 1500000, ssrcs, 3);
	assert_int_equal(rtcp_walk(room, b.len, collect, NULL), OK);
	assert_int_equal(n_seen, 3);
	assert_int_equal(seen[0].kind, RTCP_PLI);
	assert_int_equal(seen[0].ssrc, 2);
	assert_int_equal(seen[1].kind, RTCP_FIR);
	assert_int_equal(seen[1].ssrc, 3);
	assert_int_equal(seen[1].fir.seq, 9);
	assert_int_equal(seen[2].kind, RTCP_REMB);
	assert_in_range(seen[2].remb.bps, 1499990, 1500000); /* 18 bits of it */
	assert_int_equal(seen[2].ssrc, 5);
}

static void nacks_are_packed(void **state)
{
	static const uint16_t seqs[] = { 65530, 65531, 10, 11, 400 };
	(void)state;
	rtcp_put_nack(&b, 1, 2, seqs, 5);
	assert_int_equal(b.len, 12 + 3 * 4);
	assert_int_equal(rtcp_walk(room, b.len, collect, NULL), OK);
	assert_int_equal(n_seen, 3);
	assert_int_equal(seen[0].nack.pid, 65530);
	assert_int_equal(seen[0].nack.blp, 1 | 1 << 15); /* 10 is 16 behind */
	assert_int_equal(seen[1].nack.pid, 11);
	assert_int_equal(seen[1].nack.blp, 0);
	assert_int_equal(seen[2].nack.pid, 400);
}

/* ---- transport-wide feedback, read here independently ---- */

static unsigned twcc_read(const struct rtcp_item *it, uint16_t *base, int64_t *at_us)
{
	const uint8_t *p = it->twcc.fci, *end = p + it->twcc.len;
	unsigned n = rd16(p + 2), got = 0;
	uint8_t status[600];
	int64_t now = (int64_t)(rd32(p + 4) >> 8) * 64000;
	*base = rd16(p);
	for (p += 8; got < n; p += 2) {
		uint16_t c = rd16(p);
		assert_true(p + 2 <= end);
		if (c & 0x8000)
			for (unsigned i = 0; i < 7 && got < n; i++)
				status[got++] = c >> (12 - 2 * i) & 3;
		else
			for (unsigned i = 0; i < (c & 0x1fff) && got < n; i++)
				status[got++] = c >> 13 & 3;
	}
	for (unsigned i = 0; i < n; i++) {
		if (status[i] == 1)
			now += *p++ * 250;
		else if (status[i] == 2)
			now += (int16_t)rd16(p) * 250, p += 2;
		at_us[i] = status[i] ? now : -1;
	}
	assert_true(p <= end && end - p < 4);
	return n;
}

static void twcc_says_when_each_packet_came(void **state)
{
	int64_t at[200], back[600];
	uint16_t base;
	unsigned n;
	(void)state;
	for (int i = 0; i < 200; i++) /* losses, late ones, pauses beyond a byte */
		at[i] = i % 5 == 3 || (i > 50 && i < 80)
				? -1
				: 7000000 + i * 1300 + (i % 7 == 0 ? -5000 : 0) +
					  (i > 120 ? 900000 : 0);
	n = rtcp_put_twcc(&b, 1, 2, 65500, at, 200, 17);
	assert_int_equal(n, 200);
	assert_int_equal(rtcp_walk(room, b.len, collect, NULL), OK);
	assert_int_equal(seen[0].kind, RTCP_TWCC);
	assert_int_equal(seen[0].ssrc, 2);
	assert_int_equal(seen[0].twcc.fci[7], 17);
	assert_int_equal(twcc_read(&seen[0], &base, back), 200);
	assert_int_equal(base, 65500);
	for (int i = 0; i < 200; i++) {
		if (at[i] < 0)
			assert_true(back[i] < 0);
		else
			assert_in_range(at[i] - back[i], 0, 250);
	}
}

static void twcc_writes_as_much_as_fits(void **state)
{
	int64_t at[400], back[600];
	uint16_t base;
	unsigned n;
	(void)state;
	for (int i = 0; i < 400; i++)
		at[i] = 1000000 + i * 100000; /* two bytes each */
	b.size = 300;
	n = rtcp_put_twcc(&b, 1, 2, 0, at, 400, 0);
	assert_in_range(n, 100, 140);
	assert_true(b.len <= 300);
	assert_int_equal(rtcp_walk(room, b.len, collect, NULL), OK);
	assert_int_equal(twcc_read(&seen[0], &base, back), n);
}

static void what_does_not_fit_is_left_out(void **state)
{
	(void)state;
	b.size = 20;
	rtcp_put_pli(&b, 1, 2);
	assert_false(b.full);
	rtcp_put_pli(&b, 1, 2);
	assert_true(b.full);
	assert_int_equal(b.len, 12);
}

static void stops_at_the_first_malformed_packet(void **state)
{
	(void)state;
	rtcp_put_pli(&b, 1, 2);
	rtcp_put_pli(&b, 1, 3);
	wr16(room + 14, 200); /* longer than the compound */
	assert_int_equal(rtcp_walk(room, b.len, collect, NULL), ERR_INVALID);
	assert_int_equal(n_seen, 1);
	room[0] = 0x00;
	assert_int_equal(rtcp_walk(room, b.len, collect, NULL), ERR_INVALID);
	assert_int_equal(rtcp_walk(room, 3, collect, NULL), ERR_INVALID);
	rtcp_put_rr(&b, 1, NULL, 0);
	assert_int_equal(n_seen, 1);
}

static void counts_must_fit_their_packet(void **state)
{
	(void)state;
	rtcp_put_rr(&b, 1, NULL, 0);
	room[0] |= 2; /* two blocks, none there */
	assert_int_equal(rtcp_walk(room, b.len, collect, NULL), ERR_INVALID);
	room[0] = 0x80 | 5; /* BYE of five */
	room[1] = 203;
	assert_int_equal(rtcp_walk(room, b.len, collect, NULL), ERR_INVALID);
	assert_int_equal(n_seen, 0);
}

static void unknown_packets_are_skipped(void **state)
{
	uint8_t app[12] = { 0x80, 204, 0, 2 };
	(void)state;
	memcpy(room, app, 12);
	b.len = 12;
	rtcp_put_pli(&b, 1, 2);
	assert_int_equal(rtcp_walk(room, b.len, collect, NULL), OK);
	assert_int_equal(n_seen, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reads_its_own_reports, setup),
		cmocka_unit_test_setup(reads_its_own_feedback, setup),
		cmocka_unit_test_setup(nacks_are_packed, setup),
		cmocka_unit_test_setup(twcc_says_when_each_packet_came, setup),
		cmocka_unit_test_setup(twcc_writes_as_much_as_fits, setup),
		cmocka_unit_test_setup(what_does_not_fit_is_left_out, setup),
		cmocka_unit_test_setup(stops_at_the_first_malformed_packet, setup),
		cmocka_unit_test_setup(counts_must_fit_their_packet, setup),
		cmocka_unit_test_setup(unknown_packets_are_skipped, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
