/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * Requests of plugins as tables: look up, check, run, answer. A part of the plugin SDK, above
 * message.c: plugins call it from their message hooks. */

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <cardea/plugin.h>

json_t *cardea_error_json(const struct cardea_dialect *dialect, const struct cardea_error *e)
{
	return json_pack("{s:s, s:i, s:o}", dialect->marker, "event", "error_code", e->code,
		"error", cardea_json_text(e->reason));
}

/* @return NULL with @p e filled when there is no such request */
static const struct cardea_request *look_up(const json_t *body,
	const struct cardea_request *requests, const struct cardea_dialect *dialect,
	struct cardea_error *e)
{
	const json_t *name = json_object_get(body, "request");
	if (!json_is_string(name)) {
		cardea_fail(e, name ? dialect->codes.invalid : dialect->missing_request,
			name ? "Invalid element type (request should be a string)"
			     : "Missing mandatory element (request)");
		return NULL;
	}
	for (const struct cardea_request *r = requests; r->name; r++)
		if (g_ascii_strcasecmp(r->name, json_string_value(name)) == 0)
			return r;
	cardea_fail(
		e, dialect->unknown_request, "Unknown request '%.100s'", json_string_value(name));
	return NULL;
}

/* @return what to answer with, NULL: nothing */
static json_t *run(const struct cardea_request *r, struct cardea_call *call,
	const struct cardea_dialect *dialect)
{
	call->request = r->name;
	if ((!r->may || r->may(call)) &&
		cardea_check(call->args.obj, call->args.fields, &dialect->codes, call->error) &&
		r->fn(call))
		return call->data;
	json_decref(call->data);
	cardea_desc_free(call->desc);
	call->desc = NULL;
	return cardea_error_json(dialect, call->error);
}

static const struct cardea_field no_fields[] = {
	{ 0 },
};

void cardea_serve(struct cardea_handle *h, struct cardea_message *m,
	const struct cardea_request *requests, const struct cardea_dialect *dialect)
{
	struct cardea_error e = { 0 };
	const json_t *body = cardea_body(m);
	const struct cardea_request *r = look_up(body, requests, dialect, &e);
	if (!r) {
		cardea_reply(m, cardea_error_json(dialect, &e));
		return;
	}
	/* The message is over with its answer, the event still needs the transaction. */
	char *transaction = g_strdup(cardea_transaction(m));
	struct cardea_call call = { .handle = h,
		.args = { body, r->fields ? r->fields : no_fields },
		.remote = cardea_remote(m),
		.transaction = transaction,
		.error = &e };
	if (r->async)
		cardea_ack(m);
	json_t *data = run(r, &call, dialect);
	if (r->async && data) {
		cardea_event(h, transaction, data, call.desc);
	} else {
		cardea_desc_free(call.desc); /* only an event can carry one */
		if (!r->async && call.inner)
			cardea_reply_around(m, data, call.inner, strlen(call.inner));
		else if (!r->async)
			cardea_reply(m, data);
	}
	free(call.inner);
	g_free(transaction);
}

json_t *cardea_serve_admin(const json_t *request, const struct cardea_request *requests,
	const struct cardea_dialect *dialect)
{
	struct cardea_error e = { 0 };
	const struct cardea_request *r = look_up(request, requests, dialect, &e);
	if (r && r->async) {
		cardea_fail(&e, dialect->unknown_request, "Request '%s' needs a handle", r->name);
		r = NULL;
	}
	if (!r)
		return cardea_error_json(dialect, &e);
	struct cardea_call call = { .args = { request, r->fields ? r->fields : no_fields },
		.error = &e };
	return run(r, &call, dialect);
}
