/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include "../../base/queue.h"

/** @file
 * The queues that sinks write into, by number, so that a command can name one. They are added and
 * removed by the control thread; workers look one up when a command, posted after that, says so. */
#define SINK_QUEUES 16

/** @param q borrowed until it is removed. ERR_FULL: there are SINK_QUEUES. */
enum err sink_queue_add(struct queue *q, uint8_t *number);
/** No sink that writes into it is left: each has said SINK_CLOSED. */
void sink_queue_remove(uint8_t number);
struct queue *sink_queue_get(uint8_t number); /**< NULL: there is none. */
