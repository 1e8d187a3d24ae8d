/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <time.h>
#include <cardea/eventhandler.h>

/** @file
 * An event handler that holds up its own thread, for tests of what becomes of all others then. It
 * begins held; {"request": "tweak", "hold": false} lets it go on. It is not installed. */
extern CARDEA_API const struct cardea_eventhandler cardea_eventhandler;

static _Atomic bool holds = true;

static void deliver(const struct cardea_told *events, unsigned n)
{
	(void)events;
	(void)n;
	while (holds) {
		struct timespec t = { .tv_nsec = 10000000 };
		nanosleep(&t, NULL);
	}
}

static const struct cardea_field tweaks[] = {
	{ "hold", CARDEA_BOOL },
	{ 0 },
};

static bool tweak(const struct cardea_args *a, struct cardea_error *e)
{
	(void)e;
	holds = cardea_bool(a, "hold");
	return true;
}

static json_t *query(const json_t *request)
{
	return cardea_serve_tweak(request, tweaks, tweak);
}

static const struct cardea_field general[] = {
	{ "enabled", CARDEA_BOOL },
	{ 0 },
};
static const struct cardea_section options[] = {
	{ "general", general, NULL },
	{ 0 },
};

static unsigned mask(void)
{
	return CARDEA_EVENT_EXTERNAL | CARDEA_EVENT_SESSION;
}

CARDEA_API const struct cardea_eventhandler cardea_eventhandler = {
	.size = sizeof(struct cardea_eventhandler),
	.abi = CARDEA_EVENTHANDLER_ABI,
	.name = "slow",
	.title = "Slow",
	.description = "Holds up its thread, for tests.",
	.author = "The Cardea developers",
	.version_string = "0.1.0",
	.version = 1,
	.options = options,
	.mask = mask,
	.deliver = deliver,
	.query = query,
};
