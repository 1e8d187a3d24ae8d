/* SPDX-License-Identifier: Apache-2.0 */
#include "room_index.h"
#include "talking.h"

#define SILENCE          127 /* dBov below the loudest */
#define RECORDED_PACKETS 25  /* averaged where nobody but the index is told: half a second */

void talking_set_levels(struct publisher *p, const struct cardea_args *args)
{
	if (cardea_given(args, "audio_active_packets"))
		p->audio_active_packets = (unsigned)cardea_int(args, "audio_active_packets");
	if (cardea_given(args, "audio_level_average"))
		p->audio_level_average = (unsigned)cardea_int(args, "audio_level_average");
}

void talking_watch(const struct publisher *p)
{
	const struct room *r = p->room;
	unsigned packets =
		p->audio_active_packets ? p->audio_active_packets : r->audio_active_packets;
	unsigned level = p->audio_level_average ? p->audio_level_average : r->audio_level_average;
	if (!r->audiolevel_event && packets > RECORDED_PACKETS)
		packets = RECORDED_PACKETS;
	for (unsigned i = 0; (r->audiolevel_event || r->index) && i < p->n_streams; i++)
		if (stream_has_levels(&p->streams[i]))
			cardea_watch_level((struct cardea_track){ p->handle, i }, packets, level);
}

void talking_unwatch(struct publisher *p)
{
	for (unsigned i = 0; !p->room->audiolevel_event && i < p->n_streams; i++) {
		cardea_watch_level((struct cardea_track){ p->handle, i }, 0, 0);
		p->streams[i].talking = false;
	}
}

void talking_changed(struct publisher *p, unsigned mindex, bool talking, double avg)
{
	if (!p->room || mindex >= p->n_streams || p->streams[mindex].talking == talking)
		return;
	struct stream *s = &p->streams[mindex];
	s->talking = talking;
	if (p->index_entry)
		room_index_speaks(p->room->index, p->id.json, talking);
	if (!p->room->audiolevel_event)
		return;
	room_tell(p->room, NULL,
		json_pack("{s:s, s:O, s:O, s:i, s:s, s:f}", "videoroom",
			talking ? "talking" : "stopped-talking", "room", p->room->id.json, "id",
			p->id.json, "mindex", (int)mindex, "mid", s->mid, "audio-level-dBov-avg",
			avg));
}

void talking_stopped(struct publisher *p, unsigned mindex)
{
	talking_changed(p, mindex, false, SILENCE);
}
