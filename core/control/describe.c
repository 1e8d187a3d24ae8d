/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <cardea/eventhandler.h>
#include <cardea/plugin.h>
#include <cardea/transport.h>
#include "admin_table.h"
#include "describe.h"
#include "dispatch.h"
#include "error.h"
#include "module.h"
#include "option_fields.h"
#include "reasons.h"
#include "api_request.h"

/* ---- one field ---- */

static const char *type_name(enum cardea_type type)
{
	static const char *const names[] = {
		[CARDEA_BOOL] = "boolean",
		[CARDEA_INT] = "integer",
		[CARDEA_UINT] = "whole number",
		[CARDEA_STR] = "string",
		[CARDEA_OBJ] = "object",
		[CARDEA_ARR] = "array",
		[CARDEA_STRS] = "array of strings",
		[CARDEA_ID] = "id",
		[CARDEA_ANY] = "any",
	};
	return names[type];
}

static void set_text(json_t *o, const char *name, const char *text)
{
	if (text)
		json_object_set_new(o, name, json_string(text));
}

static void set_flag(json_t *o, const char *name, bool on)
{
	if (on)
		json_object_set_new(o, name, json_true());
}

static void set_number(json_t *o, const char *name, int64_t n)
{
	if (n)
		json_object_set_new(o, name, json_integer(n));
}

/* Booleans and numbers always have one; 0 where the table names none. */
static void set_default(json_t *o, const struct cardea_field *f)
{
	if (f->type == CARDEA_BOOL)
		json_object_set_new(o, "default", json_boolean(f->dflt));
	else if (f->type == CARDEA_INT || f->type == CARDEA_UINT)
		json_object_set_new(o, "default", json_integer(f->dflt));
	else
		set_text(o, "default", f->dflt_str);
}

static json_t *fields_json(const struct cardea_field *fields);

static json_t *field_json(const struct cardea_field *f)
{
	json_t *o = json_pack("{s:s, s:s}", "name", f->name, "type", type_name(f->type));
	set_flag(o, "required", f->required);
	set_flag(o, "nonempty", f->nonempty);
	set_flag(o, "secret", f->secret);
	set_number(o, "min", f->min);
	set_number(o, "max", f->type == CARDEA_ID ? CARDEA_ID_BYTES : f->max);
	set_default(o, f);
	set_text(o, "one_of", f->one_of);
	set_text(o, "note", f->note);
	set_text(o, "group", f->group);
	set_text(o, "idle", f->idle);
	if (f->of)
		json_object_set_new(o, "of", fields_json(f->of));
	return o;
}

static json_t *fields_json(const struct cardea_field *fields)
{
	json_t *all = json_array();
	for (const struct cardea_field *f = fields; f && f->name; f++)
		json_array_append_new(all, field_json(f));
	return all;
}

/* ---- tables ---- */

static json_t *options_json(const struct cardea_section *sections)
{
	json_t *all = json_array();
	for (const struct cardea_section *s = sections; s && s->name; s++) {
		json_t *o =
			json_pack("{s:s, s:o}", "name", s->name, "fields", fields_json(s->fields));
		set_text(o, "note", s->note);
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *errors_json(const struct cardea_code *errors)
{
	json_t *all = json_array();
	for (const struct cardea_code *c = errors; c && c->note; c++)
		json_array_append_new(
			all, json_pack("{s:i, s:s}", "code", c->code, "note", c->note));
	return all;
}

static json_t *request_json(const char *name, const struct cardea_field *fields, const char *note)
{
	json_t *o = json_pack("{s:s, s:o}", "name", name, "fields", fields_json(fields));
	set_text(o, "note", note);
	return o;
}

static json_t *core_requests(void)
{
	json_t *all = json_array();
	for (const struct api_request *q = api_requests; q->name; q++) {
		json_t *o = request_json(q->name, q->fields, q->note);
		json_object_set_new(o, "levels", json_integer(q->levels));
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *admin_requests(void)
{
	json_t *all = json_array();
	for (size_t i = 0; admin_tables[i]; i++)
		for (const struct admin_request *q = admin_tables[i]; q->name; q++) {
			json_t *o = request_json(q->name, q->fields, q->note);
			json_object_set_new(o, "levels", json_integer(1 << q->level));
			json_array_append_new(all, o);
		}
	return all;
}

static json_t *plugin_requests(const struct cardea_request *requests)
{
	json_t *all = json_array();
	for (const struct cardea_request *q = requests; q && q->name; q++) {
		json_t *o = request_json(q->name, q->fields, q->note);
		set_flag(o, "async", q->async);
		json_array_append_new(all, o);
	}
	return all;
}

/* ---- reasons ---- */

static json_t *reasons_json(void)
{
	static const char *const of[] = {
		[REASON_OF_CONNECTION] = "connection",
		[REASON_OF_SENDING] = "sending",
		[REASON_OF_RECEIVING] = "receiving",
		[REASON_OF_BOTH] = "both",
	};
	json_t *all = json_array();
	for (unsigned code = 0; code < REASON_END; code++) {
		const struct reason *r = reason_of(code);
		if (!r)
			continue;
		json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s}", "code", r->code, "of", of[r->of],
			"text", r->text, "todo", r->todo, "visitor", r->visitor);
		set_flag(o, "meant", r->is_meant);
		json_array_append_new(all, o);
	}
	return all;
}

/* ---- modules ---- */

static json_t *plugins, *transports, *eventhandlers; /* while they are opened */

static const char *take_plugin(const void *module, void *dl, const char *path)
{
	(void)path;
	const struct cardea_plugin *p = module;
	(void)dl;
	json_t *o = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "name", p->name, "title", p->title,
		"description", p->description, "options", options_json(p->options), "requests",
		plugin_requests(p->requests), "errors", errors_json(p->errors));
	json_array_append_new(plugins, o);
	return NULL;
}

static const char *take_transport(const void *module, void *dl, const char *path)
{
	(void)path;
	const struct cardea_transport *t = module;
	(void)dl;
	json_array_append_new(transports,
		json_pack("{s:s, s:s, s:s, s:o}", "name", t->name, "title", t->title, "description",
			t->description, "options", options_json(t->options)));
	return NULL;
}

static const char *take_eventhandler(const void *module, void *dl, const char *path)
{
	(void)path;
	const struct cardea_eventhandler *h = module;
	(void)dl;
	json_array_append_new(eventhandlers,
		json_pack("{s:s, s:s, s:s, s:o}", "name", h->name, "title", h->title, "description",
			h->description, "options", options_json(h->options)));
	return NULL;
}

bool describe_all(const struct paths *paths)
{
	plugins = json_array();
	transports = json_array();
	eventhandlers = json_array();
	unsigned failed = modules_open(paths->plugins, &module_plugin, NULL, take_plugin);
	failed += modules_open(paths->transports, &module_transport, NULL, take_transport);
	failed += modules_open(paths->eventhandlers, &module_eventhandler, NULL, take_eventhandler);
	json_t *all = json_pack("{s:{s:o, s:o, s:o, s:o, s:o}, s:{s:o}, s:o, s:o, s:o, s:o}",
		"core", "options", options_json(core_options), "common",
		fields_json(request_fields), "secrets", fields_json(secret_fields), "requests",
		core_requests(), "errors", errors_json(api_errors), "admin", "requests",
		admin_requests(), "plugins", plugins, "transports", transports, "eventhandlers",
		eventhandlers, "reasons", reasons_json());
	json_dumpf(all, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(all);
	return !failed;
}
