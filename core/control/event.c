/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/clock.h"
#include "event.h"
#include "eventhandlers.h"
#include "options.h"

static void set_int(json_t *o, const char *name, uint64_t value)
{
	json_object_set_new(o, name, json_integer((json_int_t)value));
}

static void set_id(json_t *o, const char *name, uint64_t id)
{
	if (id)
		set_int(o, name, id);
}

bool event_wanted(enum cardea_event_type type)
{
	return eventhandlers_mask() & type;
}

void event_tell(const struct event *e, json_t *body)
{
	if (!event_wanted(e->type)) {
		json_decref(body);
		return;
	}
	json_t *o = json_object();
	if (settings.emitter)
		json_object_set_new(o, "emitter", cardea_json_text(settings.emitter));
	set_int(o, "type", e->type);
	set_id(o, "subtype", e->subtype);
	set_int(o, "timestamp", (uint64_t)clock_wall_us());
	set_id(o, "session_id", e->session_id);
	set_id(o, "handle_id", e->handle_id);
	if (e->opaque_id)
		json_object_set_new(o, "opaque_id", json_string(e->opaque_id));
	json_object_set_new(o, "event", body);
	eventhandlers_tell(e->type, o);
	json_decref(o);
}
