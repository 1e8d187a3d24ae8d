/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram as an RTCP compound: what was read is written again, and read as the same. And
 * transport-wide feedback of arrival times that the input tells, read by a reader of our own. */
#include "fuzz.h"
#include "../../core/rtp/rtcp.h"
#include "../../core/rtp/rtp.h"

#define ITEMS 2048
#define ROOM  (1 << 16)

static struct list {
	struct rtcp_item of[ITEMS];
	unsigned n, left_out;
} first, second;
static const uint8_t *bounds, *bounds_end;

static void keep(void *arg, const struct rtcp_item *item)
{
	struct list *l = arg;
	must(item->kind >= RTCP_SR && item->kind <= RTCP_TWCC);
	if (item->kind == RTCP_TWCC) {
		must(item->twcc.fci >= bounds && item->twcc.len >= 8);
		must(item->twcc.len <= (size_t)(bounds_end - item->twcc.fci));
	}
	if (l->n < ITEMS)
		l->of[l->n++] = *item;
	else
		l->left_out++;
}

static enum err walk(struct list *l, const uint8_t *data, size_t len)
{
	l->n = l->left_out = 0;
	bounds = data;
	bounds_end = data + len;
	return rtcp_walk(data, len, keep, l);
}

/* ---- what was read, written ---- */

static void put_block(struct rtcp_buf *b, const struct rtcp_item *it)
{
	struct rtcp_block block = { it->ssrc, it->block.fraction, it->block.lost, it->block.highest,
		it->block.jitter, it->block.lsr, it->block.dlsr };
	rtcp_put_rr(b, it->sender, &block, 1);
}

static void put(struct rtcp_buf *b, const struct rtcp_item *it)
{
	switch (it->kind) {
	case RTCP_SR:
		rtcp_put_sr(b, it->sender, it->sr.ntp, it->sr.rtp_ts, it->sr.packets, it->sr.octets,
			NULL, 0);
		break;
	case RTCP_REPORT_BLOCK:
		put_block(b, it);
		break;
	case RTCP_BYE:
		rtcp_put_bye(b, it->sender);
		break;
	case RTCP_NACK:
		rtcp_put_nack(b, it->sender, it->ssrc, &it->nack.pid, 1);
		break;
	case RTCP_PLI:
		rtcp_put_pli(b, it->sender, it->ssrc);
		break;
	case RTCP_FIR:
		rtcp_put_fir(b, it->sender, it->ssrc, it->fir.seq);
		break;
	case RTCP_REMB:
		rtcp_put_remb(b, it->sender, it->remb.bps, &it->ssrc, 1);
		break;
	case RTCP_TWCC:
		break;
	}
}

static void check_item(const struct rtcp_item *a, const struct rtcp_item *b)
{
	must(a->kind == b->kind && a->sender == b->sender && a->ssrc == b->ssrc);
	switch (a->kind) {
	case RTCP_SR:
		must(!memcmp(&a->sr, &b->sr, sizeof a->sr));
		break;
	case RTCP_REPORT_BLOCK:
		must(a->block.fraction == b->block.fraction && a->block.lost == b->block.lost &&
			a->block.highest == b->block.highest &&
			a->block.jitter == b->block.jitter && a->block.lsr == b->block.lsr &&
			a->block.dlsr == b->block.dlsr);
		break;
	case RTCP_NACK:
		must(a->nack.pid == b->nack.pid && !b->nack.blp);
		break;
	case RTCP_FIR:
		must(a->fir.seq == b->fir.seq);
		break;
	case RTCP_REMB: /* a mantissa of 18 bits: never told higher, and not lower by much */
		must(b->remb.bps <= a->remb.bps && a->remb.bps - b->remb.bps <= a->remb.bps >> 17);
		break;
	default:
		break;
	}
}

static void write_again(void)
{
	static uint8_t out[ROOM];
	for (unsigned i = 0; i < first.n; i++) {
		struct rtcp_buf b = { out, 0, sizeof out, false }, tight;
		if (first.of[i].kind == RTCP_TWCC)
			continue;
		put(&b, &first.of[i]);
		must(b.len && b.len % 4 == 0 && !b.full);
		must(walk(&second, out, b.len) == OK && second.n == 1);
		check_item(&first.of[i], &second.of[0]);
		uint8_t *exact = malloc(b.len);
		must(exact);
		tight = (struct rtcp_buf){ exact, 0, b.len - 1, false };
		put(&tight, &first.of[i]);
		must(tight.full && !tight.len);
		free(exact);
	}
}

/* ---- transport-wide feedback ---- */

static unsigned status_at(const uint8_t *chunk, unsigned i)
{
	unsigned word = rd16(chunk);
	if (!(word & 0x8000))
		return word >> 13 & 3;
	return word & 0x4000 ? word >> (12 - 2 * i) & 3 : word >> (13 - i) & 1;
}

static unsigned chunk_covers(const uint8_t *chunk)
{
	unsigned word = rd16(chunk);
	return word & 0x8000 ? (word & 0x4000 ? 7 : 14) : word & 0x1fff;
}

/* Arrivals in units of 250 µs, modulo the 24 bits of reference time; -1: not received. */
static void read_twcc(const struct rtcp_item *it, int64_t *ticks, unsigned n)
{
	const uint8_t *fci = it->twcc.fci, *end = fci + it->twcc.len, *chunk = fci + 8, *delta;
	int64_t at = (int64_t)(rd32(fci + 4) >> 8) * 256;
	unsigned covered = 0;
	for (delta = chunk; covered < n; delta += 2) {
		must(end - delta >= 2 && chunk_covers(delta));
		covered += chunk_covers(delta);
	}
	for (unsigned i = 0, in_chunk = 0; i < n; i++, in_chunk++) {
		if (in_chunk == chunk_covers(chunk)) {
			chunk += 2;
			in_chunk = 0;
		}
		unsigned size = status_at(chunk, in_chunk);
		must(size <= 2 && end - delta >= (ptrdiff_t)size);
		ticks[i] = size ? at += size == 2 ? (int16_t)rd16(delta) : *delta : -1;
		delta += size;
	}
}

static void feedback(struct script s)
{
	int64_t at_us[400], ticks[400], now_us = script_32(&s);
	uint16_t base = script_16(&s);
	size_t room = script_16(&s) % 1200;
	unsigned n = 0, covered;
	while (!script_over(&s) && n < 400) {
		uint8_t b = script_8(&s); /* lost, a little later, or by far earlier or later */
		now_us += b < 0xc0 ? b * 100 : b < 0xf0 ? (int16_t)script_16(&s) * 300 : 0;
		at_us[n++] = b >= 0xf0 || now_us < 0 ? -1 : now_us;
	}
	uint8_t *exact = malloc(room + 1);
	must(exact);
	struct rtcp_buf b = { exact, 0, room, false };
	covered = rtcp_put_twcc(&b, 1, 2, base, at_us, n, 3);
	must(covered <= n && b.len <= room && b.len % 4 == 0 && !covered == !b.len);
	if (covered) {
		must(walk(&second, exact, b.len) == OK && second.n == 1);
		must(second.of[0].kind == RTCP_TWCC && rd16(second.of[0].twcc.fci) == base);
		must(rd16(second.of[0].twcc.fci + 2) == covered);
		must(second.of[0].sender == 1 && second.of[0].ssrc == 2);
		read_twcc(&second.of[0], ticks, covered);
		for (unsigned i = 0; i < covered; i++)
			must(ticks[i] == (at_us[i] < 0 ? -1 : at_us[i] / 250));
	}
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] >> 6 != 2) /* no RTCP can begin so */
		feedback(script_of(data + 1, size - 1));
	walk(&first, data, size);
	write_again();
	return 0;
}
