/* SPDX-License-Identifier: Apache-2.0 */
#include "schema.h"

#define INVALID     413
#define INVALID_SDP 414

const struct cardea_field echo_fields[] = {
	{ "audio", CARDEA_BOOL, .dflt = 1, .note = "send the audio back or not" },
	{ "video", CARDEA_BOOL, .dflt = 1, .note = "send the video back or not" },
	{ "bitrate", CARDEA_UINT, .max = UINT32_MAX, .note = "REMB cap in bps, 0: none" },
	{ "substream", CARDEA_UINT, .note = "simulcast layer at most, 0 (low) to 2" },
	{ "temporal", CARDEA_UINT, .note = "temporal layer at most, 0 to 2" },
	{ "fallback", CARDEA_UINT, .dflt = 250000,
		.note = "µs of silence before the next lower layer" },
	{ "svc", CARDEA_BOOL, .note = "accepted, no effect of its own" },
	{ "spatial_layer", CARDEA_UINT, .note = "SVC layer at most, 0 to 2" },
	{ "temporal_layer", CARDEA_UINT, .note = "SVC temporal layer at most, 0 to 2" },
	{ "audiocodec", CARDEA_STR, .note = "codec to answer an offer with" },
	{ "videocodec", CARDEA_STR, .note = "codec to answer an offer with" },
	{ "videoprofile", CARDEA_STR,
		.note = "VP9 profile-id or H.264 profile-level-id to prefer" },
	{ "record", CARDEA_BOOL, .note = "begin or end to record what the client sends" },
	{ "filename", CARDEA_STR, .max = 512,
		.note = "with record: path of the files without ending, within rec_dir; "
			"echotest-ID-TIME when absent" },
	{ "opusred", CARDEA_BOOL, .note = "with an offer: accept Opus RED (RFC 2198)" },
	{ "min_delay", CARDEA_INT, .min = -1, .max = 4095, .dflt = -1,
		.note = "playout delay at least, in 10 ms; -1: as received" },
	{ "max_delay", CARDEA_INT, .min = -1, .max = 4095, .dflt = -1,
		.note = "playout delay at most, in 10 ms; -1: as received" },
	{ 0 },
};

static const struct cardea_field general[] = {
	{ "rec_dir", CARDEA_STR,
		.note = "folder of recordings; the one of section recordings in cardea.jcfg when "
			"absent" },
	{ "events", CARDEA_BOOL, .dflt = 1, .note = "tell event handlers" },
	{ 0 },
};
const struct cardea_request echo_requests[] = {
	{ "", echo_fields, .async = true,
		.note = "Send media back, and change how: what is absent stays as it is. With an "
			"offer, or with one field that says something." },
	{ 0 },
};
const struct cardea_code echo_errors[] = {
	{ INVALID, "a field has the wrong type or value, or there is none" },
	{ INVALID_SDP, "the description is no offer" },
	{ ECHO_NOT_RECORDED, "it cannot be recorded; the rest of the request applies" },
	{ 0 },
};
const struct cardea_section echo_options[] = {
	{ "general", general, "The plugin as a whole." },
	{ 0 },
};

/* Fields that make sense only along with others or an offer do not count as a request. */
static bool says_something(const json_t *body)
{
	static const char *const count[] = { "audio", "video", "videocodec", "videoprofile",
		"opusred", "bitrate", "substream", "temporal", "fallback", "spatial_layer",
		"temporal_layer", "record", "min_delay", "max_delay" };
	for (size_t i = 0; i < sizeof count / sizeof *count; i++)
		if (json_object_get(body, count[i]))
			return true;
	return false;
}

bool echo_check(const json_t *body, bool has_offer, struct cardea_error *e)
{
	static const struct cardea_codes codes = { .missing = INVALID, .invalid = INVALID };
	static const char *const layers[] = { "substream", "temporal", "spatial_layer",
		"temporal_layer" };
	if (!cardea_check(body, echo_fields, &codes, e))
		return false;
	for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
		if (json_integer_value(json_object_get(body, layers[i])) > 2)
			return cardea_fail(
				e, INVALID, "Invalid value (%s should be 0, 1 or 2)", layers[i]);
	if (!has_offer && !says_something(body))
		return cardea_fail(e, INVALID, "Message error: no supported attributes found");
	return true;
}
