/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/** @file
 * Doubly linked rings threaded through the structs they hold. A node is in one ring at most;
 * zeroed, it is in none. */
struct node {
	struct node *next, *prev;
};
#define NODE_OF(n, type, member) ((type *)(void *)((char *)(n)-offsetof(type, member)))

static inline void ring_init(struct node *ring)
{
	ring->next = ring->prev = ring;
}
static inline bool ring_empty(const struct node *ring)
{
	return ring->next == ring;
}
static inline bool node_linked(const struct node *n)
{
	return n->next;
}
static inline void node_add(struct node *ring, struct node *n) /**< at the end */
{
	n->next = ring;
	n->prev = ring->prev;
	ring->prev->next = n;
	ring->prev = n;
}
static inline void node_del(struct node *n) /**< In no ring: fine. */
{
	if (!n->next)
		return;
	n->next->prev = n->prev;
	n->prev->next = n->next;
	n->next = n->prev = NULL;
}
/** Walk a ring; the present node may be taken out, others may not. */
#define RING_EACH(ring, n) \
	for (struct node *n = (ring)->next, *n##_next = n->next; n != (ring); \
		n = n##_next, n##_next = n->next)
