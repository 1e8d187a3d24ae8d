/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "../rtp/rtp.h"
#include "cache.h"

struct cache {
	uint16_t mask, oldest, newest; /* everything held lies in oldest…newest */
	bool holds;
	struct pkt *slot[];
};

struct cache *cache_create(unsigned max_packets)
{
	struct cache *c = calloc(1, sizeof *c + max_packets * sizeof c->slot[0]);
	if (c)
		c->mask = (uint16_t)(max_packets - 1);
	return c;
}

void cache_clear(struct cache *c)
{
	if (!c || !c->holds)
		return;
	for (unsigned i = 0; i <= c->mask; i++) {
		pkt_drop(c->slot[i]);
		c->slot[i] = NULL;
	}
	c->holds = false;
}

void cache_destroy(struct cache *c)
{
	cache_clear(c);
	free(c);
}

static void forget(struct cache *c, uint16_t seq)
{
	pkt_drop(c->slot[seq & c->mask]);
	c->slot[seq & c->mask] = NULL;
}

void cache_trim(struct cache *c, int64_t before_us)
{
	if (!c || !c->holds)
		return;
	for (;; c->oldest++) {
		struct pkt *k = c->slot[c->oldest & c->mask];
		if (k && k->at_us >= before_us)
			return;
		forget(c, c->oldest);
		if (c->oldest == c->newest)
			break;
	}
	c->holds = false;
}

void cache_put(struct cache *c, struct pkt *k, int64_t span_us)
{
	cache_trim(c, k->at_us - span_us);
	if (c->holds && seq_after(k->seq, c->newest) && (uint16_t)(k->seq - c->newest) > c->mask)
		cache_clear(c);
	if (!c->holds) {
		c->holds = true;
		c->oldest = c->newest = k->seq;
	}
	if (seq_after(k->seq, c->newest)) {
		/* the places between belong to numbers that went out of reach */
		for (; (uint16_t)(k->seq - c->oldest) > c->mask; c->oldest++)
			forget(c, c->oldest);
		c->newest = k->seq;
	} else if ((uint16_t)(c->newest - k->seq) > c->mask) {
		return;
	} else if (seq_after(c->oldest, k->seq)) {
		c->oldest = k->seq;
	}
	forget(c, k->seq);
	c->slot[k->seq & c->mask] = pkt_ref(k);
}

struct pkt *cache_get(const struct cache *c, uint16_t seq)
{
	struct pkt *k = c->slot[seq & c->mask];
	return k && k->seq == seq ? k : NULL;
}
