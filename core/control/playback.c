/* SPDX-License-Identifier: Apache-2.0 */
#include "playback.h"
#include <glib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/loop.h"
#include "../base/metric.h"
#include "../recorder/play_msg.h"
#include "../recorder/player.h"
#include "../router/sink/sink_queue.h"
#include "../rtc/rtc.h"
#include "hook.h"
#include "place.h"
#include "record_path.h"
#include "source_ids.h"

#define RETRY_US      (50 * US_PER_MS)
#define SHARE         (SOURCES_MAX / 4) /* of all playbacks, that an address may have */
#define REPORTS_BYTES (8u << 20)        /* what 1024 playbacks say once, and messages */

/* What the player, or the worker of the source, has yet to be told; in this order. */
enum { DUE_START = 1, DUE_PAUSE = 2, DUE_RATE = 4, DUE_SEEK = 8, DUE_CLOSE = 16, DUE_SOURCE = 32 };

struct playback {
	uint64_t id;
	uint64_t whose;                                /* as in struct cardea_play */
	void (*fn)(const struct cardea_play_event *e); /* NULL: nobody listens */
	void *arg;
	const struct cardea_plugin *of;
	bool is_ready, is_paused;
	bool is_closing, is_closed; /* by the plugin; by the player, too */
	bool has_source;
	bool is_seeking; /* the player has yet to land: meanwhile only the last wish counts */
	unsigned worker;
	unsigned n_tracks;
	struct play_track tracks[PLAY_TRACKS];
	uint8_t due;
	double rate;
	int64_t seek_us;
};

static struct metric n_playbacks = { .name = "cardea_control_playbacks",
	.help = "Recordings that are played, or open to be." };
static void retry_all(void *arg);
static struct {
	struct loop *loop;
	struct queue *reports;
	uint8_t number; /* of the player's queue */
	struct wheel_timer retry;
} playbacks = { .retry.fn = retry_all };

/* ---- what is told ---- */

static bool tell_player(const struct playback *p, uint8_t due)
{
	struct play_cmd c = { .type = PLAY_CMD_CLOSE, .play = p->id };
	if (due == DUE_START) {
		c.type = PLAY_CMD_START;
		c.start.media = rtc_media_queue(p->worker);
	} else if (due == DUE_PAUSE) {
		c.type = p->is_paused ? PLAY_CMD_PAUSE : PLAY_CMD_RESUME;
	} else if (due == DUE_RATE) {
		c.type = PLAY_CMD_RATE;
		c.rate.rate = p->rate;
	} else if (due == DUE_SEEK) {
		c.type = PLAY_CMD_SEEK;
		c.seek.us = p->seek_us;
	}
	return !queue_push(player_queue(), &c, play_cmd_len(&c));
}

static bool close_source(const struct playback *p)
{
	const struct cmd c = {
		.type = CMD_SOURCE_CLOSE, .peer = p->id, .source_id = { .id = p->id }
	};
	return !p->has_source || !rtc_post(p->worker, &c);
}

/* What is wanted before it is ready waits; but it can be closed. A seek may read much of a file,
 * which all who are played to would wait for: one at a time. */
static uint8_t next_due(const struct playback *p)
{
	uint8_t due = p->is_ready ? p->due : p->due & (DUE_CLOSE | DUE_SOURCE);
	if (p->is_seeking)
		due &= (uint8_t)~DUE_SEEK;
	return due & (uint8_t)-due;
}

static void discard(struct playback *p)
{
	source_id_free(p->id);
	metric_set(&n_playbacks, source_ids_count());
	g_free(p);
}

static void free_if_over(struct playback *p)
{
	if (!p->is_closed || p->due)
		return;
	log_info("play", p->id, "playback closed", "");
	discard(p);
}

/* It may be over after that. */
static void tell(struct playback *p)
{
	uint8_t due;
	while ((due = next_due(p))) {
		if (!(due == DUE_SOURCE ? close_source(p) : tell_player(p, due)))
			break;
		p->due &= (uint8_t)~due;
		p->is_seeking |= due == DUE_SEEK;
	}
	if (due && !wheel_armed(&playbacks.retry))
		wheel_set(loop_wheel(playbacks.loop), &playbacks.retry,
			loop_now(playbacks.loop) + RETRY_US);
	free_if_over(p);
}

static void want(struct playback *p, uint8_t due)
{
	p->due |= due;
	tell(p);
}

static void retry_all(void *arg)
{
	uint32_t slot = 0;
	struct playback *p;
	(void)arg;
	while ((p = source_id_next(&slot)))
		if (next_due(p))
			tell(p);
}

/* ---- what is heard ---- */

static void call(struct playback *p, struct cardea_play_event *e)
{
	e->size = sizeof *e;
	e->play = p->id;
	e->arg = p->arg;
	if (!p->fn)
		return;
	struct hook hook;
	hook_enter(&hook, p->of, "play event");
	p->fn(e);
	hook_leave(&hook);
}

static void on_opened(struct playback *p, const struct play_rep *r)
{
	struct cardea_play_track tracks[PLAY_TRACKS];
	struct cardea_play_event e = { .type = CARDEA_PLAY_READY,
		.us = r->opened.duration_us,
		.tracks = tracks,
		.n_tracks = r->opened.n_tracks,
		.reason = r->opened.warning[0] ? r->opened.warning : NULL };
	p->n_tracks = r->opened.n_tracks;
	memcpy(p->tracks, r->opened.tracks, sizeof p->tracks);
	for (unsigned i = 0; i < p->n_tracks; i++)
		tracks[i] = (struct cardea_play_track){ .kind = p->tracks[i].kind,
			.codec = p->tracks[i].codec,
			.fmtp = p->tracks[i].fmtp[0] ? p->tracks[i].fmtp : NULL,
			.red = p->tracks[i].red_pt };
	p->is_ready = true;
	call(p, &e);
}

static void on_data(struct playback *p, const struct play_rep *r)
{
	const struct cardea_data data = { .size = sizeof data,
		.is_binary = r->data.is_binary,
		.bytes = (const char *)r + play_rep_len(PLAY_REP_DATA),
		.len = r->len };
	struct cardea_play_event e = { .type = CARDEA_PLAY_DATA, .data = &data };
	call(p, &e);
}

static void hear(struct playback *p, const struct play_rep *r)
{
	struct cardea_play_event e = { .type = CARDEA_PLAY_END };
	switch ((enum play_rep_type)r->type) {
	case PLAY_REP_OPENED:
		on_opened(p, r);
		break;
	case PLAY_REP_DATA:
		on_data(p, r);
		break;
	case PLAY_REP_POSITION:
		p->is_seeking &= !r->position.is_seek;
		e.type = r->position.is_seek ? CARDEA_PLAY_LANDED : CARDEA_PLAY_POSITION;
		e.us = r->position.us;
		call(p, &e);
		break;
	case PLAY_REP_FAILED:
		p->is_seeking = false;
		e.type = CARDEA_PLAY_FAILED;
		e.reason = r->text;
		call(p, &e);
		break;
	case PLAY_REP_END:
		call(p, &e);
		break;
	case PLAY_REP_CLOSED:
		break;
	}
}

static void on_report(void *arg, const void *rec, size_t len)
{
	const struct play_rep *r = rec;
	struct playback *p = source_id_find(r->play);
	(void)arg;
	(void)len;
	if (!p)
		return;
	if (r->type != PLAY_REP_CLOSED) {
		hear(p, r);
		if ((p = source_id_find(r->play)) && next_due(p))
			tell(p);
		return;
	}
	p->is_closed = true;
	free_if_over(p);
}

/* ---- life ---- */

void playbacks_start(struct loop *loop)
{
	static bool is_registered;
	playbacks.loop = loop;
	if (!is_registered)
		metric_register(&n_playbacks);
	is_registered = true;
}

/* With the first playback: most servers have none. */
static bool is_running(void)
{
	if (player_queue())
		return true;
	if (!playbacks.reports &&
		(!(playbacks.reports = queue_create("playback reports", REPORTS_BYTES)) ||
			queue_attach(playbacks.reports, playbacks.loop, on_report, NULL)))
		return false;
	return !player_start(playbacks.reports) &&
	       !sink_queue_add(player_queue(), &playbacks.number);
}

void playbacks_stop(void)
{
	uint32_t slot = 0;
	struct playback *p;
	while ((p = source_id_next(&slot)))
		discard(p);
	if (playbacks.loop)
		wheel_cancel(loop_wheel(playbacks.loop), &playbacks.retry);
	player_stop();
}

void playbacks_free(void)
{
	if (player_queue())
		sink_queue_remove(playbacks.number);
	player_free();
	if (playbacks.reports) {
		loop_del(playbacks.loop, queue_fd(playbacks.reports));
		queue_destroy(playbacks.reports);
		playbacks.reports = NULL;
	}
	source_ids_stop();
}

/* ---- sources ---- */

static struct track track_of(const struct play_track *t, unsigned mindex)
{
	struct track of = { .mindex = (uint16_t)mindex,
		.kind = t->kind,
		.dir = CARDEA_RECV,
		.codec = t->codec,
		.pt = t->pt,
		.red_pt = t->red_pt,
		.channels = t->channels,
		.clock_hz = t->clock_hz };
	memcpy(of.ext, t->ext, sizeof of.ext);
	return of;
}

static bool open_source(struct playback *p, unsigned worker)
{
	struct cmd c = { .type = CMD_SOURCE_OPEN,
		.peer = p->id,
		.source = { .id = p->id, .queue = playbacks.number } };
	if (p->has_source)
		return true;
	c.source.n_tracks = (uint8_t)p->n_tracks;
	for (unsigned i = 0; i < p->n_tracks; i++)
		if (p->tracks[i].kind != CARDEA_DATA)
			c.source.tracks[i] = track_of(&p->tracks[i], i);
	if (rtc_post(worker, &c))
		return false;
	p->worker = worker;
	return p->has_source = true;
}

static struct playback *find(uint64_t play)
{
	struct playback *p = source_id_find(play);
	return p && !p->is_closing ? p : NULL;
}

uint64_t playback_source(uint64_t play, unsigned track, unsigned *worker)
{
	struct playback *p = find(play);
	if (!p || !p->is_ready || track >= p->n_tracks || p->tracks[track].kind == CARDEA_DATA ||
		!open_source(p, *worker))
		return 0;
	*worker = p->worker;
	return p->id;
}

/* ---- the SDK ---- */

static bool fill_files(const struct cardea_play *what, struct play_cmd *c, struct cardea_error *e)
{
	char folder[REC_PATH];
	_Static_assert(PLAY_PATH == REC_PATH, "paths are of one length");
	if (!what->n_files || what->n_files > PLAY_FILES)
		return cardea_fail(e, 0, "There is nothing to play, or too much");
	for (unsigned i = 0; i < what->n_files; i++)
		if (!record_path(what->dir, what->files[i], c->open.files[i], folder, e))
			return false;
	c->n_files = what->n_files;
	return true;
}

static bool has_enough(uint64_t whose, struct cardea_error *e)
{
	uint32_t slot = 0;
	unsigned n = 0;
	const struct playback *p;
	while (whose && (p = source_id_next(&slot)))
		n += p->whose == whose;
	return n >= SHARE &&
	       !cardea_fail(e, 0,
		       "Your address plays %u files already (a quarter of what there may be)", n);
}

uint64_t cardea_play_open(const struct cardea_play *given, struct cardea_error *e)
{
	struct play_cmd c = { .type = PLAY_CMD_OPEN };
	struct cardea_play what = { 0 };
	struct playback *p;
	memcpy(&what, given, given->size < sizeof what ? given->size : sizeof what);
	if (!fill_files(&what, &c, e) || has_enough(what.whose, e))
		return 0;
	p = g_new0(struct playback, 1);
	p->fn = what.fn;
	p->arg = what.arg;
	p->of = hook_of();
	p->whose = c.open.whose = what.whose;
	p->rate = 1;
	if (is_running() && (p->id = source_id_take(p))) {
		c.play = p->id;
		if (!queue_push(player_queue(), &c, play_cmd_len(&c))) {
			metric_set(&n_playbacks, source_ids_count());
			log_info("play", p->id, "playback opened", "file=%s",
				LOG_QUOTED(c.open.files[0]));
			return p->id;
		}
	}
	discard(p);
	cardea_fail(e, 0, "Too many files are being played");
	return 0;
}

void cardea_play_start(uint64_t play)
{
	struct playback *p = find(play);
	unsigned worker;
	if (!p || !p->is_ready)
		return;
	worker = place_take(0);
	place_give(0, worker);
	if (open_source(p, worker))
		want(p, DUE_START);
}

void cardea_play_pause(uint64_t play, bool on)
{
	struct playback *p = find(play);
	if (!p || p->is_paused == on)
		return;
	p->is_paused = on;
	want(p, DUE_PAUSE);
}

void cardea_play_rate(uint64_t play, double rate)
{
	struct playback *p = find(play);
	if (!p)
		return;
	p->rate = rate;
	want(p, DUE_RATE);
}

void cardea_play_seek(uint64_t play, int64_t us)
{
	struct playback *p = find(play);
	if (!p)
		return;
	p->seek_us = us;
	want(p, DUE_SEEK);
}

void cardea_play_close(uint64_t play)
{
	struct playback *p = find(play);
	if (!p)
		return;
	p->fn = NULL;
	p->is_closing = true;
	p->due = 0;
	want(p, DUE_CLOSE | DUE_SOURCE);
}

void playbacks_close_of(const struct cardea_plugin *of)
{
	uint32_t slot = 0;
	const struct playback *p;
	while ((p = source_id_next(&slot)))
		if (p->of == of)
			cardea_play_close(p->id);
}
