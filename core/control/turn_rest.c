/* SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <glib.h>
#include <stdatomic.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/json.h"
#include "../base/log.h"
#include "../base/work.h"
#include "ice_uri.h"
#include "product.h"
#include "turn_rest.h"

#define ANSWER_MAX  16384
#define WORD_MAX    512 /* bytes of username and password */
#define URIS_MAX    16
#define FRESH_MAX_S 60
#define TTL_UNKNOWN 600 /* seconds that an answer without `ttl` is good for */
#define TTL_MAX     (365 * 86400)
#define RETRY_S     1  /* after a failure */
#define WARN_S      60 /* between two warnings */
#define POLL_MS     1000

/* One request, owned by its job and then by done(). */
struct fetch {
	CURLM *multi;     /* of its one transfer: it can be woken */
	char *url, *body; /* body NULL: GET */
	unsigned timeout_s;
	char answer[ANSWER_MAX + 1];
	size_t len;
	long status;
	CURLcode result;
};

static struct turn_rest_conf conf;
static void (*settled)(void);
static _Atomic bool is_stopped;
static struct fetch *asking; /* its `multi` may be woken from here, the rest is the job's */
static json_t *answer;       /* what is at hand: username, password, uris */
static int64_t ttl_s, got_us, not_before_us, warned_us;

/* ---- pool thread ---- */

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
	struct fetch *f = arg;
	size_t len = size * n;
	if (len > ANSWER_MAX - f->len)
		return 0;
	memcpy(f->answer + f->len, data, len);
	f->len += len;
	return len;
}

/* Until it is over, or turn_rest_stop() wakes it. */
static void transfer(struct fetch *f, CURL *c)
{
	int running = 1, n;
	f->result = CURLE_ABORTED_BY_CALLBACK;
	if (curl_multi_add_handle(f->multi, c))
		return;
	while (running && !atomic_load(&is_stopped))
		if (curl_multi_perform(f->multi, &running) ||
			(running && curl_multi_poll(f->multi, NULL, 0, POLL_MS, NULL)))
			break;
	CURLMsg *over = curl_multi_info_read(f->multi, &n);
	if (over)
		f->result = over->data.result;
#if CURL_AT_LEAST_VERSION(7, 87, 0)
	else /* nor is the resolver's thread waited for */
		curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
#endif
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &f->status);
	curl_multi_remove_handle(f->multi, c);
}

static void fetch_run(void *arg)
{
	struct fetch *f = arg;
	CURL *c = curl_easy_init();
	char agent[64];
	f->result = CURLE_FAILED_INIT;
	if (!c)
		return;
	g_snprintf(agent, sizeof agent, "%s/%s", PRODUCT, product_version());
	curl_easy_setopt(c, CURLOPT_URL, f->url);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)f->timeout_s);
	curl_easy_setopt(c, CURLOPT_USERAGENT, agent);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
	if (f->body)
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, f->body);
	transfer(f, c);
	curl_easy_cleanup(c);
}

/* ---- the answer ---- */

static const char *word(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));
	return s && *s && strlen(s) <= WORD_MAX ? s : NULL;
}

/* Those that a browser takes: one that it does not would make it refuse them all. */
static json_t *good_uris(const json_t *all)
{
	json_t *good = json_array();
	for (size_t i = 0; i < json_array_size(all) && json_array_size(good) < URIS_MAX; i++) {
		json_t *uri = json_array_get(all, i);
		if (json_is_string(uri) && ice_uri_ok(json_string_value(uri), ICE_URI_TURN))
			json_array_append(good, uri);
	}
	return good;
}

/* @return NULL, or what is wrong with it */
static const char *take(const json_t *o)
{
	const char *username = word(o, "username"), *password = word(o, "password");
	json_int_t ttl = json_integer_value(json_object_get(o, "ttl"));
	if (!username)
		return "no usable username in the answer";
	if (!password)
		return "no usable password in the answer";
	json_t *uris = good_uris(json_object_get(o, "uris"));
	if (!json_array_size(uris)) {
		json_decref(uris);
		return "no usable uris in the answer";
	}
	json_decref(answer);
	answer = json_pack(
		"{s:s, s:s, s:o}", "username", username, "password", password, "uris", uris);
	ttl_s = ttl > 0 ? MIN(ttl, TTL_MAX) : TTL_UNKNOWN;
	got_us = clock_now_us();
	return NULL;
}

static const char *read_answer(struct fetch *f)
{
	const char *at = f->answer;
	char why[160];
	if (f->result == CURLE_WRITE_ERROR)
		return "the answer is too long";
	if (f->result)
		return curl_easy_strerror(f->result);
	if (f->status != 200)
		return "the status is not 200";
	json_t *o = json_read(&at, &f->len, why);
	const char *wrong = json_is_object(o) ? take(o) : "the answer is no JSON object";
	json_decref(o);
	return wrong;
}

static void warn(const char *why, long status)
{
	int64_t now_us = clock_now_us();
	not_before_us = now_us + RETRY_S * US_PER_S;
	if (warned_us && now_us - warned_us < WARN_S * US_PER_S)
		return;
	warned_us = now_us;
	log_warn("turn", 0, "no TURN credentials from the backend", "because=%s status=%ld",
		LOG_QUOTED(why), status);
}

static void fetch_free(struct fetch *f)
{
	if (f->multi)
		curl_multi_cleanup(f->multi);
	g_free(f->url);
	g_free(f->body);
	g_free(f);
}

static void done(void *arg, bool cancelled)
{
	struct fetch *f = arg;
	asking = NULL;
	if (!cancelled && !atomic_load(&is_stopped)) {
		const char *wrong = read_answer(f);
		if (wrong)
			warn(wrong, f->status);
		settled();
	}
	fetch_free(f);
}

/* ---- asking ---- */

static char *query(void)
{
	char *name = g_uri_escape_string(conf.name, NULL, FALSE);
	char *key = conf.key ? g_uri_escape_string(conf.key, NULL, FALSE) : NULL;
	char *q = key ? g_strdup_printf("service=turn&api=%s&key=%s&username=%s", key, key, name)
		      : g_strdup_printf("service=turn&username=%s", name);
	g_free(name);
	g_free(key);
	return q;
}

static void ask(void)
{
	if (asking || atomic_load(&is_stopped) || clock_now_us() < not_before_us)
		return;
	struct fetch *f = g_new0(struct fetch, 1);
	f->body = query();
	f->url = g_strdup_printf("%s%c%s", conf.url, strchr(conf.url, '?') ? '&' : '?', f->body);
	f->timeout_s = conf.timeout_s;
	if (conf.is_get)
		g_clear_pointer(&f->body, g_free);
	f->multi = curl_multi_init();
	enum err e = f->multi ? work_run(fetch_run, done, f) : ERR_FULL;
	if (e == OK) {
		asking = f;
		return;
	}
	if (e != ERR_STATE) /* --check has no threads for it, and asks nobody */
		warn("too many jobs wait", 0);
	fetch_free(f);
}

json_t *turn_rest_credentials(void)
{
	int64_t age_us = clock_now_us() - got_us;
	if (!answer || age_us > MIN(ttl_s * US_PER_S / 10, FRESH_MAX_S * US_PER_S))
		ask();
	if (!answer || age_us > ttl_s * US_PER_S / 2)
		return NULL;
	json_t *o = json_copy(answer);
	json_object_set_new(o, "ttl", json_integer(ttl_s - age_us / US_PER_S));
	return o;
}

bool turn_rest_is_asking(void)
{
	return asking != NULL;
}

/* ---- life ---- */

void turn_rest_start(const struct turn_rest_conf *c, void (*on_settled)(void))
{
	static bool is_ready;
	conf = *c;
	settled = on_settled;
	atomic_store(&is_stopped, false);
	not_before_us = warned_us = 0;
	if (!is_ready)
		curl_global_init(CURL_GLOBAL_DEFAULT);
	is_ready = true;
	ask();
}

void turn_rest_stop(void)
{
	atomic_store(&is_stopped, true);
	if (asking)
		curl_multi_wakeup(asking->multi);
	json_decref(answer);
	answer = NULL;
}
