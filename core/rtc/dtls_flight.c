/* SPDX-License-Identifier: Apache-2.0 */
/* What a handshake has said so far, and whether a client's signature is of it; dtls_sieve.c asks.
 */
#include "ossl.h"
#include "dtls_flight.h"
#include <stdlib.h>
#include <string.h>
#include "../rtp/rtp.h"

#define HEADER       12
#define HELLO_VERIFY 3
#define LOG_MAX      (48u << 10) /* bytes: two messages as long as they come, and our own */
#define TRIES_MAX    64          /* a tenth of a millisecond each */

struct dtls_flight {
	OSSL_LIB_CTX *lib;
	uint8_t *log;
	size_t len;
	bool is_full, has_said;
	uint16_t next; /* of ours … */
	uint32_t have; /* … so much of which is in the log */
	unsigned tries;
};

struct dtls_flight *dtls_flight_create(struct ossl_lib_ctx_st *lib)
{
	struct dtls_flight *f = calloc(1, sizeof(*f));
	if (f)
		f->lib = lib;
	return f;
}

void dtls_flight_destroy(struct dtls_flight *f)
{
	if (!f)
		return;
	free(f->log);
	free(f);
}

static void append(struct dtls_flight *f, const uint8_t *data, size_t len)
{
	uint8_t *log = f->len + len <= LOG_MAX ? realloc(f->log, f->len + len + 1) : NULL;
	if (!log) {
		f->is_full = true;
		return;
	}
	f->log = log;
	memcpy(log + f->len, data, len);
	f->len += len;
}

void dtls_flight_heard(struct dtls_flight *f, const uint8_t *message, size_t len)
{
	append(f, message, len);
}

static uint32_t rd24(const uint8_t *at)
{
	return (uint32_t)at[0] << 16 | rd16(at + 1);
}

static void said_one(struct dtls_flight *f, const uint8_t *at, uint32_t n)
{
	uint8_t header[HEADER] = { 0 };
	uint32_t len = rd24(at + 1), from = rd24(at + 6);
	if (!f->has_said)
		f->next = rd16(at + 4);
	f->has_said = true;
	if (rd16(at + 4) != f->next || from != f->have)
		return;
	if (!from) { /* RFC 6347, 4.2.6: as if it had been sent in one piece */
		memcpy(header, at, 6);
		memcpy(header + 9, at + 1, 3);
		append(f, header, HEADER);
	}
	append(f, at + HEADER, n);
	f->have += n;
	if (f->have < len)
		return;
	f->next++;
	f->have = 0;
}

void dtls_flight_said(struct dtls_flight *f, const uint8_t *at, size_t len)
{
	while (len >= HEADER && rd24(at + 9) <= len - HEADER) {
		size_t n = HEADER + rd24(at + 9);
		if (at[0] != HELLO_VERIFY)
			said_one(f, at, (uint32_t)(n - HEADER));
		at += n;
		len -= n;
	}
}

/* ---- signatures ---- */

/* RFC 8446, 4.2.3; all that OpenSSL lets a client choose. */
static const struct scheme {
	uint16_t id;
	const char *digest; /* NULL: the signature's own */
	bool is_pss;
} schemes[] = {
	{ 0x0403, "SHA256", false },
	{ 0x0503, "SHA384", false },
	{ 0x0603, "SHA512", false },
	{ 0x0807, NULL, false },
	{ 0x0804, "SHA256", true },
	{ 0x0805, "SHA384", true },
	{ 0x0806, "SHA512", true },
	{ 0x0809, "SHA256", true },
	{ 0x080a, "SHA384", true },
	{ 0x080b, "SHA512", true },
	{ 0x0401, "SHA256", false },
	{ 0x0501, "SHA384", false },
	{ 0x0601, "SHA512", false },
	{ 0x0303, "SHA224", false },
	{ 0x0301, "SHA224", false },
	{ 0x0203, "SHA1", false },
	{ 0x0201, "SHA1", false },
};

static const struct scheme *scheme_of(uint16_t id)
{
	for (unsigned i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (schemes[i].id == id)
			return &schemes[i];
	return NULL;
}

/* The first certificate of the message, NULL: none that can be read. */
static X509 *read_certificate(const struct dtls_flight *f, const struct dtls_message *m)
{
	X509 *x;
	const uint8_t *at = m->data + HEADER + 6;
	if (m->len < HEADER + 6 || rd24(at - 3) > m->len - HEADER - 6 ||
		!(x = X509_new_ex(f->lib, NULL)))
		return NULL;
	if (!d2i_X509(&x, &at, (long)rd24(at - 3))) /* which has freed it */
		return NULL;
	return x;
}

static bool is_signature(const struct dtls_flight *f, EVP_PKEY *key, const struct scheme *s,
	const uint8_t *sig, size_t sig_len)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	EVP_PKEY_CTX *k = NULL;
	bool ok = c && EVP_DigestVerifyInit_ex(c, &k, s->digest, f->lib, NULL, key, NULL) == 1 &&
		  (!s->is_pss || (EVP_PKEY_CTX_set_rsa_padding(k, RSA_PKCS1_PSS_PADDING) == 1 &&
					 EVP_PKEY_CTX_set_rsa_pss_saltlen(
						 k, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
		  EVP_DigestVerify(c, sig, sig_len, f->log, f->len) == 1;
	EVP_MD_CTX_free(c);
	return ok;
}

static bool signs(const struct dtls_flight *f, X509 *x, const struct dtls_message *verify)
{
	const uint8_t *at = verify->data + HEADER;
	const struct scheme *s = verify->len >= HEADER + 4 ? scheme_of(rd16(at)) : NULL;
	EVP_PKEY *key = x ? X509_get0_pubkey(x) : NULL;
	return s && key && rd16(at + 2) == verify->len - HEADER - 4 &&
	       is_signature(f, key, s, at + 4, rd16(at + 2));
}

bool dtls_flight_proves(struct dtls_flight *f, const struct dtls_message *certificate,
	const struct dtls_message *key, const struct dtls_message *verify)
{
	size_t before = f->len;
	append(f, certificate->data, certificate->len);
	append(f, key->data, key->len);
	if (f->is_full || f->tries == TRIES_MAX)
		return true;
	f->tries++;
	X509 *x = read_certificate(f, certificate);
	bool ok = signs(f, x, verify);
	X509_free(x);
	ERR_clear_error();
	f->len = before;
	return ok;
}
