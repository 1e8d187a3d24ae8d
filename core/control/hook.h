/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * Hooks of plugins are run between hook_enter() and hook_leave(). What would pull the ground from
 * under a running hook (a handle's end, the news of a hangup) waits until the outermost one has
 * returned. Control thread. */
struct cardea_handle;

void hook_enter(void);
void hook_leave(void); /**< Leaving the outermost hook settles the handles that wait. */
bool hook_inside(void);
/** Call handle_settle() for @p h as soon as no hook runs: now, or later. */
void hook_settle(struct cardea_handle *h);
/** Forget @p h. */
void hook_forget(struct cardea_handle *h);
