/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/conf.h"
#include "../web/host.h"
#include "paths.h"

/** @file
 * `cardea --check`: everything that can be known before a start. main.c calls it in the place of a
 * start: it goes the same way and stops short of serving, so that both find the same and word it
 * alike. */

/** Load the modules, try the ports, and print what is wrong, what a browser will see, and whether
 * it could start. After options_read() and machine_settle().
 *  @return what would keep it from starting */
unsigned check_all(struct conf *conf, const struct paths *paths, const struct web_conf *web);
/** Raise the limit of open descriptors to what is allowed. @return the limit in force */
unsigned long check_open_files(void);
