/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cardea/log.h>

/** @file
 * A thread with a loop, for transports that are no web: it waits for descriptors, timers and posts
 * of other threads. The core makes it, names it, watches it (a turn of more than 200 ms is named
 * in the log, with a backtrace) and ends it. What lives on it needs no locks: whatever is
 * called there is called by the loop, one after the other, and must not block.
 *
 * A transport begins its loop in its start hook, posts to it from its other hooks, and ends it in
 * its stop hook. */
struct cardea_loop;

/** Begin a thread. Control thread, from the start hook of a transport.
 *  @param name of the thread, also in the log; copied, 15 characters count
 *  @return the core's, until the transport has been unloaded; NULL: no memory, no thread or no
 *  descriptors */
CARDEA_API struct cardea_loop *cardea_loop_start(const char *name);
/** End it: what has been posted is run, then @p last(arg), which closes and frees what lives there;
 *  then the thread is over. Descriptors and timers are not served any more by then. Posts are
 *  refused from here on. Control thread. NULL, and one that has ended: fine. */
CARDEA_API void cardea_loop_stop(struct cardea_loop *l, void (*last)(void *arg), void *arg);
/** Run @p fn on the loop's thread with a copy of a record, in the order of the calls; one wake-up
 *  serves a batch. Any thread, also its own. The copy is aligned to 16 bytes and valid during the
 *  call.
 *  @return false when more than 16 MiB wait, or the loop has ended, or @p l is NULL: then @p fn is
 *  not called, and what the record points to is still the caller's */
CARDEA_API bool cardea_loop_post(struct cardea_loop *l, void (*fn)(const void *rec, size_t len),
	const void *rec, size_t len);

/** Watch a descriptor, which stays the caller's. The loop's thread.
 *  @param events EPOLLIN, EPOLLOUT, … of <sys/epoll.h>, level-triggered; errors and hang-ups are
 *  told in any case
 *  @param fn is called with those that there are
 *  @return false: it is watched already, is none that can be watched, or there is no memory */
CARDEA_API bool cardea_loop_add(struct cardea_loop *l, int fd, uint32_t events,
	void (*fn)(void *arg, uint32_t events), void *arg);
/** Wait for other events. The loop's thread. @return false: it is not watched */
CARDEA_API bool cardea_loop_mod(struct cardea_loop *l, int fd, uint32_t events);
/** Watch it no more: before it is closed. Nothing more is told of it, not even what was ready in
 *  this turn. The loop's thread. Not watched: fine. */
CARDEA_API void cardea_loop_del(struct cardea_loop *l, int fd);

/** When the present turn began: microseconds of CLOCK_MONOTONIC. The loop's thread. */
CARDEA_API int64_t cardea_loop_now_us(const struct cardea_loop *l);

struct cardea_loop_timer;
/** A timer that is not set. The loop's thread. @return owned by the caller */
CARDEA_API struct cardea_loop_timer *cardea_loop_timer_create(
	struct cardea_loop *l, void (*fn)(void *arg), void *arg);
/** NULL is fine; also inside its own callback. The loop's thread: at the latest in the `last` of
 *  cardea_loop_stop(). */
CARDEA_API void cardea_loop_timer_destroy(struct cardea_loop_timer *t);
/** Call it once, @p after_us microseconds from the beginning of this turn, instead of when it was
 *  set for before. The loop's thread. */
CARDEA_API void cardea_loop_timer_set(struct cardea_loop_timer *t, int64_t after_us);
CARDEA_API void cardea_loop_timer_cancel(struct cardea_loop_timer *t); /**< Not set: fine. */
