/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of certificate fingerprints: filled from an SDP by jsep, asked by the secure thread. */
#include "fingerprint.h"
#include <string.h>
#include <strings.h>

/* RFC 8122, section 5, without md5 and md2. */
static const struct {
	const char *name;
	uint8_t len;
} hashes[] = {
	{ "sha-256", 32 },
	{ "sha-1", 20 },
	{ "sha-224", 28 },
	{ "sha-384", 48 },
	{ "sha-512", 64 },
};
#define N_HASHES (sizeof(hashes) / sizeof(*hashes))

size_t fingerprint_len(const char *name, size_t name_len)
{
	for (unsigned i = 0; i < N_HASHES; i++)
		if (strlen(hashes[i].name) == name_len &&
			!strncasecmp(hashes[i].name, name, name_len))
			return hashes[i].len;
	return 0;
}

const char *fingerprint_name(size_t len)
{
	for (unsigned i = 0; i < N_HASHES; i++)
		if (hashes[i].len == len)
			return hashes[i].name;
	return "";
}

void fingerprints_add(struct fingerprints *f, const uint8_t *bytes, size_t len)
{
	if (len > FINGERPRINT_MAX || len < f->len || fingerprints_have(f, bytes, len))
		return;
	if (len > f->len) {
		memset(f, 0, sizeof(*f));
		f->len = (uint8_t)len;
	}
	f->is_over = f->n == FINGERPRINTS_MAX || (f->n + 1u) * len > sizeof(f->bytes);
	if (f->is_over)
		return;
	memcpy(f->bytes + f->n++ * len, bytes, len);
}

bool fingerprints_have(const struct fingerprints *f, const uint8_t *digest, size_t len)
{
	for (unsigned i = 0; len && len == f->len && i < f->n; i++)
		if (!memcmp(f->bytes + i * len, digest, len))
			return true;
	return false;
}

bool fingerprints_differ(const struct fingerprints *a, const struct fingerprints *b)
{
	for (unsigned i = 0; i < a->n; i++)
		if (fingerprints_have(b, a->bytes + (size_t)i * a->len, a->len))
			return false;
	return a->n && b->n && a->len == b->len;
}

bool fingerprints_equal(const struct fingerprints *a, const struct fingerprints *b)
{
	return !memcmp(a, b, sizeof(*a)); /* what is unused is zero */
}

static size_t place(size_t len)
{
	size_t at = 0;
	for (unsigned i = 0; i < N_HASHES; i++)
		if (hashes[i].len < len)
			at += hashes[i].len;
	return at;
}

uint8_t *identity_at(struct identity *id, size_t len)
{
	return id->digests + place(len);
}

bool identity_is(const struct identity *id, const struct fingerprints *f)
{
	return fingerprints_have(f, id->digests + place(f->len), f->len);
}
