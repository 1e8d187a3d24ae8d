/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "addr.h"
#include "rtc_conf.h"

/** @file
 * What the media side would do with a configuration: known before a start, without one. Any thread.
 */

/** The part of it that chooses addresses. Texts are borrowed. */
struct addr_conf preview_addr_conf(const struct rtc_conf *c);
/** Can a worker have its port, for each family that is on? @param why 256 bytes: filled where not
 */
bool preview_port(const struct rtc_conf *conf, unsigned worker, char *why);
/** Say what a browser will see (candidates) and what the machine has, one line each. */
void preview_say(const struct rtc_conf *conf, void (*line)(void *arg, const char *text), void *arg);
