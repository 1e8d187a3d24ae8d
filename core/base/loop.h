/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include "err.h"
#include "pulse.h"
#include "wheel.h"

/** @file
 * An event loop on epoll: descriptors, timers, and a hook at the end of each turn where batches
 * leave. Everything but loop_stop() belongs to the thread that runs it. */
struct loop;
typedef void loop_fn(void *arg, uint32_t events); /**< events: EPOLLIN, EPOLLOUT, … */

struct loop *loop_create(const char *name);
void loop_destroy(struct loop *l);
enum err loop_add(struct loop *l, int fd, uint32_t events, loop_fn *fn, void *arg);
enum err loop_mod(struct loop *l, int fd, uint32_t events);
/** Before the descriptor is closed. Safe inside a callback. */
void loop_del(struct loop *l, int fd);
/** Call @p fn at the end of each turn, in the order of registration. */
void loop_at_end(struct loop *l, void (*fn)(void *arg), void *arg);
/** The timers; their resolution is better than 100 µs (a millisecond before Linux 5.11), their cost
 *  constant. */
struct wheel *loop_wheel(struct loop *l);
/** Time of the present turn, microseconds of clock_now_us(). */
int64_t loop_now(const struct loop *l);
/** Turn until loop_stop(). */
void loop_run(struct loop *l);
/** One turn at @p now_us without waiting: ready descriptors, due timers, end hooks. For tests. */
void loop_turn(struct loop *l, int64_t now_us);
void loop_stop(struct loop *l); /**< Any thread. */
/** For who watches it. Any thread. */
struct pulse *loop_pulse(struct loop *l);
