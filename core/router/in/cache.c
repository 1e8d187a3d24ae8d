/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "../../rtp/rtp.h"
#include "cache.h"

struct cache {
	uint16_t mask, oldest, newest; /* everything held lies in oldest…newest */
	unsigned n;                    /* packets held */
	unsigned *total;
	struct pkt *slot[];
};

struct cache *cache_create(unsigned max_packets, unsigned *total)
{
	struct cache *c = calloc(1, sizeof *c + max_packets * sizeof c->slot[0]);
	if (!c)
		return NULL;
	c->mask = (uint16_t)(max_packets - 1);
	c->total = total;
	return c;
}

static void forget(struct cache *c, uint16_t seq)
{
	struct pkt **at = &c->slot[seq & c->mask];
	if (!*at)
		return;
	pkt_drop(*at);
	*at = NULL;
	c->n--;
	--*c->total;
}

/* A cache that holds nothing ends the walk, so that numbers far apart do not make it a long one. */
void cache_clear(struct cache *c)
{
	if (!c)
		return;
	for (; c->n; c->oldest++)
		forget(c, c->oldest);
}

void cache_destroy(struct cache *c)
{
	cache_clear(c);
	free(c);
}

void cache_trim(struct cache *c, int64_t before_us)
{
	if (!c)
		return;
	for (; c->n; c->oldest++) {
		const struct pkt *k = c->slot[c->oldest & c->mask];
		if (k && k->at_us >= before_us)
			return;
		forget(c, c->oldest);
	}
}

bool cache_drop_oldest(struct cache *c)
{
	unsigned n = c->n;
	for (; n && c->n == n; c->oldest++)
		forget(c, c->oldest);
	return n;
}

void cache_put(struct cache *c, struct pkt *k, int64_t span_us)
{
	cache_trim(c, k->at_us - span_us);
	if (c->n && seq_after(k->seq, c->newest) && (uint16_t)(k->seq - c->newest) > c->mask)
		cache_clear(c);
	if (!c->n)
		c->oldest = c->newest = k->seq;
	if (seq_after(k->seq, c->newest)) {
		/* the places between belong to numbers that went out of reach */
		for (; c->n && (uint16_t)(k->seq - c->oldest) > c->mask; c->oldest++)
			forget(c, c->oldest);
		if (!c->n)
			c->oldest = k->seq;
		c->newest = k->seq;
	} else if ((uint16_t)(c->newest - k->seq) > c->mask) {
		return;
	} else if (seq_after(c->oldest, k->seq)) {
		c->oldest = k->seq;
	}
	forget(c, k->seq);
	c->slot[k->seq & c->mask] = pkt_ref(k);
	c->n++;
	++*c->total;
}

struct pkt *cache_get(const struct cache *c, uint16_t seq)
{
	struct pkt *k = c->slot[seq & c->mask];
	return k && k->seq == seq ? k : NULL;
}
