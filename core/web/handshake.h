/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "access.h"
#include "conn.h"

/** @file
 * How a connection becomes a WebSocket (RFC 6455, section 4.2): from a request's head to the answer
 * that socket.c begins with. Web thread. */

/** Is the request for one, and not for something that we do not speak? */
bool handshake_is_asked(const struct head *h);
/** Find the mount, and whether it may be used. @return 0, or the HTTP status that refuses it;
 *  ACCESS_DROP as access_check() */
int handshake_check(
	struct conn *c, const struct head *h, const struct mount **m, struct visitor *v);
/** Say yes. @return false: the connection is lost */
bool handshake_accept(
	struct conn *c, const struct head *h, const struct mount *m, const struct visitor *v);
