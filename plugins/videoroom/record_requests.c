/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"
#include "record.h"
#include "record_requests.h"
#include "record_tell.h"
#include "room_record.h"
#include "rooms.h"

bool on_enable_recording(struct cardea_call *c)
{
	struct room *r = room_find(cardea_json(&c->args, "room"), c->error);
	bool on = cardea_bool(&c->args, "record");
	g_autofree char *warning = NULL;
	if (!r || !room_secret_ok(r, &c->args, c->error) ||
		!room_record_set(r, on, &warning, c->error))
		return false;
	c->data = json_pack("{s:s, s:b}", "videoroom", "success", "record", on);
	if (warning)
		json_object_set_new(c->data, "warning", cardea_json_text(warning));
	return true;
}

/* ---- of one participant ---- */

static const char *filename_of(const struct cardea_args *args)
{
	const char *name = cardea_str(args, "filename");
	return name && *name ? name : NULL;
}

static bool asks(const struct cardea_args *args)
{
	return cardea_given(args, "record") || cardea_given(args, "filename");
}

static bool is_locked(const struct room *r, const struct cardea_args *args)
{
	struct cardea_error unused;
	return r->lock_record && r->secret && !room_secret_ok(r, args, &unused);
}

bool record_request_check(const struct cardea_call *c, const struct publisher *p, bool *allowed)
{
	const char *name = filename_of(&c->args);
	*allowed = asks(&c->args) && !is_locked(p->room, &c->args);
	if (!*allowed || p->recording || (!name && !cardea_bool(&c->args, "record")))
		return true;
	return record_check(p, name ? name : p->filename, c->error);
}

void record_request_take(struct cardea_call *c, struct publisher *p, bool allowed)
{
	const char *name = filename_of(&c->args);
	if (!allowed) {
		if (asks(&c->args))
			json_object_set_new(c->data, "warning",
				json_string("record and filename are ignored: they take the room's "
					    "secret"));
		return;
	}
	if (name) {
		g_free(p->filename);
		p->filename = g_strdup(name);
	}
	if (cardea_given(&c->args, "record"))
		p->record = cardea_bool(&c->args, "record");
}

void record_request_apply(struct publisher *p)
{
	struct cardea_error e;
	if (!p->record)
		record_stop(p);
	else if (!p->publishing)
		return;
	else if (p->recording)
		record_lines_changed(p);
	else if (!room_record_start(p, &e)) {
		p->record = false;
		record_tell_broken(p, e.reason);
	}
}
