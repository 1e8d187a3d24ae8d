/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "ident.h"
#include "sub_stream.h"

/** @file
 * A subscriber: one PeerConnection, offered by us, fed by any number of publishers. Its state;
 * what it does stands above: subscription, subscriber_join, subscriber_requests, … */

struct room;

struct subscriber {
	struct room *room;    /**< NULL once the room is destroyed */
	struct ident room_id; /**< for answers after that */
	struct cardea_handle *handle;
	uint32_t private_id;
	bool use_msid, autoupdate, paused, left;
	/** an offer of ours made a PeerConnection, and it has not been lost */
	bool has_pc;
	bool e2ee;        /**< of its first feed, and so of all */
	bool restart_due; /**< the offer that waits is to restart ICE */
	bool kicked;      /**< with the participant whose private_id it gave */
	bool update_due;  /**< changes wait for the answer to the pending offer */
	bool offer_due;   /**< what it gets has changed, and it is to be told */
	/** its place in the update queue (update_queue.h); no data: none */
	GList queue_link;
	GPtrArray *streams; /**< struct sub_stream, index is the m-line */
};
