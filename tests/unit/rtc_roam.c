/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that change their address, share it, or are said to be elsewhere: through the door of the
 * media side, on sockets. */
#include "rtc_call.h"

static void follows_a_nomination_to_a_new_address_but_no_recording(void **state)
{
	struct call k;
	struct client thief;
	uint16_t seq = 1;
	uint8_t check[1500], buf[2048];
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	echo(&k, &seq);
	k.c.answers = true;
	client_rebind(&k.c, port_of(0));
	size_t len = client_check(&k.c, check, sizeof(check), k.ufrag, k.pwd, true, true);
	assert_int_equal(send(k.c.fd, check, len, 0), len);
	assert_true(client_recv(&k.c, buf, sizeof(buf), WAIT_MS) > 0);
	echo(&k, &seq);
	assert_true(k.c.n_answered > 0);
	/* the same request from elsewhere: answered, and no more */
	client_make(&thief, "SRTP_AEAD_AES_128_GCM");
	client_connect(&thief, port_of(0));
	assert_int_equal(send(thief.fd, check, len, 0), len);
	for (unsigned n = 0; n < 20; n++)
		echo(&k, &seq);
	size_t n, sum = 0;
	while ((n = client_recv(&thief, buf, sizeof(buf), 10))) {
		assert_true(buf[0] < 2);
		sum += n;
	}
	assert_in_range(sum, 1, 3 * len);
	close_call(&k);
	client_free(&thief);
	client_free(&k.c);
	stop();
}

/* A NAT gives the client another port in the middle of the call. It sends no check; its media are
 * enough, and so are the reports of one that only receives. */
static void finds_a_client_again_by_its_media(void **state)
{
	struct call k;
	uint16_t seq = 1;
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	k.c.answers = true;
	for (unsigned n = 0; n < 5; n++) {
		echo(&k, &seq);
		int64_t at = clock_now_us();
		client_rebind(&k.c, port_of(0));
		echo(&k, &seq);
		assert_true(clock_now_us() - at < 2 * US_PER_S);
		assert_true(k.c.n_answered > n);
	}
	assert_int_equal(seen[REP_FAILED], 0);
	close_call(&k);
	client_free(&k.c);
	stop();
}

static size_t make_report(struct call *k, uint8_t buf[256])
{
	int n = 8;
	memcpy(buf, (uint8_t[]){ 0x80, 201, 0, 1, 0, 0, 0, 1 }, 8); /* receiver report, SSRC 1 */
	assert_int_equal(srtp_protect_rtcp(k->c.out, buf, &n), 0);
	return (size_t)n;
}

static void finds_a_client_again_by_its_reports(void **state)
{
	struct call k[3];
	uint8_t buf[256], in[2048];
	(void)state;
	start(&base);
	for (unsigned n = 0; n < 3; n++) { /* all under the same SSRC, as browsers do */
		make_call(&k[n], 0, 1ULL << 32 | (3 + n), "SRTP_AEAD_AES_128_GCM");
		struct cmd c = open_cmd(&k[n], CMD_PEER_OPEN, true, DTLS_SERVER);
		post(&k[n], &c);
		assert_int_equal(
			client_ping(&k[n].c, k[n].ufrag, k[n].pwd, true, true, WAIT_MS), 0);
		assert_true(client_dtls(&k[n].c, true, 0));
		await(REP_CONNECTED);
		size_t len = make_report(&k[n], buf);
		send(k[n].c.fd, buf, len, 0);
		k[n].c.answers = true;
	}
	client_rebind(&k[1].c, port_of(0));
	for (unsigned tries = 0; tries < 100 && !k[1].c.n_answered; tries++) {
		size_t len = make_report(&k[1], buf);
		send(k[1].c.fd, buf, len, 0);
		client_recv(&k[1].c, in, sizeof(in), 50);
	}
	assert_int_equal(k[1].c.n_answered, 1);
	struct cmd c = { .type = CMD_STATS };
	struct sockaddr_in here;
	for (unsigned tries = 0; tries < 100; tries++) {
		socklen_t len = sizeof(here);
		getsockname(k[1].c.fd, (void *)&here, &len);
		post(&k[1], &c);
		if (await(REP_STATS)->stats.remote.v4.sin_port == here.sin_port)
			break;
	}
	assert_int_equal(last[REP_STATS].stats.remote.v4.sin_port, here.sin_port);
	for (unsigned n = 0; n < 3; n++) {
		close_call(&k[n]);
		client_free(&k[n].c);
	}
	stop();
}

/* What was lost on the way may be too old to be sent again. */
static void asks_for_a_keyframe_when_a_client_has_moved(void **state)
{
	static const uint8_t keyframe[] = { 0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0,
		0x01 };
	struct call k;
	uint16_t seq = 1;
	uint8_t rtp[200], buf[2048];
	bool has_asked = false;
	(void)state;
	start(&base);
	bring_up_with(&k, "SRTP_AEAD_AES_128_GCM", 0, CARDEA_VIDEO);
	k.c.answers = true;
	for (unsigned n = 0; n < 3; n++, seq++)
		client_send_rtp(&k.c, rtp,
			client_rtp(rtp, PT | 0x80, seq, seq * 3000u, IN_SSRC, keyframe,
				sizeof(keyframe)));
	for (unsigned n = 0; n < 3; n++) /* and what it asked for at the start */
		assert_true(client_recv_rtp(&k.c, buf, sizeof(buf), WAIT_MS) > 0);
	while (client_recv(&k.c, buf, sizeof(buf), 20))
		;
	client_rebind(&k.c, port_of(0));
	client_send_rtp(&k.c, rtp,
		client_rtp(rtp, PT | 0x80, seq, seq * 3000u, IN_SSRC, keyframe, sizeof(keyframe)));
	int64_t end = clock_now_us() + WAIT_MS * US_PER_MS;
	for (size_t n; !has_asked && clock_now_us() < end &&
		       (n = client_recv(&k.c, buf, sizeof(buf), WAIT_MS));) {
		int len = (int)n;
		if (buf[0] >> 6 != 2 || buf[1] < 192 || buf[1] > 223)
			continue;
		assert_int_equal(srtp_unprotect_rtcp(k.c.in, buf, &len), 0);
		for (size_t at = 0; at + 4 <= (size_t)len; at += 4 + 4 * (size_t)rd16(buf + at + 2))
			has_asked |= (buf[at] & 31) == 1 && buf[at + 1] == 206;
	}
	assert_true(has_asked);
	close_call(&k);
	client_free(&k.c);
	stop();
}

/* Forged media under an SSRC that is in use: tried within a budget, and nothing comes of it. */
static void tries_keys_within_a_budget(void **state)
{
	enum { N = 300 };
	struct call k;
	struct client thief;
	uint16_t seq = 1;
	uint8_t rtp[200], buf[2048];
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	echo(&k, &seq);
	client_make(&thief, "SRTP_AEAD_AES_128_GCM");
	client_connect(&thief, port_of(0));
	uint64_t tried = metric_value("cardea_rtc_stranger_drops"),
		 not_tried = metric_value("cardea_rtc_roaming_budget_drops");
	size_t len = client_rtp(rtp, PT, 7, 8, IN_SSRC, "nobody has sealed this packet", 29);
	int64_t began = clock_now_us(), end = began + WAIT_MS * US_PER_MS;
	for (unsigned n = 0; n < N; n++)
		assert_int_equal(send(thief.fd, rtp, len, 0), len);
	do
		assert_true(clock_now_us() < end);
	while (metric_value("cardea_rtc_stranger_drops") - tried +
			metric_value("cardea_rtc_roaming_budget_drops") - not_tried <
		N);
	uint64_t seconds = (uint64_t)((clock_now_us() - began) / US_PER_S) + 2;
	tried = metric_value("cardea_rtc_stranger_drops") - tried;
	assert_in_range(tried, 1, 64 * seconds);
	assert_int_equal(client_recv(&thief, buf, sizeof(buf), 10), 0);
	echo(&k, &seq);
	close_call(&k);
	client_free(&thief);
	client_free(&k.c);
	stop();
}

/* A copy of a packet that overtakes the packet itself: authentic, and from an address that does not
 * answer. */
static void a_copied_packet_earns_a_check_and_no_media(void **state)
{
	struct call k;
	struct client thief;
	uint16_t seq = 1;
	uint8_t rtp[1500], buf[2048];
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	echo(&k, &seq);
	client_make(&thief, "SRTP_AEAD_AES_128_GCM");
	client_connect(&thief, port_of(0));
	int n = (int)client_rtp(
		rtp, PT, seq, seq * 960u, IN_SSRC, "packet of which there are two", 29);
	seq++;
	assert_int_equal(srtp_protect(k.c.out, rtp, &n), 0);
	assert_int_equal(send(thief.fd, rtp, (size_t)n, 0), n);
	size_t got = client_recv(&thief, buf, sizeof(buf), WAIT_MS), sum = got;
	assert_int_equal(rd16(buf), 0x0001);
	for (unsigned i = 0; i < 20; i++)
		echo(&k, &seq);
	while ((got = client_recv(&thief, buf, sizeof(buf), 10)))
		sum += got;
	assert_true(sum <= 3 * (size_t)n);
	close_call(&k);
	client_free(&thief);
	client_free(&k.c);
	stop();
}

/* Who answers none of our checks is spoken to where its handshake was. */
static void stays_with_a_client_that_does_not_answer(void **state)
{
	struct call k;
	struct client old;
	uint16_t seq = 1;
	uint8_t rtp[200], buf[2048];
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	echo(&k, &seq);
	old = k.c;
	k.c.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	client_connect(&k.c, port_of(0));
	assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, WAIT_MS), 0);
	for (unsigned n = 0; n < 10; n++) {
		client_send_rtp(
			&k.c, rtp, client_rtp(rtp, PT, seq, seq * 960u, IN_SSRC, "elsewhere", 9));
		seq++;
		assert_true(client_recv_rtp(&old, buf, sizeof(buf), WAIT_MS) > 12);
	}
	assert_int_equal(client_recv_rtp(&k.c, buf, sizeof(buf), 10), 0);
	close(old.fd);
	close_call(&k);
	client_free(&k.c);
	stop();
}

/* It answered once and does no more: its own media show that it lives, but ours may reach somebody
 * else by now. */
static void sends_nothing_without_consent(void **state)
{
	struct rtc_conf conf = base;
	struct call k;
	uint16_t seq = 1;
	uint8_t rtp[200], buf[2048];
	size_t n = 1;
	(void)state;
	conf.consent_us = 500 * US_PER_MS; /* runs out before it is asked for again */
	start(&conf);
	make_call(&k, 0, 1ULL << 32 | 3, "SRTP_AEAD_AES_128_GCM");
	struct cmd c = open_cmd(&k, CMD_PEER_OPEN, true, DTLS_SERVER);
	post(&k, &c);
	echo_track(&k, CARDEA_AUDIO, CARDEA_OPUS);
	k.c.answers = true;
	assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, WAIT_MS), 0);
	assert_true(client_dtls(&k.c, true, 0));
	await(REP_CONNECTED);
	echo(&k, &seq);
	k.c.answers = false;
	for (int64_t end = clock_now_us() + WAIT_MS * US_PER_MS; n && clock_now_us() < end; seq++) {
		client_send_rtp(&k.c, rtp,
			client_rtp(rtp, PT, seq, seq * 960u, IN_SSRC, "still there", 11));
		n = client_recv_rtp(&k.c, buf, sizeof(buf), 100);
	}
	assert_int_equal(n, 0);
	assert_int_equal(seen[REP_FAILED], 0);
	k.c.answers = true; /* asked where it is now, it says yes */
	client_rebind(&k.c, port_of(0));
	echo(&k, &seq);
	close_call(&k);
	client_free(&k.c);
	stop();
}

/* Two PeerConnections on one socket of the client's: STUN by ufrag, DTLS by who waits for it, media
 * by their keys. */
static void serves_two_peers_at_one_address(void **state)
{
	struct call k[2];
	uint16_t seq[2] = { 1, 1 };
	(void)state;
	start(&base);
	for (unsigned n = 0; n < 2; n++) {
		make_call(&k[n], 0, 1ULL << 32 | (3 + n), "SRTP_AEAD_AES_128_GCM");
		if (n) {
			close(k[1].c.fd);
			k[1].c.fd = k[0].c.fd;
		}
		struct cmd c = open_cmd(&k[n], CMD_PEER_OPEN, true, DTLS_SERVER);
		post(&k[n], &c);
		echo_track(&k[n], CARDEA_AUDIO, CARDEA_OPUS);
		k[n].c.answers = true;
		assert_int_equal(
			client_ping(&k[n].c, k[n].ufrag, k[n].pwd, true, true, WAIT_MS), 0);
		assert_true(client_dtls(&k[n].c, true, 0));
		assert_int_equal(await(REP_CONNECTED)->peer, k[n].id);
	}
	for (unsigned i = 0; i < 10; i++)
		for (unsigned n = 0; n < 2; n++)
			echo(&k[n], &seq[n]);
	for (unsigned n = 0; n < 2; n++)
		close_call(&k[n]);
	k[1].c.fd = dup(k[0].c.fd);
	client_free(&k[0].c);
	client_free(&k[1].c);
	stop();
}

/* The check that proves the path to the call. */
static void answer_one(struct call *k)
{
	struct pollfd p = { .fd = k->c.fd, .events = POLLIN };
	uint8_t buf[2048];
	ssize_t n;
	k->c.answers = true;
	do {
		assert_true(poll(&p, 1, WAIT_MS) > 0);
		n = recv(k->c.fd, buf, sizeof(buf), 0);
	} while (n <= 0 || !client_answers(&k->c, buf, (size_t)n));
	k->c.answers = false;
}

static void join_socket(struct call *k, unsigned n, int fd)
{
	make_call(k, 0, 1ULL << 32 | (3 + n), "SRTP_AEAD_AES_128_GCM");
	if (fd >= 0) {
		close(k->c.fd);
		k->c.fd = fd;
	}
	struct cmd c = open_cmd(k, CMD_PEER_OPEN, true, DTLS_SERVER);
	post(k, &c);
	echo_track(k, CARDEA_AUDIO, CARDEA_OPUS);
	assert_int_equal(client_ping(&k->c, k->ufrag, k->pwd, true, true, WAIT_MS), 0);
	answer_one(k);
	assert_true(client_dtls(&k->c, true, 0));
	assert_int_equal(await(REP_CONNECTED)->peer, k->id);
}

/* A gateway with one socket for everything, and all its PeerConnections under one SSRC besides. */
static void serves_two_hundred_peers_at_one_address(void **state)
{
	enum { N = 200 };
	static struct call k[N];
	static uint16_t seq[N];
	struct rtc_conf conf = base;
	(void)state;
	conf.max_peers = N + 3;
	conf.consent_us = 600 * US_PER_S; /* the first ones wait until the last one is there */
	start(&conf);
	for (unsigned n = 0; n < N; n++) {
		join_socket(&k[n], n, n ? k[0].c.fd : -1);
		seq[n] = 1;
		echo(&k[n], &seq[n]);
	}
	for (unsigned n = 0; n < N; n += 7)
		echo(&k[n], &seq[n]);
	for (unsigned n = 0; n < 10; n++) /* the one that was heard last goes on */
		echo(&k[N - 1], &seq[N - 1]);
	assert_int_equal(seen[REP_FAILED], 0);
	for (unsigned n = 0; n < N; n++) {
		close_call(&k[n]);
		if (n)
			k[n].c.fd = dup(k[0].c.fd);
	}
	for (unsigned n = 0; n < N; n++)
		client_free(&k[n].c);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_a_nomination_to_a_new_address_but_no_recording),
		cmocka_unit_test(finds_a_client_again_by_its_media),
		cmocka_unit_test(finds_a_client_again_by_its_reports),
		cmocka_unit_test(asks_for_a_keyframe_when_a_client_has_moved),
		cmocka_unit_test(tries_keys_within_a_budget),
		cmocka_unit_test(a_copied_packet_earns_a_check_and_no_media),
		cmocka_unit_test(stays_with_a_client_that_does_not_answer),
		cmocka_unit_test(sends_nothing_without_consent),
		cmocka_unit_test(serves_two_peers_at_one_address),
		cmocka_unit_test(serves_two_hundred_peers_at_one_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
