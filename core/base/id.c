/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>
#include "id.h"

#define NONE UINT32_MAX

struct slot {
	void *obj; /* NULL: free */
	uint32_t gen;
	uint32_t next_free;
};

struct ids {
	struct slot *slots;
	uint32_t n_slots, max, first_free, count;
};

struct ids *ids_create(unsigned max)
{
	struct ids *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->max = max < NONE ? max : NONE - 1;
	t->first_free = NONE;
	return t;
}

void ids_destroy(struct ids *t)
{
	if (!t)
		return;
	free(t->slots);
	free(t);
}

/* The new slots join the free list lowest first, so that a small table stays dense. */
static void grow(struct ids *t)
{
	uint32_t n = t->n_slots ? t->n_slots : 8;
	struct slot *s;
	n = n > t->max - t->n_slots ? t->max : t->n_slots + n;
	if (n == t->n_slots || !(s = realloc(t->slots, n * sizeof *s)))
		return;
	t->slots = s;
	for (uint32_t i = n; i-- > t->n_slots;) {
		s[i] = (struct slot){ .gen = 1, .next_free = t->first_free };
		t->first_free = i;
	}
	t->n_slots = n;
}

uint64_t ids_take(struct ids *t, void *obj)
{
	uint32_t i;
	assert(obj);
	if (t->first_free == NONE)
		grow(t);
	if ((i = t->first_free) == NONE)
		return 0;
	t->first_free = t->slots[i].next_free;
	t->slots[i].obj = obj;
	t->count++;
	return (uint64_t)t->slots[i].gen << 32 | i;
}

static struct slot *find(const struct ids *t, uint64_t id)
{
	uint32_t i = ID_SLOT(id);
	return i < t->n_slots && t->slots[i].gen == ID_GEN(id) ? &t->slots[i] : NULL;
}

void *ids_get(const struct ids *t, uint64_t id)
{
	const struct slot *s = find(t, id);
	return s ? s->obj : NULL;
}

void ids_free(struct ids *t, uint64_t id)
{
	struct slot *s = find(t, id);
	if (!s || !s->obj)
		return;
	s->obj = NULL;
	if (!++s->gen)
		s->gen = 1; /* generation 0 in slot 0 would be the id 0 */
	s->next_free = t->first_free;
	t->first_free = ID_SLOT(id);
	t->count--;
}

unsigned ids_count(const struct ids *t)
{
	return t->count;
}

void *ids_next(const struct ids *t, uint32_t *slot)
{
	while (*slot < t->n_slots) {
		void *obj = t->slots[(*slot)++].obj;
		if (obj)
			return obj;
	}
	return NULL;
}
