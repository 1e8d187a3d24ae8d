/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/** @file
 * HMAC-SHA1 (RFC 2104) begun with its key: what is left to do for a message starts from two states
 * of SHA-1, which are all that is kept of the key. */
#define SHA1_MAC_LEN 20
#define SHA1_STATE   5

struct sha1_mac {
	uint32_t inner[SHA1_STATE], outer[SHA1_STATE];
};
void sha1_mac_init(struct sha1_mac *m, const uint8_t key[SHA1_MAC_LEN]);
/** @param tail follows the data, to be authenticated without lying there; tail_len 0: none */
void sha1_mac(const struct sha1_mac *m, const uint8_t *data, size_t len, const uint8_t *tail,
	size_t tail_len, uint8_t tag[SHA1_MAC_LEN]);
