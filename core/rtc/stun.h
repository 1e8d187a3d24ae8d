/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stun/stunagent.h>
#include "addr.h"

/** @file
 * STUN binding requests (RFC 8489) as a server meets them: ICE connectivity checks (RFC 8445,
 * section 7.3) and plain requests for one's own address; and checks of our own. Parsing, integrity
 * and printing are libnice's. Whatever is not valid gets no answer. */
struct stun {
	StunAgent ice, plain, own;
};
void stun_init(struct stun *s);

enum stun_kind {
	STUN_NOTHING, /**< not valid, not a request, or not for us */
	STUN_PLAIN,   /**< a binding request without credentials */
	STUN_CHECK,   /**< an authenticated connectivity check */
	STUN_UNKNOWN, /**< authenticated, but with an attribute that we had to understand */
};
/** A request that waits for its answer. */
struct stun_request {
	StunMessage msg;
	bool nominates;       /**< USE-CANDIDATE */
	bool is_controlled;   /**< the peer takes itself for the controlled side */
	const char *password; /**< that the look-up gave */
};
#define STUN_MAX 512 /**< room for any answer */

/** The password for a request's user name. @param ours the part before the colon, not terminated
 *  @return borrowed until the request is answered, NULL: unknown. */
typedef const char *stun_lookup(void *arg, const char *ours, size_t len);

/** Read a datagram. @param data borrowed until the request is answered */
enum stun_kind stun_read(struct stun *s, const uint8_t *data, size_t len, stun_lookup *lookup,
	void *arg, struct stun_request *out);
/** Success, with the address it came from. @return bytes written */
size_t stun_answer(struct stun *s, enum stun_kind kind, struct stun_request *r,
	const struct addr *from, uint8_t out[STUN_MAX]);
/** Error 487: both sides take themselves for controlled. */
size_t stun_answer_conflict(struct stun *s, struct stun_request *r, uint8_t out[STUN_MAX]);

#define STUN_ID    12 /**< bytes of a transaction id … */
#define STUN_ID_AT 8  /**< … and where they stand */
/** A connectivity check of our own, as the controlled side. All borrowed. */
struct stun_own {
	const uint8_t *id; /**< STUN_ID random bytes */
	const char *peer_ufrag, *our_ufrag, *peer_pwd;
};
/** @return bytes written, 0: it does not fit */
size_t stun_request(struct stun *s, const struct stun_own *own, uint8_t out[STUN_MAX]);
/** Does it look like a success response? Then it has a transaction id. */
bool stun_is_response(const uint8_t *data, size_t len);
/** Is it a valid one, by who knows this password? That it belongs to a check is for the caller to
 * find out, by its transaction id. */
bool stun_is_answer(struct stun *s, const uint8_t *data, size_t len, const char *peer_pwd);
