/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include "errors.h"
#include "library.h"
#include "play.h"
#include "showing.h"

struct player {
	struct viewer viewer; /* first */
	struct session *session;
	char *transaction;       /* of `play`, until it is answered */
	struct play_lines lines; /* that were offered */
	bool is_offered, is_answered, tells_position;
};

static const struct entry *entry_of(const struct player *p)
{
	return &p->viewer.showing->e;
}

uint64_t play_id(const struct session *s)
{
	return s->player ? entry_of(s->player)->id : 0;
}

bool play_is_private(const struct session *s)
{
	return s->player && entry_of(s->player)->is_private;
}

/* ---- what the client is told ---- */

static json_t *status_of(const struct player *p, const char *what)
{
	return json_pack("{s:s, s:I}", "status", what, "id", (json_int_t)entry_of(p)->id);
}

static void tell(const struct player *p, json_t *result)
{
	cardea_event(p->session->handle, NULL,
		json_pack("{s:s, s:o}", "recordplay", "event", "result", result), NULL);
}

static void tell_position(const struct player *p, const char *what, int64_t us)
{
	json_t *result = status_of(p, what);
	int64_t duration_us = p->viewer.showing->duration_us;
	json_object_set_new(result, "position", json_integer(us / 1000));
	if (duration_us)
		json_object_set_new(result, "duration", json_integer(duration_us / 1000));
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

/* What of it cannot be played, and why. @return NULL: all can */
static json_t *warning_of(const struct showing *s)
{
	const char *broken = "media";
	if (!s->left_out)
		return NULL;
	if (*s->e.audio && play_lines_find(&s->lines, CARDEA_AUDIO) < 0)
		broken = "audio";
	else if (*s->e.video && play_lines_find(&s->lines, CARDEA_VIDEO) < 0)
		broken = "video";
	else if (*s->e.data && play_lines_find(&s->lines, CARDEA_DATA) < 0)
		broken = "data";
	json_t *reason = library_reason(s->left_out);
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
	play_lines_offer(&p->lines, d);
	snprintf(d->name, sizeof d->name, "Recording %llu", (unsigned long long)entry_of(p)->id);
	d->restart = restart;
	char *transaction = g_steal_pointer(&p->transaction);
	bool sent = cardea_event(p->session->handle, transaction,
		json_pack("{s:s, s:o}", "recordplay", "event", "result", result), d);
	g_free(transaction);
	p->is_answered = false;
	return sent;
}

static void keep_lines(struct player *p, const struct play_lines *lines)
{
	p->lines = *lines;
	p->session->lines = (struct lines){ play_lines_find(lines, CARDEA_AUDIO),
		play_lines_find(lines, CARDEA_VIDEO), play_lines_find(lines, CARDEA_DATA) };
}

/* ---- playing ---- */

static void begin_if_due(const struct player *p)
{
	if (p->viewer.showing->is_ready && p->is_answered && cardea_is_up(p->session->handle))
		showing_carry(&p->viewer, p->session->handle);
}

/* The m-lines that were agreed on may do. */
static void ready(struct player *p)
{
	const struct showing *s = p->viewer.showing;
	if (p->is_answered && play_lines_fit(&p->lines, &s->lines)) {
		begin_if_due(p);
		return;
	}
	keep_lines(p, &s->lines);
	if (offer(p, "preparing", warning_of(s), false))
		p->is_offered = true;
	else
		play_drop(p->session); /* the client has been told */
}

static void on_event(struct viewer *v, const struct cardea_play_event *e)
{
	struct player *p = (struct player *)v;
	switch (e->type) {
	case CARDEA_PLAY_READY:
		ready(p);
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
		play_stop(p->session);
		break;
	case CARDEA_PLAY_FAILED:
		fail(p, e->reason);
		break;
	}
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
	p->viewer.fn = on_event;
	p->tells_position = cardea_bool(&call->args, "positions");
	if (!showing_watch(&p->viewer, e, cardea_bool(&call->args, "shared"),
		    cardea_whose(call->handle), call->error)) {
		call->error->code = E_BROKEN;
		g_free(p);
		return false;
	}
	p->transaction = g_strdup(call->transaction);
	s->player = p;
	s->state = STATE_PLAYING;
	if (p->viewer.showing->is_ready) /* others share it already */
		ready(p);
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

/* ---- steering ---- */

/* @return false with @p e: others do */
static bool steers(const struct player *p, struct cardea_error *e)
{
	if (p->viewer.showing->first == &p->viewer)
		return true;
	return cardea_fail(e, E_STATE, "Who has watched it longest steers what is shared");
}

/* What the one who steers it has done, the others hear. @param result taken */
static void tell_others(const struct player *p, json_t *result)
{
	for (struct viewer *v = p->viewer.next; v; v = v->next)
		tell((const struct player *)v, json_incref(result));
	json_decref(result);
}

static struct player *playing(const struct cardea_call *call)
{
	const struct session *s = cardea_user_data(call->handle);
	if (s->player && s->player->viewer.showing->is_begun)
		return steers(s->player, call->error) ? s->player : NULL;
	cardea_fail(call->error, E_STATE, "Nothing plays");
	return NULL;
}

bool seek_request(struct cardea_call *call)
{
	const struct player *p = playing(call);
	if (!p)
		return false;
	cardea_play_seek(p->viewer.showing->play, cardea_int(&call->args, "position") * 1000);
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
	cardea_play_rate(p->viewer.showing->play, (double)percent / 100);
	json_t *result = status_of(p, "speed");
	json_object_set_new(result, "percent", json_integer(percent));
	call->data = json_pack("{s:s, s:O}", "recordplay", "event", "result", result);
	tell_others(p, result);
	return true;
}

bool play_hold(struct session *s, bool on, struct cardea_error *e)
{
	const struct player *p = s->player;
	if (!steers(p, e))
		return false;
	cardea_play_pause(p->viewer.showing->play, on);
	tell_others(p, status_of(p, on ? "paused" : "resumed"));
	return true;
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
	showing_leave(&p->viewer);
	g_free(p->transaction);
	g_free(p);
}
