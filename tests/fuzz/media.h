/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdio.h>
#include "mutate.h"
#include "../../core/base/clock.h"
#include "../../core/router/router.h"
#include "../../core/rtp/payload.h"
#include "../../core/rtp/rtcp.h"
#include "../../core/rtp/rtp.h"

/** @file
 * A router with four peers that all send and receive, for mutated packets: simulcast VP8, VP9 with
 * layers, AV1 with descriptors, H.264. What it sends is parsed again; whatever is malformed stops
 * the run. */
#define MEDIA_PEERS 4

static struct router *media;
static struct wheel *media_wheel;
static struct pool *media_packets;
static int64_t media_now_us = 1000000000;
static uint32_t media_sum; /* every byte sent is read, for the sanitizers' sake */
static unsigned media_round;

static inline void media_die(const char *what)
{
	fprintf(stderr, "%s in round %u\n", what, media_round);
	abort();
}

static inline bool media_send_rtp(
	void *arg, uint32_t slot, const struct rtp_parts *p, bool is_video)
{
	(void)arg;
	(void)is_video;
	if (slot >= MEDIA_PEERS || rtp_header_len(p->header, p->header_len) != p->header_len)
		media_die("malformed header");
	if (p->header_len + p->payload_len > PKT_CAP + RTP_MAX_HEADER)
		media_die("too long");
	for (size_t i = 0; i < p->payload_len; i++)
		media_sum += p->payload[i];
	return true;
}
static inline void media_forget_ssrc(void *arg, uint32_t slot, uint32_t ssrc)
{
	(void)arg;
	media_sum += slot + ssrc;
}
static inline void media_ignore(void *arg, const struct rtcp_item *item)
{
	(void)arg;
	media_sum += item->ssrc;
}
static inline void media_send_rtcp(void *arg, uint32_t slot, const uint8_t *data, size_t len)
{
	(void)arg;
	if (slot >= MEDIA_PEERS || rtcp_walk(data, len, media_ignore, NULL))
		media_die("malformed RTCP");
}
static inline void media_receiving(
	void *arg, uint32_t slot, unsigned mindex, int substream, bool on, unsigned seconds)
{
	(void)arg;
	if (substream >= CARDEA_LAYERS || (on && seconds))
		media_die("odd report");
	media_sum += slot + mindex;
}
static inline void media_layer(
	void *arg, uint32_t slot, unsigned mindex, int substream, int temporal, int spatial)
{
	(void)arg;
	if (substream >= CARDEA_LAYERS || temporal > 7 || spatial > 7)
		media_die("odd layer");
	media_sum += slot + mindex;
}
static inline void media_talking(void *arg, uint32_t slot, unsigned mindex, bool talks, double avg)
{
	(void)arg;
	if (avg < 0 || avg > 127)
		media_die("odd level");
	media_sum += slot + mindex + talks;
}
static inline void media_slow(void *arg, uint32_t slot, unsigned mindex, bool uplink, unsigned lost)
{
	(void)arg;
	media_sum += slot + mindex + uplink + lost;
}

static inline void media_peer(uint32_t slot)
{
	static const uint8_t codecs[] = { CARDEA_VP8, CARDEA_VP9, CARDEA_AV1, CARDEA_H264 };
	struct track t = { .dir = CARDEA_SENDRECV,
		.kind = CARDEA_AUDIO,
		.codec = CARDEA_OPUS,
		.pt = 111,
		.clock_hz = 48000,
		.feedback = CARDEA_FB_NACK,
		.mid = "a",
		.out_ssrc = 0x100 * (slot + 1) };
	if (router_peer_open(media, slot))
		media_die("no peer");
	for (unsigned i = 0; i < CARDEA_N_EXT; i++)
		t.ext[i] = (uint8_t)(i + 1);
	router_track(media, slot, &t);
	router_watch_level(media, slot, 0, 3, 40);
	t.mindex = 1;
	t.kind = CARDEA_VIDEO;
	t.codec = codecs[slot % 4];
	t.pt = 96;
	t.rtx_pt = slot & 1 ? 97 : 0;
	t.clock_hz = 90000;
	t.feedback = slot & 2 ? CARDEA_FB_FIR : CARDEA_FB_NACK | CARDEA_FB_PLI;
	strcpy(t.mid, "v");
	t.out_ssrc++;
	t.out_rtx_ssrc = t.out_ssrc + 1;
	t.svc = slot == 1 || slot == 2;
	if (!slot) {
		t.n_layers = 3;
		strcpy(t.rids[0], "l");
		strcpy(t.rids[1], "m");
		strcpy(t.rids[2], "h");
	}
	router_track(media, slot, &t);
	router_peer_up(media, slot);
	router_limit(media, slot, 500000);
}

static inline void media_route(uint32_t from, uint32_t to, unsigned mindex)
{
	struct route route = { .from_peer = from,
		.to_slot = to,
		.from_mindex = (uint16_t)mindex,
		.to_mindex = (uint16_t)mindex,
		.max_layer = (uint8_t)mutate_below(4),
		.max_temporal = (uint8_t)mutate_below(4),
		.max_spatial = (uint8_t)mutate_below(4),
		.max_svc_temporal = (uint8_t)mutate_below(4),
		.min_delay = (int16_t)mutate_below(3),
		.max_delay = (int16_t)mutate_below(300) };
	router_route(media, &route);
}

static inline void media_open(void)
{
	static const struct router_ops ops = { .send_rtp = media_send_rtp,
		.forget_ssrc = media_forget_ssrc,
		.send_rtcp = media_send_rtcp,
		.receiving = media_receiving,
		.layer = media_layer,
		.talking = media_talking,
		.slow_link = media_slow };
	static const struct router_conf conf = { .max_peers = MEDIA_PEERS,
		.hold_us = 500,
		.twcc_period_us = 200000,
		.nack_history_us = 200000,
		.no_media_s = 1,
		.slowlink_threshold = 4 };
	clock_fake(media_now_us);
	media_wheel = wheel_create(media_now_us);
	media_packets = pool_create("packets", sizeof(struct pkt), 16384);
	media = router_create(&conf, media_wheel, &ops, NULL);
	if (!media_wheel || !media_packets || !media)
		abort();
	for (uint32_t i = 0; i < MEDIA_PEERS; i++)
		media_peer(i);
	for (uint32_t i = 0; i < MEDIA_PEERS; i++)
		for (unsigned m = 0; m < 2; m++)
			media_route(i, i, m);
}

/** A packet as a browser might send it, of a codec known by @p slot. @return its length. */
static inline size_t media_packet(uint32_t slot, uint8_t *out, size_t size)
{
	static const uint8_t starts[4][8] = { { 0x90, 0xe0, 0x80, 0x01, 0x05, 0x60, 0x00 },
		{ 0xac, 0x80, 0x01, 0x10, 0x00 }, { 0x10, 0x0a, 0x01 }, { 0x7c, 0x85, 0x88 } };
	static const uint8_t dd[] = { 0xc0, 0x00, 0x01, 0x80, 0x01, 0x08, 0xea, 0xaa, 0xa8 };
	static const char *const rids[] = { "l", "m", "h" };
	static uint16_t seq[MEDIA_PEERS], twcc;
	bool audio = !mutate_below(6);
	unsigned layer = slot ? 0 : (unsigned)mutate_below(3);
	uint8_t number[2], level = (uint8_t)mutate_next();
	struct rtp_out h = { .pt = audio ? 111 : 96,
		.marker = mutate_below(2),
		.seq = seq[slot]++,
		.ts = (uint32_t)(media_now_us / 11),
		.ssrc = 0x5000 + 16 * slot + layer + (audio ? 8 : 0),
		.n_ext = 4,
		.ext = { { CARDEA_EXT_MID + 1, 1, (const uint8_t *)(audio ? "a" : "v") },
			{ CARDEA_EXT_TWCC + 1, 2, number },
			{ CARDEA_EXT_AUDIO_LEVEL + 1, 1, &level },
			{ CARDEA_EXT_RID + 1, 1, (const uint8_t *)rids[layer] },
			{ CARDEA_EXT_DEPENDENCY + 1, sizeof dd, dd } } };
	size_t n;
	wr16(number, twcc++);
	if (slot == 2)
		h.n_ext = 5;
	n = rtp_write(out, size, &h);
	memcpy(out + n, starts[slot & 3], 8);
	if (mutate_below(8)) /* mostly no keyframes, and pictures that go on */
		out[n + (slot == 0 ? 6 : 0)] ^= slot == 0 ? 1 : slot == 1 ? 0x40 : 0;
	if (!slot)
		wr16(out + n + 2, (uint16_t)(0x8000 | h.seq));
	memset(out + n + 8, 0x42, 40);
	return n + 48;
}

/** Time passes, and now and then control changes its mind. */
static inline void media_turn(void)
{
	media_now_us += (int64_t)mutate_below(mutate_below(50) ? 3000 : 400000);
	clock_fake(media_now_us);
	wheel_run(media_wheel, media_now_us);
	router_flush(media, media_now_us);
	switch (mutate_below(200)) {
	case 0:
	case 1:
	case 2:
		media_route((uint32_t)mutate_below(MEDIA_PEERS),
			(uint32_t)mutate_below(MEDIA_PEERS), (unsigned)mutate_below(2));
		break;
	case 3:
		router_mute(media, (uint32_t)mutate_below(MEDIA_PEERS), 1, mutate_below(2));
		break;
	case 4:
		router_keyframe(media, (uint32_t)mutate_below(MEDIA_PEERS), 1);
		break;
	case 5: {
		uint32_t slot = (uint32_t)mutate_below(MEDIA_PEERS);
		router_peer_close(media, slot);
		media_peer(slot);
		media_route(slot, slot, 1);
		break;
	}
	default:
		break;
	}
}

static inline int media_close(unsigned rounds)
{
	struct track_stats st[4];
	for (uint32_t i = 0; i < MEDIA_PEERS; i++)
		if (router_stats(media, i, st, 4) != 2)
			media_die("tracks got lost");
	router_destroy(media);
	if (pool_used(media_packets))
		media_die("packets leaked");
	pool_destroy(media_packets);
	wheel_destroy(media_wheel);
	printf("%u rounds\n", rounds);
	return 0;
}
