/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "endpoint.h"

/** @file
 * WebSocket connections (RFC 6455), from the pipeline to their mounts: whole messages in; wslay
 * reads the frames. What goes out is socket_out.h. Web thread. */

/** @param max_message bytes of a message that comes in, at most. Before the thread. */
void socket_configure(size_t max_message);
/** Make the connection one. @return 0, or the HTTP status that refuses it, perhaps for a reason */
int socket_open(struct conn *c, const char **reason);
void socket_bytes(struct endpoint *e, const char *data, size_t len);
void socket_woken(struct endpoint *e);
void socket_closed(struct endpoint *e);
/** All are closed. */
void socket_stop(void);
