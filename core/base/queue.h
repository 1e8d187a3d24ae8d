/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include "err.h"

/** @file
 * Messages from many threads to one: flat records copied into a batch that the consumer swaps out
 * whole, with one eventfd wake-up per batch. The lock is held for one memcpy; a wake-up costs two
 * hundred times as much, which is why a batch swap beats anything cleverer. */
struct queue;
struct loop;
typedef void queue_fn(void *arg, const void *rec, size_t len);

/** @param max_bytes bound of one batch, of which each record takes its length, rounded up to 16,
 *  and 16 more; a push
 *         beyond it is refused (ERR_FULL) and counted. */
struct queue *queue_create(const char *name, size_t max_bytes);
/** Before the loop it is attached to, on that loop's thread. NULL is fine. */
void queue_destroy(struct queue *q);
/** Copy a record in. Any thread. ERR_FULL: the record is not taken. */
enum err queue_push(struct queue *q, const void *rec, size_t len);
/** What one of several sources has put into the batch that waits: kept by whoever pushes for it,
 *  zero at first. */
struct queue_share {
	uint64_t batch;
	size_t used;
};
/** The same for a source that may have at most @p max_bytes of the batch, counted alike: none fills
 *  it alone. ERR_FULL: its share is used up, or the queue is full. */
enum err queue_push_share(
	struct queue *q, struct queue_share *share, size_t max_bytes, const void *rec, size_t len);
/** The same for a record that lies in @p n parts. @param share NULL: any amount */
enum err queue_push_parts(struct queue *q, struct queue_share *share, size_t max_bytes,
	const struct iovec *parts, unsigned n);
/** Keep room for one record that must not be refused: all other pushes leave it, however many
 *  batches pass. Any thread. ERR_FULL: there is none. */
enum err queue_reserve(struct queue *q, size_t len);
/** Push the record that room is kept for, of the length that was reserved, and end the reservation.
 *  ERR_FULL: no memory. */
enum err queue_push_reserved(struct queue *q, const void *rec, size_t len);
/** Descriptor that turns readable when a batch waits. */
int queue_fd(const struct queue *q);
/** Take the waiting batch and call @p fn for each record, 16-byte aligned, valid during the call.
 *  Consumer only.
 *  @return records seen. */
unsigned queue_drain(struct queue *q, queue_fn *fn, void *arg);
/** Let the loop drain the queue whenever something waits. */
enum err queue_attach(struct queue *q, struct loop *l, queue_fn *fn, void *arg);
/** The same, but once the turn has taken @p most_us no further record: what is left comes in the
 *  next turn, when the loop's other descriptors and timers have had theirs. */
enum err queue_attach_for(
	struct queue *q, struct loop *l, queue_fn *fn, void *arg, int64_t most_us);
/** Refused pushes so far. */
uint64_t queue_refused(const struct queue *q);
