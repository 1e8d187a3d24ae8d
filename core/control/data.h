/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../base/err.h"
#include "../base/queue.h"

/** @file
 * Data channels as plugins see them: what has come and may wait for its plugin, and how much is on
 * its way out. Control thread. */
struct data;
struct loop;
struct peerconn;

enum err data_start(struct loop *loop);
void data_stop(void); /**< After the media side's end. */
/** Events of the secure thread go here. */
struct queue *data_events(void);
/** Give back what is due of the peer's window. @return false: something found no room and is to be
 * tried again, here and by data_wake() */
bool data_tell(struct peerconn *pc);
/** Offer room again to a plugin that a full queue has refused. Not inside a hook. */
void data_wake(struct peerconn *pc);
void data_free(struct data *d); /**< NULL is fine. */
