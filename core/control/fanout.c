/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * One event to many handles: a part of the plugin SDK, above reply.c. They differ in whom they are
 * for; their data is printed once. */

#include "handle.h"
#include "reply.h"
#include "session.h"
#include "text.h"

static json_t *envelope(const struct cardea_handle *h)
{
	json_t *msg = handle_event(h, "event", NULL);
	json_object_set_new(
		msg, "plugindata", json_pack("{s:s, s:n}", "plugin", h->package, "data"));
	return msg;
}

void cardea_event_all(struct cardea_handle *const *to, unsigned n, json_t *data)
{
	struct cardea_text *printed = NULL;
	for (unsigned i = 0; i < n; i++) {
		const struct session *s = to[i]->session;
		if (cardea_is_direct(to[i]) || s->dying)
			continue;
		/* In the other styles what it says depends on where it stands. */
		if (!data || !reply_is_compact(&s->owner)) {
			cardea_event(to[i], NULL, json_incref(data), NULL);
			continue;
		}
		if (!printed && !(printed = text_print(data, JSON_STYLE_COMPACT)))
			break;
		event_send_around(s, envelope(to[i]), printed->data, printed->len);
	}
	cardea_text_drop(printed);
	json_decref(data);
}
