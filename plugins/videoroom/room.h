/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "publisher.h"

/** @file
 * A room: its options, who is in it, and telling them something. Above publisher.h;
 * rooms.h has the table of all rooms, room_options.h sets the options. */

#define ROOM_CODECS      5
#define ROOM_MIN_BITRATE 64000
#define ROOM_PEOPLE_MAX  5000 /**< participants: each is told what any of them does */
/** m-lines of all publishers: who joins is told all of them at once */
#define ROOM_STREAMS_MAX 4096

/** Whose redundant audio (Opus RED, RFC 2198) is accepted: a room's `opusred`. */
enum opusred {
	RED_PREFERRED, /**< of who lists it before plain Opus */
	RED_ALL,
	RED_NONE,
};

struct room {
	struct ident id;
	char *description, *secret, *pin, *rec_dir;
	bool is_private, require_pvtid, bitrate_cap, opus_fec, opus_dtx;
	bool audiolevel_ext, audiolevel_event, videoorient_ext, playoutdelay_ext, transport_cc_ext;
	bool record, lock_record, notify_joining, require_e2ee;
	enum opusred opusred;
	unsigned max_publishers, bitrate, fir_freq;
	unsigned audio_active_packets, audio_level_average;
	enum cardea_codec_id audio[ROOM_CODECS], video[ROOM_CODECS];
	char *audio_names, *video_names; /**< as configured */
	char *vp9_profile, *h264_profile;
	GHashTable *publishers;    /**< id text → struct publisher */
	GHashTable *by_private_id; /**< the same */
	GPtrArray *subscribers;    /**< struct subscriber */
	size_t display_bytes;      /**< of display and metadata of all publishers */
	uint64_t fir_timer;
	/** its entry of `list` as text: before and behind the number of participants */
	char *list_before, *list_behind;
	char *sfu_name;    /**< on /sfu, where it is no id; NULL: the id */
	bool is_temporary; /**< made by /sfu: goes with its last participant */
	uint64_t maker;    /**< who has made it: see cardea_whose() */
	/** of the configuration, or asked to be: stays when it is empty */
	bool is_permanent;
	int64_t unused_s;        /**< since somebody last came or went (see room_expiry.h) */
	bool signed_tokens;      /**< joining takes a token signed for it */
	bool checks_tokens;      /**< … and publishing one of these */
	struct allowed *allowed; /**< these */
};

/** @param id NULL: random, other than those of @p taken. Without options yet. */
struct room *room_new(const json_t *id, GHashTable *taken);
void room_free(void *room);
void room_touch(struct room *r); /**< Somebody has come or gone: it is in use. */

/** Send an event to all participants but @p except (NULL: to all), except those on /sfu (see
 *  sfu_events.h). Takes @p event. */
void room_tell(struct room *r, const struct publisher *except, json_t *event);
json_t *room_event(const struct room *r); /**< {"videoroom":"event","room":…} */

/** The handles of all participants but @p except (NULL: none) for whom @p takes (NULL: all) is
 *  true. To be freed. */
struct cardea_handle **room_handles(const struct room *r, const struct publisher *except,
	bool (*takes)(const struct publisher *p), unsigned *n);
const char *room_name(const struct room *r); /**< on /sfu: its room_id */
unsigned room_active_publishers(const struct room *r, const struct publisher *except);
/** m-lines of all publishers */
unsigned room_streams(const struct room *r, const struct publisher *except);
