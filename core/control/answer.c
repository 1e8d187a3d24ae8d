/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"
#include "error.h"
#include "session.h"
#include "text.h"

json_t *answer_new(const char *kind, uint64_t session_id, const char *transaction)
{
	json_t *msg = json_object();
	json_object_set_new(msg, "janus", json_string(kind));
	if (session_id)
		json_object_set_new(msg, "session_id", json_integer((json_int_t)session_id));
	if (transaction)
		json_object_set_new(msg, "transaction", json_string(transaction));
	return msg;
}

json_t *answer_error(uint64_t session_id, const char *transaction, int code, const char *reason)
{
	json_t *msg = answer_new("error", session_id, transaction);
	json_object_set_new(msg, "error",
		json_pack("{s:i, s:o}", "code", code, "reason", cardea_json_text(reason)));
	return msg;
}

/* Whoever waits for an answer gets one, if only an error. */
static struct cardea_text *print(const json_t *msg, enum json_style style)
{
	struct cardea_text *text = text_print(msg, style);
	if (text)
		return text;
	json_t *sorry =
		answer_error((uint64_t)json_integer_value(json_object_get(msg, "session_id")),
			json_string_value(json_object_get(msg, "transaction")), API_UNKNOWN,
			"The answer cannot be written as JSON");
	text = text_print(sorry, style);
	json_decref(sorry);
	return text;
}

static void send(const struct cardea_origin *to, uint64_t request, uint64_t session_id, json_t *msg)
{
	const struct cardea_transport *t = to->transport;
	int style = t->style ? t->style() : JSON_STYLE_COMPACT;
	t->send(to->client, request, session_id, print(msg, (enum json_style)style));
	json_decref(msg);
}

void answer_send(const struct cardea_origin *to, json_t *msg)
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
