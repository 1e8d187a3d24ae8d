/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/err.h"
#include "../base/queue.h"

/** @file
 * Data channels as plugins see them: what has come and may wait for its plugin, and how much is on
 * its way out. Control thread. */
struct data;
struct loop;

enum err data_start(struct loop *loop);
void data_stop(void); /**< After the media side's end. */
/** Events of the secure thread go here. */
struct queue *data_events(void);
void data_free(struct data *d); /**< NULL is fine. */
