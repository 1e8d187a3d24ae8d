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

/* What a room is made of: the same in a "room-…" section, in `sfu` for the rooms made there, and in
 * `create`. */
#define ROOM_FIELDS(most) \
	{ "description", CARDEA_STR, .max = NAME_MAX_BYTES, \
		.note = "shown in lists; \"Room <id>\" when absent" }, \
		{ "is_private", CARDEA_BOOL, .note = "not listed" }, \
		{ "secret", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true, \
			.note = "password of whoever manages the room; none when absent" }, \
		{ "pin", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true, \
			.note = "password to join; none when absent" }, \
		{ "signed_tokens", CARDEA_BOOL, \
			.note = "joining takes a token signed for room=<id>; without effect " \
				"where the core has none" }, \
		{ "allowed", CARDEA_STRS, .max = ALLOWED_TOKEN_MAX, .secret = true, \
			.note = "joining as a publisher takes one of these tokens; none is asked " \
				"for when absent, an empty list lets in nobody. The request " \
				"`allowed` changes it" }, \
		{ "require_pvtid", CARDEA_BOOL, \
			.note = "subscribers must give a participant's private_id" }, \
		{ "publishers", CARDEA_UINT, .max = 100000, .dflt = most, \
			.note = "active publishers at most" }, \
		{ "bitrate", CARDEA_UINT, .max = UINT32_MAX, \
			.note = "bits per second asked of each publisher by REMB, 0: no cap; " \
				"less " \
				"than 64000 is taken as 64000. A publisher's own `bitrate` goes " \
				"before it" }, \
		{ "bitrate_cap", CARDEA_BOOL, \
			.note = "publishers cannot ask for more than bitrate" }, \
		{ "fir_freq", CARDEA_UINT, .max = 86400, \
			.note = "seconds between keyframe requests, 0: on demand only" }, \
		{ "audiocodec", CARDEA_STR, .max = CODECS_MAX_BYTES, .dflt_str = "opus", \
			.note = "up to five, comma separated, best first: opus, multiopus, g722, " \
				"pcmu, pcma, isac32, isac16, l16-48, l16" }, \
		{ "videocodec", CARDEA_STR, .max = CODECS_MAX_BYTES, .dflt_str = "vp8", \
			.note = "up to five, comma separated, best first: vp8, vp9, h264, av1, " \
				"h265" }, \
		{ "vp9_profile", CARDEA_STR, .max = CODEC_MAX_BYTES, \
			.note = "profile-id to prefer; any when absent" }, \
		{ "h264_profile", CARDEA_STR, .max = CODEC_MAX_BYTES, \
			.note = "profile-level-id to prefer; any when absent" }, \
		{ "opus_fec", CARDEA_BOOL, .dflt = 1, .note = "negotiate inband FEC" }, \
		{ "opus_dtx", CARDEA_BOOL, .note = "negotiate DTX" }, \
		{ "opusred", CARDEA_BOOL, \
			.note = "accept Opus RED (RFC 2198): from all who offer it, or from " \
				"nobody; " \
				"when absent from publishers that prefer it to plain Opus" }, \
		{ "audiolevel_ext", CARDEA_BOOL, .dflt = 1, \
			.note = "accept the audio level extension" }, \
		{ "audiolevel_event", CARDEA_BOOL, .note = "tell everybody who talks" }, \
		{ "audio_active_packets", CARDEA_UINT, .max = 10000, .dflt = 100, \
			.note = "packets averaged for that" }, \
		{ "audio_level_average", CARDEA_UINT, .max = 127, .dflt = 25, \
			.note = "talking below this average, 127 (silent) to 0 (loud)" }, \
		{ "videoorient_ext", CARDEA_BOOL, .dflt = 1, \
			.note = "accept the video orientation extension" }, \
		{ "playoutdelay_ext", CARDEA_BOOL, .dflt = 1, \
			.note = "accept the playout delay extension" }, \
		{ "transport_wide_cc_ext", CARDEA_BOOL, .dflt = 1, \
			.note = "accept transport-wide feedback" }, \
		{ "notify_joining", CARDEA_BOOL, .note = "tell everybody who joins" }, \
		{ "require_e2ee", CARDEA_BOOL, .note = "end-to-end encrypted publishers only" }, \
		{ "record", CARDEA_BOOL, \
			.note = "record everybody who publishes. The request `enable_recording` " \
				"changes it" }, \
		{ "rec_dir", CARDEA_STR, .max = PATH_MAX_BYTES, \
			.note = "folder of recordings; from that of cardea.jcfg when relative, " \
				"and that itself when absent" }, \
		{ "recording_format", CARDEA_STR, .one_of = "media|mjr|both", \
			.note = "that of cardea.jcfg when absent" }, \
	{ \
		"lock_record", CARDEA_BOOL, \
			.note = "participants record themselves only with the room's secret, " \
				"where it has one" \
	}

static const struct cardea_field general_fields[] = {
	{ "admin_key", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true,
		.note = "needed to create rooms and to list private ones; anybody may create when "
			"absent" },
	{ "events", CARDEA_BOOL, .dflt = 1, .note = "tell event handlers" },
	{ "string_ids", CARDEA_BOOL, .note = "ids of rooms and participants are strings" },
	{ "lock_rtp_forward", CARDEA_BOOL, .idle = "forwarding has not come yet" },
	{ "max_rooms", CARDEA_UINT, .min = 1, .max = 1000000, .dflt = 10000,
		.note = "at a time; a client that would make one more is refused. Those below are "
			"always made" },
	{ "empty_room_timeout", CARDEA_UINT, .max = 31536000, .dflt = 86400,
		.note = "seconds after which a room that a client has made goes when nobody is in "
			"it; 0: it stays. Those below stay, and those made with `permanent`" },
	{ 0 },
};
static const struct cardea_field sfu_fields[] = {
	{ "path", CARDEA_STR, .names = CARDEA_NAMES_PATH, .dflt_str = "/sfu",
		.note = "of the WebSocket on the ports of `web`; empty: not there" },
	{ "create_rooms", CARDEA_BOOL, .dflt = 1,
		.note = "joining makes a room that is not there, of the options below; it goes "
			"with "
			"the last who is in it. Not where general.admin_key is set" },
	{ "max_participants", CARDEA_UINT, .min = 1, .max = 10000, .dflt = 500,
		.note = "in one room: whoever comes in here finds no more, those of the session "
			"API "
			"counted" },
	{ "tokens", CARDEA_BOOL,
		.note = "joining takes a signed token for room=<room_id>, or a stored one "
			"(general.token_auth in cardea.jcfg)" },
	{ "max_message", CARDEA_UINT, .min = 1024, .max = 16777216, .dflt = 262144,
		.note = "bytes that a participant may say at once" },
	{ "messages_per_second", CARDEA_UINT, .min = 1, .max = 100000, .dflt = 100,
		.note = "of one participant for long; five times as many at once. One of 8 KiB "
			"counts "
			"twice, and so on" },
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
	{ "general", general_fields, "All rooms." },
	{ "sfu", sfu_fields,
		"The same rooms by plain messages on a WebSocket: docs/protocols.md. Its last "
		"options are those of the rooms that are made here." },
	{ "room-*", room_fields,
		"Rooms that are there from the start, each in a section `room-<id>`. Take away the "
		"first # of these lines to have one more." },
	{ 0 },
};

#define ADMIN_KEY \
	{ \
		"admin_key", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true, \
					 .note = "the option admin_key, where that is set" \
	}
#define SECRET \
	{ \
		"secret", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true, \
				      .note = "the room's, where it has one" \
	}
#define PIN \
	{ \
		"pin", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true, \
				   .note = "the room's, where it has one" \
	}
#define TOKEN \
	{ \
		"token", CARDEA_STR, .max = SIGNED_MAX_BYTES, .secret = true, \
				     .note = "one that the room takes, where it asks for one" \
	}
#define PTYPE \
	{ \
		"ptype", CARDEA_STR, .required = true, .max = CODEC_MAX_BYTES, \
				     .note = "publisher or subscriber, in any case" \
	}
#define DISPLAY \
	{ \
		"display", CARDEA_STR, .max = NAME_MAX_BYTES, .note = "name that others are shown" \
	}
#define METADATA \
	{ \
		"metadata", CARDEA_OBJ, .max = METADATA_MAX_BYTES, \
					.note = "anything that others are to be told" \
	}
/* No more than a description has m-lines: who names more names one twice. */
#define ROWS(name_, of_, note_) \
	{ \
		name_, CARDEA_ARR, .max = CARDEA_MEDIA_MAX, .of = of_, .note = note_ \
	}
#define ROOM \
	{ \
		"room", CARDEA_ID, .required = true, .note = "the room" \
	}
#define LAYERS \
	{ "substream", CARDEA_UINT, .dflt = 2, .note = "simulcast layer at most, 0 (low) to 2" }, \
		{ "temporal", CARDEA_UINT, .dflt = 2, .note = "temporal layer at most, 0 to 2" }, \
		{ "fallback", CARDEA_UINT, .dflt = 250000, \
			.note = "µs of silence before the next lower layer" }, \
		{ "spatial_layer", CARDEA_UINT, .dflt = 2, .note = "SVC layer at most, 0 to 2" }, \
	{ \
		"temporal_layer", CARDEA_UINT, .dflt = 2, \
					       .note = "SVC temporal layer at most, 0 to 2" \
	}
#define DELAYS \
	{ "min_delay", CARDEA_INT, .min = -1, .max = 4095, .dflt = -1, \
		.note = "playout delay at least, in 10 ms; -1: as received" }, \
	{ \
		"max_delay", CARDEA_INT, .min = -1, .max = 4095, .dflt = -1, \
					 .note = "playout delay at most, likewise" \
	}
#define LEVELS \
	{ "audio_active_packets", CARDEA_UINT, .max = 10000, \
		.note = "of this participant: packets averaged to find out who talks; the room's " \
			"when absent" }, \
	{ \
		"audio_level_average", CARDEA_UINT, \
			.max = 127, \
			.note = "of this participant: talking below this average; the room's " \
				"when absent" \
	}
#define NOT_PERMANENT "rooms are not written to disk yet"

const struct cardea_field create_fields[] = {
	ADMIN_KEY,
	{ "room", CARDEA_ID, .note = "chosen at random when absent" },
	{ "permanent", CARDEA_BOOL, .note = "the room stays when it is empty; " NOT_PERMANENT },
	ROOM_FIELDS(3),
	{ 0 },
};
const struct cardea_field edit_fields[] = {
	ROOM,
	SECRET,
	{ "new_description", CARDEA_STR, .max = NAME_MAX_BYTES,
		.note = "shown in lists. Of texts empty ones change nothing" },
	{ "new_is_private", CARDEA_BOOL, .note = "not listed" },
	{ "new_secret", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true,
		.note = "password of whoever manages the room" },
	{ "new_pin", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true,
		.note = "password to join" },
	{ "new_require_pvtid", CARDEA_BOOL,
		.note = "subscribers must give a participant's private_id" },
	{ "new_publishers", CARDEA_UINT, .max = 100000, .note = "active publishers at most" },
	{ "new_bitrate", CARDEA_UINT, .max = UINT32_MAX,
		.note = "REMB cap, bits per second, 0: none; less than 64000 is taken as 64000" },
	{ "new_fir_freq", CARDEA_UINT, .max = 86400,
		.note = "seconds between keyframe requests, 0: on demand only" },
	{ "new_record", CARDEA_BOOL, .note = "the same as `enable_recording`" },
	{ "new_rec_dir", CARDEA_STR, .max = PATH_MAX_BYTES,
		.note = "folder of recordings that begin from now on, within that of cardea.jcfg" },
	{ "new_lock_record", CARDEA_BOOL,
		.note = "participants record themselves only with the room's secret" },
	{ "permanent", CARDEA_BOOL, .note = "no effect: " NOT_PERMANENT },
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
	{ "permanent", CARDEA_BOOL, .note = "no effect: " NOT_PERMANENT },
	{ 0 },
};
const struct cardea_field kick_fields[] = {
	ROOM,
	SECRET,
	{ "id", CARDEA_ID, .required = true, .note = "the participant" },
	{ 0 },
};
const struct cardea_field enable_recording_fields[] = {
	ROOM,
	SECRET,
	{ "record", CARDEA_BOOL, .required = true, .note = "record, or stop to" },
	{ 0 },
};
const struct cardea_field moderate_fields[] = {
	ROOM,
	SECRET,
	{ "id", CARDEA_ID, .required = true, .note = "the participant" },
	{ "mid", CARDEA_STR, .required = true, .note = "the m-line that it publishes" },
	{ "mute", CARDEA_BOOL, .required = true, .note = "nobody gets it" },
	{ 0 },
};

const struct cardea_field stream_fields[] = {
	{ "feed", CARDEA_ID, .required = true, .note = "the participant who publishes" },
	{ "mid", CARDEA_STR, .note = "the m-line that it publishes; all when absent" },
	{ "crossrefid", CARDEA_STR, .max = LABEL_MAX_BYTES,
		.note = "of the client's own, told back in listings" },
	{ "send", CARDEA_BOOL, .dflt = 1, .note = "false: not yet" },
	LAYERS,
	DELAYS,
	{ 0 },
};
const struct cardea_field leave_fields[] = {
	{ "sub_mid", CARDEA_STR, .note = "m-line of the subscription" },
	{ "feed", CARDEA_ID, .note = "or all that it has of this participant …" },
	{ "mid", CARDEA_STR, .note = "… or one m-line that this one publishes" },
	{ 0 },
};
const struct cardea_field switch_fields[] = {
	{ "feed", CARDEA_ID, .required = true, .note = "the participant who publishes" },
	{ "mid", CARDEA_STR, .required = true, .note = "the m-line that it publishes" },
	{ "sub_mid", CARDEA_STR, .required = true,
		.note = "m-line of the subscription that is to carry it" },
	LAYERS,
	{ 0 },
};
#define ONE_LINE \
	{ "mid", CARDEA_STR, \
		.note = "the m-line that is meant; needed where there are several rows" }, \
		{ "send", CARDEA_BOOL, .note = "false: what it carries is held back" }, \
	{ \
		"keyframe", CARDEA_BOOL, .note = "ask the publisher for a keyframe now" \
	}
const struct cardea_field line_fields[] = {
	ONE_LINE,
	LAYERS,
	DELAYS,
	LEVELS,
	{ 0 },
};
static const struct cardea_field description_fields[] = {
	{ "mid", CARDEA_STR, .required = true, .note = "the m-line" },
	{ "description", CARDEA_STR, .required = true, .max = LABEL_MAX_BYTES,
		.note = "label that others are shown" },
	{ 0 },
};

/* configure means one thing to a publisher and another to a subscriber; a field is checked for
 * both. */
#define CONFIGURE_FIELDS \
	{ "audiocodec", CARDEA_STR, .max = CODEC_MAX_BYTES, \
		.note = "publisher, with an offer: the one codec to answer with, of the room's" }, \
		{ "videocodec", CARDEA_STR, .max = CODEC_MAX_BYTES, .note = "likewise" }, \
		{ "bitrate", CARDEA_UINT, .max = UINT32_MAX, \
			.note = "publisher: REMB cap in bits per second, 0: none; less than " \
				"64000 " \
				"is taken as 64000. A room with bitrate_cap has the last word" }, \
		ONE_LINE, \
		{ "record", CARDEA_BOOL, .note = "publisher: record what it sends, or stop to" }, \
		{ "filename", CARDEA_STR, .max = PATH_MAX_BYTES, \
			.note = "publisher: path of its next recording, without ending, within " \
				"the room's folder" }, \
		{ "secret", CARDEA_STR, .max = SECRET_MAX_BYTES, .secret = true, \
			.note = "the room's: for record and filename, where it has lock_record" }, \
		DISPLAY, METADATA, LEVELS, \
		ROWS("descriptions", description_fields, "publisher: labels of m-lines"), \
		ROWS("streams", line_fields, \
			"one row for an m-line; without it the fields mid, send, keyframe, " \
			"min_delay, max_delay and those of layers are one row for all"), \
		DELAYS, LAYERS, \
		{ "audio", CARDEA_BOOL, .note = "`send` of all m-lines of sound" }, \
		{ "video", CARDEA_BOOL, .note = "`send` of all m-lines of video" }, \
		{ "data", CARDEA_BOOL, .note = "`send` of all m-lines of data" }, \
		{ "update", CARDEA_BOOL, .note = "subscriber: send a new offer" }, \
	{ \
		"restart", CARDEA_BOOL, .note = "subscriber: … that begins ICE anew" \
	}

const struct cardea_field configure_fields[] = {
	CONFIGURE_FIELDS,
	{ 0 },
};

#define CHOSEN_ID \
	{ \
		"id", CARDEA_ID, .note = "publisher: its id; chosen at random when absent" \
	}
const struct cardea_field join_fields[] = {
	ROOM,
	PTYPE,
	CHOSEN_ID,
	DISPLAY,
	METADATA,
	PIN,
	TOKEN,
	LEVELS,
	ROWS("streams", stream_fields, "subscriber: what it wants"),
	{ "feed", CARDEA_ID,
		.note = "subscriber: all streams of this participant; the older form of streams" },
	{ "private_id", CARDEA_UINT, .max = UINT32_MAX,
		.note = "subscriber: that of its participant, which the answer to its join has "
			"told" },
	{ "use_msid", CARDEA_BOOL,
		.note = "subscriber: a=msid of each m-line is the feed and the mid there" },
	{ "autoupdate", CARDEA_BOOL, .dflt = 1,
		.note = "subscriber: it is sent an offer when a participant is gone" },
	{ "offer_audio", CARDEA_BOOL, .dflt = 1, .note = "with feed: its sound" },
	{ "offer_video", CARDEA_BOOL, .dflt = 1, .note = "with feed: its video" },
	{ "offer_data", CARDEA_BOOL, .dflt = 1, .note = "with feed: its data" },
	{ 0 },
};
const struct cardea_field joinandconfigure_fields[] = {
	ROOM,
	PTYPE,
	CHOSEN_ID,
	PIN,
	TOKEN,
	CONFIGURE_FIELDS,
	{ 0 },
};
const struct cardea_field no_fields[] = {
	{ 0 },
};
const struct cardea_field subscribe_fields[] = {
	{ "streams", CARDEA_ARR, .required = true, .max = CARDEA_MEDIA_MAX, .of = stream_fields,
		.note = "what to add" },
	{ 0 },
};
const struct cardea_field unsubscribe_fields[] = {
	{ "streams", CARDEA_ARR, .required = true, .max = CARDEA_MEDIA_MAX, .of = leave_fields,
		.note = "what to take away" },
	{ 0 },
};
const struct cardea_field update_fields[] = {
	ROWS("subscribe", stream_fields, "what to add"),
	ROWS("unsubscribe", leave_fields, "what to take away, which is done first"),
	{ 0 },
};
const struct cardea_field switch_request_fields[] = {
	ROWS("streams", switch_fields, "what m-lines are to carry from now on"),
	{ "feed", CARDEA_ID,
		.note = "all m-lines, as far as they fit, are to carry this participant's; the "
			"older form" },
	{ 0 },
};
