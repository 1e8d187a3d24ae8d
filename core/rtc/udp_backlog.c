/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "udp_backlog.h"

#define UNIT     128 /* so that a filler's head fits wherever something is left */
#define ROUND(n) (((n) + UNIT - 1) & ~(size_t)(UNIT - 1))
_Static_assert(sizeof(struct waiting) <= UNIT, "a filler must fit");

/* A record lies in one piece: where it does not fit before the end, a filler takes what is left
 * there. A filler has no datagrams. */

void backlog_clear(struct backlog *b)
{
	free(b->ring);
	*b = (struct backlog){ 0 };
}

static struct waiting *at(const struct backlog *b, size_t offset)
{
	return (struct waiting *)(void *)(b->ring + offset % b->size);
}

static unsigned drop_first(struct backlog *b)
{
	const struct waiting *w = at(b, b->head);
	unsigned n = w->n;
	b->head = (b->head + w->room) % b->size;
	b->used -= w->room;
	b->n -= n > 0;
	return n;
}

static void skip_fillers(struct backlog *b)
{
	while (b->used && !at(b, b->head)->n)
		drop_first(b);
}

struct waiting *backlog_first(struct backlog *b)
{
	skip_fillers(b);
	return b->used ? at(b, b->head) : NULL;
}

struct waiting *backlog_next(struct backlog *b, struct waiting *w)
{
	size_t tail = (b->head + b->used) % b->size;
	do {
		size_t next = ((size_t)((uint8_t *)w - b->ring) + w->room) % b->size;
		if (next == tail)
			return NULL;
		w = at(b, next);
	} while (!w->n);
	return w;
}

void backlog_pop(struct backlog *b)
{
	if (backlog_first(b))
		drop_first(b);
}

unsigned backlog_expire(struct backlog *b, int64_t before_us)
{
	unsigned dropped = 0;
	for (struct waiting *w; (w = backlog_first(b)) && w->at_us < before_us;)
		dropped += drop_first(b);
	return dropped;
}

/* Bytes between the newest and the end of the ring, if that is where the next one goes. */
static size_t to_end(const struct backlog *b)
{
	return b->size - (b->head + b->used) % b->size;
}

static unsigned make_room(struct backlog *b, size_t room)
{
	unsigned dropped = 0;
	while (b->used && b->size - b->used < room + (to_end(b) < room ? to_end(b) : 0))
		dropped += drop_first(b);
	if (!b->used)
		b->head = 0;
	return dropped;
}

static void fill_up_end(struct backlog *b, size_t room)
{
	size_t left = to_end(b);
	if (left >= room)
		return;
	struct waiting *filler = at(b, b->head + b->used);
	filler->n = 0;
	filler->room = (uint32_t)left;
	b->used += left;
}

unsigned backlog_push(
	struct backlog *b, size_t size, const struct waiting *head, const uint8_t *data)
{
	size_t room = ROUND(sizeof(*head) + head->len);
	if (!b->ring) {
		b->size = ROUND(size);
		b->ring = malloc(b->size);
	}
	if (!b->ring || room > b->size / 2)
		return head->n;
	unsigned dropped = make_room(b, room);
	fill_up_end(b, room);
	struct waiting *w = at(b, b->head + b->used);
	*w = *head;
	w->room = (uint32_t)room;
	memcpy(w->data, data, head->len);
	b->used += room;
	b->n++;
	return dropped;
}
