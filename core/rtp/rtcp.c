/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "rtcp.h"
#include "rtp.h"

enum { PT_SR = 200, PT_RR, PT_SDES, PT_BYE, PT_APP, PT_RTPFB, PT_PSFB };

struct rtcp_walk {
	void (*fn)(void *arg, const struct rtcp_item *item);
	void *arg;
	uint8_t count;       /* or format */
	const uint8_t *body; /* after the four bytes of the common header */
	size_t len;
};

static void tell(const struct rtcp_walk *w, const struct rtcp_item *item)
{
	w->fn(w->arg, item);
}

static enum err walk_blocks(const struct rtcp_walk *w, size_t from)
{
	struct rtcp_item it = { .kind = RTCP_REPORT_BLOCK, .sender = rd32(w->body) };
	if (w->count * 24u > w->len - from)
		return ERR_INVALID;
	for (const uint8_t *p = w->body + from; p < w->body + from + w->count * 24u; p += 24) {
		it.ssrc = rd32(p);
		it.block.fraction = p[4];
		it.block.lost = (int32_t)(rd32(p + 4) << 8) >> 8;
		it.block.highest = rd32(p + 8);
		it.block.jitter = rd32(p + 12);
		it.block.lsr = rd32(p + 16);
		it.block.dlsr = rd32(p + 20);
		tell(w, &it);
	}
	return OK;
}

static enum err walk_sr(const struct rtcp_walk *w)
{
	struct rtcp_item it = { .kind = RTCP_SR };
	if (w->len < 24)
		return ERR_INVALID;
	it.sender = it.ssrc = rd32(w->body);
	it.sr.ntp = (uint64_t)rd32(w->body + 4) << 32 | rd32(w->body + 8);
	it.sr.rtp_ts = rd32(w->body + 12);
	it.sr.packets = rd32(w->body + 16);
	it.sr.octets = rd32(w->body + 20);
	tell(w, &it);
	return walk_blocks(w, 24);
}

static enum err walk_bye(const struct rtcp_walk *w)
{
	struct rtcp_item it = { .kind = RTCP_BYE };
	if (w->count * 4u > w->len)
		return ERR_INVALID;
	for (unsigned i = 0; i < w->count; i++) {
		it.sender = it.ssrc = rd32(w->body + 4 * i);
		tell(w, &it);
	}
	return OK;
}

static enum err walk_rtpfb(const struct rtcp_walk *w, struct rtcp_item *it)
{
	const uint8_t *p = w->body + 8, *end = w->body + w->len;
	if (w->count == 15) {
		it->kind = RTCP_TWCC;
		if (end - p < 8)
			return ERR_INVALID;
		it->twcc.fci = p;
		it->twcc.len = (size_t)(end - p);
		tell(w, it);
		return OK;
	}
	if (w->count != 1)
		return OK;
	it->kind = RTCP_NACK;
	for (; end - p >= 4; p += 4) {
		it->nack.pid = rd16(p);
		it->nack.blp = rd16(p + 2);
		tell(w, it);
	}
	return OK;
}

static enum err walk_remb(const struct rtcp_walk *w, struct rtcp_item *it)
{
	const uint8_t *p = w->body + 8;
	uint64_t mantissa;
	unsigned exp;
	if (w->len < 16 || memcmp(p, "REMB", 4) != 0)
		return OK; /* another application's feedback */
	if (p[4] * 4u > w->len - 16)
		return ERR_INVALID;
	exp = p[5] >> 2;
	mantissa = rd32(p + 4) & 0x3ffff;
	it->kind = RTCP_REMB;
	/* 18 bits shifted by up to 63: what does not fit is "no limit" */
	it->remb.bps = exp > 45 && mantissa ? UINT64_MAX : mantissa << exp;
	if (p[4])
		it->ssrc = rd32(p + 8);
	tell(w, it);
	return OK;
}

static enum err walk_psfb(const struct rtcp_walk *w, struct rtcp_item *it)
{
	const uint8_t *p = w->body + 8, *end = w->body + w->len;
	switch (w->count) {
	case 1:
		it->kind = RTCP_PLI;
		tell(w, it);
		return OK;
	case 4:
		it->kind = RTCP_FIR;
		for (; end - p >= 8; p += 8) {
			it->ssrc = rd32(p);
			it->fir.seq = p[4];
			tell(w, it);
		}
		return OK;
	case 15:
		return walk_remb(w, it);
	default:
		return OK;
	}
}

static enum err walk_feedback(const struct rtcp_walk *w, bool payload_specific)
{
	struct rtcp_item it = { 0 };
	if (w->len < 8)
		return ERR_INVALID;
	it.sender = rd32(w->body);
	it.ssrc = rd32(w->body + 4);
	return payload_specific ? walk_psfb(w, &it) : walk_rtpfb(w, &it);
}

static enum err walk_packet(const struct rtcp_walk *w, uint8_t pt)
{
	switch (pt) {
	case PT_SR:
		return walk_sr(w);
	case PT_RR:
		return w->len < 4 ? ERR_INVALID : walk_blocks(w, 4);
	case PT_BYE:
		return walk_bye(w);
	case PT_RTPFB:
	case PT_PSFB:
		return walk_feedback(w, pt == PT_PSFB);
	default:
		return OK;
	}
}

enum err rtcp_walk(const uint8_t *data, size_t len,
	void (*fn)(void *arg, const struct rtcp_item *item), void *arg)
{
	struct rtcp_walk w = { .fn = fn, .arg = arg };
	while (len) {
		size_t n, pad = 0;
		enum err e;
		if (len < 4 || data[0] >> 6 != 2)
			return ERR_INVALID;
		n = 4 * (rd16(data + 2) + 1u);
		if (n > len)
			return ERR_INVALID;
		if (data[0] & 0x20) {
			pad = data[n - 1];
			if (!pad || pad > n - 4)
				return ERR_INVALID;
		}
		w.count = data[0] & 31;
		w.body = data + 4;
		w.len = n - 4 - pad;
		if ((e = walk_packet(&w, data[1])))
			return e;
		data += n;
		len -= n;
	}
	return OK;
}
