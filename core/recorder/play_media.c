/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../rtp/codec_info.h"
#include "av_load.h"
#include "packetize.h"
#include "play_input.h"

#define PROBE_FRAMES 500 /* among which the first keyframe has to be */

/** A file of a container: its frames become packets as they are read. */
struct media {
	struct play_input in;
	const struct av_ops *av;
	struct demux *demux;
	uint8_t of[8]; /* its tracks as ours; PLAY_TRACKS: left out */
	struct packetizer packetizers[PLAY_TRACKS];
	struct play_unit *unit;
	bool is_full; /* no memory for a packet */
};

/* ---- units ---- */

static void add(void *arg, const uint8_t *payload, size_t len, bool last)
{
	struct media *m = arg;
	const struct play_track *t = &m->in.tracks[m->unit->track];
	bool marker = last && t->kind == CARDEA_VIDEO;
	if (!play_unit_add(m->unit, t->pt, marker, NULL, 0, payload, len))
		m->is_full = true;
}

static void make_unit(struct media *m, unsigned track, const struct rec_frame *f, int64_t us)
{
	struct play_unit *u = m->unit;
	play_unit_clear(u);
	u->track = (uint8_t)track;
	u->us = us;
	u->is_keyframe = f->is_keyframe;
	packetize(&m->packetizers[track], f, add, m);
}

static enum err media_read(struct play_input *in, struct play_unit **u, char *why, size_t size)
{
	struct media *m = (struct media *)in;
	for (;;) {
		struct rec_frame f;
		unsigned track;
		int64_t us;
		enum err e = m->av->demux_read(m->demux, &track, &f, &us);
		if (e) {
			snprintf(why, size, "The file is damaged.");
			return e;
		}
		if (track >= sizeof m->of || m->of[track] == PLAY_TRACKS)
			continue;
		make_unit(m, m->of[track], &f, us);
		if (m->is_full) {
			snprintf(why, size, "There is no memory left.");
			return ERR_FULL;
		}
		if (m->unit->n) {
			*u = m->unit;
			return OK;
		}
	}
}

static enum err media_seek(struct play_input *in, int64_t us)
{
	struct media *m = (struct media *)in;
	return m->av->demux_seek(m->demux, us);
}

static void media_close(struct play_input *in)
{
	struct media *m = (struct media *)in;
	if (m->demux)
		m->av->demux_close(m->demux);
	play_unit_free(m->unit);
	free(m);
}

static const struct play_input_ops ops = { media_read, media_seek, media_close };

/* ---- tracks ---- */

/* The first of each kind; sound and picture are what there is. */
static void take_tracks(struct media *m, const struct mux_info *info)
{
	bool has[CARDEA_OTHER + 1] = { false };
	for (unsigned i = 0; i < sizeof m->of; i++) {
		enum cardea_codec_id id = i < info->n_tracks ? info->tracks[i].codec : 0;
		const struct codec_info *c = codec_info(id);
		struct play_track *t = &m->in.tracks[m->in.n_tracks];
		m->of[i] = PLAY_TRACKS;
		if (!c || has[c->kind] || !packetize_can(id))
			continue;
		has[c->kind] = true;
		m->of[i] = (uint8_t)m->in.n_tracks;
		m->packetizers[m->in.n_tracks++].codec = id;
		t->kind = (uint8_t)c->kind;
		t->codec = (uint8_t)id;
		t->clock_hz = c->clock_hz;
		t->channels = c->channels;
		t->pt = c->pt;
	}
}

/* H.264: what stands behind the first header of its sequence parameter set. */
static void describe_h264(const uint8_t *p, size_t len, char *fmtp)
{
	for (size_t i = 0; i + 7 <= len; i++)
		if (!p[i] && !p[i + 1] && p[i + 2] == 1 && (p[i + 3] & 31) == 7) {
			snprintf(fmtp, PLAY_TEXT,
				"profile-level-id=%02x%02x%02x;packetization-mode=1;"
				"level-asymmetry-allowed=1",
				p[i + 4], p[i + 5], p[i + 6]);
			return;
		}
}

static void describe(struct play_track *t, const struct rec_frame *f)
{
	if (t->codec == CARDEA_H264)
		describe_h264(f->data, f->len, t->fmtp);
	else if (t->codec == CARDEA_VP9 && f->len) /* frame marker, then two bits of profile */
		snprintf(t->fmtp, sizeof t->fmtp, "profile-id=%u",
			(f->data[0] >> 5 & 1u) | (f->data[0] >> 3 & 2u));
}

/* What an offer says of a codec stands in its first keyframe. */
static void probe(struct media *m)
{
	for (unsigned n = 0; n < PROBE_FRAMES; n++) {
		struct rec_frame f;
		struct play_track *t;
		unsigned track;
		int64_t us;
		if (m->av->demux_read(m->demux, &track, &f, &us))
			return;
		if (track >= sizeof m->of || m->of[track] == PLAY_TRACKS)
			continue;
		t = &m->in.tracks[m->of[track]];
		if (t->kind == CARDEA_VIDEO && f.is_keyframe) {
			describe(t, &f);
			return;
		}
	}
}

static bool open_file(struct media *m, const char *path, char *why, size_t size)
{
	struct mux_info info;
	if (!(m->demux = m->av->demux_open(path, &info, why, size)))
		return false;
	if (m->in.n_tracks) /* again, from its beginning */
		return true;
	take_tracks(m, &info);
	m->in.duration_us = info.duration_us;
	snprintf(why, size, "%s: it has nothing that can be played.", path);
	return m->in.n_tracks;
}

struct play_input *play_media_open(const char *path, char *why, size_t size)
{
	const struct av_ops *av = av_load(NULL, why, size);
	struct media *m = av ? calloc(1, sizeof *m) : NULL;
	if (!m)
		return NULL;
	m->in.ops = &ops;
	m->av = av;
	m->unit = play_unit_new();
	if (!m->unit || !open_file(m, path, why, size)) {
		media_close(&m->in);
		return NULL;
	}
	probe(m);
	av->demux_close(m->demux);
	m->demux = NULL;
	if (!open_file(m, path, why, size)) {
		media_close(&m->in);
		return NULL;
	}
	why[0] = 0;
	return &m->in;
}
