/* SPDX-License-Identifier: Apache-2.0 */
/** What a peer receives. Every packet is counted by SSRC and sequence number; a sample is decrypted
 *  and compared with what was sent: key, sender, body, and that numbers and timestamps moved as the
 *  sender's did. */
#ifndef LOAD_SINK_H
#define LOAD_SINK_H
#include <stdbool.h>
#include <stdint.h>
#include "hist.h"
#include "peers.h"

/** What the samples showed. All but `samples` must be 0 for a measurement to be worth anything. */
struct sink_checks {
	uint64_t samples, undecrypted, unstamped, misrouted, altered, renumbered;
};
extern struct sink_checks sink_checks;
/** 0: audio, 1: video; from the stamp to the kernel's time of arrival. */
extern struct hist sink_latency[2];
extern int sink_sample_every;
extern bool sink_is_measuring;

/** Begin a measurement: histograms and checks start anew, what is received is marked. */
void sinks_mark(void);
/** A packet that may be RTP. @p arrived_ns: by the wall clock */
void sink_rtp(struct peer *p, uint8_t *packet, int n, uint64_t arrived_ns);
uint64_t sink_expected(const struct sink *s); /**< Packets, by their numbers. */
struct stream *sink_find(struct sink *s, uint32_t ssrc);
void sink_free(struct sink *s);
#endif
