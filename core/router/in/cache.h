/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "../../base/buf.h"

/** @file
 * The packets lately received on one SSRC, by sequence number, to answer NACKs (RFC 4585,
 * section 6.2.1) and to know repeats. Bounded in number by its size and in time by what cache_put()
 * is told. */
struct cache;
/** @param max_packets a power of two. @param total counts what is held; it may be shared with other
 * caches, and outlives them. @return owned by the caller, or NULL. */
struct cache *cache_create(unsigned max_packets, unsigned *total);
void cache_destroy(struct cache *c); /**< NULL is fine. */
/** Takes its own reference. What came before k->at_us - @p span_us goes; so does what would need
 * the same place. A packet too old to be kept is left alone. */
void cache_put(struct cache *c, struct pkt *k, int64_t span_us);
/** @return a borrowed packet, valid until the next put or trim, or NULL. */
struct pkt *cache_get(const struct cache *c, uint16_t seq);
void cache_trim(
	struct cache *c, int64_t before_us); /**< Let go of all that came before. NULL is fine. */
bool cache_drop_oldest(struct cache *c);     /**< @return false: it was empty. */
void cache_clear(struct cache *c);           /**< NULL is fine. */
