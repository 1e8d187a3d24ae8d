/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/conf.h"
#include "paths.h"

/** @file
 * `cardea --check`: everything that can be known before a start. */

/** Print findings, what a browser will see, and what would stop a start. Call after options_read().
 *  @return problems found */
unsigned check_all(struct conf *conf, const struct paths *paths);
/** Check the files of all modules that can be loaded, without starting any. */
void check_modules(struct conf *conf, const struct paths *paths);
/** Raise the limit of open descriptors to what is allowed. @return the limit in force */
unsigned long check_open_files(void);
