/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The echo test: what a client sends comes back. Each m-line of the PeerConnection is routed to
 * itself. */
#include <stdlib.h>
#include <string.h>
#include "record.h"
#include "schema.h"

#define UNCAPPED_BPS 10000000 /* what clients are told of "no cap" */

struct line {
	enum cardea_kind kind;
	enum cardea_dir dir;
	enum cardea_codec_id codec;
	bool simulcast, svc;
	struct cardea_layer now;
};

struct echo {
	bool audio, video;
	uint32_t bitrate;
	bool has_bitrate;      /* the client has set it; 0 is a value, too */
	uint64_t peer_bitrate; /* what the client can take, by its REMB, 0: nothing yet */
	int substream, temporal, spatial, svc_temporal; /* layers at most, 0 to 2 */
	int64_t fallback_us;
	int min_delay, max_delay; /* 10 ms, -1: as received */
	unsigned slow_links;
	bool wants_record; /* … as soon as there is something to record */
	char *record_name; /* NULL: none was given */
	struct echo_record record;
	unsigned n_lines;
	struct line *lines;
};

static const struct cardea_dialect dialect = { .marker = "echotest" };

static void reset(struct echo *e)
{
	free(e->lines);
	free(e->record_name);
	*e = (struct echo){ .audio = true,
		.video = true,
		.substream = 2,
		.temporal = 2,
		.spatial = 2,
		.svc_temporal = 2,
		.fallback_us = 250000,
		.min_delay = -1,
		.max_delay = -1 };
}

static const char *start(const struct cardea_conf *conf)
{
	struct cardea_args a = cardea_conf_section(conf, "general");
	const char *dir = cardea_str(&a, "rec_dir");
	echo_record_folder(dir && *dir ? dir : NULL);
	return NULL;
}

static int attach(struct cardea_handle *h)
{
	struct echo *e = calloc(1, sizeof *e);
	if (!e)
		return 1;
	reset(e);
	cardea_set_user_data(h, e);
	return 0;
}

static void detach(struct cardea_handle *h)
{
	struct echo *e = cardea_user_data(h);
	reset(e);
	free(e);
}

/* ---- answering an offer ---- */

#define EXTS     (CARDEA_EXTS_USED | 1u << CARDEA_EXT_LAYERS)
#define FEEDBACK (CARDEA_FB_NACK | CARDEA_FB_PLI | CARDEA_FB_FIR | CARDEA_FB_REMB | CARDEA_FB_TWCC)

/* Which of the offered codecs to take: the one asked for, else the first that we route. */
static int choose(const struct cardea_media *m, const struct cardea_args *args)
{
	const char *name = cardea_str(args, m->kind == CARDEA_AUDIO ? "audiocodec" : "videocodec");
	const char *profile = m->kind == CARDEA_VIDEO ? cardea_str(args, "videoprofile") : NULL;
	if (name)
		return cardea_pick(m, cardea_codec_by_name(name), profile);
	int first = cardea_pick_first(m);
	return first >= 0 && profile ? cardea_pick(m, m->codecs[first].id, profile) : first;
}

/* Files have no word for how a picture is to be turned: a phone that may not say it does it. */
static uint32_t extensions(const struct cardea_args *args)
{
	return cardea_bool(args, "record") ? EXTS & ~(1u << CARDEA_EXT_ORIENTATION) : EXTS;
}

static struct cardea_desc *answer(const struct cardea_desc *offer, const struct cardea_args *args)
{
	struct cardea_desc *a = cardea_answer_new(offer);
	for (unsigned i = 0; i < offer->n_media; i++) {
		const struct cardea_media *m = &offer->media[i];
		if (m->kind == CARDEA_DATA)
			cardea_accept(a, offer, i,
				&(struct cardea_accept){
					.size = sizeof(struct cardea_accept), .dir = m->dir });
		if (m->rejected || (m->kind != CARDEA_AUDIO && m->kind != CARDEA_VIDEO))
			continue;
		int codec = choose(m, args);
		if (codec < 0)
			continue;
		char fmtp[256];
		bool opus = m->codecs[codec].id == CARDEA_OPUS;
		if (opus)
			cardea_opus_fmtp(fmtp, sizeof fmtp, m->codecs[codec].fmtp, true, true);
		cardea_accept(a, offer, i,
			&(struct cardea_accept){ .size = sizeof(struct cardea_accept),
				/* Who only wants to listen gets nothing: there is nothing of theirs
				 * to echo. */
				.dir = m->dir & CARDEA_RECV ? m->dir : CARDEA_INACTIVE,
				.codec = codec,
				.exts = extensions(args),
				.feedback = FEEDBACK,
				.fmtp = opus ? fmtp : NULL,
				.red = opus && cardea_bool(args, "opusred") });
	}
	return a;
}

/* What is agreed on with this answer, which itself is given away. @return NULL: out of memory */
static struct line *agreed(
	const struct echo *e, const struct cardea_desc *offer, const struct cardea_desc *answer)
{
	struct line *lines = calloc(answer->n_media, sizeof *lines);
	if (!lines)
		return NULL;
	for (unsigned i = 0; i < answer->n_media; i++) {
		const struct cardea_media *m = &answer->media[i];
		lines[i] = i < e->n_lines ? e->lines[i]
					  : (struct line){ .now = { .substream = -1,
								   .temporal = -1,
								   .spatial = -1,
								   .svc_temporal = -1 } };
		lines[i].kind = m->kind;
		lines[i].dir = m->rejected ? CARDEA_INACTIVE : m->dir;
		lines[i].codec = m->n_codecs ? m->codecs[0].id : CARDEA_CODEC_NONE;
		lines[i].simulcast = offer->media[i].n_layers > 1;
		lines[i].svc = offer->media[i].svc;
	}
	return lines;
}

static void cap(struct cardea_handle *h, const struct echo *e)
{
	if (e->has_bitrate)
		cardea_limit(h, e->bitrate ? e->bitrate : UNCAPPED_BPS);
}

/* It is in force: so is the cap, which may be older than the connection. */
static void remember(struct cardea_handle *h, struct echo *e, struct line *lines, unsigned n_lines)
{
	free(e->lines);
	e->lines = lines;
	e->n_lines = n_lines;
	cap(h, e);
}

/* ---- routes ---- */

static void route_all(struct cardea_handle *h, const struct echo *e)
{
	for (unsigned i = 0; i < e->n_lines; i++) {
		const struct line *l = &e->lines[i];
		struct cardea_track t = { h, i };
		if (l->dir != CARDEA_SENDRECV)
			continue;
		cardea_route(t, t,
			&(struct cardea_want){ .size = sizeof(struct cardea_want),
				.max_layer = (unsigned)e->substream + 1,
				.max_temporal = (unsigned)e->temporal + 1,
				.max_spatial = (unsigned)e->spatial + 1,
				.max_svc_temporal = (unsigned)e->svc_temporal + 1,
				.fallback_us = e->fallback_us,
				.paused = l->kind == CARDEA_AUDIO ? !e->audio : !e->video,
				.min_delay = e->min_delay + 1,
				.max_delay = e->max_delay + 1 });
	}
}

static void ask_keyframes(struct cardea_handle *h, const struct echo *e)
{
	for (unsigned i = 0; i < e->n_lines; i++)
		if (e->lines[i].kind == CARDEA_VIDEO && e->lines[i].dir & CARDEA_RECV)
			cardea_keyframe((struct cardea_track){ h, i });
}

/* ---- recording ---- */

static int first_line(const struct echo *e, enum cardea_kind kind)
{
	for (unsigned i = 0; i < e->n_lines; i++)
		if (e->lines[i].kind == kind && e->lines[i].dir & CARDEA_RECV)
			return (int)i;
	return -1;
}

/* What is wanted, of the m-lines that there are now. */
static bool record(struct cardea_handle *h, struct echo *e, struct cardea_error *error)
{
	struct echo_record *r = &e->record;
	r->audio = first_line(e, CARDEA_AUDIO);
	r->video = first_line(e, CARDEA_VIDEO);
	r->data = first_line(e, CARDEA_DATA);
	cardea_record_tracks(r->id, r->audio, r->video, r->data);
	if (!e->wants_record)
		echo_record_stop(r);
	else if (e->n_lines && !echo_record_start(h, r, e->record_name, error))
		return e->wants_record = false;
	return true;
}

static void want_record(struct echo *e, const struct cardea_args *args)
{
	const char *name = cardea_str(args, "filename");
	if (!cardea_given(args, "record"))
		return;
	e->wants_record = cardea_bool(args, "record");
	if (e->record.id)
		return;
	free(e->record_name);
	e->record_name = name && *name ? strdup(name) : NULL;
}

/* ---- layers, as the client is told ---- */

static json_t *layer_event(const struct line *l)
{
	const char *codec = cardea_codec_name(l->codec);
	return json_pack("{s:s, s:s*}", "echotest", "event", "videocodec", codec);
}

static void set_layer(json_t *event, const char *name, int value)
{
	if (value >= 0)
		json_object_set_new(event, name, json_integer(value));
}

/* A layer that is wanted and already there will not change: tell so now, clients highlight it. */
static void tell_current(
	struct cardea_handle *h, const struct echo *e, const struct cardea_args *args)
{
	for (unsigned i = 0; i < e->n_lines; i++) {
		const struct line *l = &e->lines[i];
		const struct {
			const char *name;
			bool applies;
			int now, wanted;
		} rows[] = {
			{ "substream", l->simulcast, l->now.substream, e->substream },
			{ "temporal", l->simulcast, l->now.temporal, e->temporal },
			{ "spatial_layer", l->svc, l->now.spatial, e->spatial },
			{ "temporal_layer", l->svc, l->now.svc_temporal, e->svc_temporal },
		};
		for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
			if (!rows[r].applies || !cardea_given(args, rows[r].name) ||
				rows[r].now != rows[r].wanted)
				continue;
			json_t *event = layer_event(l);
			set_layer(event, rows[r].name, rows[r].now);
			cardea_event(h, NULL, event, NULL);
		}
	}
}

static void layer(struct cardea_handle *h, unsigned mindex, const struct cardea_layer *now)
{
	struct echo *e = cardea_user_data(h);
	if (mindex >= e->n_lines)
		return;
	struct line *l = &e->lines[mindex];
	json_t *event = layer_event(l);
	if (l->simulcast) {
		if (now->substream != l->now.substream)
			set_layer(event, "substream", now->substream);
		if (now->temporal != l->now.temporal)
			set_layer(event, "temporal", now->temporal);
	} else if (l->svc) {
		set_layer(event, "spatial_layer", now->spatial);
		set_layer(event, "temporal_layer", now->svc_temporal);
	}
	l->now = *now;
	if (json_object_size(event) > 2)
		cardea_event(h, NULL, event, NULL);
	else
		json_decref(event);
}

/* ---- data channels ---- */

/* Back on the same channel, binary messages as they are. */
static bool data(struct cardea_handle *h, const struct cardea_data *what)
{
	/* clients may wait for these very words */
	static const char wrote[] = "Janus EchoTest here! You wrote: ";
	const size_t n = sizeof wrote - 1;
	struct cardea_data back = *what;
	char *text;
	if (what->is_binary)
		return cardea_data_send(h, &back);
	if (!(text = malloc(n + what->len)))
		return true;
	memcpy(text, wrote, n);
	memcpy(text + n, what->bytes, what->len);
	back.bytes = text;
	back.len = n + what->len;
	bool taken = cardea_data_send(h, &back);
	free(text);
	return taken;
}

/* ---- requests ---- */

static void apply_delays(struct echo *e, const struct cardea_args *args)
{
	bool min = cardea_given(args, "min_delay"), max = cardea_given(args, "max_delay");
	if (min)
		e->min_delay = (int)cardea_int(args, "min_delay");
	if (max)
		e->max_delay = (int)cardea_int(args, "max_delay");
	if ((min && e->min_delay < 0) || (max && e->max_delay < 0))
		e->min_delay = e->max_delay = -1;
	else if (min && e->max_delay < e->min_delay)
		e->max_delay = e->min_delay;
	else if (!min && max && e->min_delay > e->max_delay)
		e->min_delay = e->max_delay;
	else if (!min && max && e->min_delay < 0)
		e->min_delay = 0;
}

static void apply(struct cardea_handle *h, struct echo *e, const struct cardea_args *args)
{
	bool had_video = e->video;
	if (cardea_given(args, "audio"))
		e->audio = cardea_bool(args, "audio");
	if (cardea_given(args, "video"))
		e->video = cardea_bool(args, "video");
	if (e->video && !had_video)
		ask_keyframes(h, e);
	const struct {
		const char *name;
		int *at;
	} layers[] = {
		{ "substream", &e->substream },
		{ "temporal", &e->temporal },
		{ "spatial_layer", &e->spatial },
		{ "temporal_layer", &e->svc_temporal },
	};
	for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
		if (cardea_given(args, layers[i].name))
			*layers[i].at = (int)cardea_int(args, layers[i].name);
	if (cardea_given(args, "fallback"))
		e->fallback_us = cardea_int(args, "fallback");
	if (cardea_given(args, "bitrate")) {
		e->bitrate = (uint32_t)cardea_int(args, "bitrate");
		e->has_bitrate = true;
		cap(h, e);
	}
	apply_delays(e, args);
}

static void tell_handlers(struct cardea_handle *h, const struct echo *e)
{
	if (cardea_events_are_on())
		cardea_notify(
			h, json_pack("{s:b, s:b, s:I}", "audio_active", e->audio, "video_active",
				   e->video, "bitrate", (json_int_t)e->bitrate));
}

static void message(struct cardea_handle *h, struct cardea_message *m)
{
	struct echo *e = cardea_user_data(h);
	const struct cardea_desc *offer = cardea_remote(m);
	struct cardea_args args = { cardea_body(m), echo_fields };
	struct cardea_error error = { 0 };
	const char *tx = cardea_transaction(m);
	cardea_ack(m);
	if (!echo_check(args.obj, offer != NULL, &error) ||
		(offer && offer->type != CARDEA_OFFER &&
			!cardea_fail(&error, 414, "This plugin takes offers only"))) {
		cardea_event(h, tx, cardea_error_json(&dialect, &error), NULL);
		return;
	}
	struct cardea_desc *ours = offer ? answer(offer, &args) : NULL;
	struct line *lines = ours ? agreed(e, offer, ours) : NULL;
	if (ours && !lines) {
		cardea_desc_free(ours);
		ours = NULL;
	}
	if (!ours)
		tell_current(h, e, &args);
	if (ours)
		ours->e2ee = offer->e2ee;
	want_record(e, &args);
	if (!offer && !record(h, e, &error)) {
		cardea_event(h, tx, cardea_error_json(&dialect, &error), NULL);
		apply(h, e, &args);
		route_all(h, e);
		return;
	}
	bool sent = cardea_event(
		h, tx, json_pack("{s:s, s:s}", "echotest", "event", "result", "ok"), ours);
	if (sent && lines)
		remember(h, e, lines, offer->n_media);
	else
		free(lines);
	apply(h, e, &args);
	tell_handlers(h, e);
	if (sent)
		route_all(h, e);
	if (sent && offer && !record(h, e, &error))
		cardea_event(h, NULL, cardea_error_json(&dialect, &error), NULL);
}

/* ---- what the core tells ---- */

static void hangup(struct cardea_handle *h, const char *reason)
{
	(void)reason;
	cardea_event(h, NULL, json_pack("{s:s, s:s}", "echotest", "event", "result", "done"), NULL);
	reset(cardea_user_data(h));
}

static void slow_link(struct cardea_handle *h, unsigned mindex, bool uplink, unsigned lost)
{
	struct echo *e = cardea_user_data(h);
	(void)lost;
	/* What the client sent was lost: there a lower bitrate, which it can ask for, helps. */
	if (uplink || mindex >= e->n_lines)
		return;
	bool video = e->lines[mindex].kind == CARDEA_VIDEO;
	json_t *event = json_pack("{s:s, s:s, s:s}", "echotest", "event", "event", "slow_link",
		"media", video ? "video" : "audio");
	if (video)
		json_object_set_new(event, "current-bitrate", json_integer(e->bitrate));
	e->slow_links++;
	cardea_event(h, NULL, event, NULL);
}

static void estimate(struct cardea_handle *h, uint64_t bps)
{
	struct echo *e = cardea_user_data(h);
	e->peer_bitrate = bps;
}

static void query_line(json_t *info, const struct echo *e, const struct line *l)
{
	const char *codec = cardea_codec_name(l->codec);
	if (codec)
		json_object_set_new(info, l->kind == CARDEA_AUDIO ? "audio_codec" : "video_codec",
			json_string(codec));
	if (l->simulcast) {
		json_object_set_new(info, "simulcast", json_true());
		json_object_set_new(info, "substream", json_integer(l->now.substream));
		json_object_set_new(info, "substream-target", json_integer(e->substream));
		json_object_set_new(info, "temporal-layer", json_integer(l->now.temporal));
		json_object_set_new(info, "temporal-layer-target", json_integer(e->temporal));
	} else if (l->svc) {
		json_object_set_new(info, "svc", json_true());
		json_object_set_new(info, "spatial-layer", json_integer(l->now.spatial));
		json_object_set_new(info, "spatial-layer-target", json_integer(e->spatial));
		json_object_set_new(info, "temporal-layer", json_integer(l->now.svc_temporal));
		json_object_set_new(info, "temporal-layer-target", json_integer(e->svc_temporal));
	}
}

static json_t *query(struct cardea_handle *h)
{
	const struct echo *e = cardea_user_data(h);
	json_t *info = json_pack("{s:b, s:b, s:I, s:I}", "audio_active", e->audio, "video_active",
		e->video, "bitrate", (json_int_t)e->bitrate, "peer-bitrate",
		(json_int_t)e->peer_bitrate);
	for (unsigned i = 0; i < e->n_lines; i++)
		query_line(info, e, &e->lines[i]);
	if (e->record.id)
		json_object_set_new(info, "recording", json_true());
	json_object_set_new(info, "slowlink_count", json_integer(e->slow_links));
	json_object_set_new(info, "hangingup", json_integer(0));
	json_object_set_new(info, "destroyed", json_integer(0));
	return info;
}

/* There is nothing to ask the plugin itself. */
static json_t *admin(const json_t *request)
{
	(void)request;
	return NULL;
}

CARDEA_API const struct cardea_plugin cardea_plugin = {
	.size = sizeof(struct cardea_plugin),
	.abi = CARDEA_PLUGIN_ABI,
	.name = "echotest",
	.title = "Cardea EchoTest plugin",
	.description =
		"Sends back to the browser what it sends, to try devices, codecs and layers.",
	.author = "The Cardea developers",
	.version_string = "0.1.0",
	.version = 1,
	.options = echo_options,
	.start = start,
	.attach = attach,
	.detach = detach,
	.message = message,
	.hangup = hangup,
	.layer = layer,
	.data = data,
	.slow_link = slow_link,
	.estimate = estimate,
	.query = query,
	.admin = admin,
	.requests = echo_requests,
	.errors = echo_errors,
};
