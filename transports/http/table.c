/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "table.h"

#define FIRST_SLOTS 64

static struct item **slot(const struct table *t, uint64_t key)
{
	key *= 0x9e3779b97f4a7c15u; /* names of exchanges count up in their upper half */
	return &t->slots[(key >> 32) & (t->n_slots - 1)];
}

static bool grow(struct table *t)
{
	struct table bigger = { .n_slots = t->n_slots ? t->n_slots * 2 : FIRST_SLOTS,
		.n_items = t->n_items };

	if (!(bigger.slots = calloc(bigger.n_slots, sizeof *bigger.slots)))
		return false;
	for (unsigned n = 0; n < t->n_slots; n++)
		for (struct item *i = t->slots[n], *next; i; i = next) {
			struct item **s = slot(&bigger, i->key);
			next = i->next;
			i->next = *s;
			*s = i;
		}
	free(t->slots);
	*t = bigger;
	return true;
}

bool table_put(struct table *t, struct item *i)
{
	if (t->n_items >= t->n_slots && !grow(t) && !t->n_slots)
		return false;
	struct item **s = slot(t, i->key);
	i->next = *s;
	*s = i;
	t->n_items++;
	return true;
}

void *table_get(const struct table *t, uint64_t key)
{
	struct item *i = t->n_slots ? *slot(t, key) : NULL;
	while (i && i->key != key)
		i = i->next;
	return i;
}

void table_remove(struct table *t, struct item *i)
{
	struct item **s = slot(t, i->key);
	while (*s != i)
		s = &(*s)->next;
	*s = i->next;
	t->n_items--;
}

void table_clear(struct table *t, void (*each)(struct item *i))
{
	for (unsigned n = 0; n < t->n_slots; n++)
		for (struct item *i = t->slots[n], *next; i; i = next) {
			next = i->next;
			each(i);
		}
	free(t->slots);
	*t = (struct table){ 0 };
}
