/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * The part of the plugin SDK that is about recordings: what can be known at once is checked here,
 * the rest is done by recordings.c. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../recorder/av/mux.h"
#include "../recorder/file.h"
#include "handle.h"
#include "options.h"
#include "peerconn.h"
#include "record_path.h"
#include "recording_folders.h"
#include "recordings.h"

#define ENDINGS 8

/* ---- m-lines ---- */

static bool is_line(const struct peerconn *pc, int mindex, enum cardea_kind kind)
{
	return mindex < 0 || (peerconn_has(pc, (unsigned)mindex, CARDEA_RECV) &&
				     pc->neg.tracks[mindex].kind == kind);
}

/* Messages are heard from the handle, whatever its m-line is. */
static bool check_lines(
	const struct cardea_handle *h, const struct cardea_record *w, struct cardea_error *e)
{
	if (!h->pc || !h->pc->peer)
		return cardea_fail(e, 0, "There is no PeerConnection to record");
	if (!is_line(h->pc, w->audio, CARDEA_AUDIO) || !is_line(h->pc, w->video, CARDEA_VIDEO))
		return cardea_fail(e, 0, "There is no such track to record");
	if (w->audio < 0 && w->video < 0 && w->data < 0)
		return cardea_fail(e, 0, "There is nothing to record");
	return true;
}

static enum cardea_codec_id codec_of(const struct peerconn *pc, int mindex)
{
	return mindex < 0 ? CARDEA_CODEC_NONE : (enum cardea_codec_id)pc->neg.tracks[mindex].codec;
}

/* Why there can be no media files; NULL: there can. */
static const char *why_no_media(const struct cardea_handle *h, const struct record_conf *c)
{
	if (h->e2ee)
		return "What is encrypted end to end cannot be recorded as media, only as mjr";
	if ((c->audio >= 0 || c->video >= 0) &&
		!mux_container_for(codec_of(h->pc, c->audio), codec_of(h->pc, c->video)))
		return "There is no media file for these codecs, they can be recorded as mjr only";
	return NULL;
}

static bool check_format(
	const struct cardea_handle *h, struct record_conf *c, struct cardea_error *e)
{
	const char *why = why_no_media(h, c);
	if (why)
		c->format &= REC_MJR;
	return c->format || cardea_fail(e, 0, "%s", why);
}

/* ---- names ---- */

static bool is_there(const char *base, const char *suffix, const char *ending)
{
	char path[2 * REC_PATH];
	snprintf(path, sizeof path, "%s%s%s", base, suffix, ending);
	if (!access(path, F_OK))
		return true;
	snprintf(path, sizeof path, "%s%s%s%s", base, suffix, ending, rec_file_ending());
	return !access(path, F_OK);
}

static bool is_media_there(const struct record_conf *c)
{
	static const char *const endings[] = { ".webm", ".mp4", ".mkv", ".jsonl", ".vtt" };
	char suffix[REC_SUFFIX];
	record_suffix_apart(c, suffix);
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (is_there(c->base, suffix, endings[i]))
			return true;
	return false;
}

static bool is_mjr_there(const struct record_conf *c)
{
	const struct {
		enum cardea_kind kind;
		int mindex;
	} lines[] = { { CARDEA_AUDIO, c->audio }, { CARDEA_VIDEO, c->video },
		{ CARDEA_DATA, c->data } };
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char suffix[REC_SUFFIX];
		if (lines[i].mindex < 0)
			continue;
		record_suffix(
			suffix, lines[i].kind, lines[i].mindex, c->is_numbered || c->is_apart);
		if (is_there(c->base, suffix, ".mjr"))
			return true;
	}
	return false;
}

static bool check_names(const struct record_conf *c, const char *name, struct cardea_error *e)
{
	if (recording_has_name(c) || (c->format & REC_MEDIA && is_media_there(c)) ||
		(c->format & REC_MJR && is_mjr_there(c)))
		return cardea_fail(e, 0, "There is a recording '%.100s' already", name);
	return record_path_is_writable(c->base, name, e);
}

/* An address has its share of all recordings, so that others can make some. */
static bool check_share(uint64_t whose, struct cardea_error *e)
{
	unsigned n = records_of(whose);
	return n < RECORDINGS_SHARE ||
	       cardea_fail(e, 0,
		       "Your address has %u recordings already (a quarter of what there may be)",
		       n);
}

/* ---- the SDK ---- */

static void copy(struct cardea_record *w, const struct cardea_record *given)
{
	*w = (struct cardea_record){ .audio = -1, .video = -1, .data = -1 };
	memcpy(w, given, given->size < sizeof *w ? given->size : sizeof *w);
	if (!w->format)
		w->format = settings.record.format;
}

static struct record_conf conf_of(const struct cardea_record *w)
{
	return (struct record_conf){ .title = w->title,
		.format = w->format,
		.texts = { [RECORD_AUDIO] = w->audio_text, [RECORD_VIDEO] = w->video_text },
		.data_text = w->data_text,
		.audio = w->audio,
		.video = w->video,
		.data = w->data,
		.is_numbered = w->is_numbered,
		.is_apart = w->is_apart,
		.fn = w->fn,
		.arg = w->arg };
}

bool cardea_record_check(const struct cardea_record *what, struct cardea_error *e)
{
	struct cardea_record w;
	struct record_conf c;
	char folder[REC_PATH];
	copy(&w, what);
	c = conf_of(&w);
	return record_path(w.dir, w.name, c.base, folder, e) && check_names(&c, w.name, e);
}

uint64_t cardea_record_start(
	struct cardea_handle *h, const struct cardea_record *what, struct cardea_error *e)
{
	struct cardea_record w;
	struct record_conf c;
	char folder[REC_PATH];
	copy(&w, what);
	c = conf_of(&w);
	c.e2ee = h->e2ee;
	c.handle = h->id;
	c.whose = cardea_whose(h);
	if (!check_lines(h, &w, e) || !check_share(c.whose, e) || !check_format(h, &c, e) ||
		!record_path(w.dir, w.name, c.base, folder, e) || !check_names(&c, w.name, e))
		return 0;
	recording_folders_add(folder);
	h->recordings.handle = h;
	uint64_t id = recording_begin(&h->recordings, h->pc, &c);
	if (!id)
		cardea_fail(e, 0, "There are too many recordings");
	return id;
}

void cardea_record_tracks(uint64_t recording, int audio, int video, int data)
{
	const struct recordings *owner = recording_owner(recording);
	const struct cardea_handle *h = owner ? owner->handle : NULL;
	if (!h || !h->pc)
		return;
	recording_set_tracks(recording, h->pc, is_line(h->pc, audio, CARDEA_AUDIO) ? audio : -1,
		is_line(h->pc, video, CARDEA_VIDEO) ? video : -1, data);
}

void cardea_record_describe(uint64_t recording, const char *audio_text, const char *video_text)
{
	const char *const texts[RECORD_LINES] = {
		[RECORD_AUDIO] = audio_text, [RECORD_VIDEO] = video_text
	};
	recording_describe(recording, texts);
}

void cardea_record_pause(uint64_t recording)
{
	recording_set_paused(recording, true);
}

void cardea_record_resume(uint64_t recording)
{
	recording_set_paused(recording, false);
}

void cardea_record_stop(uint64_t recording)
{
	recording_finish(recording);
}

void cardea_record_folder(const char *dir)
{
	if (dir && *dir)
		recording_folders_add(dir);
}

const char *cardea_recordings_folder(void)
{
	static char folder[REC_PATH];
	return record_folder(folder) ? folder : NULL;
}
