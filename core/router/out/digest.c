/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "../../base/rand.h"
#include "digest.h"

/* Two universal hashes, one after the other. NH (RFC 4418, section 5.2, with words of 64 bits) sums
 * up products of pairs of words, a word of the key added to each: quick, with a key as long as the
 * packet. A polynomial modulo 2^61 - 1 then makes 64 bits of the sum and the two lengths, without
 * which zeros behind the end could be another packet's. 2^61 is 1 there: what lies above bit 61 of
 * a product is added to what lies below, so that 5 * 2^61 + 3 becomes 8. */
#define P   ((1ULL << 61) - 1)
#define TWO 16 /* bytes of two words */

typedef unsigned __int128 u128;

void digest_key_make(struct digest_key *k)
{
	do {
		rand_bytes(k, sizeof *k);
		k->at &= P;
	} while (k->at < 2 || k->at == P);
}

static inline u128 pair(const uint64_t *key, const uint8_t *data)
{
	uint64_t w[2];
	memcpy(w, data, TWO);
	return (u128)(w[0] + key[0]) * (w[1] + key[1]);
}

/* @return the sum over @p data, filled up with zeros; *key moves on. */
static u128 nh(const uint64_t **key, const uint8_t *data, size_t len)
{
	uint8_t rest[TWO] = { 0 };
	u128 sum = 0;
	for (; len >= TWO; data += TWO, len -= TWO, *key += 2)
		sum += pair(*key, data);
	if (len) {
		memcpy(rest, data, len);
		sum += pair(*key, rest);
		*key += 2;
	}
	return sum;
}

static uint64_t step(uint64_t h, uint64_t at, uint32_t word)
{
	u128 product = (u128)h * at;
	uint64_t sum = ((uint64_t)product & P) + (uint64_t)(product >> 61) + word;
	return (sum & P) + (sum >> 61);
}

uint64_t digest(const struct digest_key *k, const struct rtp_parts *p)
{
	const uint64_t *key = k->words;
	u128 sum = nh(&key, p->header, p->header_len);
	sum += nh(&key, p->payload, p->payload_len);
	uint64_t h = step(1, k->at, (uint32_t)p->header_len);
	h = step(h, k->at, (uint32_t)p->payload_len);
	for (unsigned i = 0; i < 4; i++)
		h = step(h, k->at, (uint32_t)(sum >> 32 * i));
	return h;
}
