/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_table.h"
#include "error.h"
#include "event.h"
#include "eventhandlers.h"

/** @file
 * The Admin API's words to event handlers. */

static const struct cardea_field query_fields[] = {
	{ "handler", CARDEA_STR, .required = true, .max = NAME_BYTES,
		.note = "package of the event handler" },
	{ "request", CARDEA_OBJ,
		.note = "{\"request\": \"tweak\"} with `events`, the types that it is to get from "
			"here on, or what else the handler knows" },
	{ 0 },
};

static void on_query(struct request *r, const struct cardea_args *a)
{
	const struct cardea_eventhandler *h = eventhandler_find(cardea_str(a, "handler"));
	json_t *inner = json_object_get(a->obj, "request");
	if (!h) {
		request_fail(r, API_NO_PLUGIN, "Invalid event handler");
		return;
	}
	if (!h->query) {
		request_fail(r, API_UNKNOWN, "Event handler doesn't support queries");
		return;
	}
	inner = inner ? json_incref(inner) : json_object();
	json_t *response = h->query(inner);
	json_decref(inner);
	eventhandlers_ask();
	request_succeed(r, json_pack("{s:o}", "response", response ? response : json_object()));
}

static const struct cardea_field custom_fields[] = {
	{ "schema", CARDEA_STR, .required = true, .max = NAME_BYTES,
		.note = "what kind of data it is, in words of your own" },
	{ "data", CARDEA_OBJ, .required = true, .note = "whatever is to be told" },
	{ 0 },
};

static void on_custom(struct request *r, const struct cardea_args *a)
{
	if (event_wanted(CARDEA_EVENT_EXTERNAL))
		event_tell(&(struct event){ .type = CARDEA_EVENT_EXTERNAL },
			json_pack("{s:s, s:O}", "schema", cardea_str(a, "schema"), "data",
				cardea_json(a, "data")));
	request_succeed(r, NULL);
}

const struct admin_request admin_of_events[] = {
	{ "query_eventhandler", ADMIN_SERVER, query_fields, on_query,
		"Ask an event handler something, or change what it does: docs/events.md." },
	{ "custom_event", ADMIN_SERVER, custom_fields, on_custom,
		"Tell event handlers something of your own; without any it is swallowed." },
	{ 0 },
};
