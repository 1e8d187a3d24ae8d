/* SPDX-License-Identifier: Apache-2.0 */
/* Our own engine of SRTP, for AES-GCM and AES-CM-SHA1-80: behind srtp.h, above gcm.h, cm_batch.h
 * and replay.h. Nearly every packet of media passes here, once in and once for each who gets it. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include "../base/warm.h"
#include "../rtp/rtp.h"
#include "gcm.h"
#include "ossl.h"
#include "replay.h"
#include "srtp_engine.h"

#define RTCP_CLEAR 8 /* header and SSRC of the first packet stay readable */
#define RTCP_INDEX 4
#define RTCP_AAD   (RTCP_CLEAR + RTCP_INDEX)
#define RTCP_E     0x80000000u /* "encrypted", in front of the index */

struct cm {
	EVP_CIPHER_CTX *ctr;
	struct cm_rounds *rounds; /* for batches; NULL: takes no part in them */
	struct sha1_mac mac;
};
/* One direction of RTP or RTCP. Its keys are set up with its first packet: most peers only send, or
 * only receive. */
struct lane {
	bool is_ready;
	bool decrypts;
	uint8_t label; /* of the key derivation: 0 RTP, 3 RTCP */
	uint8_t salt[14];
	struct gcm *gcm;
	struct cm *cm; /* one of the two */
	struct replays sources;
};
struct fast {
	struct srtp base;
	bool is_gcm, has_imb;
	uint32_t rtcp_index; /* of the next compound; one count serves all our SSRCs */
	struct lane rtp_out, rtp_in, rtcp_out, rtcp_in;
	struct srtp_keys keys;
};

/* RFC 3711, 4.3: key derivation with rate 0. RFC 7714 takes the same with a salt shorter by two
 * bytes. */
static bool derive(const EVP_CIPHER *ctr, const uint8_t *key, const uint8_t *salt, size_t salt_len,
	uint8_t label, uint8_t *out, int len)
{
	static const uint8_t zero[32];
	uint8_t iv[16] = { 0 };
	int n;
	memcpy(iv, salt, salt_len);
	iv[7] ^= label;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool ok = c && EVP_EncryptInit_ex(c, ctr, NULL, key, iv) &&
		  EVP_EncryptUpdate(c, out, &n, zero, len);
	EVP_CIPHER_CTX_free(c);
	return ok;
}

static bool gcm_init(const struct fast *f, struct lane *l, const uint8_t *key, size_t key_len)
{
	l->gcm = (f->has_imb ? gcm_new_imb : gcm_new_evp)(key, key_len, l->decrypts);
	return l->gcm;
}

static bool cm_init(const struct fast *f, struct lane *l, const EVP_CIPHER *ctr, const uint8_t *key,
	const uint8_t *auth)
{
	if (!(l->cm = calloc(1, sizeof(*l->cm))) || !(l->cm->ctr = EVP_CIPHER_CTX_new()) ||
		!EVP_EncryptInit_ex(l->cm->ctr, ctr, NULL, key, NULL))
		return false;
	sha1_mac_init(&l->cm->mac, auth);
	if (f->has_imb && l == &f->rtp_out)
		l->cm->rounds = cm_rounds_new(key);
	return true;
}

static void drop_keys(struct lane *l)
{
	gcm_free(l->gcm);
	if (l->cm) {
		EVP_CIPHER_CTX_free(l->cm->ctr);
		cm_rounds_free(l->cm->rounds);
		OPENSSL_cleanse(l->cm, sizeof(*l->cm));
	}
	free(l->cm);
	l->gcm = NULL;
	l->cm = NULL;
}

static bool lane_init(struct fast *f, struct lane *l)
{
	const uint8_t *master = l->decrypts ? f->keys.recv : f->keys.send;
	size_t key_len, salt_len;
	uint8_t key[32], auth[20];
	if (!srtp_profile_lens(f->keys.profile, &key_len, &salt_len))
		return false;
	const EVP_CIPHER *ctr = key_len == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
	const uint8_t *salt = master + key_len;
	l->is_ready = derive(ctr, master, salt, salt_len, l->label, key, (int)key_len) &&
		      derive(ctr, master, salt, salt_len, l->label + 1, auth, sizeof(auth)) &&
		      derive(ctr, master, salt, salt_len, l->label + 2, l->salt, (int)salt_len) &&
		      (f->is_gcm ? gcm_init(f, l, key, key_len) : cm_init(f, l, ctr, key, auth));
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(auth, sizeof(auth));
	if (!l->is_ready)
		drop_keys(l);
	return l->is_ready;
}

static inline bool lane_ready(struct fast *f, struct lane *l)
{
	return l->is_ready || lane_init(f, l);
}

static void lane_clear(struct lane *l)
{
	drop_keys(l);
	replays_clear(&l->sources);
}

static void fast_free(struct srtp *s)
{
	struct fast *f = (struct fast *)s;
	lane_clear(&f->rtp_out);
	lane_clear(&f->rtp_in);
	lane_clear(&f->rtcp_out);
	lane_clear(&f->rtcp_in);
	OPENSSL_cleanse(f, sizeof(*f));
	free(f);
}

/* Salt and SSRC lie over index and zeros, in network order. @param at of the SSRC: 2 (RFC 7714, 8.1
 * and 9.1) or 4 (RFC 3711, 4.1.1) */
static inline void make_iv(uint8_t *iv, const uint8_t *salt, size_t salt_len, unsigned at,
	uint32_t ssrc, uint64_t index)
{
	uint64_t high = htobe64((uint64_t)ssrc << 32 | index >> 16), salt_high;
	uint16_t low = htobe16((uint16_t)index), salt_low;
	memcpy(iv, salt, salt_len);
	memcpy(&salt_high, salt + at, sizeof(salt_high));
	memcpy(&salt_low, salt + at + sizeof(high), sizeof(salt_low));
	high ^= salt_high;
	low ^= salt_low;
	memcpy(iv + at, &high, sizeof(high));
	memcpy(iv + at + sizeof(high), &low, sizeof(low));
}

static void gcm_iv(uint8_t iv[GCM_IV], const uint8_t *salt, uint32_t ssrc, uint64_t index)
{
	make_iv(iv, salt, GCM_IV, 2, ssrc, index);
}

static void cm_iv(uint8_t iv[16], const uint8_t *salt, uint32_t ssrc, uint64_t index)
{
	make_iv(iv, salt, 14, 4, ssrc, index);
	iv[14] = iv[15] = 0;
}

static bool cm_crypt(
	struct lane *l, uint32_t ssrc, uint64_t index, const uint8_t *src, size_t len, uint8_t *dst)
{
	uint8_t iv[16];
	int n;
	cm_iv(iv, l->salt, ssrc, index);
	return EVP_EncryptInit_ex(l->cm->ctr, NULL, NULL, NULL, iv) &&
	       (!len || EVP_EncryptUpdate(l->cm->ctr, dst, &n, src, (int)len));
}

/* The header lies in @p out already. @return false: nothing done; one by one, then. */
static bool cm_seal_later(struct lane *l, struct cm_batch *b, uint64_t index, uint8_t *out,
	size_t header_len, const uint8_t *payload, size_t payload_len)
{
	uint8_t iv[16];
	if (!b || !l->cm->rounds)
		return false;
	cm_iv(iv, l->salt, rd32(out + 8), index);
	if (!cm_batch_crypt(b, l->cm->rounds, iv, payload, payload_len, out + header_len))
		return false;
	cm_batch_tag(b, &l->cm->mac, out, header_len + payload_len, (uint32_t)(index >> 16));
	return true;
}

static bool cm_seal(struct lane *l, uint64_t index, uint8_t *out, size_t header_len,
	const uint8_t *payload, size_t payload_len)
{
	size_t len = header_len + payload_len;
	uint8_t roc[4], tag[SHA1_MAC_LEN];
	if (!cm_crypt(l, rd32(out + 8), index, payload, payload_len, out + header_len))
		return false;
	wr32(roc, (uint32_t)(index >> 16));
	sha1_mac(&l->cm->mac, out, len, roc, sizeof(roc), tag);
	memcpy(out + len, tag, CM_TAG);
	return true;
}

static size_t fast_seal(struct srtp *s, struct cm_batch *b, const struct rtp_parts *p, uint8_t *out)
{
	struct fast *f = (struct fast *)s;
	struct lane *l = &f->rtp_out;
	uint32_t ssrc = rd32(p->header + 8);
	uint64_t index = p->index;
	size_t n = p->header_len, len = n + p->payload_len;
	if (!lane_ready(f, l) || replay_claim(&l->sources, ssrc, &index, p->again))
		return 0;
	memcpy(out, p->header, n);
	if (!f->is_gcm)
		return cm_seal_later(l, b, index, out, n, p->payload, p->payload_len) ||
				       cm_seal(l, index, out, n, p->payload, p->payload_len)
			       ? len + CM_TAG
			       : 0;
	uint8_t iv[GCM_IV];
	gcm_iv(iv, l->salt, ssrc, index);
	return gcm_seal(l->gcm, iv, out, n, p->payload, p->payload_len, out + n, out + len)
		       ? len + GCM_TAG
		       : 0;
}

static void fast_forget(struct srtp *s, uint32_t ssrc)
{
	replay_forget(&((struct fast *)s)->rtp_out.sources, ssrc);
}

static bool cm_open(
	struct lane *l, uint32_t ssrc, uint64_t index, uint8_t *data, size_t header_len, size_t len)
{
	uint8_t roc[4], tag[SHA1_MAC_LEN];
	wr32(roc, (uint32_t)(index >> 16));
	sha1_mac(&l->cm->mac, data, len, roc, sizeof(roc), tag);
	return !CRYPTO_memcmp(tag, data + len, CM_TAG) &&
	       cm_crypt(l, ssrc, index, data + header_len, len - header_len, data + header_len);
}

static enum err fast_open(struct srtp *s, uint8_t *data, size_t *len)
{
	struct fast *f = (struct fast *)s;
	struct lane *l = &f->rtp_in;
	size_t header_len = rtp_header_len(data, *len), tag_len = f->is_gcm ? GCM_TAG : CM_TAG;
	if (!header_len || *len < header_len + tag_len)
		return ERR_INVALID;
	if (!lane_ready(f, l))
		return ERR_FULL;
	uint32_t ssrc = rd32(data + 8);
	struct replay *source = replay_get(&l->sources, ssrc);
	uint64_t index = replay_guess(source, rd16(data + 2));
	if (replay_seen(source, index))
		return ERR_EXISTS;
	size_t n = *len - tag_len;
	if (f->is_gcm) {
		uint8_t iv[GCM_IV];
		gcm_iv(iv, l->salt, ssrc, index);
		if (!gcm_open(l->gcm, iv, data, header_len, data + header_len, n - header_len,
			    data + n))
			return ERR_DENIED;
	} else if (!cm_open(l, ssrc, index, data, header_len, n)) {
		return ERR_DENIED;
	}
	*len = n;
	/* Only authentic packets make a source. */
	return replay_admit(&l->sources, source, ssrc, index, NULL);
}

/* RFC 7714, 9.2: the readable part and the trailer */
static void rtcp_aad(uint8_t aad[RTCP_AAD], const uint8_t *data, const uint8_t *trailer)
{
	memcpy(aad, data, RTCP_CLEAR);
	memcpy(aad + RTCP_CLEAR, trailer, RTCP_INDEX);
}

static size_t fast_seal_rtcp(struct srtp *s, const uint8_t *data, size_t len, uint8_t *out)
{
	struct fast *f = (struct fast *)s;
	struct lane *l = &f->rtcp_out;
	if (len < RTCP_CLEAR || f->rtcp_index >= RTCP_E || !lane_ready(f, l))
		return 0;
	uint32_t ssrc = rd32(data + 4), index = f->rtcp_index++;
	uint8_t trailer[RTCP_INDEX];
	wr32(trailer, RTCP_E | index);
	memcpy(out, data, RTCP_CLEAR);
	if (f->is_gcm) {
		uint8_t iv[GCM_IV], aad[RTCP_AAD];
		gcm_iv(iv, l->salt, ssrc, index);
		rtcp_aad(aad, data, trailer);
		if (!gcm_seal(l->gcm, iv, aad, sizeof(aad), data + RTCP_CLEAR, len - RTCP_CLEAR,
			    out + RTCP_CLEAR, out + len))
			return 0;
		memcpy(out + len + GCM_TAG, trailer, sizeof(trailer));
		return len + GCM_TAG + RTCP_INDEX;
	}
	uint8_t tag[SHA1_MAC_LEN];
	if (!cm_crypt(l, ssrc, index, data + RTCP_CLEAR, len - RTCP_CLEAR, out + RTCP_CLEAR))
		return 0;
	memcpy(out + len, trailer, sizeof(trailer));
	sha1_mac(&l->cm->mac, out, len + RTCP_INDEX, NULL, 0, tag);
	memcpy(out + len + RTCP_INDEX, tag, CM_TAG);
	return len + RTCP_INDEX + CM_TAG;
}

static bool cm_open_rtcp(struct lane *l, uint32_t ssrc, uint32_t index, uint8_t *data, size_t n)
{
	uint8_t tag[SHA1_MAC_LEN];
	sha1_mac(&l->cm->mac, data, n + RTCP_INDEX, NULL, 0, tag);
	return !CRYPTO_memcmp(tag, data + n + RTCP_INDEX, CM_TAG) &&
	       cm_crypt(l, ssrc, index, data + RTCP_CLEAR, n - RTCP_CLEAR, data + RTCP_CLEAR);
}

static enum err fast_open_rtcp(struct srtp *s, uint8_t *data, size_t *len)
{
	struct fast *f = (struct fast *)s;
	struct lane *l = &f->rtcp_in;
	size_t tag_len = f->is_gcm ? GCM_TAG : CM_TAG;
	if (*len < RTCP_CLEAR + tag_len + RTCP_INDEX || data[0] >> 6 != 2)
		return ERR_INVALID;
	if (!lane_ready(f, l))
		return ERR_FULL;
	size_t n = *len - tag_len - RTCP_INDEX;
	uint8_t *trailer = data + n + (f->is_gcm ? GCM_TAG : 0);
	uint32_t ssrc = rd32(data + 4), index = rd32(trailer);
	if (!(index & RTCP_E))
		return ERR_DENIED; /* authenticated but readable: WebRTC has no use for it (RFC
				      8827, 6.5) */
	index &= ~RTCP_E;
	struct replay *source = replay_get(&l->sources, ssrc);
	if (replay_seen(source, index))
		return ERR_EXISTS;
	if (f->is_gcm) {
		uint8_t iv[GCM_IV], aad[RTCP_AAD];
		gcm_iv(iv, l->salt, ssrc, index);
		rtcp_aad(aad, data, trailer);
		if (!gcm_open(l->gcm, iv, aad, sizeof(aad), data + RTCP_CLEAR, n - RTCP_CLEAR,
			    data + n))
			return ERR_DENIED;
	} else if (!cm_open_rtcp(l, ssrc, index, data, n)) {
		return ERR_DENIED;
	}
	*len = n;
	return replay_admit(&l->sources, source, ssrc, index, NULL);
}

static void fast_warm(const struct srtp *s, unsigned hop)
{
	const struct fast *f = (const struct fast *)s;
	const struct lane *l = &f->rtp_out;
	if (hop == 0) {
		warm(f, offsetof(struct fast, rtp_in));
		return;
	}
	warm(l->sources.at, sizeof(*l->sources.at));
	if (l->gcm)
		gcm_warm(l->gcm);
	else if (l->cm)
		warm(l->cm, sizeof(*l->cm));
}

static const struct srtp_ops fast_ops = { fast_free, fast_seal, fast_forget, fast_open,
	fast_seal_rtcp, fast_open_rtcp, fast_warm };

enum err srtp_new_fast(struct srtp **out, const struct srtp_keys *keys, bool imb)
{
	size_t key_len, salt_len;
	if (!srtp_profile_lens(keys->profile, &key_len, &salt_len) ||
		keys->profile == SRTP_PROFILE_CM_32)
		return ERR_UNSUPPORTED;
	struct fast *f = calloc(1, sizeof(*f));
	if (!f)
		return ERR_FULL;
	f->base.ops = &fast_ops;
	f->keys = *keys;
	f->is_gcm = keys->profile != SRTP_PROFILE_CM_80;
	f->has_imb = imb;
	f->rtp_in.decrypts = f->rtcp_in.decrypts = true;
	f->rtcp_out.label = f->rtcp_in.label = 3;
	*out = &f->base;
	return OK;
}
