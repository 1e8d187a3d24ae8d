/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cardea/plugin.h>

/** @file
 * A plugin that lends the functions of the SDK to tests, each by a request of its own. It sees the
 * installed headers alone, and is not installed itself. */
extern CARDEA_API const struct cardea_plugin cardea_plugin;

/* Who waits for an answer that comes later. */
struct waiting {
	struct cardea_handle *handle; /* NULL: it has gone */
	char *transaction;
	unsigned ms;
	bool was_run;
	struct waiting *next;
};
static struct waiting *all;

static struct waiting *wait_for(const struct cardea_call *call)
{
	struct waiting *w = calloc(1, sizeof *w);
	w->handle = call->handle;
	w->transaction = strdup(call->transaction);
	w->next = all;
	all = w;
	return w;
}

static void answer(struct waiting *w, json_t *data)
{
	struct waiting **at = &all;
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (w->handle)
		cardea_event(w->handle, w->transaction, data, NULL);
	else
		json_decref(data);
	free(w->transaction);
	free(w);
}

/* ---- store ---- */

static bool set(const struct cardea_call *call, const char *key)
{
	json_t *value = (json_t *)(uintptr_t)cardea_json(&call->args, "value");
	if (cardea_store_set(key, json_is_null(value) ? NULL : json_incref(value), call->error))
		return true;
	call->error->code = 1;
	return false;
}

/* With `copies` under as many keys, numbered. */
static bool store_set(struct cardea_call *call)
{
	const char *key = cardea_str(&call->args, "key");
	if (!cardea_int(&call->args, "copies") && !set(call, key))
		return false;
	for (int64_t i = 0; i < cardea_int(&call->args, "copies"); i++) {
		char numbered[CARDEA_STORE_KEY];
		snprintf(numbered, sizeof numbered, "%.200s%lld", key, (long long)i);
		if (!set(call, numbered))
			return false;
	}
	call->data = json_object();
	return true;
}

static bool store_get(struct cardea_call *call)
{
	const json_t *value = cardea_store_get(cardea_str(&call->args, "key"));
	call->data = json_pack("{s:O?}", "value", value);
	return true;
}

static bool store_all(struct cardea_call *call)
{
	call->data = json_pack("{s:O}", "values", cardea_store_all());
	return true;
}

static void on_saved(void *arg, bool is_saved)
{
	answer(arg, json_pack("{s:b}", "saved", is_saved));
}

static bool store_saved(struct cardea_call *call)
{
	cardea_store_saved(on_saved, wait_for(call));
	return true;
}

/* ---- jobs, timers ---- */

static void sleep_for(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
	nanosleep(&t, NULL);
}

static void job(void *arg)
{
	struct waiting *w = arg;
	sleep_for(w->ms);
	w->was_run = true;
}

static void done(void *arg, bool cancelled)
{
	struct waiting *w = arg;
	answer(w, json_pack("{s:b, s:b}", "run", w->was_run, "cancelled", cancelled));
}

static bool work(struct cardea_call *call)
{
	struct waiting *w = wait_for(call);
	w->ms = (unsigned)cardea_int(&call->args, "ms");
	if (!cardea_work(job, done, w))
		answer(w, json_pack("{s:b}", "full", true));
	return true;
}

static uint64_t timer;
static void on_timer(void *arg)
{
	cardea_timer_stop(timer);
	answer(arg, json_pack("{s:b}", "timer", true));
}

static bool timer_once(struct cardea_call *call)
{
	timer = cardea_timer((unsigned)cardea_int(&call->args, "ms"), on_timer, wait_for(call));
	return true;
}

static void never(void *arg)
{
	(void)arg;
	abort();
}

/* Left behind on purpose: they end with the plugin. */
static bool leave_timers(struct cardea_call *call)
{
	for (int64_t i = cardea_int(&call->args, "n"); i > 0; i--)
		cardea_timer(3600000, never, NULL);
	call->data = json_object();
	return true;
}

/* ---- metrics ---- */

static bool metric(struct cardea_call *call)
{
	struct cardea_metric *m = cardea_metric(cardea_str(&call->args, "name"), "Of a test.");
	if (cardea_given(&call->args, "add"))
		cardea_metric_add(m, cardea_int(&call->args, "add"));
	else
		cardea_metric_set(m, (uint64_t)cardea_int(&call->args, "set"));
	call->data = json_pack("{s:b}", "there", m != NULL);
	return true;
}

/* ---- hooks that take their time ---- */

static bool hold(struct cardea_call *call)
{
	sleep_for((unsigned)cardea_int(&call->args, "ms"));
	call->data = json_object();
	return true;
}

static const struct cardea_field key_fields[] = {
	{ "key", CARDEA_STR, .required = true },
	{ "value", CARDEA_ANY },
	{ "copies", CARDEA_UINT },
	{ 0 },
};
static const struct cardea_field ms_fields[] = {
	{ "ms", CARDEA_UINT, .required = true },
	{ 0 },
};
static const struct cardea_field n_fields[] = {
	{ "n", CARDEA_UINT, .required = true },
	{ 0 },
};
static const struct cardea_field metric_fields[] = {
	{ "name", CARDEA_STR, .required = true },
	{ "add", CARDEA_INT },
	{ "set", CARDEA_UINT },
	{ 0 },
};
static const struct cardea_request requests[] = {
	{ "store_set", key_fields, store_set },
	{ "store_get", key_fields, store_get },
	{ "store_all", NULL, store_all },
	{ "store_saved", NULL, store_saved, .async = true },
	{ "work", ms_fields, work, .async = true },
	{ "timer", ms_fields, timer_once, .async = true },
	{ "leave_timers", n_fields, leave_timers },
	{ "metric", metric_fields, metric },
	{ "hold", ms_fields, hold },
	{ 0 },
};
static const struct cardea_dialect dialect = {
	.marker = "sdk",
	.codes = { .missing = 2, .invalid = 3 },
	.unknown_request = 4,
	.missing_request = 5,
};

static void message(struct cardea_handle *h, struct cardea_message *m)
{
	cardea_serve(h, m, requests, &dialect);
}

static int attach(struct cardea_handle *h)
{
	(void)h;
	return 0;
}

static void detach(struct cardea_handle *h)
{
	for (struct waiting *w = all; w; w = w->next)
		if (w->handle == h)
			w->handle = NULL;
}

CARDEA_API const struct cardea_plugin cardea_plugin = {
	.size = sizeof(struct cardea_plugin),
	.abi = CARDEA_PLUGIN_ABI,
	.name = "sdk",
	.title = "SDK",
	.description = "Lends the functions of the SDK to tests.",
	.author = "The Cardea developers",
	.version_string = "0.1.0",
	.version = 1,
	.attach = attach,
	.detach = detach,
	.message = message,
};
