/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/queue.h"
#include "play_msg.h"

/** @file
 * The thread of all playbacks. It is not the recorder's: that one may stand still for as long as a
 * disk does, and what is played would with it. It reads one queue, into which control (play_msg.h)
 * and workers (router/source/source_msg.h) write. */

/** @param reports gets struct play_rep, cut behind what means something; borrowed. Control thread,
 *  as all here. */
enum err player_start(struct queue *reports);
struct queue *player_queue(void); /**< NULL: not started */
/** Close all, and end the thread: it writes into no queue any more. Not started: fine. */
void player_stop(void);
void player_free(void); /**< Nobody writes into its queue any more. */
