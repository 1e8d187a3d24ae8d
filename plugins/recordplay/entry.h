/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * One recording as its .nfo file has it: a section named by its number, and lines "name = value".
 * A leaf. */
#define ENTRY_FILES    16   /**< of one recording */
#define ENTRY_MESSAGES 2    /**< JSON lines and WebVTT */
#define ENTRY_NAME     256  /**< bytes of its name, and of a file's, at most */
#define NFO_MAX        8192 /**< bytes of a .nfo file at most */

struct entry {
	uint64_t id;
	bool is_private;
	bool is_audio, is_video, is_data; /**< what it has */
	bool has_red;
	char name[ENTRY_NAME + 1];
	char date[32];                         /**< "YYYY-MM-DD HH:MM:SS" */
	char audio_codec[24], video_codec[24]; /**< empty: not known */
	char secret[ENTRY_NAME + 1]; /**< of who may delete it; empty: nobody but the operator */
	/** Paths in the folder, with their endings. Media files are played one after another. */
	char media[ENTRY_FILES][ENTRY_NAME + 1];
	unsigned n_media;
	char messages[ENTRY_MESSAGES][ENTRY_NAME + 1]; /**< of data channels, beside media */
	unsigned n_messages;
	char audio[ENTRY_NAME + 1], video[ENTRY_NAME + 1], data[ENTRY_NAME + 1]; /**< MJR */
	int64_t duration_ms; /**< 0: not known */
	uint64_t bytes;      /**< likewise */
};

/** Read the text of a .nfo file. @param why set when it is none: what is missing or wrong in it
 *  @return false: @p why */
bool entry_read(const char *text, struct entry *out, const char **why);
/** The text of one, at most NFO_MAX bytes with the end. */
void entry_print(const struct entry *e, char out[NFO_MAX]);
/** As in the answer to `list`; new reference. */
json_t *entry_json(const struct entry *e);
/** A text that is read as it is printed: no control characters, no space at its ends. */
bool entry_keeps(const char *text);
/** A path that stays in the folder and on its line: relative, no part of it is empty or begins with
 *  a dot. */
bool entry_is_path(const char *path);
