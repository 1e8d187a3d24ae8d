/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/store.h>

/** @file
 * What plugins keep over a restart (cardea/store.h), a file for each. Control thread. */
struct loop;
struct cardea_plugin;

void stores_start(struct loop *loop);
/** Keep them, in store/ of @p state_dir: before any is used. Otherwise they are memory alone. */
void stores_keep(const char *state_dir);
void store_forget(const struct cardea_plugin *of); /**< It has ended: nobody waits any more. */
/** Write what is left; what the pool writes now ends before work_stop() has. */
void stores_stop(void);
