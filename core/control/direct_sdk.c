/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * The part of the plugin SDK that is about the handles of direct endpoints: what plugins send and
 * ask on them. What comes from their clients is direct.c's. */

#include <cardea/transport.h>
#include "direct_client.h"
#include "error.h"
#include "handle.h"

bool cardea_is_direct(const struct cardea_handle *h)
{
	return direct_client_is(h->session);
}

struct cardea_handle *cardea_extra_handle(struct cardea_handle *h, struct cardea_error *e)
{
	char why[128];
	struct cardea_handle *extra =
		handle_create(h->session, h->plugin, h->package, NULL, NULL, why);
	if (extra)
		extra->is_extra = true;
	else
		cardea_fail(e, API_PLUGIN_ATTACH, "%s", why);
	return extra;
}

void cardea_direct_send_all(struct cardea_handle *const *to, unsigned n, json_t *message)
{
	struct cardea_text *text = direct_client_text(message);
	for (unsigned i = 0; i < n; i++)
		if (direct_client_is(to[i]->session))
			cardea_web_send(to[i]->session->owner.client, cardea_text_ref(text));
	cardea_text_drop(text);
}

void cardea_direct_send(struct cardea_handle *h, json_t *message)
{
	cardea_direct_send_all(&h, 1, message);
}

enum cardea_presence cardea_probe(struct cardea_handle *h, unsigned timeout_ms)
{
	if (!h->session->owner.transport)
		return CARDEA_ABSENT;
	if (!direct_client_is(h->session))
		return CARDEA_PRESENT;
	cardea_web_probe(h->session->owner.client, timeout_ms);
	return CARDEA_ASKED;
}

void cardea_end_with(struct cardea_handle *h, unsigned code)
{
	if (direct_client_is(h->session))
		cardea_web_close(h->session->owner.client, code);
	handle_end(h);
}
