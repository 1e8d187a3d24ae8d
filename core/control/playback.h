/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>
#include "../base/err.h"

/** @file
 * Playbacks as the control thread knows them: what is wanted of each, told the player's thread
 * (recorder/player.h), and the source that it fills, opened on a worker with its first route. What
 * finds no room in a queue is told again every 50 ms. The SDK's functions on playbacks are here,
 * but for the route (routes.c). Control thread. */
struct loop;

void playbacks_start(struct loop *loop);
/** Close those of a plugin, for it has stopped. */
void playbacks_close_of(const struct cardea_plugin *of);
/** No plugin is called any more, and nothing read or sent: before the workers end, for the player
 *  writes into their queues. */
void playbacks_stop(void);
void playbacks_free(void); /**< After the workers, which write into the player's. */

/** The source of a playback that is ready, opened near @p worker, unless it is open already.
 *  @param worker where it is. @return its id, 0: no such playback or track, or no room */
uint64_t playback_source(uint64_t play, unsigned track, unsigned *worker);
