/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include "api_request.h"
#include "auth.h"
#include "error.h"
#include "handle.h"
#include "reply.h"
#include "session.h"

static const struct cardea_codes codes = { .missing = API_MISSING_ELEMENT,
	.invalid = API_INVALID_ELEMENT };

/* ---- answers ---- */

void request_fail(const struct request *r, int code, const char *fmt, ...)
{
	char reason[512];
	va_list args;
	va_start(args, fmt);
	vsnprintf(reason, sizeof reason, fmt, args);
	va_end(args);
	reply_send(&r->from, reply_error(r->session_id, r->transaction, code, reason));
}

void request_succeed(const struct request *r, json_t *more)
{
	json_t *msg = reply_new("success", r->session_id, r->transaction);
	if (more)
		json_object_update(msg, more);
	json_decref(more);
	reply_send(&r->from, msg);
}

/* ---- checks that all requests share ---- */

bool request_check(const struct request *r, const struct cardea_field *fields)
{
	struct cardea_error e;
	if (cardea_check(r->tree, fields, &codes, &e))
		return true;
	request_fail(r, e.code, "%s", e.reason);
	return false;
}

const char *request_transaction(const json_t *tree)
{
	const json_t *t = json_object_get(tree, "transaction");
	return json_string_length(t) <= CHOSEN_BYTES ? json_string_value(t) : NULL;
}

const struct cardea_field secret_fields[] = {
	{ "apisecret", CARDEA_STR, .max = AUTH_BYTES, .secret = true,
		.note = "general.api_secret, where that is set" },
	{ "token", CARDEA_STR, .max = AUTH_BYTES, .secret = true,
		.note = "a token, where general.token_auth is on" },
	{ "admin_secret", CARDEA_STR, .max = AUTH_BYTES, .secret = true,
		.note = "general.admin_secret, in requests of the Admin API alone" },
	{ 0 },
};

/* A secret of another type counts as missing, which is for auth to say. */
static bool check_secrets(const struct request *r)
{
	for (unsigned i = 0; secret_fields[i].name; i++) {
		const struct cardea_field one[] = {
			secret_fields[i],
			{ 0 },
		};
		if (json_is_string(json_object_get(r->tree, secret_fields[i].name)) &&
			!request_check(r, one))
			return false;
	}
	return true;
}

/* Refused, none of them is sent back: a text that is too long is no transaction. */
const struct cardea_field request_fields[] = {
	{ "transaction", CARDEA_STR, .required = true, .max = CHOSEN_BYTES,
		.note = "chosen by the client; the answer has it, too" },
	{ "janus", CARDEA_STR, .required = true, .max = NAME_BYTES,
		.note = "name of the request, in any case" },
	{ "id", CARDEA_UINT,
		.note = "of `create` alone: the session's id; chosen at random when absent or 0" },
	{ "session_id", CARDEA_ANY,
		.note = "the session that is meant; over HTTP it may be in the path. Anything but "
			"an integer counts as absent" },
	{ "handle_id", CARDEA_ANY,
		.note = "the handle that is meant; over HTTP it may be in the path" },
	{ 0 },
};

bool request_read(struct request *r)
{
	const json_t *id = json_object_get(r->tree, "session_id");
	const json_t *handle_id = json_object_get(r->tree, "handle_id");
	/* Anything but an integer counts as absent; the aiortc-based client really sends null. */
	r->session_id = (uint64_t)json_integer_value(id);
	r->handle_id = (uint64_t)json_integer_value(handle_id);
	r->has_handle = handle_id && !json_is_null(handle_id);
	if (json_is_array(r->tree)) {
		request_fail(r, API_MISSING_ELEMENT, "Missing mandatory element (transaction)");
		return false;
	}
	if (!json_is_object(r->tree)) {
		request_fail(
			r, API_INVALID_JSON, "Invalid Janus API request - '[' or '{' expected");
		return false;
	}
	if (!request_check(r, request_fields))
		return false;
	r->transaction = request_transaction(r->tree);
	r->name = json_string_value(json_object_get(r->tree, "janus"));
	return check_secrets(r);
}

bool request_find(struct request *r)
{
	r->session = session_find(r->session_id);
	if (!r->session) {
		request_fail(r, API_NO_SESSION, "No such session %" PRIu64, r->session_id);
		return false;
	}
	/* The Admin API only looks on: it keeps no session alive. */
	if (!r->from.admin)
		session_touch(r->session);
	if (!r->has_handle)
		return true;
	r->handle = handle_find(r->session, r->handle_id);
	if (!r->handle)
		request_fail(r, API_NO_HANDLE, "No such handle %" PRIu64 " in session %" PRIu64,
			r->handle_id, r->session_id);
	return r->handle != NULL;
}
