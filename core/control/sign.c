/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include "sign.h"

#define SHA1_LEN 20

bool sign_hmac_sha1(char out[SIGN_TEXT_MAX], const char *key, const char *data, size_t len)
{
	unsigned char mac[SHA1_LEN];
	unsigned mac_len = sizeof mac;
	if (!HMAC(EVP_sha1(), key, (int)strlen(key), (const unsigned char *)data, len, mac,
		    &mac_len))
		return false;
	EVP_EncodeBlock((unsigned char *)out, mac, (int)mac_len); /* 28 characters and a NUL */
	return true;
}

bool sign_hmac_sha256(
	uint8_t out[SIGN_SHA256_LEN], const void *key, size_t key_len, const char *data, size_t len)
{
	unsigned out_len = SIGN_SHA256_LEN;
	return HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)data, len, out,
		       &out_len) != NULL;
}

bool sign_same_sha256(const uint8_t a[SIGN_SHA256_LEN], const uint8_t b[SIGN_SHA256_LEN])
{
	return CRYPTO_memcmp(a, b, SIGN_SHA256_LEN) == 0;
}

const char *sign_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}
