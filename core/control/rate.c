/* SPDX-License-Identifier: Apache-2.0 */
#include <cardea/transport.h>
#include <glib.h>
#include <math.h>
#include "../base/clock.h"
#include "../base/rand.h"
#include "rate.h"

#define BUCKETS   4096
#define BURST     10
#define FNV_PRIME 0x100000001b3ULL

struct bucket {
	double spent; /* how far from full: a new one is full */
	int64_t at_us;
};
struct rate {
	double per_s;
	uint64_t key;
	struct bucket buckets[BUCKETS];
};

struct rate *rate_create(unsigned per_s)
{
	struct rate *r = g_new0(struct rate, 1);
	r->per_s = per_s;
	rand_bytes(&r->key, sizeof r->key);
	return r;
}

void rate_destroy(struct rate *r)
{
	g_free(r);
}

static struct bucket *bucket_of(struct rate *r, const char *ip)
{
	const struct cardea_address a = cardea_address(ip);
	uint64_t h = r->key;
	for (unsigned i = 0; i < sizeof a.bytes; i++)
		h = (h ^ a.bytes[i]) * FNV_PRIME;
	return &r->buckets[(h ^ h >> 32) % BUCKETS];
}

unsigned rate_ask(struct rate *r, const char *ip, int64_t now_us)
{
	struct bucket *b = bucket_of(r, ip);
	double most = r->per_s * BURST;
	b->spent -= (double)(now_us - b->at_us) / US_PER_S * r->per_s;
	if (b->spent < 0)
		b->spent = 0;
	b->at_us = now_us;
	if (b->spent > most - 1)
		return (unsigned)ceil((b->spent - most + 1) / r->per_s);
	b->spent++;
	return 0;
}
