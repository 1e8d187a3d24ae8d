/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/metric.h"
#include "held.h"

#define LONG_US (20 * US_PER_MS)
#define TELL_US (1 * US_PER_S)

static struct metric n_long = { .name = "cardea_control_long_requests_total",
	.help = "Requests that held the control thread for more than 20 ms, by the clock: on a "
		"busy machine it may have had to wait for a processor." };
static struct metric longest = { .name = "cardea_control_longest_request_us",
	.help = "The longest that a request has held the control thread." };

void held_start(void)
{
	static bool registered;
	if (!registered) {
		metric_register(&n_long);
		metric_register(&longest);
	}
	registered = true;
}

static void note(int64_t took_us, uint64_t client, const char *what, int64_t now_us)
{
	static int64_t told_us;
	metric_add(&n_long, 1);
	if (told_us && now_us - told_us < TELL_US)
		return;
	told_us = now_us;
	log_warn("control", client, "a request held all others up", "request=%.40s took_ms=%lld",
		what, (long long)(took_us / US_PER_MS));
}

void held_since(int64_t began_us, uint64_t client, const char *what)
{
	int64_t now_us = clock_now_us(), took_us = now_us - began_us;
	if (took_us > (int64_t)longest.value)
		metric_set(&longest, (uint64_t)took_us);
	if (took_us > LONG_US)
		note(took_us, client, what, now_us);
}
