/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sctp_limits.h"
#include "sctp_ops.h"
#include "sctp_out.h"

/** @file
 * SCTP associations over DTLS (RFC 8261) by usrsctp, without sockets or threads of their own:
 * packets go in, packets come out. usrsctp's state is the process's and stays until that ends, so
 * all of this belongs to one thread, and associations are known to it by number, never by
 * pointer. */
struct loop;

/** Begin. @param find the association of a number, NULL: gone. Asked often. */
enum err sctp_start(struct loop *loop, struct sctp *(*find)(void *arg, uint64_t id), void *arg);
void sctp_stop(void); /**< Behind the last sctp_end(). */

/** @param id what find() knows it by, from now on; @param port the peer's; @param mtu bytes of a
 * packet */
enum err sctp_open(struct sctp **out, uint64_t id, uint16_t port, unsigned mtu,
	const struct sctp_ops *ops, void *arg);
/** Begin the handshake. find() must know it now. */
enum err sctp_begin(struct sctp *s);
void sctp_end(struct sctp *s); /**< Abort it and free all; find() still knows it. NULL is fine. */
/** Does the peer ask for an association in the place of this one, which is up or over (RFC 9260,
 * 5.2.2)? Such packets are for the one that sctp_open() makes then; this one passes them over. */
bool sctp_restarts(const struct sctp *s, const uint8_t *packet, size_t len);
void sctp_input(struct sctp *s, const uint8_t *packet, size_t len);
/** So many bytes of what it has delivered are still held above: behind SCTP_BUFFER the peer's
 * window becomes smaller, and behind twice that it is closed. */
void sctp_unread(struct sctp *s, size_t bytes);
/** Show the counters at /metrics. Once. */
void sctp_metrics(void);
