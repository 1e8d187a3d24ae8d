/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/loop.h"
#include "event.h"
#include "handle.h"
#include "options.h"
#include "peerconn.h"
#include "stats_event.h"
#include "status_event.h"

#define STATISTICS 3          /* the subtype */
#define COOKIE     UINT64_MAX /* no query has it: ids have a slot below that */
#define TICK_US    (100 * US_PER_MS)

static struct loop *loop;
static struct wheel_timer timer;
static struct {
	uint32_t slot;     /* where the walk is */
	unsigned per_tick; /* 0: it is through */
	int64_t next_us;   /* when the next walk begins */
} walk;

/* ---- asking ---- */

static void ask(const struct peerconn *pc)
{
	struct cmd c = { .type = CMD_STATS };
	c.stats.cookie = COOKIE;
	if (pc->up)
		peerconn_post(pc, &c); /* a worker that is that busy is asked next time */
}

/* 2,000 PeerConnections and a period of a second: 200 in each tick of 100 ms. */
static void begin_walk(void)
{
	unsigned ticks = settings.stats_period_s * (unsigned)(US_PER_S / TICK_US);
	walk.slot = 0;
	walk.per_tick = peerconns_count() / ticks + 1;
	walk.next_us += settings.stats_period_s * US_PER_S;
	status_event_update();
}

static void tick(void *arg)
{
	const struct peerconn *pc = NULL;
	(void)arg;
	if (loop_now(loop) >= walk.next_us)
		begin_walk();
	for (unsigned i = 0; i < walk.per_tick; i++) {
		if (!event_wanted(CARDEA_EVENT_MEDIA) || !(pc = peerconn_next(&walk.slot))) {
			walk.per_tick = 0;
			break;
		}
		ask(pc);
	}
	wheel_set(loop_wheel(loop), &timer, loop_now(loop) + TICK_US);
}

void stats_events_start(struct loop *on)
{
	loop = on;
	timer.fn = tick;
	if (!settings.events_on || !settings.stats_period_s)
		return;
	walk.per_tick = 0;
	walk.next_us = loop_now(loop) + settings.stats_period_s * US_PER_S;
	wheel_set(loop_wheel(loop), &timer, loop_now(loop) + TICK_US);
}

void stats_events_stop(void)
{
	if (loop)
		wheel_cancel(loop_wheel(loop), &timer);
}

/* ---- telling ---- */

static void set(json_t *o, const char *name, uint64_t value)
{
	json_object_set_new(o, name, json_integer((json_int_t)value));
}

static json_t *line_new(const struct track *t, const char *media)
{
	char index[12];
	snprintf(index, sizeof index, "%u", t->mindex);
	return json_pack("{s:s, s:i, s:s}", "mid", t->mid[0] ? t->mid : index, "mindex", t->mindex,
		"media", media);
}

/* One stream goes out, whatever comes in: the first layer tells of it. */
static void set_quality(json_t *o, const struct track_stats *s, unsigned layer)
{
	bool is_first = layer == 0;
	if (is_first)
		set(o, "rtt", s->rtt_ms);
	set(o, "lost", s->lost[layer]);
	set(o, "lost-by-remote", is_first ? s->lost_remote : 0);
	set(o, "jitter-local", s->jitter_ms[layer]);
	set(o, "jitter-remote", is_first ? s->jitter_remote_ms : 0);
	set(o, "in-link-quality", s->quality_in[layer].link);
	set(o, "in-media-link-quality", s->quality_in[layer].media);
	set(o, "out-link-quality", is_first ? s->quality_out.link : 0);
	set(o, "out-media-link-quality", is_first ? s->quality_out.media : 0);
}

static void set_counters(json_t *o, const struct track_stats *s, unsigned layer)
{
	bool is_first = layer == 0;
	set(o, "packets-received", s->in[layer].packets);
	set(o, "packets-sent", is_first ? s->out.packets : 0);
	set(o, "bytes-received", s->in[layer].bytes);
	set(o, "bytes-sent", is_first ? s->out.bytes : 0);
	set(o, "bytes-received-lastsec", s->bytes_in_lastsec[layer]);
	set(o, "bytes-sent-lastsec", is_first ? s->bytes_out_lastsec : 0);
	set(o, "nacks-received", is_first ? s->out.nacks : 0);
	set(o, "nacks-sent", s->in[layer].nacks);
	set(o, "retransmissions-received", s->in[layer].retransmissions);
}

static json_t *layer_json(const struct track *t, const struct track_stats *s, unsigned layer)
{
	static const char *const video[] = { "video", "video-sim1", "video-sim2" };
	const char *codec = cardea_codec_name(t->codec);
	json_t *o = line_new(t, t->kind == CARDEA_AUDIO ? "audio" : video[layer]);
	if (codec)
		json_object_set_new(o, "codec", json_string(codec));
	set(o, "base", t->clock_hz);
	set_quality(o, s, layer);
	set_counters(o, s, layer);
	return o;
}

static json_t *data_json(const struct track *t, const struct data_stats *d)
{
	json_t *o = line_new(t, "data");
	set(o, "packets-received", d->packets_in);
	set(o, "packets-sent", d->packets_out);
	set(o, "bytes-received", d->bytes_in);
	set(o, "bytes-sent", d->bytes_out);
	return o;
}

/* What of the PeerConnection this report has, as an array; the last has the data channels, too. */
static json_t *lines_json(const struct peerconn *pc, const struct peer_stats *s)
{
	json_t *all = json_array();
	for (unsigned i = 0; i < s->n_tracks && i < STATS_TRACKS; i++) {
		const struct track_stats *ts = &s->tracks[i];
		const struct track *t =
			ts->mindex < pc->neg.n_tracks ? &pc->neg.tracks[ts->mindex] : NULL;
		if (!t || (t->kind != CARDEA_AUDIO && t->kind != CARDEA_VIDEO))
			continue;
		for (unsigned layer = 0; layer < CARDEA_LAYERS; layer++)
			if (!layer || ts->in[layer].packets)
				json_array_append_new(all, layer_json(t, ts, layer));
	}
	for (unsigned i = 0; s->last && i < pc->neg.n_tracks; i++)
		if (pc->neg.tracks[i].kind == CARDEA_DATA)
			json_array_append_new(all, data_json(&pc->neg.tracks[i], &pc->data_stats));
	return all;
}

bool stats_event_is(const struct peer_stats *s)
{
	return s->cookie == COOKIE;
}

void stats_event_report(const struct peerconn *pc, const struct peer_stats *s)
{
	size_t i;
	json_t *line;
	if (!event_wanted(CARDEA_EVENT_MEDIA))
		return;
	json_t *all = lines_json(pc, s);
	if (settings.combine_media_stats && json_array_size(all))
		handle_tell(pc->handle, CARDEA_EVENT_MEDIA, STATISTICS, json_incref(all));
	else
		json_array_foreach(all, i, line)
			handle_tell(pc->handle, CARDEA_EVENT_MEDIA, STATISTICS, json_incref(line));
	json_decref(all);
}
