/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>
#include "../base/clock.h"
#include "record_options.h"

#define MB    1000000ULL
#define DAY_S 86400LL

const struct cardea_field record_options[] = {
	{ "recording_format", CARDEA_STR, .one_of = "media|mjr|both", .dflt_str = "media",
		.note = "media: WebM, MP4 or Matroska, which can be played; mjr: packets of one "
			"track each, for tools. Rooms may say otherwise" },
	{ "folder", CARDEA_STR,
		.note = "for recordings of plugins that name no folder; recordings/ in state_dir "
			"when absent" },
	{ "hook", CARDEA_STR,
		.note = "program that is run for each file that is whole, with its path; see "
			"docs/recording.md. Without a shell" },

	{ "min_free_space", CARDEA_UINT, .max = INT32_MAX, .dflt = 500,
		.group = "Limits: what reaches one ends, and is whole.",
		.note = "MB that stay free on a disk; 0: none" },
	{ "max_size", CARDEA_UINT, .max = INT32_MAX, .note = "MB of one recording; 0: any" },
	{ "max_duration", CARDEA_UINT, .max = INT32_MAX, .note = "seconds of one; 0: any" },

	{ "retention_days", CARDEA_UINT, .max = 36500,
		.group = "What is removed by itself, of the files that recordings consist of.",
		.note = "those that are older; 0: none" },
	{ "retention_size", CARDEA_UINT, .max = INT32_MAX,
		.note = "the oldest, when a folder has more than so many MB; 0: none" },

	{ "sync_period", CARDEA_UINT, .max = 3600, .dflt = 5, .group = "The disk.",
		.note = "seconds of a recording that failing power may cost; a crash of the server "
			"costs one at most" },
	{ "queue_size", CARDEA_UINT, .min = 1, .max = 4096, .dflt = 64,
		.note = "MB of packets that wait for a slow disk; what is beyond is missing in the "
			"recording, from a picture to the next that can be begun with" },
	{ 0 },
};

enum cardea_record_format cardea_record_format(const char *word)
{
	static const char *const words[] = { NULL, "media", "mjr", "both" };
	for (unsigned i = CARDEA_RECORD_MEDIA; word && i <= CARDEA_RECORD_BOTH; i++)
		if (!strcasecmp(word, words[i]))
			return (enum cardea_record_format)i;
	return CARDEA_RECORD_CONFIGURED;
}

static const char *text(const struct cardea_args *a, const char *name)
{
	const char *s = cardea_str(a, name);
	return s && *s ? s : NULL;
}

void record_options_read(struct record_settings *s, const struct cardea_args *a)
{
	*s = (struct record_settings){
		.format = cardea_record_format(cardea_str(a, "recording_format")),
		.folder = text(a, "folder"),
		.hook = text(a, "hook"),
		.sync_us = cardea_int(a, "sync_period") * US_PER_S,
		.queue_bytes = (size_t)cardea_int(a, "queue_size") << 20,
		.min_free = (uint64_t)cardea_int(a, "min_free_space") * MB,
		.max_bytes = (uint64_t)cardea_int(a, "max_size") * MB,
		.max_s = (unsigned)cardea_int(a, "max_duration"),
		.keep_s = cardea_int(a, "retention_days") * DAY_S,
		.keep_bytes = (uint64_t)cardea_int(a, "retention_size") * MB,
	};
	if (!s->format) /* said wrongly: the start ends for that */
		s->format = CARDEA_RECORD_MEDIA;
}
