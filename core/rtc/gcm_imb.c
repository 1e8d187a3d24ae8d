/* SPDX-License-Identifier: Apache-2.0 */
/* AES-GCM by libipsec-mb: the engine behind gcm.h where processor and package are there. Between
 * srtp_fast.c and imb.h. */
#include "ossl.h"
#include "gcm.h"
#include "imb.h"

#ifdef HAVE_INTEL_IPSEC_MB_H
#include <stdlib.h>
#include "../base/warm.h"

struct gcm_imb {
	struct gcm_key_data key; /* aligned to 64 bytes: first */
	struct gcm base;
	bool is_256;
};

bool gcm_has_imb(void)
{
	return imb_functions() != NULL;
}

static struct gcm_imb *self(struct gcm *g)
{
	return (struct gcm_imb *)((char *)g - offsetof(struct gcm_imb, base));
}

static void imb_free(struct gcm *g)
{
	struct gcm_imb *i = self(g);
	OPENSSL_cleanse(i, sizeof(*i));
	free(i);
}

static bool imb_seal(struct gcm *g, const uint8_t iv[GCM_IV], const uint8_t *aad, size_t aad_len,
	const uint8_t *src, size_t len, uint8_t *dst, uint8_t *tag)
{
	struct gcm_imb *i = self(g);
	struct gcm_context_data scratch;
	(i->is_256 ? imb_found->gcm256_enc : imb_found->gcm128_enc)(
		&i->key, &scratch, dst, src, len, iv, aad, aad_len, tag, GCM_TAG);
	return true;
}

static bool imb_open(struct gcm *g, const uint8_t iv[GCM_IV], const uint8_t *aad, size_t aad_len,
	uint8_t *data, size_t len, uint8_t *tag)
{
	struct gcm_imb *i = self(g);
	struct gcm_context_data scratch;
	uint8_t computed[GCM_TAG];
	(i->is_256 ? imb_found->gcm256_dec : imb_found->gcm128_dec)(
		&i->key, &scratch, data, data, len, iv, aad, aad_len, computed, GCM_TAG);
	return !CRYPTO_memcmp(computed, tag, GCM_TAG);
}

static void imb_warm(const struct gcm *g)
{
	const char *key = (const char *)g - offsetof(struct gcm_imb, base);
	warm(key, sizeof(struct gcm_imb));
}

struct gcm *gcm_new_imb(const uint8_t *key, size_t key_len, bool decrypts)
{
	static const struct gcm_ops ops = { imb_free, imb_seal, imb_open, imb_warm };
	struct gcm_imb *i = imb_functions() ? aligned_alloc(64, sizeof(*i)) : NULL;
	(void)decrypts; /* one key schedule serves both */
	if (!i)
		return NULL;
	i->base.ops = &ops;
	i->is_256 = key_len == 32;
	(i->is_256 ? imb_found->gcm256_pre : imb_found->gcm128_pre)(key, &i->key);
	return &i->base;
}

#else

bool gcm_has_imb(void)
{
	return false;
}

struct gcm *gcm_new_imb(const uint8_t *key, size_t key_len, bool decrypts)
{
	(void)key;
	(void)key_len;
	(void)decrypts;
	return NULL;
}

#endif
