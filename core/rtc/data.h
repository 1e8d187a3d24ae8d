/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * Messages of data channels on their way between control and the secure thread, and what these two
 * say to each other of them. */

#define DATA_MAX      (256u << 10) /**< bytes of a message, either way: a=max-message-size */
#define DATA_LABEL    1024         /**< bytes of a label and of a protocol name at most */
#define DATA_OVERHEAD 256          /**< added to a message's length; see data_msg_cost() */

/** A message: immutable, so that all who get it share it. */
struct data_msg {
	_Atomic unsigned refs;
	uint32_t channel; /**< stream id plus 1; 0: the channel of this label, opened when there is
			     none */
	bool is_binary;
	size_t len, cost;
	const char *label, *protocol; /**< NUL-terminated, inside */
	uint8_t bytes[];              /**< NUL-terminated behind @p len */
};
/** @return one reference, or NULL without memory. Any thread, as all here. */
struct data_msg *data_msg_new(
	const char *label, const char *protocol, const void *bytes, size_t len);
struct data_msg *data_msg_ref(struct data_msg *m);
void data_msg_drop(struct data_msg *m); /**< NULL is fine. */
/** What it counts for, sent or received: its memory, that of long names included. */
static inline size_t data_msg_cost(const struct data_msg *m)
{
	return m->cost;
}

enum data_event_type {
	DATA_READY = 1, /**< the association is up: channels can be used */
	DATA_MESSAGE,   /**< from the peer */
	DATA_SENT, /**< so much of what control gave has found its way into the association, or is
		      lost */
	DATA_DOWN, /**< the association is over; the PeerConnection stays */
	/** a message of control's, given back: its label has no channel, and none can be opened */
	DATA_REFUSED,
	DATA_ROOM, /**< after that: a channel was closed, so that another can be opened */
};
/** What the secure thread tells control. */
struct data_event {
	uint32_t type;
	uint32_t n; /**< DATA_SENT: messages */
	uint64_t peer;
	union {
		struct data_msg *msg; /**< DATA_MESSAGE, DATA_REFUSED: one reference, given away */
		size_t cost;          /**< DATA_SENT */
	};
};
