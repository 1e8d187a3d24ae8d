/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include <cardea/transport.h>
#include "server.h"

/** @file
 * The clients: a connection (SOCK_SEQPACKET), or whoever has sent from a path of its own
 * (SOCK_DGRAM). What they send goes to the core; what they get waits here while they do not read,
 * up to 8 MiB. The loop's thread, but for the first two and clients_count(). */

/** @param t whose clients they are
 *  @param max_message bytes that one may send at a time */
bool clients_start(const struct cardea_transport *t, size_t max_message);
void clients_stop(void);      /**< After the loop's end. */
unsigned clients_count(void); /**< Any thread. */

/** Somebody has connected. @return whether @p fd is taken */
bool client_accepted(struct server *s, int fd);
/** Take the next datagram. @return whether there may be another */
bool client_datagram(struct server *s);
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
