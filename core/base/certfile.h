/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * A certificate with its chain and key, in files as PEM. Pure but for the files; any thread; blocks
 * on them. */
struct ssl_ctx_st;

#define CERTFILE_WHY 256

/** What was wrong, and with which of the options that name the files. */
struct certfile_fault {
	const char *option; /**< "cert_pem", "cert_key" or "cert_pwd" */
	char why[CERTFILE_WHY];
};

/** Read and compare the two.
 *  @param key NULL or "": in @p pem, too  @param pwd NULL: none
 *  @return an OpenSSL context that has both and nothing else, for certfile_free(); NULL with @p
 *  fault filled */
struct ssl_ctx_st *certfile_read(
	const char *pem, const char *key, const char *pwd, struct certfile_fault *fault);
void certfile_free(struct ssl_ctx_st *c); /**< NULL is fine. */
/** Give the certificate, chain and key of one context to another, whose connections to come show
 *  them. */
bool certfile_give(struct ssl_ctx_st *to, const struct ssl_ctx_st *from);
/** Have the connections of @p on that are to come show what @p *now has then, in place of its own;
 *  *now is NULL: its own. An EC key may take the place of an RSA one.
 *  @param now belongs to the thread of these connections, as long as they begin */
void certfile_show(struct ssl_ctx_st *on, struct ssl_ctx_st **now);
/** Is it past its end, or before its begin? @p why (CERTFILE_WHY bytes) is then filled. */
bool certfile_is_stale(const struct ssl_ctx_st *of, char *why);
/** Does OpenSSL know any cipher of this list of its own form, for TLS 1.2? */
bool certfile_has_ciphers(const char *list);
/** Do the two have the same certificate? */
bool certfile_same(const struct ssl_ctx_st *a, const struct ssl_ctx_st *b);
