/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "look.h"

/** @file
 * What stands beside recordings as text: the index of a room's, messages, and the .nfo that
 * recordplay lists. */

/** Where look_into() has found no format: the name may tell one of these. */
void look_at_text(struct look *l);
