/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include "clock.h"
#include "log_rate.h"

#define KINDS    1024 /* of which there are some hundreds: phrases are constants of the program */
#define PROBES   16
#define EACH_US  (US_PER_S / LOG_RATE_A_S)
#define AHEAD_US (LOG_RATE_BURST * EACH_US)

static struct {
	_Atomic uint64_t kind;  /* 0: free */
	_Atomic int64_t due_us; /* when all lines so far would have been due, one after the other */
	_Atomic unsigned left_out;
} kinds[KINDS];

static uint64_t hash(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3ULL;
	return (h ^ 0xff) * 0x100000001b3ULL;
}

/* @return KINDS: there are too many */
static unsigned find(uint64_t kind)
{
	for (unsigned i = 0; i < PROBES; i++) {
		unsigned at = (unsigned)(kind + i) % KINDS;
		uint64_t there = 0;
		if (atomic_compare_exchange_strong(&kinds[at].kind, &there, kind) || there == kind)
			return at;
	}
	return KINDS;
}

bool log_rate_take(const char *area, const char *phrase, int64_t now_us, unsigned *left_out)
{
	unsigned at = find(hash(hash(0xcbf29ce484222325ULL, area), phrase) | 1);
	*left_out = 0;
	if (at == KINDS)
		return true;
	int64_t due_us = atomic_load(&kinds[at].due_us), from_us;
	do {
		from_us = due_us > now_us ? due_us : now_us;
		if (from_us - now_us > AHEAD_US - EACH_US) {
			atomic_fetch_add(&kinds[at].left_out, 1);
			return false;
		}
	} while (!atomic_compare_exchange_weak(&kinds[at].due_us, &due_us, from_us + EACH_US));
	*left_out = atomic_exchange(&kinds[at].left_out, 0);
	return true;
}

bool log_seldom(void)
{
	static _Atomic int64_t next_us;
	int64_t now_us = clock_now_us(), due_us = next_us;
	return now_us >= due_us &&
	       atomic_compare_exchange_strong(&next_us, &due_us, now_us + US_PER_S);
}
