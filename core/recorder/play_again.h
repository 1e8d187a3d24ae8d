/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "play_unit.h"

/** @file
 * The pictures since the last keyframe, to be sent again to whoever comes late or has lost one.
 * They are kept, rather than read again: a file that is shared by many viewers would be read once
 * more for each that comes, and MJR files have no index. */
#define PLAY_AGAIN_MAX \
	(4u << 20) /**< bytes; where there are more, the next keyframe is waited for */

struct play_block;
struct play_again {
	struct play_units kept;
	struct play_block *blocks, *filling; /**< where they lie */
	struct play_unit *next;              /**< to be sent; NULL: nothing is being sent again */
	size_t bytes;
	bool is_over;                /**< there were too many */
	int64_t began_us, newest_us; /**< of the media */
};
void play_again_init(struct play_again *a);
void play_again_clear(struct play_again *a); /**< Its memory stays for the next. */
void play_again_free(struct play_again *a);
/** A picture was sent. @return false: nobody can be served before the next keyframe */
bool play_again_keep(struct play_again *a, const struct play_unit *u);
/** Begin to send again. @return false: nothing is there */
bool play_again_begin(struct play_again *a);
/** The next, borrowed until play_again_clear(); NULL: all are sent. @param last it is the last */
struct play_unit *play_again_take(struct play_again *a, bool *last);
/** Bytes of them in a second as they are played. */
uint64_t play_again_rate(const struct play_again *a);
