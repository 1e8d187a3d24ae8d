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

/* ---- HTTP paths: /sdk tells what was asked, /sdk/never does not answer, /sdk/later after a while,
 * /sdk/call is an echo test by offer and answer, /sdk/gone says how many are over ---- */

static uint64_t late_id, late_timer;
static unsigned n_gone;

static void answer_late(void *arg)
{
	(void)arg;
	cardea_timer_stop(late_timer);
	cardea_path_answer(late_id, 200, "X-Late: yes\r\n", "text/plain", "late", 4);
}

static void tell(const struct cardea_path_request *r)
{
	cardea_path_answer_json(r->id, 200, NULL,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s%, s:b}", "method", r->method, "path",
			r->path, "query", r->query, "ip", r->ip, "authorization", r->authorization,
			"content_type", r->content_type, "body", r->body, r->body_len, "secure",
			r->secure));
}

static struct cardea_desc *take_all(const struct cardea_desc *offer)
{
	struct cardea_desc *a = cardea_answer_new(offer);
	for (unsigned i = 0; i < offer->n_media; i++) {
		int codec = cardea_pick_first(&offer->media[i]);
		if (codec >= 0)
			cardea_accept(a, offer, i,
				&(struct cardea_accept){ .size = sizeof(struct cardea_accept),
					.dir = offer->media[i].dir,
					.codec = codec });
	}
	return a;
}

static void call_by_http(const struct cardea_path_request *r)
{
	struct cardea_error e;
	json_t *jsep = json_pack("{s:s, s:s}", "type", "offer", "sdp", r->body), *answer = NULL;
	struct cardea_handle *h = cardea_path_handle(r, &e);
	const struct cardea_desc *offer = h ? cardea_take_jsep(h, jsep, &e) : NULL;
	if (offer)
		answer = cardea_describe(h, take_all(offer), &e);
	if (answer) {
		const char *sdp = json_string_value(json_object_get(answer, "sdp"));
		cardea_path_answer(r->id, 201, "Location: /sdk/call/1\r\n", "application/sdp", sdp,
			strlen(sdp));
	} else {
		cardea_path_answer(
			r->id, h ? 400 : e.code, NULL, "text/plain", e.reason, strlen(e.reason));
		if (h)
			cardea_end(h);
	}
	json_decref(jsep);
	json_decref(answer);
}

static void path_request(const struct cardea_path_request *r)
{
	if (!strcmp(r->path, "/gone")) {
		cardea_path_answer_json(r->id, 200, NULL, json_pack("{s:i}", "gone", n_gone));
	} else if (!strcmp(r->path, "/later")) {
		late_id = r->id;
		late_timer = cardea_timer(50, answer_late, NULL);
	} else if (!strcmp(r->path, "/call")) {
		call_by_http(r);
	} else if (strcmp(r->path, "/never") != 0) {
		tell(r);
	}
}

static void path_gone(uint64_t id)
{
	(void)id;
	n_gone++;
}

static const char *start(const struct cardea_conf *conf)
{
	(void)conf;
	return cardea_path(&(struct cardea_path){ .size = sizeof(struct cardea_path),
		.prefix = "/sdk",
		.methods = "GET, POST",
		.allow_origin = "https://page.example",
		.timeout_ms = 500,
		.request = path_request,
		.gone = path_gone });
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
#ifdef CHANGED
	.version_string = "0.2.0",
	.version = 2,
#else
	.version_string = "0.1.0",
	.version = 1,
#endif
	.start = start,
	.attach = attach,
	.detach = detach,
	.message = message,
};
