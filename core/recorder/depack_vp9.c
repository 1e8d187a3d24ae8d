/* SPDX-License-Identifier: Apache-2.0 */
/* VP9 (RFC 9628), behind picture.h. A picture is the payloads behind their descriptors; one of
 * several spatial layers is several frames, each of which a sender shows, for any could be the
 * highest that somebody gets. In a file all but the highest are made such that are not shown, and a
 * superframe of them all (VP9 bitstream specification, annex B), which every player can play. */
#include <string.h>
#include "../rtp/codecs.h"
#include "picture.h"
#include "vp9_header.h"

struct vp9 {
	struct vp9_refs refs;
	bool has_key; /* sizes of what frames refer to are known */
	/* of the picture: where each layer's frame begins */
	unsigned n_layers;
	size_t at[VP9_LAYERS];
	uint8_t spatial; /* of the last */
	bool is_open;    /* the last has not ended */
};

static void tell(struct refs_told *t, const struct vp9_desc *d)
{
	t->has_number = d->has_picture_id;
	t->number = d->picture_id;
	t->number_mask = d->long_id ? 0x7fff : 0x7f;
	t->has_base = d->has_tl0;
	t->base = d->tl0;
	t->base_mask = UINT8_MAX;
	t->temporal = d->has_layers ? (int8_t)d->temporal : -1;
	t->frees_upper = d->switch_up;
}

/* What its layers refer to, together. */
static void tell_back(struct refs_told *t, const struct vp9_desc *d)
{
	t->has_back |= d->n_back && d->has_picture_id;
	for (unsigned i = 0; i < d->n_back; i++) {
		bool known = false;
		for (unsigned k = 0; k < t->n_back; k++)
			known |= t->back[k] == d->back[i];
		if (!known && t->n_back < REFS_LISTED)
			t->back[t->n_back++] = d->back[i];
	}
}

static enum picture_take take(void *state, struct picture *pic, const uint8_t *payload, size_t len)
{
	struct vp9 *s = state;
	struct vp9_desc d;
	if (!pic->n_packets) {
		s->n_layers = 0;
		s->is_open = false;
	}
	if (!vp9_read_desc(payload, len, &d) || d.len >= len)
		return PICTURE_MALFORMED;
	tell(&pic->told, &d);
	if (d.begins == s->is_open)
		return PICTURE_MALFORMED;
	if (d.begins) {
		if (s->n_layers == VP9_LAYERS || (s->n_layers && d.spatial <= s->spatial))
			return PICTURE_MALFORMED;
		tell_back(&pic->told, &d);
		if (!s->n_layers)
			pic->key_coming = !d.predicted && !d.spatial;
		s->at[s->n_layers++] = pic->len;
	}
	s->spatial = d.spatial;
	s->is_open = !d.ends;
	if (!picture_add(pic, payload + d.len, len - d.len))
		return PICTURE_MALFORMED;
	return d.begins && s->n_layers == 1 && !d.spatial ? PICTURE_BEGINS : PICTURE_MORE;
}

/* Can a frame be hidden? To what follows a frame of the same size it makes a difference whether it
 * was shown, unless that is resilient: it may take over its motion vectors. */
static bool can_hide(const struct vp9_header *h, const struct vp9_header *next)
{
	return h->is_shown && !h->shows_existing &&
	       (next->is_resilient || next->is_keyframe || next->width != h->width ||
		       next->height != h->height);
}

/* Behind the frames: their lengths, four bytes each, the lowest first, between two bytes that say
 * so and how many. */
static bool add_index(struct picture *pic, const size_t *lens, unsigned n)
{
	uint8_t index[2 + 4 * VP9_LAYERS];
	size_t at = 0;
	index[at++] = (uint8_t)(0xc0 | 3 << 3 | (n - 1));
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < 4; k++)
			index[at++] = (uint8_t)(lens[i] >> 8 * k);
	index[at++] = index[0];
	return picture_add(pic, index, at);
}

static bool join_layers(struct vp9 *s, struct picture *pic, const struct vp9_header *headers)
{
	size_t lens[VP9_LAYERS], to = 0;
	uint8_t room[VP9_LAYERS] = { 0 };
	for (unsigned i = 0; i < s->n_layers; i++)
		lens[i] = (i + 1 < s->n_layers ? s->at[i + 1] : pic->len) - s->at[i];
	if (!picture_add(pic, room, s->n_layers)) /* a frame that is hidden may be a byte longer */
		return false;
	memmove(pic->bytes + s->n_layers, pic->bytes, pic->len - s->n_layers);
	for (unsigned i = 0; i < s->n_layers; i++) {
		memmove(pic->bytes + to, pic->bytes + s->n_layers + s->at[i], lens[i]);
		if (i + 1 < s->n_layers && can_hide(&headers[i], &headers[i + 1]))
			lens[i] = vp9_hide(pic->bytes + to, lens[i], &headers[i]);
		to += lens[i];
	}
	pic->len = to;
	return add_index(pic, lens, s->n_layers);
}

static enum picture_end end(void *state, struct picture *pic)
{
	struct vp9 *s = state;
	struct vp9_header headers[VP9_LAYERS];
	bool is_discardable = true;
	if (s->is_open || !s->n_layers)
		return PICTURE_BROKEN;
	for (unsigned i = 0; i < s->n_layers; i++) {
		struct vp9_header *h = &headers[i];
		size_t till = i + 1 < s->n_layers ? s->at[i + 1] : pic->len;
		if (!vp9_read_header(pic->bytes + s->at[i], till - s->at[i], &s->refs, h))
			return s->has_key ? PICTURE_BROKEN : PICTURE_WHOLE; /* will be skipped */
		vp9_refresh(&s->refs, h);
		s->has_key |= h->is_keyframe;
		if (h->width) {
			pic->width = h->width;
			pic->height = h->height;
		}
		is_discardable &= !h->refresh && (h->is_resilient || h->shows_existing);
	}
	pic->told.is_discardable = is_discardable;
	pic->told.is_keyframe = headers[0].is_keyframe;
	return s->n_layers == 1 || join_layers(s, pic, headers) ? PICTURE_WHOLE : PICTURE_BROKEN;
}

/* Layers that were above may not have come; it can be seen without. */
static bool is_ended(const void *state, const struct picture *pic)
{
	const struct vp9 *s = state;
	return pic->n_packets && !s->is_open;
}

const struct picture_format picture_vp9 = {
	.state_size = sizeof(struct vp9), .take = take, .end = end, .is_ended = is_ended
};
