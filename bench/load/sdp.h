/* SPDX-License-Identifier: Apache-2.0 */
/** Reading the parts of an SDP that a load client needs, and writing its own. */
#ifndef LOAD_SDP_H
#define LOAD_SDP_H
#include <netinet/in.h>
#include <stdbool.h>
#include "base.h"

#define SDP_MEDIA      96
#define SDP_CANDIDATES 8

enum direction { SENDRECV, SENDONLY, RECVONLY, INACTIVE };
struct sdp_media {
	char kind; /**< 'a', 'v' or 'x' */
	bool is_rejected;
	char mid[24], line[128], rtpmap[64], fmtp[128];
	int pt, mid_ext, twcc_ext; /**< -1 and 0: none */
	enum direction direction;
};
struct sdp {
	char ufrag[260], pwd[260], fingerprint[128], setup[16];
	bool is_lite;
	int n, n_candidates;
	struct sdp_media media[SDP_MEDIA];
	struct sockaddr_in candidate[SDP_CANDIDATES];
};
/** What an SDP of ours says of the one who writes it. */
struct sdp_self {
	const char *ufrag, *pwd, *fingerprint, *setup;
	struct sockaddr_in address;
	uint32_t audio_ssrc, video_ssrc; /**< of an offer */
};

bool sdp_parse(struct sdp *out, const char *text);
/** @return false: not one that we can use (UDP and IPv4, component 1) */
bool sdp_candidate(struct sockaddr_in *out, const char *line);
/** An offer of what opt says. @return to be freed */
char *sdp_offer(const struct sdp_self *self, enum direction direction);
/** An answer that receives all that is offered. @return to be freed */
char *sdp_answer(const struct sdp_self *self, const struct sdp *offer);
#endif
