/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "errors.h"
#include "library.h"
#include "play.h"

#define TRACKS 4
#define EXTS \
	(1u << CARDEA_EXT_MID | 1u << CARDEA_EXT_TWCC | 1u << CARDEA_EXT_ABS_SEND_TIME | \
		1u << CARDEA_EXT_AUDIO_LEVEL | 1u << CARDEA_EXT_ORIENTATION | \
		1u << CARDEA_EXT_DEPENDENCY)
#define VIDEO_FEEDBACK \
	(CARDEA_FB_NACK | CARDEA_FB_PLI | CARDEA_FB_FIR | CARDEA_FB_REMB | CARDEA_FB_TWCC)

struct line {
	enum cardea_kind kind;
	enum cardea_codec_id codec;
	bool red;
	char fmtp[256];
};

struct player {
	struct session *session;
	struct entry e;            /* as it was when it began: it may be deleted meanwhile */
	unsigned file;             /* of e.media that is played */
	uint64_t play;             /* 0: none */
	char *transaction;         /* of `play`, until it is answered */
	struct line lines[TRACKS]; /* by m-line, as offered; those of the playback come first */
	unsigned n_lines;
	bool is_ready, is_offered, is_answered, is_begun, tells_position;
	int64_t duration_us;
};

uint64_t play_id(const struct session *s)
{
	return s->player ? s->player->e.id : 0;
}

bool play_is_private(const struct session *s)
{
	return s->player && s->player->e.is_private;
}

/* ---- what the client is told ---- */

static json_t *status_of(const struct player *p, const char *what)
{
	return json_pack("{s:s, s:I}", "status", what, "id", (json_int_t)p->e.id);
}

static void tell(const struct player *p, json_t *result)
{
	cardea_event(p->session->handle, NULL,
		json_pack("{s:s, s:o}", "recordplay", "event", "result", result), NULL);
}

static void tell_position(const struct player *p, const char *what, int64_t us)
{
	json_t *result = status_of(p, what);
	json_object_set_new(result, "position", json_integer(us / 1000));
	if (p->duration_us)
		json_object_set_new(result, "duration", json_integer(p->duration_us / 1000));
	tell(p, result);
}

static void fail(struct player *p, const char *reason)
{
	char *transaction = g_steal_pointer(&p->transaction);
	cardea_event(p->session->handle, transaction,
		json_pack("{s:s, s:i, s:o}", "recordplay", "event", "error_code", E_BROKEN, "error",
			library_reason(reason)),
		NULL);
	g_free(transaction);
	play_stop(p->session);
}

/* ---- the offer ---- */

static void add_line(struct cardea_desc *offer, const struct line *t)
{
	bool is_data = t->kind == CARDEA_DATA, is_video = t->kind == CARDEA_VIDEO;
	unsigned sound_feedback = is_data ? 0 : CARDEA_FB_TWCC;
	cardea_offer_add(offer, &(struct cardea_offered){ .size = sizeof(struct cardea_offered),
					.kind = t->kind,
					.dir = is_data ? CARDEA_SENDRECV : CARDEA_SEND,
					.codec = t->codec,
					.fmtp = *t->fmtp ? t->fmtp : NULL,
					.exts = is_data ? 0 : EXTS,
					.feedback = is_video ? VIDEO_FEEDBACK : sound_feedback,
					.red = t->red });
}

static bool has_kind(const struct cardea_play_event *e, enum cardea_kind kind)
{
	for (unsigned i = 0; i < e->n_tracks; i++)
		if (e->tracks[i].kind == kind)
			return true;
	return false;
}

/* What of it cannot be played, and why. @return NULL: all can */
static json_t *warning_of(const struct player *p, const struct cardea_play_event *e)
{
	const char *broken = "media";
	if (!e->reason)
		return NULL;
	if (*p->e.audio && !has_kind(e, CARDEA_AUDIO))
		broken = "audio";
	else if (*p->e.video && !has_kind(e, CARDEA_VIDEO))
		broken = "video";
	else if (*p->e.data && !has_kind(e, CARDEA_DATA))
		broken = "data";
	json_t *reason = library_reason(e->reason);
	json_t *warning = json_sprintf(
		"Broken %s file, playing the rest: %s", broken, json_string_value(reason));
	json_decref(reason);
	return warning;
}

/* @param warning taken; NULL: none */
static bool offer(struct player *p, const char *what, json_t *warning, bool restart)
{
	struct cardea_desc *d = cardea_offer_new();
	json_t *result = status_of(p, what);
	if (warning)
		json_object_set_new(result, "warning", warning);
	for (unsigned i = 0; i < p->n_lines; i++)
		add_line(d, &p->lines[i]);
	snprintf(d->name, sizeof d->name, "Recording %llu", (unsigned long long)p->e.id);
	d->restart = restart;
	char *transaction = g_steal_pointer(&p->transaction);
	bool sent = cardea_event(p->session->handle, transaction,
		json_pack("{s:s, s:o}", "recordplay", "event", "result", result), d);
	g_free(transaction);
	p->is_answered = false;
	return sent;
}

static void keep_lines(struct player *p, const struct cardea_play_track *tracks, unsigned n)
{
	p->n_lines = MIN(n, TRACKS);
	p->session->lines = (struct lines){ -1, -1, -1 };
	for (unsigned i = 0; i < p->n_lines; i++) {
		p->lines[i] = (struct line){ tracks[i].kind, tracks[i].codec, tracks[i].red, "" };
		g_strlcpy(p->lines[i].fmtp, tracks[i].fmtp ? tracks[i].fmtp : "",
			sizeof p->lines[i].fmtp);
		if (tracks[i].kind == CARDEA_AUDIO)
			p->session->lines.audio = (int)i;
		else if (tracks[i].kind == CARDEA_VIDEO)
			p->session->lines.video = (int)i;
		else
			p->session->lines.data = (int)i;
	}
}

/* The m-lines that were agreed on do for these tracks, too. */
static bool fits(const struct player *p, const struct cardea_play_track *tracks, unsigned n)
{
	if (!p->is_answered || n > p->n_lines)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (p->lines[i].kind != tracks[i].kind || p->lines[i].codec != tracks[i].codec)
			return false;
	return true;
}

/* ---- playing ---- */

static void route(const struct player *p)
{
	const struct cardea_want want = { .size = sizeof want };
	for (unsigned i = 0; i < p->n_lines; i++)
		if (p->lines[i].kind != CARDEA_DATA)
			cardea_play_route(
				p->play, i, (struct cardea_track){ p->session->handle, i }, &want);
}

static void begin_if_due(struct player *p)
{
	if (!p->is_ready || !p->is_answered || !cardea_is_up(p->session->handle))
		return;
	route(p);
	if (!p->is_begun)
		cardea_play_start(p->play);
	p->is_begun = true;
}

static void ready(struct player *p, const struct cardea_play_event *e)
{
	p->is_ready = true;
	p->duration_us = e->us;
	if (fits(p, e->tracks, e->n_tracks)) {
		begin_if_due(p);
		return;
	}
	keep_lines(p, e->tracks, e->n_tracks);
	if (offer(p, "preparing", warning_of(p, e), false))
		p->is_offered = true;
	else
		play_drop(p->session); /* the client has been told */
}

static bool open_next(struct player *p, struct cardea_error *e);

static void ended(struct player *p)
{
	struct cardea_error e;
	cardea_play_close(p->play);
	p->play = 0;
	p->is_ready = p->is_begun = false;
	p->file++;
	if (p->file >= p->e.n_media)
		cardea_close(p->session->handle);
	else if (!open_next(p, &e))
		fail(p, e.reason);
}

static void told(const struct cardea_play_event *e)
{
	struct player *p = e->arg;
	switch (e->type) {
	case CARDEA_PLAY_READY:
		ready(p, e);
		break;
	case CARDEA_PLAY_POSITION:
		if (p->tells_position)
			tell_position(p, "position", e->us);
		break;
	case CARDEA_PLAY_LANDED:
		tell_position(p, "sought", e->us);
		break;
	case CARDEA_PLAY_DATA:
		cardea_data_send(p->session->handle, e->data);
		break;
	case CARDEA_PLAY_END:
		ended(p);
		break;
	case CARDEA_PLAY_FAILED:
		fail(p, e->reason);
		break;
	}
}

/* MJR files are played beside each other. @return how many */
static unsigned files_of(const struct player *p, const char *files[TRACKS])
{
	const char *const mjr[] = { p->e.audio, p->e.video, p->e.data };
	unsigned n = 0;
	if (p->e.n_media) {
		files[0] = p->e.media[p->file];
		return 1;
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(mjr); i++)
		if (*mjr[i])
			files[n++] = mjr[i];
	return n;
}

static bool open_next(struct player *p, struct cardea_error *e)
{
	const char *files[TRACKS];
	struct cardea_play what = { .size = sizeof what,
		.dir = library_folder(),
		.files = files,
		.n_files = files_of(p, files),
		.fn = told,
		.arg = p };
	char part[ENTRY_NAME + 8];
	p->play = cardea_play_open(&what, e);
	if (p->play || !p->e.n_media)
		return p->play;
	/* one that is being finished plays already */
	snprintf(part, sizeof part, "%s.part", files[0]);
	files[0] = part;
	struct cardea_error second;
	p->play = cardea_play_open(&what, &second);
	return p->play;
}

/* ---- requests ---- */

static bool restart(struct cardea_call *call, struct player *p)
{
	if (!p || !p->is_offered)
		return cardea_fail(call->error, E_STATE, "Not playing, can't restart");
	p->transaction = g_strdup(call->transaction);
	offer(p, "restarting", NULL, true);
	return true;
}

bool play_request(struct cardea_call *call)
{
	struct session *s = cardea_user_data(call->handle);
	const struct entry *e;
	if (call->remote)
		return cardea_fail(call->error, E_INVALID,
			"A play request takes no jsep: the server makes the offer");
	if (cardea_bool(&call->args, "restart"))
		return restart(call, s->player);
	if (s->state != STATE_IDLE)
		return cardea_fail(call->error, E_STATE,
			s->state == STATE_PLAYING ? "Already playing" : "Recording, can't play");
	if (!(e = library_find((uint64_t)cardea_int(&call->args, "id"))))
		return cardea_fail(call->error, E_NOT_FOUND, "No such recording");
	struct player *p = g_new0(struct player, 1);
	p->session = s;
	p->e = *e;
	p->tells_position = cardea_bool(&call->args, "positions");
	if (!open_next(p, call->error)) {
		call->error->code = E_BROKEN;
		g_free(p);
		return false;
	}
	p->transaction = g_strdup(call->transaction);
	s->player = p;
	s->state = STATE_PLAYING;
	return true;
}

bool start_request(struct cardea_call *call)
{
	struct session *s = cardea_user_data(call->handle);
	if (!s->player || !s->player->is_offered)
		return cardea_fail(call->error, E_STATE, "Not a playout session, can't start");
	if (!call->remote || call->remote->type != CARDEA_ANSWER)
		return cardea_fail(call->error, E_MISSING, "Missing SDP answer");
	s->player->is_answered = true;
	begin_if_due(s->player);
	call->data =
		json_pack("{s:s, s:{s:s}}", "recordplay", "event", "result", "status", "playing");
	return true;
}

static struct player *playing(const struct cardea_call *call)
{
	const struct session *s = cardea_user_data(call->handle);
	if (s->player && s->player->is_begun)
		return s->player;
	cardea_fail(call->error, E_STATE, "Nothing plays");
	return NULL;
}

bool seek_request(struct cardea_call *call)
{
	const struct player *p = playing(call);
	if (!p)
		return false;
	cardea_play_seek(p->play, cardea_int(&call->args, "position") * 1000);
	call->data =
		json_pack("{s:s, s:o}", "recordplay", "event", "result", status_of(p, "seeking"));
	return true;
}

bool speed_request(struct cardea_call *call)
{
	const struct player *p = playing(call);
	int64_t percent = cardea_int(&call->args, "percent");
	if (!p)
		return false;
	cardea_play_rate(p->play, (double)percent / 100);
	json_t *result = status_of(p, "speed");
	json_object_set_new(result, "percent", json_integer(percent));
	call->data = json_pack("{s:s, s:o}", "recordplay", "event", "result", result);
	return true;
}

void play_hold(struct session *s, bool on)
{
	if (s->player)
		cardea_play_pause(s->player->play, on);
}

void play_connected(struct session *s)
{
	if (s->player)
		begin_if_due(s->player);
}

void play_stop(struct session *s)
{
	if (s->player && s->player->is_offered)
		cardea_close(s->handle); /* hangup ends it */
	else
		play_drop(s);
}

void play_drop(struct session *s)
{
	struct player *p = s->player;
	if (!p)
		return;
	s->player = NULL;
	s->state = STATE_IDLE;
	cardea_play_close(p->play);
	g_free(p->transaction);
	g_free(p);
}
