/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "ossl.h"
#include <stdbool.h>
#include "dtls_record.h"
#include "fingerprint.h"
#include "srtp.h"

/** @file
 * What is taken out of OpenSSL's TLS object when its handshake is done. */

/** What the bare record layer goes on from, but for the numbers of records and which side is ours.
 *  @return false: another version than DTLS 1.2, or another cipher than AES-GCM */
bool dtls_export_secrets(SSL *ssl, struct dtls_secrets *out);
/** As dtls_keys(). */
bool dtls_export_keys(SSL *ssl, bool is_server, struct srtp_keys *out);
/** As dtls_identify(). */
bool dtls_export_identity(SSL *ssl, struct identity *out);
