/* SPDX-License-Identifier: Apache-2.0 */
#include "subscription_json.h"

json_t *subscription_event(const struct subscriber *s, const char *what)
{
	return json_pack("{s:s, s:O}", "videoroom", what, "room", s->room_id.json);
}

json_t *subscription_ok(const struct subscriber *s, const char *name)
{
	json_t *j = subscription_event(s, "event");
	json_object_set_new(j, name, json_string("ok"));
	return j;
}

static void data_sources_json(const struct sub_stream *st, json_t *j)
{
	json_t *ids = json_array();
	for (unsigned i = 0; st->sources && i < st->sources->len; i++)
		json_array_append(ids, ((const struct publisher *)st->sources->pdata[i])->id.json);
	if (json_array_size(ids)) {
		json_object_set_new(j, "sources", json_integer((json_int_t)json_array_size(ids)));
		json_object_set(j, "source_ids", ids);
	}
	json_decref(ids);
}

static void set_layers(json_t *j, const struct sub_stream *st, const struct stream *source)
{
	if (source->simulcast)
		json_object_set_new(j, "simulcast",
			json_pack("{s:i, s:i, s:i, s:i, s:I}", "substream", st->now.substream,
				"substream-target", st->substream, "temporal-layer",
				st->now.temporal, "temporal-layer-target", st->temporal, "fallback",
				(json_int_t)st->fallback_us));
	if (source->svc)
		json_object_set_new(j, "svc",
			json_pack("{s:i, s:i, s:i, s:i}", "spatial-layer", st->now.spatial,
				"target-spatial-layer", st->spatial, "temporal-layer",
				st->now.svc_temporal, "target-temporal-layer", st->svc_temporal));
}

static void set_source(json_t *j, const struct sub_stream *st, const struct stream *source)
{
	const struct publisher *p = st->feed;
	json_object_set(j, "feed_id", p->id.json);
	if (p->display)
		json_object_set_new(j, "feed_display", json_string(p->display));
	if (p->metadata)
		json_object_set(j, "feed_metadata", p->metadata);
	json_object_set_new(j, "feed_mid", json_string(source->mid));
	if (source->description)
		json_object_set_new(j, "feed_description", json_string(source->description));
	if (source->codec)
		json_object_set_new(j, "codec", json_string(cardea_codec_name(source->codec)));
	if (*source->profile)
		json_object_set_new(j,
			source->codec == CARDEA_H264 ? "h264-profile" : "vp9-profile",
			json_string(source->profile));
	if (st->min_delay >= 0)
		json_object_set_new(j, "playout-delay",
			json_pack("{s:i, s:i}", "min-delay", st->min_delay, "max-delay",
				st->max_delay));
	set_layers(j, st, source);
}

static json_t *sub_stream_json(const struct sub_stream *st, unsigned mindex)
{
	const struct stream *source = sub_stream_source(st);
	char mid[12];
	g_snprintf(mid, sizeof mid, "%u", mindex);
	json_t *j = json_pack("{s:s, s:b, s:i, s:s}", "type", kind_name(st->kind), "active",
		source || st->kind == CARDEA_DATA, "mindex", (int)mindex, "mid", mid);
	if (st->crossrefid)
		json_object_set_new(j, "crossrefid", json_string(st->crossrefid));
	bool is_empty = !source && !(st->sources && st->sources->len);
	json_object_set_new(j, "ready", json_boolean(st->ready && !is_empty));
	json_object_set_new(j, "send", json_boolean(st->send));
	if (source)
		set_source(j, st, source);
	if (st->kind == CARDEA_DATA)
		data_sources_json(st, j);
	return j;
}

json_t *subscription_json(const struct subscriber *s)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < s->streams->len; i++)
		json_array_append_new(list, sub_stream_json(s->streams->pdata[i], i));
	return list;
}
