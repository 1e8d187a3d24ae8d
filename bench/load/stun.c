/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include "base.h"
#include "stun.h"

#define COOKIE        0x2112a442u
#define USERNAME      0x0006
#define INTEGRITY     0x0008
#define ERROR_CODE    0x0009
#define XOR_MAPPED    0x0020
#define PRIORITY      0x0024
#define USE_CANDIDATE 0x0025
#define FINGERPRINT   0x8028
#define CONTROLLED    0x8029
#define CONTROLLING   0x802a
#define HEADER        20
#define MAC           20

static uint32_t crc32_of(const uint8_t *p, size_t n)
{
	uint32_t c = 0xffffffffu;
	while (n--) {
		c ^= *p++;
		for (int k = 0; k < 8; k++)
			c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
	}
	return ~c;
}

static void mac_of(const char *key, const uint8_t *p, size_t n, uint8_t out[MAC])
{
	unsigned len = MAC;
	HMAC(EVP_sha1(), key, (int)strlen(key), p, n, out, &len);
}

static void take_attribute(struct stun *s, uint16_t type, const uint8_t *v, uint16_t len, size_t at)
{
	if (type == USERNAME && len < sizeof(s->username)) {
		memcpy(s->username, v, len);
		s->username[len] = 0;
	} else if (type == INTEGRITY && len == MAC) {
		s->integrity_at = at;
	} else if (type == ERROR_CODE && len >= 4) {
		s->error = v[2] * 100 + v[3];
	} else if (type == USE_CANDIDATE) {
		s->use_candidate = true;
	} else if ((type == CONTROLLING || type == CONTROLLED) && len == 8) {
		s->tie = get64(v);
		*(type == CONTROLLING ? &s->is_controlling : &s->is_controlled) = true;
	}
}

bool stun_parse(struct stun *s, const uint8_t *p, size_t n)
{
	if (n < HEADER || (p[0] & 0xc0) || get32(p + 4) != COOKIE ||
		get16(p + 2) + HEADER != (int)n)
		return false;
	*s = (struct stun){ .type = get16(p) };
	memcpy(s->id, p + 8, 12);
	for (size_t at = HEADER; at + 4 <= n;) {
		uint16_t len = get16(p + at + 2);
		if (at + 4 + len > n)
			return false;
		take_attribute(s, get16(p + at), p + at + 4, len, at);
		at += 4 + ((len + 3u) & ~3u);
	}
	return true;
}

bool stun_is_genuine(const struct stun *s, const uint8_t *p, const char *key)
{
	uint8_t copy[2048], mac[MAC];
	if (!s->integrity_at || s->integrity_at > sizeof(copy))
		return false;
	memcpy(copy, p, s->integrity_at);
	put16(copy + 2, (uint16_t)(s->integrity_at + 4 + MAC - HEADER));
	mac_of(key, copy, s->integrity_at, mac);
	return !memcmp(mac, p + s->integrity_at + 4, MAC);
}

static size_t begin(uint8_t *out, uint16_t type, const uint8_t id[12])
{
	put16(out, type);
	put16(out + 2, 0);
	put32(out + 4, COOKIE);
	memcpy(out + 8, id, 12);
	return HEADER;
}

static size_t add(uint8_t *out, size_t n, uint16_t type, const void *v, size_t len)
{
	put16(out + n, type);
	put16(out + n + 2, (uint16_t)len);
	memcpy(out + n + 4, v, len);
	n += 4 + len;
	while (n & 3)
		out[n++] = 0;
	return n;
}

static size_t finish(uint8_t *out, size_t n, const char *key)
{
	uint8_t mac[MAC], sum[4];
	put16(out + 2, (uint16_t)(n + 4 + MAC - HEADER));
	mac_of(key, out, n, mac);
	n = add(out, n, INTEGRITY, mac, MAC);
	put16(out + 2, (uint16_t)(n + 8 - HEADER));
	put32(sum, crc32_of(out, n) ^ 0x5354554eu);
	return add(out, n, FINGERPRINT, sum, 4);
}

size_t stun_request(uint8_t *out, const uint8_t id[12], const struct stun_check *c)
{
	uint8_t v[8];
	size_t n = begin(out, STUN_REQUEST, id);
	n = add(out, n, USERNAME, c->username, strlen(c->username));
	put32(v, c->priority);
	n = add(out, n, PRIORITY, v, 4);
	put64(v, c->tie);
	n = add(out, n, c->is_controlling ? CONTROLLING : CONTROLLED, v, 8);
	if (c->is_controlling)
		n = add(out, n, USE_CANDIDATE, v, 0);
	return finish(out, n, c->key);
}

size_t stun_success(
	uint8_t *out, const uint8_t id[12], const struct sockaddr_in *from, const char *key)
{
	uint8_t v[8] = { 0, 1 };
	size_t n = begin(out, STUN_SUCCESS, id);
	put16(v + 2, (uint16_t)(ntohs(from->sin_port) ^ (COOKIE >> 16)));
	put32(v + 4, ntohl(from->sin_addr.s_addr) ^ COOKIE);
	n = add(out, n, XOR_MAPPED, v, 8);
	return finish(out, n, key);
}

size_t stun_error(uint8_t *out, const uint8_t id[12], int code, const char *key)
{
	uint8_t v[4] = { 0, 0, (uint8_t)(code / 100), (uint8_t)(code % 100) };
	size_t n = begin(out, STUN_ERROR, id);
	n = add(out, n, ERROR_CODE, v, 4);
	return finish(out, n, key);
}
