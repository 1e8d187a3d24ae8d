/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/conf_check.h"
#include "../base/log.h"
#include "event_queue.h"
#include "eventhandlers.h"
#include "machine.h"
#include "module.h"
#include "text.h"

#define MAX_EVENTS 10000 /* that wait for one handler … */
#define MAX_BYTES  (16 << 20)
#define STOP_US    (5 * US_PER_S)
#define STYLES     3

struct eventhandler {
	const struct cardea_eventhandler *api;
	void *dl;
	char package[80];
	struct event_queue *queue; /* NULL: it is off */
	unsigned mask;
	enum json_style style;
};

static struct conf *conf;
static GPtrArray *handlers;
static _Atomic unsigned wanted; /* read on any thread */

void eventhandlers_start(struct conf *from)
{
	conf = from;
	handlers = g_ptr_array_new();
	wanted = 0;
	event_queue_metrics();
}

static struct eventhandler *by_short_name(const char *name)
{
	for (unsigned i = 0; name && handlers && i < handlers->len; i++) {
		struct eventhandler *h = handlers->pdata[i];
		if (strcmp(h->api->name, name) == 0)
			return h;
	}
	return NULL;
}

bool eventhandler_is_there(const char *name)
{
	return by_short_name(name) != NULL;
}

/* ---- begin and end ---- */

static bool is_enabled(const struct cardea_conf *own)
{
	const json_t *v = json_object_get(json_object_get(own->tree, "general"), "enabled");
	return v && conf_is_true(v);
}

/* @return NULL, or why it cannot run */
static const char *start(struct eventhandler *h, struct cardea_conf *own)
{
	const struct event_queue_conf qc = { h->api->name, h->api->deliver, MAX_EVENTS, MAX_BYTES };
	const char *why = h->api->start ? h->api->start(own) : NULL;
	if (why)
		return why;
	if (!(h->queue = event_queue_create(&qc))) {
		if (h->api->stop)
			h->api->stop();
		return "there is no thread to be had";
	}
	return NULL;
}

const char *eventhandler_add(const struct cardea_eventhandler *api, void *dl)
{
	char file[100];
	const char *why = NULL;
	if (!api->deliver)
		return "it lacks the hook deliver";
	if (strlen(api->name) > 60)
		return "its name is too long";
	if (by_short_name(api->name))
		return "there is one of this name already";
	snprintf(file, sizeof file, "cardea.eventhandler.%s", api->name);
	struct cardea_conf *own = conf_file(conf, file);
	if (api->options) {
		conf_check(own, api->options);
		machine_look(own);
	}
	struct eventhandler *h = g_new0(struct eventhandler, 1);
	h->api = api;
	h->dl = dl;
	snprintf(h->package, sizeof h->package, "janus.eventhandler.%s", api->name);
	if (is_enabled(own) && (why = start(h, own))) {
		g_free(h);
		return why;
	}
	g_ptr_array_add(handlers, h);
	eventhandlers_ask();
	log_info("core", 0, h->queue ? "event handler loaded" : "event handler is off", "name=%s",
		api->name);
	return NULL;
}

static const char *take(const void *module, void *dl, const char *path)
{
	(void)path;
	return eventhandler_add(module, dl);
}

unsigned eventhandlers_load(const char *folder, const char *disable)
{
	return modules_open(folder, &module_eventhandler, disable, take);
}

/* @return whether its code may go */
static bool stop(struct eventhandler *h, int64_t limit_us)
{
	if (!h->queue)
		return true;
	if (!event_queue_end(h->queue, limit_us))
		return false;
	if (h->api->stop)
		h->api->stop();
	return true;
}

void eventhandlers_stop(void)
{
	int64_t until_us = clock_now_us() + STOP_US;
	wanted = 0;
	for (unsigned i = handlers ? handlers->len : 0; i-- > 0;) {
		struct eventhandler *h = handlers->pdata[i];
		int64_t left_us = until_us - clock_now_us();
		if (stop(h, MAX(left_us, 0)))
			module_close(h->dl);
		g_free(h);
	}
	g_clear_pointer(&handlers, g_ptr_array_unref);
}

/* ---- what they want ---- */

void eventhandlers_ask(void)
{
	unsigned all = 0;
	for (unsigned i = 0; i < handlers->len; i++) {
		struct eventhandler *h = handlers->pdata[i];
		if (!h->queue)
			continue;
		int style = h->api->style ? h->api->style() : JSON_STYLE_COMPACT;
		h->mask = h->api->mask ? h->api->mask() : CARDEA_EVENT_ALL;
		h->style =
			style >= 0 && style < STYLES ? (enum json_style)style : JSON_STYLE_COMPACT;
		all |= h->mask;
	}
	atomic_store(&wanted, all);
}

unsigned eventhandlers_mask(void)
{
	return atomic_load_explicit(&wanted, memory_order_relaxed);
}

void eventhandlers_tell(enum cardea_event_type type, const json_t *event)
{
	struct cardea_text *texts[STYLES] = { NULL };
	for (unsigned i = 0; i < handlers->len; i++) {
		const struct eventhandler *h = handlers->pdata[i];
		struct cardea_text **text = &texts[h->style];
		if (!h->queue || !(h->mask & type))
			continue;
		if (!*text)
			*text = text_print(event, h->style);
		if (*text) /* else it has been logged: no JSON can hold it */
			event_queue_push(h->queue, type, *text);
	}
	for (unsigned i = 0; i < STYLES; i++)
		cardea_text_drop(texts[i]);
}

/* ---- queries ---- */

const struct cardea_eventhandler *eventhandler_find(const char *package)
{
	const struct eventhandler *h = by_short_name(module_short_name(package, "eventhandler"));
	return h && h->queue ? h->api : NULL;
}

json_t *eventhandlers_info(void)
{
	json_t *all = json_object();
	for (unsigned i = 0; handlers && i < handlers->len; i++) {
		const struct eventhandler *h = handlers->pdata[i];
		if (h->queue)
			json_object_set_new(all, h->package,
				module_info(h->api->title, h->api->author, h->api->description,
					h->api->version_string, h->api->version));
	}
	return all;
}
