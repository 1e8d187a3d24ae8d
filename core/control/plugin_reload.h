/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>

/** @file
 * A plugin whose file has changed is read again while the server runs. Control thread. */
struct plugin;

/** Stop it and start what its file has now. The code that was there stays in memory: counters,
 *  tables and texts of it may be in use. Refused while handles are attached to it. Where what is
 *  new cannot start, the one before is started again.
 *  @return false with @p e filled */
bool plugin_reload(struct plugin *p, struct cardea_error *e);
