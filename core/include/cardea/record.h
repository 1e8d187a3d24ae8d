/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/data.h>
#include <cardea/json.h>
#include <cardea/media.h>
#include <cardea/route.h>

/** @file
 * Recordings: files of what a handle's peer sends (docs/recording.md). Control thread. */

/** What a recording is written as. */
enum cardea_record_format {
	CARDEA_RECORD_CONFIGURED, /**< recording_format in cardea.jcfg */
	CARDEA_RECORD_MEDIA,      /**< a file that plays: NAME.webm, .mp4, .mkv */
	CARDEA_RECORD_MJR,        /**< packets: NAME-audio.mjr, NAME-video.mjr, NAME-data.mjr */
	CARDEA_RECORD_BOTH,
};
/** The format that a word names ("media", "mjr", "both", in any case); NULL or another:
 *  CARDEA_RECORD_CONFIGURED. */
CARDEA_API enum cardea_record_format cardea_record_format(const char *word);

/** What a recording tells. */
enum cardea_record_event_type {
	/** the first frame of a file is in: `path` (as it will be), `began_us` */
	CARDEA_RECORD_STARTED = 1,
	CARDEA_RECORD_FILE,    /**< a file is whole: `path`, `began_us`, `duration_us`, `bytes` */
	CARDEA_RECORD_SHED,    /**< the disk is too slow: `shed` packets more are missing */
	CARDEA_RECORD_LIMITED, /**< a limit ends it: `reason`; STOPPED follows */
	CARDEA_RECORD_FAILED,  /**< it cannot go on: `reason`; STOPPED follows */
	CARDEA_RECORD_STOPPED, /**< all its files are whole; its id means nothing any more */
};
/** What has become of a recording. Borrowed for the call. */
struct cardea_record_event {
	size_t size;
	enum cardea_record_event_type type;
	uint64_t recording;
	/** NULL: its PeerConnection, or the one that was recorded, is gone */
	struct cardea_handle *handle;
	void *arg;           /**< as given at its start */
	const char *path;    /**< of a file; NULL: of none */
	const char *reason;  /**< a sentence; NULL: none */
	int64_t began_us;    /**< Unix time of the file's first frame */
	int64_t duration_us; /**< of the file; with STOPPED: of all */
	uint64_t bytes;      /**< likewise */
	uint64_t shed;       /**< packets */
	/** 1 << enum cardea_kind: with STARTED what the file may have, with FILE what it has */
	unsigned kinds;
};

/** What to record. Unset members are 0. */
struct cardea_record {
	size_t size; /**< sizeof(struct cardea_record) */
	/** folder that nothing may leave; NULL or "": the one that is configured (`folder` in
	 *  section recordings) */
	const char *dir;
	/** path without ending, within @p dir: folders in it are made; one that begins with / has
	 *  to lead into @p dir */
	const char *name;
	const char *title; /**< stands in the file; NULL: none */
	enum cardea_record_format format;
	/** m-lines that the peer sends; -1: none. At least one of them is given */
	int audio, video, data;
	/** MJR files have their m-line in the name: NAME-video-1.mjr */
	bool is_numbered;
	/** a stream beside those that another recording of this name has: its media file, too, is
	 *  called by its kind and m-line */
	bool is_apart;
	/** called on the control thread, also when the handle is gone, but not after the plugin's
	 *  `stop`. NULL: nobody listens */
	void (*fn)(const struct cardea_record_event *e);
	void *arg;
	/** descriptions of the m-lines above, for the heads of MJR files; NULL: none */
	const char *audio_text, *video_text, *data_text;
};

/** Record what comes from now on: text of the name, folder and what is there already are checked
 *  now, the rest is told by @p fn. Ends by itself with the PeerConnection. Media that is encrypted
 *  end to end is recorded as MJR only.
 *  @param e code 0: the plugin has its own
 *  @return an id, or 0 with @p e filled */
CARDEA_API uint64_t cardea_record_start(
	struct cardea_handle *h, const struct cardea_record *what, struct cardea_error *e);
/** Would a recording of this name and format be refused, whatever its PeerConnection is? Before
 *  there is one. @return false with @p e filled, as cardea_record_start() does it */
CARDEA_API bool cardea_record_check(const struct cardea_record *what, struct cardea_error *e);
/** Record other m-lines, as in struct cardea_record: after a renegotiation. */
CARDEA_API void cardea_record_tracks(uint64_t recording, int audio, int video, int data);
/** What the m-lines are called that cardea_record_tracks() names next, likewise; NULL: nothing. */
CARDEA_API void cardea_record_describe(
	uint64_t recording, const char *audio_text, const char *video_text);
/** Leave out what comes; the files have no gap there. */
CARDEA_API void cardea_record_pause(uint64_t recording);
/** Take in again what comes. */
CARDEA_API void cardea_record_resume(uint64_t recording);
/** End it: FILE and STOPPED follow. Ids that mean nothing (any more) are fine, here as above. */
CARDEA_API void cardea_record_stop(uint64_t recording);
/** Write a text, in the place of the one before, so that a reader finds one of the two whole. Its
 *  order with recordings is kept.
 *  @param dir, name as in struct cardea_record, but @p name with its ending
 *  @param text borrowed, of @p len bytes
 *  @return false with @p e filled (code 0) */
CARDEA_API bool cardea_record_text(
	const char *dir, const char *name, const char *text, size_t len, struct cardea_error *e);
/** The same of JSON, indented. @param json borrowed */
CARDEA_API bool cardea_record_index(
	const char *dir, const char *name, const json_t *json, struct cardea_error *e);
/** Remove a file, and what is unfinished of it. It stays away: a text that was given before, and is
 *  not written yet, does not come back.
 *  @param dir, name as with cardea_record_text()
 *  @param gone called when nothing can bring it back any more, unless the plugin ends before;
 *  NULL: nobody waits
 *  @return false with @p e filled (code 0): it is there, or cannot be looked at */
CARDEA_API bool cardea_record_remove(const char *dir, const char *name, void (*gone)(void *arg),
	void *arg, struct cardea_error *e);
/** There may be recordings in a folder: from a start hook, or when a room begins to use it. What
 *  a crash has left there is finished, and what is too old (`retention_…`) removed. */
CARDEA_API void cardea_record_folder(const char *dir);
/** The folder that is configured for recordings, for the life of the server; NULL: there is none.
 */
CARDEA_API const char *cardea_recordings_folder(void);
