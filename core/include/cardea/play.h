/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/data.h>
#include <cardea/json.h>
#include <cardea/media.h>
#include <cardea/route.h>

/** @file
 * Playbacks: tracks that come out of files (docs/recording.md). Control thread. */

/** A track of what is played. What the player knows no way to send is not there. */
struct cardea_play_track {
	enum cardea_kind kind; /**< CARDEA_DATA: messages come as events, and it has no route */
	enum cardea_codec_id codec;
	const char *fmtp; /**< for an offer; NULL: nothing is said of it */
	bool red;         /**< some or all of it is redundant audio: offer that */
};
/** What a playback tells. */
enum cardea_play_event_type {
	CARDEA_PLAY_READY = 1, /**< `tracks`, `us` its length (0: not known), `reason` what is left
				  out (NULL: nothing) */
	CARDEA_PLAY_POSITION,  /**< `us`: once a second while it plays, and when it is paused */
	CARDEA_PLAY_LANDED,    /**< `us`: the keyframe that it was sought to */
	CARDEA_PLAY_DATA,      /**< `data`: a message is due */
	CARDEA_PLAY_END,       /**< all was sent. It can be sought back, and then goes on */
	CARDEA_PLAY_FAILED,    /**< `reason`: it could not be opened, or is damaged from here on */
};
/** What has become of a playback. Borrowed for the call. */
struct cardea_play_event {
	size_t size;
	enum cardea_play_event_type type;
	uint64_t play;
	void *arg; /**< as given when it was opened */
	const struct cardea_play_track *tracks;
	unsigned n_tracks;
	int64_t us;         /**< microseconds of the recording */
	const char *reason; /**< a sentence; NULL: none */
	const struct cardea_data *data;
};
/** What to play. Unset members are 0. */
struct cardea_play {
	size_t size;     /**< sizeof(struct cardea_play) */
	const char *dir; /**< as in struct cardea_record */
	/** within @p dir, with their endings: one file of a container (.webm, .mp4, .mkv …), or
	 *  MJR files, one a track, four at most; read one beside the other */
	const char *const *files;
	unsigned n_files;
	/** called on the control thread; not after cardea_play_close(), nor after the plugin's
	 *  `stop`. NULL: nobody listens */
	void (*fn)(const struct cardea_play_event *e);
	void *arg;
	/** cardea_whose() of who wants it: an address has a quarter of all playbacks, and what it
	 *  opens comes one after the other. 0: nobody's, of whom none are counted */
	uint64_t whose;
};
/** Open files to be played. Their names are checked now; READY or FAILED follows.
 *  @param e code 0: the plugin has its own
 *  @return an id, or 0 with @p e filled: also where a thousand are being played */
CARDEA_API uint64_t cardea_play_open(const struct cardea_play *what, struct cardea_error *e);
/** Let an outgoing track carry a track of a playback that is READY, as cardea_route() does with
 *  that of a peer: several may carry the same, at the cost of a broadcast. Whoever comes when it
 *  plays already is shown the picture since the last keyframe in quick motion first. Ends with the
 *  playback.
 *  @param track index in `tracks`
 *  @return false: no such playback or track, no such m-line, or the worker is overloaded */
CARDEA_API bool cardea_play_route(
	uint64_t play, unsigned track, struct cardea_track sender, const struct cardea_want *want);
/** Begin. Once; before READY nothing happens. Ids that mean nothing (any more) are fine, here as
 *  below. */
CARDEA_API void cardea_play_start(uint64_t play);
/** Stand still, or go on. */
CARDEA_API void cardea_play_pause(uint64_t play, bool on);
/** Go to the last keyframe not after @p us; LANDED follows. Paused: that picture is shown. */
CARDEA_API void cardea_play_seek(uint64_t play, int64_t us);
/** Play 0.25 … 4 times as fast. At other speeds than 1 there is no sound. */
CARDEA_API void cardea_play_rate(uint64_t play, double rate);
/** End it, and its routes. Its id means nothing any more. */
CARDEA_API void cardea_play_close(uint64_t play);
