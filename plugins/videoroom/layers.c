/* SPDX-License-Identifier: Apache-2.0 */
#include "errors.h"
#include "layers.h"
#include "subscription_json.h"

static const char *const names[] = { "substream", "temporal", "spatial_layer", "temporal_layer" };

bool layers_fit(const struct cardea_args *args, struct cardea_error *e)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (cardea_given(args, names[i]) && cardea_int(args, names[i]) > 2)
			return cardea_fail(e, E_INVALID,
				"Invalid value (substream/spatial_layer should be 0, 1 or 2)");
	return true;
}

void layers_set(struct sub_stream *st, const struct cardea_args *args)
{
	int *const targets[] = { &st->substream, &st->temporal, &st->spatial, &st->svc_temporal };
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (cardea_given(args, names[i]))
			*targets[i] = (int)cardea_int(args, names[i]);
}

void layers_reset(struct sub_stream *st)
{
	st->substream = st->temporal = st->spatial = st->svc_temporal = 2;
	st->now = (struct cardea_layer){
		.substream = -1, .temporal = -1, .spatial = -1, .svc_temporal = -1
	};
}

static void tell_layer(const struct subscriber *s, unsigned mindex, const char *name, int value)
{
	char mid[12];
	g_snprintf(mid, sizeof mid, "%u", mindex);
	json_t *event = subscription_event(s, "event");
	json_object_set_new(event, "mid", json_string(mid));
	json_object_set_new(event, name, json_integer(value));
	cardea_event(s->handle, NULL, event, NULL);
}

void layers_tell_current(
	const struct subscriber *s, unsigned mindex, const struct cardea_args *args)
{
	const struct sub_stream *st = s->streams->pdata[mindex];
	const struct {
		const char *name;
		int now, wanted;
	} rows[] = {
		{ "substream", st->now.substream, st->substream },
		{ "temporal", st->now.temporal, st->temporal },
		{ "spatial_layer", st->now.spatial, st->spatial },
		{ "temporal_layer", st->now.svc_temporal, st->svc_temporal },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (cardea_given(args, rows[i].name) && rows[i].now == rows[i].wanted)
			tell_layer(s, mindex, rows[i].name, rows[i].now);
}

void layers_changed(struct subscriber *s, unsigned mindex, const struct cardea_layer *now)
{
	if (mindex >= s->streams->len)
		return;
	struct sub_stream *st = s->streams->pdata[mindex];
	const struct stream *source = sub_stream_source(st);
	const struct {
		const char *name;
		bool applies;
		int before, now;
	} rows[] = {
		{ "substream", source && source->simulcast, st->now.substream, now->substream },
		{ "temporal", source && source->simulcast, st->now.temporal, now->temporal },
		{ "spatial_layer", source && source->svc, st->now.spatial, now->spatial },
		{ "temporal_layer", source && source->svc, st->now.svc_temporal,
			now->svc_temporal },
	};
	st->now = *now;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].applies && rows[i].now >= 0 && rows[i].now != rows[i].before)
			tell_layer(s, mindex, rows[i].name, rows[i].now);
}
