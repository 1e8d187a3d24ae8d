/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/** @file
 * The one cryptographic function of the control side. Any thread. */

#define SIGN_TEXT_MAX 32 /**< with its NUL */

/** HMAC-SHA1 of @p data in Base64. @return false when the library refuses */
bool sign_hmac_sha1(char out[SIGN_TEXT_MAX], const char *key, const char *data, size_t len);
/** "OpenSSL 3.0.…" */
const char *sign_library(void);
