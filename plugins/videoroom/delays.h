/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * The playout delay that a publisher or a subscriber asks for. A leaf. */

/** Take over what a request gives of min_delay and max_delay: in 10 ms, -1 as received; absent ones
 *  stay, and max is no less than min. @return any was given */
bool delays_set(int *min, int *max, const struct cardea_args *args);
