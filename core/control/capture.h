/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "../base/err.h"

/** @file
 * Captures of handles (capture/capture_msg.h) as the control thread knows them: which file, which
 * worker. A handle owns at most one; here nothing is known of handles. A capture ends when it is
 * told to, with the PeerConnection that it takes, or with an error of its file. */
struct capture;
struct loop;

enum err captures_start(struct loop *loop);
/** After the workers have ended: the files are complete then. */
void captures_stop(void);

struct capture_file {
	int fd; /**< prepared (capture/dump.h) */
	const char *path;
	bool is_text;
	uint32_t truncate; /**< bytes of a packet; 0: all */
	uint64_t session, handle;
};
/** Begin to write to a file. Takes the descriptor. NULL: there are CAPTURES_MAX. */
struct capture *capture_begin(const struct capture_file *f);
/** There are fewer than CAPTURES_MAX. @param starting so many more are about to begin */
bool capture_is_possible(unsigned starting);
/** Take all of a peer that its worker knows already. Once; NULL is fine.
 *  @return false: its worker's queue is full, and the capture ends */
bool capture_of_peer(struct capture *c, unsigned worker, uint64_t peer);
/** End it, and call @p done when the file is complete, or with @p too_late when the server ends
 *  first. @return false: the worker is overloaded, and
 *  nothing changed */
bool capture_stop(struct capture *c, void (*done)(void *arg, bool too_late), void *arg);
/** Its owner knows it no more; what still goes on ends. NULL is fine. */
void capture_drop(struct capture *c);

/** NULL: no. */
bool capture_is_on(const struct capture *c);
bool capture_is_text(const struct capture *c);
const char *capture_path(const struct capture *c);
