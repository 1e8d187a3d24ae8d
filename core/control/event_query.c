/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * What event handlers share: names of types, and the answer to `tweak`. A part of their SDK; their
 * hooks call it. */

#include <glib.h>
#include <string.h>
#include <cardea/eventhandler.h>

enum { NO_REQUEST = 411, MISSING = 412 };

static const struct {
	const char *name;
	unsigned mask;
} names_of_types[] = {
	{ "sessions", CARDEA_EVENT_SESSION },
	{ "handles", CARDEA_EVENT_HANDLE },
	{ "external", CARDEA_EVENT_EXTERNAL },
	{ "jsep", CARDEA_EVENT_JSEP },
	{ "webrtc", CARDEA_EVENT_WEBRTC },
	{ "media", CARDEA_EVENT_MEDIA },
	{ "plugins", CARDEA_EVENT_PLUGIN },
	{ "transports", CARDEA_EVENT_TRANSPORT },
	{ "core", CARDEA_EVENT_CORE },
	{ "all", CARDEA_EVENT_ALL },
	{ "none", 0 },
};

/* @return the types of a word, -1: it is none */
static int mask_of(const char *word)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names_of_types); i++)
		if (g_ascii_strcasecmp(word, names_of_types[i].name) == 0)
			return (int)names_of_types[i].mask;
	return -1;
}

bool cardea_event_mask(const char *names, unsigned *mask)
{
	unsigned all = 0;
	bool is_good = true;
	char **words = g_strsplit(names ? names : "", ",", -1);
	for (unsigned i = 0; words[i] && is_good; i++) {
		int m = *g_strstrip(words[i]) ? mask_of(words[i]) : 0;
		is_good = m >= 0;
		all |= is_good ? (unsigned)m : 0;
	}
	g_strfreev(words);
	if (is_good)
		*mask = all;
	return is_good;
}

static json_t *failure(const struct cardea_error *e)
{
	return json_pack("{s:i, s:o}", "error_code", e->code, "error", cardea_json_text(e->reason));
}

json_t *cardea_serve_tweak(const json_t *request, const struct cardea_field *fields,
	bool (*tweak)(const struct cardea_args *a, struct cardea_error *e))
{
	static const struct cardea_field request_fields[] = {
		{ "request", CARDEA_STR, .required = true },
		{ 0 },
	};
	static const struct cardea_codes codes = { .missing = MISSING,
		.invalid = CARDEA_TWEAK_INVALID };
	const struct cardea_args a = { request, fields };
	struct cardea_error e;
	if (!cardea_check(request, request_fields, &codes, &e))
		return failure(&e);
	const char *name = json_string_value(json_object_get(request, "request"));
	if (g_ascii_strcasecmp(name, "tweak") != 0) {
		cardea_fail(&e, NO_REQUEST, "Unknown request '%.100s'", name);
		return failure(&e);
	}
	if (!cardea_check(request, fields, &codes, &e) || !tweak(&a, &e))
		return failure(&e);
	return json_pack("{s:i}", "result", 200);
}
