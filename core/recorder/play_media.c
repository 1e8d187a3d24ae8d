/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../rtp/codec_info.h"
#include "av_load.h"
#include "packetize.h"
#include "play_input.h"

#define PROBE_FRAMES 500 /* among which the first keyframe has to be */

/* A container may have a second of pictures and then the sound of it. Of what is read in file order
 * the earliest is given when each track has something, or so much is read ahead. */
#define AHEAD_US    2000000
#define AHEAD_BYTES (8u << 20)

/** A file of a container: its frames become packets as they are read. */
struct media {
	struct play_input in;
	const struct av_ops *av;
	struct demux *demux;
	uint8_t of[8]; /* its tracks as ours; PLAY_TRACKS: left out */
	struct packetizer packetizers[PLAY_TRACKS];
	struct play_units ahead[PLAY_TRACKS]; /* read, and not given yet */
	size_t ahead_bytes;
	bool at_end;
	struct play_unit *unit;  /* being made, or given */
	struct play_units spare; /* as many as there ever were at once */
	bool is_full;            /* no memory for a packet */
};

/* ---- units ---- */

static struct play_unit *take_unit(struct media *m)
{
	struct play_unit *u = play_units_take(&m->spare);
	return u ? u : play_unit_new();
}

static void give_back(struct media *m, struct play_unit *u)
{
	if (!u)
		return;
	u->n = 0;
	u->len = 0;
	play_units_put(&m->spare, u);
}

static void add(void *arg, const uint8_t *payload, size_t len, bool last)
{
	struct media *m = arg;
	const struct play_track *t = &m->in.tracks[m->unit->track];
	bool marker = last && t->kind == CARDEA_VIDEO;
	if (!play_unit_add(m->unit, t->pt, marker, NULL, 0, payload, len))
		m->is_full = true;
}

static bool make_unit(struct media *m, unsigned track, const struct rec_frame *f, int64_t us)
{
	struct play_unit *u = m->unit = take_unit(m);
	if (!u)
		return false;
	u->track = (uint8_t)track;
	u->us = us;
	u->is_keyframe = f->is_keyframe;
	packetize(&m->packetizers[track], f, add, m);
	m->unit = NULL;
	if (m->is_full || !u->n) {
		give_back(m, u);
		return !m->is_full;
	}
	play_units_put(&m->ahead[track], u);
	m->ahead_bytes += u->len;
	return true;
}

/* @return OK also where it was of no use */
static enum err read_one(struct media *m, char *why, size_t size)
{
	struct rec_frame f;
	unsigned track;
	int64_t us;
	enum err e = m->av->demux_read(m->demux, &track, &f, &us);
	if (e == ERR_NOT_FOUND) {
		m->at_end = true;
		return OK;
	}
	snprintf(why, size, "The file is damaged.");
	if (e)
		return e;
	if (track >= sizeof m->of || m->of[track] == PLAY_TRACKS)
		return OK;
	snprintf(why, size, "There is no memory left.");
	return make_unit(m, m->of[track], &f, us) ? OK : ERR_FULL;
}

/* @return the track whose next unit is the earliest, if nothing earlier can come; -1: read on */
static int earliest(const struct media *m)
{
	int64_t newest_us = INT64_MIN;
	int best = -1;
	bool has_all = true;
	for (unsigned i = 0; i < m->in.n_tracks; i++) {
		const struct play_units *q = &m->ahead[i];
		has_all &= q->first != NULL;
		if (!q->first)
			continue;
		if (best < 0 || q->first->us < m->ahead[best].first->us)
			best = (int)i;
		if (q->last->us > newest_us)
			newest_us = q->last->us;
	}
	if (has_all || m->at_end || m->ahead_bytes > AHEAD_BYTES)
		return best;
	return best >= 0 && newest_us - m->ahead[best].first->us > AHEAD_US ? best : -1;
}

static void forget_ahead(struct media *m)
{
	struct play_unit *u;
	give_back(m, m->unit);
	m->unit = NULL;
	for (unsigned i = 0; i < PLAY_TRACKS; i++)
		while ((u = play_units_take(&m->ahead[i])))
			give_back(m, u);
	m->ahead_bytes = 0;
	m->at_end = false;
}

static enum err media_read(struct play_input *in, struct play_unit **u, char *why, size_t size)
{
	struct media *m = (struct media *)in;
	int track;
	give_back(m, m->unit);
	m->unit = NULL;
	while ((track = earliest(m)) < 0 && !m->at_end) {
		enum err e = read_one(m, why, size);
		if (e)
			return e;
	}
	if (track < 0)
		return ERR_NOT_FOUND;
	*u = m->unit = play_units_take(&m->ahead[track]);
	m->ahead_bytes -= m->unit->len;
	return OK;
}

static enum err media_seek(struct play_input *in, int64_t us)
{
	struct media *m = (struct media *)in;
	forget_ahead(m);
	return m->av->demux_seek(m->demux, us);
}

static void media_close(struct play_input *in)
{
	struct media *m = (struct media *)in;
	if (m->demux)
		m->av->demux_close(m->demux);
	forget_ahead(m);
	play_units_clear(&m->spare);
	free(m);
}

static const struct play_input_ops ops = { NULL, media_read, media_seek, media_close };

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
	struct media *m;
	if (!av)
		return NULL;
	snprintf(why, size, "There is no memory left.");
	if (!(m = calloc(1, sizeof *m)))
		return NULL;
	m->in.ops = &ops;
	m->av = av;
	if (!open_file(m, path, why, size)) {
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
