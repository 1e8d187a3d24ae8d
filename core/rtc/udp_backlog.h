/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "addr.h"

/** @file
 * Messages that wait for a full socket, first in, first out, in a ring of bytes that is made when
 * it is first needed. A message is what one destination gets of one burst, for video a frame or a
 * part of it: where there is no room, the oldest goes, whole. One thread. */
struct backlog {
	uint8_t *ring; /**< NULL: never needed */
	size_t size, head, used;
	unsigned n;
};
struct waiting {
	struct path to;
	int64_t at_us;
	uint32_t len, segment, n; /**< bytes of data, of each datagram but the last; datagrams */
	uint32_t done;            /**< bytes of it that have left */
	uint32_t room;            /**< bytes that it takes up in the ring */
	uint8_t data[];
};

/** Zeroed memory is an empty one. @param size bytes of the ring, fixed with the first push */
void backlog_clear(struct backlog *b);
/** Copy a message in. @return datagrams that had to go for it: older ones, or it itself. */
unsigned backlog_push(
	struct backlog *b, size_t size, const struct waiting *head, const uint8_t *data);
/** The oldest, NULL: none. */
struct waiting *backlog_first(struct backlog *b);
/** The one behind @p w, NULL: none. */
struct waiting *backlog_next(struct backlog *b, struct waiting *w);
void backlog_pop(struct backlog *b);
/** Drop what is older. @return datagrams. */
unsigned backlog_expire(struct backlog *b, int64_t before_us);
