/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "../../core/rtp/codec_info.h"
#include "look.h"
#include "words.h"

#define WORD 32

static const char *const verdicts[] = {
	[PLAYABLE] = "playable", [DAMAGED] = "damaged", [UNREADABLE] = "unreadable"
};
static const char *const kinds[] = { [CARDEA_AUDIO] = "audio",
	[CARDEA_VIDEO] = "video",
	[CARDEA_DATA] = "data",
	[CARDEA_OTHER] = "other" };

const char *look_format_name(enum format f)
{
	static const char *const names[] = { "none", "MJR", "WebM", "Matroska", "MP4", "Ogg", "WAV",
		"index", "JSON lines", "WebVTT", "nfo" };
	return names[f];
}

/* ---- for people ---- */

static bool is_text(const struct look *l)
{
	return l->format >= FORMAT_INDEX;
}

static void print_count(const char *word, uint64_t n)
{
	char number[WORD];
	printf(", %s %s", words_number(number, sizeof number, n), word);
}

/* What text tells of. */
static void print_told(const struct look *l)
{
	if (l->format == FORMAT_INDEX)
		print_count(l->people == 1 ? "person" : "people", l->people);
	if (l->format == FORMAT_INDEX || l->format == FORMAT_NFO)
		print_count(l->files == 1 ? "file" : "files", l->files);
	else
		print_count(l->messages == 1 ? "message" : "messages", l->messages);
}

static void print_file(const struct look *l)
{
	char path[WORDS_PATH], span[WORD], bytes[WORD], time[WORD];
	printf("%s: %s", words_path(path, sizeof path, l->path), look_format_name(l->format));
	if (!is_text(l))
		printf(", %s", words_span(span, sizeof span, l->info.duration_us, true));
	printf(", %s", words_bytes(bytes, sizeof bytes, l->bytes));
	if (l->info.began_us)
		printf(", began %s", words_time(time, sizeof time, l->info.began_us));
	if (is_text(l))
		print_told(l);
	puts("");
}

static void print_track(const struct look *l, unsigned i)
{
	enum cardea_codec_id codec = l->info.tracks[i].codec;
	bool is_video = cardea_codec_kind(codec) == CARDEA_VIDEO;
	const struct codec_info *known = codec_info(codec);
	printf("  %s: %s", kinds[cardea_codec_kind(codec)], known ? known->encoding : "unknown");
	if (l->info.tracks[i].width)
		printf(", %u×%u", l->info.tracks[i].width, l->info.tracks[i].height);
	if (!is_video && l->info.tracks[i].clock_hz)
		printf(", %g kHz", l->info.tracks[i].clock_hz / 1000.0);
	if (!is_video && l->info.tracks[i].channels > 1)
		printf(", %u channels", l->info.tracks[i].channels);
	if (l->is_deep)
		print_count("frames", l->info.tracks[i].frames);
	if (l->is_deep && is_video)
		print_count("keyframes", l->info.tracks[i].keyframes);
	puts("");
}

static void print_mjr(const struct look *l)
{
	char text[WORDS_PATH];
	if (l->head.kind == CARDEA_DATA)
		printf("  data: %" PRIu64 " messages, %s\n", l->messages,
			l->head.is_binary ? "binary" : "text");
	if (*l->head.fmtp)
		printf("  parameters: %s\n", words_path(text, sizeof text, l->head.fmtp));
	if (*l->head.description)
		printf("  description: %s\n", words_path(text, sizeof text, l->head.description));
	if (l->lost)
		printf("  lost on the way: %" PRIu64 " packets\n", l->lost);
	if (l->broken)
		printf("  cannot be shown for that: %" PRIu64 " frames\n", l->broken);
}

static void print_verdict(const struct look *l)
{
	char path[WORDS_PATH];
	printf("%s: %s", words_path(path, sizeof path, l->path), verdicts[l->verdict]);
	if (*l->why)
		printf(": %s", l->why);
}

void look_print(const struct look *l)
{
	if (l->verdict == UNREADABLE) {
		print_verdict(l);
		puts("");
		return;
	}
	print_file(l);
	for (unsigned i = 0; i < l->info.n_tracks; i++)
		print_track(l, i);
	if (l->format == FORMAT_MJR)
		print_mjr(l);
	if (*l->why)
		printf("  %s: %s\n", verdicts[l->verdict], l->why);
}

void look_print_verdict(const struct look *l)
{
	char span[WORD];
	print_verdict(l);
	if (l->verdict == UNREADABLE) {
		puts("");
		return;
	}
	if (is_text(l)) {
		print_told(l);
		puts("");
		return;
	}
	printf(", %s", words_span(span, sizeof span, l->info.duration_us, true));
	for (unsigned i = 0; i < l->info.n_tracks; i++)
		print_count(cardea_codec_kind(l->info.tracks[i].codec) == CARDEA_VIDEO
				    ? "pictures"
				    : "frames of sound",
			l->info.tracks[i].frames);
	if (l->messages)
		print_count("messages", l->messages);
	if (l->lost)
		print_count("packets lost on the way", l->lost);
	puts("");
}

/* ---- for programs ---- */

static json_t *track_json(const struct look *l, unsigned i)
{
	json_t *o = json_object();
	enum cardea_codec_id codec = l->info.tracks[i].codec;
	bool is_video = cardea_codec_kind(codec) == CARDEA_VIDEO;
	json_object_set_new(o, "kind", json_string(kinds[cardea_codec_kind(codec)]));
	json_object_set_new(o, "codec", cardea_json_text(cardea_codec_name(codec)));
	if (is_video) {
		json_object_set_new(o, "width", json_integer(l->info.tracks[i].width));
		json_object_set_new(o, "height", json_integer(l->info.tracks[i].height));
	} else {
		json_object_set_new(o, "clock_hz", json_integer(l->info.tracks[i].clock_hz));
		json_object_set_new(o, "channels", json_integer(l->info.tracks[i].channels));
	}
	if (!l->is_deep)
		return o;
	json_object_set_new(o, "frames", json_integer((json_int_t)l->info.tracks[i].frames));
	json_object_set_new(o, "keyframes", json_integer((json_int_t)l->info.tracks[i].keyframes));
	json_object_set_new(o, "first_us", json_integer(l->info.tracks[i].first_us));
	json_object_set_new(o, "last_us", json_integer(l->info.tracks[i].last_us));
	return o;
}

static void set_count(json_t *o, const char *key, uint64_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void set_mjr(json_t *o, const struct look *l)
{
	if (!l->head.kind)
		return;
	json_object_set_new(o, "kind", json_string(kinds[l->head.kind]));
	json_object_set_new(o, "codec", cardea_json_text(l->head.codec_name));
	json_object_set_new(o, "created_us", json_integer(l->head.created_us));
	if (*l->head.fmtp)
		json_object_set_new(o, "fmtp", cardea_json_text(l->head.fmtp));
	if (*l->head.description)
		json_object_set_new(o, "description", cardea_json_text(l->head.description));
	set_count(o, "records", l->records.records);
	set_count(o, "records_skipped", l->records.skipped);
	set_count(o, "damages", l->records.damages);
	set_count(o, "bytes_damaged", l->records.lost);
	set_count(o, "packets_lost", l->lost);
	set_count(o, "frames_broken", l->broken);
	if (l->head.kind == CARDEA_DATA)
		set_count(o, "messages", l->messages);
}

static void set_text(json_t *o, const struct look *l)
{
	if (l->format == FORMAT_INDEX)
		set_count(o, "people", l->people);
	if (l->format == FORMAT_INDEX || l->format == FORMAT_NFO)
		set_count(o, "files", l->files);
	else
		set_count(o, "messages", l->messages);
}

json_t *look_json(const struct look *l)
{
	json_t *o = json_object(), *tracks = json_array();
	json_object_set_new(o, "file", cardea_json_text(l->path));
	json_object_set_new(o, "format", json_string(look_format_name(l->format)));
	json_object_set_new(o, "verdict", json_string(verdicts[l->verdict]));
	if (*l->why)
		json_object_set_new(o, "why", cardea_json_text(l->why));
	set_count(o, "bytes", l->bytes);
	if (is_text(l)) {
		set_text(o, l);
	} else if (l->verdict != UNREADABLE) {
		json_object_set_new(o, "duration_us", json_integer(l->info.duration_us));
		json_object_set_new(o, "whole", json_boolean(l->info.is_whole));
	}
	if (l->info.began_us)
		json_object_set_new(o, "began_us", json_integer(l->info.began_us));
	for (unsigned i = 0; i < l->info.n_tracks; i++)
		json_array_append_new(tracks, track_json(l, i));
	json_object_set_new(o, "tracks", tracks);
	if (l->format == FORMAT_MJR)
		set_mjr(o, l);
	return o;
}
