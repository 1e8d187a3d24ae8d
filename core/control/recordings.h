/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>
#include <glib.h>
#include "../recorder/rec_msg.h"

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

/** The recordings of a handle; zero: none. */
struct recordings {
	struct cardea_handle *handle; /**< not looked into: listeners get it */
	GSList *all;                  /**< with those that are ending */
};

struct record_conf {
	char base[REC_PATH];
	const char *title;      /**< NULL: none */
	unsigned format;        /**< enum rec_format */
	int audio, video, data; /**< m-lines; -1: none */
	bool is_numbered, is_apart;
	bool e2ee;       /**< what comes is encrypted end to end */
	uint64_t handle; /**< for the log */
	void (*fn)(const struct cardea_record_event *e);
	void *arg;
};
/** Begin one of @p pc, for @p owner, which outlives it or calls recordings_end().
 *  @return its id; 0: there are RECORDINGS_MAX */
#define RECORDINGS_MAX 4096
uint64_t recording_begin(
	struct recordings *owner, const struct peerconn *pc, const struct record_conf *conf);
/** Does a recording that goes on write, or will, files of these names? */
bool recording_has_name(const struct record_conf *conf);
void recording_set_tracks(uint64_t id, const struct peerconn *pc, int audio, int video, int data);
void recording_set_paused(uint64_t id, bool on);
void recording_finish(uint64_t id);
/** All of an owner end, and it has none any more. */
void recordings_end(struct recordings *owner);
/** What the peer sends from now on is encrypted end to end: those that need to look into it end, and
 *  say why; packets alone go on, in files that say so. */
void recordings_encrypt(const struct recordings *of, const struct peerconn *pc);
/** A message that the peer has sent. */
void recordings_message(const struct recordings *of, const struct data_msg *m);
json_t *recordings_info(const struct recordings *of); /**< new reference; NULL: there are none */
/** Of which handle, as given; NULL: there is no such (any more). */
struct recordings *recording_owner(uint64_t id);
/** "-video-1": what the names of a track's MJR file have behind the base. */
void record_suffix(char out[REC_SUFFIX], enum cardea_kind kind, int mindex, bool is_numbered);
/** The same for the media file of a stream apart; "": it is none. */
void record_suffix_apart(const struct record_conf *c, char out[REC_SUFFIX]);
/** There may be recordings there: what a crash has left is finished, what is too old removed. */
void recordings_folder(const char *folder);
