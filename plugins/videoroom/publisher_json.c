/* SPDX-License-Identifier: Apache-2.0 */
#include "display.h"
#include "publisher_json.h"

json_t *publisher_streams_json(const struct publisher *p, bool with_talking)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < p->n_streams; i++)
		json_array_append_new(list, stream_json(&p->streams[i], i, with_talking));
	return list;
}

void publisher_codecs_json(json_t *j, const struct publisher *p)
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

json_t *publisher_json(const struct publisher *p, bool with_talking)
{
	json_t *j = json_pack("{s:O}", "id", p->id.json);
	bool known, talking = publisher_talks(p, &known);
	display_json(j, p);
	publisher_codecs_json(j, p);
	json_object_set_new(j, "streams", publisher_streams_json(p, with_talking));
	if (with_talking && known)
		json_object_set_new(j, "talking", json_boolean(talking));
	return j;
}
