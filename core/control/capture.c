/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include "../base/log.h"
#include "../base/loop.h"
#include "../capture/capture_msg.h"
#include "../capture/writer.h"
#include "../rtc/rtc.h"
#include "capture.h"
#include "options.h"

#define ENDED_BYTES (64u << 10)

struct capture {
	uint64_t id, handle;
	char *path;
	bool is_text;
	uint32_t truncate;
	uint64_t peer; /* whose worker ends it; 0: none yet */
	unsigned worker;
	bool is_owned;
	bool is_ending; /* asked to */
	bool is_over;   /* its file is closed */
	void (*done)(void *arg, bool too_late);
	void *arg;
};

static struct {
	struct loop *loop;
	struct queue *ended;
	uint64_t last_id;
	GSList *running; /* those whose files are open */
	bool is_stopping;
} captures;

static void discard(struct capture *c)
{
	if (!c->is_over || c->is_owned)
		return;
	g_free(c->path);
	g_free(c);
}

/* ---- what is told ---- */

static bool post(const struct capture *c, bool on)
{
	const struct cmd cmd = { .type = CMD_CAPTURE,
		.peer = c->peer,
		.capture = { .id = c->id, .truncate = c->truncate, .on = on } };
	return rtc_post(c->worker, &cmd) == OK;
}

static bool write_record(const struct capture *c, enum capture_type type, struct capture_record *r)
{
	r->type = type;
	r->id = c->id;
	return queue_push(writer_queue(), r, sizeof *r) == OK;
}

/* Whoever is the last to speak of it says so: the worker, where one takes part. */
static bool end(struct capture *c)
{
	struct capture_record r = { 0 };
	c->is_ending = c->peer ? post(c, false) : write_record(c, CAPTURE_CLOSE, &r);
	return c->is_ending;
}

/* ---- what is heard ---- */

static struct capture *find(uint64_t id)
{
	for (GSList *l = captures.running; l; l = l->next) {
		struct capture *c = l->data;
		if (c->id == id)
			return c;
	}
	return NULL;
}

static void say_end(const struct capture *c, const struct capture_ended *e)
{
	if (e->error)
		log_warn("capture", c->handle, "capture failed",
			"file=%s packets=%" PRIu64 " dropped=%" PRIu64 " why=%s",
			LOG_QUOTED(c->path), e->packets, e->lost, LOG_QUOTED(g_strerror(e->error)));
	else
		log_info("capture", c->handle, "capture ended",
			"file=%s packets=%" PRIu64 " dropped=%" PRIu64, LOG_QUOTED(c->path),
			e->packets, e->lost);
}

static void on_ended(void *arg, const void *rec, size_t len)
{
	const struct capture_ended *e = rec;
	struct capture *c = find(e->id);
	(void)arg;
	(void)len;
	if (!c)
		return;
	say_end(c, e);
	captures.running = g_slist_remove(captures.running, c);
	c->is_over = true;
	if (!c->is_ending && c->peer && e->error)
		post(c, false); /* what still comes is written nowhere */
	if (c->done)
		c->done(c->arg, captures.is_stopping);
	c->done = NULL;
	discard(c);
}

/* ---- life ---- */

enum err captures_start(struct loop *loop)
{
	enum err e;
	captures.loop = loop;
	captures.is_stopping = false;
	if (!(captures.ended = queue_create("captures ended", ENDED_BYTES)))
		return ERR_FULL;
	if ((e = queue_attach(captures.ended, loop, on_ended, NULL)))
		return e;
	e = writer_start(captures.ended);
	settings.rtc.captures = writer_queue();
	return e;
}

void captures_stop(void)
{
	if (!captures.ended)
		return;
	captures.is_stopping = true;
	writer_stop();
	queue_drain(captures.ended, on_ended, NULL);
	queue_destroy(captures.ended);
	captures.ended = NULL;
}

bool capture_is_possible(unsigned starting)
{
	return g_slist_length(captures.running) + starting < CAPTURES_MAX;
}

struct capture *capture_begin(const struct capture_file *f)
{
	struct capture_record r = { .open = { .session = f->session,
					    .handle = f->handle,
					    .fd = f->fd,
					    .is_text = f->is_text } };
	struct capture *c;
	if (!capture_is_possible(0)) {
		close(f->fd);
		return NULL;
	}
	c = g_new0(struct capture, 1);
	c->id = ++captures.last_id;
	c->handle = f->handle;
	c->path = g_strdup(f->path);
	c->is_text = f->is_text;
	c->truncate = f->truncate;
	if (!write_record(c, CAPTURE_OPEN, &r)) {
		close(f->fd);
		g_free(c->path);
		g_free(c);
		return NULL;
	}
	c->is_owned = true;
	captures.running = g_slist_prepend(captures.running, c);
	log_info("capture", c->handle, "capture begins", "file=%s", LOG_QUOTED(c->path));
	return c;
}

bool capture_of_peer(struct capture *c, unsigned worker, uint64_t peer)
{
	if (!capture_is_on(c) || c->peer)
		return true;
	c->worker = worker;
	c->peer = peer;
	if (post(c, true))
		return true;
	c->peer = 0;
	end(c);
	return false;
}

bool capture_stop(struct capture *c, void (*done)(void *arg, bool too_late), void *arg)
{
	if (!end(c))
		return false;
	c->done = done;
	c->arg = arg;
	return true;
}

void capture_drop(struct capture *c)
{
	if (!c)
		return;
	c->is_owned = false;
	if (!c->is_over && !c->is_ending)
		end(c); /* no room to say so: the end of its peer will do */
	discard(c);
}

bool capture_is_on(const struct capture *c)
{
	return c && !c->is_over && !c->is_ending;
}

bool capture_is_text(const struct capture *c)
{
	return c->is_text;
}

const char *capture_path(const struct capture *c)
{
	return c->path;
}
