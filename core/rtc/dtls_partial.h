/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../rtp/rtp.h"
#include "dtls_record.h"

/** @file
 * Handshake messages that are put together of fragments, which anybody may have sent: there is room
 * for some that contradict each other, and dtls_sieve.h finds out which to believe. */
#define DTLS_MESSAGE_HEADER 12
#define DTLS_PARTIAL_FRONT  (DTLS_RECORD_HEADER + DTLS_MESSAGE_HEADER)

struct dtls_partial {
	struct dtls_partial *next; /* heard less recently */
	uint16_t seq, id;
	uint8_t type;
	uint32_t len, got;
	uint32_t datagram; /* in which it began */
	bool is_known;     /* a certificate of whom we expect */
	bool is_chosen;    /* proven by the signature of its flight */
	uint8_t *seen;     /* bit by byte */
	uint8_t bytes[];   /* DTLS_PARTIAL_FRONT, the message, and seen */
};
struct dtls_partials {
	struct dtls_partial *first; /**< the one heard last */
	unsigned n;
	size_t n_bytes;
	uint16_t last_id;
};

static inline uint32_t dtls_rd24(const uint8_t *at)
{
	return (uint32_t)at[0] << 16 | rd16(at + 1);
}

/** Take in a fragment, with its header, that is within its message: it goes to all that it does not
 *  contradict. What is oldest makes room. @param datagram which one it came in */
void dtls_partials_put(struct dtls_partials *p, const uint8_t *fragment, uint32_t datagram);
/** Take one out, which is the caller's now. @param at what points to it */
void dtls_partials_take(struct dtls_partials *p, struct dtls_partial **at);
void dtls_partials_drop(struct dtls_partials *p, struct dtls_partial **at);
void dtls_partials_clear(struct dtls_partials *p);
/** Write the header of a whole message before it. */
void dtls_partial_head(struct dtls_partial *m);
