/* SPDX-License-Identifier: Apache-2.0 */
#include "nals.h"
#include <string.h>
#include "../rtp/rtp.h"

#define START 4
static const uint8_t start_code[START] = { 0, 0, 0, 1 };

bool nals_begin(struct nals *n, struct picture *pic, const uint8_t *bytes, size_t len)
{
	if (!picture_add(pic, start_code, START))
		return false;
	n->at = pic->len;
	return picture_add(pic, bytes, len);
}

bool nals_add_lengths(struct nals *n, struct picture *pic, const uint8_t *bytes, size_t len,
	nals_done *done, void *state)
{
	if (!len)
		return false;
	while (len) {
		size_t size = len > 2 ? rd16(bytes) : 0;
		if (!size || size > len - 2)
			return false;
		if (!nals_begin(n, pic, bytes + 2, size) ||
			!done(state, pic, pic->bytes + n->at, size))
			return false;
		bytes += 2 + size;
		len -= 2 + size;
	}
	return true;
}

/* Is it among those that are remembered? */
static bool is_kept(const struct nals *n, enum nals_set kind, const uint8_t *nal, size_t len)
{
	const uint8_t *kept;
	size_t at = 0, kept_len;
	while ((kept_len = nals_next(n->sets[kind].bytes, n->sets[kind].len, &at, &kept)))
		if (kept_len == len && !memcmp(kept, nal, len))
			return true;
	return false;
}

void nals_keep(struct nals *n, enum nals_set kind, const uint8_t *nal, size_t len)
{
	size_t *at = &n->sets[kind].len;
	if (is_kept(n, kind, nal, len))
		return;
	if (kind != NALS_PPS)
		*at = 0;
	if (kind == NALS_SPS)
		n->sets[NALS_PPS].len = 0;
	if (START + len > NALS_SET_MAX - *at)
		return;
	memcpy(n->sets[kind].bytes + *at, start_code, START);
	memcpy(n->sets[kind].bytes + *at + START, nal, len);
	*at += START + len;
}

bool nals_prepend_sets(const struct nals *n, struct picture *pic)
{
	size_t len = 0, was = pic->len;
	if (!n->sets[NALS_SPS].len || !n->sets[NALS_PPS].len)
		return false;
	for (unsigned i = 0; i < NALS_N_SETS; i++) {
		if (!picture_add(pic, n->sets[i].bytes, n->sets[i].len))
			return false;
		len += n->sets[i].len;
	}
	memmove(pic->bytes + len, pic->bytes, was);
	for (unsigned i = 0, at = 0; i < NALS_N_SETS; at += (unsigned)n->sets[i++].len)
		memcpy(pic->bytes + at, n->sets[i].bytes, n->sets[i].len);
	return true;
}

/* Where the next 00 00 01 begins from @p at on. */
static size_t find_start(const uint8_t *bytes, size_t len, size_t at)
{
	for (; at + 3 <= len; at++)
		if (!bytes[at] && !bytes[at + 1] && bytes[at + 2] == 1)
			return at;
	return len;
}

enum picture_end nals_end_keyframe(const struct nals *n, struct picture *pic, const struct sps *sps)
{
	/* what was lost before it may have been its parameter sets */
	if (!n->has_sets && !pic->is_next)
		return PICTURE_BROKEN;
	if (!n->has_sets && !nals_prepend_sets(n, pic))
		return PICTURE_WHOLE;
	pic->told.is_keyframe = true;
	pic->width = sps->width;
	pic->height = sps->height;
	return PICTURE_WHOLE;
}

size_t nals_next(const uint8_t *bytes, size_t len, size_t *at, const uint8_t **nal)
{
	size_t begin = find_start(bytes, len, *at) + 3, end;
	if (begin >= len)
		return 0;
	end = find_start(bytes, len, begin);
	*at = end;
	while (end > begin + 1 && !bytes[end - 1])
		end--; /* zeros belong to the next start code */
	*nal = bytes + begin;
	return end - begin;
}

size_t nals_copy_sets(
	const uint8_t *frame, size_t len, bool (*is_set)(uint8_t first), uint8_t *out, size_t size)
{
	const uint8_t *nal;
	size_t at = 0, n, written = 0;
	while ((n = nals_next(frame, len, &at, &nal))) {
		if (!is_set(*nal))
			continue;
		if (START + n > size - written)
			return 0;
		memcpy(out + written, start_code, START);
		memcpy(out + written + START, nal, n);
		written += START + n;
	}
	return written;
}
