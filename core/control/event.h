/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/event.h>

/** @file
 * One event on its way out: the envelope around its body, printed once for each style that a
 * handler wants, and queued for all that want its type. Whoever tells something asks event_wanted()
 * first, so that without handlers nothing is made. Control thread. */

/** What stands around the body; what is 0 or NULL is left out. */
struct event {
	enum cardea_event_type type;
	unsigned subtype;
	uint64_t session_id, handle_id;
	const char *opaque_id;
};

/** Does any handler want it? Any thread. */
bool event_wanted(enum cardea_event_type type);
/** Tell all who want it. @param body taken */
void event_tell(const struct event *e, json_t *body);
