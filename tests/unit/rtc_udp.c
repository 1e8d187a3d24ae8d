/* SPDX-License-Identifier: Apache-2.0 */
/* The output of a worker (core/rtc/udp_out.c, udp_backlog.c) and its input (udp.c). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
/* The sockets of a worker against plain sockets, with a kernel that can be made to refuse. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/clock.h"
#include "../../core/rtc/udp.h"

/* ---- a kernel with moods: this sendmmsg stands in front of the C library's ---- */

static bool is_full, refuses_gso, is_gone; /* gone: the address that is sent from */
static unsigned n_messages, n_segmented;

static bool is_segmented(const struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR((struct msghdr *)h, c))
		if (c->cmsg_level == IPPROTO_UDP)
			return true;
	return false;
}

int sendmmsg(int fd, struct mmsghdr *m, unsigned n, int flags)
{
	unsigned ok = 0;
	if (is_full) {
		errno = EAGAIN;
		return -1;
	}
	if (is_gone) {
		errno = EINVAL;
		return -1;
	}
	while (ok < n && !(refuses_gso && is_segmented(&m[ok].msg_hdr)))
		n_segmented += is_segmented(&m[ok++].msg_hdr);
	if (!ok) {
		errno = EIO;
		return -1;
	}
	n_messages += ok;
	return (int)syscall(SYS_sendmmsg, fd, m, ok, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	errno = EINVAL;
	return is_gone ? -1 : (ssize_t)syscall(SYS_sendmsg, fd, m, flags);
}

/* ---- */

static struct loop *loop;
static struct pool *pool;
static struct udp *udp;
static int peer_fd;
static struct path to; /* from us to the peer's socket */
static unsigned n_in;
static struct path last_from;
static struct pkt *kept;

static void on_datagram(void *arg, struct pkt *k, const struct path *from)
{
	(void)arg;
	n_in++;
	last_from = *from;
	if (k->data[0] == 'k' && !kept)
		kept = pkt_ref(k);
}

/* Datagrams that are committed before they are complete: the first byte is missing. */
static struct {
	uint8_t *at, mark;
} incomplete[200];
static unsigned n_incomplete;

static void on_complete(void *arg)
{
	(void)arg;
	for (; n_incomplete; n_incomplete--)
		*incomplete[n_incomplete - 1].at = incomplete[n_incomplete - 1].mark;
}

static void open_peer(const char *ip)
{
	struct addr a;
	socklen_t len = sizeof(a);
	assert_true(addr_parse(&a, ip));
	peer_fd = socket(a.sa.sa_family, SOCK_DGRAM, 0);
	setsockopt(peer_fd, SOL_SOCKET, SO_RCVBUF, &(int){ 4 << 20 }, sizeof(int));
	assert_int_equal(bind(peer_fd, &a.sa, addr_len(&a)), 0);
	assert_int_equal(getsockname(peer_fd, (void *)&a, &len), 0);
	assert_true(addr_parse(&to.local, ip));
	to.remote = a;
}

static int setup_with(bool gso, bool ipv6, const char *ip)
{
	static const struct udp_ops ops = { on_datagram, on_complete };
	struct udp_conf conf = { .gso = gso, .ipv6 = ipv6, .dscp = 46 };
	char why[256];
	is_full = refuses_gso = is_gone = false;
	n_messages = n_segmented = n_in = 0;
	kept = NULL;
	clock_fake(1000000);
	loop = loop_create("test");
	pool = pool_create("packets", sizeof(struct pkt), 100);
	if (udp_create(&udp, loop, pool, &conf, &ops, NULL, why))
		fail_msg("%s", why);
	open_peer(ip);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return setup_with(true, false, "127.0.0.1");
}

static int setup_plain(void **state)
{
	(void)state;
	return setup_with(false, false, "127.0.0.1");
}

static int setup_ipv6(void **state)
{
	(void)state;
	return setup_with(true, true, "::1");
}

static int teardown(void **state)
{
	(void)state;
	pkt_drop(kept);
	udp_destroy(udp);
	pool_destroy(pool);
	loop_destroy(loop);
	close(peer_fd);
	clock_fake(-1);
	return 0;
}

static void put(enum udp_class class, uint8_t mark, size_t len)
{
	uint8_t *p = udp_reserve(udp, &to, class, len);
	memset(p, mark, len);
	udp_commit(udp, len);
}

static void expect(uint8_t mark, size_t len)
{
	uint8_t buf[2048];
	struct pollfd p = { .fd = peer_fd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_int_equal(recv(peer_fd, buf, sizeof(buf), 0), len);
	assert_int_equal(buf[0], mark);
	assert_int_equal(buf[len - 1], mark);
}

static void expect_nothing(void)
{
	struct pollfd p = { .fd = peer_fd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 0), 0);
}

static void groups_equal_datagrams_into_messages(void **state)
{
	(void)state;
	for (uint8_t i = 0; i < 10; i++)
		put(UDP_VIDEO, i, i == 4 ? 700 : 1100); /* a shorter one ends its message */
	put(UDP_URGENT, 99, 100);
	expect_nothing();
	udp_flush(udp);
	for (uint8_t i = 0; i < 10; i++)
		expect(i, i == 4 ? 700 : 1100);
	expect(99, 100);
	assert_int_equal(n_messages, 3);
	assert_int_equal(n_segmented, 2);
}

static void splits_at_the_limits_of_a_message(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 60; i++)
		put(UDP_VIDEO, (uint8_t)i, 1200);
	udp_flush(udp);
	for (unsigned i = 0; i < 60; i++)
		expect((uint8_t)i, 1200);
	assert_int_equal(n_messages, 2); /* 54 of 1200 bytes fit */
	for (unsigned i = 0; i < 80; i++)
		put(UDP_VIDEO, (uint8_t)i, 100);
	udp_flush(udp);
	for (unsigned i = 0; i < 80; i++)
		expect((uint8_t)i, 100);
	assert_int_equal(n_messages, 4); /* 64 segments */
}

static void flushes_by_itself_when_full(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 150; i++)
		put(i & 1 ? UDP_VIDEO : UDP_URGENT, (uint8_t)i, 120); /* no two join */
	assert_int_equal(n_messages, 128);
	udp_flush(udp);
	for (unsigned i = 0; i < 150; i++)
		expect((uint8_t)i, 120);
	put(UDP_URGENT, 1, 0); /* given back */
	udp_flush(udp);
	assert_int_equal(n_messages, 150);
}

static void put_incomplete(enum udp_class class, uint8_t mark, size_t len)
{
	uint8_t *p = udp_reserve(udp, &to, class, len);
	memset(p, mark, len);
	p[0] = (uint8_t)~mark;
	incomplete[n_incomplete].at = p;
	incomplete[n_incomplete++].mark = mark;
	udp_commit(udp, len);
}

static void has_datagrams_completed_before_they_move_or_leave(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 150; i++) /* two full batches, then what is flushed */
		put_incomplete(i & 1 ? UDP_VIDEO : UDP_URGENT, (uint8_t)i, 120);
	assert_int_equal(n_messages, 128);
	udp_flush(udp);
	assert_int_equal(n_incomplete, 0);
	for (unsigned i = 0; i < 150; i++)
		expect((uint8_t)i, 120);
	is_full = true;
	put_incomplete(UDP_VIDEO, 7, 1000);
	udp_flush(udp); /* to wait */
	is_full = false;
	loop_turn(loop, 1000000);
	expect(7, 1000);
}

static void sends_one_by_one_without_gso(void **state)
{
	(void)state;
	for (uint8_t i = 0; i < 5; i++)
		put(UDP_VIDEO, i, 1000);
	udp_flush(udp);
	for (uint8_t i = 0; i < 5; i++)
		expect(i, 1000);
	assert_int_equal(n_messages, 5);
	assert_int_equal(n_segmented, 0);
}

static void falls_back_when_gso_is_refused(void **state)
{
	(void)state;
	refuses_gso = true;
	for (unsigned round = 0; round < 2; round++) {
		for (uint8_t i = 0; i < 5; i++)
			put(UDP_VIDEO, i, 1000);
		udp_flush(udp);
		for (uint8_t i = 0; i < 5; i++)
			expect(i, 1000);
	}
	assert_int_equal(n_messages, 5); /* the second round did not try again */
}

static void segments_again_when_its_address_is_back(void **state)
{
	(void)state;
	is_gone = true;
	for (unsigned round = 0; round < 2; round++) {
		for (uint8_t i = 0; i < 5; i++)
			put(UDP_VIDEO, i, 1000);
		udp_flush(udp);
		if (is_gone)
			expect_nothing();
		is_gone = false;
	}
	for (uint8_t i = 0; i < 5; i++)
		expect(i, 1000);
	assert_int_equal(n_segmented, 1);
}

static void keeps_what_matters_while_the_socket_is_full(void **state)
{
	(void)state;
	is_full = true;
	put(UDP_VIDEO, 1, 1000);
	put(UDP_VIDEO, 2, 1000);
	put(UDP_URGENT, 3, 100);
	udp_flush(udp);
	put(UDP_VIDEO, 4, 1000); /* behind the others, though the kernel is not asked again */
	udp_flush(udp);
	loop_turn(loop, 1000000);
	expect_nothing();
	is_full = false;
	loop_turn(loop, 1001000);
	expect(3, 100);
	expect(1, 1000);
	expect(2, 1000);
	expect(4, 1000);
	put(UDP_VIDEO, 5, 1000);
	udp_flush(udp);
	expect(5, 1000);
}

static void drops_video_by_age_but_not_the_rest(void **state)
{
	(void)state;
	is_full = true;
	put(UDP_VIDEO, 1, 1000);
	for (unsigned i = 0; i < 600; i++) {
		put(UDP_URGENT, (uint8_t)i, 100);
		udp_flush(udp);
	}
	assert_int_equal(udp_full_us(udp, false), 0); /* it waits */
	is_full = false;
	clock_fake(1005001);
	loop_turn(loop, 1005001);
	for (unsigned i = 0; i < 600; i++)
		expect((uint8_t)i, 100);
	expect_nothing();
	assert_int_equal(udp_full_us(udp, false), 1005001);
	assert_int_equal(udp_full_us(udp, true), 0);
}

static void a_backlog_is_bounded_and_loses_whole_bursts(void **state)
{
	unsigned n = 0;
	uint8_t last = 0, buf[2048];
	(void)state;
	is_full = true;
	for (unsigned burst = 0; burst < 1000; burst++) { /* 8 MB */
		for (unsigned i = 0; i < 8; i++)
			put(UDP_VIDEO, (uint8_t)burst, 1000);
		udp_flush(udp);
	}
	is_full = false;
	n_messages = n_segmented = 0;
	loop_turn(loop, 1000000);
	for (; recv(peer_fd, buf, sizeof(buf), MSG_DONTWAIT) == 1000; n++) {
		assert_true(n % 8 == 0 || buf[0] == last);
		last = buf[0];
	}
	assert_int_equal(n % 8, 0);
	assert_int_equal(n_segmented, n_messages); /* they leave as they would have left */
	assert_in_range(n_messages, 400, 524);
	assert_int_equal(last, (uint8_t)999);
}

static void tells_where_datagrams_come_from_and_answers_from_there(void **state)
{
	struct addr a = to.remote, from;
	socklen_t len = sizeof(from);
	uint8_t buf[64];
	(void)state;
	/* to another address of ours than the one that the kernel would choose as source */
	if (a.sa.sa_family == AF_INET)
		a.v4.sin_addr.s_addr = htonl(0x7f000005);
	addr_set_port(&a, udp_port(udp));
	assert_int_equal(sendto(peer_fd, "hello", 5, 0, &a.sa, addr_len(&a)), 5);
	loop_turn(loop, 1000000);
	assert_int_equal(n_in, 1);
	assert_true(addr_equal(&last_from.remote, &to.remote));
	assert_true(addr_equal(&last_from.local, &a));
	udp_send(udp, &last_from, UDP_URGENT, (const uint8_t *)"hi", 2);
	udp_flush(udp);
	assert_int_equal(recvfrom(peer_fd, buf, sizeof(buf), 0, &from.sa, &len), 2);
	assert_true(addr_equal(&from, &a));
	assert_int_equal(udp_has_ipv6(udp), a.sa.sa_family == AF_INET6);
}

static void survives_an_empty_pool_and_too_long_datagrams(void **state)
{
	static uint8_t big[5000] = "k";
	struct addr a = to.remote;
	struct pkt *all[100];
	unsigned n = 0;
	(void)state;
	addr_set_port(&a, udp_port(udp));
	sendto(peer_fd, big, 4000, 0, &a.sa, addr_len(&a));
	sendto(peer_fd, big, PKT_CAP, 0, &a.sa, addr_len(&a));
	loop_turn(loop, 1000000);
	assert_int_equal(n_in, 1);
	assert_non_null(kept);
	while ((all[n] = pkt_take(pool)))
		n++;
	for (unsigned i = 0; i < 200; i++)
		sendto(peer_fd, big, 10, 0, &a.sa, addr_len(&a));
	for (unsigned i = 0; i < 10; i++)
		loop_turn(loop, 1000000);
	assert_in_range(n_in, 2, 200); /* those that packets were there for */
	while (n)
		pkt_drop(all[--n]);
	unsigned before = n_in;
	sendto(peer_fd, big, 10, 0, &a.sa, addr_len(&a));
	loop_turn(loop, 1000000);
	assert_int_equal(n_in, before + 1);
}

static void marks_what_leaves(void **state)
{
	uint8_t buf[64];
	union {
		struct cmsghdr align;
		uint8_t bytes[128];
	} control;
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr h = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	(void)state;
	assert_int_equal(setsockopt(peer_fd, IPPROTO_IP, IP_RECVTOS, &(int){ 1 }, sizeof(int)), 0);
	put(UDP_URGENT, 1, 10);
	udp_flush(udp);
	assert_int_equal(recvmsg(peer_fd, &h, 0), 10);
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	assert_non_null(c);
	assert_int_equal(c->cmsg_type, IP_TOS);
	assert_int_equal(*CMSG_DATA(c) >> 2, 46);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			groups_equal_datagrams_into_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(splits_at_the_limits_of_a_message, setup, teardown),
		cmocka_unit_test_setup_teardown(flushes_by_itself_when_full, setup, teardown),
		cmocka_unit_test_setup_teardown(
			has_datagrams_completed_before_they_move_or_leave, setup, teardown),
		cmocka_unit_test_setup_teardown(
			sends_one_by_one_without_gso, setup_plain, teardown),
		cmocka_unit_test_setup_teardown(falls_back_when_gso_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			segments_again_when_its_address_is_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
			keeps_what_matters_while_the_socket_is_full, setup, teardown),
		cmocka_unit_test_setup_teardown(
			drops_video_by_age_but_not_the_rest, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_backlog_is_bounded_and_loses_whole_bursts, setup, teardown),
		cmocka_unit_test_setup_teardown(
			tells_where_datagrams_come_from_and_answers_from_there, setup, teardown),
		cmocka_unit_test_setup_teardown(marks_what_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(
			survives_an_empty_pool_and_too_long_datagrams, setup, teardown),
		cmocka_unit_test_setup_teardown(
			groups_equal_datagrams_into_messages, setup_ipv6, teardown),
		cmocka_unit_test_setup_teardown(
			tells_where_datagrams_come_from_and_answers_from_there, setup_ipv6,
			teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
