/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "rec_env.h"
#include "rec_track.h"

/** @file
 * One recording: at most one track of sound and one of pictures, and messages, into media files,
 * MJR files, or both. What happens to it is told by rec_env's tell(). Recorder's thread. */
struct recording;

/** @param open REC_CMD_OPEN. @return NULL: no memory */
struct recording *recording_new(const struct rec_env *env, const struct rec_cmd *open);
/** A sink is to bring one. @param c REC_CMD_TRACK. @return the track, which is the recording's;
 *  NULL: it is of no kind that can be recorded, or there is no memory */
struct rec_track *recording_track(struct recording *r, const struct rec_cmd *c);
/** A record of a track's sink. */
void recording_take(
	struct recording *r, struct rec_track *t, const struct sink_record *rec, size_t len);
/** @param bytes behind REC_CMD_DATA */
void recording_data(struct recording *r, const struct rec_cmd *c, const uint8_t *bytes);
void recording_pause(struct recording *r, bool on, int64_t now_us);
/** It is over as soon as its sinks have closed. */
void recording_stop(struct recording *r);
/** End its files now, and say why. @param type REC_REP_FAILED or REC_REP_LIMITED */
void recording_give_up(struct recording *r, enum rec_rep_type type, const char *why);
/** What is due by time; some ten times a second. */
void recording_tick(struct recording *r, int64_t now_us);
/** It was stopped, and its sinks have closed, or say nothing any more. */
bool recording_is_over(const struct recording *r);
/** Write the rest of its files, say REC_REP_STOPPED, and free. */
void recording_end(struct recording *r);

uint64_t recording_id(const struct recording *r);
const char *recording_base(const struct recording *r);
/** Walk its tracks; NULL: the first. */
struct rec_track *recording_next(const struct recording *r, const struct rec_track *t);
