/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** One handler per request of the API; the table that names them is in schema.c. */
bool on_create(struct cardea_call *c);
bool on_edit(struct cardea_call *c);
bool on_destroy(struct cardea_call *c);
bool on_allowed(struct cardea_call *c);
bool on_exists(struct cardea_call *c);
bool on_list(struct cardea_call *c);
bool on_listparticipants(struct cardea_call *c);
bool on_kick(struct cardea_call *c);
bool on_moderate(struct cardea_call *c);
bool on_join(struct cardea_call *c);
bool on_joinandconfigure(struct cardea_call *c);
bool on_configure(struct cardea_call *c);
bool on_publish(struct cardea_call *c);
bool on_unpublish(struct cardea_call *c);
bool on_start(struct cardea_call *c);
bool on_pause(struct cardea_call *c);
bool on_subscribe(struct cardea_call *c);
bool on_unsubscribe(struct cardea_call *c);
bool on_update(struct cardea_call *c);
bool on_switch(struct cardea_call *c);
bool on_leave(struct cardea_call *c);
