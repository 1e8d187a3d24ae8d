/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * The part of the plugin SDK that is about handles and events; plugins call it. Messages are in
 * message.c, requests as tables in serve.c, media in routes.c, timers in plugin_timers.c. */

#include <cardea/plugin.h>
#include "../base/address.h"
#include "../base/rand.h"
#include "description.h"
#include "error.h"
#include "handle.h"
#include "message.h"
#include "peerconn.h"
#include "reply.h"
#include "session.h"
#include "tally.h"

void cardea_random(void *out, size_t len)
{
	rand_bytes(out, len);
}

/* ---- events ---- */

bool cardea_event(
	struct cardea_handle *h, const char *transaction, json_t *data, struct cardea_desc *desc)
{
	struct cardea_error e;
	json_t *jsep = NULL;
	if (cardea_is_direct(h)) {
		json_decref(data);
		cardea_desc_free(desc);
		return !desc;
	}
	if (!data) {
		cardea_desc_free(desc);
		event_send(h->session, reply_error(h->session->id, transaction, API_PLUGIN_MESSAGE,
					       message_lost(h)));
		return false;
	}
	if (desc && !(jsep = description_make(h, desc, &e))) {
		json_decref(data);
		json_t *msg = reply_error(h->session->id, transaction, e.code, e.reason);
		event_send(h->session, msg);
		return false;
	}
	json_t *msg = handle_event(h, "event", transaction);
	json_object_set_new(msg, "plugindata", handle_plugindata(h, data));
	if (jsep)
		json_object_set_new(msg, "jsep", jsep);
	event_send(h->session, msg);
	return true;
}

json_t *cardea_describe(struct cardea_handle *h, struct cardea_desc *desc, struct cardea_error *e)
{
	return description_make(h, desc, e);
}

/* ---- handles ---- */

void *cardea_user_data(const struct cardea_handle *h)
{
	return h->data;
}

void cardea_set_user_data(struct cardea_handle *h, void *data)
{
	h->data = data;
}

uint64_t cardea_handle_id(const struct cardea_handle *h)
{
	return h->id;
}

const char *cardea_opaque_id(const struct cardea_handle *h)
{
	return h->opaque_id;
}

uint64_t cardea_whose(const struct cardea_handle *h)
{
	const struct cardea_address *a = &h->session->creator;
	return address_is_none(a) || address_is_loopback(a) ? 0 : 1 + (uint64_t)tally_hash(a);
}

bool cardea_is_up(const struct cardea_handle *h)
{
	return h->pc && h->pc->up;
}

bool cardea_offer_pending(const struct cardea_handle *h)
{
	return peerconn_offer_pending(h->pc);
}

void cardea_close(struct cardea_handle *h)
{
	handle_hangup(h, "Close PC");
}

void cardea_end(struct cardea_handle *h)
{
	handle_end(h);
}

void cardea_place(struct cardea_handle *h, uint64_t key)
{
	h->place_key = key;
}
