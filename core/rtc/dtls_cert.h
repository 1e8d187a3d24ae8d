/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * Our certificate and its key: read from files or made at the start (dtls_ctx.c), shown by every
 * DTLS association, and announced by its fingerprint in each SDP. */
struct ssl_ctx_st;
/** Give a context its certificate and key: those of the files, or (@p pem NULL) made now.
 *  @param key,pwd,rsa,why as for dtls_ctx_create() */
bool dtls_cert_set(struct ssl_ctx_st *ssl, const char *pem, const char *key, const char *pwd,
	bool rsa, char *why);
