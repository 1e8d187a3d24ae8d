/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * Is a client's second flight its own? CertificateVerify signs all that was said, our random among
 * it (RFC 5246, 7.4.8), so nobody can write it who has not seen our flight: asked, where there is
 * doubt, before OpenSSL reads any of it, whose handshake a forged message would end. One thread. */
struct dtls_flight;
struct ossl_lib_ctx_st;

/** @param lib where keys are read; NULL: the common one */
struct dtls_flight *dtls_flight_create(struct ossl_lib_ctx_st *lib);
void dtls_flight_destroy(struct dtls_flight *f); /**< NULL is fine. */
/** A whole handshake message of the peer's, with its header. */
void dtls_flight_heard(struct dtls_flight *f, const uint8_t *message, size_t len);
/** Handshake fragments of ours: the body of a record. What is said again is passed over. */
void dtls_flight_said(struct dtls_flight *f, const uint8_t *fragments, size_t len);

/** A whole message with its header. */
struct dtls_message {
	const uint8_t *data;
	size_t len;
};
/** Do these go together, behind all that was heard and said? After sixty-four times no all do. */
bool dtls_flight_proves(struct dtls_flight *f, const struct dtls_message *certificate,
	const struct dtls_message *key, const struct dtls_message *verify);
