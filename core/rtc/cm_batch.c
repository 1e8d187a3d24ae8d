/* SPDX-License-Identifier: Apache-2.0 */
#include "ossl.h"
#include <stdlib.h>
#include <string.h>
#include "../rtp/rtp.h"
#include "cm_batch.h"
#include "imb.h"

#ifdef HAVE_INTEL_IPSEC_MB_H
#define CAPACITY  64 /* a multiple of all lane counts */
#define MIN_JOBS  6  /* fewer are cheaper one by one: all lanes run, however few are taken */
#define ROC_LEN   4
#define FULL_TAG  12 /* the library's choice is this or 20: more than there is room for */
#define ROUND_KEY 16

struct cm_rounds {
	uint8_t keys[11 * ROUND_KEY]; /* aligned as malloc does */
};
struct waiting_tag {
	uint8_t *data; /* len bytes, then the roll-over count where the tag is to be */
	size_t len;
	struct sha1_mac mac;
};
struct cm_batch {
	IMB_MGR *manager; /* made when it is first needed */
	bool has_failed;
	unsigned n;
	struct waiting_tag waiting[CAPACITY];
	IMB_JOB jobs[CAPACITY];
	uint8_t tags[CAPACITY][FULL_TAG];
};

struct cm_rounds *cm_rounds_new(const uint8_t key[16])
{
	struct cm_rounds unused, *r = imb_has_jobs() ? malloc(sizeof(*r)) : NULL;
	if (!r)
		return NULL;
	imb_functions()->keyexp_128(key, r->keys, unused.keys);
	OPENSSL_cleanse(&unused, sizeof(unused));
	return r;
}

void cm_rounds_free(struct cm_rounds *r)
{
	if (r)
		OPENSSL_cleanse(r, sizeof(*r));
	free(r);
}

struct cm_batch *cm_batch_create(void)
{
	return calloc(1, sizeof(struct cm_batch));
}

void cm_batch_destroy(struct cm_batch *b)
{
	if (!b)
		return;
	imb_manager_free(b->manager);
	OPENSSL_cleanse(b, sizeof(*b));
	free(b);
}

static bool is_ready(struct cm_batch *b)
{
	if (!b->manager && !b->has_failed)
		b->has_failed = !(b->manager = imb_manager_new());
	return b->manager;
}

bool cm_batch_crypt(struct cm_batch *b, const struct cm_rounds *r, const uint8_t iv[16],
	const uint8_t *src, size_t len, uint8_t *dst)
{
	IMB_JOB job = { .enc_keys = r->keys,
		.dec_keys = r->keys,
		.key_len_in_bytes = IMB_KEY_128_BYTES,
		.src = src,
		.dst = dst,
		.msg_len_to_cipher_in_bytes = len,
		.iv = iv,
		.iv_len_in_bytes = 16,
		.cipher_mode = IMB_CIPHER_CNTR,
		.cipher_direction = IMB_DIR_ENCRYPT,
		.hash_alg = IMB_AUTH_NULL };
	if (!is_ready(b))
		return false;
	return !len || (IMB_SUBMIT_CIPHER_BURST_NOCHECK(b->manager, &job, 1, IMB_CIPHER_CNTR,
				IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES) == 1 &&
			       job.status == IMB_STATUS_COMPLETED);
}

void cm_batch_tag(
	struct cm_batch *b, const struct sha1_mac *m, uint8_t *data, size_t len, uint32_t roc)
{
	wr32(data + len, roc);
	b->waiting[b->n++] = (struct waiting_tag){ data, len, *m };
	if (b->n == CAPACITY)
		cm_batch_finish(b);
}

static void fill(struct cm_batch *b, unsigned i)
{
	const struct waiting_tag *w = &b->waiting[i];
	IMB_JOB *j = &b->jobs[i];
	j->src = w->data;
	j->msg_len_to_hash_in_bytes = w->len + ROC_LEN;
	j->u.HMAC._hashed_auth_key_xor_ipad = (const uint8_t *)w->mac.inner;
	j->u.HMAC._hashed_auth_key_xor_opad = (const uint8_t *)w->mac.outer;
	j->hash_alg = IMB_AUTH_HMAC_SHA_1;
	j->auth_tag_output = b->tags[i];
	j->auth_tag_output_len_in_bytes = FULL_TAG;
	j->status = IMB_STATUS_BEING_PROCESSED;
}

static void run_together(struct cm_batch *b)
{
	for (unsigned i = 0; i < b->n; i++)
		fill(b, i);
	IMB_SUBMIT_HASH_BURST_NOCHECK(b->manager, b->jobs, b->n, IMB_AUTH_HMAC_SHA_1);
}

void cm_batch_finish(struct cm_batch *b)
{
	if (!b || !b->n)
		return;
	bool together = b->n >= MIN_JOBS;
	if (together)
		run_together(b);
	for (unsigned i = 0; i < b->n; i++) {
		const struct waiting_tag *w = &b->waiting[i];
		uint8_t one[SHA1_MAC_LEN], *tag = b->tags[i];
		if (!together || b->jobs[i].status != IMB_STATUS_COMPLETED)
			sha1_mac(&w->mac, w->data, w->len + ROC_LEN, NULL, 0, tag = one);
		memcpy(w->data + w->len, tag, CM_TAG);
	}
	OPENSSL_cleanse(b->waiting, b->n * sizeof(*b->waiting));
	b->n = 0;
}

#else

struct cm_rounds *cm_rounds_new(const uint8_t key[16])
{
	(void)key;
	return NULL;
}

void cm_rounds_free(struct cm_rounds *r)
{
	(void)r;
}

struct cm_batch *cm_batch_create(void)
{
	return NULL;
}

void cm_batch_destroy(struct cm_batch *b)
{
	(void)b;
}

bool cm_batch_crypt(struct cm_batch *b, const struct cm_rounds *r, const uint8_t iv[16],
	const uint8_t *src, size_t len, uint8_t *dst)
{
	(void)b;
	(void)r;
	(void)iv;
	(void)src;
	(void)len;
	(void)dst;
	return false;
}

void cm_batch_tag(
	struct cm_batch *b, const struct sha1_mac *m, uint8_t *data, size_t len, uint32_t roc)
{
	(void)b;
	(void)m;
	(void)data;
	(void)len;
	(void)roc;
}

void cm_batch_finish(struct cm_batch *b)
{
	(void)b;
}

#endif
