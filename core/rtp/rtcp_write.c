/* SPDX-License-Identifier: Apache-2.0 */
/* RTCP packets of ours (rtcp.h): reports, NACKs, requests for keyframes, REMB, each appended to a
 * compound packet that the router sends. */
#include <string.h>
#include "rtcp.h"
#include "rtp.h"

enum { PT_SR = 200, PT_RR, PT_SDES, PT_BYE, PT_RTPFB = 205, PT_PSFB };

/* Room for a packet of @p n bytes with its common header written; NULL when full. */
static uint8_t *begin(struct rtcp_buf *b, unsigned count, uint8_t pt, size_t n)
{
	uint8_t *p = b->data + b->len;
	if (n > b->size - b->len) {
		b->full = true;
		return NULL;
	}
	p[0] = (uint8_t)(0x80 | count);
	p[1] = pt;
	wr16(p + 2, (uint16_t)(n / 4 - 1));
	b->len += n;
	return p;
}

static void put_blocks(uint8_t *p, const struct rtcp_block *blocks, unsigned n)
{
	for (; n--; blocks++, p += 24) {
		int32_t lost = blocks->lost < 0x7fffff ? blocks->lost : 0x7fffff;
		if (lost < -0x800000)
			lost = -0x800000;
		wr32(p, blocks->ssrc);
		wr32(p + 4, (uint32_t)blocks->fraction << 24 | ((uint32_t)lost & 0xffffff));
		wr32(p + 8, blocks->highest);
		wr32(p + 12, blocks->jitter);
		wr32(p + 16, blocks->lsr);
		wr32(p + 20, blocks->dlsr);
	}
}

void rtcp_put_sr(struct rtcp_buf *b, uint32_t ssrc, uint64_t ntp, uint32_t rtp_ts, uint32_t packets,
	uint32_t octets, const struct rtcp_block *blocks, unsigned n_blocks)
{
	uint8_t *p;
	if (n_blocks > 31)
		n_blocks = 31;
	if (!(p = begin(b, n_blocks, PT_SR, 28 + 24u * n_blocks)))
		return;
	wr32(p + 4, ssrc);
	wr32(p + 8, (uint32_t)(ntp >> 32));
	wr32(p + 12, (uint32_t)ntp);
	wr32(p + 16, rtp_ts);
	wr32(p + 20, packets);
	wr32(p + 24, octets);
	put_blocks(p + 28, blocks, n_blocks);
}

void rtcp_put_rr(
	struct rtcp_buf *b, uint32_t ssrc, const struct rtcp_block *blocks, unsigned n_blocks)
{
	uint8_t *p;
	if (n_blocks > 31)
		n_blocks = 31;
	if (!(p = begin(b, n_blocks, PT_RR, 8 + 24u * n_blocks)))
		return;
	wr32(p + 4, ssrc);
	put_blocks(p + 8, blocks, n_blocks);
}

void rtcp_put_sdes(struct rtcp_buf *b, uint32_t ssrc, const char *cname)
{
	size_t n = strnlen(cname, 255),
	       total = (4 + 4 + 2 + n + 1 + 3) & ~(size_t)3; /* ends with at least one zero */
	uint8_t *p = begin(b, 1, PT_SDES, total);
	if (!p)
		return;
	memset(p + 8, 0, total - 8);
	wr32(p + 4, ssrc);
	p[8] = 1; /* CNAME */
	p[9] = (uint8_t)n;
	memcpy(p + 10, cname, n);
}

void rtcp_put_bye(struct rtcp_buf *b, uint32_t ssrc)
{
	uint8_t *p = begin(b, 1, PT_BYE, 8);
	if (p)
		wr32(p + 4, ssrc);
}

static uint8_t *begin_feedback(
	struct rtcp_buf *b, unsigned fmt, uint8_t pt, size_t n, uint32_t sender, uint32_t media)
{
	uint8_t *p = begin(b, fmt, pt, n);
	if (!p)
		return NULL;
	wr32(p + 4, sender);
	wr32(p + 8, media);
	return p + 12;
}

void rtcp_put_nack(
	struct rtcp_buf *b, uint32_t sender, uint32_t media, const uint16_t *seqs, unsigned n)
{
	size_t entries = 0;
	uint8_t *p;
	for (unsigned i = 0; i < n; entries++)
		for (uint16_t pid = seqs[i++]; i < n && (uint16_t)(seqs[i] - pid) <= 16; i++)
			;
	if (!n || !(p = begin_feedback(b, 1, PT_RTPFB, 12 + 4 * entries, sender, media)))
		return;
	for (unsigned i = 0; i < n; p += 4) {
		uint16_t pid = seqs[i++], blp = 0;
		for (; i < n && (uint16_t)(seqs[i] - pid) <= 16; i++)
			if (seqs[i] != pid)
				blp |= (uint16_t)(1u << (uint16_t)(seqs[i] - pid - 1));
		wr16(p, pid);
		wr16(p + 2, blp);
	}
}

void rtcp_put_pli(struct rtcp_buf *b, uint32_t sender, uint32_t media)
{
	begin_feedback(b, 1, PT_PSFB, 12, sender, media);
}

void rtcp_put_fir(struct rtcp_buf *b, uint32_t sender, uint32_t media, uint8_t seq)
{
	/* RFC 5104, section 4.3.1.2: the header's media source is 0, the target is in the entry */
	uint8_t *p = begin_feedback(b, 4, PT_PSFB, 20, sender, 0);
	if (!p)
		return;
	wr32(p, media);
	wr32(p + 4, (uint32_t)seq << 24);
}

void rtcp_put_remb(
	struct rtcp_buf *b, uint32_t sender, uint64_t bps, const uint32_t *ssrcs, unsigned n)
{
	unsigned exp = 0;
	uint8_t *p;
	if (n > 255)
		n = 255;
	if (!(p = begin_feedback(b, 15, PT_PSFB, 20 + 4u * n, sender, 0)))
		return;
	for (; bps >> exp > 0x3ffff; exp++)
		;
	memcpy(p, "REMB", 4);
	wr32(p + 4, n << 24 | exp << 18 | (uint32_t)(bps >> exp));
	for (unsigned i = 0; i < n; i++)
		wr32(p + 8 + 4 * i, ssrcs[i]);
}
