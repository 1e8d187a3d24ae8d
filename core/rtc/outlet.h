/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/loop.h"
#include "../base/queue.h"

/** @file
 * The producer's end of a queue whose records must not get lost: what finds it full waits here, in
 * order, and is pushed when there is room again. How much may wait is for the producer to bound.
 * One thread, that of the loop. */
struct late_record;
struct outlet {
	struct loop *loop;
	struct queue *queue; /**< borrowed */
	struct late_record *first, **last;
	struct wheel_timer timer;
};
void outlet_init(struct outlet *o, struct loop *loop, struct queue *queue);
/** Push a record now, or as soon as there is room behind what waits already. */
void outlet_push(struct outlet *o, const void *rec, size_t len);
/** Push a record that may get lost: not when others wait. @return false: it is lost */
bool outlet_try(struct outlet *o, const void *rec, size_t len);
/** Forget what waits, telling @p drop of each record (NULL: nobody). */
void outlet_clear(struct outlet *o, queue_fn *drop, void *arg);
