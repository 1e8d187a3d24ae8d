/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "entry.h"
#include "play_lines.h"

/** @file
 * A recording that is played, to one viewer or to several who share it: there is one playback of
 * it, which costs what a broadcast does. A recording of several files is played file after file. It
 * ends with its last viewer. */
struct showing;

/** Who watches it. */
struct viewer {
	/** What has become of the playback. READY comes for each file, END after the last.
	 *  They may leave meanwhile. */
	void (*fn)(struct viewer *v, const struct cardea_play_event *e);
	struct showing *showing; /**< NULL: none */
	struct viewer *next;     /**< who came after them */
};

struct showing {
	struct showing *next;
	struct entry e;       /**< as it was when it began: it may be deleted meanwhile */
	struct viewer *first; /**< steers it: nobody has watched it longer */
	unsigned file;        /**< of e.media that is played */
	uint64_t play;        /**< 0: none */
	uint64_t whose;       /**< who began it: see cardea_whose() */
	struct play_lines lines;
	char *left_out; /**< why a track of it is; NULL: none is */
	bool is_shared, is_ready, is_begun, is_over;
	int64_t duration_us;
};

/** Watch @p e. @param is_shared with all others who share it; else, and when nobody does, it begins
 *  anew. Look whether it is ready: who joins later is not told that.
 *  @param whose they are: see cardea_whose()
 *  @return false: it cannot be opened */
bool showing_watch(struct viewer *v, const struct entry *e, bool is_shared, uint64_t whose,
	struct cardea_error *error);
void showing_leave(struct viewer *v); /**< None: fine. */
/** Let their m-lines, which are those of the showing, carry it. It begins with the first. */
void showing_carry(const struct viewer *v, struct cardea_handle *to);
