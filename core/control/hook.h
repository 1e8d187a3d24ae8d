/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * Hooks of plugins are run between hook_enter() and hook_leave(). What would pull the ground from
 * under a running hook (a handle's end, word of a hangup) waits here until the outermost one has
 * returned. Whoever calls a plugin uses it; it uses nothing. Control thread. */

/** What is to be done when no hook runs; a member of what it is about. */
struct deferred {
	void (*fn)(void *arg);
	void *arg;
	bool waits; /**< of hook.c */
};

void hook_enter(void);
void hook_leave(void); /**< Leaving the outermost hook does what waits. */
bool hook_inside(void);
/** Call its function as soon as no hook runs: now, or later, once. */
void hook_defer(struct deferred *d);
/** It shall not be called any more. */
void hook_forget(struct deferred *d);
