/* SPDX-License-Identifier: Apache-2.0 */
/* Each reason of core/rtc/peer_why.c is made by a client on loopback, and ends. */
#include "rtc_call.h"

static const struct peer_stats *stats_now(const struct call *k)
{
	struct cmd c = { .type = CMD_STATS, .stats = { 1 } };
	post(k, &c);
	return &await(REP_STATS)->stats;
}

static unsigned why_of(const struct call *k)
{
	return stats_now(k)->why.code;
}

/* Nothing but what is asked of the client happens. */
static unsigned await_why(const struct call *k, unsigned not )
{
	unsigned code = not ;
	for (unsigned i = 0; i < 1000 && code == not ; i++) {
		code = why_of(k);
		poll(NULL, 0, 2);
	}
	return code;
}

static void tells_how_far_it_has_come(void **state)
{
	struct call k;
	(void)state;
	start(&base);
	make_call(&k, 0, 1ULL << 32 | 3, "SRTP_AEAD_AES_128_GCM");
	struct cmd c = open_cmd(&k, CMD_PEER_OPEN, false, DTLS_SERVER);
	post(&k, &c);
	assert_int_equal(why_of(&k), WHY_NO_DESCRIPTION);
	c = open_cmd(&k, CMD_PEER_ICE, true, DTLS_SERVER);
	post(&k, &c);
	assert_int_equal(why_of(&k), WHY_ICE_UNHEARD);
	assert_true(stats_now(&k)->why.since_us > 0);
	assert_int_not_equal(
		client_ping(&k.c, k.ufrag, "not the right password", true, true, 50), 0);
	assert_int_equal(await_why(&k, WHY_ICE_UNHEARD), WHY_ICE_REFUSED);
	assert_int_equal(stats_now(&k)->why.packets, 1);
	assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, WAIT_MS), 0);
	assert_int_equal(why_of(&k), WHY_DTLS_UNHEARD);
	/* a record of a handshake that goes no further; its number is not one of the next */
	static const uint8_t record[] = { 22, 254, 255, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1 };
	assert_int_equal(send(k.c.fd, record, sizeof(record), 0), sizeof(record));
	assert_int_equal(await_why(&k, WHY_DTLS_UNHEARD), WHY_DTLS_UNFINISHED);
	assert_true(client_dtls(&k.c, true, 0));
	await(REP_CONNECTED);
	assert_int_equal(why_of(&k), WHY_WELL);
	close_call(&k);
	client_free(&k.c);
	stop();
}

/* Media is authentic, but does not say that the peer wants ours (RFC 7675). */
static void tells_that_consent_has_run_out(void **state)
{
	struct rtc_conf conf = base;
	uint8_t rtp[2048];
	uint16_t seq = 1;
	struct call k;
	(void)state;
	conf.consent_us = 3 * US_PER_S;
	start(&conf);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	k.c.answers = true; /* once, so that it is asked from then on; after half a second again */
	for (int64_t end_us = clock_now_us() + 1200 * US_PER_MS; clock_now_us() < end_us;) {
		echo(&k, &seq);
		poll(NULL, 0, 20);
	}
	k.c.answers = false;
	assert_int_equal(why_of(&k), WHY_WELL);
	int64_t end_us = clock_now_us() + 10 * US_PER_S;
	unsigned code = WHY_WELL;
	while (code == WHY_WELL && clock_now_us() < end_us) {
		client_send_rtp(&k.c, rtp, client_rtp(rtp, PT, seq, seq * 960u, IN_SSRC, "x", 1));
		seq++;
		poll(NULL, 0, 20);
		code = why_of(&k);
	}
	assert_int_equal(code, WHY_NO_CONSENT);
	k.c.answers = true; /* the check that waits for an answer is repeated */
	for (end_us = clock_now_us() + 10 * US_PER_S; code && clock_now_us() < end_us;) {
		client_send_rtp(&k.c, rtp, client_rtp(rtp, PT, seq, seq * 960u, IN_SSRC, "x", 1));
		seq++;
		client_recv_rtp(&k.c, rtp, sizeof(rtp), 20);
		code = why_of(&k);
	}
	assert_int_equal(code, WHY_WELL);
	close_call(&k);
	client_free(&k.c);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_how_far_it_has_come),
		cmocka_unit_test(tells_that_consent_has_run_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
