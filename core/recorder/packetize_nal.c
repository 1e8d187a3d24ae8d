/* SPDX-License-Identifier: Apache-2.0 */
/* H.264 and H.265 in RTP. Small NAL units travel together, large ones in pieces. Of H.264's 7 8 5,
 * parameter sets and a large slice: STAP-A of 7 and 8, then FU-A of 5, each with the header of its
 * unit taken apart. */
#include <string.h>
#include "../rtp/rtp.h"
#include "packetize_nal.h"

enum { H264_AUD = 9, H264_FILLER = 12, H264_STAP_A = 24, H264_FU_A = 28 };
enum { H265_AUD = 35, H265_EOB = 37, H265_FILLER = 38, H265_AP = 48, H265_FU = 49 };

/** One of the two formats. */
struct format {
	unsigned header; /* bytes of a NAL unit's */
	bool (*is_left_out)(const uint8_t *nal);
	/** header of an aggregate that holds @p nal, changed where it holds another */
	void (*aggregate)(uint8_t *at, const uint8_t *nal, bool first);
	/** header of a piece. @return bytes */
	unsigned (*fragment)(uint8_t *at, const uint8_t *nal, bool first, bool last);
};

/* The next NAL unit of Annex B: what is between two start codes of three bytes, less zeros. @return
 * where it begins, NULL: no more */
static const uint8_t *find_start(const uint8_t *p, const uint8_t *end)
{
	for (; end - p >= 3; p++)
		if (!p[0] && !p[1] && p[2] == 1)
			return p + 3;
	return NULL;
}

static const uint8_t *next_nal(const uint8_t **at, const uint8_t *end, size_t *len)
{
	const uint8_t *nal = find_start(*at, end), *after;
	if (!nal)
		return NULL;
	after = find_start(nal, end);
	*at = after ? after - 3 : end;
	after = *at;
	while (after > nal && !after[-1])
		after--;
	*len = (size_t)(after - nal);
	return nal;
}

/** The units that wait to travel together. */
struct together {
	const struct format *format;
	struct payloads *out;
	const uint8_t *only; /* of one alone */
	uint8_t *at;         /* where the aggregate is written */
	size_t len, only_len;
	unsigned n;
};

static void leave(struct together *t)
{
	if (t->n == 1) { /* there was nobody to go with */
		memcpy(t->at, t->only, t->only_len);
		t->len = t->only_len;
	}
	if (t->n)
		t->out->len = t->len;
	t->n = 0;
}

static void join(struct together *t, const uint8_t *nal, size_t len)
{
	unsigned header = t->format->header;
	if (t->n && t->len + 2 + len > PAYLOAD_MOST)
		leave(t);
	if (!t->n) {
		t->at = payloads_next(t->out);
		t->len = header;
		t->only = nal;
		t->only_len = len;
	}
	t->format->aggregate(t->at, nal, !t->n);
	t->n++;
	if (t->len + 2 + len > PAYLOAD_MOST) { /* it fills a payload by itself */
		t->len = PAYLOAD_MOST;
		return;
	}
	wr16(t->at + t->len, (uint16_t)len);
	memcpy(t->at + t->len + 2, nal, len);
	t->len += 2 + len;
}

static void in_pieces(struct together *t, const uint8_t *nal, size_t len)
{
	const struct format *m = t->format;
	size_t body = len - m->header, to;
	size_t size = payloads_piece(body, PAYLOAD_MOST - m->header - 1);
	leave(t);
	for (size_t from = 0; from < body; from = to) {
		to = body - from > size ? from + size : body;
		uint8_t *at = payloads_next(t->out);
		unsigned head = m->fragment(at, nal, !from, to == body);
		memcpy(at + head, nal + m->header + from, to - from);
		t->out->len = head + to - from;
	}
}

static void packetize_nals(const struct format *m, const struct rec_frame *f, struct payloads *out)
{
	struct together t = { .format = m, .out = out };
	const uint8_t *at = f->data, *end = f->data + f->len, *nal;
	size_t len;
	while ((nal = next_nal(&at, end, &len))) {
		if (len <= m->header || m->is_left_out(nal))
			continue;
		if (len > PAYLOAD_MOST)
			in_pieces(&t, nal, len);
		else
			join(&t, nal, len);
	}
	leave(&t);
}

/* ---- H.264: F NRI Type ---- */

static bool h264_is_left_out(const uint8_t *nal)
{
	uint8_t type = nal[0] & 31;
	return type >= H264_AUD && type <= H264_FILLER;
}

static void h264_aggregate(uint8_t *at, const uint8_t *nal, bool first)
{
	uint8_t nri = nal[0] & 0x60, most = first ? 0 : at[0] & 0x60;
	at[0] = (uint8_t)((nri > most ? nri : most) | H264_STAP_A);
}

static unsigned h264_fragment(uint8_t *at, const uint8_t *nal, bool first, bool last)
{
	at[0] = (uint8_t)((nal[0] & 0xe0) | H264_FU_A);
	at[1] = (uint8_t)((first ? 0x80 : 0) | (last ? 0x40 : 0) | (nal[0] & 31));
	return 2;
}

void packetize_h264(const struct rec_frame *f, struct payloads *out)
{
	static const struct format format = { 1, h264_is_left_out, h264_aggregate, h264_fragment };
	packetize_nals(&format, f, out);
}

/* ---- H.265: F Type LayerId TID ---- */

static bool h265_is_left_out(const uint8_t *nal)
{
	uint8_t type = nal[0] >> 1 & 63;
	return type >= H265_AUD && type <= H265_FILLER;
}

/* The lowest layer and temporal layer of those in it (RFC 7798, section 4.4.2). */
static void h265_aggregate(uint8_t *at, const uint8_t *nal, bool first)
{
	uint16_t id = rd16(nal) & 0x1ff, least = first ? 0x1ff : rd16(at) & 0x1ff;
	wr16(at, (uint16_t)(H265_AP << 9 | (id < least ? id : least)));
}

static unsigned h265_fragment(uint8_t *at, const uint8_t *nal, bool first, bool last)
{
	wr16(at, (uint16_t)(H265_FU << 9 | (rd16(nal) & 0x81ff)));
	at[2] = (uint8_t)((first ? 0x80 : 0) | (last ? 0x40 : 0) | (nal[0] >> 1 & 63));
	return 3;
}

void packetize_h265(const struct rec_frame *f, struct payloads *out)
{
	static const struct format format = { 2, h265_is_left_out, h265_aggregate, h265_fragment };
	packetize_nals(&format, f, out);
}
