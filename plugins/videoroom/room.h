/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "publisher.h"

struct room_index;

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

/** Options that are kept as they are given, under the names of schema.c: x makes the member, and
 *  room_options.c reads it, and takes what `edit` gives as new_x where that has such a field.
 *  An empty text is none. */
/* clang-format off */
#define ROOM_TEXTS(X) \
	X(description) X(secret) X(pin) X(rec_dir) X(recording_format) \
	X(audiocodec) X(videocodec) X(vp9_profile) X(h264_profile)
#define ROOM_FLAGS(X) \
	X(is_private) X(signed_tokens) X(require_pvtid) X(bitrate_cap) X(opus_fec) X(opus_dtx) \
	X(audiolevel_ext) X(audiolevel_event) X(videoorient_ext) X(playoutdelay_ext) \
	X(transport_wide_cc_ext) X(notify_joining) X(require_e2ee) X(record) X(lock_record)
#define ROOM_NUMBERS(X) \
	X(bitrate) X(fir_freq) X(audio_active_packets) X(audio_level_average)
/* clang-format on */

struct room {
	struct ident id;
#define TEXT(name)   char *name;
#define FLAG(name)   bool name;
#define NUMBER(name) unsigned name;
	ROOM_TEXTS(TEXT)
	ROOM_FLAGS(FLAG)
	ROOM_NUMBERS(NUMBER)
#undef TEXT
#undef FLAG
#undef NUMBER
	unsigned max_publishers; /**< the option `publishers` */
	enum opusred opusred;
	enum cardea_codec_id audio[ROOM_CODECS], video[ROOM_CODECS]; /**< as the texts say */
	GHashTable *publishers;    /**< id text → struct publisher */
	GHashTable *by_private_id; /**< the same */
	GPtrArray *subscribers;    /**< struct subscriber */
	size_t display_bytes;      /**< of display and metadata of all publishers */
	uint64_t fir_timer;
	struct room_index *index; /**< of its recording; NULL: there is nothing of it yet */
	/** its entry of `list` as text, but for the number of participants: that stands at
	 *  `split` */
	struct {
		char *text;
		size_t split, len;
	} list;
	char *sfu_name;    /**< on /sfu, where it is no id; NULL: the id */
	bool is_temporary; /**< made by /sfu: goes with its last participant */
	uint64_t maker;    /**< who has made it: see cardea_whose() */
	/** of the configuration, or asked to be: stays when it is empty */
	bool is_permanent;
	int64_t unused_s;        /**< since somebody last came or went (see room_expiry.h) */
	bool checks_tokens;      /**< publishing takes one of these */
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
