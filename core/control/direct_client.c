/* SPDX-License-Identifier: Apache-2.0 */
#include "direct_client.h"
#include "session.h"
#include "text.h"

#define CLOSE_NORMAL 1000

/* Events of the API are not for them. */
static void send_nothing(
	uint64_t client, uint64_t request, uint64_t session_id, struct cardea_text *text)
{
	(void)client;
	(void)request;
	(void)session_id;
	cardea_text_drop(text);
}

static void on_owner(uint64_t client, uint64_t session_id, bool owner)
{
	(void)session_id;
	if (!owner)
		cardea_web_close(client, CLOSE_NORMAL); /* unless another code came first */
}

static const struct cardea_transport direct = { .size = sizeof direct,
	.abi = CARDEA_TRANSPORT_ABI,
	.name = "direct",
	.send = send_nothing,
	.owns = on_owner };

struct cardea_origin direct_client_origin(uint64_t conn, struct cardea_address address)
{
	return (struct cardea_origin){ .transport = &direct, .client = conn, .address = address };
}

bool direct_client_is(const struct session *s)
{
	return s->owner.transport == &direct;
}

static json_t *error_json(int number, const char *reason)
{
	return json_pack("{s:s, s:i, s:o}", "type", "error", "code", number, "reason",
		cardea_json_text(reason));
}

struct cardea_text *direct_client_text(json_t *message)
{
	struct cardea_text *text = text_print(message, JSON_STYLE_COMPACT);
	json_decref(message);
	if (text)
		return text;
	json_t *error = error_json(500, "What was to be said cannot be written as JSON");
	text = text_print(error, JSON_STYLE_COMPACT);
	json_decref(error);
	return text;
}

void direct_client_error(uint64_t conn, int number, const char *reason)
{
	cardea_web_send(conn, direct_client_text(error_json(number, reason)));
}
