/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "face.h"

const char *kind_name(enum cardea_kind kind)
{
	return kind == CARDEA_AUDIO ? "audio" : kind == CARDEA_VIDEO ? "video" : "data";
}

int publisher_find_mid(const struct publisher *p, const char *mid)
{
	for (unsigned i = 0; i < p->n_streams; i++)
		if (!strcmp(p->streams[i].mid, mid))
			return (int)i;
	return -1;
}

/* ---- as JSON ---- */

static json_t *stream_json(const struct publisher *p, unsigned i, bool with_talking)
{
	const struct stream *s = &p->streams[i];
	json_t *j = json_pack(
		"{s:s, s:i, s:s}", "type", kind_name(s->kind), "mindex", (int)i, "mid", s->mid);
	if (s->disabled) {
		json_object_set_new(j, "disabled", json_true());
		return j;
	}
	const char *profile = s->codec == CARDEA_H264 ? "h264_profile" : "vp9_profile";
	if (s->description)
		json_object_set_new(j, "description", json_string(s->description));
	if (s->codec)
		json_object_set_new(j, "codec", json_string(cardea_codec_name(s->codec)));
	if (*s->profile)
		json_object_set_new(j, profile, json_string(s->profile));
	const struct {
		const char *name;
		bool on;
	} flags[] = {
		{ "stereo", s->stereo },
		{ "fec", s->fec },
		{ "dtx", s->dtx },
		{ "simulcast", s->simulcast },
		{ "svc", s->svc },
		{ "moderated", s->moderated },
	};
	for (size_t f = 0; f < G_N_ELEMENTS(flags); f++)
		if (flags[f].on)
			json_object_set_new(j, flags[f].name, json_true());
	if (with_talking && s->exts & 1u << CARDEA_EXT_AUDIO_LEVEL)
		json_object_set_new(j, "talking", json_boolean(s->talking));
	return j;
}

json_t *streams_json(const struct publisher *p, bool with_talking)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < p->n_streams; i++)
		json_array_append_new(list, stream_json(p, i, with_talking));
	return list;
}

void codecs_json(json_t *j, const struct publisher *p)
{
	const struct {
		enum cardea_kind kind;
		const char *name;
	} rows[] = { { CARDEA_AUDIO, "audio_codec" }, { CARDEA_VIDEO, "video_codec" } };
	for (size_t r = 0; r < G_N_ELEMENTS(rows); r++)
		for (unsigned i = 0; i < p->n_streams; i++)
			if (p->streams[i].kind == rows[r].kind && p->streams[i].codec) {
				json_object_set_new(j, rows[r].name,
					json_string(cardea_codec_name(p->streams[i].codec)));
				break;
			}
}

void name_json(json_t *j, const struct publisher *p)
{
	if (p->display)
		json_object_set_new(j, "display", json_string(p->display));
	if (p->metadata)
		json_object_set(j, "metadata", p->metadata);
}

bool publisher_talks(const struct publisher *p, bool *known)
{
	bool any = false;
	*known = false;
	for (unsigned i = 0; i < p->n_streams; i++) {
		*known |= (p->streams[i].exts & 1u << CARDEA_EXT_AUDIO_LEVEL) != 0;
		any |= p->streams[i].talking;
	}
	return any;
}

json_t *publisher_json(const struct publisher *p, bool with_talking)
{
	json_t *j = json_pack("{s:O}", "id", p->id.json);
	bool known, talking = publisher_talks(p, &known);
	name_json(j, p);
	codecs_json(j, p);
	json_object_set_new(j, "streams", streams_json(p, with_talking));
	if (with_talking && known)
		json_object_set_new(j, "talking", json_boolean(talking));
	return j;
}

/* ---- names ---- */

/* What both take when others are told of them. */
static size_t bytes_of(const char *display, const json_t *metadata)
{
	return (display ? strlen(display) : 0) +
	       (metadata ? json_dumpb(metadata, NULL, 0, JSON_COMPACT) : 0);
}

static size_t bytes_with(const struct publisher *p, const struct cardea_args *args)
{
	const char *display = cardea_str(args, "display");
	const json_t *metadata = cardea_json(args, "metadata");
	return bytes_of(
		display || !p ? display : p->display, metadata || !p ? metadata : p->metadata);
}

bool name_fits(const struct room *r, const struct publisher *p, const struct cardea_args *args,
	struct cardea_error *e)
{
	size_t before = p ? p->named_bytes : 0, now = bytes_with(p, args);
	return now <= before || r->named_bytes - before + now <= ROOM_NAMES_MAX ||
	       cardea_fail(e, E_INVALID,
		       "Invalid element (display and metadata of all in the room have more than %d "
		       "bytes)",
		       ROOM_NAMES_MAX);
}

void name_set(struct publisher *p, const struct cardea_args *args)
{
	size_t before = p->named_bytes;
	p->named_bytes = bytes_with(p, args);
	p->room->named_bytes += p->named_bytes - before;
	if (cardea_given(args, "display")) {
		g_free(p->display);
		p->display = g_strdup(cardea_str(args, "display"));
	}
	if (cardea_given(args, "metadata")) {
		json_decref(p->metadata);
		p->metadata = json_deep_copy(cardea_json(args, "metadata"));
	}
}
