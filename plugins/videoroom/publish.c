/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "announce.h"
#include "bitrate.h"
#include "description.h"
#include "display.h"
#include "errors.h"
#include "feed.h"
#include "named_tracks.h"
#include "publish.h"
#include "publisher_answer.h"
#include "publisher_configure.h"
#include "publisher_json.h"
#include "record_requests.h"
#include "room_record.h"
#include "sfu_events.h"
#include "talking.h"

/* ---- streams ---- */

/* What an offer and our answer make of the streams; what the publisher and the room have set
 * stays. */
static struct stream *agreed_streams(
	const struct publisher *p, const struct cardea_desc *offer, const struct cardea_desc *ours)
{
	struct stream *all = g_new0(struct stream, ours->n_media);
	for (unsigned i = 0; i < ours->n_media; i++) {
		struct stream *s = &all[i];
		*s = i < p->n_streams ? p->streams[i]
				      : (struct stream){ .min_delay = -1, .max_delay = -1 };
		s->description = g_strdup(s->description);
		s->track_id =
			g_strdup(p->named_tracks ? named_tracks_id(p->named_tracks, i) : NULL);
		stream_agree(s, &offer->media[i], &ours->media[i]);
	}
	return all;
}

/* The new streams are in force; what they have taken away is taken from the subscribers. */
static void settle_streams(struct publisher *p, struct stream *before, unsigned n_before)
{
	bool gone[CARDEA_MEDIA_MAX] = { false }, any = false;
	for (unsigned i = 0; i < n_before; i++) {
		struct stream *s = &p->streams[i];
		if (before[i].known_on_sfu && g_strcmp0(before[i].track_id, s->track_id) != 0) {
			sfu_tell_track(p, &before[i], false);
			s->known_on_sfu = false;
		}
		gone[i] = before[i].codec && before[i].codec != s->codec;
		any |= gone[i];
	}
	if (any)
		feed_drop(p->room, p, gone);
	for (unsigned i = 0; i < n_before; i++)
		if (!stream_has_levels(&p->streams[i]))
			talking_stopped(p, i);
	streams_free(before, n_before);
}

void publisher_drop_stream(struct publisher *p, unsigned mindex)
{
	struct stream *s = &p->streams[mindex];
	bool gone[CARDEA_MEDIA_MAX] = { false };
	gone[mindex] = true;
	feed_drop(p->room, p, gone);
	s->disabled = true;
	s->codec = CARDEA_CODEC_NONE;
	s->exts = 0;
	talking_stopped(p, mindex);
	record_request_apply(p);
	if (p->announced)
		publisher_announce(p);
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
		if (!publisher_codec_allowed(p->room, video ? CARDEA_VIDEO : CARDEA_AUDIO, name))
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
	struct cardea_desc *ours = publisher_answer(p, offer, &c->args);
	struct stream *before = p->streams;
	unsigned n_before = p->n_streams;
	p->streams = agreed_streams(p, offer, ours);
	p->n_streams = ours->n_media;
	publisher_set_descriptions(p, &c->args);
	publisher_codecs_json(c->data, p);
	json_object_set_new(c->data, "streams", publisher_streams_json(p, false));
	bool ok = description_send(c->handle, c->transaction, c->data, ours);
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
		feed_drop(p->room, p, NULL);
	p->e2ee = e2ee;
}

static void publish(struct cardea_call *c, struct publisher *p)
{
	if (!answer_offer(c, p))
		return;
	set_e2ee(p, c->remote->e2ee);
	p->publishing = true;
	cardea_limit(c->handle, bitrate_cap_of(p));
	talking_watch(p);
	publisher_configure_lines(p, &c->args);
	record_request_apply(p);
	if (p->announced)
		publisher_announce(p);
}

/* Fields are checked in the order of their table, so that the first bad one is named. */
bool publisher_request(struct cardea_call *c, struct publisher *p)
{
	const struct cardea_args *args = &c->args;
	bool may_record;
	if ((c->remote && !may_publish(c, p)) || !publisher_check_lines(p, c) ||
		!display_fits(p->room, p, args, c->error) ||
		!record_request_check(c, p, &may_record))
		return false;
	if (!c->data) {
		c->data = room_event(p->room);
		json_object_set_new(c->data, "configured", json_string("ok"));
		publisher_rename(p, args);
		room_record_renamed(p);
	}
	record_request_take(c, p, may_record);
	bitrate_set(p, args);
	talking_set_levels(p, args);
	if (c->remote) {
		publish(c, p);
		return true;
	}
	if (p->publishing)
		talking_watch(p);
	publisher_configure_lines(p, args);
	if (p->announced && cardea_given(args, "descriptions")) {
		publisher_set_descriptions(p, args);
		publisher_announce(p);
	}
	record_request_apply(p);
	return true;
}

void publisher_connected(struct publisher *p)
{
	if (p->room && p->publishing && !p->announced)
		publisher_announce(p);
}
