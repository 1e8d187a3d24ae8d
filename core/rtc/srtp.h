/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "srtp_engine.h"

/** @file
 * SRTP and SRTCP (RFC 3711, 7714) of one PeerConnection, both directions, behind one seam: our own
 * for AES-GCM and AES-CM-SHA1-80, over OpenSSL or libipsec-mb, and libsrtp2 for every other profile
 * and as the reference of the tests. Between a peer and the sockets, both ways. One thread.
 *
 * One key must never protect two different packets with the same SSRC and index: with AES-GCM that
 * would give the authentication key away, and the header counts as part of the packet. Sealing
 * watches over it: it takes the 48-bit index of each packet, seals each once, and again only what
 * the caller has proven to be the same bytes (replay_claim()). All else is refused and counted. An
 * SSRC should start below 2^15: a first packet lost just before a wrap would leave the peer with
 * the wrong roll-over count (RFC 3711, 3.3.1). */
#define SRTP_OVERHEAD 24 /**< bytes that srtp_seal() and srtp_seal_rtcp() may add */
enum srtp_engine {
	SRTP_AUTO,     /**< the fastest here that has the profile */
	SRTP_EVP,      /**< OpenSSL */
	SRTP_IPSEC_MB, /**< libipsec-mb for AES-GCM and batches of AES-CM, OpenSSL for the rest */
	SRTP_LIBSRTP2, /**< the reference */
};
/** @return ERR_UNSUPPORTED: the engine does not have the profile, or is not on this machine. */
enum err srtp_new(struct srtp **out, enum srtp_engine engine, const struct srtp_keys *keys);
/** Is it on this machine? */
bool srtp_has(enum srtp_engine engine);
/** Whose AES-GCM it comes down to: "OpenSSL", "libipsec-mb" or "libsrtp2". */
const char *srtp_gcm_name(enum srtp_engine engine);

static inline void srtp_free(struct srtp *s) /**< NULL is fine. */
{
	if (s)
		s->ops->free(s);
}
/** srtp_seal() will come soon: ask for its memory, with @p hop 0, and a packet or so later with
 *  1. */
static inline void srtp_warm(const struct srtp *s, unsigned hop)
{
	if (s->ops->warm)
		s->ops->warm(s, hop);
}
/** Protect header + payload into @p out, which has room for both and SRTP_OVERHEAD.
 *  @return bytes written, 0: refused (its index, too many sources, or the engine failed). */
static inline size_t srtp_seal(struct srtp *s, const struct rtp_parts *p, uint8_t *out)
{
	return s->ops->seal(s, NULL, p, out);
}
/** The same for one of many packets: where that pays, the tag is still missing until
 *  cm_batch_finish(). The bytes must neither move nor change before, but @p s may be freed.
 *  @param b of this thread, NULL: no batch */
static inline size_t srtp_seal_later(
	struct srtp *s, struct cm_batch *b, const struct rtp_parts *p, uint8_t *out)
{
	return s->ops->seal(s, b, p, out);
}
/** This SSRC will never be sealed again: it was given up, and whoever gives SSRCs does not give it
 *  a second time under the same keys. Unknown: fine. */
static inline void srtp_forget(struct srtp *s, uint32_t ssrc)
{
	s->ops->forget(s, ssrc);
}
/** Check and decrypt a packet in place; *len becomes that of the plaintext.
 *  @return ERR_INVALID: malformed, ERR_DENIED: not authentic, ERR_EXISTS: a replay or too old to
 * tell, ERR_FULL. */
static inline enum err srtp_open(struct srtp *s, uint8_t *data, size_t *len)
{
	return s->ops->open(s, data, len);
}
/** The same for a compound RTCP packet. */
static inline size_t srtp_seal_rtcp(struct srtp *s, const uint8_t *data, size_t len, uint8_t *out)
{
	return s->ops->seal_rtcp(s, data, len, out);
}
static inline enum err srtp_open_rtcp(struct srtp *s, uint8_t *data, size_t *len)
{
	return s->ops->open_rtcp(s, data, len);
}
