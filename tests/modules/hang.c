/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <cardea/plugin.h>
#include <cardea/transport.h>

/** @file
 * A plugin that does what none may: it holds up a thread, for tests of what becomes of a server
 * then. A message is {"loop": "control" or "web", "ms": how long}. It is not installed. */
extern CARDEA_API const struct cardea_plugin cardea_plugin;

static void hold(const void *rec, size_t len)
{
	struct timespec left = *(const struct timespec *)rec;
	(void)len;
	while (nanosleep(&left, &left) && errno == EINTR) /* the watchdog's signal */
		;
}

static void message(struct cardea_handle *h, struct cardea_message *m)
{
	const json_t *body = cardea_body(m);
	json_int_t ms = json_integer_value(json_object_get(body, "ms"));
	const char *loop = json_string_value(json_object_get(body, "loop"));
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	(void)h;
	if (loop && !strcmp(loop, "web"))
		cardea_web_post(hold, &t, sizeof t);
	cardea_reply(m, json_object());
	if (loop && !strcmp(loop, "control"))
		hold(&t, sizeof t);
}

static int attach(struct cardea_handle *h)
{
	(void)h;
	return 0;
}

static void detach(struct cardea_handle *h)
{
	(void)h;
}

CARDEA_API const struct cardea_plugin cardea_plugin = {
	.size = sizeof(struct cardea_plugin),
	.abi = CARDEA_PLUGIN_ABI,
	.name = "hang",
	.title = "Hang",
	.description = "Holds up threads, for tests.",
	.author = "The Cardea developers",
	.version_string = "0.1.0",
	.version = 1,
	.attach = attach,
	.detach = detach,
	.message = message,
};
