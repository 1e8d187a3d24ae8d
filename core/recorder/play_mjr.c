/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../rtp/codec_info.h"
#include "../rtp/payload.h"
#include "mjr.h"
#include "play_input.h"
#include "reorder.h"

/* MJR files, a track each, whose packets are sent as they are. Sound and picture are put together
 * by when their first packets came, which both heads tell, and then go by their RTP timestamps: of
 * sound that began at 5.000 s and a picture at 5.120 s, the picture is shown 120 ms after the
 * sound. A picture that misses a packet is not sent, nor what follows, until the next keyframe: who
 * watches would ask for what nobody has. */
#define DAMAGES 64 /* places where a file is passed over, then it ends */

struct line {
	struct mjr_reader *mjr;
	struct mjr_head head;
	char *path;
	struct reorder *order;
	uint8_t track;
	bool at_end;
	int64_t off_us; /* its beginning, from that of all */
	bool has_ts;
	uint32_t ts, gen; /* of the newest */
	int64_t at_us;    /* likewise */
	int64_t ticks;    /* of it, since the first */
	bool is_broken;   /* what is being put together misses a packet */
	bool needs_keyframe;
	struct play_unit *making;
	struct play_units whole;
};

struct mjr_input {
	struct play_input in;
	unsigned n_lines;
	struct line lines[PLAY_TRACKS];
	struct play_unit *given;
	bool is_full; /* no memory */
	int64_t *keyframes;
	size_t n_keyframes, keyframes_size;
};

static bool is_video(const struct line *l)
{
	return l->head.kind == CARDEA_VIDEO;
}

/* ---- units ---- */

static void finish(struct line *l)
{
	struct play_unit *u = l->making;
	l->making = NULL;
	if (!u)
		return;
	if (l->is_broken || !u->n) {
		play_unit_free(u);
		return;
	}
	play_units_put(&l->whole, u);
}

/* @param hz of what comes in, the other one of what comes out: products would not fit */
static int64_t convert(int64_t n, int64_t hz, int64_t to_hz)
{
	return n / hz * to_hz + n % hz * to_hz / hz;
}

/* Another stream has timestamps of its own: that one goes on by when its packets came. */
static void count_on(struct line *l, const struct rec_packet *p)
{
	if (l->has_ts && p->gen == l->gen)
		l->ticks += (int32_t)(p->ts - l->ts);
	else if (l->has_ts && p->at_us > l->at_us)
		l->ticks += convert(p->at_us - l->at_us, US_PER_S, mjr_clock_hz(&l->head));
	l->has_ts = true;
	l->ts = p->ts;
	l->gen = p->gen;
	l->at_us = p->at_us;
}

static void begin(struct line *l, const struct rec_packet *p)
{
	count_on(l, p);
	l->is_broken = false;
	if (!(l->making = play_unit_new()))
		return;
	l->making->track = l->track;
	l->making->us = l->off_us + convert(l->ticks, mjr_clock_hz(&l->head), US_PER_S);
}

/* @return false: it cannot be shown */
static bool look_at_picture(struct line *l, const struct rec_packet *p, unsigned gap)
{
	struct payload_info info;
	payload_look(l->head.codec, p->rtp + p->payload, p->payload_len, NULL, 0, &info);
	if (gap) {
		l->needs_keyframe = true;
		l->is_broken = true;
	}
	if (info.is_keyframe && info.starts_frame && !l->making->n) {
		l->needs_keyframe = l->is_broken = false;
		l->making->is_keyframe = true;
	}
	return !l->needs_keyframe;
}

static void on_packet(void *arg, const struct rec_packet *p, unsigned gap)
{
	struct line *l = arg;
	const struct codec_info *c = codec_info(l->head.codec);
	uint8_t pt = (p->rtp[1] & 127) == l->head.red_pt && l->head.red_pt ? c->red_pt : c->pt;
	if (p->is_empty)
		return; /* a number, that is there */
	if (l->making && (l->ts != p->ts || !is_video(l))) {
		l->is_broken |= is_video(l) && gap;
		finish(l);
	}
	if (!l->making)
		begin(l, p);
	if (!l->making || (is_video(l) && !look_at_picture(l, p, gap)))
		return;
	if (!play_unit_add(l->making, pt, p->marker, p->rtp, p->payload, p->rtp + p->payload,
		    p->payload_len))
		l->is_broken = true;
	if (p->marker || !is_video(l))
		finish(l);
}

static void take_message(struct mjr_input *m, struct line *l)
{
	const uint8_t *bytes;
	size_t len;
	int64_t unix_us;
	enum err e = mjr_read_data(l->mjr, &bytes, &len, &unix_us);
	l->at_end = e && e != ERR_INVALID;
	if (e || !(l->making = play_unit_new()))
		return;
	l->making->track = l->track;
	l->making->us = l->off_us + unix_us - l->head.began_us;
	l->making->is_binary = l->head.is_binary;
	l->making->n = 1;
	if (!play_unit_add_data(l->making, bytes, len))
		m->is_full = true;
	finish(l);
}

/* Read until it has a unit, or no more. */
static void fill(struct mjr_input *m, struct line *l)
{
	unsigned damages = 0;
	while (!l->whole.first && !l->at_end) {
		struct rec_packet p;
		enum err e;
		if (l->head.kind == CARDEA_DATA) {
			take_message(m, l);
			continue;
		}
		e = mjr_read(l->mjr, &p);
		if (e == ERR_INVALID && damages++ < DAMAGES)
			continue;
		if (e) {
			l->at_end = true;
			reorder_flush(l->order);
			finish(l);
			continue;
		}
		reorder_take(l->order, &p);
		reorder_tick(l->order, p.at_us);
	}
}

static enum err input_read(struct play_input *in, struct play_unit **u, char *why, size_t size)
{
	struct mjr_input *m = (struct mjr_input *)in;
	struct line *best = NULL;
	for (unsigned i = 0; i < m->n_lines; i++) {
		struct line *l = &m->lines[i];
		fill(m, l);
		if (l->whole.first && (!best || l->whole.first->us < best->whole.first->us))
			best = l;
	}
	snprintf(why, size, "There is no memory left.");
	if (m->is_full)
		return ERR_FULL;
	if (!best)
		return ERR_NOT_FOUND;
	play_unit_free(m->given);
	*u = m->given = play_units_take(&best->whole);
	return OK;
}

/* ---- life ---- */

static void rewind_line(struct line *l)
{
	play_unit_free(l->making);
	l->making = NULL;
	play_units_clear(&l->whole);
	l->has_ts = l->at_end = l->is_broken = false;
	l->needs_keyframe = is_video(l);
	l->ticks = 0;
	reorder_free(l->order);
	l->order = reorder_new(on_packet, l);
	mjr_close(l->mjr);
	l->mjr = NULL;
}

static bool open_line(struct line *l, const char *path, char *why, size_t size)
{
	rewind_line(l);
	l->mjr = mjr_open(path, &l->head, why, size);
	return l->mjr && l->order;
}

static void drop_line(struct line *l)
{
	rewind_line(l);
	reorder_free(l->order);
	free(l->path);
}

static void input_close(struct play_input *in)
{
	struct mjr_input *m = (struct mjr_input *)in;
	for (unsigned i = 0; i < m->n_lines; i++)
		drop_line(&m->lines[i]);
	play_unit_free(m->given);
	free(m->keyframes);
	free(m);
}

static enum err rewind_all(struct mjr_input *m)
{
	char why[PLAY_TEXT];
	for (unsigned i = 0; i < m->n_lines; i++)
		if (!open_line(&m->lines[i], m->lines[i].path, why, sizeof why))
			return ERR_IO;
	return OK;
}

/* There is no index, but what was seen when it was opened: begin anew, and pass over what
 * is before. */
static enum err input_seek(struct play_input *in, int64_t us)
{
	struct mjr_input *m = (struct mjr_input *)in;
	int64_t to_us = m->n_keyframes ? m->keyframes[0] : us;
	enum err e = rewind_all(m);
	for (size_t i = 0; i < m->n_keyframes && m->keyframes[i] <= us; i++)
		to_us = m->keyframes[i];
	for (unsigned i = 0; i < m->n_lines && !e; i++) {
		struct line *l = &m->lines[i];
		for (fill(m, l); l->whole.first && l->whole.first->us < to_us; fill(m, l))
			play_unit_free(play_units_take(&l->whole));
	}
	return m->is_full ? ERR_FULL : e;
}

static const struct play_input_ops ops = { input_read, input_seek, input_close };

/* ---- what there is ---- */

static bool note_keyframe(struct mjr_input *m, int64_t us)
{
	if (m->n_keyframes == m->keyframes_size) {
		size_t size = m->keyframes_size ? 2 * m->keyframes_size : 64;
		int64_t *more = realloc(m->keyframes, size * sizeof *more);
		if (!more)
			return false;
		m->keyframes = more;
		m->keyframes_size = size;
	}
	m->keyframes[m->n_keyframes++] = us;
	return true;
}

static enum err survey(struct mjr_input *m, char *why, size_t size)
{
	struct play_unit *u;
	enum err e;
	while (!(e = input_read(&m->in, &u, why, size))) {
		bool is_key = u->is_keyframe && m->in.tracks[u->track].kind == CARDEA_VIDEO;
		if (u->us > m->in.duration_us)
			m->in.duration_us = u->us;
		if (is_key && !note_keyframe(m, u->us))
			return ERR_FULL;
	}
	return e == ERR_NOT_FOUND ? rewind_all(m) : e;
}

static void describe(struct play_track *t, const struct line *l)
{
	const struct codec_info *c = codec_info(l->head.codec);
	t->kind = (uint8_t)l->head.kind;
	memcpy(t->fmtp, l->head.fmtp, sizeof t->fmtp);
	if (l->head.kind == CARDEA_DATA)
		return;
	t->codec = (uint8_t)l->head.codec;
	t->clock_hz = mjr_clock_hz(&l->head);
	t->channels = c->channels;
	t->pt = c->pt;
	t->red_pt = l->head.red_pt ? c->red_pt : 0;
	memcpy(t->ext, l->head.ext, sizeof t->ext);
}

static bool is_known(const struct line *l)
{
	const struct codec_info *c = codec_info(l->head.codec);
	return c && c->kind == l->head.kind;
}

static bool add_line(struct mjr_input *m, const char *path, char *why, size_t size)
{
	struct line *l = &m->lines[m->n_lines];
	bool is_data;
	if (!open_line(l, path, why, size))
		goto out;
	is_data = l->head.kind == CARDEA_DATA;
	snprintf(why, size, "%s: it is empty.", path);
	if (!l->head.kind)
		goto out;
	snprintf(why, size, "%s: it cannot be played, for it is encrypted or of no known codec.",
		path);
	if (l->head.e2ee || (!is_data && !is_known(l)))
		goto out;
	l->path = strdup(path);
	l->track = (uint8_t)m->n_lines;
	describe(&m->in.tracks[m->n_lines++], l);
	return l->path;
out:
	drop_line(l);
	*l = (struct line){ 0 };
	return false;
}

static void align(struct mjr_input *m)
{
	int64_t began_us = INT64_MAX;
	for (unsigned i = 0; i < m->n_lines; i++)
		if (m->lines[i].head.began_us < began_us)
			began_us = m->lines[i].head.began_us;
	for (unsigned i = 0; i < m->n_lines; i++)
		m->lines[i].off_us = m->lines[i].head.began_us - began_us;
}

struct play_input *play_mjr_open(const char *const *paths, unsigned n, char *why, size_t size)
{
	struct mjr_input *m = calloc(1, sizeof *m);
	char last[PLAY_TEXT] = "";
	if (!m)
		return NULL;
	m->in.ops = &ops;
	for (unsigned i = 0; i < n && m->n_lines < PLAY_TRACKS; i++)
		if (!add_line(m, paths[i], why, size))
			snprintf(last, sizeof last, "%s", why);
	m->in.n_tracks = m->n_lines;
	align(m);
	if (m->n_lines && survey(m, why, size)) {
		input_close(&m->in);
		return NULL;
	}
	snprintf(why, size, "%s", last);
	if (m->n_lines)
		return &m->in;
	input_close(&m->in);
	return NULL;
}
