/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <cardea/plugin.h>

/** @file
 * The nouns of the video room: rooms, publishers (participants) with their streams, subscribers
 * with theirs. All of it lives on the control thread. */

/** The API's numbers. */
enum {
	E_INVALID_REQUEST = 423,
	E_JOIN_FIRST,
	E_ALREADY_JOINED,
	E_NO_SUCH_ROOM,
	E_ROOM_EXISTS,
	E_NO_SUCH_FEED,
	E_MISSING,
	E_INVALID,
	E_INVALID_SDP_TYPE,
	E_PUBLISHERS_FULL,
	E_UNAUTHORIZED,
	E_ALREADY_PUBLISHED,
	E_NOT_PUBLISHED,
	E_ID_EXISTS,
	E_INVALID_SDP,
	E_INVALID_FEED,
	E_UNKNOWN = 499,
};

#define ROOM_CODECS      5
#define ROOM_MIN_BITRATE 64000
#define ROOM_PEOPLE_MAX  5000 /**< participants: each is told what any of them does */
/** m-lines of all publishers: who joins is told all of them at once */
#define ROOM_STREAMS_MAX 4096

/** An id of a room or participant: integer or string by configuration; its text is the hash key. */
struct ident {
	json_t *json;
	char *text;
};
bool ident_set(struct ident *id, const json_t *value); /**< takes a reference of its own */
bool ident_is_any(const json_t *value);                /**< NULL, 0 and "" mean: choose one */
void ident_random(struct ident *id, GHashTable *taken);
void ident_clear(struct ident *id);

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
	size_t named_bytes;        /**< of the names of all publishers */
	uint64_t fir_timer;
	/** its entry of `list` as text: before and behind the number of participants */
	char *listed[2];
	char *name;      /**< on /sfu, where it is no id; NULL: the id */
	bool is_passing; /**< made by /sfu: goes with its last participant */
	uint64_t whose;  /**< its maker's: see cardea_whose() */
	/** of the configuration, or asked to be: stays when it is empty */
	bool is_lasting;
	int64_t used_s;     /**< when somebody last came or went (see empty.h) */
	bool signed_tokens; /**< coming in takes a token signed for it */
	bool checks_tokens; /**< … and publishing one of these */
	struct allowed *allowed;
};

/** One m-line of a publisher. */
struct stream {
	enum cardea_kind kind;
	char mid[CARDEA_MID_MAX + 1];
	enum cardea_codec_id codec;
	char *description;
	bool disabled, simulcast, svc, stereo, fec, dtx, red;
	bool muted;     /**< by its publisher: send=false */
	bool moderated; /**< muted by the room */
	bool talking;
	char profile[16]; /**< H.264 profile-level-id or VP9 profile-id */
	char fmtp[256];
	uint32_t exts;            /**< negotiated with the publisher */
	int min_delay, max_delay; /**< 10 ms, -1: as received */
	bool delays_new;          /**< … and nobody's route has them yet */
	char *track_id;           /**< on /sfu; NULL: the mid */
	bool told;                /**< the others on /sfu know it */
};

struct publisher {
	struct room *room; /**< NULL once left, kicked, or the room destroyed */
	struct cardea_handle *handle;
	struct ident id;
	char *display;
	json_t *metadata;
	size_t named_bytes; /**< of both, as they are told */
	uint32_t private_id;
	bool has_bitrate;                                   /**< an own cap was said … */
	unsigned bitrate;                                   /**< … this, 0: none */
	unsigned audio_active_packets, audio_level_average; /**< own values, 0: the room's */
	bool publishing; /**< an offer was accepted and not withdrawn */
	bool announced;  /**< the others know the streams */
	bool e2ee;       /**< what it sends is encrypted end to end */
	unsigned n_streams;
	struct stream *streams;
	char *name; /**< participant_id on /sfu, where it is no id; NULL: the id */
	/** of /sfu: struct named_track, what it publishes; NULL: all that it offers */
	GPtrArray *named;
};

/** One m-line of a subscriber. */
struct sub_stream {
	enum cardea_kind kind;
	enum cardea_codec_id codec;
	struct publisher *feed; /**< NULL: emptied, or a data m-line … */
	GPtrArray *sources;     /**< … with its publishers; NULL: none yet */
	unsigned feed_mindex;
	char *crossrefid;
	bool ready, send;
	bool route_owed;                                /**< its source has other delays */
	int substream, temporal, spatial, svc_temporal; /**< targets, 0 to 2 */
	int64_t fallback_us;
	int min_delay, max_delay; /**< 10 ms, -1: as received */
	struct cardea_layer now;
};

struct subscriber {
	struct room *room;    /**< NULL once the room is destroyed */
	struct ident room_id; /**< for answers after that */
	struct cardea_handle *handle;
	uint32_t private_id;
	bool use_msid, autoupdate, paused, left;
	/** an offer of ours made a PeerConnection, and it has not been lost */
	bool has_pc;
	bool e2ee;        /**< of its first feed, and so of all */
	bool restart_due; /**< the offer that waits is to restart ICE */
	bool kicked;      /**< with the participant whose private_id it gave */
	bool update_due;  /**< changes wait for the answer to the pending offer */
	bool offer_owed;  /**< what it gets has changed, and it is to be told */
	/** its place among those whose turn will come (see owed.h); no data: none */
	GList owed;
	GPtrArray *streams; /**< struct sub_stream, index is the m-line */
};

/** What a handle is in this plugin: decided by its first join, for life. */
struct member {
	enum { ROLE_NONE, ROLE_PUBLISHER, ROLE_SUBSCRIBER } role;
	struct publisher *publisher;
	struct subscriber *subscriber;
	/** the connection on /sfu that the handle serves; NULL: none, or it has left the room */
	struct sfu *sfu;
};

/* ---- rooms ---- */
extern bool string_ids;
extern const char *admin_key; /**< NULL: anybody may create rooms */
extern unsigned max_rooms;    /**< that there may be, once those of the configuration are made */

void rooms_start(void);
void rooms_stop(void);
GHashTable *rooms(void); /**< id text → struct room */
/** Make a room. @param by NULL: the configuration or the operator @param id NULL: random. @return
 *  NULL with @p e filled: 427, 430, 499 there are too many. */
struct room *room_create(const struct cardea_handle *by, const json_t *id,
	const struct cardea_args *args, struct cardea_error *e);
/** Does a room of these options name codecs that there are? @return false with @p e filled. */
bool room_codecs_known(const struct cardea_args *args, struct cardea_error *e);
/** Its options are others. */
void room_changed(struct room *r);
void room_destroy(struct room *r);
/** @return NULL with @p e filled: 426. */
struct room *room_find(const json_t *id, struct cardea_error *e);
json_t *room_list_entry(const struct room *r);           /**< its entry of `list`, new reference */
void room_list_text(const struct room *r, GString *out); /**< The same, printed already. */
/** The handles of all participants but @p except (NULL: none) for whom @p takes (NULL: all) is
 *  true. To be freed. */
struct cardea_handle **room_handles(const struct room *r, const struct publisher *except,
	bool (*takes)(const struct publisher *p), unsigned *n);
/** Send an event to all participants but @p except (NULL: to all), except those on /sfu (see
 *  news.h). Takes @p event. */
void room_tell(struct room *r, const struct publisher *except, json_t *event);
unsigned room_active_publishers(const struct room *r, const struct publisher *except);
/** m-lines of all publishers */
unsigned room_streams(const struct room *r, const struct publisher *except);
json_t *event_new(const struct room *r); /**< {"videoroom":"event","room":…} */

/* ---- publishers ---- */
bool publisher_join(struct cardea_call *c, struct room *r, bool configure);
bool publisher_request(struct cardea_call *c, struct publisher *p); /**< configure, publish */
bool publisher_unpublish(struct cardea_call *c, struct publisher *p);
bool publisher_leave(struct cardea_call *c, struct publisher *p);
bool publisher_kick(struct publisher *p);
/** A newcomer wants the place of @p p (NULL: nobody's). One whose client is known to be gone leaves
 *  at once; one on /sfu is asked whether it is there, and goes when it does not answer in two
 *  seconds. @return it is free */
bool publisher_yields(struct publisher *p);
/** Take one stream away; the m-line stays. */
void publisher_drop_stream(struct publisher *p, unsigned mindex);
/** Mute a stream for the room, or let it speak again, and tell everybody. */
void publisher_moderate(struct publisher *p, unsigned mindex, bool mute);
void publisher_connected(struct publisher *p);
void publisher_hangup(struct publisher *p);
void publisher_free(struct publisher *p);   /**< the handle is gone */
void publisher_orphan(struct publisher *p); /**< the room is destroyed */
void publisher_talking(struct publisher *p, unsigned mindex, bool talks, double avg);
unsigned publisher_bitrate(const struct publisher *p); /**< the cap in force, 0: none */

/* ---- subscribers ---- */
bool subscriber_join(struct cardea_call *c, struct room *r);
/** A description that came with a request of a subscriber's: an offer is refused, an answer is in
 *  force.
 *  @return false with c->error filled: 431 */
bool subscriber_heard(struct cardea_call *c, struct subscriber *s);
/** A request is through: what waited for an answer that came with it is due. */
void subscriber_settled(struct subscriber *s);
bool subscriber_start(struct cardea_call *c, struct subscriber *s);
bool subscriber_pause(struct cardea_call *c, struct subscriber *s);
bool subscriber_configure(struct cardea_call *c, struct subscriber *s);
bool subscriber_update(struct cardea_call *c, struct subscriber *s);
bool subscriber_switch(struct cardea_call *c, struct subscriber *s);
bool subscriber_leave(struct cardea_call *c, struct subscriber *s);
void subscriber_hangup(struct subscriber *s);
/** Its turn has come: what it is owed (see owed.h). */
void subscriber_give(struct subscriber *s);
void subscriber_free(struct subscriber *s);
void subscriber_layer(struct subscriber *s, unsigned mindex, const struct cardea_layer *now);
/** A feed, or some streams of it, have gone: empty what carried them, and offer anew.
 *  @param gone which streams, CARDEA_MEDIA_MAX by m-line; NULL: all */
void subscribers_drop_feed(struct room *r, const struct publisher *p, const bool *gone);
/** The room is destroyed: they hear of it by losing all feeds. */
void subscribers_orphan(struct room *r);
void subscribers_kick(struct room *r, uint32_t private_id);
/** Streams of the publisher's have new delays: route again what carries them. */
void subscribers_reroute(struct room *r, struct publisher *p);
