/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/loop.h"

/** @file
 * Tells when the addresses or interfaces of the machine have changed: the kernel's own notices, by
 * rtnetlink (rtnetlink(7)). What they are now is found by addr_interfaces(). One thread, that of
 * the loop. */
struct netwatch;

#define NETWATCH_SETTLE_US \
	200000 /**< an interface that comes up has several things to say: they are told as one */

/** @param changed called some time after a notice, once for all of that time; also when notices
 * were lost
 *  @return ERR_IO: the kernel gives none */
enum err netwatch_create(
	struct netwatch **out, struct loop *l, void (*changed)(void *arg), void *arg);
void netwatch_destroy(struct netwatch *n); /**< NULL is fine. */
