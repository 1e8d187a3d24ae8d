/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/queue.h"

/** @file
 * The thread that writes captures: it reads records of capture_msg.h from its queue, and pushes a
 * struct capture_ended for each that is over. */

/** @param ended borrowed, with room for CAPTURES_MAX records. Control thread, as all here. */
enum err writer_start(struct queue *ended);
struct queue *writer_queue(void); /**< NULL: not started */
/** Write what has come, close all files, and end the thread. Nobody pushes any more. */
void writer_stop(void);
