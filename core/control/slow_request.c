/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <time.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/metric.h"
#include "slow_request.h"

#define LONG_US  (20 * US_PER_MS)
#define EXACT_US (1 * US_PER_MS)
#define LOG_US   (1 * US_PER_S)

static struct metric n_long = { .name = "cardea_control_long_requests_total",
	.help = "Requests that held the control thread for more than 20 ms." };
static struct metric longest = { .name = "cardea_control_longest_request_us",
	.help = "The longest that a request has held the control thread." };

/* The processor's clock costs a system call, the other one does not: it is read once in a
 * millisecond, so that what came before a request adds that much at most. */
static struct {
	int64_t clock_us, cpu_us;
} mark;

static int64_t cpu_now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

void slow_request_start(void)
{
	static bool registered;
	mark.clock_us = mark.cpu_us = 0;
	if (!registered) {
		metric_register(&n_long);
		metric_register(&longest);
	}
	registered = true;
}

void slow_request_begin(struct served_row *row, int64_t turn_us)
{
	int64_t now_us = turn_us == row->turn_us ? row->at_us : clock_now_us();
	*row = (struct served_row){ turn_us, now_us, 0 };
	if (now_us - mark.clock_us > EXACT_US) {
		mark.clock_us = now_us;
		mark.cpu_us = cpu_now_us();
	}
}

bool slow_request_end(struct served_row *row)
{
	int64_t now_us = clock_now_us(), took_us = now_us - row->at_us;
	row->at_us = now_us;
	if (took_us <= (int64_t)longest.value && took_us <= LONG_US)
		return false;
	int64_t cpu_us = cpu_now_us() - mark.cpu_us;
	row->took_us = cpu_us < took_us ? cpu_us : took_us;
	if (row->took_us > (int64_t)longest.value)
		metric_set(&longest, (uint64_t)row->took_us);
	return row->took_us > LONG_US;
}

void slow_request_log(const struct served_row *row, uint64_t client, const char *what)
{
	static int64_t logged_us;
	metric_add(&n_long, 1);
	if (logged_us && row->at_us - logged_us < LOG_US)
		return;
	logged_us = row->at_us;
	log_warn("control", client, "a request held all others up", "request=%s took_ms=%lld",
		LOG_QUOTED(what), (long long)(row->took_us / US_PER_MS));
}
