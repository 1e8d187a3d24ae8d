/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "wheel.h"

/* Time is cut into ticks of 64 µs and a tick's number into digits of six bits. A timer hangs at the
 * level of the highest digit in which it differs from the present tick, in the slot of that digit.
 * So everything on one level is due before anything on the next, a level is never wrapped around,
 * and a timer is moved down at most once a level on its way. Inside the present tick the exact
 * microseconds decide.
 *
 * An example: it is tick 130 (8,320 µs), digits 2 2. Tick 135, digits 2 7, differs in the last:
 * level 0, slot 7. Tick 200, digits 3 8, differs in the one before: level 1, slot 3. At tick 192,
 * digits 3 0, that slot is emptied: from there 200 differs in the last only, level 0, slot 8. */
#define TICK_BITS 6
#define SLOT_BITS 6
#define N_SLOTS   (1u << SLOT_BITS)
#define N_LEVELS  10 /* of 6 bits: more than the 57 bits a tick can have */

struct wheel {
	uint64_t tick;
	uint64_t filled[N_LEVELS]; /* a bit per slot */
	struct wheel_timer *slot[N_LEVELS][N_SLOTS];
};

static uint64_t tick_of(int64_t at_us)
{
	return at_us < 0 ? 0 : (uint64_t)at_us >> TICK_BITS;
}

struct wheel *wheel_create(int64_t now_us)
{
	struct wheel *w = calloc(1, sizeof *w);
	if (w)
		w->tick = tick_of(now_us);
	return w;
}

void wheel_destroy(struct wheel *w)
{
	if (!w)
		return;
	for (unsigned l = 0; l < N_LEVELS; l++)
		for (unsigned s = 0; s < N_SLOTS; s++)
			while (w->slot[l][s])
				wheel_cancel(w, w->slot[l][s]);
	free(w);
}

static void link_at(struct wheel_timer **where, struct wheel_timer *t)
{
	t->next = *where;
	t->prev = where;
	if (t->next)
		t->next->prev = &t->next;
	*where = t;
}

static void place(struct wheel *w, struct wheel_timer *t)
{
	uint64_t tick = tick_of(t->at_us), diff;
	unsigned level, s;
	if (tick < w->tick)
		tick = w->tick; /* due already: the next run finds it at once */
	diff = tick ^ w->tick;
	level = diff ? (63u - (unsigned)__builtin_clzll(diff)) / SLOT_BITS : 0;
	s = (unsigned)(tick >> (level * SLOT_BITS)) & (N_SLOTS - 1);
	link_at(&w->slot[level][s], t);
	w->filled[level] |= 1ULL << s;
}

void wheel_set(struct wheel *w, struct wheel_timer *t, int64_t at_us)
{
	wheel_cancel(w, t);
	t->at_us = at_us;
	place(w, t);
}

void wheel_cancel(struct wheel *w, struct wheel_timer *t)
{
	size_t i = ((uintptr_t)t->prev - (uintptr_t)w->slot) / sizeof t->prev;
	if (!t->prev)
		return;
	*t->prev = t->next;
	if (t->next)
		t->next->prev = t->prev;
	/* it was alone in a slot, not behind another timer */
	else if (i < N_LEVELS * N_SLOTS && !*t->prev)
		w->filled[i / N_SLOTS] &= ~(1ULL << (i % N_SLOTS));
	t->next = NULL;
	t->prev = NULL;
}

/* The first slot that holds anything, and the tick at which it begins. */
static bool first_slot(const struct wheel *w, unsigned *level, unsigned *s, uint64_t *tick)
{
	for (unsigned l = 0; l < N_LEVELS; l++) {
		unsigned shift = l * SLOT_BITS;
		if (!w->filled[l])
			continue;
		*level = l;
		*s = (unsigned)__builtin_ctzll(w->filled[l]);
		*tick = (w->tick >> shift >> SLOT_BITS << SLOT_BITS | *s) << shift;
		return true;
	}
	return false;
}

/* Take a slot's list, oldest first (it is kept newest first, to link in constant time). */
static struct wheel_timer *take_slot(struct wheel *w, unsigned level, unsigned s)
{
	struct wheel_timer *t = w->slot[level][s], *list = NULL;
	w->slot[level][s] = NULL;
	w->filled[level] &= ~(1ULL << s);
	while (t) {
		struct wheel_timer *next = t->next;
		t->next = list;
		list = t;
		t = next;
	}
	return list;
}

/* Append what is due of a level 0 slot to the list at @p end, and hang the rest back. */
static struct wheel_timer **take_due(
	struct wheel *w, unsigned s, int64_t now_us, struct wheel_timer **end)
{
	struct wheel_timer *t = take_slot(w, 0, s), *next;
	for (; t; t = next) {
		next = t->next;
		if (t->at_us <= now_us) {
			link_at(end, t);
			end = &t->next;
		} else {
			place(w, t);
		}
	}
	return end;
}

void wheel_run(struct wheel *w, int64_t now_us)
{
	struct wheel_timer *due = NULL, **end = &due, *t, *next;
	uint64_t target = tick_of(now_us), tick;
	unsigned level, s;
	if (target < w->tick)
		target = w->tick; /* time went back: only what is overdue by the clock given runs */
	/* All is collected before anything is called: what a callback sets waits for the next
	 * run. */
	while (first_slot(w, &level, &s, &tick) && tick <= target) {
		w->tick = tick;
		if (level) {
			for (t = take_slot(w, level, s); t; t = next) {
				next = t->next;
				place(w, t);
			}
			continue;
		}
		end = take_due(w, s, now_us, end);
		if (tick == target)
			break;
	}
	w->tick = target;
	while ((t = due)) {
		wheel_cancel(w, t);
		t->fn(t->arg);
	}
}

int64_t wheel_next(const struct wheel *w)
{
	unsigned level, s;
	uint64_t tick;
	int64_t at = INT64_MAX;
	if (!first_slot(w, &level, &s, &tick))
		return at;
	if (level)
		return (int64_t)(tick << TICK_BITS);
	for (const struct wheel_timer *t = w->slot[0][s]; t; t = t->next)
		if (t->at_us < at)
			at = t->at_us;
	return at;
}
