/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "buf.h"

#define CHUNK_BYTES (128 * 1024) /* about 64 packets: few calls to the system, little waste */

struct chunk {
	struct chunk *next;
	_Alignas(16) uint8_t objs[];
};
struct free_obj {
	struct free_obj *next;
};

struct pool {
	const char *name;
	size_t size;
	unsigned max, made, used;
	struct chunk *chunks;
	struct free_obj *free;
};

struct pool *pool_create(const char *name, size_t size, unsigned max)
{
	struct pool *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	p->name = name;
	p->size = size ? (size + 15) & ~(size_t)15 : 16;
	p->max = max;
	return p;
}

void pool_destroy(struct pool *p)
{
	if (!p)
		return;
	while (p->chunks) {
		struct chunk *c = p->chunks;
		p->chunks = c->next;
		free(c);
	}
	free(p);
}

static void grow(struct pool *p)
{
	size_t n = CHUNK_BYTES / p->size;
	struct chunk *c;
	if (!n)
		n = 1;
	if (n > p->max - p->made)
		n = p->max - p->made;
	if (!n || !(c = malloc(sizeof *c + n * p->size)))
		return;
	c->next = p->chunks;
	p->chunks = c;
	for (size_t i = n; i-- > 0;) {
		struct free_obj *f = (void *)(c->objs + i * p->size);
		f->next = p->free;
		p->free = f;
	}
	p->made += (unsigned)n;
}

void *pool_take(struct pool *p)
{
	struct free_obj *f;
	if (!p->free)
		grow(p);
	if (!(f = p->free))
		return NULL;
	p->free = f->next;
	p->used++;
	return f;
}

void pool_give(struct pool *p, void *obj)
{
	struct free_obj *f = obj;
	if (!f)
		return;
	assert(p->used);
	f->next = p->free; /* last in, first out: the warmest memory goes out next */
	p->free = f;
	p->used--;
}

unsigned pool_used(const struct pool *p)
{
	return p->used;
}

unsigned pool_left(const struct pool *p)
{
	return p->max - p->used;
}

struct pkt *pkt_take(struct pool *p)
{
	struct pkt *k;
	assert(p->size >= sizeof *k);
	if (!(k = pool_take(p)))
		return NULL;
	memset(k, 0, offsetof(struct pkt, data));
	k->pool = p;
	k->refs = 1;
	return k;
}

struct pkt *pkt_ref(struct pkt *k)
{
	k->refs++;
	return k;
}

void pkt_drop(struct pkt *k)
{
	if (!k)
		return;
	assert(k->refs);
	if (!--k->refs)
		pool_give(k->pool, k);
}
