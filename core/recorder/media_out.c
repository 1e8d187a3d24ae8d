/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "av_load.h"
#include "depack.h"
#include "media_out.h"

#define HEAD_MAX    4096 /* of parameter sets */
#define WHY_MAX     256
#define FLUSH_US    US_PER_S
#define KEYFRAME_US US_PER_S /* between two wishes for one to begin the next file with */
#define SILENT_US   US_PER_S /* pictures that have not come for so long are not waited for */

/* A frame that waits for the head. */
struct held {
	struct held *next;
	struct rec_frame f;
	unsigned slot;
	int64_t us;
	uint8_t bytes[];
};

struct slot {
	bool is_expected; /* its codec is not known yet */
	bool is_wanted;
	bool is_refused; /* of what comes no head can be made */
	bool is_aligned; /* with others, by sender reports */
	struct track t;
	bool needs_key; /* the file has no picture yet that others can refer to */
	int in_file;    /* number of its track there; -1: none */
	uint8_t codec;  /* of that */
	bool has_come;  /* it has a frame there */
};

struct media_out {
	struct media_out_conf conf;
	struct slot slots[MEDIA_SLOTS];
	const struct av_ops *av; /* NULL: not loaded yet */
	struct mux *mux;         /* NULL: no head is written */
	struct rec_file *file;
	enum mux_container container;
	unsigned n_files;
	bool next_due; /* the next file begins with the next keyframe */
	struct held *held, **held_end;
	size_t held_bytes;
	int64_t held_since_us;    /* when the first came */
	int64_t base_us, last_us; /* of the file, in the recording's time */
	int64_t began_us;         /* Unix time */
	int64_t flushed_us, asked_us, pictures_us;
	bool is_dirty;
	uint64_t bytes_before, counted;
	int64_t duration_before_us;
	char why[WHY_MAX];
};

struct media_out *media_out_new(const struct media_out_conf *conf)
{
	struct media_out *m = calloc(1, sizeof *m);
	if (!m)
		return NULL;
	m->conf = *conf;
	m->held_end = &m->held;
	for (unsigned i = 0; i < MEDIA_SLOTS; i++)
		m->slots[i].in_file = -1;
	return m;
}

static bool fail(struct media_out *m, const char *why)
{
	if (!m->why[0])
		snprintf(m->why, sizeof m->why, "%s", why);
	return false;
}

static const char *error_of(const struct rec_file *f)
{
	const char *why = rec_file_error(f);
	return why ? why : "The file cannot be written";
}

/* ---- the head ---- */

/* The first that is held of a track; NULL: none. */
static const struct held *first_of(const struct media_out *m, unsigned slot)
{
	const struct held *h = m->held;
	while (h && h->slot != slot)
		h = h->next;
	return h;
}

/* H.264 and H.265 need parameter sets in the head. */
static bool can_be_named(const struct media_out *m, unsigned slot)
{
	uint8_t codec = m->slots[slot].t.codec;
	if (first_of(m, slot))
		return true;
	return m->slots[slot].is_wanted && codec != CARDEA_H264 && codec != CARDEA_H265;
}

static unsigned describe(
	struct media_out *m, struct mux_track *tracks, uint8_t head[MEDIA_SLOTS][HEAD_MAX])
{
	unsigned n = 0;
	for (unsigned i = 0; i < MEDIA_SLOTS; i++) {
		struct slot *s = &m->slots[i];
		const struct held *first = first_of(m, i);
		s->in_file = -1;
		s->has_come = false;
		if (!can_be_named(m, i))
			continue;
		s->in_file = (int)n;
		s->codec = s->t.codec;
		tracks[n] = (struct mux_track){
			.codec = s->t.codec, .clock_hz = s->t.clock_hz, .channels = s->t.channels
		};
		if (first && i == MEDIA_VIDEO) {
			tracks[n].width = first->f.width;
			tracks[n].height = first->f.height;
			tracks[n].head = head[i];
			tracks[n].head_len = depack_head(
				s->t.codec, first->f.data, first->f.len, head[i], HEAD_MAX);
		}
		n++;
	}
	return n;
}

static enum cardea_codec_id codec_in_file(const struct media_out *m, unsigned slot)
{
	return m->slots[slot].in_file < 0 ? CARDEA_CODEC_NONE : m->slots[slot].codec;
}

static bool open_file(struct media_out *m)
{
	char name[REC_PATH + 32], number[16] = "";
	m->container =
		mux_container_for(codec_in_file(m, MEDIA_AUDIO), codec_in_file(m, MEDIA_VIDEO));
	if (!m->container)
		return fail(m, "There is no container for these codecs");
	if (m->n_files)
		snprintf(number, sizeof number, "-%u", m->n_files + 1);
	snprintf(name, sizeof name, "%s%s.%s", m->conf.base, number, mux_extension(m->container));
	m->file = rec_file_new(m->conf.env->io, m->conf.env->folders, name, m->why, sizeof m->why);
	m->n_files += m->file != NULL;
	return m->file != NULL;
}

/* @param come only what has a frame */
static uint32_t kinds_in_file(const struct media_out *m, bool come)
{
	uint32_t kinds = 0;
	for (unsigned i = 0; i < MEDIA_SLOTS; i++)
		if (m->slots[i].in_file >= 0 && (m->slots[i].has_come || !come))
			kinds |= 1u << (i == MEDIA_AUDIO ? CARDEA_AUDIO : CARDEA_VIDEO);
	return kinds;
}

static void tell_started(const struct media_out *m)
{
	struct rec_rep r = { .type = REC_REP_STARTED,
		.recording = m->conf.recording,
		.began_us = m->began_us,
		.kinds = kinds_in_file(m, false) };
	snprintf(r.text, sizeof r.text, "%s", rec_file_name(m->file));
	m->conf.env->tell(&r);
}

static bool write_frame(struct media_out *m, unsigned slot, const struct rec_frame *f, int64_t us)
{
	if (us > m->last_us)
		m->last_us = us;
	m->is_dirty = true;
	m->slots[slot].has_come = true;
	if (m->av->mux_write(m->mux, (unsigned)m->slots[slot].in_file, f, us - m->base_us) == OK)
		return true;
	return fail(m, error_of(m->file));
}

/* Now that all that can be known is. @return when the file begins */
static int64_t place_held(struct media_out *m)
{
	int64_t first_us = INT64_MAX;
	for (struct held *h = m->held; h; h = h->next) {
		h->us = m->conf.place(m->conf.arg, h->slot, &h->f);
		if (m->slots[h->slot].in_file >= 0 && h->us < first_us)
			first_us = h->us;
	}
	return first_us;
}

static void drop_held(struct media_out *m)
{
	while (m->held) {
		struct held *next = m->held->next;
		free(m->held);
		m->held = next;
	}
	m->held_end = &m->held;
	m->held_bytes = 0;
}

static void drop_held_of(struct media_out *m, unsigned slot)
{
	struct held **at = &m->held, *h;
	while ((h = *at)) {
		if (h->slot != slot) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		m->held_bytes -= h->f.len;
		free(h);
	}
	m->held_end = at;
}

static bool write_held(struct media_out *m)
{
	bool ok = true;
	for (const struct held *h = m->held; h && ok; h = h->next)
		if (m->slots[h->slot].in_file >= 0)
			ok = write_frame(m, h->slot, &h->f, h->us);
	drop_held(m);
	return ok;
}

static bool write_head(struct media_out *m)
{
	uint8_t head[MEDIA_SLOTS][HEAD_MAX];
	struct mux_track tracks[MEDIA_SLOTS];
	unsigned n = describe(m, tracks, head);
	if (!open_file(m))
		return false;
	m->base_us = m->last_us = place_held(m);
	m->began_us =
		clock_wall_us() - (clock_now_us() - m->held->f.at_us) - (m->held->us - m->base_us);
	const struct mux_conf conf = { .container = m->container,
		.file = m->file,
		.title = m->conf.title[0] ? m->conf.title : NULL,
		.began_us = m->began_us };
	return (m->mux = m->av->mux_new(&conf, tracks, n, m->why, sizeof m->why));
}

/* What a peer sends is no reason to lose its sound. @return false: that is not what is wrong */
static bool leave_out_pictures(struct media_out *m)
{
	const struct slot *sound = &m->slots[MEDIA_AUDIO];
	struct slot *s = &m->slots[MEDIA_VIDEO];
	if (!m->file || rec_file_error(m->file) || s->in_file < 0 ||
		!(sound->is_wanted || sound->is_expected))
		return false;
	log_warn("recorder", 0, "pictures cannot be recorded, sound is", "file=\"%s\" why=\"%s\"",
		rec_file_name(m->file), m->why);
	rec_file_drop(m->file);
	m->file = NULL;
	m->n_files--;
	m->why[0] = 0;
	s->in_file = -1;
	s->is_wanted = false;
	s->is_refused = true;
	drop_held_of(m, MEDIA_VIDEO);
	return true;
}

static bool begin(struct media_out *m)
{
	if (!m->av && !(m->av = av_load(NULL, m->why, sizeof m->why)))
		return false;
	if (!write_head(m) && (!leave_out_pictures(m) || (m->held && !write_head(m))))
		return false;
	if (!m->held)
		return true; /* sound has not come yet */
	m->next_due = false;
	m->flushed_us = clock_now_us();
	tell_started(m);
	return write_held(m);
}

/* ---- the end ---- */

static void count_bytes(struct media_out *m)
{
	uint64_t all = media_out_bytes(m);
	metric_add(&rec_bytes, all - m->counted);
	m->counted = all;
}

/* What is there stays as NAME.part: control has it finished. */
static void end_file(struct media_out *m)
{
	struct rec_rep r = { .type = REC_REP_FILE,
		.container = m->container,
		.recording = m->conf.recording,
		.began_us = m->began_us,
		.duration_us = m->last_us - m->base_us,
		.kinds = kinds_in_file(m, true) };
	bool has_head = m->mux != NULL;
	if (!m->file)
		return;
	if (m->mux && m->av->mux_end(m->mux))
		fail(m, error_of(m->file));
	m->mux = NULL;
	count_bytes(m);
	r.bytes = (uint64_t)rec_file_size(m->file);
	snprintf(r.text, sizeof r.text, "%s", rec_file_name(m->file));
	if (has_head) {
		rec_file_sync(m->file, INT64_MAX, 0);
		rec_file_end(m->file, false);
	} else {
		rec_file_drop(m->file); /* a part of a head, perhaps: nobody can play that */
		r.bytes = 0;
	}
	m->file = NULL;
	m->slots[MEDIA_VIDEO].needs_key = true;
	m->bytes_before += r.bytes;
	m->duration_before_us += r.duration_us;
	if (has_head)
		m->conf.env->tell(&r);
}

static void tell_failed(const struct media_out *m)
{
	struct rec_rep r = { .type = REC_REP_FAILED, .recording = m->conf.recording };
	snprintf(r.text, sizeof r.text, "%s", m->why);
	m->conf.env->tell(&r);
}

void media_out_end(struct media_out *m)
{
	bool is_known = m->why[0];
	media_out_hurry(m);
	end_file(m);
	if (m->why[0] && !is_known)
		tell_failed(m);
}

void media_out_free(struct media_out *m)
{
	if (!m)
		return;
	drop_held(m);
	free(m);
}

/* ---- frames ---- */

static bool hold(struct media_out *m, unsigned slot, const struct rec_frame *f)
{
	struct held *h = malloc(sizeof *h + f->len);
	if (!h)
		return fail(m, "There is no memory for what waits to be written");
	*h = (struct held){ .f = *f, .slot = slot };
	memcpy(h->bytes, f->data, f->len);
	h->f.data = h->bytes;
	if (!m->held)
		m->held_since_us = clock_now_us();
	*m->held_end = h;
	m->held_end = &h->next;
	m->held_bytes += f->len;
	return true;
}

static bool has_all(const struct media_out *m)
{
	unsigned n = 0, n_aligned = 0;
	for (unsigned i = 0; i < MEDIA_SLOTS; i++) {
		if (m->slots[i].is_expected || (m->slots[i].is_wanted && !first_of(m, i)))
			return false;
		n += m->slots[i].is_wanted;
		n_aligned += m->slots[i].is_wanted && m->slots[i].is_aligned;
	}
	return n < 2 || n_aligned == n;
}

static bool hold_for_head(struct media_out *m, unsigned slot, const struct rec_frame *f)
{
	if (!hold(m, slot, f))
		return false;
	return (!has_all(m) && m->held_bytes < MEDIA_HELD) || begin(m);
}

void media_out_aligned(struct media_out *m, unsigned slot)
{
	m->slots[slot].is_aligned = true;
}

static bool is_in_file(const struct slot *s)
{
	return s->in_file >= 0 && s->codec == s->t.codec;
}

static void want_keyframe(struct media_out *m, int64_t now_us)
{
	if (now_us - m->asked_us < KEYFRAME_US)
		return;
	m->asked_us = now_us;
	m->conf.want_keyframe(m->conf.arg);
}

/* Pictures go on in the file that there is: sound that needs another waits for a keyframe. */
static bool must_wait(struct media_out *m, unsigned slot)
{
	const struct slot *video = &m->slots[MEDIA_VIDEO];
	int64_t now_us = clock_now_us();
	if (slot == MEDIA_VIDEO || !video->is_wanted || !is_in_file(video) ||
		now_us - m->pictures_us > SILENT_US)
		return false;
	want_keyframe(m, now_us);
	m->next_due = true;
	return true;
}

static bool is_lacking(struct media_out *m, unsigned slot, const struct rec_frame *f)
{
	struct slot *s = &m->slots[slot];
	if (slot == MEDIA_VIDEO)
		m->pictures_us = clock_now_us();
	if (s->needs_key && !f->is_keyframe) {
		want_keyframe(m, m->pictures_us);
		return true;
	}
	s->needs_key = false;
	return false;
}

bool media_out_frame(struct media_out *m, unsigned slot, const struct rec_frame *f)
{
	struct slot *s = &m->slots[slot];
	bool fits = is_in_file(s) && !(m->next_due && slot == MEDIA_VIDEO && f->is_keyframe);
	if (m->why[0])
		return false;
	if (s->is_refused || is_lacking(m, slot, f))
		return true;
	if (m->mux && fits)
		return write_frame(m, slot, f, m->conf.place(m->conf.arg, slot, f));
	if (m->mux && must_wait(m, slot))
		return true;
	end_file(m);
	if (slot == MEDIA_VIDEO)
		s->needs_key = false; /* it is this one that the file begins with */
	return !m->why[0] && hold_for_head(m, slot, f);
}

void media_out_expect(struct media_out *m, unsigned slot)
{
	m->slots[slot].is_expected = true;
}

void media_out_track(struct media_out *m, unsigned slot, const struct track *t)
{
	struct slot *s = &m->slots[slot];
	s->is_expected = false;
	s->is_wanted = t != NULL;
	if (!t)
		return;
	if (t->codec == s->t.codec && s->is_refused)
		s->is_wanted = false;
	else
		s->is_refused = false;
	if (t->codec != s->t.codec)
		drop_held_of(m, slot);
	s->t = *t;
}

static void bring_to_disk(struct media_out *m, int64_t now_us)
{
	if (m->av->mux_flush(m->mux) || rec_file_sync(m->file, now_us, m->conf.env->sync_us))
		fail(m, error_of(m->file));
	m->flushed_us = now_us;
	m->is_dirty = false;
	count_bytes(m);
}

void media_out_hurry(struct media_out *m)
{
	if (!m->mux && m->held && !m->why[0])
		begin(m);
}

void media_out_tick(struct media_out *m, int64_t now_us)
{
	if (m->why[0])
		return;
	if (now_us - m->held_since_us >= MEDIA_WAIT_US)
		media_out_hurry(m);
	if (m->mux && m->is_dirty && now_us - m->flushed_us >= FLUSH_US)
		bring_to_disk(m, now_us);
}

const char *media_out_error(const struct media_out *m)
{
	return m->why[0] ? m->why : NULL;
}

uint64_t media_out_bytes(const struct media_out *m)
{
	return m->bytes_before + (m->file ? (uint64_t)rec_file_size(m->file) : 0);
}

int64_t media_out_duration(const struct media_out *m)
{
	return m->duration_before_us + (m->mux ? m->last_us - m->base_us : 0);
}
