/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * What transports answer to `query_transport`: a part of the transport SDK, which their query
 * hooks call. admin_server.c hands the request to them. */

#include <glib.h>
#include <cardea/transport.h>
#include "options.h"

enum { NO_REQUEST = 411, MISSING = 412, INVALID = 413 };

static json_t *failure(const struct cardea_error *e)
{
	return json_pack("{s:i, s:o}", "error_code", e->code, "error", cardea_json_text(e->reason));
}

static json_t *configure(const json_t *request, void (*set_style)(int style))
{
	static const struct cardea_field fields[] = {
		{ .name = "events", .type = CARDEA_BOOL },
		{ .name = "json", .type = CARDEA_STR },
		{ .name = "logging", .type = CARDEA_STR }, /* for sockets: taken, without effect */
		{ 0 },
	};
	static const struct cardea_codes codes = { .missing = MISSING, .invalid = INVALID };
	const struct cardea_args a = { request, fields };
	struct cardea_error e;
	if (!cardea_check(request, fields, &codes, &e))
		return failure(&e);
	json_t *answer = json_pack("{s:i}", "result", 200), *notes = json_array();
	if (cardea_bool(&a, "events") && !settings.events_on)
		json_array_append_new(
			notes, json_string("Event handlers disabled at the core level"));
	int style = cardea_given(&a, "json") ? cardea_style(cardea_str(&a, "json")) : -1;
	if (style >= 0)
		set_style(style);
	else if (cardea_given(&a, "json"))
		json_array_append_new(notes, json_string("Ignored unsupported indentation format"));
	if (json_array_size(notes))
		json_object_set(answer, "notes", notes);
	json_decref(notes);
	return answer;
}

json_t *cardea_serve_query(
	const json_t *request, void (*set_style)(int style), json_t *(*connections)(void))
{
	static const struct cardea_field fields[] = {
		{ "request", CARDEA_STR, .required = true },
		{ 0 },
	};
	static const struct cardea_codes codes = { .missing = MISSING, .invalid = INVALID };
	struct cardea_error e;
	if (!cardea_check(request, fields, &codes, &e))
		return failure(&e);
	const char *name = json_string_value(json_object_get(request, "request"));
	if (g_ascii_strcasecmp(name, "configure") == 0)
		return configure(request, set_style);
	if (g_ascii_strcasecmp(name, "connections") == 0)
		return connections();
	cardea_fail(&e, NO_REQUEST, "Unknown request '%.100s'", name);
	return failure(&e);
}
