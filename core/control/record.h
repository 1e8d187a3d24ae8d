/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>
#include <glib.h>
#include "../base/queue.h"
#include "../recorder/rec_msg.h"

/** @file
 * One recording as the control thread knows it: which m-lines, by which sinks, and who is told.
 * recordings.c begins and changes them, recording_reports.c hears what becomes of them. */
struct peerconn;

/** The recordings of a handle; zero: none. */
struct recordings {
	struct cardea_handle *handle; /**< not looked into: listeners get it */
	GSList *all;                  /**< with those that are ending */
};

enum { RECORD_AUDIO, RECORD_VIDEO, RECORD_LINES };

struct record_conf {
	char base[REC_PATH];
	const char *title; /**< NULL: none */
	unsigned format;   /**< enum rec_format */
	/** descriptions of m-lines; NULL: none */
	const char *texts[RECORD_LINES], *data_text;
	int audio, video, data; /**< m-lines; -1: none */
	bool is_numbered, is_apart;
	bool e2ee;       /**< what comes is encrypted end to end */
	uint64_t handle; /**< for the log */
	uint64_t whose;  /**< cardea_whose() of it; 0: nobody's, of whom none are counted */
	void (*fn)(const struct cardea_record_event *e);
	void *arg;
};

/** An m-line that is recorded. */
struct record_line {
	int mindex; /**< -1: none */
	uint64_t sink;
	unsigned worker;
};

struct record {
	uint64_t id;
	struct recordings *owner; /**< NULL: its PeerConnection is gone */
	struct record_conf conf;  /**< its title and texts are not kept */
	struct record_line lines[RECORD_LINES];
	char *texts[RECORD_LINES];      /**< what lines that are opened are called; NULL: nothing */
	const struct cardea_plugin *of; /**< who listens */
	char *path;                     /**< of the file that was begun last; NULL: none yet */
	bool is_paused, is_ending, is_stopped;
	unsigned n_unfinished; /**< files that are with the finisher */
	int64_t duration_us, shed_said_us;
	uint64_t bytes, shed;
	struct queue_share messages; /**< of the recorder's queue */
};

#define RECORDINGS_MAX   4096
#define RECORDINGS_SHARE (RECORDINGS_MAX / 4) /**< of what one address sends */
/** @param queue number of the recorder's, for sinks. @return false: no memory */
bool records_start(uint8_t queue);
void records_forget(const struct cardea_plugin *of); /**< It is told no more. */
void records_forget_listeners(void);                 /**< Nobody is told any more. */
void records_stop(void);                             /**< All are freed. */

/** @return it is its owner's, has its id and no lines; NULL: there are RECORDINGS_MAX */
struct record *record_new(struct recordings *owner, const struct record_conf *conf);
void record_discard(struct record *r);
struct record *record_find(uint64_t id);    /**< NULL: there is none (any more) */
unsigned records_of(uint64_t whose);        /**< with those that are ending; 0: none */
struct record *record_next(uint32_t *slot); /**< Walk them all, as ids_next() does. */
const char *record_base_name(const struct record *r);
/** Tell its plugin. @param e what is the same for all is filled in */
void record_emit(const struct record *r, struct cardea_record_event *e);
/** Record another m-line; -1: none. @param kind RECORD_AUDIO or RECORD_VIDEO */
void record_set_line(struct record *r, unsigned kind, const struct peerconn *pc, int mindex);
/** Bytes of the recorder's queue that each track may have, and the messages of a recording. */
uint32_t record_share(void);
/** What lines that are opened from now on are called; NULL: nothing. */
void record_describe(struct record *r, unsigned kind, const char *text);
/** No more comes, and the recorder is told. Twice is fine. */
void record_finish(struct record *r);
/** Packets more are missing: it is logged, not too often. */
void record_count_shed(struct record *r, uint64_t n);
/** "-video-1": what the names of a track's MJR file have behind the base. */
void record_suffix(char out[REC_SUFFIX], enum cardea_kind kind, int mindex, bool is_numbered);
