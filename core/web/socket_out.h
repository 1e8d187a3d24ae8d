/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "websocket.h"

/** @file
 * What goes out over a WebSocket: texts that mounts send, in bursts, and frames of control. Below
 * socket.h. Web thread. */

void socket_writable(struct endpoint *e);
/** Write what cardea_web_send() has brought since the last call. */
void socket_flush(void);
/** Write a frame of control: nothing in it, or a status code and perhaps a reason.
 *  @param reason of at most 120 bytes, or ""  @return false: the connection is lost */
bool socket_write_control(struct websocket *s, uint8_t opcode, unsigned code, const char *reason);
/** Say why, and close. */
void socket_close_with(struct websocket *s, unsigned code, const char *reason);
/** Forget what waits to be sent. */
void socket_forget_out(struct websocket *s);
