/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * What event handlers are told of the server as a whole (type 256). Control thread. */

void status_event_started(void);
void status_event_update(void); /**< How much there is now. */
/** @param signum the signal that ends it; 0: it ends because it could not start */
void status_event_shutdown(int signum);
