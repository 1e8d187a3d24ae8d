/* SPDX-License-Identifier: Apache-2.0 */
#include "handle.h"
#include <stdio.h>
#include "base.h"

uint64_t client_errors;
bool client_is_leaving;

void handle_fail(struct handle *h, const char *why)
{
	if (!h->has_failed)
		say(0, "handle %d.%d failed: %s", h->client->index, h->index, why);
	snprintf(h->why, sizeof(h->why), "%s", why);
	h->has_failed = true;
	client_errors++;
}
