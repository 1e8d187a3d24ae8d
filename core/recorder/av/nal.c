/* SPDX-License-Identifier: Apache-2.0 */
#include <libavcodec/avcodec.h>
#include <string.h>
#include "nal.h"

static bool is_h265(const AVCodecParameters *par)
{
	return par->codec_id == AV_CODEC_ID_HEVC;
}

/* Of a unit that begins with @p first. */
static unsigned type_of(enum AVCodecID codec, uint8_t first)
{
	return codec == AV_CODEC_ID_HEVC ? first >> 1 & 63 : first & 31;
}

bool nal_has(const AVCodecParameters *par)
{
	return (par->codec_id == AV_CODEC_ID_H264 || is_h265(par)) &&
	       par->extradata_size >= (is_h265(par) ? 23 : 7) && par->extradata[0] == 1;
}

/* Bytes of a length. */
static size_t length_size(const AVCodecParameters *par)
{
	return (par->extradata[is_h265(par) ? 21 : 4] & 3) + 1u;
}

static bool is_set(const AVCodecParameters *par, uint8_t first)
{
	unsigned type = type_of(par->codec_id, first);
	return is_h265(par) ? type >= 32 && type <= 34 : type == 7 || type == 8;
}

bool nal_next(
	const AVCodecParameters *par, const uint8_t *data, size_t len, size_t *at, struct nal *out)
{
	size_t n = 0, size = length_size(par);
	if (len - *at < size)
		return false;
	for (size_t i = 0; i < size; i++)
		n = n << 8 | data[(*at)++];
	if (!n || n > len - *at)
		return false;
	*out = (struct nal){ data + *at, n, is_set(par, data[*at]) };
	*at += n;
	return true;
}

bool nal_sets_known(const AVCodecParameters *par, const uint8_t *data, size_t len)
{
	struct nal n;
	for (size_t at = 0; nal_next(par, data, len, &at, &n);)
		if (n.is_set && !memmem(par->extradata, (size_t)par->extradata_size, n.data, n.len))
			return false;
	return true;
}

size_t nal_drop_sets(const AVCodecParameters *par, uint8_t *data, size_t len)
{
	struct nal n;
	size_t kept = 0, from = 0;
	for (size_t at = 0; nal_next(par, data, len, &at, &n); from = at) {
		if (n.is_set)
			continue;
		memmove(data + kept, data + from, at - from);
		kept += at - from;
	}
	return kept;
}

/* ---- the head ---- */

bool nal_annexb_has_sets(enum AVCodecID codec, const uint8_t *data, size_t len)
{
	unsigned sps = codec == AV_CODEC_ID_HEVC ? 33 : 7;
	bool has_sps = false, has_pps = false;
	for (size_t i = 0; i + 5 < len; i++) {
		if (data[i] || data[i + 1] || data[i + 2] != 1)
			continue;
		has_sps |= type_of(codec, data[i + 3]) == sps;
		has_pps |= type_of(codec, data[i + 3]) == sps + 1;
	}
	return has_sps && has_pps;
}

struct head {
	const uint8_t *p, *end;
	uint8_t *out;
	size_t size, used;
};

static unsigned take(struct head *h, unsigned bytes)
{
	unsigned v = 0;
	for (; bytes && h->p < h->end; bytes--)
		v = v << 8 | *h->p++;
	return v;
}

static void copy_sets(struct head *h, unsigned count)
{
	static const uint8_t start[] = { 0, 0, 0, 1 };
	while (count-- && h->p < h->end) {
		size_t n = take(h, 2);
		if (n > (size_t)(h->end - h->p))
			n = (size_t)(h->end - h->p);
		if (h->used + sizeof start + n <= h->size) {
			memcpy(h->out + h->used, start, sizeof start);
			memcpy(h->out + h->used + sizeof start, h->p, n);
		}
		h->used += sizeof start + n;
		h->p += n;
	}
}

size_t nal_sets_annexb(const AVCodecParameters *par, uint8_t *out, size_t size)
{
	struct head h = { par->extradata, par->extradata + par->extradata_size, out, size, 0 };
	if (!is_h265(par)) {
		h.p += 5;
		copy_sets(&h, take(&h, 1) & 31);
		copy_sets(&h, take(&h, 1));
		return h.used;
	}
	h.p += 22;
	for (unsigned arrays = take(&h, 1); arrays; arrays--) {
		take(&h, 1); /* which kind */
		copy_sets(&h, take(&h, 2));
	}
	return h.used;
}
