/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "delays.h"
#include "display.h"
#include "errors.h"
#include "feed.h"
#include "publisher_configure.h"
#include "schema.h"

void publisher_rename(struct publisher *p, const struct cardea_args *args)
{
	bool named = cardea_given(args, "display"), described = cardea_given(args, "metadata");
	bool had = p->display != NULL;
	display_set(p, args);
	if (!(named && had) && !described)
		return;
	json_t *event = json_pack("{s:s, s:O}", "videoroom", "event", "id", p->id.json);
	if (named && had)
		json_object_set_new(event, "display", json_string(p->display));
	if (described)
		json_object_set(event, "metadata", p->metadata);
	room_tell(p->room, p, event);
}

void publisher_set_descriptions(struct publisher *p, const struct cardea_args *args)
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

/* ---- muting ---- */

static void apply_mute(struct publisher *p, unsigned i)
{
	const struct stream *s = &p->streams[i];
	cardea_mute((struct cardea_track){ p->handle, i }, s->muted || s->moderated);
}

static void set_muted(struct publisher *p, unsigned i, bool muted)
{
	struct stream *s = &p->streams[i];
	if (s->muted == muted)
		return;
	s->muted = muted;
	apply_mute(p, i);
}

void publisher_moderate(struct publisher *p, unsigned mindex, bool mute)
{
	struct stream *s = &p->streams[mindex];
	s->moderated = mute;
	apply_mute(p, mindex);
	json_t *event = room_event(p->room);
	json_object_set(event, "id", p->id.json);
	json_object_set_new(event, "mid", json_string(s->mid));
	json_object_set_new(event, "moderation", json_string(mute ? "muted" : "unmuted"));
	room_tell(p->room, NULL, event);
}

/* ---- m-lines ---- */

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

bool publisher_check_lines(const struct publisher *p, const struct cardea_call *c)
{
	const json_t *list = cardea_json(&c->args, "streams"), *row;
	size_t i;
	if (!check_mid(p, c, cardea_str(&c->args, "mid")))
		return false;
	json_array_foreach(list, i, row) {
		const char *mid = json_string_value(json_object_get(row, "mid"));
		if (!mid && json_array_size(list) > 1)
			return cardea_fail(c->error, E_INVALID,
				"Invalid value (mid can't be null in a streams array)");
		if (!check_mid(p, c, mid))
			return false;
	}
	return true;
}

static void configure_line(struct publisher *p, unsigned i, const struct cardea_args *args)
{
	struct stream *s = &p->streams[i];
	struct cardea_track t = { p->handle, i };
	if (cardea_given(args, "send"))
		set_muted(p, i, !cardea_bool(args, "send"));
	if (cardea_bool(args, "keyframe") && s->kind == CARDEA_VIDEO)
		cardea_keyframe(t);
	if (delays_set(&s->min_delay, &s->max_delay, args))
		s->delays_changed = true;
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

void publisher_configure_lines(struct publisher *p, const struct cardea_args *args)
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
	feed_reroute(p->room, p);
}
