/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The time, by a protocol of its own: on a WebSocket at /ticker as often as a client wishes, and by
 * GET /time once. Nobody needs the API of the server for that. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cardea/plugin.h>

extern CARDEA_API const struct cardea_plugin cardea_plugin;

#define MESSAGE_MAX_BYTES 1000

static int64_t default_ms;

static json_t *now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return json_pack("{s:s, s:I}", "type", "time", "unix_ms",
		(json_int_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

/* ---- the WebSocket: each connection is a handle, with the id of its timer (0: none) ---- */

static void tick(void *handle)
{
	cardea_direct_send(handle, now());
}

static void unsubscribe(struct cardea_handle *h)
{
	uint64_t *timer = cardea_user_data(h);

	cardea_timer_stop(*timer);
	*timer = 0;
}

static const struct cardea_field subscribe_fields[] = {
	{ "interval_ms", CARDEA_INT, .min = 100, .max = 3600000, .note = "between two messages" },
	{ 0 },
};

/* Ask again for another interval. The first message comes at once. */
static bool subscribe(struct cardea_handle *h, const json_t *json, struct cardea_error *e)
{
	const struct cardea_codes codes = { .missing = 400, .invalid = 400 };
	struct cardea_args args = { json, subscribe_fields };
	uint64_t *timer = cardea_user_data(h);

	if (!cardea_check(json, subscribe_fields, &codes, e))
		return false;
	unsubscribe(h);
	*timer = cardea_timer(
		(unsigned)(cardea_given(&args, "interval_ms") ? cardea_int(&args, "interval_ms")
							      : default_ms),
		tick, h);
	if (!*timer)
		return cardea_fail(e, 503, "There are too many subscribers");
	tick(h);
	return true;
}

static bool serve(
	struct cardea_handle *h, const struct cardea_direct_message *what, struct cardea_error *e)
{
	const char *type = cardea_direct_type(what, MESSAGE_MAX_BYTES, e);

	if (!type)
		return false;
	if (!strcmp(type, "subscribe"))
		return subscribe(h, what->json, e);
	if (strcmp(type, "unsubscribe") != 0)
		return cardea_fail(e, 400, "Unknown type '%s'", type);
	unsubscribe(h);
	return true;
}

static void direct_message(struct cardea_handle *h, const struct cardea_direct_message *what)
{
	struct cardea_error e;

	if (!serve(h, what, &e))
		cardea_direct_send(h, json_pack("{s:s, s:i, s:s}", "type", "error", "code", e.code,
					      "reason", e.reason));
}

/* ---- the path ---- */

static void on_request(const struct cardea_path_request *r)
{
	if (r->path[0])
		cardea_path_answer(r->id, 404, NULL, NULL, NULL, 0);
	else
		cardea_path_answer_json(r->id, 200, "Cache-Control: no-store\r\n", now());
}

/* ---- hooks ---- */

static const char *start(const struct cardea_conf *conf)
{
	struct cardea_args general = cardea_conf_section(conf, "general");
	const char *why =
		cardea_direct(&cardea_plugin, &(struct cardea_direct){
						      .size = sizeof(struct cardea_direct),
						      .path = "/ticker",
						      .ping_after_s = 30,
						      .ping_timeout_s = 30,
					      });

	default_ms = cardea_int(&general, "interval_ms");
	return why ? why
		   : cardea_path(&(struct cardea_path){
			     .size = sizeof(struct cardea_path),
			     .prefix = "/time",
			     .methods = "GET",
			     .request = on_request,
		     });
}

static int attach(struct cardea_handle *h)
{
	cardea_set_user_data(h, calloc(1, sizeof(uint64_t)));
	return cardea_user_data(h) ? 0 : 1;
}

static void detach(struct cardea_handle *h)
{
	unsubscribe(h);
	free(cardea_user_data(h));
}

/* A client of the API may attach as well; it is told where to go. */
static void message(struct cardea_handle *h, struct cardea_message *m)
{
	(void)h;
	cardea_refuse(m, "Open a WebSocket at /ticker, or ask GET /time");
}

static const struct cardea_field general_fields[] = {
	{ "interval_ms", CARDEA_INT, .min = 100, .max = 3600000, .dflt = 1000,
		.note = "between two messages, where a client does not say" },
	{ 0 },
};
static const struct cardea_section options[] = { { "general", general_fields, NULL }, { 0 } };

const struct cardea_plugin cardea_plugin = {
	.size = sizeof(struct cardea_plugin),
	.abi = CARDEA_PLUGIN_ABI,
	.name = "ticker",
	.title = "Ticker",
	.description = "Tells the time, on a WebSocket and over HTTP.",
	.author = "You",
	.version_string = "0.1.0",
	.version = 1,
	.options = options,
	.start = start,
	.attach = attach,
	.detach = detach,
	.message = message,
	.direct_message = direct_message,
};
