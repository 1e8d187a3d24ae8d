/* SPDX-License-Identifier: Apache-2.0 */
/* The path of a packet without a network: frames of one publisher through srtp_open(), the router,
 * srtp_seal() and the output batches, to many subscribers. Prints the CPU time of each part per
 * forwarded packet. The trace is scripted, so that the work can also be counted:
 *   path SUBSCRIBERS FRAMES [router|srtp|udp|floor] [evp|ipsec-mb|libsrtp2] [gcm|cm]
 *
 * How far it goes (all by default), and by which engine. "floor" is the output alone, of bytes that
 * were ready before: what the kernel takes for itself, so that the difference to "udp" is ours. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "../../core/base/clock.h"
#include "../../core/base/loop.h"
#include "../../core/router/router.h"
#include "../../core/rtc/srtp.h"
#include "../../core/rtc/udp_out.h"
#include "../../core/rtp/rtp.h"

#define PACKETS  4 /* of a frame: 1 Mbit/s at 30 frames a second */
#define PAYLOAD  1160
#define FRAME_US 33333
#define PT       96
#define SSRC     0x51de0
#define TWCC_ID  3

enum part { ROUTER, SRTP, UDP, FLOOR };

static enum part upto = UDP;
static enum srtp_engine engine = SRTP_EVP;
static uint16_t profile = SRTP_PROFILE_GCM_128;
static struct cm_batch *batch;
static unsigned n_subs;
static struct srtp *publisher, *incoming, **subscribers;
static struct udp_out *out;
static struct path *paths;
static struct sockaddr_in sink;
static uint64_t forwarded, bytes;
static uint8_t scrap[128][2048]; /* more than a batch holds */

static double cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static bool send_rtp(void *arg, uint32_t slot, const struct rtp_parts *parts, bool is_video)
{
	uint8_t *to = scrap[profile == SRTP_PROFILE_CM_80 ? forwarded % 128 : 0];
	(void)arg;
	(void)is_video;
	forwarded++;
	if (upto == ROUTER)
		return true;
	if (upto == UDP)
		to = udp_out_reserve(out, &paths[slot], UDP_VIDEO,
			parts->header_len + parts->payload_len + SRTP_OVERHEAD);
	size_t n = srtp_seal_later(subscribers[slot], batch, parts, to);
	bytes += n;
	if (upto == UDP)
		udp_out_commit(out, n);
	return n;
}

static void on_warm(void *arg, uint32_t slot, unsigned hop)
{
	(void)arg;
	if (hop && upto != ROUTER)
		srtp_warm(subscribers[slot], hop - 1);
}

static void send_rtcp(void *arg, uint32_t slot, const uint8_t *data, size_t len)
{
	(void)arg;
	(void)slot;
	(void)data;
	(void)len;
}

static void on_receiving(
	void *arg, uint32_t slot, unsigned mindex, int substream, bool on, unsigned seconds)
{
	(void)arg;
	(void)slot;
	(void)mindex;
	(void)substream;
	(void)on;
	(void)seconds;
}

static void on_layer(
	void *arg, uint32_t slot, unsigned mindex, int substream, int temporal, int spatial)
{
	(void)arg;
	(void)slot;
	(void)mindex;
	(void)substream;
	(void)temporal;
	(void)spatial;
}

static void fail(const char *what)
{
	fprintf(stderr, "path: %s\n", what);
	exit(2);
}

/* ---- the two ends ---- */

static struct srtp_keys keys_of(unsigned n, bool swapped)
{
	struct srtp_keys k = { .profile = profile };
	for (unsigned i = 0; i < SRTP_MASTER_MAX; i++) {
		k.send[i] = (uint8_t)(n * 7 + i * 3 + swapped);
		k.recv[i] = (uint8_t)(n * 7 + i * 3 + !swapped);
	}
	return k;
}

static struct srtp *make_srtp(unsigned n, bool swapped)
{
	struct srtp_keys k = keys_of(n, swapped);
	struct srtp *s;
	if (srtp_new(&s, engine, &k))
		fail("no SRTP");
	return s;
}

static void complete(void *arg)
{
	(void)arg;
	cm_batch_finish(batch);
}

static void make_ends(void)
{
	subscribers = calloc(n_subs + 1, sizeof(*subscribers));
	paths = calloc(n_subs + 1, sizeof(*paths));
	publisher = make_srtp(0, false);
	incoming = make_srtp(0, true);
	for (unsigned i = 1; i <= n_subs; i++) {
		subscribers[i] = make_srtp(i, false);
		paths[i].remote.v4 = (struct sockaddr_in){ .sin_family = AF_INET,
			.sin_port = sink.sin_port,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK + i) };
	}
}

/* Where it all ends: a socket that nobody reads, on all of 127.0.0.0/8. */
static int open_sink(void)
{
	socklen_t len = sizeof(sink);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	sink.sin_family = AF_INET;
	if (fd < 0 || bind(fd, (struct sockaddr *)&sink, len) ||
		getsockname(fd, (struct sockaddr *)&sink, &len))
		fail("no socket");
	return fd;
}

static struct router *make_router(struct wheel *wheel)
{
	static const struct router_ops ops = { .send_rtp = send_rtp,
		.warm = on_warm,
		.send_rtcp = send_rtcp,
		.receiving = on_receiving,
		.layer = on_layer };
	struct router_conf conf = { .max_peers = n_subs + 1,
		.hold_us = 500,
		.even_out = true,
		.twcc_period_us = 200000,
		.nack_history_us = 200000,
		.no_media_s = 1 };
	struct router *r = router_create(&conf, wheel, &ops, NULL);
	struct track t = { .mindex = 0,
		.kind = CARDEA_VIDEO,
		.dir = CARDEA_RECV,
		.codec = CARDEA_VP8,
		.pt = PT,
		.clock_hz = 90000,
		.feedback = CARDEA_FB_PLI,
		.mid = "0",
		.ssrc = { SSRC } };
	if (!r)
		fail("no router");
	for (unsigned slot = 0; slot <= n_subs; slot++) {
		struct route route = { .to_slot = slot };
		if (slot) {
			t.dir = CARDEA_SEND;
			t.out_ssrc = 1000 + slot;
			t.ext[CARDEA_EXT_TWCC] = TWCC_ID;
		}
		if (router_peer_open(r, slot) || router_track(r, slot, &t))
			fail("no track");
		router_peer_up(r, slot);
		if (slot && router_route(r, &route))
			fail("no route");
	}
	return r;
}

/* ---- the trace ---- */

static size_t packet(uint8_t *p, unsigned frame, unsigned i)
{
	static const uint8_t filler[PAYLOAD] = { 0 };
	memset(p, 0, 12);
	p[0] = 0x80;
	p[1] = (uint8_t)(PT | (i + 1 == PACKETS ? 0x80 : 0));
	wr16(p + 2, (uint16_t)(frame * PACKETS + i));
	wr32(p + 4, frame * 3000);
	wr32(p + 8, SSRC);
	memcpy(p + 12, filler, PAYLOAD);
	p[12] = i ? 0x80 : 0x90; /* extended; starts a picture */
	p[13] = 0xc0;            /* picture id and TL0 */
	wr16(p + 14, (uint16_t)(0x8000 | (frame & 0x7fff)));
	p[16] = (uint8_t)frame;
	p[17] = frame || i; /* the first is a keyframe */
	return 12 + PAYLOAD;
}

static void receive(struct router *r, struct pool *pool, unsigned frame, unsigned i, int64_t now_us)
{
	uint8_t clear[1400];
	size_t n = packet(clear, frame, i);
	struct pkt *k = pkt_take(pool);
	if (!k)
		fail("no packets left");
	k->at_us = now_us;
	const struct rtp_parts parts = { .header = clear,
		.payload = clear + 12,
		.header_len = 12,
		.payload_len = n - 12,
		.index = (uint64_t)frame * PACKETS + i };
	n = srtp_seal(publisher, &parts, k->data);
	if (srtp_open(incoming, k->data, &n))
		fail("cannot open");
	k->len = (uint16_t)n;
	if (rtp_parse(k))
		fail("cannot parse");
	router_rtp(r, 0, k, now_us);
	pkt_drop(k);
}

static void send_ready(void)
{
	static const uint8_t ready[12 + PAYLOAD + SRTP_OVERHEAD];
	for (unsigned slot = 1; slot <= n_subs; slot++)
		for (unsigned i = 0; i < PACKETS; i++, forwarded++) {
			memcpy(udp_out_reserve(out, &paths[slot], UDP_VIDEO, sizeof(ready)), ready,
				sizeof(ready));
			udp_out_commit(out, sizeof(ready));
		}
	udp_out_flush(out);
}

/* What is counted. */
/* Who is not heard gets no video after a while; reports come each second. */
static void hear_all(struct router *r, int64_t now_us)
{
	for (unsigned slot = 1; slot <= n_subs; slot++)
		router_heard(r, slot, now_us);
}

__attribute__((noinline)) static void forward(
	struct router *r, struct wheel *wheel, struct pool *pool, unsigned first, unsigned frames)
{
	for (unsigned frame = first; frame < first + frames; frame++) {
		int64_t now_us = 1000000 + (int64_t)frame * FRAME_US;
		clock_fake(now_us);
		if (upto == FLOOR) {
			send_ready();
			continue;
		}
		if (frame % 30 == 0)
			hear_all(r, now_us);
		for (unsigned i = 0; i < PACKETS; i++)
			receive(r, pool, frame, i, now_us);
		router_flush(r, now_us);
		if (upto == SRTP)
			cm_batch_finish(batch);
		if (upto == UDP)
			udp_out_flush(out);
		wheel_run(wheel, now_us);
	}
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "router", "srtp", "udp", "floor" };
	static const char *const engines[] = { "auto", "evp", "ipsec-mb", "libsrtp2" };
	unsigned frames = argc > 2 ? (unsigned)atoi(argv[2]) : 1000;
	n_subs = argc > 1 ? (unsigned)atoi(argv[1]) : 50;
	for (unsigned i = 0; argc > 3 && i < 4; i++)
		if (!strcmp(argv[3], names[i]))
			upto = (enum part)i;
	for (unsigned i = 0; argc > 4 && i < 4; i++)
		if (!strcmp(argv[4], engines[i]))
			engine = (enum srtp_engine)i;
	if (argc > 5 && !strcmp(argv[5], "cm"))
		profile = SRTP_PROFILE_CM_80;
	if (!n_subs || !frames)
		fail("path SUBSCRIBERS FRAMES [router|srtp|udp|floor] [evp|ipsec-mb|libsrtp2] "
		     "[gcm|cm]");
	clock_fake(1000000);
	struct loop *loop = loop_create("path");
	struct wheel *wheel = wheel_create(1000000);
	struct pool *pool = pool_create("packets", sizeof(struct pkt), 4096);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (!loop || !wheel || !pool || fd < 0 || udp_out_create(&out, loop, fd, -1, true))
		fail("out of memory");
	int sink_fd = open_sink();
	batch = cm_batch_create();
	udp_out_before(out, complete, NULL);
	make_ends();
	struct router *r = make_router(wheel);
	forward(r, wheel, pool, 0, 10); /* everything has its size */
	uint64_t before = forwarded;
	double began = cpu_us();
	forward(r, wheel, pool, 10, frames);
	double spent = cpu_us() - began;
	printf("%u subscribers, %s, %s, %s: %llu forwarded, %.3f us of CPU each\n", n_subs,
		names[upto], srtp_gcm_name(engine),
		profile == SRTP_PROFILE_CM_80 ? "AES-CM" : "AES-GCM",
		(unsigned long long)(forwarded - before), spent / (double)(forwarded - before));
	router_destroy(r);
	udp_out_destroy(out);
	cm_batch_destroy(batch);
	for (unsigned i = 1; i <= n_subs; i++)
		srtp_free(subscribers[i]);
	srtp_free(publisher);
	srtp_free(incoming);
	free(subscribers);
	free(paths);
	pool_destroy(pool);
	wheel_destroy(wheel);
	loop_destroy(loop);
	close(fd);
	close(sink_fd);
	return 0;
}
