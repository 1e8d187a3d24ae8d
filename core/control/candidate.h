/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../rtc/addr.h"

/** @file
 * Candidates of clients as text (RFC 8839, section 5.1). An ICE-lite server has no need of them:
 * they are kept by peerconn.c to be shown by handleinfo_transport.c. Pure functions. */
enum candidate_type { CANDIDATE_HOST, CANDIDATE_SRFLX, CANDIDATE_PRFLX, CANDIDATE_RELAY };

struct candidate {
	enum candidate_type type;
	bool is_udp;
	struct addr addr; /**< family 0: it has a name in the place of an address */
};

/** Read what stands behind "candidate:". @return false: it is none */
bool candidate_read(struct candidate *out, const char *text);
const char *candidate_word(enum candidate_type type); /**< "host", … */
