/* SPDX-License-Identifier: Apache-2.0 */
#include "entry.h"
#include "errors.h"
#include "schema.h"

#define CODEC_BYTES 32

const struct cardea_field no_fields[] = { { 0 } };
const struct cardea_field list_fields[] = {
	{ "admin_key", CARDEA_STR, .max = ENTRY_NAME, .secret = true,
		.note = "shows private recordings, too; a wrong one is refused" },
	{ 0 },
};
const struct cardea_field configure_fields[] = {
	{ "video-bitrate-max", CARDEA_UINT, .max = UINT32_MAX, .dflt = 1048576,
		.note = "bits per second asked of who records" },
	{ "video-keyframe-interval", CARDEA_UINT, .max = 3600000, .dflt = 15000,
		.note = "milliseconds between the keyframes asked of who records; 0: as they "
			"come" },
	{ 0 },
};
const struct cardea_field record_fields[] = {
	{ "name", CARDEA_STR, .required = true, .max = ENTRY_NAME, .note = "shown in lists" },
	{ "id", CARDEA_UINT, .max = INT64_MAX,
		.note = "its number; absent or 0: one that is free" },
	{ "is_private", CARDEA_BOOL,
		.note = "not listed but with the admin_key; absent: as configured" },
	{ "filename", CARDEA_STR, .max = 200,
		.note = "path in the folder, without ending; rec-<id> when absent" },
	{ "secret", CARDEA_STR, .max = ENTRY_NAME, .secret = true,
		.note = "who knows it may delete the recording" },
	{ "audiocodec", CARDEA_STR, .max = CODEC_BYTES, .note = "the offer's first when absent" },
	{ "videocodec", CARDEA_STR, .max = CODEC_BYTES, .note = "the offer's first when absent" },
	{ "videoprofile", CARDEA_STR, .max = CODEC_BYTES,
		.note = "VP9 profile-id or H.264 profile-level-id to prefer" },
	{ "opusred", CARDEA_BOOL, .note = "accept Opus RED (RFC 2198)" },
	{ "textdata", CARDEA_BOOL, .dflt = 1,
		.note = "accepted: messages of both kinds are recorded as they are" },
	{ "update", CARDEA_BOOL, .note = "the offer renegotiates a recording that goes on" },
	{ 0 },
};
const struct cardea_field play_fields[] = {
	{ "id", CARDEA_UINT, .required = true, .max = INT64_MAX, .note = "of the recording" },
	{ "restart", CARDEA_BOOL, .note = "a new offer for what plays, with an ICE restart" },
	{ "shared", CARDEA_BOOL,
		.note = "with all others who share it, from where it is: one playback, which who "
			"has watched it longest pauses, seeks in and speeds up" },
	{ "positions", CARDEA_BOOL,
		.note = "tell once a second how far it is: an event with `position`, in "
			"milliseconds" },
	{ 0 },
};
const struct cardea_field seek_fields[] = {
	{ "position", CARDEA_UINT, .required = true, .max = INT64_MAX / 1000,
		.note = "milliseconds from the beginning; it plays from the keyframe before" },
	{ 0 },
};
const struct cardea_field speed_fields[] = {
	{ "percent", CARDEA_UINT, .required = true, .min = 25, .max = 400,
		.note = "100 is as it was recorded" },
	{ 0 },
};
const struct cardea_field delete_fields[] = {
	{ "id", CARDEA_UINT, .required = true, .max = INT64_MAX, .note = "of the recording" },
	{ "secret", CARDEA_STR, .max = ENTRY_NAME, .secret = true,
		.note = "as given when it was recorded …" },
	{ "admin_key", CARDEA_STR, .max = ENTRY_NAME, .secret = true,
		.note = "… or the one that is configured" },
	{ 0 },
};

static const struct cardea_field general[] = {
	{ "path", CARDEA_STR, .dflt_str = "",
		.note = "folder of the recordings, made if it is not there; empty: recordings in "
			"the state_dir" },
	{ "admin_key", CARDEA_STR, .secret = true,
		.note = "with it private recordings are listed, `update` is allowed and any "
			"recording may be deleted; none when absent: then anybody may `update`" },
	{ "private", CARDEA_BOOL, .note = "new recordings are private unless they say" },
	{ "events", CARDEA_BOOL, .dflt = 1, .note = "tell event handlers" },
	{ 0 },
};
const struct cardea_section options[] = {
	{ "general", general, "The plugin as a whole." },
	{ 0 },
};

const struct cardea_code errors[] = {
	{ E_NO_MESSAGE, "there is no message" },
	{ E_INVALID_JSON, "the message is no object" },
	{ E_INVALID_REQUEST, "there is no such request" },
	{ E_INVALID, "a field has the wrong type or value" },
	{ E_MISSING, "a mandatory field or the description is missing" },
	{ E_NOT_FOUND, "there is no such recording" },
	{ E_BROKEN, "the recording's files cannot be read, or not be written" },
	{ E_STATE, "it makes no sense in this state" },
	{ E_INVALID_SDP, "the description has nothing that can be recorded" },
	{ E_EXISTS, "a recording of this number is there already" },
	{ E_UNAUTHORIZED, "the admin_key or the secret is wrong" },
	{ E_UNKNOWN, "something else went wrong" },
	{ 0 },
};
