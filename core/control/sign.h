/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * The cryptographic functions of the control side: auth.c and ice_servers.c sign by them. Any
 * thread. */

#define SIGN_TEXT_MAX   32 /**< with its NUL */
#define SIGN_SHA256_LEN 32

/** HMAC-SHA1 of @p data in Base64. @return false when the library refuses */
bool sign_hmac_sha1(char out[SIGN_TEXT_MAX], const char *key, const char *data, size_t len);
/** HMAC-SHA256 of @p data as bytes. @return false when the library refuses */
bool sign_hmac_sha256(uint8_t out[SIGN_SHA256_LEN], const void *key, size_t key_len,
	const char *data, size_t len);
/** Compare two of them in constant time. */
bool sign_same_sha256(const uint8_t a[SIGN_SHA256_LEN], const uint8_t b[SIGN_SHA256_LEN]);
/** "OpenSSL 3.0.…" */
const char *sign_library(void);
