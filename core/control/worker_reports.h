/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/err.h"
#include "../base/queue.h"

/** @file
 * What the workers report of their peers, made into events for the client and hooks of the plugin.
 * Reports come through a queue of the media side's; nothing in control calls this but its door.
 * Control thread. */
struct loop;

enum err worker_reports_start(struct loop *loop);
void worker_reports_stop(void); /**< After the media side's end. */
/** Reports of the workers go here. */
struct queue *worker_reports(void);
