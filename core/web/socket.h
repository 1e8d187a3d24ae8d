/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "endpoint.h"

/** @file
 * WebSocket connections (RFC 6455): whole messages in and out; wslay reads the frames. Web
 * thread. */

/** Make the connection one. @return 0, or the HTTP status that refuses it, perhaps for a reason */
int socket_open(struct conn *c, const char **reason);
void socket_bytes(struct endpoint *e, const char *data, size_t len);
void socket_writable(struct endpoint *e);
void socket_woken(struct endpoint *e);
void socket_closed(struct endpoint *e);
/** Write what cardea_web_send() has brought since the last call. */
void socket_flush(void);
/** All are closed. */
void socket_stop(void);
