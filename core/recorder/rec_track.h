/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../router/sink/sink_msg.h"
#include "packet.h"
#include "rec_msg.h"

/** @file
 * A track of a recording, as its sink tells of it: records become packets, as they come, and
 * frames, in their order. Recorder's thread. */
struct rec_track;
struct rec_track_ops {
	/** what is received; told first, and when it changes */
	void (*described)(void *arg, struct rec_track *t);
	/** as they come; of pictures the first is a keyframe's, if that can be told */
	void (*packet)(void *arg, struct rec_track *t, const struct rec_packet *p);
	void (*report)(void *arg, struct rec_track *t, const struct sink_record *r);
	void (*frame)(void *arg, struct rec_track *t, const struct rec_frame *f);
	void (*want_keyframe)(void *arg, struct rec_track *t);
};

struct rec_track {
	const struct rec_track_ops *ops;
	void *arg;
	uint64_t sink;
	uint8_t kind; /* enum cardea_kind */
	bool e2ee;
	bool has_frames; /* they are wanted */
	bool is_open;    /* its sink has not closed */
	char suffix[REC_SUFFIX], fmtp[256], text[REC_TITLE];
	struct track now;          /* what is received; codec 0: not known yet */
	uint32_t gen;              /* is added to the sink's: another sink is another gen */
	struct rec_frames *frames; /* NULL: none can be made */
	int64_t asked_us;
	bool has_begun;   /* packets are passed on: of pictures from a keyframe on */
	int64_t first_us; /* when the first came; 0: none has */
};

/** @param c REC_CMD_TRACK. @param n tracks that the recording had before. NULL: no memory */
struct rec_track *rec_track_new(const struct rec_cmd *c, unsigned n, bool has_frames,
	const struct rec_track_ops *ops, void *arg);
void rec_track_free(struct rec_track *t); /**< NULL is fine. */
/** A record of its sink. */
void rec_track_take(struct rec_track *t, const struct sink_record *r, size_t len);
/** Let go of packets that have waited long enough. */
void rec_track_tick(struct rec_track *t, int64_t now_us);
/** Nothing follows. */
void rec_track_flush(struct rec_track *t);
/** Ask for a keyframe, unless that was done a moment ago. */
void rec_track_ask(struct rec_track *t);
