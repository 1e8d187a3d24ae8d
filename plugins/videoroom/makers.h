/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * How many rooms whose clients have made, so that no address takes all that there may be. */
void makers_start(void);
void makers_stop(void);
/** @param whose of cardea_whose(); 0: nobody's, of whom none are counted */
unsigned makers_rooms(uint64_t whose);
void makers_count(uint64_t whose, int by);
