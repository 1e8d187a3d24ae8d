/* SPDX-License-Identifier: Apache-2.0 */
/** A participant: a session of the server's API over a WebSocket, with handles, each of which plays
 *  a part. */
#ifndef LOAD_CLIENT_H
#define LOAD_CLIENT_H
#include <stdbool.h>
#include <stdint.h>
#include "handle.h"

struct client *client_create(void);    /**< Session and WebSocket come when they come. */
void client_destroy(struct client *c); /**< The session; the WebSocket stays for the answer. */
void clients_keepalive(uint64_t now);
/** A handle of opt.plugin that does all its part demands, by itself. */
struct handle *client_attach(struct client *c, enum part part, struct handle **feeds, int n_feeds);
void client_detach(struct handle *h);
#endif
