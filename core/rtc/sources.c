/* SPDX-License-Identifier: Apache-2.0 */
/* A hash of SSRCs whose buckets are queues: a source that is heard goes to the end of its own. */
#include <stdlib.h>
#include "../base/rand.h"
#include "sources.h"

/* sources are looked for where a peer's address has changed, and seldom else */
#define BUCKETS 4096

struct heard_source {
	struct heard_source *next, *prev; /* in its bucket's ring; NULL: unused */
	uint32_t slot, ssrc;
};
struct sources {
	unsigned max_peers;
	uint32_t key;
	struct heard_source *buckets; /* each the head of a ring */
	struct heard_source *at;      /* SOURCES_OF_PEER for each slot */
	uint8_t *next;                /* by slot: which of them is replaced next */
};

struct sources *sources_create(unsigned max_peers)
{
	struct sources *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->max_peers = max_peers;
	s->key = rand_u32() | 1;
	s->buckets = calloc(BUCKETS, sizeof(*s->buckets));
	s->at = calloc((size_t)max_peers * SOURCES_OF_PEER, sizeof(*s->at));
	s->next = calloc(max_peers, sizeof(*s->next));
	if (!s->buckets || !s->at || !s->next) {
		sources_destroy(s);
		return NULL;
	}
	for (unsigned b = 0; b < BUCKETS; b++)
		s->buckets[b].next = s->buckets[b].prev = &s->buckets[b];
	return s;
}

void sources_destroy(struct sources *s)
{
	if (!s)
		return;
	free(s->buckets);
	free(s->at);
	free(s->next);
	free(s);
}

static struct heard_source *bucket_of(const struct sources *s, uint32_t ssrc)
{
	uint32_t h = (ssrc ^ s->key) * 0x9e3779b1u;
	return &s->buckets[(h ^ h >> 16) % BUCKETS];
}

static void unlink_source(struct heard_source *e)
{
	if (!e->next)
		return;
	e->prev->next = e->next;
	e->next->prev = e->prev;
	e->next = e->prev = NULL;
}

void sources_note(struct sources *s, uint32_t slot, uint32_t ssrc)
{
	struct heard_source *mine = &s->at[(size_t)slot * SOURCES_OF_PEER], *e = mine;
	while (e < mine + SOURCES_OF_PEER && !(e->next && e->ssrc == ssrc))
		e++;
	if (e == mine + SOURCES_OF_PEER)
		e = &mine[s->next[slot]++ % SOURCES_OF_PEER];
	unlink_source(e);
	struct heard_source *head = bucket_of(s, ssrc);
	e->slot = slot;
	e->ssrc = ssrc;
	e->next = head;
	e->prev = head->prev;
	head->prev->next = e;
	head->prev = e;
}

void sources_forget(struct sources *s, uint32_t slot)
{
	for (unsigned n = 0; n < SOURCES_OF_PEER; n++)
		unlink_source(&s->at[(size_t)slot * SOURCES_OF_PEER + n]);
}

unsigned sources_find(const struct sources *s, uint32_t ssrc, uint32_t *slots, unsigned max)
{
	const struct heard_source *head = bucket_of(s, ssrc);
	unsigned n = 0;
	for (const struct heard_source *e = head->next; e != head && n < max; e = e->next)
		if (e->ssrc == ssrc)
			slots[n++] = e->slot;
	return n;
}
