/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "client.h"

/** @file
 * The two sockets that are served, of the API and of the Admin API: who comes is made a client.
 * The loop's thread, but that their addresses are opened on the control thread. */

/** Serve it from here on. */
void server_serve(struct server *s, struct cardea_loop *loop);
void server_close(struct server *s); /**< After its clients. Not open: fine. */
