/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "errors.h"
#include "ongoing.h"
#include "record.h"

#define STOP_MS 2000 /* a file that takes longer to be whole is listed later */
/* Not CARDEA_EXT_ORIENTATION: files have no word for how a picture is to be turned, and without it
 * a phone that is turned sends pictures that stand upright. */
#define EXTS \
	(1u << CARDEA_EXT_MID | 1u << CARDEA_EXT_RID | 1u << CARDEA_EXT_RRID | \
		1u << CARDEA_EXT_AUDIO_LEVEL | 1u << CARDEA_EXT_TWCC | \
		1u << CARDEA_EXT_DEPENDENCY)
#define FEEDBACK (CARDEA_FB_NACK | CARDEA_FB_PLI | CARDEA_FB_FIR | CARDEA_FB_REMB | CARDEA_FB_TWCC)

static bool is_private_as_configured;

void record_set_private(bool on)
{
	is_private_as_configured = on;
}

/* ---- the answer ---- */

/* The first m-line of that kind that can be recorded; -1: none. @param codec which of its codecs */
static int find_line(const struct cardea_desc *offer, enum cardea_kind kind,
	const struct cardea_args *args, int *codec)
{
	const char *name = cardea_str(args, kind == CARDEA_AUDIO ? "audiocodec" : "videocodec");
	const char *profile = kind == CARDEA_VIDEO ? cardea_str(args, "videoprofile") : NULL;
	for (unsigned i = 0; i < offer->n_media; i++) {
		const struct cardea_media *m = &offer->media[i];
		if (m->kind != kind || m->rejected || !(m->dir & CARDEA_RECV))
			continue;
		*codec = name ? cardea_pick(m, cardea_codec_by_name(name), profile)
			      : cardea_pick_first(m);
		if (*codec >= 0 && profile && !name)
			*codec = cardea_pick(m, m->codecs[*codec].id, profile);
		if (*codec >= 0)
			return (int)i;
	}
	return -1;
}

static int find_data(const struct cardea_desc *offer)
{
	for (unsigned i = 0; i < offer->n_media; i++)
		if (offer->media[i].kind == CARDEA_DATA && !offer->media[i].rejected)
			return (int)i;
	return -1;
}

static void accept_media(
	struct cardea_desc *answer, const struct cardea_desc *offer, int line, int codec, bool red)
{
	const struct cardea_codec *c = &offer->media[line].codecs[codec];
	bool is_opus = c->id == CARDEA_OPUS;
	char fmtp[256];
	if (is_opus)
		cardea_opus_fmtp(fmtp, sizeof fmtp, c->fmtp, true, true);
	cardea_accept(answer, offer, (unsigned)line,
		&(struct cardea_accept){ .size = sizeof(struct cardea_accept),
			.dir = CARDEA_RECV,
			.codec = codec,
			.exts = EXTS,
			.feedback = FEEDBACK,
			.fmtp = is_opus ? fmtp : NULL,
			.red = is_opus && red });
}

/* @param e its codecs are filled in */
static struct cardea_desc *answer_of(const struct cardea_desc *offer,
	const struct cardea_args *args, struct lines *lines, struct entry *e)
{
	struct cardea_desc *a = cardea_answer_new(offer);
	bool red = cardea_bool(args, "opusred");
	int audio, video;
	lines->audio = find_line(offer, CARDEA_AUDIO, args, &audio);
	lines->video = find_line(offer, CARDEA_VIDEO, args, &video);
	lines->data = find_data(offer);
	if (lines->audio >= 0) {
		const struct cardea_codec *c = &offer->media[lines->audio].codecs[audio];
		accept_media(a, offer, lines->audio, audio, red);
		g_strlcpy(e->audio_codec, c->name, sizeof e->audio_codec);
		e->has_red = red && c->red_pt;
	}
	if (lines->video >= 0) {
		accept_media(a, offer, lines->video, video, false);
		g_strlcpy(e->video_codec, offer->media[lines->video].codecs[video].name,
			sizeof e->video_codec);
	}
	if (lines->data >= 0)
		cardea_accept(a, offer, (unsigned)lines->data,
			&(struct cardea_accept){ .size = sizeof(struct cardea_accept),
				.dir = offer->media[lines->data].dir });
	snprintf(a->name, sizeof a->name, "Recording %llu", (unsigned long long)e->id);
	e->is_audio = lines->audio >= 0;
	e->is_video = lines->video >= 0;
	e->is_data = lines->data >= 0;
	a->e2ee = offer->e2ee;
	return a;
}

/* ---- requests ---- */

static bool check_offer(const struct cardea_call *call)
{
	if (!call->remote)
		return cardea_fail(call->error, E_MISSING, "Missing SDP offer");
	if (call->remote->type != CARDEA_OFFER)
		return cardea_fail(
			call->error, E_INVALID_SDP, "Invalid value (the jsep should be an offer)");
	return true;
}

static json_t *status(const char *what, uint64_t id, bool is_private)
{
	return json_pack("{s:s, s:{s:s, s:I, s:b}}", "recordplay", "event", "result", "status",
		what, "id", (json_int_t)id, "is_private", is_private);
}

static bool renegotiate(struct cardea_call *call, struct session *s)
{
	struct entry agreed = { .id = ongoing_id(s) };
	struct lines lines;
	if (s->state != STATE_RECORDING)
		return cardea_fail(call->error, E_STATE, "Not recording, can't update");
	struct cardea_desc *answer = answer_of(call->remote, &call->args, &lines, &agreed);
	if (cardea_event(s->handle, call->transaction,
		    status("recording", ongoing_id(s), ongoing_is_private(s)), answer)) {
		s->lines = lines;
		ongoing_lines_changed(s, &agreed);
	}
	return true;
}

bool record_request(struct cardea_call *call)
{
	struct session *s = cardea_user_data(call->handle);
	struct entry plan;
	char base[ENTRY_NAME + 1];
	struct lines lines;
	if (!check_offer(call))
		return false;
	if (cardea_bool(&call->args, "update"))
		return renegotiate(call, s);
	if (s->state != STATE_IDLE)
		return cardea_fail(call->error, E_STATE,
			s->state == STATE_RECORDING ? "Already recording"
						    : "Playing, can't record");
	if (!ongoing_plan(&call->args, is_private_as_configured, &plan, base, call->error))
		return false;
	struct cardea_desc *answer = answer_of(call->remote, &call->args, &lines, &plan);
	if (lines.audio < 0 && lines.video < 0) {
		cardea_desc_free(answer);
		return cardea_fail(call->error, E_INVALID_SDP,
			"Invalid SDP: it offers neither sound nor pictures that can be recorded");
	}
	if (!ongoing_check(base, call->error)) {
		cardea_desc_free(answer);
		return false;
	}
	if (!cardea_event(s->handle, call->transaction,
		    status("recording", plan.id, plan.is_private), answer))
		return true;
	s->lines = lines;
	if (!ongoing_start(s, &plan, base, call->error)) {
		cardea_close(s->handle);
		return false;
	}
	s->state = STATE_RECORDING;
	cardea_limit(s->handle, s->bitrate_max);
	return true;
}

void record_configured(struct session *s)
{
	cardea_limit(s->handle, s->bitrate_max);
	ongoing_keyframes_changed(s);
}

/* ---- the end ---- */

static void forget_stop(struct session *s)
{
	ongoing_forget(s);
	cardea_timer_stop(s->stop_timer);
	g_clear_pointer(&s->stop_transaction, g_free);
	s->stop_timer = 0;
}

static void stopped(struct session *s)
{
	char *transaction = g_steal_pointer(&s->stop_transaction);
	forget_stop(s);
	cardea_event(
		s->handle, transaction, status("stopped", s->stopped_id, s->stopped_private), NULL);
	g_free(transaction);
	cardea_close(s->handle);
}

static void stop_is_late(void *arg)
{
	stopped(arg);
}

void record_stop(struct session *s, const char *transaction)
{
	s->stopped_id = ongoing_id(s);
	s->stopped_private = ongoing_is_private(s);
	s->stop_transaction = g_strdup(transaction);
	if (ongoing_end(s, stopped))
		s->stop_timer = cardea_timer(STOP_MS, stop_is_late, s);
	else
		stopped(s);
}

void record_drop(struct session *s)
{
	forget_stop(s);
	ongoing_end(s, NULL);
}
