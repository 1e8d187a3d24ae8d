/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>
#include "../../core/recorder/av/mux.h"
#include "../../core/recorder/mjr.h"

/** @file
 * What is in a recording, of whichever format, and whether it can be played. */
enum verdict { PLAYABLE, DAMAGED, UNREADABLE };
enum format {
	FORMAT_NONE,
	FORMAT_MJR,
	FORMAT_WEBM,
	FORMAT_MATROSKA,
	FORMAT_MP4,
	FORMAT_OGG,
	FORMAT_WAV,
	/* text that stands beside those: look_at_text() */
	FORMAT_INDEX, /* of a room's recording */
	FORMAT_LINES, /* messages, */
	FORMAT_CUES,  /* likewise */
	FORMAT_NFO
};

struct look {
	const char *path;
	enum format format;
	enum verdict verdict;
	char why[1200]; /**< of a verdict that is not PLAYABLE, a sentence without the path */
	uint64_t bytes;
	bool is_deep;         /**< all frames were read */
	struct mux_info info; /**< no tracks, where it has messages */
	/* MJR */
	struct mjr_head head;
	struct mjr_stats records;
	uint64_t lost;   /**< packets */
	uint64_t broken; /**< frames that miss a packet, or what they refer to */
	uint64_t messages;
	unsigned people, files; /**< that an index tells of, or a .nfo */
};

/** By how a file begins. FORMAT_NONE: none of these, or it cannot be read (errno) */
enum format look_format(const char *path);
const char *look_format_name(enum format f); /**< "WebM", … */
/** @param deep read all frames, not the head alone. Of MJR all are read in any case.
 *  @return false: it was stopped */
bool look_into(struct look *l, const char *path, bool deep);
void look_print(const struct look *l); /**< A line of what it is, and one for each track. */
void look_print_verdict(const struct look *l);
json_t *look_json(const struct look *l); /**< new reference */
