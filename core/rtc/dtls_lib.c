/* SPDX-License-Identifier: Apache-2.0 */
#include "ossl.h"
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/provider.h>
#include <stdbool.h>
#include <string.h>
#include "dtls_lib.h"

#define NAME "cardea-dtls"
#define MOST 8 /* algorithms of one kind */

/* OpenSSL's own provider, whose algorithms we pass on. Contexts are made one at a time. */
static OSSL_PROVIDER *whole;

/* By the first of the names that OpenSSL has for them. */
static struct kind {
	int operation;
	const char *names[MOST + 1];
	OSSL_ALGORITHM chosen[MOST + 1]; /* an empty one ends them */
} kinds[] = {
	{ OSSL_OP_DIGEST, { "MD5", "SHA1", "SHA2-224", "SHA2-256", "SHA2-384", "SHA2-512" } },
	{ OSSL_OP_CIPHER, { "AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305" } },
	{ OSSL_OP_MAC, { "HMAC" } },
	{ OSSL_OP_KDF, { "TLS1-PRF" } },
	{ OSSL_OP_RAND, { "CTR-DRBG", "SEED-SRC" } },
	{ OSSL_OP_KEYMGMT, { "EC", "RSA", "RSA-PSS", "ED25519", "X25519" } },
	{ OSSL_OP_KEYEXCH, { "ECDH", "X25519" } },
	{ OSSL_OP_SIGNATURE, { "ECDSA", "RSA", "ED25519" } },
	{ OSSL_OP_DECODER, { "EC", "RSA", "RSA-PSS", "ED25519" } },
};
#define N_KINDS (sizeof(kinds) / sizeof(*kinds))

static bool is_kept(const struct kind *k, const OSSL_ALGORITHM *a)
{
	size_t len = strcspn(a->algorithm_names, ":");
	for (const char *const *name = k->names; *name; name++)
		if (strlen(*name) == len && !strncmp(a->algorithm_names, *name, len))
			return true;
	return false;
}

/* Decoders there are for many formats; that of a certificate's key is this one. */
static bool reads_certificates(const OSSL_ALGORITHM *a)
{
	return strstr(a->property_definition, "input=der") &&
	       strstr(a->property_definition, "structure=SubjectPublicKeyInfo");
}

static void choose(struct kind *k)
{
	unsigned n = 0;
	int no_store;
	const OSSL_ALGORITHM *a = OSSL_PROVIDER_query_operation(whole, k->operation, &no_store);
	for (; a && a->algorithm_names && n < MOST; a++)
		if (is_kept(k, a) && (k->operation != OSSL_OP_DECODER || reads_certificates(a)))
			k->chosen[n++] = *a;
}

static const OSSL_ALGORITHM *query(void *ctx, int operation, int *no_store)
{
	(void)ctx;
	*no_store = 0;
	for (unsigned i = 0; i < N_KINDS; i++)
		if (kinds[i].operation == operation)
			return kinds[i].chosen;
	return NULL;
}

/* The groups of key exchange. */
static int capabilities(void *ctx, const char *what, OSSL_CALLBACK *cb, void *arg)
{
	(void)ctx;
	return OSSL_PROVIDER_get_capabilities(whole, what, cb, arg);
}

static void teardown(void *ctx)
{
	(void)ctx;
	OSSL_PROVIDER_unload(whole); /* counted: once for each init() */
}

static int init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out,
	void **ctx)
{
	static const OSSL_DISPATCH table[] = {
		{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query },
		{ OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))capabilities },
		{ OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))teardown },
		{ 0, NULL },
	};
	(void)core;
	(void)in;
	whole = OSSL_PROVIDER_try_load(NULL, "default", 1);
	if (!whole)
		return 0;
	for (unsigned i = 0; i < N_KINDS; i++)
		if (!kinds[i].chosen[0].algorithm_names) /* the same each time */
			choose(&kinds[i]);
	*ctx = OSSL_PROVIDER_get0_provider_ctx(whole); /* what its algorithms expect */
	*out = table;
	return 1;
}

void dtls_lib_open(struct dtls_lib *l)
{
	*l = (struct dtls_lib){ 0 };
	if (EVP_default_properties_is_fips_enabled(NULL) || !(l->ctx = OSSL_LIB_CTX_new()))
		return;
	if (OSSL_PROVIDER_add_builtin(l->ctx, NAME, init))
		l->part = OSSL_PROVIDER_load(l->ctx, NAME);
	if (!l->part)
		dtls_lib_close(l);
}

void dtls_lib_close(struct dtls_lib *l)
{
	if (l->part)
		OSSL_PROVIDER_unload(l->part);
	OSSL_LIB_CTX_free(l->ctx);
	*l = (struct dtls_lib){ 0 };
}
