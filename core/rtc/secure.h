/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/queue.h"
#include "data.h"
#include "secure_msg.h"

/** @file
 * The secure thread: DTLS handshakes, half a millisecond of arithmetic each, away from the media;
 * and data channels, which come by DTLS. Workers hand it datagrams by peer id and get back
 * datagrams to send, SRTP keys, and failures. */
struct secure;

struct secure_conf {
	const char *cert_pem, *cert_key, *cert_pwd; /**< see dtls_ctx_create() */
	bool rsa;
	int mtu;
	unsigned max_peers, workers;
	struct queue *data;      /**< gets struct data_event; borrowed */
	int64_t dtls_timeout_us; /**< from secure_begin() to the end of the handshake */
};
/** Make everything and start the thread. @param why 256 bytes */
enum err secure_start(struct secure **out, const struct secure_conf *conf, char *why);
void secure_stop(
	struct secure *s); /**< Join the thread and free all. Workers must be gone. NULL is fine. */
const char *secure_fingerprint(const struct secure *s); /**< Any thread. */

/* ---- what a worker asks for; ERR_FULL: the queue is full ---- */

/** A peer, or a change of what is known of it. @p peer is an id: its slot is below max_peers. New
 * fingerprints that are not of the certificate in use bring a new association (RFC 8842), in the
 * role that is given; SECURE_KEYS comes once more, and until then the old one is good. ERR_FULL
 * also when too many changes of the peer wait. */
enum err secure_open(
	struct secure *s, unsigned worker, uint64_t peer, const struct secure_peer *what);
/** There is a path to the peer: a client may speak, and time runs. */
enum err secure_begin(struct secure *s, unsigned worker, uint64_t peer);
/** That path has been proven: what is sent there needs no measure any more. */
enum err secure_proven(struct secure *s, unsigned worker, uint64_t peer);
/** A DTLS datagram. ERR_FULL also when the peer has too many waiting: drop it, DTLS repeats. */
enum err secure_input(
	struct secure *s, unsigned worker, uint64_t peer, const uint8_t *data, size_t len);
/** Forget the peer; SECURE_CLOSED is the last reply. @param silent do not send close_notify */
enum err secure_close(struct secure *s, unsigned worker, uint64_t peer, bool silent);

/* ---- data channels; control thread ---- */

/** Send a message, whose reference is taken unless it fails (ERR_FULL). One for a peer without an
 * association is dropped. */
enum err secure_data_send(struct secure *s, uint64_t peer, struct data_msg *m);
/** Messages of so much, as data_msg_cost() counts, have been dealt with. */
enum err secure_data_consumed(struct secure *s, uint64_t peer, size_t cost);

/* ---- what it answers ---- */

/** The replies of a worker: struct secure_reply, cut off behind what they hold. Attach it to the
 * worker's loop. */
struct queue *secure_replies(struct secure *s, unsigned worker);
/** Show the counters at /metrics. Once. */
void secure_metrics(void);
