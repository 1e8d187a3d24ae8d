/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "dtls_flight.h"

/** @file
 * What a DTLS 1.2 handshake gets to read. Nothing is authentic before keys are agreed, anybody can
 * send a datagram in the peer's name, and OpenSSL is easily put out of step: by an alert or data in
 * the clear, a record number far ahead, a fragment that does not fit. So records are taken apart
 * here. Alerts and data in the clear are dropped (RFC 6347, 4.1.2.7). Handshake messages are put
 * together, with room for some that contradict each other, and handed on whole, once, in order,
 * where the handshake has a place for their type, and under record numbers of our own; a
 * certificate only if it is the peer's by its SDP, and with it those messages alone that its
 * signature proves, unless they came with it in one datagram and nothing strange did. Encrypted
 * records wait for the ChangeCipherSpec. What is left to who can guess: a ClientHello before the
 * peer's, and, when we are the client, a HelloVerifyRequest, and a CertificateRequest between the
 * datagrams of a server's flight. One thread. */
struct dtls_sieve;

/** @param flight decides what is authentic; borrowed
 *  @return NULL: out of memory */
struct dtls_sieve *dtls_sieve_create(struct dtls_flight *flight, bool is_server);
void dtls_sieve_destroy(struct dtls_sieve *s); /**< NULL is fine. */
/** Take a datagram in. It must stay until dtls_sieve_next() has none any more. */
void dtls_sieve_put(struct dtls_sieve *s, const uint8_t *datagram, size_t len);
/** The next record to be read, as a datagram, borrowed until the next call. NULL: none is due. */
const uint8_t *dtls_sieve_next(struct dtls_sieve *s, size_t *len);
/** A HelloVerifyRequest was sent: the ClientHello that counts has number 1, and OpenSSL has read
 * one record of number 0. */
void dtls_sieve_skip(struct dtls_sieve *s);

/** Whose certificate counts has changed. */
void dtls_sieve_reconsider(struct dtls_sieve *s);

bool dtls_sieve_began(const struct dtls_sieve *s);       /**< a first message was handed on */
bool dtls_sieve_did_choose(const struct dtls_sieve *s);  /**< a flight that is proven */
bool dtls_sieve_heard_alert(const struct dtls_sieve *s); /**< a fatal one in the clear */
bool dtls_sieve_waits(const struct dtls_sieve *s);       /**< for whose certificate counts */
bool dtls_sieve_saw_other(const struct dtls_sieve *s);   /**< another's certificate */
