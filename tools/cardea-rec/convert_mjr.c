/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "conversions.h"
#include "frames.h"
#include "message_out.h"
#include "progress.h"
#include "stop.h"

#define LEFT_OUT UINT_MAX

struct conversion {
	const struct options *o;
	const char *path;
	enum target to;
	struct frames *frames;
	struct target_file *out;      /* NULL: no track of media */
	struct message_out *messages; /* NULL: none */
	unsigned n;                   /* tracks of `out` */
	struct mux_track tracks[FRAMES_FILES];
	unsigned of[FRAMES_FILES]; /* which one a track of `frames` is */
	uint64_t n_messages;
	enum err error; /* of what is written */
	char why[1024];
};

static void on_frame(void *arg, unsigned track, const struct rec_frame *f, int64_t us)
{
	struct conversion *c = arg;
	if (c->out && c->of[track] != LEFT_OUT && !c->error)
		c->error = target_file_write(c->out, c->of[track], f, us);
}

static void on_message(
	void *arg, const uint8_t *bytes, size_t len, bool is_binary, int64_t us, int64_t unix_us)
{
	struct conversion *c = arg;
	if (!c->messages || c->error)
		return;
	c->error = message_out_write(c->messages, bytes, len, is_binary, us, unix_us);
	c->n_messages++;
}

/* ---- which tracks ---- */

static bool is_sound_only(enum target to)
{
	return to == TARGET_OGG || to == TARGET_WAV;
}

/* @return false: c->why */
static bool take_track(struct conversion *c, const struct frames_track *t)
{
	bool is_video = t->head.kind == CARDEA_VIDEO;
	c->of[t->index] = LEFT_OUT;
	if (c->to == TARGET_MESSAGES || !t->has_any || (is_video && is_sound_only(c->to)))
		return true;
	if (!target_holds(c->to, t->mux.codec)) {
		snprintf(c->why, sizeof c->why, "%s has %s, which %s cannot hold", t->path,
			t->head.codec_name, c->path);
		return false;
	}
	if (c->n && is_sound_only(c->to)) {
		snprintf(c->why, sizeof c->why, "%s holds one track of sound", c->path);
		return false;
	}
	c->of[t->index] = c->n;
	c->tracks[c->n++] = t->mux;
	return true;
}

/* @return STATUS_GOOD, or the way it failed: c->why */
static enum status open_outputs(struct conversion *c)
{
	struct target_conf conf = { .path = c->path,
		.over = c->o->force,
		.title = c->o->title,
		.began_us = frames_began_us(c->frames) };
	bool has_messages = false;
	for (unsigned i = 0; i < frames_n(c->frames); i++) {
		const struct frames_track *t = frames_track(c->frames, i);
		if (t->head.kind == CARDEA_DATA)
			has_messages |= t->has_any;
		else if (t->head.kind && !take_track(c, t))
			return STATUS_UNWRITTEN;
	}
	if (!c->n && !has_messages) {
		snprintf(c->why, sizeof c->why, "There is nothing for %s in it", c->path);
		return STATUS_UNREADABLE;
	}
	if (c->n && !(c->out = target_file_open(&conf, c->tracks, c->n, c->why, sizeof c->why)))
		return STATUS_UNWRITTEN;
	if (has_messages &&
		!(c->messages = message_out_open(c->path, c->o->force, c->why, sizeof c->why)))
		return STATUS_UNWRITTEN;
	return STATUS_GOOD;
}

/* ---- all of it ---- */

static enum status copy(struct conversion *c)
{
	enum err e = OK;
	while (!c->error && !(e = frames_read(c->frames)))
		if (!progress_show(NULL, frames_progress(c->frames)))
			return STATUS_STOPPED;
	if (c->error)
		return STATUS_UNWRITTEN;
	if (e == ERR_NOT_FOUND)
		return STATUS_GOOD;
	snprintf(c->why, sizeof c->why, "It cannot be read: %s", strerror(errno));
	return STATUS_UNREADABLE;
}

/* What is half made goes away. @return @p s, or how the end failed */
static enum status end_outputs(struct conversion *c, enum status s)
{
	bool keep = s == STATUS_GOOD;
	/* what failed to be written says so when it ends */
	bool ask = keep || c->error;
	if (c->out && !target_file_end(c->out, ask, c->why, sizeof c->why) && keep)
		s = STATUS_UNWRITTEN;
	keep = s == STATUS_GOOD;
	if (c->messages && !message_out_end(c->messages, keep || c->error, c->why, sizeof c->why) &&
		keep)
		s = STATUS_UNWRITTEN;
	return s;
}

/* What OUT lacks for a reason that is in the files. @return NULL: nothing */
static const char *note_of(struct conversion *c)
{
	for (unsigned i = 0; i < frames_n(c->frames); i++) {
		const struct frames_track *t = frames_track(c->frames, i);
		if (!t->records->damages && !t->records->is_cut)
			continue;
		snprintf(c->why, sizeof c->why, "%s is damaged: what can be read of it is here",
			t->path);
		return c->why;
	}
	return NULL;
}

/* Where there were messages alone, no file of that very name may have been made. */
static enum status tell_made(struct conversion *c)
{
	const char *note = note_of(c);
	if (c->n)
		return report_made(c->o, c->path, note);
	int base = (int)(strrchr(c->path, '.') - c->path);
	g_autofree char *lines = g_strdup_printf("%.*s.jsonl", base, c->path);
	return report_messages(c->o, lines, c->n_messages, note);
}

enum status convert_mjr(const struct options *o, const char *out, enum target to)
{
	static const struct frames_ops ops = { on_frame, on_message };
	struct conversion c = { .o = o, .path = out, .to = to };
	enum status s;
	c.frames = frames_open(o->files, o->n_files - 1, &ops, &c, c.why, sizeof c.why);
	if (!c.frames)
		return report_failure(o, STATUS_UNREADABLE, c.why);
	s = open_outputs(&c);
	if (s == STATUS_GOOD)
		s = copy(&c);
	s = end_outputs(&c, s);
	progress_end();
	if (s == STATUS_GOOD)
		s = tell_made(&c);
	else
		s = report_failure(o, s, c.why);
	frames_close(c.frames);
	return s;
}
