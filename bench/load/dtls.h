/* SPDX-License-Identifier: Apache-2.0 */
/** The DTLS handshake of a peer, and the SRTP keys that come of it (RFC 5764). libsrtp2 does the
 *  encryption, which shares nothing with the measured server. */
#ifndef LOAD_DTLS_H
#define LOAD_DTLS_H
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stdint.h>

struct peer;

#define DTLS_KEY 16 /**< bytes of a master key */

void dtls_init(void);
const char *dtls_fingerprint(void); /**< As in SDP: "sha-256 AB:…" */
void dtls_begin(struct peer *p);    /**< As client: say hello. */
void dtls_in(struct peer *p, const uint8_t *datagram, int n);
void dtls_timer(struct peer *p);
void dtls_free(struct peer *p); /**< Sends close_notify. */
/** One direction of SRTP from a master key and its salt. @return false: libsrtp2 refused */
bool dtls_session(
	srtp_t *out, bool is_gcm, const uint8_t *key, const uint8_t *salt, bool is_inbound);
#endif
