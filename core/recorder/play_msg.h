/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "play_input.h"

/** @file
 * What control and the player's thread say to each other, as flat values. Control's go into the
 * same queue as what workers say (struct source_wish of router/source/source_msg.h), and begin
 * like it. */
#define PLAY_PATH  1024
#define PLAY_FILES 4

enum play_cmd_type {
	PLAY_CMD_OPEN = 100, /**< PLAY_REP_OPENED or _FAILED follows */
	PLAY_CMD_START,      /**< its source is open */
	PLAY_CMD_PAUSE,
	PLAY_CMD_RESUME,
	PLAY_CMD_SEEK, /**< PLAY_REP_POSITION follows: where it landed */
	PLAY_CMD_RATE,
	PLAY_CMD_CLOSE, /**< PLAY_REP_CLOSED follows */
};
struct queue;
struct play_cmd {
	uint32_t type; /**< enum play_cmd_type */
	uint32_t n_files;
	uint64_t play; /**< its id, and that of its source */
	union {
		struct {
			uint64_t whose; /**< whom others do not wait for; 0: nobody's */
			/** one file of a container, or MJR files, one a track; "": no more */
			char files[PLAY_FILES][PLAY_PATH];
		} open;
		struct {
			struct queue *media; /**< of the worker; outlives the thread */
		} start;
		struct {
			int64_t us;
		} seek;
		struct {
			double rate;
		} rate;
	};
};
/** Bytes of it that carry meaning. */
size_t play_cmd_len(const struct play_cmd *c);

enum play_rep_type {
	PLAY_REP_OPENED = 1,
	PLAY_REP_POSITION, /**< once a second while it plays, after a seek, and when it is paused */
	PLAY_REP_DATA,     /**< a message of a data channel is due; it stands behind, and a NUL */
	PLAY_REP_END,      /**< all was sent; it can be sought back */
	PLAY_REP_FAILED,   /**< it cannot go on: text says why */
	PLAY_REP_CLOSED,   /**< the last word */
};
struct play_rep {
	uint32_t type; /**< enum play_rep_type */
	uint32_t len;  /**< of DATA: bytes of the message */
	uint64_t play;
	union {
		struct {
			int64_t duration_us; /**< 0: not known */
			uint32_t n_tracks;
			struct play_track tracks[PLAY_TRACKS];
			char warning[PLAY_TEXT]; /**< what is left out; "": nothing */
		} opened;
		struct {
			int64_t us;
			uint8_t is_seek; /**< it has landed there */
		} position;
		struct {
			uint8_t is_binary;
		} data;
		char text[PLAY_TEXT];
	};
};
size_t play_rep_len(enum play_rep_type type); /**< without what follows */
