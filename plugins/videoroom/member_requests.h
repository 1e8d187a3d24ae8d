/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * Requests of whoever takes part in a room, as a publisher or a subscriber; a handler each. What
 * a handle may ask for was checked before (role_check.h). */
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
