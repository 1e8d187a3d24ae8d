/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "target_file.h"
#include "output.h"
#include "progress.h"
#include "stop.h"
#include "wav.h"

#define FIRST 0.8 /* of the time; the rest is for the second */

/* Containers are written twice: as frames come, and then with duration, index and moov in front. */
struct target_file {
	enum target target;
	struct output *out, *draft; /* draft: NULL where one time will do */
	struct mux *mux;
	struct wav *wav;
	enum err error;
	char why[512]; /* of the first error, where the file does not say it */
};

static const struct {
	const char *ending;
	enum target target;
} endings[] = {
	{ "webm", TARGET_WEBM },
	{ "mp4", TARGET_MP4 },
	{ "mkv", TARGET_MATROSKA },
	{ "mka", TARGET_MATROSKA },
	{ "opus", TARGET_OGG },
	{ "ogg", TARGET_OGG },
	{ "wav", TARGET_WAV },
	{ "mjr", TARGET_MJR },
	{ "jsonl", TARGET_MESSAGES },
	{ "vtt", TARGET_MESSAGES },
};

enum target target_of(const char *path)
{
	const char *base = strrchr(path, '/'), *dot = strrchr(base ? base : path, '.');
	for (unsigned i = 0; dot && i < G_N_ELEMENTS(endings); i++)
		if (g_ascii_strcasecmp(dot + 1, endings[i].ending) == 0)
			return endings[i].target;
	return TARGET_NONE;
}

const char *target_endings(void)
{
	static char text[128];
	*text = 0;
	for (unsigned i = 0; i < G_N_ELEMENTS(endings); i++) {
		g_strlcat(text, i ? ", ." : ".", sizeof text);
		g_strlcat(text, endings[i].ending, sizeof text);
	}
	return text;
}

enum mux_container target_container(enum target t)
{
	static const enum mux_container containers[TARGET_MESSAGES + 1] = {
		[TARGET_WEBM] = MUX_WEBM,
		[TARGET_MP4] = MUX_MP4,
		[TARGET_MATROSKA] = MUX_MATROSKA,
		[TARGET_OGG] = MUX_OGG,
	};
	return containers[t];
}

bool target_holds(enum target t, enum cardea_codec_id codec)
{
	if (t == TARGET_WAV)
		return wav_holds(codec);
	if (t == TARGET_OGG)
		return codec == CARDEA_OPUS || codec == CARDEA_MULTIOPUS;
	if (t == TARGET_WEBM)
		return codec == CARDEA_OPUS || codec == CARDEA_VP8 || codec == CARDEA_VP9 ||
		       codec == CARDEA_AV1;
	if (t == TARGET_MP4)
		return codec == CARDEA_OPUS || codec == CARDEA_H264 || codec == CARDEA_H265 ||
		       codec == CARDEA_AV1 || codec == CARDEA_VP9;
	return t == TARGET_MATROSKA && codec != CARDEA_ISAC16 && codec != CARDEA_ISAC32;
}

static bool open_writer(struct target_file *m, const struct target_conf *conf,
	const struct mux_track *tracks, unsigned n, char *why, size_t size)
{
	struct output *first = m->draft ? m->draft : m->out;
	/* of what a call brings, Matroska takes everything as it is */
	struct mux_conf to = { .container = m->draft ? MUX_MATROSKA : target_container(m->target),
		.file = output_file(first),
		.title = conf->title,
		.began_us = conf->began_us };
	if (m->target != TARGET_WAV)
		return (m->mux = mux_new(&to, tracks, n, why, size));
	m->wav = wav_new(output_file(m->out), tracks->codec, tracks->channels);
	if (!m->wav)
		snprintf(why, size, "%s", rec_file_error(output_file(m->out)));
	return m->wav;
}

struct target_file *target_file_open(const struct target_conf *conf, const struct mux_track *tracks,
	unsigned n, char *why, size_t size)
{
	struct target_file *m = g_new0(struct target_file, 1);
	g_autofree char *draft = g_strconcat(conf->path, ".draft", NULL);
	m->target = target_of(conf->path);
	m->out = output_open(conf->path, conf->over, why, size);
	if (m->out && m->target != TARGET_WAV && m->target != TARGET_OGG &&
		!(m->draft = output_open(draft, false, why, size))) {
		output_end(m->out, false, NULL, 0);
		m->out = NULL;
	}
	progress_part(0, m->draft ? FIRST : 1);
	if (m->out && open_writer(m, conf, tracks, n, why, size))
		return m;
	if (m->draft)
		output_end(m->draft, false, NULL, 0);
	if (m->out)
		output_end(m->out, false, NULL, 0);
	g_free(m);
	return NULL;
}

enum err target_file_write(
	struct target_file *m, unsigned track, const struct rec_frame *f, int64_t us)
{
	if (!m->error)
		m->error = m->wav ? wav_write(m->wav, f, us) : mux_write(m->mux, track, f, us);
	return m->error;
}

/* @return false: m->why, unless it was stopped */
static bool finish(struct target_file *m)
{
	const struct mux_copy how = { .progress = progress_show };
	progress_part(FIRST, 1);
	if (!m->error && m->draft)
		m->error = mux_copy(output_path(m->draft), output_file(m->out),
			target_container(m->target), &how, m->why, sizeof m->why);
	return !m->error && !stop_wanted();
}

bool target_file_end(struct target_file *m, bool keep, char *why, size_t size)
{
	struct output *first = m->draft ? m->draft : m->out;
	enum err e = m->wav ? wav_end(m->wav) : mux_end(m->mux);
	const char *error = rec_file_error(output_file(first));
	bool good;
	if (!m->error)
		m->error = e;
	if (error)
		g_strlcpy(m->why, error, sizeof m->why);
	else if (m->error)
		g_strlcpy(m->why, "A frame cannot be written", sizeof m->why);
	good = keep && finish(m);
	if (keep && !good)
		g_strlcpy(why, *m->why ? m->why : "Interrupted", size);
	if (m->draft)
		output_end(m->draft, false, NULL, 0);
	good = output_end(m->out, good, why, size) && good;
	g_free(m);
	return good;
}
