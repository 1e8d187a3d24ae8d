/* SPDX-License-Identifier: Apache-2.0 */
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "av_error.h"
#include "av_io.h"
#include "av_stream.h"

/* How much media a cluster or fragment holds at most. It, and a frame of sound that libavformat
 * keeps back, are lost with the process: no more than a second. */
#define SPAN_US    900000
#define SPAN_BYTES (256u << 10)
/* How long a frame waits for those of other tracks that are to stand before it. */
#define WAIT_US    300000
#define WAIT_BYTES (128u << 10)
#define TRACKS     8
#define ROOM       4096 /* of heads; media passes by it */

/* A frame that came before others that are to stand before it. */
struct waiting {
	struct waiting *next;
	int64_t us;
	unsigned track;
	int flags;
	size_t len;
	uint8_t data[];
};

struct mux {
	AVFormatContext *fmt;
	AVPacket *pkt;
	struct rec_file *file;
	unsigned n;
	struct {
		int64_t newest_us; /* that was given; -1: none */
		int64_t ts, step;  /* of the last one that was put, in its time base */
	} tracks[TRACKS];
	struct waiting *first; /* by time */
	size_t waiting_bytes;
	int64_t newest_us, since_us; /* since: where the cluster begins that is not in the file */
	size_t span_bytes;           /* of it */
	bool is_fragmented;          /* MP4 */
};

static void free_mux(struct mux *m)
{
	while (m->first) {
		struct waiting *w = m->first;
		m->first = w->next;
		free(w);
	}
	if (m->fmt) {
		AVIOContext *io = m->fmt->pb;
		avformat_free_context(m->fmt);
		av_io_close(&io);
	}
	av_packet_free(&m->pkt);
	free(m);
}

/* ---- the head ---- */

static AVDictionary *options_for(enum mux_container c)
{
	AVDictionary *o = NULL;
	if (c == MUX_MP4)
		av_dict_set(
			&o, "movflags", "frag_custom+empty_moov+default_base_moof+skip_trailer", 0);
	return o;
}

static bool write_head(struct mux *m, const struct mux_conf *conf, char *why, size_t size)
{
	AVDictionary *options = options_for(conf->container);
	int r = avformat_write_header(m->fmt, &options);
	av_dict_free(&options);
	if (r >= 0)
		avio_flush(m->fmt->pb);
	if (rec_file_error(m->file))
		snprintf(why, size, "%s", rec_file_error(m->file));
	else if (r < 0)
		av_error_why(why, size, "The head of the file cannot be written", r);
	return r >= 0 && !rec_file_error(m->file);
}

static bool open_mux(struct mux *m, const struct mux_conf *conf, const struct mux_track *tracks,
	char *why, size_t size)
{
	avformat_alloc_output_context2(&m->fmt, NULL, av_stream_muxer(conf->container), NULL);
	m->pkt = av_packet_alloc();
	if (!m->fmt || !m->pkt || !(m->fmt->pb = av_io_open(m->file, ROOM))) {
		snprintf(why, size, "There is no memory for another file.");
		return false;
	}
	m->fmt->pb->direct = 1; /* a cluster comes in one piece and leaves in one */
	/* Frames are whole as they come, and none waits for another one. */
	m->fmt->flags &= ~AVFMT_FLAG_AUTO_BSF;
	m->fmt->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;
	av_stream_describe(m->fmt, conf->title, conf->began_us);
	for (unsigned i = 0; i < m->n; i++)
		if (!av_stream_add(m->fmt, &tracks[i], conf->container, why, size))
			return false;
	return write_head(m, conf, why, size);
}

struct mux *mux_new(const struct mux_conf *conf, const struct mux_track *tracks, unsigned n,
	char *why, size_t size)
{
	struct mux *m = n && n <= TRACKS ? calloc(1, sizeof *m) : NULL;
	av_error_catch();
	av_error_forget();
	if (!m) {
		snprintf(why, size, "A file has one track to %d.", TRACKS);
		return NULL;
	}
	m->file = conf->file;
	m->n = n;
	m->is_fragmented = conf->container == MUX_MP4;
	m->newest_us = m->since_us = -1;
	for (unsigned i = 0; i < n; i++)
		m->tracks[i].newest_us = m->tracks[i].ts = -1;
	if (open_mux(m, conf, tracks, why, size))
		return m;
	free_mux(m);
	return NULL;
}

/* ---- frames ---- */

static enum err error_of(const struct mux *m, int r)
{
	if (rec_file_error(m->file))
		return ERR_IO;
	return r < 0 ? ERR_INVALID : OK;
}

static enum err put(
	struct mux *m, unsigned track, int64_t us, int flags, const uint8_t *data, size_t len)
{
	const AVStream *st = m->fmt->streams[track];
	int64_t ts = av_rescale_q(us, AV_TIME_BASE_Q, st->time_base);
	int64_t last = m->tracks[track].ts;
	if (last >= 0) {
		ts = ts > last ? ts : last + 1;
		m->tracks[track].step = av_stream_step(st, ts - last, m->tracks[track].step);
	}
	m->tracks[track].ts = ts;
	m->span_bytes += len;
	m->pkt->stream_index = (int)track;
	m->pkt->data = (uint8_t *)data; /* libav does not write to it: it has no buffer */
	m->pkt->size = (int)len;
	m->pkt->pts = m->pkt->dts = ts;
	m->pkt->duration = m->tracks[track].step;
	m->pkt->flags = flags;
	return error_of(m, av_write_frame(m->fmt, m->pkt));
}

static enum err put_first(struct mux *m)
{
	struct waiting *w = m->first;
	m->first = w->next;
	m->waiting_bytes -= w->len;
	enum err e = put(m, w->track, w->us, w->flags, w->data, w->len);
	free(w);
	return e;
}

static enum err keep(
	struct mux *m, unsigned track, int64_t us, int flags, const uint8_t *data, size_t len)
{
	struct waiting **at = &m->first, *w = malloc(sizeof *w + len);
	if (!w)
		return ERR_FULL;
	while (*at && (*at)->us <= us)
		at = &(*at)->next;
	*w = (struct waiting){ *at, us, track, flags, len };
	memcpy(w->data, data, len);
	*at = w;
	m->waiting_bytes += len;
	return OK;
}

/* Can a frame of one of the other tracks still come that is to stand before it? */
static bool is_next(const struct mux *m, unsigned track, int64_t us)
{
	if (m->newest_us - us >= WAIT_US || m->waiting_bytes >= WAIT_BYTES)
		return true;
	for (unsigned i = 0; i < m->n; i++)
		if (i != track && m->tracks[i].newest_us < us)
			return false;
	return true;
}

static bool is_span_over(const struct mux *m, int64_t us)
{
	return m->since_us >= 0 && (us - m->since_us >= SPAN_US || m->span_bytes >= SPAN_BYTES);
}

enum err mux_write(struct mux *m, unsigned track, const struct rec_frame *f, int64_t us)
{
	int flags = (f->is_keyframe ? AV_PKT_FLAG_KEY : 0) |
		    (f->is_discardable ? AV_PKT_FLAG_DISPOSABLE : 0);
	enum err e = error_of(m, 0), worst = OK;
	if (e || (is_span_over(m, us) && (e = mux_flush(m))))
		return e;
	if (m->since_us < 0)
		m->since_us = us;
	m->tracks[track].newest_us = us;
	m->newest_us = us > m->newest_us ? us : m->newest_us;
	if (!m->first && is_next(m, track, us))
		return put(m, track, us, flags, f->data, f->len);
	worst = keep(m, track, us, flags, f->data, f->len);
	while (m->first && is_next(m, m->first->track, m->first->us))
		if ((e = put_first(m)))
			worst = e;
	return worst;
}

/* Or else libavformat lets the first frame of a fragment follow upon the last of the one before,
 * however long there was nothing between them. */
static void keep_gap(const struct mux *m)
{
	if (m->is_fragmented)
		av_opt_set(m->fmt->priv_data, "movflags", "+frag_discont", 0);
}

enum err mux_flush(struct mux *m)
{
	enum err e, worst = OK;
	while (m->first)
		if ((e = put_first(m)))
			worst = e;
	av_write_frame(m->fmt, NULL);
	avio_flush(m->fmt->pb);
	keep_gap(m);
	m->since_us = -1;
	m->span_bytes = 0;
	return rec_file_error(m->file) ? ERR_IO : worst;
}

enum err mux_end(struct mux *m)
{
	enum err e = mux_flush(m);
	if (e != ERR_IO && av_write_trailer(m->fmt) >= 0)
		avio_flush(m->fmt->pb);
	e = error_of(m, 0);
	free_mux(m);
	return e;
}
