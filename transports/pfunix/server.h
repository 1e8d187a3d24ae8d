/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/loop.h>
#include "address.h"

/** @file
 * One of the two sockets that are served, that of the API or that of the Admin API: who comes is
 * made a client. Opened on the control thread; the loop's from server_serve() on. */
struct client;

struct server {
	struct address address; /**< fd -1: it is off */
	bool is_admin;
	unsigned max_clients;
	/* the loop's */
	struct cardea_loop *loop;
	unsigned n_clients;
	struct cardea_loop_timer *again; /**< accept or send what could not be */
	bool is_resting;                 /**< there was no descriptor for who knocks */
};

/** Serve it from here on. */
void server_serve(struct server *s, struct cardea_loop *loop);
void server_close(struct server *s); /**< After its clients. Not open: fine. */
/** Something could not be sent by SOCK_DGRAM: client_retry() is called in a while. */
void server_retry(struct server *s);
