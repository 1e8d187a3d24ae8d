/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/conf.h"
#include "paths.h"

/** @file
 * All modules at once, and configuration files that none of them reads. main.c and check.c call it
 * at the start; it calls plugins.c and transports.c. Control thread. */

/** Load plugins and transports, and keep a finding for each file of the configuration that none of
 * them reads. After control_start().
 *  @return those that did not load */
unsigned modules_load(struct conf *conf, const struct paths *paths);
