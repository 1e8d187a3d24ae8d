/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cardea/plugin.h>
#include "direct_client.h"
#include "handle.h"
#include "hook.h"
#include "http_inbox.h"
#include "http_paths.h"
#include "plugins.h"

#define TOO_MANY 503

static struct http_path *paths;
static uint64_t n_handles;

/* ---- what comes ---- */

static void on_request(const struct http_path *at, const struct cardea_path_request *r)
{
	struct hook hook;
	hook_enter(&hook, at->plugin, "path request");
	at->request(r);
	hook_leave(&hook);
}

static void on_gone(const struct http_path *at, uint64_t id)
{
	struct hook hook;
	if (!at->gone)
		return;
	hook_enter(&hook, at->plugin, "path gone");
	at->gone(id);
	hook_leave(&hook);
}

enum err http_paths_start(struct loop *loop)
{
	return http_inbox_start(loop, on_request, on_gone);
}

void http_paths_stop(void)
{
	http_inbox_stop();
	for (struct http_path *p = paths, *next; p; p = next) {
		next = p->next;
		g_free(p->prefix);
		g_free(p);
	}
	paths = NULL;
}

/* ---- the SDK ---- */

/* A plugin that was loaded again has its paths. */
static bool take_over(const struct cardea_plugin *of, const struct cardea_path *conf)
{
	for (struct http_path *p = paths; p; p = p->next)
		if (!strcmp(p->plugin->name, of->name) && !strcmp(p->prefix, conf->prefix)) {
			p->plugin = of;
			p->request = conf->request;
			p->gone = conf->gone;
			return true;
		}
	return false;
}

const char *cardea_path(const struct cardea_path *where)
{
	struct cardea_path conf = { 0 };
	memcpy(&conf, where, where->size < sizeof conf ? where->size : sizeof conf);
	if (!conf.prefix || !conf.methods || !conf.request)
		return "a path has a prefix, methods, and a hook that is told of requests";
	if (plugins_are_up() && take_over(hook_of(), &conf))
		return NULL;
	if (plugins_are_up())
		return "what it serves can be changed at a start only";
	struct http_path *p = g_new0(struct http_path, 1);
	p->plugin = hook_of();
	p->prefix = g_strdup(conf.prefix);
	p->request = conf.request;
	p->gone = conf.gone;
	p->methods = conf.methods;
	p->timeout_ms = conf.timeout_ms;
	p->next = paths;
	paths = p;
	return cardea_web_mount_path(p->prefix,
		&(struct cardea_web_place){ .size = sizeof(struct cardea_web_place),
			.shared = true,
			.allow_origin = conf.allow_origin },
		&http_inbox_hooks, p);
}

void cardea_path_answer(uint64_t id, int status, const char *headers, const char *type,
	const void *body, size_t len)
{
	cardea_web_answer(id, status, headers, type, body ? cardea_web_text(body, len) : NULL);
}

void cardea_path_answer_json(uint64_t id, int status, const char *headers, json_t *json)
{
	cardea_web_answer(id, status, headers, "application/json", direct_client_text(json));
}

/* A session that has no handle, and that cannot go while a hook runs. */
struct leftover {
	struct deferred end;
	uint64_t session;
};

static void end_leftover(void *arg)
{
	struct leftover *l = arg;
	session_destroy(session_find(l->session));
	g_free(l);
}

static void leave(const struct session *s)
{
	struct leftover *l = g_new0(struct leftover, 1);
	*l = (struct leftover){ { .fn = end_leftover, .arg = l }, s->id };
	hook_defer(&l->end);
}

static struct cardea_handle *make_handle(
	struct plugin *plugin, struct session *s, struct cardea_error *e)
{
	char why[128];
	struct cardea_handle *h = handle_create(s, plugin, plugin->package, NULL, NULL, why);
	if (h)
		return h;
	leave(s);
	cardea_fail(e, TOO_MANY, "%s", why);
	return NULL;
}

struct cardea_handle *cardea_path_handle(
	const struct cardea_path_request *r, struct cardea_error *e)
{
	/* a client's name that no connection has */
	const struct cardea_origin from =
		direct_client_origin(1ull << 63 | ++n_handles, cardea_address(r->ip));
	char why[128];
	struct session *s;
	struct plugin *plugin = plugin_with(hook_of());
	if (session_create(&s, 0, &from, why)) {
		cardea_fail(e, TOO_MANY, "%s", why);
		return NULL;
	}
	session_set_timeout(s, 0); /* the plugin ends it */
	return make_handle(plugin, s, e);
}
