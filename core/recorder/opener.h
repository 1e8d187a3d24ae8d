/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/queue.h"
#include "play_msg.h"

/** @file
 * The thread that opens what is to be played, and looks through it: of a large file that takes
 * seconds, in which the player (player.h) plays on. It works in slices. Addresses take turns, and
 * those of one address come one after the other: whatever one opens, others wait for a slice of it.
 * What no address has (struct play_cmd, whose) takes turns like an address of its own.
 *
 * It reads PLAY_CMD_OPEN, and PLAY_CMD_CLOSE of what nobody waits for any more. */
struct play_opened {
	uint32_t type; /**< PLAY_OPENED, like struct source_wish */
	uint32_t unused;
	uint64_t play;
	struct play_input *in; /**< whose thread gets this owns it; NULL: text says why */
	char text[PLAY_TEXT];  /**< else what is left out; "": nothing */
};
#define PLAY_OPENED 200 /**< behind all enum play_cmd_type */

/** @param to gets struct play_opened; borrowed. The thread that starts the player, as all here. */
enum err opener_start(struct queue *to);
struct queue *opener_queue(void);
/** Give up what is not open yet: nothing more is handed over. Some may still push; that is not
 *  read. Not started: fine. */
void opener_end(void);
void opener_free(void); /**< Nobody pushes any more. */
