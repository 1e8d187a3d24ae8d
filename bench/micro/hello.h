/* SPDX-License-Identifier: Apache-2.0 */
/** What the load client tells the bare forwarder instead of signalling, ICE and DTLS: one datagram
 *  from each of its sockets, answered by the same. Both are on one machine, so it is a plain
 * struct. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define HELLO_MAGIC  0x65726162u /* "bare"; no RTP begins like that */
#define HELLO_FEEDS  256
#define HELLO_MASTER 30 /* a master key and its salt, which AES-GCM has shorter */

struct hello {
	uint32_t magic;
	uint32_t number;  /* of the peer, from 1 */
	uint32_t profile; /* of SRTP, the IANA number */
	uint32_t n_feeds;
	uint32_t feed[HELLO_FEEDS]; /* numbers of the peers whom it hears; they have said hello
				       before */
};

static inline size_t hello_len(const struct hello *h)
{
	return offsetof(struct hello, feed) + h->n_feeds * sizeof(h->feed[0]);
}

/* Not secret and not random; but every peer and direction has its own, as with a server. */
static inline void hello_master(uint8_t out[HELLO_MASTER], uint32_t number, int is_from_client)
{
	uint64_t x = 0x9e3779b97f4a7c15ull * (2 * (uint64_t)number + (uint64_t)is_from_client + 1);
	for (int i = 0; i < HELLO_MASTER; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		out[i] = (uint8_t)(x >> 24);
	}
}
