/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/conf.h"
#include "paths.h"

/** Load plugins and transports, and look for files that none of them reads.
 *  @return those that did not load */
unsigned modules_load(struct conf *conf, const struct paths *paths);
