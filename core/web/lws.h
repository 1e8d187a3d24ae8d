/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * libwebsockets and OpenSSL, whose type ERR_STATE would stand in the way of our error of the same
 * name. */
#define ERR_STATE OSSL_ERR_STATE
#include <libwebsockets.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#undef ERR_STATE
