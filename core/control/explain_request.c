/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include "../base/clock.h"
#include "error.h"
#include "explain.h"
#include "explain_request.h"
#include "handle.h"
#include "intake.h"
#include "peerconn.h"
#include "plugins.h"
#include "api_request.h"
#include "stats_query.h"

#define ALL_MAX        500 /* handles that one answer names */
#define EACH_MAX       4   /* of their reasons, where all are listed */
#define CLIENT_QUERIES 128 /* that may wait for workers: the rest is the operator's */
#define OF_ONE         8   /* of them of one client, which would keep the others waiting */
#define WORTH          2   /* a reason, of requests: 32 take 500 us, a keepalive takes 8 */

/* {"well", "reasons"}; new reference */
static json_t *verdict(const struct cardea_handle *h, const struct peer_report *report,
	enum explain_to to, bool was_asked)
{
	bool well;
	json_t *reasons = explain_handle(h, report, to, was_asked, &well);
	return json_pack("{s:b, s:o}", "well", well, "reasons", reasons);
}

/* ---- of a client ---- */

/* Many texts are the work of as many small requests, and count for them. */
static void answer_with(struct request *r, const struct peer_report *report, bool was_asked)
{
	json_t *data = verdict(r->handle, report, EXPLAIN_TO_VISITOR, was_asked);
	size_t n = json_array_size(json_object_get(data, "reasons"));
	intake_charge(&r->from, WORTH * (unsigned)n, clock_now_us());
	request_succeed(r, json_pack("{s:o}", "data", data));
}

static void answer_client(struct request *r, const struct peer_report *report)
{
	answer_with(r, report, true);
}

void explain_request(struct request *r)
{
	bool has_peer = r->handle->pc && r->handle->pc->peer;
	if (stats_query_waits(r, answer_client))
		request_fail(r, API_UNKNOWN, "This handle is being explained already");
	else if (!has_peer)
		answer_with(r, NULL, false);
	else if (stats_query_of(&r->from, answer_client) >= OF_ONE ||
		 !stats_query(r, CLIENT_QUERIES, answer_client))
		/* nothing is known of its media, least of all that it is well */
		request_fail(r, API_UNKNOWN, "Too many handles are being explained");
}

/* ---- of an operator ---- */

static void answer_verdict(struct request *r, json_t *verdict)
{
	json_object_set_new(verdict, "handle_id", json_integer((json_int_t)r->handle->id));
	request_succeed(r, verdict);
}

static void answer_admin(struct request *r, const struct peer_report *report)
{
	answer_verdict(r, verdict(r->handle, report, EXPLAIN_TO_OPERATOR, true));
}

void explain_request_admin(struct request *r)
{
	if (stats_query(r, UINT_MAX, answer_admin))
		return;
	if (r->handle->pc && r->handle->pc->peer)
		request_fail(r, API_UNKNOWN, "Its worker is overloaded and cannot be asked");
	else
		answer_verdict(r, verdict(r->handle, NULL, EXPLAIN_TO_OPERATOR, false));
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

/* ---- all of them, page by page ---- */

/* Where a page ends: handles go by the ids of their sessions, then by their own. */
struct place {
	uint64_t session_id, handle_id;
};

static int compare(gconstpointer a, gconstpointer b)
{
	const struct place *p = a, *q = b;
	if (p->session_id != q->session_id)
		return p->session_id < q->session_id ? -1 : 1;
	return (p->handle_id > q->handle_id) - (p->handle_id < q->handle_id);
}

static void add_places(GArray *to, const struct session *s, const struct place *after)
{
	GHashTableIter it;
	gpointer h;
	g_hash_table_iter_init(&it, s->handles);
	while (g_hash_table_iter_next(&it, NULL, &h)) {
		const struct place p = { s->id, ((const struct cardea_handle *)h)->id };
		if (compare(&p, after) > 0)
			g_array_append_val(to, p);
	}
}

/* All handles behind @p after, in order. */
static GArray *places_after(const struct place *after)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct place));
	json_t *ids = sessions_list(), *id;
	size_t i;
	json_array_foreach(ids, i, id)
		add_places(all, session_find((uint64_t)json_integer_value(id)), after);
	json_decref(ids);
	g_array_sort(all, compare);
	return all;
}

/* Digits alone. @return behind them; NULL: there are none, or too many */
static const char *read_id(const char *text, uint64_t *id)
{
	char *end;
	errno = 0;
	*id = strtoull(text, &end, 10);
	return g_ascii_isdigit(*text) && !errno ? end : NULL;
}

static bool read_place(const char *text, struct place *p)
{
	const char *at = read_id(text, &p->session_id);
	at = at && *at == '/' ? read_id(at + 1, &p->handle_id) : NULL;
	return at && !*at;
}

static json_t *print_place(const struct place *p)
{
	char text[48];
	snprintf(text, sizeof text, "%" PRIu64 "/%" PRIu64, p->session_id, p->handle_id);
	return json_string(text);
}

/* A page in the making. */
struct page {
	json_t *list;
	struct place last;
	json_int_t more; /* that are not well, and behind it */
};

static void add_if_unwell(struct page *page, const struct place *at)
{
	const struct cardea_handle *h = handle_find(session_find(at->session_id), at->handle_id);
	bool well, is_full = json_array_size(page->list) == ALL_MAX;
	json_t *reasons = explain_unwell(h, is_full ? 0 : EACH_MAX, &well);
	if (well) {
		json_decref(reasons);
	} else if (is_full) {
		page->more++;
	} else {
		json_array_append_new(page->list, entry(h, reasons));
		page->last = *at;
	}
}

void explain_request_all(struct request *r, const char *after)
{
	struct place from = { 0 };
	struct page page = { .list = NULL };
	if (after && !read_place(after, &from)) {
		request_fail(r, API_INVALID_ELEMENT,
			"Invalid element value (after should be the next of an answer)");
		return;
	}
	GArray *places = places_after(&from);
	page.list = json_array();
	for (guint i = 0; i < places->len; i++)
		add_if_unwell(&page, &g_array_index(places, struct place, i));
	g_array_free(places, TRUE);
	json_t *answer = json_pack("{s:o, s:I}", "handles", page.list, "more", page.more);
	if (page.more)
		json_object_set_new(answer, "next", print_place(&page.last));
	request_succeed(r, answer);
}
