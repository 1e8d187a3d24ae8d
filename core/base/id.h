/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * Ids for things that are named across threads: a slot number and a generation. An old id finds
 * nothing. A table belongs to one thread; the ids themselves are plain values. 0 is never a valid
 * id. */
#define ID_SLOT(id) ((uint32_t)(id))
#define ID_GEN(id)  ((uint32_t)((id) >> 32))

struct ids;
/** @return a table of at most @p max entries, owned by the caller. It grows as needed. */
struct ids *ids_create(unsigned max);
void ids_destroy(struct ids *t);
/** @return a new id for @p obj (borrowed), or 0 when the table is full. */
uint64_t ids_take(struct ids *t, void *obj);
/** @return the object, or NULL when the id is old or was never given out. */
void *ids_get(const struct ids *t, uint64_t id);
/** Forget the id; its slot comes back with the next generation. A stale id changes nothing. */
void ids_free(struct ids *t, uint64_t id);
unsigned ids_count(const struct ids *t);
/** Walk the live objects: start with *slot = 0, until NULL comes back. Entries may be freed on the
 *  way. */
void *ids_next(const struct ids *t, uint32_t *slot);
