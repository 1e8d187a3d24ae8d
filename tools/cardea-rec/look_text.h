/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "look.h"

/** @file
 * What stands beside recordings as text: the index of a room's, messages, and the .nfo that
 * recordplay lists. */

/** Look into a file whose name ends as these do. @return false: it does not */
bool look_at_text(struct look *l);
