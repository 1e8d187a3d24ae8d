/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "display.h"
#include "errors.h"

/* What both take when others are told of them. */
static size_t bytes_of(const char *display, const json_t *metadata)
{
	return (display ? strlen(display) : 0) +
	       (metadata ? json_dumpb(metadata, NULL, 0, JSON_COMPACT) : 0);
}

static size_t bytes_with(const struct publisher *p, const struct cardea_args *args)
{
	const char *display = cardea_str(args, "display");
	const json_t *metadata = cardea_json(args, "metadata");
	return bytes_of(
		display || !p ? display : p->display, metadata || !p ? metadata : p->metadata);
}

bool display_fits(const struct room *r, const struct publisher *p, const struct cardea_args *args,
	struct cardea_error *e)
{
	size_t before = p ? p->display_bytes : 0, now = bytes_with(p, args);
	return now <= before || r->display_bytes - before + now <= ROOM_DISPLAY_MAX ||
	       cardea_fail(e, E_INVALID,
		       "Invalid element (display and metadata of all in the room have more than %d "
		       "bytes)",
		       ROOM_DISPLAY_MAX);
}

void display_set(struct publisher *p, const struct cardea_args *args)
{
	size_t before = p->display_bytes;
	p->display_bytes = bytes_with(p, args);
	p->room->display_bytes += p->display_bytes - before;
	if (cardea_given(args, "display")) {
		g_free(p->display);
		p->display = g_strdup(cardea_str(args, "display"));
	}
	if (cardea_given(args, "metadata")) {
		json_decref(p->metadata);
		p->metadata = json_deep_copy(cardea_json(args, "metadata"));
	}
}

void display_json(json_t *j, const struct publisher *p)
{
	if (p->display)
		json_object_set_new(j, "display", json_string(p->display));
	if (p->metadata)
		json_object_set(j, "metadata", p->metadata);
}
