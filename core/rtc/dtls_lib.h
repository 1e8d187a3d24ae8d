/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * The part of OpenSSL that a DTLS handshake needs, as a library context of its own. To read the key
 * of a certificate OpenSSL 3 walks through all key types and decoders of its context, a quarter of
 * a handshake's time; here there are only those of certificates that peers have: ECDSA, RSA and
 * Ed25519. */
struct dtls_lib {
	struct ossl_lib_ctx_st *ctx; /**< NULL: the common one, see below */
	struct ossl_provider_st *part;
};
/** Before threads that use it start. The common context is left in place where only approved (FIPS)
 * algorithms are allowed, and where a new one cannot be made. */
void dtls_lib_open(struct dtls_lib *l);
/** After all that was made in it is gone. One that was never opened, but zero, is fine. */
void dtls_lib_close(struct dtls_lib *l);
