/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sctp_limits.h"

/** @file
 * The data channels of one association, by stream, with their names and the pieces of unfinished
 * messages (RFC 8831). What is said of them is channels.h's. The secure thread. */

struct channel {
	uint16_t stream;
	bool is_unordered; /* once the peer has heard of it */
	bool is_acked;     /* it has */
	bool is_closing;   /* our side has been reset, or shall be */
	bool is_reset;     /* the peer has reset its side */
	uint8_t partial;
	uint32_t limit;
	char *label, *protocol;
	uint8_t *part; /* of a message in PPID_*_PART pieces */
	size_t part_len;
};

/** What a peer can make us hold: messages that control has not done with, pieces of unfinished
 *  ones, and channels with their names. */
#define CHANNEL_HELD_MAX SCTP_BUFFER

struct channel_table {
	struct channel **open; /**< by stream … */
	unsigned n_room;       /**< … below this */
	size_t parts, names;   /**< bytes; see CHANNEL_HELD_MAX */
};

/** @return that of a stream, NULL: none */
struct channel *channel_on(const struct channel_table *t, unsigned stream);
/** The same, but none that is closing. */
struct channel *channel_numbered(const struct channel_table *t, unsigned stream);
/** The first of that label that is not closing, NULL: none. */
struct channel *channel_labelled(const struct channel_table *t, const char *label);
/** One on a stream that has none. @return NULL: there are too many names */
struct channel *channel_add(
	struct channel_table *t, uint16_t stream, const char *label, const char *protocol);
void channel_remove(struct channel_table *t, struct channel *ch);
/** Keep a piece of a message. @return false: there is too much */
bool channel_keep_part(
	struct channel_table *t, struct channel *ch, const uint8_t *data, size_t len);
void channel_drop_part(struct channel_table *t, struct channel *ch);
