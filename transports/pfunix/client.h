/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include <cardea/loop.h>
#include <cardea/transport.h>
#include "address.h"

/** @file
 * The clients: a connection (SOCK_SEQPACKET), or whoever has sent from a path of its own
 * (SOCK_DGRAM). What they send goes to the core; what they get waits here while they do not read,
 * up to 8 MiB. The loop's thread, but for the first two and clients_count(). */

/** Where they come in: one of the two sockets that are served. */
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

/** @param t whose clients they are
 *  @param max_message bytes that one may send at a time */
bool clients_start(const struct cardea_transport *t, size_t max_message);
void clients_stop(void);      /**< After the loop's end. */
unsigned clients_count(void); /**< Any thread. */

/** Somebody has connected. @return whether @p fd is taken */
bool client_accepted(struct server *s, int fd);
/** Take the next datagram. @return whether there may be another */
bool client_datagram(struct server *s);
/** Bytes that the peers of a SOCK_DGRAM server have not read yet, as the system counts them. */
int clients_unread(const struct server *s);
/** Try to send what waits for the clients of a SOCK_DGRAM server. */
void client_retry(struct server *s);
/** Drop the peer of a SOCK_DGRAM server that has got the most since all had read all. */
void client_drop_greediest(struct server *s);
/** Send a text; takes one reference. Unknown: nothing. */
void client_send(uint64_t id, struct cardea_text *text);
/** Read on. Unknown: nothing. */
void client_resume(uint64_t id);
/** It has one session more or less. Unknown: nothing. */
void client_owns(uint64_t id, bool owner);
/** All of them, without a word to the core. */
void clients_close(void);
