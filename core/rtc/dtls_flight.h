/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "fingerprint.h"

/** @file
 * Is a peer's flight its own? A client's CertificateVerify signs all messages so far, our random
 * among it (RFC 5246, 7.4.8), a server's ServerKeyExchange both randoms (RFC 8422, 5.4), and the
 * certificate is one that the SDP has announced: so nobody can write either who has not the key,
 * and it is asked before OpenSSL reads any of it, whose handshake a forged message would end. One
 * thread. */
struct dtls_flight;
struct ossl_lib_ctx_st;

/** @param lib where keys are read; NULL: the common one
 *  @param is_server we are the server: the flight is a client's */
struct dtls_flight *dtls_flight_create(struct ossl_lib_ctx_st *lib, bool is_server);
void dtls_flight_destroy(struct dtls_flight *f); /**< NULL is fine. */
/** Whose certificates count. None: that is not known yet. Without it anybody's do. */
void dtls_flight_expect(struct dtls_flight *f, const struct fingerprints *who);
/** Another handshake begins, with the same peer. */
void dtls_flight_restart(struct dtls_flight *f);
/** A whole handshake message of the peer's, with its header. */
void dtls_flight_heard(struct dtls_flight *f, const uint8_t *message, size_t len);
/** Handshake fragments of ours: the body of a record. What is sent again is passed over. */
void dtls_flight_sent(struct dtls_flight *f, const uint8_t *fragments, size_t len);

/** A whole message with its header. */
struct dtls_message {
	const uint8_t *data;
	size_t len;
};
#define DTLS_FLIGHT 3 /**< messages that a signature holds together */
/** Is there somebody to compare certificates with? */
bool dtls_flight_is_expecting(const struct dtls_flight *f);
/** Is that Certificate of whom we expect? */
bool dtls_flight_knows(const struct dtls_flight *f, const struct dtls_message *certificate);
/** Is its key one for P-256, as browsers have? Read without OpenSSL, which takes as long for that
 * as for a signature. */
bool dtls_flight_is_usual(const struct dtls_message *certificate);
/** May a signature be verified now? Some at once, then so many a second: they cost up to a
 * millisecond each, and anybody may send them. */
bool dtls_flight_may_try(struct dtls_flight *f);
/** Do these go together, behind all messages so far? Of a client Certificate,
 * ClientKeyExchange and CertificateVerify, of a server ServerHello, Certificate and
 * ServerKeyExchange. Keys that take long to verify with prove nothing. */
bool dtls_flight_proves(struct dtls_flight *f, const struct dtls_message parts[DTLS_FLIGHT]);
