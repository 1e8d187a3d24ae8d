/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/file.h"
#include "../base/json.h"
#include "../base/log.h"
#include "../base/loop.h"
#include "../base/work.h"
#include "kept.h"

#define RETRY_US (5 * US_PER_S) /* after a write that failed */

/* What a thread of the pool works on. */
struct save {
	struct kept *kept;
	char *file;
	json_t *tree;
	GQueue waiting; /* struct waiter, whose changes are in it */
	int error;      /* errno, 0: done */
};

struct waiter {
	void (*fn)(void *arg, bool is_saved);
	void *arg;
};

struct kept {
	struct kept_conf conf;
	char *file;
	bool is_due;       /* what the file has is not what there is */
	bool has_failed;   /* the last time: the log has it */
	struct save *save; /* a thread is at it */
	json_t *last_will; /* once freed: what there was */
	GQueue waiting;    /* struct waiter, for the next save */
	struct wheel_timer again;
};

json_t *kept_read(const char *file, size_t max, char *why)
{
	char *text = NULL;
	size_t len = 0;
	enum err e = file_read(file, max, &text, &len);
	*why = '\0';
	if (e) {
		if (e != ERR_NOT_FOUND)
			g_strlcpy(why,
				e == ERR_IO     ? strerror(errno)
				: e == ERR_FULL ? "it is too long"
						: "it is not a file",
				KEPT_WHY);
		return NULL;
	}
	const char *at = text;
	json_t *root = json_read(&at, &len, why);
	if (root && len) {
		g_strlcpy(why, "something stands behind its end", KEPT_WHY);
		g_clear_pointer(&root, json_decref);
	}
	free(text);
	return root;
}

/* ---- writing ---- */

static struct save *save_new(struct kept *k, json_t *tree)
{
	struct save *s = g_new0(struct save, 1);
	s->kept = k;
	s->file = g_strdup(k->file);
	s->tree = tree;
	s->waiting = k->waiting;
	k->waiting = (GQueue)G_QUEUE_INIT;
	return s;
}

static void tell(GQueue *waiting, bool is_saved)
{
	struct waiter *w;
	while ((w = g_queue_pop_head(waiting))) {
		w->fn(w->arg, is_saved);
		g_free(w);
	}
}

static void save_free(struct save *s)
{
	json_decref(s->tree);
	g_free(s->file);
	g_free(s);
}

/* On a thread of the pool, which only reads: nobody changes what the tree has, and its references
 * are the control thread's, for jansson does not order the last use of one thread before another's
 * free(). */
static void run(void *arg)
{
	struct save *s = arg;
	size_t len;
	char *text = json_write(s->tree, JSON_STYLE_PLAIN, &len);
	errno = ENOMEM;
	s->error = text && file_replace(s->file, text, len) == OK ? 0 : errno;
	free(text);
}

static void note_result(struct kept *k, const struct save *s)
{
	if (s->error && !k->has_failed)
		log_error(k->conf.area, 0, "cannot be kept", "file=%s because=%s", s->file,
			LOG_QUOTED(strerror(s->error)));
	else if (!s->error && k->has_failed)
		log_info(k->conf.area, 0, "kept again", "file=%s", s->file);
	k->has_failed = s->error != 0;
}

static void end(struct kept *k)
{
	json_decref(k->last_will);
	g_free(k->file);
	g_free(k);
}

static void save_now(struct kept *k, json_t *tree)
{
	struct save *s = save_new(k, tree);
	run(s);
	note_result(k, s);
	tell(&s->waiting, !s->error);
	save_free(s);
}

static void begin(struct kept *k);

static void again(struct kept *k)
{
	wheel_set(loop_wheel(k->conf.loop), &k->again, loop_now(k->conf.loop) + RETRY_US);
}

/* Freed while a thread was at it. */
static void end_late(struct kept *k)
{
	if (k->is_due)
		save_now(k, json_incref(k->last_will));
	end(k);
}

static void done(void *arg, bool cancelled)
{
	struct save *s = arg;
	struct kept *k = s->kept;
	k->save = NULL;
	if (!cancelled)
		note_result(k, s);
	k->is_due |= cancelled || s->error;
	tell(&s->waiting, !cancelled && !s->error);
	if (k->last_will)
		end_late(k);
	else if (k->is_due && !s->error)
		begin(k);
	else if (k->is_due)
		again(k);
	save_free(s);
}

static void begin(struct kept *k)
{
	struct save *s = save_new(k, k->conf.snapshot(k->conf.arg));
	if (work_run(run, done, s) == OK) {
		k->save = s;
		k->is_due = false;
		return;
	}
	k->waiting = s->waiting;
	save_free(s);
	again(k);
}

static void retry(void *arg)
{
	struct kept *k = arg;
	if (k->is_due && !k->save)
		begin(k);
}

struct kept *kept_create(const struct kept_conf *conf)
{
	struct kept *k = g_new0(struct kept, 1);
	k->conf = *conf;
	k->file = g_strdup(conf->file);
	k->again = (struct wheel_timer){ .fn = retry, .arg = k };
	return k;
}

void kept_changed(struct kept *k)
{
	k->is_due = true;
	/* In the next turn: all changes of a request go together. */
	if (!k->save && !wheel_armed(&k->again))
		wheel_set(loop_wheel(k->conf.loop), &k->again, loop_now(k->conf.loop));
}

void kept_when_saved(struct kept *k, void (*fn)(void *arg, bool is_saved), void *arg)
{
	if (!k->is_due && !k->save) {
		fn(arg, true);
		return;
	}
	struct waiter *w = g_new(struct waiter, 1);
	*w = (struct waiter){ fn, arg };
	g_queue_push_tail(k->is_due ? &k->waiting : &k->save->waiting, w);
}

void kept_free(struct kept *k)
{
	if (!k)
		return;
	wheel_cancel(loop_wheel(k->conf.loop), &k->again);
	if (k->save) {
		k->last_will = k->conf.snapshot(k->conf.arg); /* done() sees to it */
		return;
	}
	if (k->is_due)
		save_now(k, k->conf.snapshot(k->conf.arg));
	end(k);
}
