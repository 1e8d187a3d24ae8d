/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * How many rooms the clients of each address have made, so that none takes all that there may be. A
 * leaf. */
void makers_start(void);
void makers_stop(void);
/** @param maker of cardea_whose(); 0: nobody's, of whom none are counted */
unsigned makers_rooms(uint64_t maker);
void makers_count(uint64_t maker, int by);
