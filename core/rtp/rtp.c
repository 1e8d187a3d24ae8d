/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "rtp.h"

#define ONE_BYTE 0xbede
#define TWO_BYTE 0x1000 /* the low four bits are the application's */

size_t rtp_header_len(const uint8_t *data, size_t len)
{
	size_t n;
	if (len < RTP_HEADER || data[0] >> 6 != 2)
		return 0;
	n = RTP_HEADER + 4 * (size_t)(data[0] & 15);
	if (data[0] & 0x10) {
		if (n + 4 > len)
			return 0;
		n += 4 + 4 * (size_t)rd16(data + n + 2);
	}
	return n <= len ? n : 0;
}

static void keep(struct pkt *k, unsigned id, size_t off, size_t len)
{
	if (!id || id > 14)
		return;
	k->ext_off[id] = (uint16_t)off;
	k->ext_len[id] = (uint8_t)len;
}

static enum err index_one_byte(struct pkt *k, size_t at, size_t end)
{
	while (at < end) {
		uint8_t b = k->data[at++];
		size_t n = (b & 15) + 1u;
		if (!b)
			continue; /* padding */
		if (b >> 4 == 15 || b >> 4 == 0)
			return OK; /* RFC 8285, section 4.2: the whole block ends here */
		if (n > end - at)
			return ERR_INVALID;
		keep(k, b >> 4, at, n);
		at += n;
	}
	return OK;
}

static enum err index_two_byte(struct pkt *k, size_t at, size_t end)
{
	while (at < end) {
		uint8_t id = k->data[at++];
		if (!id)
			continue;
		if (at == end || k->data[at] > end - at - 1)
			return ERR_INVALID;
		keep(k, id, at + 1, k->data[at]);
		at += 1u + k->data[at];
	}
	return OK;
}

enum err rtp_parse(struct pkt *k)
{
	const uint8_t *d = k->data;
	size_t n = rtp_header_len(d, k->len), pad = 0, from;
	enum err e = OK;
	if (!n)
		return ERR_INVALID;
	if (d[0] & 0x20) {
		pad = d[k->len - 1];
		if (!pad || pad > k->len - n)
			return ERR_INVALID;
	}
	k->marker = d[1] >> 7;
	k->pt = d[1] & 0x7f;
	k->seq = rd16(d + 2);
	k->ts = rd32(d + 4);
	k->ssrc = rd32(d + 8);
	k->payload = (uint16_t)n;
	k->payload_len = (uint16_t)(k->len - n - pad);
	memset(k->ext_off, 0, sizeof k->ext_off);
	memset(k->ext_len, 0, sizeof k->ext_len);
	if (d[0] & 0x10) {
		from = RTP_HEADER + 4u * (d[0] & 15) + 4;
		if (rd16(d + from - 4) == ONE_BYTE)
			e = index_one_byte(k, from, n);
		else if ((rd16(d + from - 4) & 0xfff0) == TWO_BYTE)
			e = index_two_byte(k, from, n);
	}
	return e;
}

static bool needs_two_byte(const struct rtp_out *h)
{
	for (unsigned i = 0; i < h->n_ext; i++)
		if (h->ext[i].id > 14 || h->ext[i].len > 16 || !h->ext[i].len)
			return true;
	return false;
}

static size_t write_ext(uint8_t *out, size_t size, const struct rtp_out *h)
{
	bool two = needs_two_byte(h);
	size_t n = 4;
	for (unsigned i = 0; i < h->n_ext; i++)
		n += (two ? 2u : 1u) + h->ext[i].len;
	n = (n + 3) & ~(size_t)3;
	if (n > size)
		return 0;
	wr16(out, two ? TWO_BYTE : ONE_BYTE);
	wr16(out + 2, (uint16_t)(n / 4 - 1));
	memset(out + n - 4, 0, 4);
	out += 4;
	for (unsigned i = 0; i < h->n_ext; i++) {
		if (two) {
			*out++ = h->ext[i].id;
			*out++ = h->ext[i].len;
		} else {
			*out++ = (uint8_t)(h->ext[i].id << 4 | (h->ext[i].len - 1));
		}
		memcpy(out, h->ext[i].data, h->ext[i].len);
		out += h->ext[i].len;
	}
	return n;
}

size_t rtp_write(uint8_t *out, size_t size, const struct rtp_out *h)
{
	size_t n = 0;
	if (size < RTP_HEADER)
		return 0;
	out[0] = (uint8_t)(0x80 | (h->n_ext ? 0x10 : 0));
	out[1] = (uint8_t)(h->marker << 7 | h->pt);
	wr16(out + 2, h->seq);
	wr32(out + 4, h->ts);
	wr32(out + 8, h->ssrc);
	if (h->n_ext && !(n = write_ext(out + RTP_HEADER, size - RTP_HEADER, h)))
		return 0;
	return RTP_HEADER + n;
}
