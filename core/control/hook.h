/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * Hooks of plugins are run between hook_enter() and hook_leave(). So it is known whose code runs,
 * and what a plugin takes (timers, jobs, recordings) is its own and ends with it. What would pull
 * the ground from under a running hook (a handle's end, word of a hangup) waits here until the
 * outermost one has returned. Whoever calls a plugin uses it; it uses nothing. Control thread. */
struct cardea_plugin;

/** A hook that runs: on the stack of who calls it. */
struct hook {
	const struct cardea_plugin *of;
	const char *name;
	int64_t began_us;
	bool explained; /**< the time that it takes was put down to another inside it */
	struct hook *outer;
};

/** What is to be done when no hook runs; a member of what it is about. */
struct deferred {
	void (*fn)(void *arg);
	void *arg;
	bool waits; /**< of hook.c */
};

/** @param of NULL: nobody's
 *  @param name of the hook, for the log; static text */
void hook_enter(struct hook *h, const struct cardea_plugin *of, const char *name);
/** Leaving the outermost hook does what waits. One that has held the thread for 100 ms is named in
 *  the log. */
void hook_leave(struct hook *h);
bool hook_inside(void);
/** Whose hook runs, the innermost. @return NULL: nobody's */
const struct cardea_plugin *hook_of(void);
/** Call its function as soon as no hook runs: now, or later, once. */
void hook_defer(struct deferred *d);
/** It shall not be called any more. */
void hook_forget(struct deferred *d);
/** What runs now, the innermost: for a process that crashes. In a signal handler, too.
 *  @return false: nobody's hook */
bool hook_running(const char **plugin, const char **name);
