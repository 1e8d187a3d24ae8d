/* SPDX-License-Identifier: Apache-2.0 */
/* AES-GCM by OpenSSL: the engine behind gcm.h that is always there. Between srtp_fast.c and
 * libcrypto. */
#include "ossl.h"
#include <stdlib.h>
#include "gcm.h"

/* A long-lived context, of which only the IV is ever reset. */
struct gcm_evp {
	struct gcm base;
	EVP_CIPHER_CTX *cipher;
};

static void evp_free(struct gcm *g)
{
	struct gcm_evp *e = (struct gcm_evp *)g;
	EVP_CIPHER_CTX_free(e->cipher);
	free(e);
}

static bool evp_seal(struct gcm *g, const uint8_t iv[GCM_IV], const uint8_t *aad, size_t aad_len,
	const uint8_t *src, size_t len, uint8_t *dst, uint8_t *tag)
{
	EVP_CIPHER_CTX *c = ((struct gcm_evp *)g)->cipher;
	int n;
	return EVP_EncryptInit_ex(c, NULL, NULL, NULL, iv) &&
	       EVP_EncryptUpdate(c, NULL, &n, aad, (int)aad_len) &&
	       (!len || EVP_EncryptUpdate(c, dst, &n, src, (int)len)) &&
	       EVP_EncryptFinal_ex(c, tag, &n) &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, tag);
}

static bool evp_open(struct gcm *g, const uint8_t iv[GCM_IV], const uint8_t *aad, size_t aad_len,
	uint8_t *data, size_t len, uint8_t *tag)
{
	EVP_CIPHER_CTX *c = ((struct gcm_evp *)g)->cipher;
	int n;
	return EVP_DecryptInit_ex(c, NULL, NULL, NULL, iv) &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) &&
	       EVP_DecryptUpdate(c, NULL, &n, aad, (int)aad_len) &&
	       (!len || EVP_DecryptUpdate(c, data, &n, data, (int)len)) &&
	       EVP_DecryptFinal_ex(c, data + len, &n) > 0;
}

struct gcm *gcm_new_evp(const uint8_t *key, size_t key_len, bool decrypts)
{
	static const struct gcm_ops ops = { evp_free, evp_seal, evp_open, NULL };
	struct gcm_evp *e = malloc(sizeof(*e));
	if (!e)
		return NULL;
	e->base.ops = &ops;
	e->cipher = EVP_CIPHER_CTX_new();
	if (e->cipher &&
		EVP_CipherInit_ex(e->cipher, key_len == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(),
			NULL, key, NULL, !decrypts))
		return &e->base;
	evp_free(&e->base);
	return NULL;
}
