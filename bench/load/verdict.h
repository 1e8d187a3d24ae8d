/* SPDX-License-Identifier: Apache-2.0 */
/** Whether a measurement may be used at all. */
#ifndef LOAD_VERDICT_H
#define LOAD_VERDICT_H
#include <stdbool.h>

struct window;

#define VERDICT_CLIENT_PCT 90.0 /**< Above it the client is what is measured. */

/** Says in the result what is wrong, when something is. */
void verdict_on_window(const struct window *w);
bool verdict_is_load_reached(const struct window *w); /**< And the client had time for it. */
/** Frames left so late that they made bursts. */
bool verdict_is_client_late(void);
#endif
