/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "dtls_ctx.h"
#include "fingerprint.h"
#include "srtp.h"

/** @file
 * DTLS 1.2 with use_srtp (RFC 6347, 5764) by OpenSSL, one association at a time, no sockets:
 * datagrams go in, datagrams come out. One thread per context. */
struct dtls;

enum dtls_state {
	DTLS_SHAKING, /**< the handshake goes on */
	DTLS_UP,      /**< keys are agreed, with one of whom dtls_expect() was told, if it was */
	DTLS_ALERT, /**< the peer has closed, or sent a fatal alert: authentic, as all that is heard
		     */
	DTLS_BROKEN, /**< the handshake cannot go on; before DTLS_UP anybody may have brought that
			about */
};
/** What comes of the calls below, while they run. */
struct dtls_ops {
	void (*send)(void *arg, const uint8_t *datagram, size_t len);
	void (*data)(void *arg, const uint8_t *data, size_t len); /**< application data, a record */
};

/** @param is_server wait for a ClientHello, else send one with dtls_start()
 *  @param ops borrowed */
enum err dtls_create(struct dtls **out, struct dtls_ctx *c, bool is_server,
	const struct dtls_ops *ops, void *arg);
void dtls_destroy(struct dtls *d); /**< NULL is fine. Says nothing to the peer. */
enum dtls_state dtls_start(struct dtls *d);
/** What cannot be authentic is dropped in silence. Until a server is DTLS_UP, was shown a cookie or
 * told by dtls_prove(), it sends at most three times what came; a ClientHello for which that is too
 * little gets a cookie to return (RFC 6347, 4.2.1). */
enum dtls_state dtls_input(struct dtls *d, const uint8_t *data, size_t len);
/** Whose certificates count, before or during the handshake; none: that is not known yet, and the
 * peer's waits. Those of others are passed over as if they had not come. Without it anybody's will
 * do, and who it was is for the caller to check. */
enum dtls_state dtls_expect(struct dtls *d, const struct fingerprints *who);
/** Is there a certificate that waits for dtls_expect()? */
bool dtls_waits(const struct dtls *d);
/** Was there one of somebody else? Anybody may have sent it: a reason for a time-out at most. */
bool dtls_saw_other(const struct dtls *d);
/** Has anything authentic come, and for the first time, since this was last asked? */
bool dtls_heard(struct dtls *d);
/** How often a flight of ours was sent again since this was last asked. */
unsigned dtls_repeated(struct dtls *d);
/** Who gets our datagrams wants them: the path was proven elsewhere. */
void dtls_prove(struct dtls *d);
/** Did a fatal alert come in the clear during the handshake? It may be forged: a reason for a
 * time-out at most. */
bool dtls_heard_alert(const struct dtls *d);
/** Retransmit if it is time. */
enum dtls_state dtls_tick(struct dtls *d);
/** @return microseconds until dtls_tick() is due, -1: not */
int64_t dtls_due_us(struct dtls *d);
/** Send application data as one record: DTLS_RECORD_OVERHEAD and more comes on top. ERR_STATE: not
 * up, or closed. */
enum err dtls_send(struct dtls *d, const uint8_t *data, size_t len);
void dtls_close(struct dtls *d); /**< Send close_notify, once. */
/** All is known that was wanted: let go of the TLS object, some fifty thousand bytes, and go on
 * with the record layer and the bytes of our last flight, should the peer ask for it again.
 * dtls_keys() and dtls_identify() must not be asked afterwards. ERR_UNSUPPORTED: not with this
 * cipher, or not yet; nothing has changed. */
enum err dtls_settle(struct dtls *d);

/** Of an association that is DTLS_UP. @return false: no profile that we know was agreed. */
bool dtls_keys(struct dtls *d, struct srtp_keys *out);
/** The peer's certificate. @return false: there is none */
bool dtls_identify(struct dtls *d, struct identity *out);
