/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** @file
 * What control and the recorder's thread say to each other, as flat values. Control's go into the
 * same queue as the records of sinks (router/sink/sink_msg.h), so that they keep their order; types
 * begin where those end. */
enum rec_format { REC_MEDIA = 1, REC_MJR = 2, REC_BOTH = REC_MEDIA | REC_MJR };

enum rec_cmd_type {
	REC_CMD_OPEN = 100, /**< begin; files are made with the first frame */
	REC_CMD_TRACK,      /**< a sink belongs to a recording; sent before the sink is opened. In
			     *   the place of one of the same kind, which closes */
	REC_CMD_DATA,       /**< a message of a data channel, its bytes behind it */
	REC_CMD_PAUSE,
	REC_CMD_RESUME,
	REC_CMD_FAIL,   /**< it cannot go on, for a reason that follows: REC_REP_FAILED */
	REC_CMD_STOP,   /**< REC_REP_STOPPED follows, when its sinks have closed and its files are
			*   written */
	REC_CMD_INDEX,  /**< a text that is to stand in a file, in the place of the one before */
	REC_CMD_REMOVE, /**< a file is to be gone; REC_REP_REMOVED follows where `recording`, a
			 *   number of who asks, is not 0 */
};
#define REC_PATH   1024 /**< bytes of a path, with its end */
#define REC_TITLE  256
#define REC_SUFFIX 16

struct rec_cmd {
	uint32_t type; /**< enum rec_cmd_type */
	uint32_t len;  /**< bytes that follow */
	uint64_t recording;
	union {
		struct {
			char base[REC_PATH]; /**< path without ending */
			char title[REC_TITLE], data_text[REC_TITLE];
			/** stands behind the base in the names of media files, mostly empty; in
			 *  those of messages ("-data-2") */
			char apart[REC_SUFFIX], data[REC_SUFFIX];
			uint8_t format;     /**< enum rec_format */
			uint32_t max_s;     /**< 0: no end */
			uint64_t max_bytes; /**< 0: no end */
		} open;
		struct {
			uint64_t sink;
			uint16_t mindex;
			uint8_t kind; /**< enum cardea_kind */
			bool e2ee;
			char suffix[REC_SUFFIX]; /**< in the name of an MJR file: "-video-1" */
			char fmtp[256], text[REC_TITLE]; /**< text: what its m-line is called */
		} track;
		struct {
			int64_t at_us;
			bool is_binary;
			uint16_t label_len; /**< of the bytes that follow, the first */
		} data;
		struct {
			int64_t at_us; /**< clock_now_us() of pause or resume */
		} pause;
		struct {
			char path[REC_PATH];
		} index; /**< and of what is removed */
	};
};
#define REC_CMD_END(member) (offsetof(struct rec_cmd, member) + sizeof((struct rec_cmd *)0)->member)
/** Bytes of a command that carry meaning, without those that follow. */
static inline size_t rec_cmd_len(enum rec_cmd_type type)
{
	switch (type) {
	case REC_CMD_OPEN:
		return sizeof(struct rec_cmd);
	case REC_CMD_TRACK:
		return REC_CMD_END(track);
	case REC_CMD_DATA:
		return REC_CMD_END(data);
	case REC_CMD_INDEX:
	case REC_CMD_REMOVE:
		return REC_CMD_END(index);
	case REC_CMD_PAUSE:
	case REC_CMD_RESUME:
		return REC_CMD_END(pause);
	case REC_CMD_FAIL:
	case REC_CMD_STOP:
		break;
	}
	return offsetof(struct rec_cmd, open);
}

enum rec_rep_type {
	REC_REP_STARTED = 1, /**< a file is there, with its first frame */
	REC_REP_FILE,        /**< a file is written: see `container` */
	REC_REP_FINISHED, /**< the finisher is done with a file; container: it is NAME.part still */
	REC_REP_PROGRESS, /**< how much there is; not always told */
	REC_REP_FAILED,   /**< it cannot go on: text says why; STOPPED follows */
	REC_REP_LIMITED,  /**< a limit ends it: likewise */
	REC_REP_SHED,     /**< the disk was too slow: so many packets are missing */
	REC_REP_KEYFRAME, /**< a sink's source is to be asked for one */
	REC_REP_STOPPED,  /**< the last of a recording */
	REC_REP_REMOVED,  /**< what REC_CMD_REMOVE has asked for; `recording` is the number */
};
struct rec_rep {
	uint32_t type; /**< enum rec_rep_type */
	/** enum mux_container of a file that stands as NAME.part and is to be finished
	 *  (av/mux.h); 0: it is whole */
	uint32_t container;
	uint64_t recording;
	uint64_t sink;
	int64_t began_us;    /**< Unix time of the file's first frame */
	int64_t duration_us; /**< of the file, or of all */
	uint64_t bytes;
	uint64_t shed;
	/** 1 << enum cardea_kind: what a file that has begun may have; what a written one has */
	uint32_t kinds;
	char text[REC_PATH]; /**< path of a file as it will be, or a reason */
};
static inline size_t rec_rep_len(const struct rec_rep *r)
{
	return offsetof(struct rec_rep, text) + strlen(r->text) + 1;
}
