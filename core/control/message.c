/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/log.h"
#include "description.h"
#include "error.h"
#include "handle.h"
#include "hook.h"
#include "message.h"
#include "plugins.h"
#include "reply.h"

const struct cardea_field message_fields[] = {
	{ "body", CARDEA_OBJ, .required = true, .note = "what the plugin is told" },
	{ "jsep", CARDEA_ANY, .of = remote_fields,
		.note = "the client's description, of WebRTC: an offer, or the answer to one" },
	{ 0 },
};

/* @return false when the request was refused */
static bool take_jsep(struct request *r, struct cardea_message *m)
{
	struct cardea_error e;
	const json_t *jsep = json_object_get(r->tree, "jsep");
	if (!jsep)
		return true;
	if ((m->remote = description_take(r->handle, jsep, &e)))
		return true;
	request_fail(r, e.code, "%s", e.reason);
	return false;
}

void message_request(struct request *r)
{
	struct cardea_message m = { .request = r };
	m.body = json_object_get(r->tree, "body");
	struct hook hook;
	hook_enter(&hook, r->handle->plugin->api, "message");
	if (take_jsep(r, &m)) {
		r->handle->plugin->api->message(r->handle, &m);
		if (!m.answered)
			request_fail(r, API_PLUGIN_MESSAGE, "The plugin gave no answer");
	}
	hook_leave(&hook);
	remote_drop(m.remote);
}

const json_t *cardea_body(const struct cardea_message *m)
{
	return m->body;
}

const char *cardea_transaction(const struct cardea_message *m)
{
	return m->request->transaction;
}

const struct cardea_desc *cardea_remote(const struct cardea_message *m)
{
	return m->remote ? m->remote->desc : NULL;
}

const char *message_lost(const struct cardea_handle *h)
{
	log_error("plugin", h->id, "answer lost: it is no JSON", "plugin=%s", h->plugin->api->name);
	return "The plugin's answer cannot be written as JSON";
}

/* One answer a message: a second one would confuse the client, whatever the plugin thinks. */
static bool first_answer(struct cardea_message *m)
{
	if (m->answered)
		log_error("plugin", m->request->handle->id, "message answered twice", "plugin=%s",
			m->request->handle->plugin->api->name);
	bool first = !m->answered;
	m->answered = true;
	return first;
}

/* @return NULL: it has been answered already */
static json_t *success(struct cardea_message *m, json_t *data)
{
	struct request *r = m->request;
	if (!first_answer(m)) {
		json_decref(data);
		return NULL;
	}
	if (!data) {
		request_fail(r, API_PLUGIN_MESSAGE, "%s", message_lost(r->handle));
		return NULL;
	}
	json_t *msg = handle_event(r->handle, "success", r->transaction);
	json_object_set_new(msg, "plugindata", handle_plugindata(r->handle, data));
	return msg;
}

void cardea_reply(struct cardea_message *m, json_t *data)
{
	json_t *msg = success(m, data);
	if (msg)
		reply_send(&m->request->from, msg);
}

void cardea_reply_around(struct cardea_message *m, json_t *data, const char *inner, size_t len)
{
	json_t *msg = success(m, data);
	if (msg)
		reply_send_around(&m->request->from, msg, inner, len);
}

void cardea_ack(struct cardea_message *m)
{
	if (first_answer(m))
		reply_send(&m->request->from,
			reply_new("ack", m->request->session_id, m->request->transaction));
}

void cardea_refuse(struct cardea_message *m, const char *reason)
{
	if (first_answer(m))
		request_fail(m->request, API_PLUGIN_MESSAGE, "%s", reason);
}
