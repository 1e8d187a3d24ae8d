/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * The loops that transports have begun by <cardea/loop.h>: threads of the core, which see that
 * none outlives the code that it runs. Control thread. */

/** End those that their transports have left running, and say so. After their stop hooks, before
 *  they are unloaded. */
void loops_end(void);
