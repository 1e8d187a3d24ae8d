/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <cardea/plugin.h>

/** @file
 * The index of one recording of a room: who was there, when, in which files (docs/recording.md). It
 * is written some time after each change, at most once a second. What it holds is bounded: the rest
 * is left out, and the index says so. A leaf: rooms and what is recorded hold references. */
struct room_index;

/** Begin one. @param dir of the files, as in struct cardea_record
 *  @param part what its name says of the room
 *  @return for room_index_unref() */
struct room_index *room_index_new(
	const char *dir, const char *part, const json_t *room, const char *title);
struct room_index *room_index_ref(struct room_index *x);
void room_index_unref(struct room_index *x); /**< The last one writes it. NULL is fine. */
void room_index_end(struct room_index *x);   /**< The recording is over; files may end later. */

/** Somebody is there. @param was_there before the recording began
 *  @return a new reference to its entry, NULL: there is no room for it */
json_t *room_index_join(
	struct room_index *x, const json_t *id, const char *display, bool was_there);
void room_index_rename(struct room_index *x, json_t *entry, const char *display);
void room_index_leave(struct room_index *x, json_t *entry);

/** A file of a participant, or news of it. */
struct room_index_file {
	const char *path;    /**< as it will be */
	int64_t began_us;    /**< Unix time of its first frame */
	int64_t duration_us; /**< 0: not known (yet) */
	unsigned kinds;      /**< 1 << enum cardea_kind: what it has, or may have */
	bool is_screen;      /**< its pictures are */
};
void room_index_file(struct room_index *x, json_t *entry, const struct room_index_file *f);
void room_index_speaks(struct room_index *x, const json_t *id, bool talks);
