/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../rtp/codec_info.h"
#include "../rtp/payload.h"
#include "mjr_places.h"
#include "play_input.h"
#include "reorder.h"

/* MJR files, a track each, whose packets are sent as they are. Sound and picture are put together
 * by when their first packets came, which both heads tell, and then go by their RTP timestamps: of
 * sound that began at 5.000 s and a picture at 5.120 s, the picture is shown 120 ms after the
 * sound. A picture that misses a packet is not sent, nor what follows, until the next keyframe: who
 * watches would ask for what nobody has.
 *
 * A file tells neither how long it is nor where its keyframes are: it is read through first
 * (survey), and places to begin at are noted on the way. */
#define DAMAGES 64   /* places where a file is passed over between two units, then it ends */
#define SURVEY  4096 /* records of a slice: some milliseconds, in which nobody plays … */
#define READ    256  /* … and here others wait */
#define KEYFRAMES \
	(1u << 14) /* then every other one is forgotten, and they are sought less exactly */

struct line {
	struct mjr_reader *mjr;
	struct mjr_head head;
	struct reorder *order;
	uint8_t track;
	bool at_end;
	int64_t off_us; /* its beginning, from that of all */
	struct mjr_clock clock;
	struct mjr_places places;
	int64_t newest_us; /* of all units so far */
	int64_t from_us;   /* what comes before the first of that time is passed over */
	unsigned damages;
	bool waits;     /* a packet, for one before it */
	bool begins;    /* a unit, with the last that was read */
	bool is_broken; /* what is being put together misses a packet */
	bool needs_keyframe;
	struct play_unit *making;
	struct play_units whole;
};

struct mjr_input {
	struct play_input in;
	unsigned n_lines;
	struct line lines[PLAY_TRACKS];
	struct play_unit *given;
	bool is_full;    /* no memory */
	unsigned budget; /* records that may still be read now */
	bool is_surveyed;
	int64_t *keyframes, keyframes_step_us; /* in the order of their times */
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
	if (u->us > l->newest_us)
		l->newest_us = u->us;
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
	struct mjr_clock *c = &l->clock;
	if (c->has_ts && p->gen == c->gen)
		c->ticks += (int32_t)(p->ts - c->ts);
	else if (c->has_ts && p->at_us > c->at_us)
		c->ticks += convert(p->at_us - c->at_us, US_PER_S, mjr_clock_hz(&l->head));
	c->has_ts = true;
	c->ts = p->ts;
	c->gen = p->gen;
	c->at_us = p->at_us;
}

static void begin(struct line *l, const struct rec_packet *p)
{
	count_on(l, p);
	l->begins = true;
	l->is_broken = false;
	if (!(l->making = play_unit_new()))
		return;
	l->making->track = l->track;
	l->making->us = l->off_us + convert(l->clock.ticks, mjr_clock_hz(&l->head), US_PER_S);
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
	if (l->making && (l->clock.ts != p->ts || !is_video(l))) {
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

/* @return false: it is lost */
static bool find_place(const struct line *l, struct mjr_place *place)
{
	place->clock = l->clock;
	return mjr_mark(l->mjr, &place->mark);
}

static void note_place(struct line *l, struct mjr_place *place)
{
	place->before_us = l->newest_us;
	mjr_places_note(&l->places, place);
}

static void note_this(struct line *l)
{
	struct mjr_place place;
	if (find_place(l, &place))
		note_place(l, &place);
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
	if (!m->is_surveyed)
		note_this(l);
}

/* From a place where nothing waits, and a picture or sound begins, can be read without what is
 * before it. */
static void take_packet(const struct mjr_input *m, struct line *l)
{
	struct mjr_place place;
	bool is_place = !m->is_surveyed && !l->waits && find_place(l, &place);
	const struct play_unit *before = l->making;
	struct rec_packet p;
	enum err e = mjr_read(l->mjr, &p);
	if (e == ERR_INVALID && l->damages++ < DAMAGES)
		return;
	if (e) {
		l->at_end = true;
		reorder_flush(l->order);
		finish(l);
		return;
	}
	l->begins = false;
	reorder_take(l->order, &p);
	l->waits = reorder_tick(l->order, p.at_us) != INT64_MAX;
	if (is_place && !l->waits && (l->begins || !before))
		note_place(l, &place);
}

static void pass_over(struct line *l)
{
	while (l->whole.first && l->whole.first->us < l->from_us)
		play_unit_free(play_units_take(&l->whole));
	if (!l->whole.first)
		return;
	l->from_us = INT64_MIN;
	l->damages = 0;
}

/* Read until it has a unit, or no more, or what may be read is. */
static void fill(struct mjr_input *m, struct line *l)
{
	while (!l->whole.first && !l->at_end && m->budget) {
		m->budget--;
		if (l->head.kind == CARDEA_DATA)
			take_message(m, l);
		else
			take_packet(m, l);
		pass_over(l);
	}
}

static enum err next_unit(struct mjr_input *m, struct play_unit **u)
{
	struct line *best = NULL;
	bool is_whole = true;
	for (unsigned i = 0; i < m->n_lines; i++) {
		struct line *l = &m->lines[i];
		fill(m, l);
		is_whole &= l->whole.first || l->at_end;
		if (l->whole.first && (!best || l->whole.first->us < best->whole.first->us))
			best = l;
	}
	if (m->is_full)
		return ERR_FULL;
	if (!is_whole)
		return ERR_AGAIN;
	if (!best)
		return ERR_NOT_FOUND;
	play_unit_free(m->given);
	*u = m->given = play_units_take(&best->whole);
	return OK;
}

static enum err input_read(struct play_input *in, struct play_unit **u, char *why, size_t size)
{
	struct mjr_input *m = (struct mjr_input *)in;
	enum err e;
	m->budget = READ;
	if ((e = next_unit(m, u)) == ERR_FULL)
		snprintf(why, size, "There is no memory left.");
	return e;
}

/* ---- life ---- */

static void reset_line(struct line *l)
{
	play_unit_free(l->making);
	l->making = NULL;
	play_units_clear(&l->whole);
	l->at_end = l->is_broken = l->waits = false;
	l->needs_keyframe = is_video(l);
	l->damages = 0;
	l->newest_us = l->from_us = INT64_MIN;
	reorder_free(l->order);
	l->order = reorder_new(on_packet, l);
}

static bool open_line(struct line *l, const char *path, char *why, size_t size)
{
	if (!(l->mjr = mjr_open(path, &l->head, why, size)))
		return false;
	reset_line(l);
	note_this(l);
	snprintf(why, size, "There is no memory left.");
	return l->order && l->places.n;
}

static void drop_line(struct line *l)
{
	play_unit_free(l->making);
	play_units_clear(&l->whole);
	reorder_free(l->order);
	mjr_close(l->mjr);
	mjr_places_free(&l->places);
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

static enum err go_to(struct line *l, int64_t us)
{
	const struct mjr_place *place = mjr_places_before(&l->places, us);
	reset_line(l);
	l->clock = place->clock;
	l->from_us = us;
	return l->order ? mjr_go(l->mjr, &place->mark) : ERR_FULL;
}

static enum err go_all_to(struct mjr_input *m, int64_t us)
{
	enum err e = OK;
	for (unsigned i = 0; i < m->n_lines && !e; i++)
		e = go_to(&m->lines[i], us);
	return e;
}

static enum err input_seek(struct play_input *in, int64_t us)
{
	struct mjr_input *m = (struct mjr_input *)in;
	int64_t to_us = m->n_keyframes ? m->keyframes[0] : us;
	for (size_t i = 0; i < m->n_keyframes && m->keyframes[i] <= us; i++)
		to_us = m->keyframes[i];
	return go_all_to(m, to_us);
}

/* ---- what there is ---- */

static bool make_keyframe_room(struct mjr_input *m)
{
	size_t size = m->keyframes_size ? 2 * m->keyframes_size : 64;
	int64_t *more;
	if (m->n_keyframes < m->keyframes_size)
		return true;
	if (!(more = realloc(m->keyframes, size * sizeof *more)))
		return false;
	m->keyframes = more;
	m->keyframes_size = size;
	return true;
}

static void forget_every_other(struct mjr_input *m)
{
	int64_t whole_us = m->keyframes[m->n_keyframes - 1] - m->keyframes[0];
	for (size_t i = 1; 2 * i < m->n_keyframes; i++)
		m->keyframes[i] = m->keyframes[2 * i];
	m->n_keyframes = (m->n_keyframes + 1) / 2;
	m->keyframes_step_us = whole_us / (int64_t)m->n_keyframes;
}

static bool note_keyframe(struct mjr_input *m, int64_t us)
{
	if (m->n_keyframes && us <= m->keyframes[m->n_keyframes - 1] + m->keyframes_step_us)
		return true;
	if (m->n_keyframes == KEYFRAMES)
		forget_every_other(m);
	if (!make_keyframe_room(m))
		return false;
	m->keyframes[m->n_keyframes++] = us;
	return true;
}

static enum err survey(struct play_input *in, char *why, size_t size)
{
	struct mjr_input *m = (struct mjr_input *)in;
	struct play_unit *u;
	enum err e;
	m->budget = SURVEY;
	snprintf(why, size, "There is no memory left.");
	while (!(e = next_unit(m, &u))) {
		bool is_key = u->is_keyframe && in->tracks[u->track].kind == CARDEA_VIDEO;
		if (u->us > in->duration_us)
			in->duration_us = u->us;
		if (is_key && !note_keyframe(m, u->us))
			return ERR_FULL;
	}
	if (e != ERR_NOT_FOUND)
		return e;
	m->is_surveyed = true;
	return go_all_to(m, INT64_MIN);
}

static const struct play_input_ops ops = { survey, input_read, input_seek, input_close };

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
	l->track = (uint8_t)m->n_lines;
	describe(&m->in.tracks[m->n_lines++], l);
	return true;
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
	snprintf(why, size, "%s", last);
	if (m->n_lines)
		return &m->in;
	input_close(&m->in);
	return NULL;
}
