/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "../base/conf_check.h"
#include "../base/log.h"
#include "loop_sdk.h"
#include "machine.h"
#include "module.h"
#include "transports.h"

struct transport {
	const struct cardea_transport *api;
	void *dl;
	bool tells; /* event handlers */
	char package[80];
};

static struct conf *conf;
static GPtrArray *transports;

void transports_start(struct conf *from)
{
	conf = from;
	transports = g_ptr_array_new();
}

static struct transport *by_short_name(const char *name)
{
	for (unsigned i = 0; name && i < transports->len; i++) {
		struct transport *t = transports->pdata[i];
		if (strcmp(t->api->name, name) == 0)
			return t;
	}
	return NULL;
}

static bool tells(const struct cardea_conf *own)
{
	const json_t *v = json_object_get(json_object_get(own->tree, "general"), "events");
	return !v || conf_is_true(v);
}

const char *transport_add(const struct cardea_transport *api, void *dl)
{
	char file[100];
	const char *why;
	if (!api->send)
		return "it lacks the hook send";
	if (strlen(api->name) > 60)
		return "its name is too long";
	if (by_short_name(api->name))
		return "there is one of this name already";
	snprintf(file, sizeof file, "cardea.transport.%s", api->name);
	struct cardea_conf *own = conf_file(conf, file);
	if (api->options) {
		conf_check(own, api->options);
		machine_look(own);
	}
	if (api->start && (why = api->start(own)))
		return why;
	struct transport *t = g_new0(struct transport, 1);
	t->api = api;
	t->dl = dl;
	t->tells = tells(own);
	snprintf(t->package, sizeof t->package, "janus.transport.%s", api->name);
	g_ptr_array_add(transports, t);
	log_info("core", 0, "transport loaded", "name=%s", api->name);
	return NULL;
}

static const char *take(const void *module, void *dl, const char *path)
{
	(void)path;
	return transport_add(module, dl);
}

unsigned transports_load(const char *folder, const char *disable)
{
	return modules_open(folder, &module_transport, disable, take);
}

void transports_stop(void (*stopped)(const struct cardea_transport *t))
{
	for (unsigned i = transports ? transports->len : 0; i-- > 0;) {
		const struct transport *t = transports->pdata[i];
		if (t->api->stop)
			t->api->stop();
		stopped(t->api);
	}
}

void transports_unload(void)
{
	loops_end();
	for (unsigned i = 0; transports && i < transports->len; i++) {
		struct transport *t = transports->pdata[i];
		module_close(t->dl);
		g_free(t);
	}
	g_clear_pointer(&transports, g_ptr_array_unref);
}

const struct cardea_transport *transport_find(const char *package)
{
	const struct transport *t = by_short_name(module_short_name(package, "transport"));
	return t ? t->api : NULL;
}

bool transport_tells(const struct cardea_transport *api)
{
	const struct transport *t = by_short_name(api->name);
	return t && t->tells;
}

void transport_set_tells(const struct cardea_transport *api, bool tells)
{
	struct transport *t = by_short_name(api->name);
	if (t)
		t->tells = tells;
}

json_t *transports_info(void)
{
	json_t *all = json_object();
	for (unsigned i = 0; i < transports->len; i++) {
		const struct transport *t = transports->pdata[i];
		json_object_set_new(all, t->package,
			module_info(t->api->title, t->api->author, t->api->description,
				t->api->version_string, t->api->version));
	}
	return all;
}

unsigned transports_count(void)
{
	return transports ? transports->len : 0;
}
