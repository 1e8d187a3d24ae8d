/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"
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
	json_object_set_new(msg, "error", json_pack("{s:i, s:s}", "code", code, "reason", reason));
	return msg;
}

static void send(const struct cardea_origin *to, uint64_t request, uint64_t session_id, json_t *msg)
{
	const struct cardea_transport *t = to->transport;
	int style = t->style ? t->style() : JSON_STYLE_COMPACT;
	t->send(to->client, request, session_id, text_print(msg, (enum json_style)style));
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
