/* SPDX-License-Identifier: Apache-2.0 */
/** A simulated PeerConnection with a socket of its own, as every browser has. All peers live in one
 *  thread. */
#ifndef LOAD_PEER_H
#define LOAD_PEER_H
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <srtp2/srtp.h>
#include <stdbool.h>
#include "sdp.h"
#include "sink.h"
#include "source.h"

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
};

extern struct peer **peers;
extern int n_peers;
/** Packets that the kernel did not take from us: the load was not what it says. */
extern uint64_t send_errors;

void peers_init(void);
struct peer *peer_create(void);
void peer_destroy(struct peer *p);                  /**< NULL is fine. */
char *peer_offer(struct peer *p, enum direction d); /**< @return to be freed */
bool peer_accept_answer(struct peer *p, const char *sdp);
char *peer_answer(struct peer *p, const char *offer); /**< @return to be freed, or NULL */
void peer_add_candidate(struct peer *p, const char *line);
void peer_feed(struct peer *p, struct peer *from); /**< What @p from sends will be expected here. */
void peer_send(struct peer *p, const uint8_t *data, size_t n);
uint64_t peer_sent(const struct peer *p); /**< RTP packets, retransmissions apart. */
/** Sockets that are watched by epoll make the sender of each packet pay for its list of what is
 *  ready, some 0.3 us. So while measuring they are not, unless there are too many to be read
 *  all. */
void peers_watch(bool on);
/** Read the sockets that have something, in at most @p rounds of a hundred or so. @return
 *  packets */
int peers_poll(int rounds);
void peers_timers(uint64_t now);
#endif
