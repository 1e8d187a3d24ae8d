/* SPDX-License-Identifier: Apache-2.0 */
#include "ossl.h"
#include "sha1_mac.h"

#define BLOCK 64

/* The state after the key's block, with which both hashes begin. */
static void start(uint32_t state[SHA1_STATE], const uint8_t key[SHA1_MAC_LEN], uint8_t pad)
{
	uint8_t block[BLOCK];
	SHA_CTX c;
	for (unsigned i = 0; i < BLOCK; i++)
		block[i] = (uint8_t)((i < SHA1_MAC_LEN ? key[i] : 0) ^ pad);
	SHA1_Init(&c);
	SHA1_Update(&c, block, BLOCK);
	const uint32_t after[SHA1_STATE] = { c.h0, c.h1, c.h2, c.h3, c.h4 };
	for (unsigned i = 0; i < SHA1_STATE; i++)
		state[i] = after[i];
	OPENSSL_cleanse(block, sizeof(block));
	OPENSSL_cleanse(&c, sizeof(c));
}

void sha1_mac_init(struct sha1_mac *m, const uint8_t key[SHA1_MAC_LEN])
{
	start(m->inner, key, 0x36);
	start(m->outer, key, 0x5c);
}

static inline void resume(SHA_CTX *c, const uint32_t s[SHA1_STATE])
{
	c->h0 = s[0];
	c->h1 = s[1];
	c->h2 = s[2];
	c->h3 = s[3];
	c->h4 = s[4];
	c->Nl = BLOCK * 8;
	c->Nh = 0;
	c->num = 0;
}

void sha1_mac(const struct sha1_mac *m, const uint8_t *data, size_t len, const uint8_t *tail,
	size_t tail_len, uint8_t tag[SHA1_MAC_LEN])
{
	SHA_CTX c;
	resume(&c, m->inner);
	SHA1_Update(&c, data, len);
	SHA1_Update(&c, tail, tail_len);
	SHA1_Final(tag, &c);
	resume(&c, m->outer);
	SHA1_Update(&c, tag, SHA1_MAC_LEN);
	SHA1_Final(tag, &c);
}
