/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "conn.h"

/** @file
 * WebSocket connections (RFC 6455): whole messages in and out. Each function is one event of libwebsockets and
 * returns what its callback must return. Web thread. */
int socket_confirm(struct lws *wsi);            /**< may it be upgraded? */
int socket_headers(struct lws *wsi, struct lws_process_html_args *args);
int socket_opened(struct lws *wsi, struct seat *seat);
int socket_received(struct seat *seat, const char *data, size_t len);
void socket_ponged(struct seat *seat);
int socket_writable(struct seat *seat);
void socket_ending(struct seat *seat);          /**< its client has begun to close */
int socket_timer(struct seat *seat);
void socket_closed(struct seat *seat);
/** Write what cardea_web_send() has brought since the last call, without asking libwebsockets for its turn. */
void socket_flush(void);
