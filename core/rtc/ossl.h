/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * OpenSSL's headers, whose type ERR_STATE would stand in the way of our error of the same name. */
#define ERR_STATE OSSL_ERR_STATE
/* SHA_CTX is deprecated, but copying two ready states is the cheapest HMAC there is: a third less
 * than EVP_MAC for 200 bytes, and half the price of HMAC_Init_ex. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#undef ERR_STATE
