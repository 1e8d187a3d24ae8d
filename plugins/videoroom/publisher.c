/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "empty.h"
#include "face.h"
#include "named.h"
#include "news.h"
#include "room.h"
#include "schema.h"
#include "sfu.h"

/** @file
 * Participants: they join, publish with an offer, change what they publish, and go. */

#define EXTS_ALWAYS \
	(1u << CARDEA_EXT_MID | 1u << CARDEA_EXT_RID | 1u << CARDEA_EXT_RRID | \
		1u << CARDEA_EXT_ABS_SEND_TIME | 1u << CARDEA_EXT_ABS_CAPTURE_TIME | \
		1u << CARDEA_EXT_DEPENDENCY)
#define SILENCE        127 /* dBov below the loudest */
#define PROBE_MS       2000
#define FEEDBACK_VIDEO (CARDEA_FB_NACK | CARDEA_FB_PLI | CARDEA_FB_FIR | CARDEA_FB_REMB)

/* ---- telling of it ---- */

static void announce(struct publisher *p)
{
	json_t *event = event_new(p->room);
	json_object_set_new(event, "publishers", json_pack("[o]", publisher_json(p, false)));
	p->announced = true;
	room_tell(p->room, p, event);
	news_tracks(p);
}

/* ---- joining ---- */

static void set_levels(struct publisher *p, const struct cardea_args *args)
{
	if (cardea_given(args, "audio_active_packets"))
		p->audio_active_packets = (unsigned)cardea_int(args, "audio_active_packets");
	if (cardea_given(args, "audio_level_average"))
		p->audio_level_average = (unsigned)cardea_int(args, "audio_level_average");
}

/* 31 bits: clients keep it in an int. */
static uint32_t fresh_private_id(const struct room *r)
{
	uint32_t n;
	do {
		cardea_random(&n, sizeof n);
		n >>= 1;
	} while (!n || g_hash_table_contains(r->by_private_id, GUINT_TO_POINTER(n)));
	return n;
}

/* The id that a participant wants, NULL: any. At /sfu each brings its own, and 0 is one. */
static const json_t *wanted_id(const struct cardea_call *c)
{
	const json_t *id = cardea_json(&c->args, "id");
	return ident_is_any(id) && !cardea_is_direct(c->handle) ? NULL : id;
}

static struct publisher *publisher_new(struct cardea_call *c, struct room *r)
{
	const json_t *id = wanted_id(c);
	struct publisher *p = g_new0(struct publisher, 1);
	p->room = r;
	p->handle = c->handle;
	if (id)
		ident_set(&p->id, id);
	else
		ident_random(&p->id, r->publishers);
	p->private_id = fresh_private_id(r);
	name_set(p, &c->args);
	set_levels(p, &c->args);
	if (cardea_is_direct(p->handle)) {
		p->name = g_strdup(sfu_name(p->handle));
		p->named = named_new();
	}
	g_hash_table_insert(r->publishers, p->id.text, p);
	g_hash_table_insert(r->by_private_id, GUINT_TO_POINTER(p->private_id), p);
	empty_touch(r);
	return p;
}

static json_t *joined_json(const struct publisher *p)
{
	const struct room *r = p->room;
	json_t *publishers = json_array(), *attendees = json_array();
	GHashTableIter it;
	struct publisher *other;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&other)) {
		if (other == p)
			continue;
		if (other->announced)
			json_array_append_new(publishers, publisher_json(other, true));
		if (other->announced || !r->notify_joining)
			continue;
		json_t *who = json_pack("{s:O}", "id", other->id.json);
		name_json(who, other);
		json_array_append_new(attendees, who);
	}
	json_t *j = json_pack("{s:s, s:O, s:s, s:O, s:I, s:o}", "videoroom", "joined", "room",
		r->id.json, "description", r->description, "id", p->id.json, "private_id",
		(json_int_t)p->private_id, "publishers", publishers);
	if (r->notify_joining)
		json_object_set(j, "attendees", attendees);
	json_decref(attendees);
	if (p->audio_active_packets)
		json_object_set_new(
			j, "audio_active_packets", json_integer(p->audio_active_packets));
	if (p->audio_level_average)
		json_object_set_new(j, "audio_level_average", json_integer(p->audio_level_average));
	return j;
}

bool publisher_join(struct cardea_call *c, struct room *r, bool configure)
{
	struct member *m = cardea_user_data(c->handle);
	struct ident id = { 0 };
	if (!name_fits(r, NULL, &c->args, c->error))
		return false;
	/* Nothing may be refused behind it: a holder that is gone loses its place by it, and a room
	 * that is full, one. */
	bool taken = ident_set(&id, wanted_id(c)) &&
		     !publisher_yields(g_hash_table_lookup(r->publishers, id.text));
	if (taken)
		cardea_fail(c->error, E_ID_EXISTS, "User ID %s already exists", id.text);
	ident_clear(&id);
	if (taken)
		return false;
	if (g_hash_table_size(r->publishers) >= ROOM_PEOPLE_MAX)
		return cardea_fail(c->error, E_PUBLISHERS_FULL,
			"Maximum number of participants in a room (%d) already reached",
			ROOM_PEOPLE_MAX);
	struct publisher *p = publisher_new(c, r);
	m->role = ROLE_PUBLISHER;
	m->publisher = p;
	c->data = joined_json(p);
	cardea_place(c->handle, g_str_hash(r->id.text));
	if (r->notify_joining) {
		json_t *who = json_pack("{s:O}", "id", p->id.json), *event = event_new(r);
		name_json(who, p);
		json_object_set_new(event, "joining", who);
		room_tell(r, p, event);
	}
	news_joined(p);
	return !configure || publisher_request(c, p);
}

/* ---- publishing ---- */

static const enum cardea_codec_id *room_codecs(const struct room *r, enum cardea_kind kind)
{
	return kind == CARDEA_AUDIO ? r->audio : r->video;
}

/* The room's first codec that the m-line offers, or the one the publisher insists on. */
static int choose_codec(const struct room *r, const struct cardea_media *m, const char *forced)
{
	const enum cardea_codec_id *allowed = room_codecs(r, m->kind);
	for (unsigned i = 0; i < ROOM_CODECS && allowed[i]; i++) {
		const char *profile = allowed[i] == CARDEA_VP9    ? r->vp9_profile
				      : allowed[i] == CARDEA_H264 ? r->h264_profile
								  : NULL;
		if (forced && cardea_codec_by_name(forced) != allowed[i])
			continue;
		int at = cardea_pick(m, allowed[i], profile);
		if (at >= 0)
			return at;
	}
	return -1;
}

static bool codec_in_room(const struct room *r, enum cardea_kind kind, const char *name)
{
	const enum cardea_codec_id *allowed = room_codecs(r, kind);
	for (unsigned i = 0; i < ROOM_CODECS && allowed[i]; i++)
		if (name && cardea_codec_by_name(name) == allowed[i])
			return true;
	return !name;
}

/* What the publisher says goes before what the room says, except where that is a cap for all. */
unsigned publisher_bitrate(const struct publisher *p)
{
	const struct room *r = p->room;
	unsigned own = p->has_bitrate || !r ? p->bitrate : r->bitrate;
	return r && r->bitrate_cap && r->bitrate && (own == 0 || own > r->bitrate) ? r->bitrate
										   : own;
}

static uint32_t extensions(const struct room *r)
{
	return EXTS_ALWAYS | (r->audiolevel_ext ? 1u << CARDEA_EXT_AUDIO_LEVEL : 0) |
	       (r->videoorient_ext ? 1u << CARDEA_EXT_ORIENTATION : 0) |
	       (r->playoutdelay_ext ? 1u << CARDEA_EXT_PLAYOUT_DELAY : 0) |
	       (r->transport_cc_ext ? 1u << CARDEA_EXT_TWCC : 0);
}

static bool takes_red(const struct room *r, const struct cardea_media *m)
{
	return r->opusred == RED_ALL || (r->opusred == RED_PREFERRED && m->red_first);
}

static struct cardea_desc *answer(
	const struct publisher *p, const struct cardea_desc *offer, const struct cardea_args *args)
{
	const struct room *r = p->room;
	struct cardea_desc *a = cardea_answer_new(offer);
	snprintf(a->name, sizeof a->name, "VideoRoom %s", r->id.text);
	a->e2ee = offer->e2ee;
	for (unsigned i = 0; i < offer->n_media; i++) {
		const struct cardea_media *m = &offer->media[i];
		bool video = m->kind == CARDEA_VIDEO;
		if (m->kind == CARDEA_DATA && !p->named)
			cardea_accept(a, offer, i,
				&(struct cardea_accept){
					.size = sizeof(struct cardea_accept), .dir = m->dir });
		if (m->rejected || (m->kind != CARDEA_AUDIO && !video) || !(m->dir & CARDEA_RECV))
			continue;
		int codec =
			choose_codec(r, m, cardea_str(args, video ? "videocodec" : "audiocodec"));
		if (codec < 0)
			continue;
		char fmtp[256];
		bool opus = m->codecs[codec].id == CARDEA_OPUS;
		if (opus)
			cardea_opus_fmtp(
				fmtp, sizeof fmtp, m->codecs[codec].fmtp, r->opus_fec, r->opus_dtx);
		cardea_accept(a, offer, i,
			&(struct cardea_accept){ .size = sizeof(struct cardea_accept),
				.dir = !p->named || named_of(p->named, i) ? CARDEA_RECV
									  : CARDEA_INACTIVE,
				.codec = codec,
				.exts = extensions(r),
				.fmtp = opus ? fmtp : NULL,
				.red = opus && takes_red(r, m),
				.feedback = (video ? FEEDBACK_VIDEO : 0) |
					    (r->transport_cc_ext ? CARDEA_FB_TWCC : 0),
				.bandwidth_bps =
					video && r->bitrate_cap ? publisher_bitrate(p) : 0 });
	}
	return a;
}

static void fill_stream(
	struct stream *s, const struct cardea_media *offered, const struct cardea_media *m)
{
	char value[32];
	s->kind = offered->kind;
	g_strlcpy(s->mid, offered->mid, sizeof s->mid);
	s->disabled = m->rejected || !(m->dir & CARDEA_RECV);
	s->codec = s->disabled || !m->n_codecs ? CARDEA_CODEC_NONE : m->codecs[0].id;
	s->simulcast = !s->disabled && offered->n_layers > 1;
	s->svc = !s->disabled && offered->svc;
	s->exts = 0;
	*s->profile = *s->fmtp = '\0';
	s->stereo = s->fec = s->dtx = s->red = false;
	if (s->disabled || !m->n_codecs)
		return;
	for (unsigned x = 0; x < CARDEA_N_EXT; x++)
		s->exts |= m->ext[x] && !(m->ext_send_only & 1u << x) ? 1u << x : 0;
	s->red = m->codecs[0].red_pt != 0;
	const char *fmtp = m->codecs[0].fmtp;
	g_strlcpy(s->fmtp, fmtp, sizeof s->fmtp);
	s->stereo = cardea_fmtp_get(fmtp, "stereo", value, sizeof value) && *value == '1';
	s->fec = cardea_fmtp_get(fmtp, "useinbandfec", value, sizeof value) && *value == '1';
	s->dtx = cardea_fmtp_get(fmtp, "usedtx", value, sizeof value) && *value == '1';
	if (cardea_fmtp_get(fmtp, s->codec == CARDEA_H264 ? "profile-level-id" : "profile-id",
		    value, sizeof value))
		g_strlcpy(s->profile, value, sizeof s->profile);
}

static void stream_clear(struct stream *s)
{
	g_free(s->description);
	g_free(s->track_id);
}

static void streams_free(struct stream *streams, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		stream_clear(&streams[i]);
	g_free(streams);
}

static void clear_streams(struct publisher *p)
{
	streams_free(p->streams, p->n_streams);
	p->streams = NULL;
	p->n_streams = 0;
}

/* What an offer and our answer make of the streams; what the publisher and the room have said of
 * them stays. */
static struct stream *agreed_streams(
	const struct publisher *p, const struct cardea_desc *offer, const struct cardea_desc *ours)
{
	struct stream *all = g_new0(struct stream, ours->n_media);
	for (unsigned i = 0; i < ours->n_media; i++) {
		struct stream *s = &all[i];
		*s = i < p->n_streams ? p->streams[i]
				      : (struct stream){ .min_delay = -1, .max_delay = -1 };
		s->description = g_strdup(s->description);
		s->track_id = g_strdup(p->named ? named_of(p->named, i) : NULL);
		fill_stream(s, &offer->media[i], &ours->media[i]);
	}
	return all;
}

/* The new streams are in force; what they have taken away is taken from the subscribers. */
static void settle_streams(struct publisher *p, struct stream *before, unsigned n_before)
{
	bool gone[CARDEA_MEDIA_MAX] = { false }, any = false;
	for (unsigned i = 0; i < n_before; i++) {
		struct stream *s = &p->streams[i];
		if (before[i].told && g_strcmp0(before[i].track_id, s->track_id) != 0) {
			news_track(p, &before[i], false);
			s->told = false;
		}
		gone[i] = before[i].codec && before[i].codec != s->codec;
		any |= gone[i];
	}
	if (any)
		subscribers_drop_feed(p->room, p, gone);
	for (unsigned i = 0; i < n_before; i++)
		if (!(p->streams[i].exts & 1u << CARDEA_EXT_AUDIO_LEVEL))
			publisher_talking(p, i, false, SILENCE);
	streams_free(before, n_before);
}

static void watch_levels(const struct publisher *p)
{
	const struct room *r = p->room;
	unsigned packets =
		p->audio_active_packets ? p->audio_active_packets : r->audio_active_packets;
	unsigned level = p->audio_level_average ? p->audio_level_average : r->audio_level_average;
	for (unsigned i = 0; r->audiolevel_event && i < p->n_streams; i++)
		if (p->streams[i].exts & 1u << CARDEA_EXT_AUDIO_LEVEL)
			cardea_watch_level((struct cardea_track){ p->handle, i }, packets, level);
}

static void set_descriptions(struct publisher *p, const struct cardea_args *args)
{
	const json_t *list = cardea_json(args, "descriptions"), *row;
	size_t i;
	json_array_foreach(list, i, row) {
		int at = publisher_find_mid(p, json_string_value(json_object_get(row, "mid")));
		if (at < 0)
			continue;
		g_free(p->streams[at].description);
		p->streams[at].description =
			g_strdup(json_string_value(json_object_get(row, "description")));
	}
}

/* ---- changing ---- */

static void rename_publisher(struct publisher *p, const struct cardea_args *args)
{
	bool named = cardea_given(args, "display"), described = cardea_given(args, "metadata");
	bool had = p->display != NULL;
	name_set(p, args);
	if (!(named && had) && !described)
		return;
	json_t *event = json_pack("{s:s, s:O}", "videoroom", "event", "id", p->id.json);
	if (named && had)
		json_object_set_new(event, "display", json_string(p->display));
	if (described)
		json_object_set(event, "metadata", p->metadata);
	room_tell(p->room, p, event);
}

static void set_muted(struct publisher *p, unsigned i, bool muted)
{
	struct stream *s = &p->streams[i];
	if (s->muted == muted)
		return;
	s->muted = muted;
	cardea_mute((struct cardea_track){ p->handle, i }, s->muted || s->moderated);
}

static void configure_line(struct publisher *p, unsigned i, const struct cardea_args *args)
{
	struct stream *s = &p->streams[i];
	struct cardea_track t = { p->handle, i };
	bool delays = cardea_given(args, "min_delay") || cardea_given(args, "max_delay");
	if (cardea_given(args, "send"))
		set_muted(p, i, !cardea_bool(args, "send"));
	if (cardea_bool(args, "keyframe") && s->kind == CARDEA_VIDEO)
		cardea_keyframe(t);
	if (delays) {
		s->min_delay = cardea_given(args, "min_delay") ? (int)cardea_int(args, "min_delay")
							       : s->min_delay;
		s->max_delay = cardea_given(args, "max_delay") ? (int)cardea_int(args, "max_delay")
							       : s->max_delay;
		if (s->min_delay < 0)
			s->max_delay = -1;
		else if (s->max_delay < s->min_delay)
			s->max_delay = s->min_delay;
		s->delays_new = true;
	}
}

/* Is there a stream of this name, or will there be with the offer that comes along? */
static bool has_mid(const struct publisher *p, const struct cardea_desc *offer, const char *mid)
{
	for (unsigned i = 0; offer && i < offer->n_media; i++)
		if (!strcmp(offer->media[i].mid, mid))
			return true;
	return !offer && publisher_find_mid(p, mid) >= 0;
}

static bool check_mid(const struct publisher *p, const struct cardea_call *c, const char *mid)
{
	return !mid || has_mid(p, c->remote, mid) ||
	       cardea_fail(c->error, E_NO_SUCH_FEED, "No such mid '%s' published", mid);
}

static bool check_lines(const struct publisher *p, const struct cardea_call *c)
{
	const json_t *list = cardea_json(&c->args, "streams"), *row;
	size_t i;
	json_array_foreach(list, i, row) {
		const char *mid = json_string_value(json_object_get(row, "mid"));
		if (!mid && json_array_size(list) > 1)
			return cardea_fail(c->error, E_INVALID,
				"Invalid value (mid can't be null in a streams array)");
		if (!check_mid(p, c, mid))
			return false;
	}
	return check_mid(p, c, cardea_str(&c->args, "mid"));
}

static void configure_row(struct publisher *p, const struct cardea_args *row)
{
	const char *mid = cardea_str(row, "mid");
	for (unsigned i = 0; i < p->n_streams; i++)
		if (!p->streams[i].disabled && (!mid || !strcmp(p->streams[i].mid, mid)))
			configure_line(p, i, row);
}

/* The older way: audio, video, data mute all m-lines of a kind; any mid makes them moot. */
static void mute_kinds(struct publisher *p, const struct cardea_args *args)
{
	for (unsigned i = 0; i < p->n_streams; i++) {
		const char *kind = kind_name(p->streams[i].kind);
		if (!p->streams[i].disabled && cardea_given(args, kind))
			set_muted(p, i, !cardea_bool(args, kind));
	}
}

static void configure_lines(struct publisher *p, const struct cardea_args *args)
{
	const json_t *list = cardea_json(args, "streams"), *row;
	bool by_mid = cardea_given(args, "mid");
	size_t i;
	json_array_foreach(list, i, row) {
		struct cardea_args a = { row, line_fields };
		by_mid |= cardea_given(&a, "mid");
		configure_row(p, &a);
	}
	if (!list)
		configure_row(p, args);
	if (!by_mid)
		mute_kinds(p, args);
	subscribers_reroute(p->room, p);
}

/* ---- an offer ---- */

static bool may_publish(struct cardea_call *c, const struct publisher *p)
{
	const struct cardea_desc *offer = c->remote;
	if (offer->type != CARDEA_OFFER)
		return cardea_fail(
			c->error, E_INVALID_SDP_TYPE, "Invalid SDP type (publishers send offers)");
	if (offer->n_media < p->n_streams)
		return cardea_fail(
			c->error, E_INVALID_SDP, "Invalid SDP (m-lines have gone missing)");
	if (p->room->require_e2ee && !offer->e2ee)
		return cardea_fail(
			c->error, E_UNAUTHORIZED, "Room requires end-to-end encrypted media");
	for (int video = 0; video < 2; video++) {
		const char *field = video ? "videocodec" : "audiocodec",
			   *name = cardea_str(&c->args, field);
		if (!codec_in_room(p->room, video ? CARDEA_VIDEO : CARDEA_AUDIO, name))
			return cardea_fail(c->error, E_INVALID,
				"Invalid element (%s %s is not allowed in the room)", field, name);
	}
	if (!p->publishing && room_active_publishers(p->room, p) >= p->room->max_publishers)
		return cardea_fail(c->error, E_PUBLISHERS_FULL,
			"Maximum number of publishers (%u) already reached",
			p->room->max_publishers);
	if (offer->n_media > p->n_streams &&
		room_streams(p->room, p) + offer->n_media > ROOM_STREAMS_MAX)
		return cardea_fail(c->error, E_PUBLISHERS_FULL,
			"Maximum number of streams in a room (%d) already reached",
			ROOM_STREAMS_MAX);
	return true;
}

/* Send the answer to an offer, with c->data, which is ready but for codecs and streams. @return
 * false: the client has been told why not, and all is as it was */
static bool answer_offer(struct cardea_call *c, struct publisher *p)
{
	const struct cardea_desc *offer = c->remote;
	struct cardea_desc *ours = answer(p, offer, &c->args);
	struct stream *before = p->streams;
	unsigned n_before = p->n_streams;
	p->streams = agreed_streams(p, offer, ours);
	p->n_streams = ours->n_media;
	set_descriptions(p, &c->args);
	codecs_json(c->data, p);
	json_object_set_new(c->data, "streams", streams_json(p, false));
	bool ok = tell_description(c->handle, c->transaction, c->data, ours);
	c->data = NULL; /* sent */
	if (ok) {
		settle_streams(p, before, n_before);
		return true;
	}
	streams_free(p->streams, p->n_streams);
	p->streams = before;
	p->n_streams = n_before;
	return false;
}

/* Who receives what is not encrypted cannot go on with what is: the far end would show noise. */
static void set_e2ee(struct publisher *p, bool e2ee)
{
	if (p->publishing && p->e2ee != e2ee)
		subscribers_drop_feed(p->room, p, NULL);
	p->e2ee = e2ee;
}

static void publish(struct cardea_call *c, struct publisher *p)
{
	if (!answer_offer(c, p))
		return;
	set_e2ee(p, c->remote->e2ee);
	p->publishing = true;
	cardea_limit(c->handle, publisher_bitrate(p));
	watch_levels(p);
	configure_lines(p, &c->args);
	if (p->announced)
		announce(p);
}

static void set_bitrate(struct publisher *p, const struct cardea_args *args)
{
	if (!cardea_given(args, "bitrate"))
		return;
	unsigned bps = (unsigned)cardea_int(args, "bitrate");
	p->bitrate = bps && bps < ROOM_MIN_BITRATE ? ROOM_MIN_BITRATE : bps;
	p->has_bitrate = true;
	if (p->publishing)
		cardea_limit(p->handle, publisher_bitrate(p));
}

bool publisher_request(struct cardea_call *c, struct publisher *p)
{
	const struct cardea_args *args = &c->args;
	if (!check_lines(p, c) || (c->remote && !may_publish(c, p)) ||
		!name_fits(p->room, p, args, c->error))
		return false;
	if (!c->data) {
		c->data = event_new(p->room);
		json_object_set_new(c->data, "configured", json_string("ok"));
		rename_publisher(p, args);
	}
	set_bitrate(p, args);
	set_levels(p, args);
	if (c->remote) {
		publish(c, p);
		return true;
	}
	if (p->publishing)
		watch_levels(p);
	configure_lines(p, args);
	if (p->announced && cardea_given(args, "descriptions")) {
		set_descriptions(p, args);
		announce(p);
	}
	return true;
}

/* ---- going ---- */

/* The streams are gone: from the subscribers first, whoever holds one, then the others hear of
 * it. */
static void withdraw(struct publisher *p, bool tell)
{
	if (p->room)
		subscribers_drop_feed(p->room, p, NULL);
	if (p->room && p->announced && tell) {
		json_t *event = event_new(p->room);
		json_object_set(event, "unpublished", p->id.json);
		name_json(event, p);
		room_tell(p->room, p, event);
	}
	p->publishing = p->announced = p->e2ee = false;
	if (p->room)
		news_tracks(p);
	clear_streams(p);
}

/* The room stays, also when it is empty now. */
static void leave_room(struct publisher *p, const char *how, bool named)
{
	struct room *r = p->room;
	json_t *event = event_new(r);
	json_object_set(event, how, p->id.json);
	if (named)
		name_json(event, p);
	g_hash_table_remove(r->publishers, p->id.text);
	g_hash_table_remove(r->by_private_id, GUINT_TO_POINTER(p->private_id));
	r->named_bytes -= p->named_bytes;
	empty_touch(r);
	p->room = NULL;
	room_tell(r, p, event);
	news_left(p, r, how);
}

static void depart(struct publisher *p, const char *how, bool named)
{
	struct room *r = p->room;
	leave_room(p, how, named);
	if (r->is_passing && !g_hash_table_size(r->publishers))
		room_destroy(r);
}

bool publisher_yields(struct publisher *p)
{
	if (!p)
		return true;
	if (cardea_probe(p->handle, PROBE_MS) != CARDEA_ABSENT)
		return false;
	withdraw(p, true);
	leave_room(p, "leaving", true);
	cardea_end(p->handle);
	return true;
}

bool publisher_unpublish(struct cardea_call *c, struct publisher *p)
{
	if (!p->publishing)
		return cardea_fail(c->error, E_NOT_PUBLISHED, "Can't unpublish, not published");
	json_t *event = event_new(p->room);
	json_object_set_new(event, "unpublished", json_string("ok"));
	cardea_event(c->handle, c->transaction, event, NULL);
	cardea_close(c->handle); /* the hangup hook withdraws */
	return true;
}

bool publisher_leave(struct cardea_call *c, struct publisher *p)
{
	c->data = event_new(p->room);
	json_object_set_new(c->data, "leaving", json_string("ok"));
	withdraw(p, false);
	depart(p, "leaving", true);
	return true;
}

void publisher_drop_stream(struct publisher *p, unsigned mindex)
{
	struct stream *s = &p->streams[mindex];
	bool gone[CARDEA_MEDIA_MAX] = { false };
	gone[mindex] = true;
	subscribers_drop_feed(p->room, p, gone);
	s->disabled = true;
	s->codec = CARDEA_CODEC_NONE;
	s->exts = 0;
	publisher_talking(p, mindex, false, SILENCE);
	if (p->announced)
		announce(p);
}

bool publisher_kick(struct publisher *p)
{
	struct room *r = p->room;
	json_t *event = event_new(r);
	json_object_set_new(event, "leaving", json_string("ok"));
	json_object_set_new(event, "reason", json_string("kicked"));
	cardea_event(p->handle, NULL, event, NULL);
	/* Before their feed goes: who is kicked along hears nothing more. */
	if (r->require_pvtid)
		subscribers_kick(r, p->private_id);
	withdraw(p, false);
	/* No name here: clients that see one take the event for a change of name. */
	depart(p, "kicked", false);
	cardea_close(p->handle);
	return true;
}

void publisher_moderate(struct publisher *p, unsigned mindex, bool mute)
{
	struct stream *s = &p->streams[mindex];
	s->moderated = mute;
	cardea_mute((struct cardea_track){ p->handle, mindex }, s->muted || s->moderated);
	json_t *event = event_new(p->room);
	json_object_set(event, "id", p->id.json);
	json_object_set_new(event, "mid", json_string(s->mid));
	json_object_set_new(event, "moderation", json_string(mute ? "muted" : "unmuted"));
	room_tell(p->room, NULL, event);
}

void publisher_connected(struct publisher *p)
{
	if (p->room && p->publishing && !p->announced)
		announce(p);
}

void publisher_hangup(struct publisher *p)
{
	withdraw(p, true);
}

void publisher_orphan(struct publisher *p)
{
	p->room = NULL; /* nobody there is to be told, nor receives it any more */
	withdraw(p, false);
	cardea_close(p->handle);
}

void publisher_free(struct publisher *p)
{
	if (p->room) {
		withdraw(p, true);
		depart(p, "leaving", true);
	}
	clear_streams(p);
	ident_clear(&p->id);
	g_free(p->display);
	g_free(p->name);
	if (p->named)
		g_ptr_array_unref(p->named);
	json_decref(p->metadata);
	g_free(p);
}

void publisher_talking(struct publisher *p, unsigned mindex, bool talking, double avg)
{
	if (!p->room || mindex >= p->n_streams || p->streams[mindex].talking == talking)
		return;
	struct stream *s = &p->streams[mindex];
	s->talking = talking;
	room_tell(p->room, NULL,
		json_pack("{s:s, s:O, s:O, s:i, s:s, s:f}", "videoroom",
			talking ? "talking" : "stopped-talking", "room", p->room->id.json, "id",
			p->id.json, "mindex", (int)mindex, "mid", s->mid, "audio-level-dBov-avg",
			avg));
}
