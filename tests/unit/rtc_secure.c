/* SPDX-License-Identifier: Apache-2.0 */
/* The secure thread with the worker played by the test: shares of its queue, and news that must not
 * get lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../../core/base/clock.h"
#include "../../core/base/id.h"
#include "../../core/rtc/dtls.h"
#include "../../core/rtc/outlet.h"
#include "../../core/rtc/secure.h"

#define MAX_PEERS       512
#define WAIT_MS         10000
#define PEER(gen, slot) ((uint64_t)(gen) << 32 | (slot))

static struct secure *secure;
static struct queue *data;
static int held[2], go[2];

static void begin_secure_for(int64_t timeout_us)
{
	char why[256];
	struct secure_conf conf = {
		.mtu = 1200, .max_peers = MAX_PEERS, .workers = 1, .dtls_timeout_us = timeout_us
	};
	conf.data = data = queue_create("data", 1 << 20);
	assert_int_equal(pipe(held) | pipe(go), 0);
	if (secure_start(&secure, &conf, why))
		fail_msg("%s", why);
}

static void begin_secure(void)
{
	begin_secure_for(20 * US_PER_S);
}

static void end_secure(void)
{
	secure_stop(secure);
	queue_destroy(data);
	for (unsigned i = 0; i < 2; i++) {
		close(held[i]);
		close(go[i]);
	}
}

/* ---- a thread that does not get to its work ---- */

static void on_signal(int number)
{
	char c = 0;
	(void)number;
	if (write(held[1], &c, 1) != 1 || read(go[0], &c, 1) != 1)
		abort();
}

static pid_t thread_named(const char *name)
{
	char path[300], comm[32];
	struct dirent *e;
	pid_t tid = 0;
	DIR *d = opendir("/proc/self/task");
	while (d && !tid && (e = readdir(d))) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", e->d_name);
		FILE *f = fopen(path, "re");
		if (f && fgets(comm, sizeof(comm), f) && !strncmp(comm, name, strlen(name)))
			tid = atoi(e->d_name);
		if (f)
			fclose(f);
	}
	closedir(d);
	return tid;
}

static void hold(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	pid_t tid;
	char c;
	sigaction(SIGUSR1, &sa, NULL);
	while (!(tid = thread_named("secure")))
		usleep(1000);
	assert_int_equal(syscall(SYS_tgkill, getpid(), tid, SIGUSR1), 0);
	assert_int_equal(read(held[0], &c, 1), 1);
}

static void let_go(void)
{
	assert_int_equal(write(go[1], "", 1), 1);
}

/* ---- its answers ---- */

static struct dtls *client;
static uint64_t expected;
static unsigned n_keys, n_closed, n_sent, n_failed;
static uint64_t failed;
static size_t sent; /* bytes */

static void on_reply(void *arg, const void *rec, size_t len)
{
	const struct secure_reply *r = rec;
	(void)arg;
	(void)len;
	n_keys += r->type == SECURE_KEYS && r->peer == expected;
	n_closed += r->type == SECURE_CLOSED && r->peer == expected;
	n_sent += r->type == SECURE_SEND && r->peer == expected;
	n_failed += r->type == SECURE_FAILED;
	failed = r->type == SECURE_FAILED ? r->peer : failed;
	sent += r->type == SECURE_SEND && r->peer == expected ? r->len : 0;
	if (r->type == SECURE_SEND && r->peer == expected && client)
		dtls_input(client, r->data, r->len);
}

static void await(const unsigned *count)
{
	struct queue *q = secure_replies(secure, 0);
	struct pollfd p = { .fd = queue_fd(q), .events = POLLIN };
	int64_t end = clock_now_us() + WAIT_MS * US_PER_MS;
	while (!*count && clock_now_us() < end)
		if (poll(&p, 1, WAIT_MS) > 0)
			queue_drain(q, on_reply, NULL);
	assert_int_equal(*count, 1);
}

static void expect(uint64_t peer)
{
	expected = peer;
	n_keys = n_closed = n_sent = n_failed = 0;
	sent = 0;
}

/* ---- shares ---- */

static const uint8_t noise[20] = { 22, 254, 253, 0, 9 };

/* However many flood the thread, whoever comes then has room. */
static void each_peer_has_its_share_of_what_waits(void **state)
{
	const struct secure_peer what = { .role = DTLS_SERVER };
	unsigned n = 0, most = 0;
	(void)state;
	begin_secure();
	hold();
	for (unsigned slot = 0; slot < MAX_PEERS - 1; slot++) {
		unsigned mine = 0;
		assert_int_equal(secure_open(secure, 0, PEER(1, slot), &what), OK);
		while (!secure_input(secure, 0, PEER(1, slot), noise, sizeof(noise)))
			mine++;
		n += mine;
		most = mine > most ? mine : most;
		assert_true(mine >= 4);
	}
	assert_int_equal(most, 128);
	assert_in_range(n, 4000, 8192 + 4 * MAX_PEERS);
	const uint64_t late = PEER(1, MAX_PEERS - 1);
	assert_int_equal(secure_open(secure, 0, late, &what), OK);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(secure_input(secure, 0, late, noise, sizeof(noise)), OK);
	assert_int_equal(secure_begin(secure, 0, late), OK);
	expect(late);
	assert_int_equal(secure_close(secure, 0, late, true), OK);
	let_go();
	await(&n_closed);
	end_secure();
}

/* Nor can descriptions of one take the room of another's. */
static void each_peer_has_its_share_of_descriptions(void **state)
{
	struct secure_peer what = { .role = DTLS_SERVER };
	unsigned n = 0;
	(void)state;
	begin_secure();
	assert_int_equal(secure_open(secure, 0, PEER(1, 1), &what), OK);
	assert_int_equal(secure_begin(secure, 0, PEER(1, 1)), OK);
	hold();
	while (n < 1000 && !secure_open(secure, 0, PEER(1, 1), &what))
		n++;
	assert_in_range(n, 1, 8);
	assert_int_equal(secure_open(secure, 0, PEER(1, 2), &what), OK);
	assert_int_equal(secure_begin(secure, 0, PEER(1, 2)), OK);
	let_go();
	expect(PEER(1, 1));
	assert_int_equal(secure_close(secure, 0, PEER(1, 1), true), OK);
	await(&n_closed);
	assert_int_equal(secure_open(secure, 0, PEER(1, 1), &what), OK); /* there is room again */
	end_secure();
}

/* ---- what must not get lost ---- */

static void to_server(void *arg, const uint8_t *bytes, size_t len)
{
	(void)arg;
	secure_input(secure, 0, expected, bytes, len);
}

static void ignore(void *arg, const uint8_t *bytes, size_t len)
{
	(void)arg;
	(void)bytes;
	(void)len;
}

static const struct dtls_ops ops = { to_server, ignore };
static struct dtls_ctx *ctx;

static void make_certificate(struct secure_peer *what)
{
	char why[256];
	uint8_t digest[32];
	assert_int_equal(dtls_ctx_create(&ctx, NULL, NULL, NULL, false, 1200, why), OK);
	for (unsigned i = 0; i < 32; i++)
		assert_int_equal(sscanf(dtls_fingerprint(ctx) + 3 * i, "%2hhx", &digest[i]), 1);
	memset(&what->fingerprints, 0, sizeof(what->fingerprints));
	fingerprints_add(&what->fingerprints, digest, sizeof(digest));
}

static void shake(void)
{
	assert_int_equal(dtls_create(&client, ctx, false, &ops, NULL), OK);
	dtls_start(client);
	await(&n_keys);
	dtls_destroy(client);
	client = NULL;
}

/* A slot's next peer does not wait for the goodbye of the one before. */
static void a_slot_goes_to_its_next_peer(void **state)
{
	struct secure_peer what = { .role = DTLS_SERVER };
	(void)state;
	begin_secure();
	make_certificate(&what);
	for (unsigned gen = 1; gen < 4; gen++) {
		expect(PEER(gen, 7));
		assert_int_equal(secure_open(secure, 0, expected, &what), OK);
		assert_int_equal(secure_begin(secure, 0, expected), OK);
		shake();
	}
	dtls_ctx_destroy(ctx);
	end_secure();
}

/* Handshakes, the first and that of a new certificate, whose deadline passes when they are done:
 * that of somebody silent, who came later, is the only one to fail. */
static void a_deadline_ends_with_its_handshake(void **state)
{
	struct secure_peer what = { .role = DTLS_SERVER };
	(void)state;
	for (unsigned again = 0; again < 2; again++) {
		begin_secure_for(190 * US_PER_MS); /* before OpenSSL's own time-out */
		for (unsigned i = 0; i <= again; i++) {
			make_certificate(&what);
			expect(PEER(1, 7));
			assert_int_equal(secure_open(secure, 0, expected, &what), OK);
			assert_int_equal(secure_begin(secure, 0, expected), OK);
			shake();
			dtls_ctx_destroy(ctx);
		}
		assert_int_equal(secure_open(secure, 0, PEER(1, 8), &what), OK);
		assert_int_equal(secure_begin(secure, 0, PEER(1, 8)), OK);
		await(&n_failed);
		assert_true(failed == PEER(1, 8));
		expect(PEER(1, 7));
		assert_int_equal(secure_close(secure, 0, expected, true), OK);
		await(&n_closed);
		assert_int_equal(n_failed, 0);
		end_secure();
	}
}

/* A short hello brings a cookie to where nobody has proven to be, and all there is to where
 * somebody has. */
static void a_proven_path_needs_no_measure(void **state)
{
	static const uint8_t hello[] = { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 78, 1, 0, 0, 66,
		0, 0, 0, 0, 0, 0, 0, 66, 254, 253, [59] = 0, 0, 0, 2, 0xc0, 0x2b, 1, 0, 0, 22, 0,
		10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3, 0, 11, 0, 2, 1, 0 };
	const struct secure_peer what = { .role = DTLS_SERVER };
	(void)state;
	begin_secure();
	for (unsigned proven = 0; proven < 2; proven++) {
		expect(PEER(1, 1 + proven));
		assert_int_equal(secure_open(secure, 0, expected, &what), OK);
		assert_int_equal(secure_begin(secure, 0, expected), OK);
		if (proven)
			assert_int_equal(secure_proven(secure, 0, expected), OK);
		assert_int_equal(secure_input(secure, 0, expected, hello, sizeof(hello)), OK);
		await(&n_sent);
		assert_true(proven ? sent > 3 * (100 + sizeof(hello)) : sent < sizeof(hello));
	}
	end_secure();
}

static unsigned order[64], n_order;

static void on_record(void *arg, const void *rec, size_t len)
{
	(void)arg;
	assert_int_equal(len, 64);
	order[n_order++] = *(const uint8_t *)rec;
}

/* A queue of three records, and ten that must come through it. */
static void news_waits_for_room_in_a_full_queue(void **state)
{
	struct loop *loop = loop_create("outlet");
	struct queue *q = queue_create("small", 3 * 80);
	struct outlet o;
	uint8_t rec[64] = { 0 };
	int64_t now = 1000000;
	(void)state;
	clock_fake(now);
	loop_turn(loop, now);
	outlet_init(&o, loop, q);
	n_order = 0;
	for (rec[0] = 0; rec[0] < 10; rec[0]++)
		outlet_push(&o, rec, sizeof(rec));
	queue_drain(q, on_record, NULL);
	assert_int_equal(n_order, 3);
	assert_false(outlet_try(&o, rec, sizeof(rec))); /* others were first */
	for (unsigned i = 0; i < 10 && n_order < 10; i++) {
		loop_turn(loop, now += 30000);
		queue_drain(q, on_record, NULL);
	}
	assert_int_equal(n_order, 10);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(order[i], i);
	assert_true(outlet_try(&o, rec, sizeof(rec)));
	for (unsigned i = 0; i < 10; i++)
		outlet_push(&o, rec, sizeof(rec));
	outlet_clear(&o, on_record, NULL);
	assert_int_equal(n_order, 18); /* two of them are in the queue */
	queue_destroy(q);
	loop_destroy(loop);
	clock_fake(-1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_peer_has_its_share_of_what_waits),
		cmocka_unit_test(each_peer_has_its_share_of_descriptions),
		cmocka_unit_test(a_slot_goes_to_its_next_peer),
		cmocka_unit_test(a_deadline_ends_with_its_handshake),
		cmocka_unit_test(a_proven_path_needs_no_measure),
		cmocka_unit_test(news_waits_for_room_in_a_full_queue),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
