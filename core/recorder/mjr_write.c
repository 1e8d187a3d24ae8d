/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../rtp/codec_info.h"
#include "../rtp/rtp.h"
#include "mjr.h"

#define RECORD   10        /* bytes before what it carries */
#define ROOM     (1 << 15) /* bytes that wait to be written */
#define FLUSH_US 500000
#define FAR      0x4000 /* numbers behind the first of a source: none comes from before it */

/* Numbers of a source become numbers of the file by addition; another source gets other summands.
 * One at numbers 7 8 9 and timestamps 1000 2000 3000 is followed, 40 ms after its last packet, by
 * one at 500 and 90000, clock 90 kHz: 500 becomes 10 (by -490), 90000 becomes 3000 + 40 * 90 = 6600
 * (by -83400). 499, if it comes late, would become 9, which is taken: it is left out. */
struct numbers {
	bool is_begun;
	bool is_new;   /* what comes next is of another source */
	bool has_edge; /* the numbers before `first` are those of another */
	uint8_t layer;
	uint32_t gen;
	uint16_t add, first;
	uint32_t add_ts;
	uint16_t seq; /* the highest that was written, and what belongs to it */
	uint32_t ts;
	int64_t at_us;
};

struct mjr_writer {
	struct rec_file *file;
	struct mjr_head head;
	bool is_begun;
	uint32_t ssrc;
	struct numbers numbers;
	int64_t first_us;   /* of the first record, in the clock of the others */
	int64_t flushed_us; /* likewise */
	enum err error;
	size_t len;
	uint8_t waiting[ROOM];
};

struct mjr_writer *mjr_writer_new(struct rec_file *f, const struct mjr_head *head)
{
	struct mjr_writer *w = calloc(1, sizeof *w);
	if (!w || rec_file_write(f, "MJR00002", 8)) {
		free(w);
		return NULL;
	}
	w->file = f;
	w->head = *head;
	return w;
}

enum err mjr_writer_flush(struct mjr_writer *w)
{
	if (!w->error && w->len)
		w->error = rec_file_write(w->file, w->waiting, w->len);
	w->len = 0;
	return w->error;
}

static void put(struct mjr_writer *w, const void *bytes, size_t len)
{
	if (len > sizeof w->waiting - w->len)
		mjr_writer_flush(w);
	if (len <= sizeof w->waiting) {
		memcpy(w->waiting + w->len, bytes, len);
		w->len += len;
	} else if (!w->error) {
		w->error = rec_file_write(w->file, bytes, len);
	}
}

static void put_head(struct mjr_writer *w, int64_t unix_us)
{
	size_t len;
	uint8_t n[2];
	w->head.began_us = unix_us;
	char *text = mjr_head_print(&w->head, &len);
	if (!text) {
		w->error = ERR_FULL;
		return;
	}
	wr16(n, (uint16_t)len); /* a kilobyte or two: its texts are short */
	put(w, n, sizeof n);
	put(w, text, len);
	free(text);
}

/* ---- records ---- */

/* Followed by @p len bytes. @param at_us in the same clock for all records of a file */
static void put_record(struct mjr_writer *w, size_t len, int64_t at_us, int64_t unix_us)
{
	uint8_t r[RECORD] = { 'M', 'E', 'E', 'T' };
	if (!w->is_begun) {
		w->is_begun = true;
		w->first_us = w->flushed_us = at_us;
		put_head(w, unix_us);
	}
	wr32(r + 4, at_us > w->first_us ? (uint32_t)((at_us - w->first_us) / US_PER_MS) : 0);
	wr16(r + 8, (uint16_t)len);
	put(w, r, sizeof r);
}

static void begin_source(struct mjr_writer *w, const struct rec_packet *p)
{
	struct numbers *n = &w->numbers;
	if (n->is_begun) {
		int64_t passed = (p->at_us - n->at_us) * mjr_clock_hz(&w->head) / US_PER_S;
		n->add = (uint16_t)(n->seq + 1 - p->seq);
		n->add_ts = n->ts + (passed > 0 ? (uint32_t)passed : 1) - p->ts;
		n->has_edge = true;
	} else {
		w->ssrc = rd32(p->rtp + 8);
	}
	n->first = (uint16_t)(p->seq + n->add);
	n->seq = (uint16_t)(n->first - 1);
	n->gen = p->gen;
	n->layer = p->layer;
	n->is_begun = true;
	n->is_new = false;
}

/* @return false: there is no number for it */
static bool number(struct mjr_writer *w, const struct rec_packet *p, uint16_t *seq, uint32_t *ts)
{
	struct numbers *n = &w->numbers;
	if (!n->is_begun || n->is_new || p->gen != n->gen || p->layer != n->layer)
		begin_source(w, p);
	*seq = (uint16_t)(p->seq + n->add);
	*ts = p->ts + n->add_ts;
	if (n->has_edge && seq_after(n->first, *seq))
		return false;
	if (seq_after(*seq, n->seq)) {
		n->seq = *seq;
		n->ts = *ts;
		n->at_us = p->at_us;
	}
	if ((uint16_t)(n->seq - n->first) >= FAR)
		n->has_edge = false; /* before the numbers come round */
	return true;
}

/* What tools take for granted of payload types that RFC 3551 gives a codec. */
static uint8_t payload_type(enum cardea_codec_id codec, uint8_t pt)
{
	const struct codec_info *c = codec_info(codec);
	bool is_fixed = codec == CARDEA_PCMU || codec == CARDEA_PCMA || codec == CARDEA_G722;
	return is_fixed ? c->pt : pt;
}

enum err mjr_write(struct mjr_writer *w, const struct rec_packet *p, int64_t unix_us)
{
	uint8_t fixed[RTP_HEADER];
	size_t len = p->is_empty ? p->payload : p->rtp_len;
	uint16_t seq;
	uint32_t ts;
	if (w->error || len < RTP_HEADER || !number(w, p, &seq, &ts))
		return w->error;
	memcpy(fixed, p->rtp, sizeof fixed);
	fixed[0] &= (uint8_t)~0x20; /* its padding is not there */
	fixed[1] = (uint8_t)((fixed[1] & 0x80) | payload_type(w->head.codec, fixed[1] & 0x7f));
	wr16(fixed + 2, seq);
	wr32(fixed + 4, ts);
	wr32(fixed + 8, w->ssrc);
	put_record(w, len, p->at_us, unix_us);
	put(w, fixed, sizeof fixed);
	put(w, p->rtp + RTP_HEADER, len - RTP_HEADER);
	if (p->at_us - w->flushed_us >= FLUSH_US) {
		w->flushed_us = p->at_us;
		mjr_writer_flush(w);
	}
	return w->error;
}

enum err mjr_write_data(struct mjr_writer *w, const void *bytes, size_t len, int64_t unix_us)
{
	uint8_t when[8];
	if (len > MJR_DATA)
		return ERR_FULL;
	put_record(w, sizeof when + len, unix_us, unix_us);
	wr64(when, (uint64_t)unix_us);
	put(w, when, sizeof when);
	put(w, bytes, len);
	return mjr_writer_flush(w); /* they are rare, and nothing may follow for long */
}

void mjr_writer_pause(struct mjr_writer *w)
{
	w->numbers.is_new = true;
	mjr_writer_flush(w);
}

enum err mjr_writer_leave(struct mjr_writer *w)
{
	enum err e = mjr_writer_flush(w);
	free(w);
	return e;
}

enum err mjr_writer_end(struct mjr_writer *w, bool keep)
{
	struct rec_file *f = w->file;
	enum err e = mjr_writer_leave(w), ended = rec_file_end(f, keep && !e);
	return e ? e : ended;
}
