/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/err.h"
#include "../base/queue.h"

/** @file
 * Data channels as plugins see them: messages come from the secure thread and go to the plugin's
 * hook, or wait for it; the SDK's cardea_data_send() goes the other way, within a bound. What waits
 * is in struct data_flow. Control thread. */
struct loop;

enum err data_channels_start(struct loop *loop);
void data_channels_stop(void); /**< After the media side's end. */
/** Events of the secure thread go here. */
struct queue *data_channels_events(void);
