/* SPDX-License-Identifier: Apache-2.0 */
/* Mutated STUN, DTLS and media through the worker's demultiplexer: nothing crashes, and nothing
 * that is not valid gets an answer. usage: stun [rounds [seed]] */
#include "mutate.h"
#include "../unit/rtc_client.h"
#include "../../core/base/clock.h"
#include "../../core/base/id.h"
#include "../../core/rtc/dtls.h"
#include "../../core/rtc/worker.h"

#define DEFAULT_ROUNDS 20000
#define PEER           (1ULL << 32 | 1)
#define PLAIN_ANSWER   32u /* header and XOR-MAPPED-ADDRESS */

static const struct rtc_conf conf = {
	.workers = 1,
	.mtu = 1200,
	.max_peers = 4,
	.gso = true,
	.consent_us = INT64_MAX / 4,
	.ice_timeout_us = INT64_MAX / 4,
	.dtls_timeout_us = INT64_MAX / 4,
	.router = { .hold_us = 500 },
};
static struct secure *secure;
static struct queue *reports;
static struct worker *w;
static struct client c, friend; /* a stranger, and one that proves who it is */
static struct path stranger, known;

static void die(const char *what, unsigned round, uint64_t seed)
{
	fprintf(stderr, "%s: round %u, seed %llu\n", what, round, (unsigned long long)seed);
	abort();
}

static void feed(const struct path *from, const uint8_t *data, size_t len)
{
	struct pkt *k = pkt_take(w->packets);
	if (!k)
		abort();
	memcpy(k->data, data, len);
	k->len = (uint16_t)len;
	worker_datagram(w, k, from);
	pkt_drop(k);
}

static void command(struct cmd *cmd)
{
	cmd->peer = PEER;
	if (worker_post(w, cmd))
		abort();
	loop_turn(w->loop, clock_now_us());
}

static void ignore(void *arg, const void *rec, size_t len)
{
	(void)arg;
	(void)rec;
	(void)len;
}

static void connect_client(struct client *cl, struct path *path)
{
	socklen_t len = sizeof(path->remote);
	client_make(cl, "SRTP_AEAD_AES_128_GCM");
	client_connect(cl, udp_port(w->udp));
	if (getsockname(cl->fd, (void *)&path->remote, &len) ||
		!addr_parse(&path->local, "127.0.0.1"))
		abort();
}

static void set_up(void)
{
	char why[256];
	struct secure_conf sc = {
		.mtu = 1200, .max_peers = 4, .workers = 1, .dtls_timeout_us = conf.dtls_timeout_us
	};
	reports = queue_create("reports", 1 << 20);
	if (secure_start(&secure, &sc, why) || worker_create(&w, 0, &conf, secure, reports, NULL, why))
		abort();
	connect_client(&c, &stranger);
	connect_client(&friend, &known);
	struct cmd cmd = { .type = CMD_PEER_OPEN,
		.open = { .ufrag = "tagA12345678",
			.pwd = "passwordpasswordpassword",
			.peer_ufrag = "peer",
			.peer_pwd = "peer",
			.fingerprints = { .len = 32, .n = 1 },
			.dtls_server = 1 } };
	command(&cmd);
}

static void tear_down(void)
{
	worker_stop(w);
	secure_stop(secure);
	worker_destroy(w);
	queue_destroy(reports);
	client_free(&c);
	client_free(&friend);
}

/* @return length of the longest answer to this client since the last look, 0: none */
static size_t answer_len(const struct client *cl)
{
	uint8_t buf[2048];
	ssize_t n;
	size_t longest = 0;
	loop_turn(w->loop, clock_now_us());
	while ((n = recv(cl->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		if ((size_t)n > longest)
			longest = (size_t)n;
	return longest;
}

static void keep_datagram(void *arg, const uint8_t *data, size_t len)
{
	size_t *n = arg;
	if (!*n)
		memcpy((uint8_t *)(n + 1), data, len);
	*n = len;
}

static struct {
	size_t len;
	uint8_t data[2048];
} hello;

static void drop_datagram(void *arg, const uint8_t *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
}

static const struct dtls_ops keep = { keep_datagram, drop_datagram },
			     drop = { drop_datagram, drop_datagram };

/* A ClientHello as our own DTLS writes it. */
static void make_hello(struct dtls_ctx *ctx)
{
	struct dtls *d;
	if (dtls_create(&d, ctx, false, &keep, &hello))
		abort();
	dtls_start(d);
	dtls_destroy(d);
	if (!hello.len)
		abort();
}

/* A fresh server is given two broken ClientHellos. */
static void shake_badly(struct dtls_ctx *ctx)
{
	struct dtls *d;
	uint8_t buf[PKT_CAP];
	if (dtls_create(&d, ctx, true, &drop, NULL))
		abort();
	for (unsigned i = 0; i < 2; i++) {
		memcpy(buf, hello.data, hello.len);
		size_t n = mutate(buf, hello.len, sizeof(buf));
		enum dtls_state st = dtls_input(d, buf, n);
		if (st == DTLS_UP)
			abort();
		if (st != DTLS_SHAKING)
			break;
	}
	dtls_destroy(d);
}

/* One good datagram, to be spoilt. */
static size_t good_datagram(unsigned kind, uint8_t *buf)
{
	static const uint8_t plain[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
	switch (kind) {
	case 0:
		return client_check(
			&c, buf, 1000, "tagA12345678", "passwordpasswordpassword", true, true);
	case 1:
		memcpy(buf, plain, sizeof(plain));
		return sizeof(plain);
	case 2:
		memcpy(buf, hello.data, hello.len);
		return hello.len;
	default:
		return client_rtp(buf, kind == 3 ? 96 : 72, 1, 2, 3,
			"some bytes of payload, perhaps authentic", 40);
	}
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : DEFAULT_ROUNDS;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct dtls_ctx *ctx;
	uint8_t good[PKT_CAP], bad[PKT_CAP];
	char why[256];
	mutate_seed(seed);
	set_up();
	if (dtls_ctx_create(&ctx, NULL, NULL, NULL, false, 1200, why))
		abort();
	make_hello(ctx);
	for (unsigned i = 0; i < rounds; i++) {
		unsigned kind = i % 5;
		size_t n = good_datagram(kind, good), bad_len;
		memcpy(bad, good, n);
		bad_len = mutate(bad, n, sizeof(bad));
		if (bad_len == n && !memcmp(bad, good, n))
			continue;
		feed(&stranger, bad, bad_len);
		/* A request that has lost all credentials is a plain one, and gets the short answer
		 * of one. */
		if (answer_len(&c) > (kind < 2 ? PLAIN_ANSWER : 0))
			die("an answer to a stranger", i, seed);
		if (ice_find(w->ice, &stranger))
			die("a stranger was taken for a peer", i, seed);
		if (i % 64 ==
			0) { /* and the same from a path that is known, where DTLS goes further */
			n = good_datagram(0, good);
			feed(&known, good, n);
			if (answer_len(&friend) <= PLAIN_ANSWER)
				die("no answer to a good check", i, seed);
		}
		feed(&known, bad, bad_len);
		answer_len(&friend);
		if (i % 16 == 0)
			shake_badly(ctx);
		queue_drain(reports, ignore, NULL);
	}
	dtls_ctx_destroy(ctx);
	tear_down();
	return 0;
}
