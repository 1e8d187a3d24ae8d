/* SPDX-License-Identifier: Apache-2.0 */
#include "ossl.h"
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <string.h>
#include "../rtp/rtp.h"
#include "dtls_record.h"

#define EXPLICIT           8 /* bytes of the nonce in each record */
#define TAG                16
#define WINDOW             64
#define DTLS_1_2           0xfefd
#define SEQ_MAX            ((1ULL << 48) - 1)
#define SEQ(epoch_and_seq) ((epoch_and_seq)&SEQ_MAX)

/* ---- keys ---- */

static bool prf(const struct dtls_secrets *s, uint8_t *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
	EVP_KDF_CTX *c = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	uint8_t seed[13 + 64];
	memcpy(seed, "key expansion", 13);
	memcpy(seed + 13, s->server_random, 32);
	memcpy(seed + 45, s->client_random, 32);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)s->digest, 0),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_SECRET, (void *)s->master, sizeof(s->master)),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, sizeof(seed)),
		OSSL_PARAM_construct_end(),
	};
	bool ok = c && EVP_KDF_derive(c, out, len, params) == 1;
	EVP_KDF_CTX_free(c);
	EVP_KDF_free(kdf);
	return ok;
}

enum err dtls_record_init(struct dtls_record *r, const struct dtls_secrets *s)
{
	uint8_t block[2 * 32 + 2 * 4], *at = block;
	size_t n = s->key_len;
	memset(r, 0, sizeof(*r));
	if ((n != 16 && n != 32) || !prf(s, block, 2 * n + 8))
		return ERR_UNSUPPORTED;
	r->key_len = s->key_len;
	memcpy(s->is_server ? r->key_in : r->key_out, at, n);
	memcpy(s->is_server ? r->key_out : r->key_in, at += n, n);
	memcpy(s->is_server ? r->salt_in : r->salt_out, at += n, 4);
	memcpy(s->is_server ? r->salt_out : r->salt_in, at + 4, 4);
	OPENSSL_cleanse(block, sizeof(block));
	r->seq_out = s->seq_out + 1;
	r->nonce_out = s->nonce_out + 1;
	r->seq_in = s->seq_out & ~SEQ_MAX; /* the same epoch; nothing has come yet */
	return OK;
}

void dtls_record_clear(struct dtls_record *r)
{
	OPENSSL_cleanse(r, sizeof(*r));
}

/* ---- records ---- */

/* Records are few behind a handshake, so a context lives no longer than one of them. */
static bool crypt_gcm(const struct dtls_record *r, bool seal, const uint8_t *explicit_nonce,
	const uint8_t aad[13], uint8_t *data, size_t len, uint8_t *tag)
{
	uint8_t iv[12];
	int n;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	memcpy(iv, seal ? r->salt_out : r->salt_in, 4);
	memcpy(iv + 4, explicit_nonce, EXPLICIT);
	bool ok = c &&
		  EVP_CipherInit_ex(c, r->key_len == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(),
			  NULL, seal ? r->key_out : r->key_in, iv, seal) &&
		  (seal || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG, tag)) &&
		  EVP_CipherUpdate(c, NULL, &n, aad, 13) &&
		  (!len || EVP_CipherUpdate(c, data, &n, data, (int)len)) &&
		  EVP_CipherFinal_ex(c, data + len, &n) > 0 &&
		  (!seal || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG, tag));
	EVP_CIPHER_CTX_free(c);
	return ok;
}

static void put_header(uint8_t *at, enum dtls_content type, uint64_t seq, size_t len)
{
	at[0] = (uint8_t)type;
	wr16(at + 1, DTLS_1_2);
	wr64(at + 3, seq);
	wr16(at + 11, (uint16_t)len);
}

/* RFC 5246, 6.2.3.3: number, type, version and length of the plaintext */
static void put_aad(uint8_t aad[13], const uint8_t *header, size_t plain_len)
{
	memcpy(aad, header + 3, 8);
	memcpy(aad + 8, header, 3);
	wr16(aad + 11, (uint16_t)plain_len);
}

size_t dtls_record_seal(struct dtls_record *r, enum dtls_content type, const uint8_t *data,
	size_t len, uint8_t *out)
{
	uint8_t aad[13], *body = out + DTLS_RECORD_HEADER + EXPLICIT;
	if (SEQ(r->seq_out) == SEQ_MAX || len > UINT16_MAX - EXPLICIT - TAG)
		return 0;
	put_header(out, type, r->seq_out++, EXPLICIT + len + TAG);
	put_aad(aad, out, len);
	wr64(out + DTLS_RECORD_HEADER, r->nonce_out++);
	memmove(body, data, len);
	if (!crypt_gcm(r, true, out + DTLS_RECORD_HEADER, aad, body, len, body + len))
		return 0;
	return len + DTLS_RECORD_OVERHEAD;
}

static bool seen(const struct dtls_record *r, uint64_t seq)
{
	return seq <= r->seq_in &&
	       (r->seq_in - seq >= WINDOW || r->window_in >> (r->seq_in - seq) & 1);
}

static void mark(struct dtls_record *r, uint64_t seq)
{
	if (seq > r->seq_in) {
		uint64_t by = seq - r->seq_in;
		r->window_in = by < WINDOW ? r->window_in << by : 0;
		r->seq_in = seq;
	}
	r->window_in |= 1ULL << (r->seq_in - seq);
}

enum err dtls_record_open(
	struct dtls_record *r, uint8_t **data, size_t *len, struct dtls_plain *out)
{
	uint8_t *at = *data, aad[13];
	size_t body;
	if (*len < DTLS_RECORD_HEADER || (body = rd16(at + 11)) > *len - DTLS_RECORD_HEADER)
		return ERR_NOT_FOUND;
	*data += DTLS_RECORD_HEADER + body;
	*len -= DTLS_RECORD_HEADER + body;
	uint64_t seq = rd64(at + 3);
	if (body < EXPLICIT + TAG || rd16(at + 1) != DTLS_1_2 || seq >> 48 != r->seq_in >> 48)
		return ERR_INVALID;
	if (seen(r, seq))
		return ERR_EXISTS;
	out->type = at[0];
	out->data = at + DTLS_RECORD_HEADER + EXPLICIT;
	out->len = body - EXPLICIT - TAG;
	put_aad(aad, at, out->len);
	if (!crypt_gcm(r, false, at + DTLS_RECORD_HEADER, aad, out->data, out->len,
		    out->data + out->len))
		return ERR_DENIED;
	mark(r, seq);
	return OK;
}
