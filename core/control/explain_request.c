/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include "explain.h"
#include "explain_request.h"
#include "handle.h"
#include "plugins.h"
#include "api_request.h"
#include "stats_query.h"

#define ALL_MAX        500 /* handles that one answer names */
#define EACH_MAX       4   /* of their reasons, where all are listed */
#define CLIENT_QUERIES 128 /* that may wait for workers: the rest is the operator's */

/* {"well", "reasons"}; new reference */
static json_t *verdict(
	const struct cardea_handle *h, const struct peer_report *report, bool was_asked)
{
	bool well;
	json_t *reasons = explain_handle(h, report, was_asked, &well);
	return json_pack("{s:b, s:o}", "well", well, "reasons", reasons);
}

/* ---- of a client ---- */

static void answer_client(struct request *r, const struct peer_report *report)
{
	request_succeed(r, json_pack("{s:o}", "data", verdict(r->handle, report, true)));
}

void explain_request(struct request *r)
{
	if (!stats_query(r, CLIENT_QUERIES, answer_client))
		request_succeed(r, json_pack("{s:o}", "data", verdict(r->handle, NULL, false)));
}

/* ---- of an operator ---- */

static void answer_verdict(struct request *r, json_t *verdict)
{
	json_object_set_new(verdict, "handle_id", json_integer((json_int_t)r->handle->id));
	request_succeed(r, verdict);
}

static void answer_admin(struct request *r, const struct peer_report *report)
{
	answer_verdict(r, verdict(r->handle, report, true));
}

void explain_request_admin(struct request *r)
{
	if (!stats_query(r, UINT_MAX, answer_admin))
		answer_verdict(r, verdict(r->handle, NULL, false));
}

static json_t *entry(const struct cardea_handle *h, json_t *reasons)
{
	json_t *o = json_pack("{s:I, s:I, s:s}", "session_id", (json_int_t)h->session->id,
		"handle_id", (json_int_t)h->id, "plugin", h->plugin->package);
	if (h->opaque_id)
		json_object_set_new(o, "opaque_id", cardea_json_text(h->opaque_id));
	json_object_set_new(o, "reasons", reasons);
	return o;
}

/* @return 1: it is not well, and there was no room for it */
static unsigned add_if_unwell(json_t *list, const struct cardea_handle *h)
{
	bool well;
	json_t *reasons = explain_handle(h, NULL, false, &well);
	if (well || json_array_size(list) == ALL_MAX) {
		json_decref(reasons);
		return !well;
	}
	while (json_array_size(reasons) > EACH_MAX)
		json_array_remove(reasons, EACH_MAX);
	json_array_append_new(list, entry(h, reasons));
	return 0;
}

void explain_request_all(struct request *r)
{
	json_t *ids = sessions_list(), *id, *list = json_array();
	size_t i;
	unsigned more = 0;
	json_array_foreach(ids, i, id) {
		const struct session *s = session_find((uint64_t)json_integer_value(id));
		GHashTableIter it;
		gpointer h;
		g_hash_table_iter_init(&it, s->handles);
		while (g_hash_table_iter_next(&it, NULL, &h))
			more += add_if_unwell(list, h);
	}
	json_decref(ids);
	request_succeed(r, json_pack("{s:o, s:I}", "handles", list, "more", (json_int_t)more));
}
