/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * The last words of a process that crashes: whose code the thread was running. It is said on
 * stderr, and the crash goes its way then, with its core dump where the system keeps them. */

/** Name what this thread does when it crashes; it gets a stack of its own for that, so that one
 *  that is full can be named, too. Once.
 *  @param whose what runs now, called in a signal handler: @return false: nobody's code */
void crash_watch(bool (*whose)(const char **plugin, const char **hook));
