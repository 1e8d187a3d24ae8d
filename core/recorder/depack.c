/* SPDX-License-Identifier: Apache-2.0 */
/* Frames from packets in order: between reorder.h and timeline.h. Sound goes through packet by
 * packet. A picture is open from its first packet to its marker, or to another timestamp; the
 * format (picture.h) puts its bytes together, and refs.h tells whether it can be decoded. */
#include "depack.h"
#include <stdlib.h>
#include <string.h>
#include "../rtp/red.h"
#include "picture.h"

struct depack {
	depack_fn *fn;
	void *arg;
	const struct picture_format *format; /* NULL: sound */
	void *state;
	uint8_t red_pt;
	struct depack_stats stats;
	bool has_begun; /* gen, layer and ts are known */
	uint32_t gen;
	uint8_t layer;
	int64_t ts;     /* the last, unwrapped */
	bool has_ended; /* the last packet ended a picture, and none is missing since */
	struct picture pic;
	struct refs refs;
};

static const struct picture_format *const formats[CARDEA_N_CODECS] = {
	[CARDEA_VP8] = &picture_vp8,
	[CARDEA_VP9] = &picture_vp9,
	[CARDEA_H264] = &picture_h264,
	[CARDEA_H265] = &picture_h265,
	[CARDEA_AV1] = &picture_av1,
};

static bool is_known_sound(enum cardea_codec_id codec)
{
	switch (codec) {
	case CARDEA_OPUS:
	case CARDEA_MULTIOPUS:
	case CARDEA_G722:
	case CARDEA_PCMU:
	case CARDEA_PCMA:
	case CARDEA_L16_48:
	case CARDEA_L16:
		return true;
	default:
		return false;
	}
}

static const struct picture_format *format_of(enum cardea_codec_id codec)
{
	return (unsigned)codec < CARDEA_N_CODECS ? formats[codec] : NULL;
}

struct depack *depack_new(enum cardea_codec_id codec, uint8_t red_pt, depack_fn *fn, void *arg)
{
	const struct picture_format *format = format_of(codec);
	struct depack *d;
	if (!format && !is_known_sound(codec))
		return NULL;
	d = calloc(1, sizeof *d);
	if (!d)
		return NULL;
	d->format = format;
	d->red_pt = red_pt;
	d->fn = fn;
	d->arg = arg;
	if (format && format->state_size && !(d->state = calloc(1, format->state_size))) {
		free(d);
		return NULL;
	}
	return d;
}

void depack_free(struct depack *d)
{
	if (!d)
		return;
	free(d->pic.bytes);
	free(d->state);
	free(d);
}

const struct depack_stats *depack_stats(const struct depack *d)
{
	return &d->stats;
}

bool depack_wants_keyframe(const struct depack *d)
{
	const struct picture *pic = &d->pic;
	if (!d->format || d->refs.is_good)
		return false;
	return !(pic->is_open && !pic->is_broken && pic->key_coming);
}

size_t depack_head(
	enum cardea_codec_id codec, const uint8_t *frame, size_t len, uint8_t *out, size_t size)
{
	const struct picture_format *format = format_of(codec);
	return format && format->head ? format->head(frame, len, out, size) : 0;
}

/* ---- what is given ---- */

static void give(struct depack *d, struct rec_frame *f)
{
	f->gen = d->gen;
	f->layer = d->layer;
	d->stats.frames++;
	d->stats.keyframes += f->is_keyframe;
	d->fn(d->arg, f);
}

/* 0xfffffff0, 0x10: goes on by 0x20 from 0xfffffff0 to 0x100000010. */
static int64_t unwrap(const struct depack *d, uint32_t ts)
{
	return d->ts + (int32_t)(ts - (uint32_t)d->ts);
}

/* ---- sound ---- */

/* Older blocks were given already, unless their packets were lost. */
static void take_redundant(struct depack *d, const struct rec_packet *p, const uint8_t *payload)
{
	struct red_block blocks[RED_BLOCKS];
	int64_t newest = unwrap(d, p->ts), last = d->ts;
	unsigned n;
	if (!red_look(payload, p->payload_len, payload[0] & 0x7f)) {
		d->stats.broken++;
		return;
	}
	n = red_blocks(payload, p->payload_len, blocks);
	for (unsigned i = 0; i < n; i++) {
		struct rec_frame f = { .data = blocks[i].bytes,
			.len = blocks[i].len,
			.ts = newest - blocks[i].before,
			.at_us = p->at_us,
			.is_keyframe = true };
		if (i + 1 < n && (!d->has_begun || !f.len || f.ts <= last))
			continue;
		last = f.ts;
		give(d, &f);
	}
	d->ts = newest;
	d->has_begun = true;
}

static void take_sound(struct depack *d, const struct rec_packet *p)
{
	const uint8_t *payload = p->rtp + p->payload;
	struct rec_frame f = {
		.data = payload, .len = p->payload_len, .at_us = p->at_us, .is_keyframe = true
	};
	if (d->red_pt && (p->rtp[1] & 0x7f) == d->red_pt) {
		take_redundant(d, p, payload);
		return;
	}
	d->ts = f.ts = unwrap(d, p->ts);
	d->has_begun = true;
	give(d, &f);
}

/* ---- pictures ---- */

static void give_picture(struct depack *d)
{
	const struct picture *pic = &d->pic;
	struct rec_frame f = { .data = pic->bytes,
		.len = pic->len,
		.ts = pic->ts,
		.at_us = pic->at_us,
		.is_keyframe = pic->told.is_keyframe,
		.is_discardable = pic->told.is_discardable };
	if (f.is_keyframe) {
		f.width = pic->width;
		f.height = pic->height;
	}
	give(d, &f);
}

static void close_picture(struct depack *d)
{
	struct picture *pic = &d->pic;
	enum picture_end e = PICTURE_BROKEN;
	pic->is_open = false;
	if (!pic->is_broken)
		e = d->format->end(d->state, pic);
	if (e == PICTURE_NOTHING)
		return;
	if (e == PICTURE_BROKEN) {
		d->stats.broken++;
		refs_broken(&d->refs, &pic->told);
	} else if (refs_whole(&d->refs, &pic->told)) {
		give_picture(d);
	} else {
		d->stats.skipped++;
	}
}

static void open_picture(struct depack *d, const struct rec_packet *p)
{
	d->ts = unwrap(d, p->ts);
	d->pic = (struct picture){ .bytes = d->pic.bytes,
		.size = d->pic.size,
		.is_open = true,
		.is_next = d->has_ended,
		.rtp_ts = p->ts,
		.ts = d->ts,
		.at_us = p->at_us,
		.told = { .temporal = -1 } };
}

static void take_payload(struct depack *d, const struct rec_packet *p)
{
	struct picture *pic = &d->pic;
	enum picture_take t;
	if (p->at_us < pic->at_us)
		pic->at_us = p->at_us;
	t = d->format->take(d->state, pic, p->rtp + p->payload, p->payload_len);
	if (t == PICTURE_MALFORMED || (!pic->n_packets && !pic->is_next && t != PICTURE_BEGINS))
		pic->is_broken = true;
	pic->n_packets++;
}

static void lose(struct depack *d, unsigned gap)
{
	if (!gap)
		return;
	d->has_ended = false;
	refs_lose(&d->refs, gap);
}

static void take_video(struct depack *d, const struct rec_packet *p, unsigned gap)
{
	struct picture *pic = &d->pic;
	bool is_nothing = p->is_empty || !p->payload_len;
	if (gap && pic->is_open)
		pic->is_broken = true;
	if (is_nothing || (pic->is_open && pic->rtp_ts == p->ts)) {
		if (is_nothing)
			lose(d, gap); /* not known of which picture */
	} else {
		if (pic->is_open) {
			close_picture(d);
			d->has_ended = true;
		}
		lose(d, gap);
		open_picture(d, p);
	}
	if (is_nothing)
		return;
	d->has_ended = p->marker;
	take_payload(d, p);
	if (p->marker)
		close_picture(d);
}

void depack_flush(struct depack *d)
{
	struct picture *pic = &d->pic;
	if (!pic->is_open)
		return;
	if (!d->format->is_ended || !d->format->is_ended(d->state, pic))
		pic->is_broken = true;
	close_picture(d);
	d->has_ended = false;
}

/* Another gen or layer. */
static void begin_anew(struct depack *d, const struct rec_packet *p)
{
	depack_flush(d);
	d->has_begun = false;
	d->gen = p->gen;
	d->layer = p->layer;
	d->ts = p->ts;
	d->has_ended = false;
	memset(&d->refs, 0, sizeof d->refs);
	if (d->state)
		memset(d->state, 0, d->format->state_size);
}

void depack_take(struct depack *d, const struct rec_packet *p, unsigned gap)
{
	bool anew = !d->has_begun || p->gen != d->gen || p->layer != d->layer;
	if (anew)
		begin_anew(d, p);
	if (d->format) {
		d->has_begun = true;
		take_video(d, p, gap);
	} else if (!p->is_empty && p->payload_len) {
		take_sound(d, p);
	}
}
