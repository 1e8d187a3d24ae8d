/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "api_request.h"
#include "error.h"
#include "handle.h"
#include "peerconn.h"
#include "reply.h"
#include "trickle.h"
#include "webrtc_event.h"

#define TEXT_BYTES 1024 /* of a candidate, and of a mid */

static const struct cardea_codes codes = { .missing = API_MISSING_ELEMENT,
	.invalid = API_INVALID_ELEMENT };

/* "Invalid element type (…" becomes "Trickle error: invalid element type (…". */
static bool reworded(struct cardea_error *e)
{
	char reason[sizeof e->reason];
	snprintf(reason, sizeof reason, "%s", e->reason);
	reason[0] = (char)tolower((unsigned char)reason[0]);
	return cardea_fail(e, e->code, "Trickle error: %s", reason);
}

/* A member that is null is one that is not there (webrtc-pc, RTCIceCandidateInit). @return NULL */
static const json_t *member(const json_t *c, const char *name)
{
	const json_t *v = json_object_get(c, name);
	return json_is_null(v) ? NULL : v;
}

static bool ends(const json_t *c)
{
	return !json_is_object(c) || member(c, "completed");
}

/* An empty candidate is the end of those of an m-line, or of all. */
static bool is_empty(const json_t *c)
{
	const char *text = json_string_value(member(c, "candidate"));
	return text && !*text;
}

/* As its fields are to be checked. A candidate that is null is the empty one, by its default. */
static json_t *without_nulls(const json_t *c)
{
	static const char *const names[] = { "candidate", "sdpMid", "sdpMLineIndex" };
	json_t *o = json_object();
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		json_t *value = json_object_get(c, names[i]);
		if (value && !json_is_null(value))
			json_object_set(o, names[i], value);
		else if (value && i == 0)
			json_object_set_new(o, names[i], json_string(""));
	}
	return o;
}

#define LINE_FIELDS \
	{ "sdpMid", CARDEA_STR, .max = TEXT_BYTES, \
		.note = "the m-line; this or sdpMLineIndex is needed" }, \
	{ \
		"sdpMLineIndex", CARDEA_UINT, .note = "the same by number, from 0" \
	}
#define TEXT_FIELD \
	{ \
		"candidate", CARDEA_STR, \
			.required = true, .max = TEXT_BYTES, \
			.note = "as in an a=candidate line (RFC 8839); empty: there are no more" \
	}
static const struct cardea_field line_fields[] = {
	LINE_FIELDS,
	{ 0 },
};
static const struct cardea_field text_fields[] = {
	TEXT_FIELD,
	{ 0 },
};
static const struct cardea_field candidate_fields[] = {
	LINE_FIELDS,
	TEXT_FIELD,
	{ 0 },
};
const struct cardea_field trickle_fields[] = {
	{ "candidate", CARDEA_ANY, .of = candidate_fields,
		.note = "one candidate; anything but an object, or one with `completed`, says that "
			"there are no more" },
	{ "candidates", CARDEA_ANY, .of = candidate_fields, .note = "an array of them" },
	{ 0 },
};

static bool check_candidate(const json_t *c, struct cardea_error *e)
{
	if (!cardea_check(c, line_fields, &codes, e))
		return reworded(e);
	if (!json_object_get(c, "sdpMid") && !json_object_get(c, "sdpMLineIndex") && !is_empty(c))
		return cardea_fail(e, API_MISSING_ELEMENT,
			"Trickle error: missing mandatory element (sdpMid or sdpMLineIndex)");
	return cardea_check(c, text_fields, &codes, e) || reworded(e);
}

static bool check(const json_t *c, struct cardea_error *e)
{
	/* Anything but an object is the end marker, as is an object that says so. */
	if (ends(c))
		return true;
	json_t *checked = without_nulls(c);
	bool good = check_candidate(checked, e);
	json_decref(checked);
	return good;
}

/* Other m-lines have candidates only until the bundle gives them up. */
static bool is_of_bundle(const struct peerconn *pc, const json_t *c)
{
	const char *mid = json_string_value(member(c, "sdpMid"));
	const json_t *index = member(c, "sdpMLineIndex");
	int tag = pc->neg.tag;
	if (tag < 0)
		return false;
	return json_is_integer(index) ? json_integer_value(index) == tag
				      : mid && strcmp(mid, pc->neg.tracks[tag].mid) == 0;
}

static void note(struct peerconn *pc, const json_t *c)
{
	const char *text = json_string_value(json_object_get(c, "candidate"));
	if (ends(c)) {
		peerconn_trickled(pc, NULL);
	} else if (text && is_of_bundle(pc, c)) {
		text += g_str_has_prefix(text, "candidate:") ? 10 : 0;
		peerconn_trickled(pc, text);
		if (*text)
			webrtc_event_candidate(pc->handle, text);
	}
}

static void note_all(struct peerconn *pc, const json_t *one, const json_t *many)
{
	size_t i;
	json_t *c;
	if (one)
		note(pc, one);
	json_array_foreach(many, i, c)
		note(pc, c);
}

static bool take(
	struct cardea_handle *h, const json_t *one, const json_t *many, struct cardea_error *e)
{
	/* Beside the other one null says that there are none; alone it is the end, or no array. */
	if (one && json_is_null(many))
		many = NULL;
	else if (many && json_is_null(one))
		one = NULL;
	if (!one && !many)
		return cardea_fail(
			e, API_MISSING_ELEMENT, "Missing mandatory element (candidate|candidates)");
	if (one && many)
		return cardea_fail(e, API_INVALID_JSON, "Can't have both candidate and candidates");
	if (!peerconn_agreed(h->pc)) /* what comes earlier is not looked at */
		return true;
	if (many && !json_is_array(many))
		return cardea_fail(e, API_INVALID_ELEMENT, "candidates is not an array");
	if (one && !check(one, e))
		return false;
	note_all(h->pc, one, many);
	return true;
}

void trickle_request(struct request *r)
{
	struct cardea_error e;
	if (take(r->handle, json_object_get(r->tree, "candidate"),
		    json_object_get(r->tree, "candidates"), &e))
		reply_send(&r->from, reply_new("ack", r->session_id, r->transaction));
	else
		request_fail(r, e.code, "%s", e.reason);
}

bool cardea_trickle(struct cardea_handle *h, const json_t *candidate, struct cardea_error *e)
{
	return take(h, candidate, NULL, e);
}
