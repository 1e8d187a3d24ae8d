/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../router/source/source_msg.h"

/** @file
 * What is sent at one time: the packets of a picture, the one of a sound, or a message of a data
 * channel. Packets lie as source_msg.h has them, ready to be copied: whose m-line, which numbers
 * and timestamp is filled in when they leave. */
#define PLAY_UNIT_MAX (8u << 20) /**< bytes; a picture that never ends is no picture */
struct play_unit {
	struct play_unit *next; /**< its owner's */
	int64_t us;             /**< when it is to be shown, from the beginning of all */
	uint8_t track;
	bool is_keyframe;
	bool is_binary; /**< data */
	unsigned n;     /**< packets */
	size_t len, size;
	uint8_t *bytes; /**< packets; of data the message */
};
struct play_unit *play_unit_new(void); /**< NULL: no memory */
void play_unit_free(struct play_unit *u);
/** Add a packet. @param header RTP, as long as @p header_len says (0: a plain one is made)
 *  @return false: no memory, or too long */
bool play_unit_add(struct play_unit *u, uint8_t pt, bool marker, const uint8_t *header,
	size_t header_len, const uint8_t *payload, size_t len);
bool play_unit_add_data(struct play_unit *u, const uint8_t *bytes, size_t len);
/** Walk its packets. @param p NULL: the first. @return NULL: no more */
struct source_packet *play_unit_next(const struct play_unit *u, const struct source_packet *p);

/** Units in a row, first in, first out. Zeroed: empty. */
struct play_units {
	struct play_unit *first, *last;
};
void play_units_put(struct play_units *q, struct play_unit *u); /**< Takes it. */
struct play_unit *play_units_take(struct play_units *q);        /**< The caller's; NULL: empty */
void play_units_clear(struct play_units *q);
