/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "commands.h"
#include "look.h"
#include "target_file.h"
#include "output.h"
#include "progress.h"
#include "stop.h"

#define WHY 1024

struct repair {
	const char *in, *out;
	struct output *to;
	char why[WHY];
};

/* ---- of a container ---- */

static enum status repair_media(struct repair *r, enum format f)
{
	static const enum mux_container containers[FORMAT_WAV + 1] = {
		[FORMAT_WEBM] = MUX_WEBM,
		[FORMAT_MATROSKA] = MUX_MATROSKA,
		[FORMAT_MP4] = MUX_MP4,
	};
	const struct mux_copy how = { .progress = progress_show };
	if (!containers[f]) {
		snprintf(r->why, WHY, "%s: nothing can be done for %s", r->in, look_format_name(f));
		return STATUS_UNREADABLE;
	}
	if (mux_copy(r->in, output_file(r->to), containers[f], &how, r->why, WHY))
		return rec_file_error(output_file(r->to)) ? STATUS_UNWRITTEN : STATUS_UNREADABLE;
	return STATUS_GOOD;
}

/* ---- MJR ---- */

/* Writes what is read. @return ERR_NOT_FOUND: all of it */
static enum err copy_record(
	struct mjr_reader *from, struct mjr_writer *to, const struct mjr_head *head)
{
	const uint8_t *bytes;
	struct rec_packet p;
	int64_t us;
	size_t len;
	enum err e;
	if (head->kind == CARDEA_DATA) {
		e = mjr_read_data(from, &bytes, &len, &us);
		return e ? e : mjr_write_data(to, bytes, len, us);
	}
	e = mjr_read(from, &p);
	return e ? e : mjr_write(to, &p, p.at_us);
}

static enum status repair_mjr(struct repair *r)
{
	struct mjr_head head;
	struct mjr_reader *from = mjr_open(r->in, &head, r->why, WHY);
	struct mjr_writer *to;
	enum err e = OK;
	if (!from)
		return STATUS_UNREADABLE;
	to = mjr_writer_new(output_file(r->to), &head);
	if (!to)
		e = ERR_IO;
	while (to && (!e || e == ERR_INVALID) && progress_show(NULL, mjr_progress(from)))
		e = copy_record(from, to, &head);
	if (to && mjr_writer_leave(to))
		e = ERR_IO;
	mjr_close(from);
	return e && e != ERR_NOT_FOUND && e != ERR_INVALID ? STATUS_UNWRITTEN : STATUS_GOOD;
}

/* ---- */

/* Somebody writes it: what was read would not be all. */
static bool is_locked(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	if (fd >= 0)
		close(fd);
	return locked;
}

/* NAME for NAME.part; else it takes its own place. */
static char *default_out(const char *in)
{
	return g_str_has_suffix(in, ".part") ? g_strndup(in, strlen(in) - 5) : g_strdup(in);
}

static enum status repair(const struct options *o, struct repair *r, enum format f)
{
	bool is_own_place = strcmp(r->in, r->out) == 0;
	bool is_of_part = !is_own_place && o->n_files == 1;
	bool over = o->force || is_own_place;
	enum status s;
	r->to = (is_of_part ? output_open_repaired : output_open)(r->out, over, r->why, WHY);
	if (!r->to)
		return STATUS_UNWRITTEN;
	progress_begin(r->in, o->quiet);
	s = f == FORMAT_MJR ? repair_mjr(r) : repair_media(r, f);
	if (!output_end(r->to, s == STATUS_GOOD && !stop_wanted(), r->why, WHY) && s == STATUS_GOOD)
		s = STATUS_UNWRITTEN;
	progress_end();
	return s;
}

enum status command_repair(const struct options *o)
{
	g_autofree char *out = o->n_files ? default_out(o->files[0]) : NULL;
	struct repair r = { .in = o->files[0], .out = o->n_files == 2 ? o->files[1] : out };
	enum status s;
	struct look l;
	if (o->n_files < 1 || o->n_files > 2) {
		options_complain("repair wants a file, and maybe one to write; see --help");
		return STATUS_USAGE;
	}
	if (is_locked(r.in)) {
		snprintf(r.why, WHY, "%s is being written", r.in);
		return report_failure(o, STATUS_UNREADABLE, r.why);
	}
	if (!look_into(&l, r.in, false))
		return STATUS_STOPPED;
	if (l.verdict == UNREADABLE) {
		snprintf(r.why, WHY, "%s: %.1000s", r.in, l.why);
		return report_failure(o, STATUS_UNREADABLE, r.why);
	}
	if (l.verdict == PLAYABLE && strcmp(r.in, r.out) == 0)
		return report_made(o, r.in, NULL); /* it is whole already */
	s = repair(o, &r, l.format);
	return s == STATUS_GOOD ? report_made(o, r.out, NULL) : report_failure(o, s, r.why);
}
