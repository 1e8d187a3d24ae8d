/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * AES-GCM with one key in one direction (RFC 5116): IVs of 96 bits, tags of 128. Two engines:
 * OpenSSL's, and libipsec-mb's, which costs a third of it where processor and package are there.
 * One thread a key. */
#define GCM_IV  12
#define GCM_TAG 16

struct gcm;
struct gcm_ops {
	void (*free)(struct gcm *g);
	bool (*seal)(struct gcm *g, const uint8_t iv[GCM_IV], const uint8_t *aad, size_t aad_len,
		const uint8_t *src, size_t len, uint8_t *dst, uint8_t *tag);
	bool (*open)(struct gcm *g, const uint8_t iv[GCM_IV], const uint8_t *aad, size_t aad_len,
		uint8_t *data, size_t len, uint8_t *tag);
	void (*warm)(const struct gcm *g); /**< NULL: where its key lies is not known */
};
/** What the state of either engine begins with. */
struct gcm {
	const struct gcm_ops *ops;
};

/** @param key_len 16 or 32. @return owned by the caller, NULL: out of memory. */
struct gcm *gcm_new_evp(const uint8_t *key, size_t key_len, bool decrypts);
/** The same; NULL also where gcm_has_imb() is false. */
struct gcm *gcm_new_imb(const uint8_t *key, size_t key_len, bool decrypts);
/** Is libipsec-mb on this machine, and worth it on this processor? The library is loaded with the
 * first call. Any thread. */
bool gcm_has_imb(void);

static inline void gcm_free(struct gcm *g) /**< NULL is fine. */
{
	if (g)
		g->ops->free(g);
}
static inline void gcm_warm(const struct gcm *g) /**< Ask for the memory of the key. */
{
	if (g->ops->warm)
		g->ops->warm(g);
}
/** Encrypt @p src to @p dst, which may be the same, and put the tag at @p tag. */
static inline bool gcm_seal(struct gcm *g, const uint8_t iv[GCM_IV], const uint8_t *aad,
	size_t aad_len, const uint8_t *src, size_t len, uint8_t *dst, uint8_t *tag)
{
	return g->ops->seal(g, iv, aad, aad_len, src, len, dst, tag);
}
/** Decrypt in place. @return false: not authentic, and the data is spoilt. */
static inline bool gcm_open(struct gcm *g, const uint8_t iv[GCM_IV], const uint8_t *aad,
	size_t aad_len, uint8_t *data, size_t len, uint8_t *tag)
{
	return g->ops->open(g, iv, aad, aad_len, data, len, tag);
}
