/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of a handshake so far, and whether a peer signs just these; dtls_sieve.c asks. */
#include "ossl.h"
#include "dtls_flight.h"
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../rtp/rtp.h"

#define HEADER       12
#define CLIENT_HELLO 1
#define HELLO_VERIFY 3
#define RANDOM       32
#define LOG_MAX      (64u << 10)    /* bytes: three messages as long as they come, and our own */
#define TRIES        8              /* signatures at once … */
#define TRY_US       (US_PER_S / 8) /* … and one more each such time */
#define RSA_BITS     4096
#define RSA_EXPONENT 33 /* bits: those in use have 17 */
#define NAMED_CURVE  3
#define PARAMS       4 /* bytes before a server's public key: the curve, and its length */

struct dtls_flight {
	OSSL_LIB_CTX *lib;
	bool is_server, has_sent, is_expecting;
	struct fingerprints who; /* is_expecting */
	uint8_t *log;
	size_t len;
	bool is_full;
	uint16_t next;          /* of ours … */
	uint32_t have;          /* … so much of which is in the log */
	uint8_t random[RANDOM]; /* a client's: ours */
	int64_t tried_us; /* the bucket of tries, as the time at which it was full at the latest */
};

struct dtls_flight *dtls_flight_create(struct ossl_lib_ctx_st *lib, bool is_server)
{
	struct dtls_flight *f = calloc(1, sizeof(*f));
	if (f) {
		f->lib = lib;
		f->is_server = is_server;
	}
	return f;
}

void dtls_flight_expect(struct dtls_flight *f, const struct fingerprints *who)
{
	f->is_expecting = true;
	f->who = *who;
}

void dtls_flight_restart(struct dtls_flight *f)
{
	f->len = 0;
	f->is_full = f->has_sent = false;
	f->have = 0;
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

static void sent_one(struct dtls_flight *f, const uint8_t *at, uint32_t n)
{
	uint8_t header[HEADER] = { 0 };
	uint32_t len = rd24(at + 1), from = rd24(at + 6);
	if (!f->is_server) {
		if (at[0] == CLIENT_HELLO && !from && n >= 2 + RANDOM)
			memcpy(f->random, at + HEADER + 2, RANDOM);
		return;
	}
	if (!f->has_sent)
		f->next = rd16(at + 4);
	f->has_sent = true;
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

void dtls_flight_sent(struct dtls_flight *f, const uint8_t *at, size_t len)
{
	while (len >= HEADER && rd24(at + 9) <= len - HEADER) {
		size_t n = HEADER + rd24(at + 9);
		if (at[0] != HELLO_VERIFY)
			sent_one(f, at, (uint32_t)(n - HEADER));
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

/* The first certificate of the message. @return bytes, 0: none */
static size_t find_certificate(const struct dtls_message *m, const uint8_t **out)
{
	*out = m->data + HEADER + 6;
	return m->len < HEADER + 6 || rd24(*out - 3) > m->len - HEADER - 6 ? 0 : rd24(*out - 3);
}

bool dtls_flight_is_expecting(const struct dtls_flight *f)
{
	return !f->is_expecting || f->who.n;
}

bool dtls_flight_knows(const struct dtls_flight *f, const struct dtls_message *certificate)
{
	uint8_t md[EVP_MAX_MD_SIZE];
	const uint8_t *der;
	size_t len = find_certificate(certificate, &der);
	const EVP_MD *hash = EVP_get_digestbyname(fingerprint_name(f->who.len));
	if (!f->is_expecting)
		return true;
	return len && hash && EVP_Digest(der, len, md, NULL, hash, NULL) == 1 &&
	       fingerprints_have(&f->who, md, f->who.len);
}

/* Step over the header of a DER element, or (not @p into) over all of it. Lengths of other
 * forms are not for us to read. @return false: that, or it is not all there */
static bool step(const uint8_t **at, const uint8_t *end, bool into)
{
	size_t n = end - *at < 2 ? 0 : 2, len = n ? (*at)[1] : 0;
	if (len > 128 && len < 131 && end - *at >= 4) {
		n += len - 128;
		len = len == 129 ? (*at)[2] : rd16(*at + 2);
	} else if (!n || len >= 128) {
		return false;
	}
	if ((size_t)(end - *at) - n < len)
		return false;
	*at += into ? n : n + len;
	return true;
}

/* RFC 5280, 4.1: in a certificate a body, and in that behind six others the key. */
bool dtls_flight_is_usual(const struct dtls_message *certificate)
{
	static const uint8_t p256[] = { 0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d,
		2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7, 3, 0x42, 0, 4 };
	const uint8_t *at;
	const size_t len = find_certificate(certificate, &at);
	const uint8_t *end = at + len;
	if (!step(&at, end, true) || !step(&at, end, true) || at == end)
		return false;
	unsigned fields = *at == 0xa0 ? 6 : 5; /* the version may be left out */
	while (fields--)
		if (!step(&at, end, false))
			return false;
	return (size_t)(end - at) >= sizeof(p256) && !memcmp(at, p256, sizeof(p256));
}

bool dtls_flight_may_try(struct dtls_flight *f)
{
	int64_t now = clock_now_us(), full = now - TRIES * TRY_US;
	if (f->tried_us < full)
		f->tried_us = full;
	if (f->tried_us + TRY_US > now)
		return false;
	f->tried_us += TRY_US;
	return true;
}

static X509 *read_certificate(const struct dtls_flight *f, const struct dtls_message *m)
{
	const uint8_t *at;
	size_t len = find_certificate(m, &at);
	X509 *x = len ? X509_new_ex(f->lib, NULL) : NULL;
	if (x && !d2i_X509(&x, &at, (long)len)) /* which has freed it */
		return NULL;
	return x;
}

static bool is_short_exponent(const EVP_PKEY *key)
{
	BIGNUM *e = NULL;
	bool ok = EVP_PKEY_get_bn_param(key, "e", &e) == 1 && BN_num_bits(e) <= RSA_EXPONENT;
	BN_free(e);
	return ok;
}

/* What takes no more than a millisecond, which is all that anybody has (RFC 8827, 6.5). */
static bool is_fair(const EVP_PKEY *key)
{
	static const char *const curves[] = { "prime256v1", "secp384r1", "secp521r1" };
	char name[32] = "";
	if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
		return EVP_PKEY_get_bits(key) <= RSA_BITS && is_short_exponent(key);
	if (EVP_PKEY_is_a(key, "ED25519"))
		return true;
	if (!EVP_PKEY_is_a(key, "EC") || !EVP_PKEY_get_group_name(key, name, sizeof(name), NULL))
		return false;
	for (unsigned i = 0; i < sizeof(curves) / sizeof(*curves); i++)
		if (!strcmp(name, curves[i]))
			return true;
	return false;
}

static bool is_signature(const struct dtls_flight *f, EVP_PKEY *key, const struct scheme *s,
	const struct dtls_message *sig, const struct dtls_message *of)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	EVP_PKEY_CTX *k = NULL;
	bool ok = c && EVP_DigestVerifyInit_ex(c, &k, s->digest, f->lib, NULL, key, NULL) == 1 &&
		  (!s->is_pss || (EVP_PKEY_CTX_set_rsa_padding(k, RSA_PKCS1_PSS_PADDING) == 1 &&
					 EVP_PKEY_CTX_set_rsa_pss_saltlen(
						 k, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
		  EVP_DigestVerify(c, sig->data, sig->len, of->data, of->len) == 1;
	EVP_MD_CTX_free(c);
	return ok;
}

/* @param signature with its scheme and length before it, to the end of its message */
static bool signs(const struct dtls_flight *f, const struct dtls_message *certificate,
	struct dtls_message signature, struct dtls_message of)
{
	const uint8_t *at = signature.data;
	const struct scheme *s = signature.len >= 4 ? scheme_of(rd16(at)) : NULL;
	if (!s || rd16(at + 2) != signature.len - 4)
		return false;
	X509 *x = read_certificate(f, certificate);
	EVP_PKEY *key = x ? X509_get0_pubkey(x) : NULL;
	const struct dtls_message sig = { at + 4, signature.len - 4 };
	bool ok = key && is_fair(key) && is_signature(f, key, s, &sig, &of);
	X509_free(x);
	ERR_clear_error();
	return ok;
}

/* Certificate, ClientKeyExchange, CertificateVerify. */
static bool client_proves(struct dtls_flight *f, const struct dtls_message *m)
{
	size_t before = f->len;
	bool was_full = f->is_full, ok = false;
	append(f, m[0].data, m[0].len);
	append(f, m[1].data, m[1].len);
	if (!f->is_full)
		ok = signs(f, &m[0], (struct dtls_message){ m[2].data + HEADER, m[2].len - HEADER },
			(struct dtls_message){ f->log, f->len });
	f->len = before;
	f->is_full = was_full;
	return ok;
}

/* ServerHello, Certificate, ServerKeyExchange. */
static bool server_proves(const struct dtls_flight *f, const struct dtls_message *m)
{
	uint8_t of[2 * RANDOM + PARAMS + UINT8_MAX];
	const uint8_t *key = m[2].data + HEADER;
	size_t len = m[2].len - HEADER, params;
	if (m[0].len < HEADER + 2 + RANDOM || len < PARAMS || key[0] != NAMED_CURVE ||
		len < (params = PARAMS + key[3]))
		return false;
	memcpy(of, f->random, RANDOM);
	memcpy(of + RANDOM, m[0].data + HEADER + 2, RANDOM);
	memcpy(of + 2 * RANDOM, key, params);
	return signs(f, &m[1], (struct dtls_message){ key + params, len - params },
		(struct dtls_message){ of, 2 * RANDOM + params });
}

bool dtls_flight_proves(struct dtls_flight *f, const struct dtls_message parts[DTLS_FLIGHT])
{
	return f->is_server ? client_proves(f, parts) : server_proves(f, parts);
}
