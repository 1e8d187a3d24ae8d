/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/err.h"
#include "dtls_lib.h"

/** @file
 * What the associations of a thread share of OpenSSL: certificate, ciphers, settings. */
struct dtls_ctx;

#define DTLS_FINGERPRINT 96 /**< "AA:BB:…" of sha-256 and a NUL */
#define DTLS_SHA256      32

/** @param cert_pem,cert_key,cert_pwd file names and pass phrase; NULL: a self-signed certificate is
 * made, ECDSA P-256 or
 *         (@p rsa) RSA 2048
 *  @param mtu bytes of a datagram at most
 *  @param why 256 bytes: what was wrong with the files */
enum err dtls_ctx_create(struct dtls_ctx **out, const char *cert_pem, const char *cert_key,
	const char *cert_pwd, bool rsa, int mtu, char *why);
void dtls_ctx_destroy(struct dtls_ctx *c);
const char *dtls_fingerprint(const struct dtls_ctx *c); /**< sha-256; borrowed */

/** What dtls.c uses. */
struct dtls_ctx {
	struct dtls_lib lib;
	struct ssl_ctx_st *ssl;
	struct bio_method_st *bio;
	int mtu;
	size_t flight; /**< bytes of a server's first */
	char fingerprint[DTLS_FINGERPRINT];
};
/** One end of an association, to OpenSSL. */
struct dtls_end {
	void *of;
	void (*say)(void *of, const uint8_t *datagram, size_t len);
	size_t (*hear)(void *of, uint8_t *out, size_t size); /**< @return 0: nothing has come */
	void (*alert)(void *of); /**< the peer has closed, or sent a fatal alert */
};
/** @param end borrowed as long as what it makes. @return NULL: out of memory */
struct ssl_st *dtls_ctx_ssl(const struct dtls_ctx *c, bool is_server, struct dtls_end *end);
