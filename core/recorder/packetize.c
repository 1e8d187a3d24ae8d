/* SPDX-License-Identifier: Apache-2.0 */
#include "packetize.h"
#include <string.h>
#include "../rtp/rtp.h"
#include "packetize_av1.h"
#include "packetize_nal.h"

#define DESCRIPTOR_MAX 4

/* A frame in pieces, each with a descriptor of its own. */
struct piece {
	uint8_t descriptor[DESCRIPTOR_MAX];
	unsigned descriptor_len;
	bool first, last;
};

static void split(const struct rec_frame *f, struct packetizer *p, struct payloads *out,
	void (*describe)(const struct packetizer *p, const struct rec_frame *f, struct piece *x))
{
	size_t size = payloads_piece(f->len, PAYLOAD_MOST - DESCRIPTOR_MAX), to;
	for (size_t from = 0; from < f->len; from = to) {
		to = f->len - from > size ? from + size : f->len;
		struct piece x = { .first = !from, .last = to == f->len };
		uint8_t *at = payloads_next(out);
		describe(p, f, &x);
		memcpy(at, x.descriptor, x.descriptor_len);
		memcpy(at + x.descriptor_len, f->data + from, to - from);
		out->len = x.descriptor_len + to - from;
	}
}

/* X R N S R PID; I; the picture id. */
static void describe_vp8(const struct packetizer *p, const struct rec_frame *f, struct piece *x)
{
	x->descriptor[0] = (uint8_t)(0x80 | (f->is_discardable ? 0x20 : 0) | (x->first ? 0x10 : 0));
	x->descriptor[1] = 0x80;
	wr16(x->descriptor + 2, 0x8000 | p->picture_id);
	x->descriptor_len = 4;
}

/* I P L F B E V Z */
static void describe_vp9(const struct packetizer *p, const struct rec_frame *f, struct piece *x)
{
	(void)p;
	x->descriptor[0] = (uint8_t)((f->is_keyframe ? 0 : 0x40) | (x->first ? 0x08 : 0) |
				     (x->last ? 0x04 : 0) | (f->is_discardable ? 0x01 : 0));
	x->descriptor_len = 1;
}

bool packetize_can(enum cardea_codec_id codec)
{
	switch (codec) {
	case CARDEA_VP8:
	case CARDEA_VP9:
	case CARDEA_H264:
	case CARDEA_H265:
	case CARDEA_AV1:
		return true;
	default:
		return cardea_codec_kind(codec) == CARDEA_AUDIO;
	}
}

void packetize(struct packetizer *p, const struct rec_frame *f, payloads_fn *fn, void *arg)
{
	struct payloads out = { .fn = fn, .arg = arg };
	switch (p->codec) {
	case CARDEA_VP8:
		split(f, p, &out, describe_vp8);
		p->picture_id = (p->picture_id + 1) & 0x7fff;
		break;
	case CARDEA_VP9:
		split(f, p, &out, describe_vp9);
		break;
	case CARDEA_H264:
		packetize_h264(f, &out);
		break;
	case CARDEA_H265:
		packetize_h265(f, &out);
		break;
	case CARDEA_AV1:
		packetize_av1(f, &out);
		break;
	default:
		if (f->len)
			fn(arg, f->data, f->len, true);
		return;
	}
	payloads_end(&out);
}

/* RFC 6716, section 3.1: configuration, stereo, how many frames; in 48 kHz. */
static uint32_t opus_ticks(const uint8_t *p, size_t len)
{
	static const uint16_t silk[] = { 480, 960, 1920, 2880 }, celt[] = { 120, 240, 480, 960 };
	unsigned config = p[0] >> 3, code = p[0] & 3, n = 1, each;
	if (config < 12)
		each = silk[config & 3];
	else if (config < 16)
		each = silk[config & 1];
	else
		each = celt[config & 3];
	if (code == 3)
		n = len > 1 ? p[1] & 63 : 0;
	else if (code)
		n = 2;
	return n * each;
}

uint32_t packetize_ticks(enum cardea_codec_id codec, const uint8_t *sound, size_t len)
{
	switch (codec) {
	case CARDEA_OPUS:
	case CARDEA_MULTIOPUS: /* all of its streams are of one length */
		return len ? opus_ticks(sound, len) : 0;
	case CARDEA_PCMU:
	case CARDEA_PCMA:
	case CARDEA_G722: /* 8000 bytes a second, and its clock says 8000 (RFC 3551, 4.5.2) */
		return (uint32_t)len;
	default:
		return 0;
	}
}
