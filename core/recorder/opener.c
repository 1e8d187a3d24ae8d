/* SPDX-License-Identifier: Apache-2.0 */
#include "opener.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/queue_thread.h"

#define QUEUE_BYTES (8u << 20) /* what a thousand want to open, of four files each */

struct opening {
	struct opening *next;  /* of its address */
	struct play_input *in; /* NULL: not begun */
	char why[PLAY_TEXT];
	struct play_cmd cmd;
};

/* An address with something to open. */
struct opening_for {
	struct opening_for *next; /* whose turn comes later */
	uint64_t whose;           /* 0: one of its own */
	struct opening *first;
};

/* All but the first three are the thread's. */
static struct {
	struct queue_thread *thread;
	struct queue *to;
	_Atomic bool is_ending;
	struct opening_for *first;
} opener;

/* ---- who waits ---- */

static struct opening_for **last_address(void)
{
	struct opening_for **at = &opener.first;
	while (*at)
		at = &(*at)->next;
	return at;
}

/* @return new where it has none yet; NULL: no memory */
static struct opening_for *address_of(uint64_t whose)
{
	struct opening_for *a = whose ? opener.first : NULL;
	while (a && a->whose != whose)
		a = a->next;
	if (a || !(a = calloc(1, sizeof *a)))
		return a;
	a->whose = whose;
	*last_address() = a;
	return a;
}

static void discard(struct opening *o)
{
	if (o->in)
		o->in->ops->close(o->in);
	free(o);
}

static void discard_play(uint64_t play)
{
	for (struct opening_for **a = &opener.first; *a; a = &(*a)->next)
		for (struct opening **at = &(*a)->first; *at; at = &(*at)->next) {
			struct opening *o = *at;
			struct opening_for *of = *a;
			if (o->cmd.play != play)
				continue;
			*at = o->next;
			discard(o);
			if (of->first)
				return;
			*a = of->next;
			free(of);
			return;
		}
}

/* ---- what is handed over ---- */

/* The player takes what it is given soon, or the server ends. @param in taken */
static void hand_over(uint64_t play, struct play_input *in, const char *why)
{
	struct play_opened r = { .type = PLAY_OPENED, .play = play, .in = in };
	snprintf(r.text, sizeof r.text, "%s", why);
	while (!opener.is_ending) {
		if (!queue_push(opener.to, &r, sizeof r))
			return;
		usleep(US_PER_MS);
	}
	if (in)
		in->ops->close(in);
}

/* ---- a slice ---- */

static bool is_mjr(const char *path)
{
	size_t len = strlen(path);
	return len > 4 && !strcmp(path + len - 4, ".mjr");
}

static struct play_input *open_files(const struct play_cmd *c, char *why, size_t size)
{
	const char *paths[PLAY_FILES];
	unsigned n = 0;
	while (n < c->n_files && n < PLAY_FILES) {
		paths[n] = c->open.files[n];
		n++;
	}
	snprintf(why, size, "There is no file to play.");
	if (!n)
		return NULL;
	return is_mjr(paths[0]) ? play_mjr_open(paths, n, why, size)
				: play_media_open(paths[0], why, size);
}

/* @return ERR_AGAIN: there is more to be done */
static enum err work_on(struct opening *o)
{
	char why[PLAY_TEXT];
	enum err e;
	if (!o->in && !(o->in = open_files(&o->cmd, o->why, sizeof o->why)))
		return ERR_IO;
	if (!o->in->ops->survey || !(e = o->in->ops->survey(o->in, why, sizeof why)))
		return OK;
	if (e == ERR_AGAIN)
		return e;
	memcpy(o->why, why, sizeof why);
	o->in->ops->close(o->in);
	o->in = NULL;
	return e;
}

static void run_slice(void)
{
	struct opening_for *a = opener.first;
	struct opening *o = a->first;
	opener.first = a->next;
	a->next = NULL;
	if (work_on(o) != ERR_AGAIN) {
		a->first = o->next;
		hand_over(o->cmd.play, o->in, o->why);
		free(o);
	}
	if (a->first)
		*last_address() = a;
	else
		free(a);
}

/* ---- the thread ---- */

static void add(const struct play_cmd *c, size_t len)
{
	struct opening *o = calloc(1, sizeof *o);
	struct opening_for *a = o ? address_of(c->open.whose) : NULL;
	struct opening **at;
	if (!a) {
		free(o);
		hand_over(c->play, NULL, "There is no memory left.");
		return;
	}
	memcpy(&o->cmd, c, len);
	for (at = &a->first; *at;)
		at = &(*at)->next;
	*at = o;
}

static void on_record(void *arg, const void *rec, size_t len)
{
	const struct play_cmd *c = rec;
	(void)arg;
	if (c->type == PLAY_CMD_OPEN)
		add(c, len);
	else if (c->type == PLAY_CMD_CLOSE)
		discard_play(c->play);
}

/* What is said to it is read between two slices: it tells itself to go on. Is there no room for
 * that, there is something to read. */
static void on_turn(void *arg)
{
	static const struct play_cmd go_on = { .type = PLAY_CMD_START };
	(void)arg;
	if (opener.first && !opener.is_ending)
		run_slice();
	if (opener.first)
		queue_push(opener_queue(), &go_on, play_cmd_len(&go_on));
}

enum err opener_start(struct queue *to)
{
	static const struct queue_reader reader = { on_record, on_turn, NULL };
	opener.to = to;
	opener.is_ending = false;
	return queue_thread_start(&opener.thread, "opener", QUEUE_BYTES, &reader);
}

struct queue *opener_queue(void)
{
	return queue_thread_queue(opener.thread);
}

void opener_end(void)
{
	if (!opener.thread)
		return;
	opener.is_ending = true;
	queue_thread_end(opener.thread); /* what it had is this one's now */
	while (opener.first)
		discard_play(opener.first->first->cmd.play);
}

void opener_free(void)
{
	queue_thread_free(opener.thread);
	opener.thread = NULL;
}
