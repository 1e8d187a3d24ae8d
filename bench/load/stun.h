/* SPDX-License-Identifier: Apache-2.0 */
/** The few STUN messages that ICE needs (RFC 8489, RFC 8445). */
#ifndef LOAD_STUN_H
#define LOAD_STUN_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STUN_MAX     512
#define STUN_REQUEST 0x0001
#define STUN_SUCCESS 0x0101
#define STUN_ERROR   0x0111

struct stun {
	uint16_t type;
	uint8_t id[12];
	bool use_candidate, is_controlling, is_controlled;
	uint64_t tie;
	int error;
	size_t integrity_at; /**< 0: has none. */
	char username[160];
};
struct stun_check {
	const char *username, *key;
	uint32_t priority;
	bool is_controlling;
	uint64_t tie;
};

bool stun_parse(struct stun *out, const uint8_t *p, size_t n);
bool stun_is_genuine(const struct stun *s, const uint8_t *p, const char *key);
/** A binding request with all that a check carries; nominates when controlling. @return its
 *  length */
size_t stun_request(uint8_t *out, const uint8_t id[12], const struct stun_check *c);
size_t stun_success(
	uint8_t *out, const uint8_t id[12], const struct sockaddr_in *from, const char *key);
size_t stun_error(uint8_t *out, const uint8_t id[12], int code, const char *key);
#endif
