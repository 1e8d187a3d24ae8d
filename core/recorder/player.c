/* SPDX-License-Identifier: Apache-2.0 */
#include "player.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/queue_thread.h"
#include "opener.h"
#include "play.h"
#include "play_outbox.h"

/* Playbacks have their turns at multiples of this, so that one wake-up of the thread, and one of
 * each worker, is for all that is due: with 50 of them at 30 pictures a second 250 instead of 1500.
 * A picture may leave so much later, its timestamp not. */
#define TICK_US PLAY_SLICE_US

#define QUEUE_BYTES (4u << 20)
#define SHARE       (512u << 10) /* of a worker's queue: a third of a second of 10 Mbit/s */

#define MESSAGES (1u << 20) /* of control's */

/** A playback on its thread. */
struct running {
	struct running *next;
	uint64_t id;
	struct play *play;   /* NULL: it is being opened */
	struct queue *media; /* of the worker; NULL: not started */
	struct queue_share share;
	struct wheel_timer timer;
};

/* The one thread of the process. All but the first two are that thread's. */
static struct {
	struct queue_thread *thread;
	struct queue *reports;
	struct queue_share messages;
	struct running *all;
} player;

static struct loop *loop(void)
{
	return queue_thread_loop(player.thread);
}

/* ---- what playbacks say ---- */

/* Control's queue has room for what each playback says once; messages have a part of it, and those
 * beyond are lost. */
static void tell(struct play_rep *r, uint64_t id, const void *bytes, size_t len)
{
	const struct iovec parts[] = { { r, play_rep_len(r->type) },
		{ (void *)(uintptr_t)bytes, len } };
	r->play = id;
	queue_push_parts(
		player.reports, len ? &player.messages : NULL, MESSAGES, parts, len ? 2 : 1);
}

static bool on_push(void *arg, const struct iovec *parts, unsigned n)
{
	struct running *r = arg;
	return r->media && !queue_push_parts(r->media, &r->share, SHARE, parts, n);
}

static void on_tell(void *arg, struct play_rep *rep, const void *bytes, size_t len)
{
	const struct running *r = arg;
	tell(rep, r->id, bytes, len);
}

/* ---- turns ---- */

static int64_t now_us(void)
{
	return clock_now_us() / TICK_US * TICK_US;
}

static void turn(void *arg)
{
	struct running *r = arg;
	int64_t next_us = play_turn(r->play, now_us());
	if (next_us == INT64_MAX)
		wheel_cancel(loop_wheel(loop()), &r->timer);
	else
		wheel_set(
			loop_wheel(loop()), &r->timer, (next_us + TICK_US - 1) / TICK_US * TICK_US);
}

/* ---- life ---- */

static struct running *find(uint64_t id)
{
	struct running *r = player.all;
	while (r && r->id != id)
		r = r->next;
	return r;
}

static void discard(struct running *r)
{
	struct running **at = &player.all;
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	wheel_cancel(loop_wheel(loop()), &r->timer);
	play_free(r->play);
	free(r);
}

static void tell_failure(uint64_t id, const char *why)
{
	struct play_rep rep = { .type = PLAY_REP_FAILED };
	snprintf(rep.text, sizeof rep.text, "%s", why);
	tell(&rep, id, NULL, 0);
}

/* It waits for the opener (opener.h). */
static void open_play(const struct play_cmd *c, size_t len)
{
	struct running *r = calloc(1, sizeof *r);
	if (!r || queue_push(opener_queue(), c, len)) {
		free(r);
		tell_failure(c->play, "There is no memory left.");
		return;
	}
	r->id = c->play;
	r->timer = (struct wheel_timer){ .fn = turn, .arg = r };
	r->next = player.all;
	player.all = r;
}

/* @return NULL, and @p in is closed: there is no memory */
static struct play *play_of(struct running *r, struct play_input *in)
{
	static const struct play_ops ops = { on_push, on_tell };
	return play_new(r->id, in, &ops, r);
}

static void opened(const struct play_opened *o)
{
	struct play_rep rep = { .type = PLAY_REP_OPENED };
	struct running *r = find(o->play);
	if (!r) { /* it was closed meanwhile */
		if (o->in)
			o->in->ops->close(o->in);
		return;
	}
	if (o->in) {
		rep.opened.duration_us = o->in->duration_us;
		rep.opened.n_tracks = o->in->n_tracks;
		memcpy(rep.opened.tracks, o->in->tracks, sizeof rep.opened.tracks);
		snprintf(rep.opened.warning, sizeof rep.opened.warning, "%s", o->text);
	}
	if (!o->in || !(r->play = play_of(r, o->in))) {
		tell_failure(o->play, o->in ? "There is no memory left." : o->text);
		discard(r);
		return;
	}
	tell(&rep, o->play, NULL, 0);
}

/* What the opener has need not be read any further. */
static void give_up_opening(uint64_t id)
{
	const struct play_cmd c = { .type = PLAY_CMD_CLOSE, .play = id };
	queue_push(opener_queue(), &c, play_cmd_len(&c));
}

static void close_play(uint64_t id)
{
	struct play_rep rep = { .type = PLAY_REP_CLOSED };
	struct running *r = find(id);
	if (r && !r->play)
		give_up_opening(id);
	if (r)
		discard(r);
	tell(&rep, id, NULL, 0);
}

/* ---- what it is told ---- */

static void run_command(struct running *r, const struct play_cmd *c)
{
	switch ((enum play_cmd_type)c->type) {
	case PLAY_CMD_START:
		r->media = c->start.media;
		play_start(r->play, now_us());
		break;
	case PLAY_CMD_PAUSE:
	case PLAY_CMD_RESUME:
		play_pause(r->play, c->type == PLAY_CMD_PAUSE, now_us());
		break;
	case PLAY_CMD_SEEK:
		play_seek(r->play, c->seek.us, now_us());
		break;
	case PLAY_CMD_RATE:
		play_rate(r->play, c->rate.rate, now_us());
		break;
	case PLAY_CMD_OPEN:
	case PLAY_CMD_CLOSE:
		break;
	}
}

static void on_record(void *arg, const void *rec, size_t len)
{
	const struct source_wish *w = rec; /* commands begin like it */
	struct running *r;
	(void)arg;
	if (w->type == PLAY_CMD_OPEN) {
		open_play(rec, len);
		return;
	}
	if (w->type == PLAY_OPENED) {
		opened(rec);
		return;
	}
	if (w->type == PLAY_CMD_CLOSE) {
		close_play(w->source);
		return;
	}
	if (!(r = find(w->source)) || !r->play)
		return;
	if (w->type == SOURCE_KEYFRAME)
		play_wish(r->play, now_us());
	else if (w->type == SOURCE_CLOSED)
		r->media = NULL; /* control knows, and closes it here too */
	else
		run_command(r, rec);
	turn(r);
}

/* ---- the thread ---- */

enum err player_start(struct queue *reports)
{
	static const struct queue_reader reader = { .fn = on_record };
	enum err e;
	player.reports = reports;
	if ((e = queue_thread_start(&player.thread, "player", QUEUE_BYTES, &reader)))
		return e;
	if ((e = opener_start(player_queue()))) {
		player_stop();
		player_free();
	}
	return e;
}

struct queue *player_queue(void)
{
	return player.thread ? queue_thread_queue(player.thread) : NULL;
}

/* What the opener has handed over is read before it ends. */
void player_stop(void)
{
	if (!player.thread)
		return;
	opener_end();
	queue_thread_end(player.thread); /* what it had is this one's now */
	while (player.all)
		discard(player.all);
	opener_free();
}

void player_free(void)
{
	queue_thread_free(player.thread);
	player.thread = NULL;
}
