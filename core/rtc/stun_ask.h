/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/err.h"
#include "msg.h"

/** @file
 * Asking a STUN server for one's own address (RFC 8489, section 6), over a socket of its own. It
 * blocks: for a thread of the pool. */
#define STUN_ASK_MS 1000 /**< in all */

/** @param local_port 0: any
 *  @param out the address that the server has seen
 *  @return ERR_IO: no socket, or not that port; ERR_NOT_FOUND: no answer in time; ERR_INVALID: one
 * that gives no address */
enum err stun_ask(const struct addr *server, uint16_t local_port, struct addr *out);
