/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "entry.h"

/** @file
 * What a handle does: nothing, record or play. A leaf. */
enum state { STATE_IDLE, STATE_RECORDING, STATE_PLAYING };

struct ongoing;
struct player;

/** m-lines; -1: none */
struct lines {
	int audio, video, data;
};

struct session {
	struct cardea_handle *handle;
	enum state state;
	struct ongoing *ongoing; /**< RECORDING */
	struct player *player;   /**< PLAYING */
	struct lines lines;      /**< that are recorded or played */
	uint32_t bitrate_max;
	unsigned keyframe_ms; /**< 0: none are asked for */
	/** `stop` waits for the files to be whole, but not for long */
	char *stop_transaction;
	uint64_t stop_timer, stopped_id;
	bool stopped_private;
};
