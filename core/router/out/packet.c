/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "../../rtp/rtp.h"
#include "digest.h"
#include "packet.h"
#include "redundant.h"

#define PAD_MAX 8
#define PADS    0x20 /* in the first byte of a header */

/* ---- header extensions ---- */

static void add_ext(struct rtp_out *h, uint8_t id, size_t len, const uint8_t *data)
{
	if (!id || !len || h->n_ext == sizeof h->ext / sizeof h->ext[0])
		return;
	h->ext[h->n_ext].id = id;
	h->ext[h->n_ext].len = (uint8_t)len;
	h->ext[h->n_ext++].data = data;
}

static void copy_ext(struct rtp_out *h, const struct sender *tx, const struct receiver *rx,
	const struct pkt *k, enum cardea_ext ext)
{
	uint8_t in = rx->t.ext[ext];
	if (in && in < 15 && k->ext_off[in])
		add_ext(h, tx->t.ext[ext], k->ext_len[in], k->data + k->ext_off[in]);
}

struct stamps {
	uint8_t twcc[2], abs_send_time[3];
};

/* What is made here, not copied: constant in length, so that the packets of a frame stay equal in
 * size. */
static void add_own(
	struct rtp_out *h, const struct sender *tx, const struct sent *s, struct stamps *st)
{
	add_ext(h, tx->t.ext[CARDEA_EXT_MID], strlen(tx->t.mid), (const uint8_t *)tx->t.mid);
	if (tx->t.kind != CARDEA_VIDEO)
		return;
	wr16(st->twcc, s->twcc);
	st->abs_send_time[0] = (uint8_t)(s->abs_send_time >> 16);
	wr16(st->abs_send_time + 1, (uint16_t)s->abs_send_time);
	add_ext(h, tx->t.ext[CARDEA_EXT_TWCC], 2, st->twcc);
	add_ext(h, tx->t.ext[CARDEA_EXT_ABS_SEND_TIME], 3, st->abs_send_time);
}

static void add_copied(struct rtp_out *h, const struct sender *tx, const struct receiver *rx,
	const struct pkt *k, const struct sent *s)
{
	if (tx->t.kind == CARDEA_AUDIO) {
		copy_ext(h, tx, rx, k, CARDEA_EXT_AUDIO_LEVEL);
	} else {
		if (s->has_delay)
			add_ext(h, tx->t.ext[CARDEA_EXT_PLAYOUT_DELAY], 3, s->delay);
		else
			copy_ext(h, tx, rx, k, CARDEA_EXT_PLAYOUT_DELAY);
		copy_ext(h, tx, rx, k, CARDEA_EXT_ORIENTATION);
		copy_ext(h, tx, rx, k, CARDEA_EXT_DEPENDENCY);
	}
	copy_ext(h, tx, rx, k, CARDEA_EXT_ABS_CAPTURE_TIME);
}

/* ---- payloads ---- */

/* What differs per sender is written into the shared packet for the length of one call, and put
 * back: a copy of the payload per subscriber would cost more than all the rest. */
struct patch {
	uint8_t osn[2], picture_id[2], tl0, behind[PAD_MAX];
};

static void write_picture_id(uint8_t *p, const struct payload_info *info, uint16_t id)
{
	if (info->picture_id_15bit)
		wr16(p, 0x8000 | id);
	else
		*p = (uint8_t)id & 0x7f;
}

static void patch_apply(struct patch *saved, struct pkt *k, const struct payload_info *info,
	const struct sent *s, unsigned pad, bool as_rtx)
{
	uint8_t *p = k->data + k->payload, *end = p + k->payload_len;
	if (info->has_picture_id) {
		memcpy(saved->picture_id, p + info->picture_id_off, info->picture_id_15bit ? 2 : 1);
		write_picture_id(p + info->picture_id_off, info, s->picture_id);
	}
	if (info->has_tl0) {
		saved->tl0 = p[info->tl0_off];
		p[info->tl0_off] = s->tl0;
	}
	if (as_rtx) {
		memcpy(saved->osn, p - 2, 2);
		wr16(p - 2, s->seq);
	}
	if (pad) {
		memcpy(saved->behind, end, pad);
		memset(end, 0, pad - 1);
		end[pad - 1] = (uint8_t)pad;
	}
}

static void patch_undo(const struct patch *saved, struct pkt *k, const struct payload_info *info,
	unsigned pad, bool as_rtx)
{
	uint8_t *p = k->data + k->payload;
	if (info->has_picture_id)
		memcpy(p + info->picture_id_off, saved->picture_id, info->picture_id_15bit ? 2 : 1);
	if (info->has_tl0)
		p[info->tl0_off] = saved->tl0;
	if (as_rtx)
		memcpy(p - 2, saved->osn, 2);
	memcpy(p + k->payload_len, saved->behind, pad);
}

/* ---- sending ---- */

static bool put(struct sender *tx, const struct rtp_parts *parts)
{
	struct router *r = tx->peer->r;
	if (!r->ops->send_rtp(r->arg, tx->peer->slot, parts, tx->t.kind == CARDEA_VIDEO))
		return false;
	tx->packets++;
	tx->bytes += parts->header_len + parts->payload_len;
	peer_touch(tx->peer);
	return true;
}

/* Give the packet its index, and take or check the proof of what it was. */
static bool put_as(
	struct sender *tx, struct rtp_parts *parts, struct sent *s, enum packet_kind kind)
{
	if (kind == PACKET_RTX) {
		parts->index = tx->rtx_index;
		if (!put(tx, parts))
			return false;
		tx->rtx_index++;
		return true;
	}
	parts->index = rewrite_index(tx->rw, s->seq);
	if (kind == PACKET_REPEAT)
		parts->again = digest(tx->peer->r->digest_key, parts) == s->digest;
	else if (sender_repeats(tx))
		s->digest = digest(tx->peer->r->digest_key, parts);
	if (!put(tx, parts))
		return false;
	rewrite_sealed(tx->rw, parts->index);
	return true;
}

/* Encoders cut a frame into packets that differ by a byte or so; padded to one size, they leave as
 * one message of the kernel's (UDP GSO), of which only the last may be shorter. */
static unsigned even_out(
	struct sender *tx, const struct receiver *rx, const struct pkt *k, size_t header_len)
{
	size_t size = header_len + k->payload_len, gap;
	if (!tx->burst_size)
		tx->burst_size = (unsigned)header_len + rx->burst_payload;
	gap = tx->burst_size > size ? tx->burst_size - size : 0;
	if (gap && gap <= PAD_MAX && !k->marker && k->payload + k->payload_len + gap <= PKT_CAP)
		return (unsigned)gap;
	tx->burst_size = (unsigned)size;
	return 0;
}

bool packet_put(struct sender *tx, const struct receiver *rx, struct pkt *k,
	const struct payload_info *info, struct sent *s, enum packet_kind kind)
{
	bool as_red = info->red_primary && tx->t.red_pt;
	struct rtp_out h = { .pt = as_red ? tx->t.red_pt : tx->t.pt,
		.marker = s->marker,
		.seq = s->seq,
		.ts = s->ts,
		.ssrc = tx->t.out_ssrc };
	uint8_t header[RTP_MAX_HEADER];
	struct stamps st;
	struct patch saved;
	struct redundant red;
	bool as_rtx = kind == PACKET_RTX, was_sealed;
	unsigned osn = as_rtx ? 2 : 0, pad;
	size_t n;
	if (as_rtx) {
		h.pt = tx->t.rtx_pt;
		h.ssrc = tx->t.out_rtx_ssrc;
		h.seq = (uint16_t)tx->rtx_index;
	}
	add_own(&h, tx, s, &st);
	add_copied(&h, tx, rx, k, s);
	if (!(n = rtp_write(header, sizeof header, &h)))
		return false;
	if (kind == PACKET_FIRST && tx->t.kind == CARDEA_VIDEO && tx->peer->r->conf.even_out)
		s->pad = (uint8_t)even_out(tx, rx, k, n);
	pad = as_rtx ? 0 : s->pad;
	if (pad)
		header[0] |= PADS;
	if (info->red_primary)
		redundant_apply(&red, tx, k, info);
	struct rtp_parts parts = { .header = header,
		.header_len = n,
		.payload = k->data + k->payload - osn,
		.payload_len = k->payload_len + osn + pad };
	patch_apply(&saved, k, info, s, pad, as_rtx);
	was_sealed = put_as(tx, &parts, s, kind);
	patch_undo(&saved, k, info, pad, as_rtx);
	if (info->red_primary)
		redundant_undo(&red, k);
	return was_sealed;
}

void packet_pad(struct sender *tx, const struct sent *s)
{
	static const uint8_t pad = 1;
	struct rtp_out h = { .pt = tx->t.pt, .seq = s->seq, .ts = s->ts, .ssrc = tx->t.out_ssrc };
	uint8_t header[RTP_MAX_HEADER];
	struct stamps st;
	struct rtp_parts parts = { .header = header, .payload = &pad, .payload_len = 1 };
	add_own(&h, tx, s, &st);
	if (!(parts.header_len = rtp_write(header, sizeof header, &h)))
		return;
	header[0] |= PADS;
	parts.index = rewrite_index(tx->rw, s->seq);
	if (put(tx, &parts))
		rewrite_sealed(tx->rw, parts.index);
}
