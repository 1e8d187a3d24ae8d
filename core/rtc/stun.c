/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "../rtp/rtp.h"
#include "stun.h"

#define BINDING_REQUEST 0x0001
#define BINDING_SUCCESS 0x0101
/* A peer-reflexive candidate (RFC 8445, section 5.1.2.1): what the peer would learn by our check */
#define PRIORITY (110u << 24 | 65535u << 8 | 255u)
/* The lowest, so that a peer which takes itself for the controlled side as well changes its mind
 * (RFC 8445, section 7.3.1.1): a lite agent cannot control a full one. */
#define TIE_BREAKER 0

static const uint16_t known_attributes[] = {
	STUN_ATTRIBUTE_USERNAME,
	STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
	STUN_ATTRIBUTE_PRIORITY,
	STUN_ATTRIBUTE_USE_CANDIDATE,
	STUN_ATTRIBUTE_ERROR_CODE,
	STUN_ATTRIBUTE_REALM,
	STUN_ATTRIBUTE_NONCE,
	STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
	0,
};

void stun_init(struct stun *s)
{
	stun_agent_init(&s->ice, known_attributes, STUN_COMPATIBILITY_RFC5389,
		STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
	stun_agent_init(&s->own, known_attributes, STUN_COMPATIBILITY_RFC5389,
		STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
	stun_agent_init(&s->plain, known_attributes, STUN_COMPATIBILITY_RFC5389,
		STUN_AGENT_USAGE_IGNORE_CREDENTIALS);
}

struct validation {
	stun_lookup *lookup;
	void *arg;
	const char *password;
};

static bool find_password(StunAgent *agent, StunMessage *msg, uint8_t *name, uint16_t len,
	uint8_t **password, size_t *password_len, void *data)
{
	struct validation *v = data;
	(void)agent;
	(void)msg;
	const uint8_t *colon = name ? memchr(name, ':', len) : NULL;
	if (!colon)
		return false;
	v->password = v->lookup(v->arg, (const char *)name, (size_t)(colon - name));
	if (!v->password)
		return false;
	*password = (uint8_t *)v->password;
	*password_len = strlen(v->password);
	return true;
}

/* The cheap look that lets noise go no further: a binding message with the magic cookie and a
 * fitting length. */
static bool looks_like(uint16_t type, const uint8_t *data, size_t len)
{
	return len >= 20 && len <= 1500 && rd16(data) == type && rd32(data + 4) == 0x2112a442 &&
	       rd16(data + 2) == len - 20;
}

/* Does it look like a connectivity check, in whatever order its attributes stand? Then it has to be
 * a valid one. */
static bool has_credentials(const uint8_t *data, size_t len)
{
	for (size_t at = 20; at + 4 <= len; at += 4 + ((rd16(data + at + 2) + 3u) & ~3u))
		if (rd16(data + at) == STUN_ATTRIBUTE_USERNAME ||
			rd16(data + at) == STUN_ATTRIBUTE_MESSAGE_INTEGRITY)
			return true;
	return false;
}

enum stun_kind stun_read(struct stun *s, const uint8_t *data, size_t len, stun_lookup *lookup,
	void *arg, struct stun_request *out)
{
	if (!looks_like(BINDING_REQUEST, data, len))
		return STUN_NOTHING;
	struct validation v = { lookup, arg, NULL };
	memset(out, 0, sizeof(*out));
	StunValidationStatus st =
		stun_agent_validate(&s->ice, &out->msg, data, len, find_password, &v);
	if (v.password && (st == STUN_VALIDATION_SUCCESS ||
				  st == STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE)) {
		out->nominates =
			stun_message_has_attribute(&out->msg, STUN_ATTRIBUTE_USE_CANDIDATE);
		out->is_controlled =
			stun_message_has_attribute(&out->msg, STUN_ATTRIBUTE_ICE_CONTROLLED);
		out->password = v.password;
		return st == STUN_VALIDATION_SUCCESS ? STUN_CHECK : STUN_UNKNOWN;
	}
	if (v.password || has_credentials(data, len))
		return STUN_NOTHING;
	st = stun_agent_validate(&s->plain, &out->msg, data, len, NULL, NULL);
	return st == STUN_VALIDATION_SUCCESS ? STUN_PLAIN : STUN_NOTHING;
}

static size_t finish(StunAgent *agent, StunMessage *msg, const struct stun_request *r)
{
	return stun_agent_finish_message(
		agent, msg, (const uint8_t *)r->password, r->password ? strlen(r->password) : 0);
}

size_t stun_answer(struct stun *s, enum stun_kind kind, struct stun_request *r,
	const struct addr *from, uint8_t out[STUN_MAX])
{
	StunAgent *agent = kind == STUN_PLAIN ? &s->plain : &s->ice;
	StunMessage msg;
	struct sockaddr_storage ss = { 0 };
	if (kind == STUN_UNKNOWN)
		return stun_agent_build_unknown_attributes_error(
			agent, &msg, out, STUN_MAX, &r->msg);
	memcpy(&ss, from, addr_len(from));
	if (!stun_agent_init_response(agent, &msg, out, STUN_MAX, &r->msg) ||
		stun_message_append_xor_addr(
			&msg, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &ss, addr_len(from)))
		return 0;
	return finish(agent, &msg, r);
}

size_t stun_answer_conflict(struct stun *s, struct stun_request *r, uint8_t out[STUN_MAX])
{
	StunMessage msg;
	if (!stun_agent_init_error(&s->ice, &msg, out, STUN_MAX, &r->msg, STUN_ERROR_ROLE_CONFLICT))
		return 0;
	return finish(&s->ice, &msg, r);
}

/* ---- checks of our own ---- */

size_t stun_request(struct stun *s, const struct stun_own *own, uint8_t out[STUN_MAX])
{
	StunMessage msg;
	StunTransactionId id;
	char name[ICE_UFRAG_MAX + ICE_OUR_UFRAG + 2];
	int len = snprintf(name, sizeof(name), "%s:%s", own->peer_ufrag, own->our_ufrag);
	if (!stun_agent_init_request(&s->own, &msg, out, STUN_MAX, STUN_BINDING) ||
		stun_message_append_bytes(&msg, STUN_ATTRIBUTE_USERNAME, name, (size_t)len) ||
		stun_message_append32(&msg, STUN_ATTRIBUTE_PRIORITY, PRIORITY) ||
		stun_message_append64(&msg, STUN_ATTRIBUTE_ICE_CONTROLLED, TIE_BREAKER))
		return 0;
	memcpy(out + STUN_ID_AT, own->id, STUN_ID);
	size_t n = stun_agent_finish_message(
		&s->own, &msg, (const uint8_t *)own->peer_pwd, strlen(own->peer_pwd));
	stun_message_id(&msg, id); /* the caller remembers it, for each path */
	stun_agent_forget_transaction(&s->own, id);
	return n;
}

bool stun_is_response(const uint8_t *data, size_t len)
{
	return looks_like(BINDING_SUCCESS, data, len);
}

bool stun_is_answer(struct stun *s, const uint8_t *data, size_t len, const char *peer_pwd)
{
	StunMessage msg;
	StunAgentSavedIds *sent = &s->own.sent_ids[0];
	*sent = (StunAgentSavedIds){ .method = STUN_BINDING,
		.key = (uint8_t *)peer_pwd,
		.key_len = strlen(peer_pwd),
		.valid = true };
	memcpy(sent->id, data + STUN_ID_AT - 4, sizeof(sent->id)); /* with the cookie */
	StunValidationStatus st = stun_agent_validate(&s->own, &msg, data, len, NULL, NULL);
	sent->valid = false;
	return st == STUN_VALIDATION_SUCCESS &&
	       stun_message_has_attribute(&msg, STUN_ATTRIBUTE_MESSAGE_INTEGRITY);
}
