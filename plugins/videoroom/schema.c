/* SPDX-License-Identifier: Apache-2.0 */
#include "allowed.h"
#include "schema.h"

/* Bytes of what is kept, and told to others again and again. */
#define NAME_MAX_BYTES     1024 /* of people and rooms: some put more than a name there */
#define SECRET_MAX_BYTES   256
#define SIGNED_MAX_BYTES   4096 /* of signed tokens: as many as the core reads */
#define LABEL_MAX_BYTES    256  /* of one stream */
#define PATH_MAX_BYTES     1024
#define CODECS_MAX_BYTES   256
#define CODEC_MAX_BYTES    32
#define METADATA_MAX_BYTES 16384 /* printed */

#define NO_RECORDS "it is kept for listings: recording has not come yet"

/* What a room is made of: the same in a "room-…" section, in `sfu` for the rooms made there, and in
 * `create`. */
#define ROOM_FIELDS(most) \
	{ "description", CARDEA_STR, .max = NAME_MAX_BYTES, \
		.note = "shown in lists; default: Room <id>" }, \
		{ "is_private", CARDEA_BOOL, .note = "not listed" }, \
		{ "secret", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true, \
			.note = "password of whoever manages the room" }, \
		{ "pin", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true, \
			.note = "password to join" }, \
		{ "signed_tokens", CARDEA_BOOL, \
			.note = "joining takes a token signed for room=<id>; without effect " \
				"where the core has none" }, \
		{ "allowed", CARDEA_STRS, .max = ALLOWED_TOKEN_MAX, .secret = true, \
			.note = "joining as a publisher takes one of these tokens; an empty list " \
				"lets in nobody" }, \
		{ "require_pvtid", CARDEA_BOOL, \
			.note = "subscribers must give a participant's private_id" }, \
		{ "publishers", CARDEA_UINT, .max = 100000, .dflt = most, \
			.note = "active publishers at most" }, \
		{ "bitrate", CARDEA_UINT, .max = UINT32_MAX, .note = "REMB cap in bps, 0: none" }, \
		{ "bitrate_cap", CARDEA_BOOL, \
			.note = "publishers cannot ask for more than bitrate" }, \
		{ "fir_freq", CARDEA_UINT, .max = 86400, \
			.note = "seconds between keyframe requests, 0: on demand only" }, \
		{ "audiocodec", CARDEA_STR, .max = CODECS_MAX_BYTES, .dflt_str = "opus", \
			.note = "up to five, comma separated, best first" }, \
		{ "videocodec", CARDEA_STR, .max = CODECS_MAX_BYTES, .dflt_str = "vp8", \
			.note = "up to five, comma separated, best first" }, \
		{ "vp9_profile", CARDEA_STR, .max = CODEC_MAX_BYTES, \
			.note = "profile-id to prefer" }, \
		{ "h264_profile", CARDEA_STR, .max = CODEC_MAX_BYTES, \
			.note = "profile-level-id to prefer" }, \
		{ "opus_fec", CARDEA_BOOL, .dflt = 1, .note = "negotiate inband FEC" }, \
		{ "opus_dtx", CARDEA_BOOL, .note = "negotiate DTX" }, \
		{ "opusred", CARDEA_BOOL, \
			.note = "accept Opus RED: from all who offer it or from nobody; unset: " \
				"from who prefers it" }, \
		{ "audiolevel_ext", CARDEA_BOOL, .dflt = 1, \
			.note = "accept the audio level extension" }, \
		{ "audiolevel_event", CARDEA_BOOL, .note = "tell who talks" }, \
		{ "audio_active_packets", CARDEA_UINT, .max = 10000, .dflt = 100, \
			.note = "packets averaged for that" }, \
		{ "audio_level_average", CARDEA_UINT, .max = 127, .dflt = 25, \
			.note = "talking below this, 127 silent to 0 loud" }, \
		{ "videoorient_ext", CARDEA_BOOL, .dflt = 1, \
			.note = "accept the orientation extension" }, \
		{ "playoutdelay_ext", CARDEA_BOOL, .dflt = 1, \
			.note = "accept the playout delay extension" }, \
		{ "transport_wide_cc_ext", CARDEA_BOOL, .dflt = 1, \
			.note = "accept transport-wide feedback" }, \
		{ "notify_joining", CARDEA_BOOL, .note = "tell everybody who joins" }, \
		{ "require_e2ee", CARDEA_BOOL, .note = "end-to-end encrypted publishers only" }, \
		{ "record", CARDEA_BOOL, .idle = NO_RECORDS }, \
		{ "rec_dir", CARDEA_STR, .max = PATH_MAX_BYTES, .idle = NO_RECORDS }, \
	{ \
		"lock_record", CARDEA_BOOL, .idle = NO_RECORDS \
	}

static const struct cardea_field general_fields[] = {
	{ "admin_key", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true,
		.note = "needed to create rooms and to list private ones" },
	{ "events", CARDEA_BOOL, .dflt = 1, .idle = "there are no event handlers yet" },
	{ "string_ids", CARDEA_BOOL, .note = "ids of rooms and participants are strings" },
	{ "lock_rtp_forward", CARDEA_BOOL, .idle = "forwarding has not come yet" },
	{ "max_rooms", CARDEA_UINT, .min = 1, .max = 1000000, .dflt = 10000,
		.note = "rooms at a time; those below are always made" },
	{ "empty_room_timeout", CARDEA_UINT, .max = 31536000, .dflt = 86400,
		.note = "seconds after which a room that a client has made goes when nobody is in "
			"it; 0: it stays" },
	{ 0 },
};
static const struct cardea_field sfu_fields[] = {
	{ "path", CARDEA_STR, .names = CARDEA_NAMES_PATH, .dflt_str = "/sfu",
		.note = "of the WebSocket on the ports of `web`; empty: not there" },
	{ "create_rooms", CARDEA_BOOL, .dflt = 1,
		.note = "joining makes a room that is not there, of the options below, while "
			"somebody is in it; not with an admin_key" },
	{ "max_participants", CARDEA_UINT, .min = 1, .max = 10000, .dflt = 500,
		.note = "in one room, those of the session API counted" },
	{ "tokens", CARDEA_BOOL,
		.note = "joining takes a signed token for room=<room_id>, or a stored one" },
	{ "max_message", CARDEA_UINT, .min = 1024, .max = 16777216, .dflt = 262144,
		.note = "bytes that a participant may say at once" },
	{ "messages_per_second", CARDEA_UINT, .min = 1, .max = 100000, .dflt = 100,
		.note = "of one participant for long; five times as many at once" },
	{ "ping_after", CARDEA_UINT, .max = 3600, .dflt = 30,
		.note = "seconds of silence before a participant is asked whether it is there; 0: "
			"never" },
	{ "ping_timeout", CARDEA_UINT, .min = 1, .max = 3600, .dflt = 10,
		.note = "seconds to answer" },
	ROOM_FIELDS(16),
	{ 0 },
};
static const struct cardea_field room_fields[] = {
	ROOM_FIELDS(3),
	{ 0 },
};
const struct cardea_section options[] = {
	{ "general", general_fields },
	{ "sfu", sfu_fields },
	{ "room-*", room_fields },
	{ 0 },
};

#define ADMIN_KEY \
	{ \
		"admin_key", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true \
	}
#define SECRET \
	{ \
		"secret", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true \
	}
#define PIN \
	{ \
		"pin", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true \
	}
#define TOKEN \
	{ \
		"token", CARDEA_STR, .max = SIGNED_MAX_BYTES, .secret = true \
	}
#define PTYPE \
	{ \
		"ptype", CARDEA_STR, .required = true, .max = CODEC_MAX_BYTES \
	}
#define DISPLAY \
	{ \
		"display", CARDEA_STR, .max = NAME_MAX_BYTES \
	}
#define METADATA \
	{ \
		"metadata", CARDEA_OBJ, .max = METADATA_MAX_BYTES \
	}
/* No more than a description has m-lines: who says more says something twice. */
#define ROWS(name_, of_) \
	{ \
		name_, CARDEA_ARR, .max = CARDEA_MEDIA_MAX, .of = of_ \
	}
#define ROOM \
	{ \
		"room", CARDEA_ID, .required = true \
	}
#define LAYERS \
	{ "substream", CARDEA_UINT, .dflt = 2 }, { "temporal", CARDEA_UINT, .dflt = 2 }, \
		{ "fallback", CARDEA_UINT, .dflt = 250000, .note = "µs" }, \
		{ "spatial_layer", CARDEA_UINT, .dflt = 2 }, \
	{ \
		"temporal_layer", CARDEA_UINT, .dflt = 2 \
	}
#define DELAYS \
	{ "min_delay", CARDEA_INT, .min = -1, .max = 4095, .dflt = -1 }, \
	{ \
		"max_delay", CARDEA_INT, .min = -1, .max = 4095, .dflt = -1 \
	}
#define LEVELS \
	{ "audio_active_packets", CARDEA_UINT, .max = 10000 }, \
	{ \
		"audio_level_average", CARDEA_UINT, .max = 127 \
	}

const struct cardea_field create_fields[] = {
	ADMIN_KEY,
	{ "room", CARDEA_ID, .note = "chosen at random when absent" },
	{ "permanent", CARDEA_BOOL, .note = "rooms are not written to disk yet" },
	ROOM_FIELDS(3),
	{ 0 },
};
const struct cardea_field edit_fields[] = {
	ROOM,
	SECRET,
	{ "new_description", CARDEA_STR, .max = NAME_MAX_BYTES,
		.note = "of texts empty ones change nothing" },
	{ "new_is_private", CARDEA_BOOL },
	{ "new_secret", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true },
	{ "new_pin", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true },
	{ "new_require_pvtid", CARDEA_BOOL },
	{ "new_publishers", CARDEA_UINT, .max = 100000 },
	{ "new_bitrate", CARDEA_UINT, .max = UINT32_MAX },
	{ "new_fir_freq", CARDEA_UINT, .max = 86400 },
	{ "new_rec_dir", CARDEA_STR, .max = PATH_MAX_BYTES },
	{ "new_lock_record", CARDEA_BOOL },
	{ "permanent", CARDEA_BOOL, .note = "rooms are not written to disk yet" },
	{ 0 },
};
const struct cardea_field list_fields[] = {
	ADMIN_KEY,
	{ 0 },
};
const struct cardea_field room_only_fields[] = {
	ROOM,
	{ 0 },
};
const struct cardea_field listparticipants_fields[] = {
	ROOM,
	SECRET,
	PIN,
	TOKEN,
	{ 0 },
};
const struct cardea_field allowed_fields[] = {
	ROOM,
	SECRET,
	{ "action", CARDEA_STR, .required = true, .max = CODEC_MAX_BYTES,
		.note = "enable, disable, add or remove" },
	{ "allowed", CARDEA_STRS, .max = ALLOWED_TOKEN_MAX, .secret = true,
		.note = "what to add or remove" },
	{ 0 },
};
const struct cardea_field destroy_fields[] = {
	ROOM,
	SECRET,
	{ "permanent", CARDEA_BOOL },
	{ 0 },
};
const struct cardea_field kick_fields[] = {
	ROOM,
	SECRET,
	{ "id", CARDEA_ID, .required = true },
	{ 0 },
};
const struct cardea_field moderate_fields[] = {
	ROOM,
	SECRET,
	{ "id", CARDEA_ID, .required = true },
	{ "mid", CARDEA_STR, .required = true },
	{ "mute", CARDEA_BOOL, .required = true },
	{ 0 },
};

const struct cardea_field stream_fields[] = {
	{ "feed", CARDEA_ID, .required = true },
	{ "mid", CARDEA_STR },
	{ "crossrefid", CARDEA_STR, .max = LABEL_MAX_BYTES },
	{ "send", CARDEA_BOOL, .dflt = 1 },
	LAYERS,
	DELAYS,
	{ 0 },
};
const struct cardea_field leave_fields[] = {
	{ "sub_mid", CARDEA_STR },
	{ "feed", CARDEA_ID },
	{ "mid", CARDEA_STR },
	{ 0 },
};
const struct cardea_field switch_fields[] = {
	{ "feed", CARDEA_ID, .required = true },
	{ "mid", CARDEA_STR, .required = true },
	{ "sub_mid", CARDEA_STR, .required = true },
	LAYERS,
	{ 0 },
};
const struct cardea_field line_fields[] = {
	{ "mid", CARDEA_STR },
	{ "send", CARDEA_BOOL },
	{ "keyframe", CARDEA_BOOL },
	LAYERS,
	DELAYS,
	LEVELS,
	{ 0 },
};
static const struct cardea_field description_fields[] = {
	{ "mid", CARDEA_STR, .required = true },
	{ "description", CARDEA_STR, .required = true, .max = LABEL_MAX_BYTES },
	{ 0 },
};

/* configure means one thing to a publisher and another to a subscriber; a field is checked for
 * both. */
#define CONFIGURE_FIELDS \
	{ "audiocodec", CARDEA_STR, .max = CODEC_MAX_BYTES }, \
		{ "videocodec", CARDEA_STR, .max = CODEC_MAX_BYTES }, \
		{ "bitrate", CARDEA_UINT, .max = UINT32_MAX }, { "keyframe", CARDEA_BOOL }, \
		{ "record", CARDEA_BOOL }, { "filename", CARDEA_STR, .max = PATH_MAX_BYTES }, \
		SECRET, DISPLAY, METADATA, LEVELS, ROWS("descriptions", description_fields), \
		ROWS("streams", line_fields), { "mid", CARDEA_STR }, { "send", CARDEA_BOOL }, \
		DELAYS, LAYERS, { "audio", CARDEA_BOOL }, { "video", CARDEA_BOOL }, \
		{ "data", CARDEA_BOOL }, { "update", CARDEA_BOOL }, \
	{ \
		"restart", CARDEA_BOOL \
	}

const struct cardea_field configure_fields[] = {
	CONFIGURE_FIELDS,
	{ 0 },
};

const struct cardea_field join_fields[] = {
	ROOM,
	PTYPE,
	{ "id", CARDEA_ID },
	DISPLAY,
	METADATA,
	PIN,
	TOKEN,
	LEVELS,
	ROWS("streams", stream_fields),
	{ "feed", CARDEA_ID },
	{ "private_id", CARDEA_UINT, .max = UINT32_MAX },
	{ "use_msid", CARDEA_BOOL },
	{ "autoupdate", CARDEA_BOOL, .dflt = 1 },
	{ "offer_audio", CARDEA_BOOL, .dflt = 1 },
	{ "offer_video", CARDEA_BOOL, .dflt = 1 },
	{ "offer_data", CARDEA_BOOL, .dflt = 1 },
	{ 0 },
};
const struct cardea_field joinandconfigure_fields[] = {
	ROOM,
	PTYPE,
	{ "id", CARDEA_ID },
	PIN,
	TOKEN,
	CONFIGURE_FIELDS,
	{ 0 },
};
const struct cardea_field no_fields[] = {
	{ 0 },
};
const struct cardea_field subscribe_fields[] = {
	{ "streams", CARDEA_ARR, .required = true, .max = CARDEA_MEDIA_MAX, .of = stream_fields },
	{ 0 },
};
const struct cardea_field unsubscribe_fields[] = {
	{ "streams", CARDEA_ARR, .required = true, .max = CARDEA_MEDIA_MAX, .of = leave_fields },
	{ 0 },
};
const struct cardea_field update_fields[] = {
	ROWS("subscribe", stream_fields),
	ROWS("unsubscribe", leave_fields),
	{ 0 },
};
const struct cardea_field switch_request_fields[] = {
	ROWS("streams", switch_fields),
	{ "feed", CARDEA_ID },
	{ 0 },
};
