/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "mjr.h"
#include "mjr_out.h"

#define FILES_MAX 64
#define WHY_MAX   256

struct mjr_file {
	char suffix[REC_SUFFIX];
	uint8_t kind, codec;
	bool e2ee;
	unsigned n; /* how many of this suffix there were */
	struct rec_file *file;
	struct mjr_writer *writer; /* NULL: ended */
	int64_t began_us, last_us; /* Unix; 0: nothing has come */
};

struct mjr_out {
	struct mjr_out_conf conf;
	unsigned n_files;
	struct mjr_file files[FILES_MAX];
	int64_t wall_off_us; /* wall clock less monotonic, once: no time jumps */
	uint64_t bytes_before, counted;
	int64_t longest_us;
	bool is_dirty;
	char why[WHY_MAX];
};

struct mjr_out *mjr_out_new(const struct mjr_out_conf *conf)
{
	struct mjr_out *o = calloc(1, sizeof *o);
	if (!o)
		return NULL;
	o->conf = *conf;
	o->wall_off_us = clock_wall_us() - clock_now_us();
	return o;
}

static bool fail(struct mjr_out *o, const char *why)
{
	if (!o->why[0])
		snprintf(o->why, sizeof o->why, "%s", why);
	return false;
}

static struct mjr_file *find(struct mjr_out *o, const char *suffix)
{
	for (unsigned i = 0; i < o->n_files; i++)
		if (!strcmp(o->files[i].suffix, suffix))
			return &o->files[i];
	return NULL;
}

static struct mjr_file *find_or_add(struct mjr_out *o, const char *suffix)
{
	struct mjr_file *f = find(o, suffix);
	if (f || o->n_files == FILES_MAX)
		return f;
	f = &o->files[o->n_files++];
	snprintf(f->suffix, sizeof f->suffix, "%s", suffix);
	return f;
}

static bool open_file(struct mjr_out *o, struct mjr_file *f, const struct mjr_head *head)
{
	char name[REC_PATH + 64], number[16] = "";
	if (f->n)
		snprintf(number, sizeof number, "-%u", f->n + 1);
	snprintf(name, sizeof name, "%s%s%s.mjr", o->conf.base, f->suffix, number);
	f->file = rec_file_new(o->conf.env->io, o->conf.env->folders, name, o->why, sizeof o->why);
	if (!f->file)
		return false;
	if (!(f->writer = mjr_writer_new(f->file, head))) {
		rec_file_end(f->file, false);
		f->file = NULL;
		return fail(o, "There is no memory for another file");
	}
	f->n++;
	f->kind = head->kind;
	f->codec = head->codec;
	f->e2ee = head->e2ee;
	f->began_us = f->last_us = 0;
	return true;
}

static void end_file(struct mjr_out *o, struct mjr_file *f)
{
	struct rec_rep r = { .type = REC_REP_FILE,
		.recording = o->conf.recording,
		.began_us = f->began_us,
		.duration_us = f->last_us - f->began_us,
		.kinds = f->began_us ? 1u << f->kind : 0 };
	if (!f->writer)
		return;
	snprintf(r.text, sizeof r.text, "%s", rec_file_name(f->file));
	r.bytes = (uint64_t)rec_file_size(f->file);
	if (mjr_writer_end(f->writer, true))
		fail(o, "A file could not be ended");
	f->writer = NULL;
	f->file = NULL;
	o->bytes_before += r.bytes;
	if (r.duration_us > o->longest_us)
		o->longest_us = r.duration_us;
	o->conf.env->tell(&r);
}

bool mjr_out_track(struct mjr_out *o, const struct mjr_named *name, const struct track *t)
{
	struct mjr_file *f = find_or_add(o, name->suffix);
	struct mjr_head head = { .kind = t->kind,
		.codec = t->codec,
		.red_pt = t->red_pt,
		.e2ee = name->e2ee,
		.created_us = o->wall_off_us + clock_now_us() };
	if (!f || o->why[0])
		return fail(o, "There are too many tracks");
	if (f->writer && f->codec == t->codec && f->e2ee == name->e2ee)
		return true;
	end_file(o, f);
	const char *word = cardea_codec_name(t->codec);
	snprintf(head.codec_name, sizeof head.codec_name, "%s", word ? word : "");
	snprintf(head.fmtp, sizeof head.fmtp, "%s", name->fmtp);
	snprintf(head.description, sizeof head.description, "%s", name->text);
	memcpy(head.ext, t->ext, sizeof head.ext);
	return open_file(o, f, &head);
}

static void tell_started(const struct mjr_out *o, const struct mjr_file *f)
{
	struct rec_rep r = { .type = REC_REP_STARTED,
		.recording = o->conf.recording,
		.began_us = f->began_us,
		.kinds = 1u << f->kind };
	snprintf(r.text, sizeof r.text, "%s", rec_file_name(f->file));
	o->conf.env->tell(&r);
}

static bool written(struct mjr_out *o, struct mjr_file *f, enum err e, int64_t unix_us)
{
	const char *why = rec_file_error(f->file);
	if (e)
		return fail(o, why ? why : "A file cannot be written");
	f->last_us = unix_us;
	o->is_dirty = true;
	if (f->began_us)
		return true;
	f->began_us = unix_us;
	tell_started(o, f);
	return true;
}

bool mjr_out_packet(struct mjr_out *o, const char *suffix, const struct rec_packet *p)
{
	struct mjr_file *f = find(o, suffix);
	int64_t unix_us = o->wall_off_us + p->at_us;
	if (o->why[0])
		return false;
	return !f || !f->writer || written(o, f, mjr_write(f->writer, p, unix_us), unix_us);
}

bool mjr_out_data(
	struct mjr_out *o, const char *suffix, const void *bytes, size_t len, int64_t at_us)
{
	struct mjr_file *f = find_or_add(o, suffix);
	int64_t unix_us = o->wall_off_us + at_us;
	struct mjr_head head = { .kind = CARDEA_DATA, .codec_name = "text", .created_us = unix_us };
	if (!f || o->why[0])
		return false;
	snprintf(head.description, sizeof head.description, "%s", o->conf.data_text);
	if (!f->writer && !open_file(o, f, &head))
		return false;
	return written(o, f, mjr_write_data(f->writer, bytes, len, unix_us), unix_us);
}

void mjr_out_pause(struct mjr_out *o)
{
	for (unsigned i = 0; i < o->n_files; i++)
		if (o->files[i].writer)
			mjr_writer_pause(o->files[i].writer);
}

static void bring_to_disk(struct mjr_out *o, struct mjr_file *f, int64_t now_us)
{
	const char *why;
	if (mjr_writer_flush(f->writer) == OK &&
		rec_file_sync(f->file, now_us, o->conf.env->sync_us) == OK)
		return;
	why = rec_file_error(f->file);
	fail(o, why ? why : "A file cannot be written");
}

void mjr_out_tick(struct mjr_out *o, int64_t now_us)
{
	uint64_t all = mjr_out_bytes(o);
	if (!o->is_dirty)
		return;
	for (unsigned i = 0; i < o->n_files; i++)
		if (o->files[i].writer)
			bring_to_disk(o, &o->files[i], now_us);
	metric_add(&rec_bytes, all - o->counted);
	o->counted = all;
	o->is_dirty = false;
}

void mjr_out_end(struct mjr_out *o)
{
	mjr_out_tick(o, clock_now_us());
	for (unsigned i = 0; i < o->n_files; i++)
		end_file(o, &o->files[i]);
}

void mjr_out_free(struct mjr_out *o)
{
	free(o);
}

const char *mjr_out_error(const struct mjr_out *o)
{
	return o->why[0] ? o->why : NULL;
}

uint64_t mjr_out_bytes(const struct mjr_out *o)
{
	uint64_t n = o->bytes_before;
	for (unsigned i = 0; i < o->n_files; i++)
		n += o->files[i].file ? (uint64_t)rec_file_size(o->files[i].file) : 0;
	return n;
}

int64_t mjr_out_duration(const struct mjr_out *o)
{
	int64_t longest_us = o->longest_us;
	for (unsigned i = 0; i < o->n_files; i++)
		if (o->files[i].writer && o->files[i].last_us - o->files[i].began_us > longest_us)
			longest_us = o->files[i].last_us - o->files[i].began_us;
	return longest_us;
}
