/* SPDX-License-Identifier: Apache-2.0 */
/** All peers, and what each of them is: its ICE, its DTLS, what it sends and what it receives, for
 *  the files that have to do with one of these each. */
#ifndef LOAD_PEERS_H
#define LOAD_PEERS_H
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sdp.h"

struct candidate {
	struct sockaddr_in address;
	uint8_t id[12]; /* of the check under way */
	uint64_t next_ns;
	int tries;
	bool is_valid, is_nominated;
};
struct ice {
	char ufrag[9], pwd[25], their_ufrag[260], their_pwd[260];
	bool is_controlling, is_up, has_remote;
	uint64_t tie, consent_ns;
	struct candidate candidate[SDP_CANDIDATES];
	int n;
};
enum dtls_role { DTLS_UNDECIDED, DTLS_CLIENT, DTLS_SERVER };
struct dtls {
	enum dtls_role role;
	bool is_up;
	SSL *ssl;
	const uint8_t *in; /* the datagram being read */
	int in_len;
	char their_fingerprint[128];
	const char *profile; /* of SRTP, when up */
};
#define SOURCE_KEPT   512 /**< protected packets for NACK and for replays; a power of two */
#define SOURCE_PACKET 1400
struct source {
	bool is_on, is_video, wants_key;
	uint8_t pt, mid_ext, twcc_ext;
	char mid[24];
	uint32_t ssrc, ts_base;
	uint16_t seq, picture;
	uint64_t next_ns, interval_ns, last_key_ns;
	double credit; /* packets that the bit rate allows and that were not sent yet */
	uint64_t packets, bytes;
	uint8_t (*kept)[SOURCE_PACKET];
	uint16_t *kept_len, *kept_seq;
};

#define SINK_SEEN    4096 /* sequence numbers remembered, against counting twice */
#define SINK_MISSING 64
struct missing {
	uint16_t seq;
	uint8_t tries;
	uint64_t next_ns;
};
struct stream {
	uint32_t ssrc;
	uint8_t pt;
	bool is_video;
	uint64_t first, last; /* extended sequence numbers */
	uint64_t unique;
	uint64_t told_expected, told_unique; /* in the last receiver report */
	uint32_t sr_middle;                  /* of the last sender report, and when it came */
	uint64_t sr_ns;
	uint64_t seen[SINK_SEEN / 64];
	struct missing missing[SINK_MISSING];
	int n_missing;
	bool has_shift; /* against the sender's own numbers, from the first sample on */
	uint16_t seq_shift;
	uint32_t ts_shift, number;
};
struct sink {
	struct stream *stream;
	int n, recent;
	int audio_pt, video_pt;
	uint32_t until_sample;
	uint64_t unique, duplicates, dropped, recovered, mark, expected_mark;
};

struct peer {
	int fd, index;
	uint32_t number; /* goes into its packets */
	bool is_closed, has_failed;
	struct sockaddr_in local, remote;
	bool has_remote;
	struct ice ice;
	struct dtls dtls;
	srtp_t out, in;
	struct source video, audio;
	uint16_t twcc_seq;
	struct sink sink;
	uint32_t rtcp_ssrc;
	uint64_t next_rtcp_ns, plis_in, nacks_in, nacks_out, resent;
	struct peer **feeds; /* whose packets this one should get */
	int n_feeds;
	uint64_t sent_mark; /* packets sent when the measurement began */
	bool is_viewer;     /* of a recording: what it should get is known by the numbers alone */
};

extern struct peer **peers;
extern int n_peers;
/** Packets that the kernel did not take from us: the load was not what it says. */
extern uint64_t send_errors;

void peer_send(struct peer *p, const uint8_t *data, size_t n);
uint64_t peer_sent(const struct peer *p); /**< RTP packets, retransmissions apart. */
#endif
