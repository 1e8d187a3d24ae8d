/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/err.h"
#include "../base/queue.h"

/** @file
 * Data channels as plugins see them: what has come and may wait for its plugin, and how much is on
 * its way out. Control thread. */
struct data;
struct loop;

/** Messages of a PeerConnection, counted by what they carry. */
struct data_stats {
	uint64_t packets_in, bytes_in, packets_out, bytes_out;
};

enum err data_start(struct loop *loop);
void data_stop(void); /**< After the media side's end. */
/** Events of the secure thread go here. */
struct queue *data_events(void);
void data_free(struct data *d); /**< NULL is fine. */
/** Messages that are on their way into the association. NULL: none. */
unsigned data_waiting(const struct data *d);
