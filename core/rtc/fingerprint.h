/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * The certificates that a peer may have, by their fingerprints (RFC 8122): all of one hash
 * function, the strongest that its SDP uses, and any of them may match (section 5.1). A flat value.
 */
#define FINGERPRINT_MAX  64  /**< bytes of one: sha-512 */
#define FINGERPRINTS_MAX 8   /**< of one certificate and of those that may follow it */
#define FINGERPRINT_ROOM 256 /**< eight of sha-256, four of sha-512 */

struct fingerprints {
	uint8_t len; /**< bytes of each, which tell the hash function; 0: none are known */
	uint8_t n;
	uint8_t is_over; /**< there was one more than there is room for */
	uint8_t bytes[FINGERPRINT_ROOM];
};

/** @return bytes of a hash function's digests by its name of @p name_len bytes ("sha-256", in any
 * case), 0: none that is known */
size_t fingerprint_len(const char *name, size_t name_len);
/** @return its name, "" for a length that none has */
const char *fingerprint_name(size_t len);
/** Add one of @p len bytes. A stronger function replaces the weaker ones; a weaker one is passed
 * over, and so is one too many, see is_over. */
void fingerprints_add(struct fingerprints *f, const uint8_t *bytes, size_t len);
/** Is this digest one of them? */
bool fingerprints_have(const struct fingerprints *f, const uint8_t *digest, size_t len);
/** Are both known, of one function, and have none in common: another certificate? */
bool fingerprints_differ(const struct fingerprints *a, const struct fingerprints *b);
bool fingerprints_equal(const struct fingerprints *a, const struct fingerprints *b);

/** What is left of a certificate when its TLS object is gone: its digests by all of the functions.
 */
struct identity {
	uint8_t digests[192]; /**< shortest first, each behind the other */
};
/** Where the digest of @p len bytes is. */
uint8_t *identity_at(struct identity *id, size_t len);
/** Is it the certificate of one of these fingerprints? */
bool identity_is(const struct identity *id, const struct fingerprints *f);
