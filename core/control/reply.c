/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"
#include "reply.h"
#include "session.h"
#include "text.h"

json_t *reply_new(const char *kind, uint64_t session_id, const char *transaction)
{
	json_t *msg = json_object();
	json_object_set_new(msg, "janus", json_string(kind));
	if (session_id)
		json_object_set_new(msg, "session_id", json_integer((json_int_t)session_id));
	if (transaction)
		json_object_set_new(msg, "transaction", json_string(transaction));
	return msg;
}

json_t *reply_error(uint64_t session_id, const char *transaction, int code, const char *reason)
{
	json_t *msg = reply_new("error", session_id, transaction);
	json_object_set_new(msg, "error",
		json_pack("{s:i, s:o}", "code", code, "reason", cardea_json_text(reason)));
	return msg;
}

static int style_of(const struct cardea_origin *to)
{
	return to->transport->style ? to->transport->style() : JSON_STYLE_COMPACT;
}

bool reply_is_compact(const struct cardea_origin *to)
{
	return to->transport && style_of(to) == JSON_STYLE_COMPACT;
}

/* Whoever waits for an answer gets one, if only an error. */
static struct cardea_text *print(const json_t *msg, enum json_style style)
{
	struct cardea_text *text = text_print(msg, style);
	if (text)
		return text;
	json_t *error =
		reply_error((uint64_t)json_integer_value(json_object_get(msg, "session_id")),
			json_string_value(json_object_get(msg, "transaction")), API_UNKNOWN,
			"The answer cannot be written as JSON");
	text = text_print(error, style);
	json_decref(error);
	return text;
}

static void send(const struct cardea_origin *to, uint64_t request, uint64_t session_id, json_t *msg)
{
	to->transport->send(
		to->client, request, session_id, print(msg, (enum json_style)style_of(to)));
	json_decref(msg);
}

void reply_send(const struct cardea_origin *to, json_t *msg)
{
	uint64_t session_id = (uint64_t)json_integer_value(json_object_get(msg, "session_id"));
	send(to, to->request, session_id, msg);
}

void event_send(const struct session *s, json_t *msg)
{
	if (s->dying || !s->owner.transport)
		json_decref(msg);
	else
		send(&s->owner, 0, s->id, msg);
}

/* ---- with a part that is printed already ---- */

static void send_around(const struct cardea_origin *to, uint64_t request, uint64_t session_id,
	json_t *msg, const char *inner, size_t len)
{
	to->transport->send(to->client, request, session_id, text_around(msg, inner, len));
	json_decref(msg);
}

/* What stands last in it, and last in that, and so on, becomes @p value (taken). */
static void set_last(json_t *msg, json_t *value)
{
	const char *last = NULL, *key;
	json_t *member;
	json_object_foreach(msg, key, member)
		last = key;
	if (json_is_object(json_object_get(msg, last)))
		set_last(json_object_get(msg, last), value);
	else
		json_object_set_new(msg, last, value);
}

void reply_send_around(const struct cardea_origin *to, json_t *msg, const char *inner, size_t len)
{
	uint64_t session_id = (uint64_t)json_integer_value(json_object_get(msg, "session_id"));
	if (reply_is_compact(to)) {
		send_around(to, to->request, session_id, msg, inner, len);
		return;
	}
	set_last(msg, json_loadb(inner, len, 0, NULL));
	reply_send(to, msg);
}

void event_send_around(const struct session *s, json_t *msg, const char *inner, size_t len)
{
	send_around(&s->owner, 0, s->id, msg, inner, len);
}
