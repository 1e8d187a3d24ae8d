/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

/** @file
 * A TCP port that is listened on. libwebsockets' own listening sockets spin where no descriptor is
 * left: ours rest. Web thread. */
struct acceptor;

/** @param ip NULL: all addresses, of both families where there are both
 *  @param take gets each new connection: non-blocking, to be closed by it
 *  @param why 256 bytes: the system's reason */
struct acceptor *accept_on(uv_loop_t *loop, const char *ip, unsigned port,
	void (*take)(void *arg, int fd), void *arg, char *why);
/** Could it be listened on? Any thread. @return a socket to be closed, or -1 with @p why in the
 *  same words */
int accept_try(const char *ip, unsigned port, char *why);
/** No more: close the socket; the loop has to turn once for the rest. NULL is fine. */
void accept_end(struct acceptor *a);
