/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cardea/plugin.h>

/** @file
 * Plugins that are not as they should be, each made with another ODD: tests put one of them where a
 * server looks. None is installed. */
extern CARDEA_API const struct cardea_plugin cardea_plugin;

enum { ABORTS = 1, CRASHES, REFUSES, OTHER_ABI, NEWER, OLDER, TOO_OLD, HOOKLESS, NAMELESS, FLOODS };

static volatile uintptr_t nowhere = 16;
static volatile int limit = 1; /* is never reached, which the compiler cannot know */

static void recurse(int depth)
{
	volatile char here[4096];
	here[0] = (char)depth;
	if (depth != limit)
		recurse(depth - here[0] / 1000 - 1);
	here[1] = here[0];
}

static const char *start(const struct cardea_conf *conf)
{
	(void)conf;
	if (ODD == ABORTS)
		abort();
	if (ODD == CRASHES)
		*(volatile char *)nowhere = 1;
	if (ODD == FLOODS)
		recurse(0);
	return ODD == REFUSES ? "the moon is in the wrong house" : NULL;
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

static void message(struct cardea_handle *h, struct cardea_message *m)
{
	(void)h;
	cardea_reply(m, json_pack("{s:i}", "odd", ODD));
}

#define SIZE_IF_NEW(older)    (ODD == NEWER ? sizeof(struct cardea_plugin) + 8 : (older))
#define SIZE_IF_OLD(same)     (ODD == OLDER ? offsetof(struct cardea_plugin, data_ready) : (same))
#define SIZE_IF_TOO_OLD(same) (ODD == TOO_OLD ? offsetof(struct cardea_plugin, message) : (same))

CARDEA_API const struct cardea_plugin cardea_plugin = {
	.size = SIZE_IF_NEW(SIZE_IF_OLD(SIZE_IF_TOO_OLD(sizeof(struct cardea_plugin)))),
	.abi = CARDEA_PLUGIN_ABI + (ODD == OTHER_ABI),
	.name = ODD == NAMELESS ? "" : "odd",
	.title = "Odd",
	.description = "Is not as it should be.",
	.author = "The Cardea developers",
	.version_string = "0.1.0",
	.version = 1,
	.start = start,
	.attach = ODD == HOOKLESS ? NULL : attach,
	.detach = detach,
	.message = message,
};
