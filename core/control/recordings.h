/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "record.h"

/** @file
 * Recordings as the control thread knows them: which m-lines, which files, who is told. The
 * recorder's thread writes them (recorder/disk.h), the finisher ends them (recorder/finish.h). They
 * belong to whose PeerConnection they take, and end with it; their files are finished after that.
 * Control thread. */
struct data_msg;
struct loop;
struct peerconn;

enum err recordings_start(struct loop *loop);
/** Nobody is told any more: plugins are about to go. */
void recordings_forget_listeners(void);
/** After the workers have ended: what can be finished in time is. */
void recordings_stop(void);

/** Begin one of @p pc, for @p owner, which outlives it or calls recordings_end().
 *  @return its id; 0: there are RECORDINGS_MAX */
uint64_t recording_begin(
	struct recordings *owner, const struct peerconn *pc, const struct record_conf *conf);
/** Does a recording that goes on write, or will, files of these names? */
bool recording_has_name(const struct record_conf *conf);
/** What lines that are opened from now on are called. */
void recording_describe(uint64_t id, const char *const texts[RECORD_LINES]);
void recording_set_tracks(uint64_t id, const struct peerconn *pc, int audio, int video, int data);
void recording_set_paused(uint64_t id, bool on);
void recording_finish(uint64_t id);
/** All of an owner end, and it has none any more. */
void recordings_end(struct recordings *owner);
/** What the peer sends from now on is encrypted end to end: those that need to look into it end,
 *  and say why; packets alone go on, in files that say so. */
void recordings_encrypt(const struct recordings *of, const struct peerconn *pc);
/** A message that the peer has sent. */
void recordings_message(const struct recordings *of, const struct data_msg *m);
json_t *recordings_info(const struct recordings *of); /**< new reference; NULL: there are none */
/** Of which handle, as given; NULL: there is no such (any more). */
struct recordings *recording_owner(uint64_t id);
/** What the name of the media file of a stream apart has behind the base; "": it is none. */
void record_suffix_apart(const struct record_conf *c, char out[REC_SUFFIX]);
