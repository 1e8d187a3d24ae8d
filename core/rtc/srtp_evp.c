/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../rtp/rtp.h"
#include "ossl.h"
#include "srtp.h"
#include "replay.h"

#define GCM_TAG    16
#define CM_TAG     10
#define RTCP_CLEAR 8 /* header and SSRC of the first packet stay readable */
#define RTCP_INDEX 4
#define RTCP_E     0x80000000u /* "encrypted", in front of the index */

/* HMAC-SHA1 begun with the key: copied, not computed, for each packet. */
struct mac {
	SHA_CTX inner, outer;
};
/* One direction of RTP or RTCP: a long-lived context per key, of which only the IV is ever reset.
 * It is made with its first packet: most peers only send, or only receive. */
struct lane {
	EVP_CIPHER_CTX *cipher; /* NULL: no packet yet */
	struct mac *mac;        /* CM only */
	uint8_t label;          /* of the key derivation: 0 RTP, 3 RTCP */
	bool decrypts;
	uint8_t salt[14];
	struct replays sources;
};
struct evp {
	struct srtp base;
	bool gcm;
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

static void mac_init(struct mac *l, const uint8_t key[20])
{
	uint8_t pad[64];
	for (int i = 0; i < 64; i++)
		pad[i] = (uint8_t)((i < 20 ? key[i] : 0) ^ 0x36);
	SHA1_Init(&l->inner);
	SHA1_Update(&l->inner, pad, sizeof(pad));
	for (int i = 0; i < 64; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	SHA1_Init(&l->outer);
	SHA1_Update(&l->outer, pad, sizeof(pad));
	OPENSSL_cleanse(pad, sizeof(pad));
}

static bool lane_init(struct evp *e, struct lane *l)
{
	const uint8_t *master = l->decrypts ? e->keys.recv : e->keys.send;
	size_t key_len, salt_len;
	uint8_t key[32], auth[20];
	if (!srtp_profile_lens(e->keys.profile, &key_len, &salt_len))
		return false;
	const EVP_CIPHER *ctr = key_len == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
	const EVP_CIPHER *gcm = key_len == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
	const uint8_t *salt = master + key_len;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool ok = c && derive(ctr, master, salt, salt_len, l->label, key, (int)key_len) &&
		  derive(ctr, master, salt, salt_len, l->label + 1, auth, sizeof(auth)) &&
		  derive(ctr, master, salt, salt_len, l->label + 2, l->salt, (int)salt_len) &&
		  EVP_CipherInit_ex(
			  c, e->gcm ? gcm : ctr, NULL, key, NULL, !e->gcm || !l->decrypts) &&
		  (e->gcm || (l->mac = malloc(sizeof(*l->mac))));
	if (ok && l->mac)
		mac_init(l->mac, auth);
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(auth, sizeof(auth));
	if (ok)
		l->cipher = c;
	else
		EVP_CIPHER_CTX_free(c);
	return ok;
}

static inline bool lane_ready(struct evp *e, struct lane *l)
{
	return l->cipher || lane_init(e, l);
}

static void lane_clear(struct lane *l)
{
	EVP_CIPHER_CTX_free(l->cipher);
	if (l->mac)
		OPENSSL_cleanse(l->mac, sizeof(*l->mac));
	free(l->mac);
	replays_clear(&l->sources);
}

static void evp_free(struct srtp *s)
{
	struct evp *e = (struct evp *)s;
	lane_clear(&e->rtp_out);
	lane_clear(&e->rtp_in);
	lane_clear(&e->rtcp_out);
	lane_clear(&e->rtcp_in);
	OPENSSL_cleanse(e, sizeof(*e));
	free(e);
}

/* RFC 7714, 8.1 and 9.1 (where the index has 31 bits and stands alone). */
static void gcm_iv(uint8_t iv[12], const uint8_t *salt, uint32_t ssrc, uint64_t index)
{
	memset(iv, 0, 2);
	wr32(iv + 2, ssrc);
	wr16(iv + 6, (uint16_t)(index >> 32));
	wr32(iv + 8, (uint32_t)index);
	for (int i = 0; i < 12; i++)
		iv[i] ^= salt[i];
}

/* RFC 3711, 4.1.1 */
static void cm_iv(uint8_t iv[16], const uint8_t *salt, uint32_t ssrc, uint64_t index)
{
	memset(iv, 0, 16);
	wr32(iv + 4, ssrc);
	wr16(iv + 8, (uint16_t)(index >> 32));
	wr32(iv + 10, (uint32_t)index);
	for (int i = 0; i < 14; i++)
		iv[i] ^= salt[i];
}

/* @param tail authenticated behind the data without being sent there: the roll-over count; len 0
 * for RTCP */
static void hmac(const struct lane *l, const uint8_t *data, size_t len, const uint8_t *tail,
	size_t tail_len, uint8_t tag[SHA_DIGEST_LENGTH])
{
	SHA_CTX c = l->mac->inner;
	SHA1_Update(&c, data, len);
	SHA1_Update(&c, tail, tail_len);
	SHA1_Final(tag, &c);
	c = l->mac->outer;
	SHA1_Update(&c, tag, SHA_DIGEST_LENGTH);
	SHA1_Final(tag, &c);
}

/* Encrypt src to dst and put the tag at @p tag. The additional data comes in two pieces. */
static bool gcm_seal(struct lane *l, const uint8_t iv[12], const uint8_t *aad, size_t aad_len,
	const uint8_t *aad2, size_t aad2_len, const uint8_t *src, size_t len, uint8_t *dst,
	uint8_t *tag)
{
	int n;
	return EVP_EncryptInit_ex(l->cipher, NULL, NULL, NULL, iv) &&
	       EVP_EncryptUpdate(l->cipher, NULL, &n, aad, (int)aad_len) &&
	       (!aad2_len || EVP_EncryptUpdate(l->cipher, NULL, &n, aad2, (int)aad2_len)) &&
	       (!len || EVP_EncryptUpdate(l->cipher, dst, &n, src, (int)len)) &&
	       EVP_EncryptFinal_ex(l->cipher, tag, &n) &&
	       EVP_CIPHER_CTX_ctrl(l->cipher, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, tag);
}

static bool gcm_open(struct lane *l, const uint8_t iv[12], const uint8_t *aad, size_t aad_len,
	const uint8_t *aad2, size_t aad2_len, uint8_t *data, size_t len, uint8_t *tag)
{
	int n;
	return EVP_DecryptInit_ex(l->cipher, NULL, NULL, NULL, iv) &&
	       EVP_CIPHER_CTX_ctrl(l->cipher, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) &&
	       EVP_DecryptUpdate(l->cipher, NULL, &n, aad, (int)aad_len) &&
	       (!aad2_len || EVP_DecryptUpdate(l->cipher, NULL, &n, aad2, (int)aad2_len)) &&
	       (!len || EVP_DecryptUpdate(l->cipher, data, &n, data, (int)len)) &&
	       EVP_DecryptFinal_ex(l->cipher, data + len, &n) > 0;
}

static bool cm_crypt(
	struct lane *l, uint32_t ssrc, uint64_t index, const uint8_t *src, size_t len, uint8_t *dst)
{
	uint8_t iv[16];
	int n;
	cm_iv(iv, l->salt, ssrc, index);
	return EVP_EncryptInit_ex(l->cipher, NULL, NULL, NULL, iv) &&
	       (!len || EVP_EncryptUpdate(l->cipher, dst, &n, src, (int)len));
}

static size_t evp_seal(struct srtp *s, const uint8_t *header, size_t header_len,
	const uint8_t *payload, size_t payload_len, uint8_t *out)
{
	struct evp *e = (struct evp *)s;
	struct lane *l = &e->rtp_out;
	uint32_t ssrc = rd32(header + 8);
	uint16_t seq = rd16(header + 2);
	struct replay *source = replay_get(&l->sources, ssrc);
	uint64_t index = replay_guess(source, seq);
	size_t len = header_len + payload_len;
	if (!lane_ready(e, l) || (!source && !(source = replay_make(&l->sources, ssrc))))
		return 0;
	if (index > source->highest)
		source->highest = index;
	memcpy(out, header, header_len);
	if (e->gcm) {
		uint8_t iv[12];
		gcm_iv(iv, l->salt, ssrc, index);
		return gcm_seal(l, iv, out, header_len, NULL, 0, payload, payload_len,
			       out + header_len, out + len)
			       ? len + GCM_TAG
			       : 0;
	}
	uint8_t roc[4], tag[SHA_DIGEST_LENGTH];
	if (!cm_crypt(l, ssrc, index, payload, payload_len, out + header_len))
		return 0;
	wr32(roc, (uint32_t)(index >> 16));
	hmac(l, out, len, roc, sizeof(roc), tag);
	memcpy(out + len, tag, CM_TAG);
	return len + CM_TAG;
}

static bool cm_open(
	struct lane *l, uint32_t ssrc, uint64_t index, uint8_t *data, size_t header_len, size_t len)
{
	uint8_t roc[4], tag[SHA_DIGEST_LENGTH];
	wr32(roc, (uint32_t)(index >> 16));
	hmac(l, data, len, roc, sizeof(roc), tag);
	return !CRYPTO_memcmp(tag, data + len, CM_TAG) &&
	       cm_crypt(l, ssrc, index, data + header_len, len - header_len, data + header_len);
}

static enum err evp_open(struct srtp *s, uint8_t *data, size_t *len)
{
	struct evp *e = (struct evp *)s;
	struct lane *l = &e->rtp_in;
	size_t header_len = rtp_header_len(data, *len), tag_len = e->gcm ? GCM_TAG : CM_TAG;
	if (!header_len || *len < header_len + tag_len)
		return ERR_INVALID;
	if (!lane_ready(e, l))
		return ERR_FULL;
	uint32_t ssrc = rd32(data + 8);
	struct replay *source = replay_get(&l->sources, ssrc);
	uint64_t index = replay_guess(source, rd16(data + 2));
	if (replay_seen(source, index))
		return ERR_EXISTS;
	size_t n = *len - tag_len;
	if (e->gcm) {
		uint8_t iv[12];
		gcm_iv(iv, l->salt, ssrc, index);
		if (!gcm_open(l, iv, data, header_len, NULL, 0, data + header_len, n - header_len,
			    data + n))
			return ERR_DENIED;
	} else if (!cm_open(l, ssrc, index, data, header_len, n)) {
		return ERR_DENIED;
	}
	/* Only authentic packets make a source. */
	if (!source && !(source = replay_make(&l->sources, ssrc)))
		return ERR_FULL;
	replay_mark(source, index);
	*len = n;
	return OK;
}

static size_t evp_seal_rtcp(struct srtp *s, const uint8_t *data, size_t len, uint8_t *out)
{
	struct evp *e = (struct evp *)s;
	struct lane *l = &e->rtcp_out;
	if (len < RTCP_CLEAR || e->rtcp_index >= RTCP_E || !lane_ready(e, l))
		return 0;
	uint32_t ssrc = rd32(data + 4), index = e->rtcp_index++;
	uint8_t trailer[RTCP_INDEX];
	wr32(trailer, RTCP_E | index);
	memcpy(out, data, RTCP_CLEAR);
	if (e->gcm) {
		uint8_t iv[12];
		gcm_iv(iv, l->salt, ssrc, index);
		if (!gcm_seal(l, iv, data, RTCP_CLEAR, trailer, sizeof(trailer), data + RTCP_CLEAR,
			    len - RTCP_CLEAR, out + RTCP_CLEAR, out + len))
			return 0;
		memcpy(out + len + GCM_TAG, trailer, sizeof(trailer));
		return len + GCM_TAG + RTCP_INDEX;
	}
	uint8_t tag[SHA_DIGEST_LENGTH];
	if (!cm_crypt(l, ssrc, index, data + RTCP_CLEAR, len - RTCP_CLEAR, out + RTCP_CLEAR))
		return 0;
	memcpy(out + len, trailer, sizeof(trailer));
	hmac(l, out, len + RTCP_INDEX, NULL, 0, tag);
	memcpy(out + len + RTCP_INDEX, tag, CM_TAG);
	return len + RTCP_INDEX + CM_TAG;
}

static bool cm_open_rtcp(struct lane *l, uint32_t ssrc, uint32_t index, uint8_t *data, size_t n)
{
	uint8_t tag[SHA_DIGEST_LENGTH];
	hmac(l, data, n + RTCP_INDEX, NULL, 0, tag);
	return !CRYPTO_memcmp(tag, data + n + RTCP_INDEX, CM_TAG) &&
	       cm_crypt(l, ssrc, index, data + RTCP_CLEAR, n - RTCP_CLEAR, data + RTCP_CLEAR);
}

static enum err evp_open_rtcp(struct srtp *s, uint8_t *data, size_t *len)
{
	struct evp *e = (struct evp *)s;
	struct lane *l = &e->rtcp_in;
	size_t tag_len = e->gcm ? GCM_TAG : CM_TAG;
	if (*len < RTCP_CLEAR + tag_len + RTCP_INDEX || data[0] >> 6 != 2)
		return ERR_INVALID;
	if (!lane_ready(e, l))
		return ERR_FULL;
	size_t n = *len - tag_len - RTCP_INDEX;
	uint8_t *trailer = data + n + (e->gcm ? GCM_TAG : 0);
	uint32_t ssrc = rd32(data + 4), index = rd32(trailer);
	if (!(index & RTCP_E))
		return ERR_DENIED; /* authenticated but readable: WebRTC has no use for it (RFC
				      8827, 6.5) */
	index &= ~RTCP_E;
	struct replay *source = replay_get(&l->sources, ssrc);
	if (replay_seen(source, index))
		return ERR_EXISTS;
	if (e->gcm) {
		uint8_t iv[12];
		gcm_iv(iv, l->salt, ssrc, index);
		if (!gcm_open(l, iv, data, RTCP_CLEAR, trailer, RTCP_INDEX, data + RTCP_CLEAR,
			    n - RTCP_CLEAR, data + n))
			return ERR_DENIED;
	} else if (!cm_open_rtcp(l, ssrc, index, data, n)) {
		return ERR_DENIED;
	}
	if (!source && !(source = replay_make(&l->sources, ssrc)))
		return ERR_FULL;
	replay_mark(source, index);
	*len = n;
	return OK;
}

static const struct srtp_ops evp_ops = { evp_free, evp_seal, evp_open, evp_seal_rtcp,
	evp_open_rtcp };

enum err srtp_new_evp(struct srtp **out, const struct srtp_keys *keys)
{
	size_t key_len, salt_len;
	if (!srtp_profile_lens(keys->profile, &key_len, &salt_len) ||
		keys->profile == SRTP_PROFILE_CM_32)
		return ERR_UNSUPPORTED;
	struct evp *e = calloc(1, sizeof(*e));
	if (!e)
		return ERR_FULL;
	e->base.ops = &evp_ops;
	e->keys = *keys;
	e->gcm = keys->profile != SRTP_PROFILE_CM_80;
	e->rtp_in.decrypts = e->rtcp_in.decrypts = true;
	e->rtcp_out.label = e->rtcp_in.label = 3;
	*out = &e->base;
	return OK;
}
