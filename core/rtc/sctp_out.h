/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/err.h"
#include "sctp_ops.h"

/** @file
 * What an association is given to send, and its outgoing streams: usrsctp has as many as are used
 * (sctp_streams.h). The secure thread. */
struct sctp;

/** ERR_FULL: not now, drained() says when; ERR_INVALID: too large, or a stream that the peer does
 * not have; ERR_STATE: over. */
enum err sctp_send(struct sctp *s, const struct sctp_msg *m);
/** @return stream ids below this may be sent on, once the association is up */
unsigned sctp_limit(const struct sctp *s);
#define SCTP_RESETS 128 /**< streams in one request of ours */
/** Reset up to that many of our outgoing streams, which are less than SCTP_STREAMS; the peer does
 * not hear of those that it does not have. ERR_AGAIN: not now, and none was; drained() or
 * reset_done() says when. */
enum err sctp_reset(struct sctp *s, const uint16_t *streams, unsigned n);

/** usrsctp says that all is acknowledged: what has waited for that goes on. */
void sctp_out_dry(struct sctp *s);
/** There may be room for what had to wait: drained(), then. */
void sctp_out_attend(struct sctp *s);
