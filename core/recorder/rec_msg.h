/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * What control and the recorder's thread say to each other, as flat values. Control's go into the
 * same queue as the records of sinks (router/sink/sink_msg.h), so that they keep their order; types
 * begin where those end. */
enum rec_format { REC_MEDIA = 1, REC_MJR = 2, REC_BOTH = REC_MEDIA | REC_MJR };

enum rec_cmd_type {
	REC_CMD_OPEN = 100, /**< begin; files are made with the first frame */
	REC_CMD_TRACK,      /**< a sink belongs to a recording; sent before the sink is opened */
	REC_CMD_DATA,       /**< a message of a data channel, its bytes behind it */
	REC_CMD_PAUSE,
	REC_CMD_RESUME,
	REC_CMD_STOP,  /**< REC_REP_STOPPED follows, when its files are whole */
	REC_CMD_INDEX, /**< a text that is to stand in a file, in the place of the one before */
};
#define REC_PATH  1024 /**< bytes of a path, with its end */
#define REC_TITLE 256

struct rec_cmd {
	uint32_t type; /**< enum rec_cmd_type */
	uint32_t len;  /**< bytes that follow */
	uint64_t recording;
	union {
		struct {
			char base[REC_PATH]; /**< path without ending */
			char title[REC_TITLE];
			uint8_t format;     /**< enum rec_format */
			uint32_t max_s;     /**< 0: no end */
			uint64_t max_bytes; /**< 0: no end */
		} open;
		struct {
			uint64_t sink;
			uint16_t mindex;
			uint8_t kind; /**< enum cardea_kind */
		} track;
		struct {
			int64_t at_us;
			bool is_binary;
		} data;
		struct {
			int64_t at_us;
		} pause;
		struct {
			char path[REC_PATH];
		} index;
	};
};

enum rec_rep_type {
	REC_REP_STARTED = 1, /**< its first file is there */
	REC_REP_FILE,        /**< a file is whole */
	REC_REP_FAILED,      /**< it cannot go on: text says why; STOPPED follows */
	REC_REP_SHED,        /**< the disk was too slow: so many packets are missing */
	REC_REP_KEYFRAME,    /**< a sink's source is to be asked for one */
	REC_REP_STOPPED,
};
struct rec_rep {
	uint32_t type; /**< enum rec_rep_type */
	uint64_t recording;
	uint64_t sink;
	int64_t began_us;    /**< Unix time of the file's first frame */
	int64_t duration_us; /**< of the file, or of all */
	uint64_t bytes;
	uint64_t shed;
	char text[REC_PATH]; /**< path of a file, or a reason */
};
