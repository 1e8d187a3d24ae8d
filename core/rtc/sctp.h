/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/err.h"
#include "sctp_limits.h"

/** @file
 * SCTP associations over DTLS (RFC 8261) by usrsctp, without sockets or threads of their own:
 * packets go in, packets come out. usrsctp's state is the process's, so all of this belongs to one
 * thread, and associations are known to it by number, never by pointer. */
struct sctp;
struct loop;

/** A user message. */
struct sctp_msg {
	uint16_t stream;
	uint32_t ppid;
	bool unordered;
	enum { SCTP_RELIABLE, SCTP_RETRANSMITS, SCTP_LIFETIME } partial; /**< RFC 3758; when sent */
	uint32_t limit; /**< retransmissions, or milliseconds */
	const uint8_t *data;
	size_t len;
};
struct sctp_ops {
	/** A packet for the peer, to be protected by DTLS. */
	void (*send)(void *arg, const uint8_t *packet, size_t len);
	void (*up)(void *arg);
	void (*message)(void *arg, const struct sctp_msg *m); /**< borrowed */
	/** The peer has reset its outgoing streams; @p n 0: all. */
	void (*reset)(void *arg, const uint16_t *streams, unsigned n);
	void (*reset_done)(void *arg); /**< one of ours, or it was refused: another may begin */
	void (*drained)(void *arg);    /**< after ERR_FULL or ERR_AGAIN: try again */
	/** The association is over: nothing more will come; sctp_end() is for the owner to call.
	 */
	void (*down)(void *arg);
};

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
/** ERR_FULL: not now, drained() says when; ERR_INVALID: too large, or a stream that the peer does
 * not have; ERR_STATE: over. */
enum err sctp_send(struct sctp *s, const struct sctp_msg *m);
/** @return stream ids below this may be sent on, once the association is up */
unsigned sctp_limit(const struct sctp *s);
#define SCTP_RESETS 128 /**< streams in one request of ours */
/** Reset up to that many of our outgoing streams, which are less than SCTP_STREAMS; the peer does
 * not hear of those that it does not have. ERR_AGAIN: not now, and none was; drained() or
 * reset_done() says when. */
enum err sctp_reset(struct sctp *s, const uint16_t *streams, unsigned n);
/** So many bytes of what it has delivered are still held above: behind SCTP_BUFFER the peer's
 * window becomes smaller, and behind twice that it is closed. */
void sctp_unread(struct sctp *s, size_t bytes);
/** Show the counters at /metrics. Once. */
void sctp_metrics(void);
