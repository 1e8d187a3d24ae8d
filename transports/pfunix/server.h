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
	/* SOCK_DGRAM: its buffer is that of all peers */
	uint64_t n_empty;                   /**< times that all had read all */
	int unread;                         /**< bytes, when it was last looked at, … */
	int64_t looked_us, unread_since_us; /**< … then, and since when so many */
};

/** Serve it from here on. */
void server_serve(struct server *s, struct cardea_loop *loop);
void server_close(struct server *s); /**< After its clients. Not open: fine. */
/** Something could not be sent by SOCK_DGRAM: client_retry() is called in a while. */
void server_retry(struct server *s);
/** Bytes that peers have not read yet, as the system counts them. */
int server_unread(const struct server *s);
