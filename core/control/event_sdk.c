/* SPDX-License-Identifier: Apache-2.0 */

/** @file
 * The part of the plugin SDK that is about events for event handlers. Plugins call it. */

#include <cardea/plugin.h>
#include "event.h"
#include "handle.h"
#include "hook.h"
#include "plugins.h"

/* @return NULL: nobody's hook runs, or its plugin is still starting */
static const struct plugin *whose(void)
{
	const struct cardea_plugin *api = hook_of();
	return api ? plugin_with(api) : NULL;
}

bool cardea_events_are_on(void)
{
	const struct plugin *p;
	return event_wanted(CARDEA_EVENT_PLUGIN) && (p = whose()) && p->tells;
}

void cardea_notify(const struct cardea_handle *h, json_t *data)
{
	if (!cardea_events_are_on()) {
		json_decref(data);
		return;
	}
	json_t *body = json_pack("{s:s, s:o}", "plugin", whose()->package, "data", data);
	if (h)
		handle_tell(h, CARDEA_EVENT_PLUGIN, 0, body);
	else if (body)
		event_tell(&(struct event){ .type = CARDEA_EVENT_PLUGIN }, body);
}
