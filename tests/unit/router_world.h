/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/base/clock.h"
#include "../../core/router/peer.h"
#include "../../core/router/router.h"
#include "../../core/rtp/payload.h"
#include "../../core/rtp/rtcp.h"
#include "../../core/rtp/rtp.h"

/** @file
 * A router with a faked network and clock, turned by hand. Peer 0 publishes, peers 1… subscribe;
 * m-line 0 is audio, m-line 1 is video. Everything the router says is written down. */
#define WORLD_T0 100000000LL
#define PEERS    8

enum { AUDIO, VIDEO };
enum {
	ID_LEVEL = 1,
	ID_AST = 2,
	ID_TWCC = 3,
	ID_MID = 4,
	ID_RID = 5,
	ID_RRID = 6,
	ID_DELAY = 12,
	ID_ORIENTATION = 13
};

/** A packet as it left. */
struct out {
	uint32_t slot;
	struct pkt k;
	size_t header_len;
	uint64_t index;
	bool again;
};
extern struct out outs[4096];
extern unsigned n_outs;
struct heard {
	uint32_t slot;
	struct rtcp_item item;
};
extern struct heard heard[512];
extern unsigned n_heard;
struct told {
	char what;
	uint32_t slot;
	unsigned mindex;
	int a, b, c;
};
extern struct told told[256];
extern unsigned n_told;

extern struct router *r;
extern struct router *far; /* of another worker; NULL: all are on one */
extern unsigned far_slots; /* bits: whose peers are there */
struct mail {
	unsigned to;
	size_t len;
	struct trunk_msg m;
};
extern struct mail mail[1024]; /* between the two */
extern unsigned n_mail, mail_read;
extern unsigned crossed[16]; /* messages by type */
extern struct wheel *wheel;
extern struct pool *packets;
extern int64_t now_us;
extern struct router_conf world_conf;

extern bool seals; /* what leaves is sealed; false: all of it is refused */
extern unsigned n_forgotten;
extern uint32_t forgotten[64]; /* SSRCs given up */

extern unsigned heard_covered; /* packets that the last transport-wide feedback was about */

extern unsigned warmed[PEERS]; /* packets that had left when its memory was asked for, plus 1 */

bool on_rtp(void *arg, uint32_t slot, const struct rtp_parts *p, bool is_video);
void on_warm(void *arg, uint32_t slot, unsigned hop);

extern bool reduced_size; /* is agreed on: not every compound says who sends it */
extern unsigned n_bare;   /* those that do not */

void on_rtcp(void *arg, uint32_t slot, const uint8_t *data, size_t len);
void tell(char what, uint32_t slot, unsigned mindex, int a, int b, int c);
void on_receiving(
	void *arg, uint32_t slot, unsigned mindex, int substream, bool on, unsigned seconds);
void on_layer(void *arg, uint32_t slot, unsigned mindex, int substream, int temporal, int spatial);
void on_talking(void *arg, uint32_t slot, unsigned mindex, bool talks, double avg);
void on_slow(void *arg, uint32_t slot, unsigned mindex, bool uplink, unsigned lost);
void on_estimate(void *arg, uint32_t slot, uint64_t bps);
void on_trunk(void *arg, unsigned worker, const struct trunk_msg *m, size_t len);

/** Reasons as they were told, and their ends. */
struct told_why {
	uint32_t slot;
	unsigned mindex;
	bool sends;
	struct why why;
};
extern struct told_why whys[64];
extern unsigned n_whys;

void on_why(void *arg, uint32_t slot, unsigned mindex, bool sends, const struct why *w);
/** No timer of the router runs, but the look at its peers (why.h). */
bool sleeps(void);
extern const struct router_ops world_ops;

void forget_all(void);
struct router *of(uint32_t slot);

/** End of a turn on both workers: batches go out, and what they have to tell each other arrives. */
void flush(void);

/** Let time pass; timers run every millisecond. */
void pass_us(int64_t us);
struct track track_in(unsigned mindex);
struct track track_out(unsigned mindex, uint32_t slot);
void route_to(uint32_t from, uint32_t slot, unsigned mindex);

/** Peers 0 … n-1 are there; those that publish have both tracks in, those that subscribe both out.
 */
void open_peer(uint32_t slot, bool publishes, bool subscribes);
int world_setup(void **state);

/** From here on the peers of @p slots are those of a second worker. */
void split(unsigned slots);
int world_teardown(void **state);

/** What is to be put into a packet. */
struct in {
	uint8_t pt;
	bool marker;
	uint16_t seq;
	uint32_t ts, ssrc;
	const char *mid, *rid, *rrid;
	int level; /**< audio level plus 1 */
	int twcc;  /**< number plus 1 */
	uint8_t payload[1200];
	size_t len;
};

struct pkt *make(const struct in *in);
void give(uint32_t slot, const struct in *in);

/** A VP8 payload of one packet: picture id of 15 bits, TL0, temporal layer. */
size_t vp8_payload(uint8_t *p, bool starts, bool key, unsigned picture_id, unsigned tl0,
	unsigned temporal, bool sync);
struct in audio_in(unsigned seq);

/** One VP8 picture in one packet: number @p n of the stream, 40 ms each. */
struct in video_in(unsigned n, bool key);
unsigned count_heard(enum rtcp_kind kind, uint32_t slot);
const struct rtcp_item *last_heard(enum rtcp_kind kind, uint32_t slot);
const struct payload_info *out_info(unsigned i);

/** An RTCP compound of a peer: begin it, append to what that returns, and let it arrive. */
extern uint8_t rtcp_in_room[1200];
extern struct rtcp_buf rtcp_in;
struct rtcp_buf *rtcp_begin(void);
void rtcp_arrives(uint32_t slot);
void nack_from(uint32_t slot, uint32_t ssrc, uint16_t seq);

extern unsigned frames;
/* 20 ms of audio each, a picture with every second. */
void flow(unsigned n);
struct track_stats stats_of(uint32_t slot, unsigned mindex);

void video(unsigned n, bool key);
/** Peer 0 publishes, and both its tracks go to peer 1. */
int routed_setup(void **state);
