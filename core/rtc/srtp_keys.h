/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * The keys of SRTP and their profiles (RFC 5764, 7714): from the DTLS handshake, by the secure
 * thread, to the engine that the worker makes of them. */
enum {
	SRTP_PROFILE_CM_80 = 1,
	SRTP_PROFILE_CM_32 = 2,
	SRTP_PROFILE_GCM_128 = 7,
	SRTP_PROFILE_GCM_256 = 8,
};
#define SRTP_MASTER_MAX 46 /**< a master key and its salt: 32 + 14 at most */

/** What a DTLS handshake yields: a flat value. */
struct srtp_keys {
	uint16_t profile;                                     /**< the IANA number */
	uint8_t send[SRTP_MASTER_MAX], recv[SRTP_MASTER_MAX]; /**< master key, then its salt */
};
/** Lengths of a profile's master key and salt. @return false: unknown profile. */
bool srtp_profile_lens(uint16_t profile, size_t *key_len, size_t *salt_len);
