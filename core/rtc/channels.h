/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "data.h"
#include "sctp.h"

/** @file
 * The data channels of one peer: RFC 8831, opened by DCEP (RFC 8832), on one SCTP association. The
 * secure thread. What comes in is held back, by SCTP's window, while control has too much of it;
 * what goes out waits here until the association has room. Unfinished messages and names of
 * channels are held up to a limit, too: a channel beyond that is closed. */
struct channels;

struct channels_ops {
	void (*send)(void *arg, const uint8_t *packet, size_t len); /**< for DTLS */
	void (*tell)(void *arg, struct data_event *e);              /**< to control */
};
struct channels_conf {
	uint64_t id;         /**< the peer's */
	uint16_t port;       /**< its SCTP port */
	uint32_t max;        /**< bytes of a message that it takes, 0: any */
	unsigned mtu;        /**< of an SCTP packet */
	bool is_dtls_server; /**< which half of the stream ids is ours */
};

/** The association begins with channels_begin(), when sctp_start()'s find() knows it. */
enum err channels_create(struct channels **out, const struct channels_conf *conf,
	const struct channels_ops *ops, void *arg);
enum err channels_begin(struct channels *c);
void channels_destroy(struct channels *c); /**< NULL is fine. What waits is dropped. */
struct sctp *channels_sctp(const struct channels *c);
void channels_input(struct channels *c, const uint8_t *packet, size_t len);
/** Send a message (its reference is taken); DATA_SENT tells when it counts no longer, DATA_REFUSED
 * that there is no channel for it. */
void channels_send(struct channels *c, struct data_msg *m);
/** Control has done with messages of so much, as data_msg_cost() counts. */
void channels_consumed(struct channels *c, size_t cost);
/** Show the counters at /metrics. Once. */
void channels_metrics(void);
