/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "channels.h"
#include "outlet.h"
#include "secure_msg.h"

/** @file
 * One peer's association: from its SDP over a handshake to keys for its worker, the next
 * one when it has another certificate, and its data channels. The secure thread. */
struct assoc;

/** What all of them use; borrowed. */
struct assoc_host {
	struct loop *loop;
	struct dtls_ctx *ctx;
	unsigned mtu;
	int64_t timeout_us;     /**< for a handshake */
	struct outlet *replies; /**< by worker */
	struct outlet *data;    /**< to control */
};

struct assoc *assoc_create(const struct assoc_host *host, uint64_t peer, unsigned worker);
void assoc_destroy(struct assoc *a); /**< Sends nothing. NULL is fine. */
/** What is known of the peer; again whenever that changes. */
void assoc_describe(struct assoc *a, const struct secure_peer *what);
void assoc_begin(struct assoc *a);  /**< There is a path: a client may speak, and time runs. */
void assoc_proven(struct assoc *a); /**< It is the peer's. */
void assoc_input(struct assoc *a, const uint8_t *data, size_t len); /**< a datagram */
void assoc_close(struct assoc *a); /**< End the channels and send close_notify. */

uint64_t assoc_peer(const struct assoc *a);
struct channels *assoc_channels(const struct assoc *a); /**< NULL: none */
