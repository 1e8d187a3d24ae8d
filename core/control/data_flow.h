/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** @file
 * The data channels of a PeerConnection, as a state: what waits in them, and how much they have
 * carried. data_channels.c moves the messages; a PeerConnection owns it. Control thread. */

/** Messages of a PeerConnection, counted by what they carry. */
struct data_stats {
	uint64_t packets_in, bytes_in, packets_out, bytes_out;
};

/** As long as the association is up. */
struct data_flow {
	GQueue held;       /**< struct data_msg: the plugin has put the first off */
	size_t queued;     /**< cost of what was sent and is not yet in the association */
	unsigned n_queued; /**< how many messages that is */
	/** cost of what the plugin has dealt with and the peer's window does not know of */
	size_t consumed;
	bool was_refused; /**< a plugin waits for room */
	/** the association waits for `consumed`, or the plugin, and the queue was full */
	bool retry_due;
	GHashTable *no_channel; /**< labels for which no stream was left; NULL: none */
};

struct data_flow *data_flow_create(void);
void data_flow_free(struct data_flow *d); /**< NULL is fine. */
/** Messages that are on their way into the association. NULL: none. */
unsigned data_flow_waiting(const struct data_flow *d);
