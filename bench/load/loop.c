/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>
#include "base.h"
#include "client.h"
#include "flood.h"
#include "loop.h"
#include "options.h"
#include "peer.h"
#include "source.h"
#include "ws.h"

#define SLOW     (10 * NS_PER_MS)
#define WS_EAGER (NS_PER_MS / 5)
#define WS_LAZY  (100 * NS_PER_MS)
#define ROUNDS   32    /* some 4000 sockets */
#define NAP      50000 /* ns, when setting up and nothing has come */

bool loop_is_eager = true;
static uint64_t next_read, next_slow, next_ws;

static int read_sockets(uint64_t now)
{
	uint64_t tick = (uint64_t)opt.tick_us * 1000;
	if (!loop_is_eager && now < next_read)
		return 0;
	int n = peers_poll(ROUNDS);
	now = now_ns();
	next_read += tick;
	if (next_read <= now)
		next_read = now + tick / 4; /* we are behind */
	else if (next_read > now + tick)
		next_read = now + tick;
	return n;
}

static void sleep_until(uint64_t ns)
{
	struct timespec t = { (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void loop_turn(void)
{
	uint64_t now = now_ns();
	sources_send(now);
	flood_send(now);
	int n = read_sockets(now);
	now = now_ns();
	if (now >= next_slow) {
		peers_timers(now);
		clients_keepalive(now);
		next_slow = now + SLOW;
	}
	if (now >= next_ws) {
		ws_service(false);
		next_ws = now + (loop_is_eager ? WS_EAGER : WS_LAZY);
	}
	if (!loop_is_eager)
		sleep_until(earliest(next_read, earliest(sources_next(), flood_next())));
	else if (!n)
		sleep_until(now_ns() + NAP);
}

bool loop_until(bool (*is_so)(void *), void *arg, double seconds)
{
	uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);
	while (!is_so(arg)) {
		if (now_ns() > end)
			return false;
		loop_turn();
	}
	return true;
}

void loop_for(double seconds)
{
	uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);
	while (now_ns() < end)
		loop_turn();
}
