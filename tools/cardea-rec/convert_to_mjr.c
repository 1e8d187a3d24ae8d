/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../../core/base/clock.h"
#include "../../core/recorder/mjr.h"
#include "../../core/recorder/packetize.h"
#include "../../core/rtp/codec_info.h"
#include "../../core/rtp/rtp.h"
#include "conversions.h"
#include "output.h"
#include "progress.h"
#include "stop.h"

#define WHY    1024
#define TRACKS G_N_ELEMENTS(((struct mux_info *)NULL)->tracks)

/* A track becomes a file. */
struct track {
	char *path; /* NULL: it is left out */
	struct output *to;
	struct mjr_writer *writer;
	struct packetizer packetizer;
	uint8_t pt;
	uint32_t clock_hz, ssrc;
	uint16_t seq;
	int64_t us; /* of the frame at hand */
	int64_t unix_us;
	enum err error;
	bool is_made;
};

struct conversion {
	const struct options *o;
	struct mux_info info;
	struct demux *from;
	struct track tracks[TRACKS];
	unsigned n; /* that are not left out */
	char why[WHY];
};

static void on_payload(void *arg, const uint8_t *payload, size_t len, bool last)
{
	struct track *t = arg;
	uint8_t rtp[RTP_HEADER + UINT16_MAX];
	struct rtp_out h = { .pt = t->pt,
		.marker = last && cardea_codec_kind(t->packetizer.codec) == CARDEA_VIDEO,
		.seq = t->seq,
		.ts = (uint32_t)((t->us * t->clock_hz + US_PER_S / 2) / US_PER_S),
		.ssrc = t->ssrc };
	struct rec_packet p = { .at_us = t->us,
		.seq = t->seq,
		.ts = h.ts,
		.rtp = rtp,
		.rtp_len = (uint16_t)(RTP_HEADER + len),
		.payload = RTP_HEADER,
		.payload_len = (uint16_t)len };
	if (len > UINT16_MAX - RTP_HEADER || t->error)
		return;
	rtp_write(rtp, RTP_HEADER, &h);
	memcpy(rtp + RTP_HEADER, payload, len);
	t->error = mjr_write(t->writer, &p, t->unix_us);
	t->seq++;
}

/* Containers keep a tenth of a second and more of these in a frame; calls send 20 ms in a packet,
 * and others take 10 ms of L16 for what comes before the next. @return 0: it is not to be cut */
static unsigned piece_ms(enum cardea_codec_id codec)
{
	switch (codec) {
	case CARDEA_PCMU:
	case CARDEA_PCMA:
	case CARDEA_G722:
		return 20;
	case CARDEA_L16:
	case CARDEA_L16_48:
		return 10;
	default:
		return 0;
	}
}

static bool is_l16(enum cardea_codec_id codec)
{
	return codec == CARDEA_L16 || codec == CARDEA_L16_48;
}

/* In bytes. Of G.722 two samples are one, at a clock that is half of theirs. */
static size_t piece_len(enum cardea_codec_id codec)
{
	return codec_info(codec)->clock_hz / 1000 * piece_ms(codec) * (is_l16(codec) ? 2 : 1);
}

static void write_frame(struct conversion *c, unsigned i, const struct rec_frame *f, int64_t us)
{
	struct track *t = &c->tracks[i];
	struct rec_frame piece = *f;
	size_t len = piece_len(t->packetizer.codec), left = f->len;
	for (t->us = us; left; t->us += piece_ms(t->packetizer.codec) * US_PER_MS) {
		t->unix_us = c->info.began_us + t->us;
		piece.len = len && len < left ? len : left;
		packetize(&t->packetizer, &piece, on_payload, t);
		piece.data += piece.len;
		left -= piece.len;
	}
}

/* ---- begin ---- */

/* OUT.mjr of one track; of several OUT-audio.mjr, OUT-video.mjr, OUT-video-2.mjr. */
static char *path_of(const struct conversion *c, unsigned i, const char *out)
{
	bool is_video = cardea_codec_kind(c->info.tracks[i].codec) == CARDEA_VIDEO;
	const char *kind = is_video ? "video" : "audio";
	unsigned same = 1;
	int base = (int)(strrchr(out, '.') - out);
	for (unsigned k = 0; k < i; k++)
		same += c->tracks[k].path && cardea_codec_kind(c->info.tracks[k].codec) ==
						     cardea_codec_kind(c->info.tracks[i].codec);
	if (c->n == 1)
		return g_strdup(out);
	return same == 1 ? g_strdup_printf("%.*s-%s%s", base, out, kind, out + base)
			 : g_strdup_printf("%.*s-%s-%u%s", base, out, kind, same, out + base);
}

static bool open_track(struct conversion *c, unsigned i, const char *out)
{
	struct track *t = &c->tracks[i];
	const struct codec_info *codec = codec_info(c->info.tracks[i].codec);
	struct mjr_head h = { .kind = codec->kind, .codec = c->info.tracks[i].codec };
	h.created_us = c->info.began_us;
	t->packetizer.codec = h.codec;
	t->pt = codec->pt;
	t->clock_hz = codec->clock_hz;
	t->ssrc = i + 1;
	t->path = path_of(c, i, out);
	t->to = output_open(t->path, c->o->force, c->why, WHY);
	if (t->to && (t->writer = mjr_writer_new(output_file(t->to), &h)))
		return true;
	if (t->to)
		snprintf(c->why, WHY, "%s", rec_file_error(output_file(t->to)));
	return false;
}

/* What its name in MJR does not say: another clock, or channels. @return false: c->why */
static bool check_track(struct conversion *c, unsigned i, const char *in)
{
	const struct codec_info *codec = codec_info(c->info.tracks[i].codec);
	uint32_t hz = c->info.tracks[i].clock_hz, channels = c->info.tracks[i].channels;
	if (!piece_ms(c->info.tracks[i].codec) ||
		(hz == codec->clock_hz && channels == codec->channels))
		return true;
	snprintf(c->why, WHY,
		"%s has %s of %u Hz and %u channel%s, MJR knows it of %s Hz and one channel only",
		in, codec->encoding, hz, channels, channels == 1 ? "" : "s",
		is_l16(c->info.tracks[i].codec) ? "16000 or 48000" : "8000");
	return false;
}

static enum status open_tracks(struct conversion *c, const char *in, const char *out)
{
	for (unsigned i = 0; i < c->info.n_tracks; i++)
		c->n += packetize_can(c->info.tracks[i].codec);
	if (!c->n) {
		snprintf(c->why, WHY, "%s has no track that can be sent as RTP", in);
		return STATUS_UNWRITTEN;
	}
	for (unsigned i = 0; i < c->info.n_tracks; i++)
		if (packetize_can(c->info.tracks[i].codec) &&
			(!check_track(c, i, in) || !open_track(c, i, out)))
			return STATUS_UNWRITTEN;
	return STATUS_GOOD;
}

/* ---- all of it ---- */

static enum status copy(struct conversion *c)
{
	const int64_t all_us = c->info.duration_us;
	struct rec_frame f;
	unsigned i;
	int64_t us;
	enum err e;
	while (!(e = demux_read(c->from, &i, &f, &us))) {
		struct track *t = &c->tracks[i];
		if (t->writer)
			write_frame(c, i, &f, us);
		if (t->error)
			return STATUS_UNWRITTEN;
		if (!progress_show(NULL, all_us > 0 ? (double)us / (double)all_us : 0))
			return STATUS_STOPPED;
	}
	return e == ERR_NOT_FOUND ? STATUS_GOOD : STATUS_PART;
}

static enum status end_track(struct conversion *c, struct track *t, enum status s)
{
	bool keep = s == STATUS_GOOD || s == STATUS_PART;
	if (t->writer && mjr_writer_leave(t->writer) && keep)
		t->error = ERR_IO;
	/* a file that failed says so when it ends */
	if (t->to)
		t->is_made = output_end(t->to, keep || t->error, c->why, WHY);
	return t->to && keep && !t->is_made ? STATUS_UNWRITTEN : s;
}

/* All of them or none. */
static void remove_made(struct conversion *c)
{
	for (unsigned i = 0; i < TRACKS; i++)
		if (c->tracks[i].is_made)
			unlink(c->tracks[i].path);
}

static enum status convert(struct conversion *c, const char *in, const char *out)
{
	enum status s;
	c->from = demux_open(in, &c->info, c->why, WHY);
	if (!c->from)
		return STATUS_UNREADABLE;
	if (!c->info.began_us) /* not told: as if it began now */
		c->info.began_us = clock_wall_us();
	s = open_tracks(c, in, out);
	if (s == STATUS_GOOD)
		s = copy(c);
	for (unsigned i = 0; i < TRACKS; i++)
		s = end_track(c, &c->tracks[i], s);
	if (s != STATUS_GOOD && s != STATUS_PART)
		remove_made(c);
	demux_close(c->from);
	return s;
}

enum status convert_to_mjr(const struct options *o, const char *in, const char *out)
{
	struct conversion c = { .o = o };
	enum status s = convert(&c, in, out);
	const char *note =
		s == STATUS_PART || c.n < c.info.n_tracks ? "not all of it is here" : NULL;
	progress_end();
	if (s != STATUS_GOOD && s != STATUS_PART)
		s = report_failure(o, s, c.why);
	else
		for (unsigned i = 0; i < TRACKS; i++)
			if (c.tracks[i].path)
				s = report_made(o, c.tracks[i].path, note);
	for (unsigned i = 0; i < TRACKS; i++)
		g_free(c.tracks[i].path);
	return s;
}
