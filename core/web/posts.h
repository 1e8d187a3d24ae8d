/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <cardea/transport.h>
#include "../base/thread.h"

/** @file
 * What other threads post to the web thread (cardea_web_post()): functions with a record each, run
 * in order when the host's loop finds the descriptor readable. */

bool posts_open(void);     /**< Control thread, before the web thread. @return false: no memory */
void posts_run_here(void); /**< This thread is the web thread. */
/** End: what was posted last runs here, finds nobody and gives its texts back. Control thread,
 *  behind the web thread. Not open: fine. */
void posts_close(void);
void posts_run(void); /**< A batch of what was posted. */
int posts_fd(void);   /**< Readable when a batch waits. Borrowed. */

/** The web thread, and whether we are on it. */
struct owner web_owner(void);
bool web_is_here(void);
