/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "settings.h"

/** @file
 * Connections of an address: each costs a descriptor, and without a bound one address could have
 * them all. This machine and trusted proxies are everybody. Web thread, but for
 * crowd_configure(). */
#define CROWD_NOBODY (-1)

/** Before the web thread runs. */
void crowd_configure(const struct access_conf *c);
void crowd_start(void);
/** A connection of @p ip has come. @return false: that address has enough
 *  @param place out: for crowd_leave() */
bool crowd_enter(const char *ip, int *place);
void crowd_leave(int place);
