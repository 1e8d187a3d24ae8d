/* SPDX-License-Identifier: Apache-2.0 */
/* The whole media side through its door: a client made of other parts comes up, sends and gets its
 * media back. */
#include "rtc_call.h"
#include "../../core/rtc/replay.h"
#include "../../core/rtc/secure.h"
#include "../../core/rtc/preview.h"
#include "../../core/rtc/worker.h"

static void echoes_media_in_every_profile(void **state)
{
	static const char *const profiles[] = {
		"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM",
		"SRTP_AES128_CM_SHA1_80", "SRTP_AEAD_AES_256_GCM"
	};
	static const uint16_t expected[] = { 7, 1, 8 };
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct call k;
		uint16_t seq = 65530; /* over the roll-over */
		start(&base);
		bring_up(&k, profiles[i], 0);
		assert_int_equal(k.c.profile, expected[i]);
		for (int n = 0; n < 20; n++)
			echo(&k, &seq);
		close_call(&k);
		/* our close_notify reaches the client */
		uint8_t buf[2048];
		int r = 0;
		for (int tries = 0;
			tries < 100 && !(SSL_get_shutdown(k.c.ssl) & SSL_RECEIVED_SHUTDOWN);
			tries++)
			r = SSL_read(k.c.ssl, buf, sizeof(buf));
		assert_int_equal(SSL_get_error(k.c.ssl, r), SSL_ERROR_ZERO_RETURN);
		client_free(&k.c);
		stop();
	}
}

static void takes_a_client_hello_in_pieces(void **state)
{
	struct call k;
	uint16_t seq = 1;
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 400);
	echo(&k, &seq);
	close_call(&k);
	client_free(&k.c);
	stop();
}

/* A certificate of another life, on the same path. */
static void change_cert(struct client *c)
{
	SSL_CTX_free(c->ctx);
	c->ctx = SSL_CTX_new(DTLS_method());
	client_cert(c->ctx, c->fingerprint);
	SSL_CTX_set_verify(
		c->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, client_any_cert);
	assert_int_equal(SSL_CTX_set_tlsext_use_srtp(c->ctx, "SRTP_AEAD_AES_128_GCM"), 0);
}

/* RFC 8842, section 4: old keys are good until the new ones are there, and then no more. */
static void a_new_certificate_brings_new_keys(void **state)
{
	(void)state;
	for (int is_server = 0; is_server < 2; is_server++) {
		struct call k;
		uint16_t seq = 1;
		start(&base);
		bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
		echo(&k, &seq);
		change_cert(&k.c);
		struct cmd c =
			open_cmd(&k, CMD_PEER_ICE, true, is_server ? DTLS_SERVER : DTLS_CLIENT);
		post(&k, &c);
		echo(&k, &seq);
		struct client old = k.c;
		assert_true(client_dtls(&k.c, is_server, 0));
		echo(&k, &seq);
		assert_memory_not_equal(&old.out, &k.c.out, sizeof(old.out));
		/* the same again is no news */
		post(&k, &c);
		echo(&k, &seq);
		assert_int_equal(seen[REP_CONNECTED], 1);
		assert_int_equal(seen[REP_FAILED], 0);
		SSL_free(old.ssl);
		srtp_dealloc(old.out);
		srtp_dealloc(old.in);
		close_call(&k);
		client_free(&k.c);
		stop();
	}
}

/* Several may be announced; any of them will do. */
static void any_of_several_fingerprints_will_do(void **state)
{
	(void)state;
	for (unsigned at = 0; at < 8; at++) {
		struct call k;
		struct cmd c;
		uint8_t other[32];
		start(&base);
		make_call(&k, 0, 1ULL << 32 | 3, "SRTP_AEAD_AES_128_GCM");
		c = open_cmd(&k, CMD_PEER_OPEN, true, DTLS_SERVER);
		memset(&c.open.fingerprints, 0, sizeof(c.open.fingerprints));
		for (unsigned i = 0; i < 8; i++) {
			memset(other, (int)i, sizeof(other));
			fingerprints_add(
				&c.open.fingerprints, i == at ? k.c.fingerprint : other, 32);
		}
		post(&k, &c);
		assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, WAIT_MS), 0);
		assert_true(client_dtls(&k.c, true, 0));
		await(REP_CONNECTED);
		close_call(&k);
		client_free(&k.c);
		stop();
	}
}

/* ---- ways to fail ---- */

static void expect_failure(struct call *k, enum failure why)
{
	const struct report *r = await(REP_FAILED);
	assert_int_equal(r->peer, k->id);
	assert_int_equal(r->failed.why, why);
	close_call(k);
	client_free(&k->c);
	stop();
}

static void fails_when_ice_never_comes(void **state)
{
	struct rtc_conf conf = base;
	struct call k;
	(void)state;
	conf.ice_timeout_us = 50000;
	start_call(&k, &conf, true, DTLS_SERVER);
	expect_failure(&k, FAIL_ICE);
}

static void fails_when_dtls_never_comes(void **state)
{
	struct rtc_conf conf = base;
	struct call k;
	(void)state;
	conf.dtls_timeout_us = 50000;
	start_call(&k, &conf, true, DTLS_SERVER);
	assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, WAIT_MS), 0);
	expect_failure(&k, FAIL_DTLS_TIMEOUT);
}

static void fails_when_a_new_certificate_is_not_shown(void **state)
{
	struct rtc_conf conf = base;
	struct call k;
	uint16_t seq = 1;
	(void)state;
	conf.dtls_timeout_us = 300000;
	start(&conf);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	struct cmd c = open_cmd(&k, CMD_PEER_ICE, true, DTLS_SERVER);
	c.open.fingerprints.bytes[0] ^= 1;
	post(&k, &c);
	echo(&k, &seq);
	c.open.fingerprints.bytes[0] ^= 1; /* taken back in time */
	post(&k, &c);
	echo(&k, &seq);
	c.open.fingerprints.bytes[0] ^= 1;
	post(&k, &c);
	expect_failure(&k, FAIL_DTLS_TIMEOUT);
}

/* Nobody says that it was the peer's: a reason for the time-out, and not its cause. */
static void an_alert_in_the_clear_is_no_more_than_a_reason(void **state)
{
	static const uint8_t alert[] = { 21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40 };
	struct rtc_conf conf = base;
	struct call k;
	(void)state;
	conf.dtls_timeout_us = 300000;
	start_call(&k, &conf, true, DTLS_SERVER);
	assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, WAIT_MS), 0);
	assert_int_equal(send(k.c.fd, alert, sizeof(alert), 0), sizeof(alert));
	expect_failure(&k, FAIL_DTLS_ALERT);
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	uint16_t seq = 1;
	for (int i = 0; i < 3; i++) {
		send(k.c.fd, alert, sizeof(alert), 0);
		echo(&k, &seq);
	}
	assert_int_equal(seen[REP_FAILED], 0);
	close_call(&k);
	client_free(&k.c);
	stop();
}

static void fails_when_a_connected_peer_falls_silent(void **state)
{
	struct rtc_conf conf = base;
	struct call k;
	(void)state;
	conf.consent_us = 1500000;
	start(&conf);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	expect_failure(&k, FAIL_CONSENT);
	assert_int_equal(seen[REP_CONNECTED], 1);
}

/* Anybody may have sent it, so it does not count: time runs out. */
static void fails_on_a_wrong_certificate(void **state)
{
	struct rtc_conf conf = base;
	struct call k;
	(void)state;
	conf.dtls_timeout_us = 400000;
	start(&conf);
	make_call(&k, 0, 1ULL << 32 | 3, "SRTP_AEAD_AES_128_GCM");
	k.c.fingerprint[5] ^= 1;
	struct cmd c = open_cmd(&k, CMD_PEER_OPEN, true, DTLS_SERVER);
	post(&k, &c);
	assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, WAIT_MS), 0);
	client_dtls_start(&k.c, 0);
	assert_false(client_dtls_go_on(&k.c, true, 4));
	assert_int_equal(seen[REP_CONNECTED], 0);
	expect_failure(&k, FAIL_DTLS_ERROR);
}

static void fails_when_the_peer_says_goodbye(void **state)
{
	struct call k;
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	SSL_shutdown(k.c.ssl);
	expect_failure(&k, FAIL_DTLS_ALERT);
}

static void fails_without_a_common_srtp_profile(void **state)
{
	struct call k;
	(void)state;
	start(&base);
	make_call(&k, 0, 1ULL << 32 | 3, "SRTP_AES128_CM_SHA1_32");
	struct cmd c = open_cmd(&k, CMD_PEER_OPEN, true, DTLS_SERVER);
	post(&k, &c);
	assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, WAIT_MS), 0);
	k.c.ssl = SSL_new(k.c.ctx);
	BIO *b = BIO_new_dgram(k.c.fd, BIO_NOCLOSE);
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	getpeername(k.c.fd, (void *)&a, &len);
	BIO_ctrl_set_connected(b, &a);
	SSL_set_bio(k.c.ssl, b, b);
	SSL_connect(k.c.ssl);
	expect_failure(&k, FAIL_DTLS_ERROR);
}

/* ---- the other order of things ---- */

static void our_offer_waits_for_the_answer(void **state)
{
	struct call k;
	struct pollfd p;
	uint16_t seq = 1;
	(void)state;
	start_call(&k, &base, false, DTLS_UNDECIDED);
	echo_track(&k, CARDEA_AUDIO, CARDEA_OPUS);
	/* the client is faster than its answer */
	assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, WAIT_MS), 0);
	client_dtls_start(&k.c, 0);
	assert_false(client_dtls_go_on(&k.c, true, 4)); /* its certificate waits */
	p = (struct pollfd){ .fd = queue_fd(reports), .events = POLLIN };
	assert_int_equal(poll(&p, 1, 50),
		0); /* nobody says connected before the certificate is known to be right */
	struct cmd c = open_cmd(&k, CMD_PEER_ICE, true, DTLS_SERVER);
	post(&k, &c);
	assert_true(client_dtls_go_on(&k.c, true, WAIT_MS / 50));
	assert_int_equal(await(REP_CONNECTED)->peer, k.id);
	echo(&k, &seq);
	close_call(&k);
	client_free(&k.c);
	stop();
}

/* RFC 8842: a new association, with a packet still on its way under the keys of the old one. */
static void keys_change_without_a_gap(void **state)
{
	static const char text[] = "sealed before";
	uint8_t rtp[1500], back[2048];
	struct call k;
	uint16_t seq = 1;
	size_t n;
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	echo(&k, &seq);
	struct client old = k.c;
	client_cert(k.c.ctx, k.c.fingerprint);
	struct cmd c = open_cmd(&k, CMD_PEER_ICE, true, DTLS_SERVER);
	post(&k, &c);
	assert_true(client_dtls(&k.c, true, 0));
	echo(&k, &seq);
	client_send_rtp(
		&old, rtp, client_rtp(rtp, PT, seq, seq * 960u, IN_SSRC, text, sizeof(text) - 1));
	do
		n = client_recv_rtp(&k.c, back, sizeof(back), 1000);
	while (n > 12 && memcmp(back + rtp_header_len(back, n), text, sizeof(text) - 1));
	assert_true(n > 12);
	close_call(&k);
	srtp_dealloc(old.out);
	srtp_dealloc(old.in);
	SSL_free(old.ssl);
	client_free(&k.c);
	stop();
}

static void speaks_first_to_a_passive_peer(void **state)
{
	(void)state;
	for (unsigned answers = 0; answers < 2; answers++) {
		struct call k;
		uint16_t seq = 1;
		start_call(&k, &base, true, DTLS_CLIENT);
		echo_track(&k, CARDEA_AUDIO, CARDEA_OPUS);
		k.c.answers = answers;
		assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, WAIT_MS), 0);
		/* one check is too little for a ClientHello: it waits for an answer or a second */
		if (!answers)
			assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, WAIT_MS), 0);
		assert_true(client_dtls(&k.c, false, 0));
		assert_int_equal(await(REP_CONNECTED)->connected.srtp_profile, 7);
		echo(&k, &seq);
		close_call(&k);
		client_free(&k.c);
		stop();
	}
}

static void restarts_ice_and_keeps_the_old_until_the_new_is_used(void **state)
{
	struct call k;
	uint16_t seq = 1;
	char ufrag[ICE_OUR_UFRAG + 1], pwd[ICE_OUR_PWD + 1];
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	strcpy(ufrag, k.ufrag);
	strcpy(pwd, k.pwd);
	rtc_ice_credentials(0, k.ufrag, k.pwd);
	struct cmd c = open_cmd(&k, CMD_PEER_ICE, true, DTLS_SERVER);
	post(&k, &c);
	assert_int_equal(client_ping(&k.c, ufrag, pwd, true, true, WAIT_MS), 0);
	echo(&k, &seq);
	int r = -1;
	for (int tries = 0; tries < 100 && r; tries++) /* the command may still be on its way */
		r = client_ping(&k.c, k.ufrag, k.pwd, true, true, 100);
	assert_int_equal(r, 0);
	assert_int_equal(client_ping(&k.c, ufrag, pwd, true, true, 100), -1);
	echo(&k, &seq);
	close_call(&k);
	assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, 100), -1);
	client_free(&k.c);
	stop();
}

/* A client with data channels alone, which makes no checks and answers none, is there as long as
 * its records are authentic. */
static void hears_a_client_by_its_dtls(void **state)
{
	struct rtc_conf conf = base;
	struct call k;
	struct pollfd p;
	(void)state;
	conf.consent_us = 1200 * US_PER_MS;
	start(&conf);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	p = (struct pollfd){ .fd = queue_fd(reports), .events = POLLIN };
	for (int64_t end = clock_now_us() + 1800 * US_PER_MS; clock_now_us() < end;) {
		assert_int_equal(SSL_write(k.c.ssl, "any data", 8), 8);
		assert_int_equal(poll(&p, 1, 50), 0);
	}
	expect_failure(&k, FAIL_CONSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echoes_media_in_every_profile),
		cmocka_unit_test(takes_a_client_hello_in_pieces),
		cmocka_unit_test(a_new_certificate_brings_new_keys),
		cmocka_unit_test(any_of_several_fingerprints_will_do),
		cmocka_unit_test(fails_when_a_new_certificate_is_not_shown),
		cmocka_unit_test(an_alert_in_the_clear_is_no_more_than_a_reason),
		cmocka_unit_test(fails_when_ice_never_comes),
		cmocka_unit_test(fails_when_dtls_never_comes),
		cmocka_unit_test(fails_when_a_connected_peer_falls_silent),
		cmocka_unit_test(fails_on_a_wrong_certificate),
		cmocka_unit_test(fails_when_the_peer_says_goodbye),
		cmocka_unit_test(fails_without_a_common_srtp_profile),
		cmocka_unit_test(our_offer_waits_for_the_answer),
		cmocka_unit_test(keys_change_without_a_gap),
		cmocka_unit_test(speaks_first_to_a_passive_peer),
		cmocka_unit_test(restarts_ice_and_keeps_the_old_until_the_new_is_used),
		cmocka_unit_test(hears_a_client_by_its_dtls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
