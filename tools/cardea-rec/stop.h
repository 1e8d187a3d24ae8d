/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * Ctrl-C and the like: asked for between two frames, so that what is half made can be removed. */
void stop_watch(void);
bool stop_wanted(void);
