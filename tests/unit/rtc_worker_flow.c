/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker does with a call that is up: figures, settings, tracks, packets, data. */
#include "rtc_call.h"
#include "../../core/rtc/replay.h"
#include "../../core/rtc/secure.h"
#include "../../core/rtc/preview.h"
#include "../../core/rtc/worker.h"

static void tells_a_controlled_peer_of_the_conflict(void **state)
{
	struct call k;
	int r = 0;
	(void)state;
	start_call(&k, &base, true, DTLS_SERVER);
	assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, false, false, WAIT_MS), 487);
	for (int n = 0; n < 20 && (r = client_ping(&k.c, k.ufrag, k.pwd, false, false, WAIT_MS));
		n++)
		assert_int_equal(r, 487);
	assert_int_equal(r, 0); /* it does not learn: we take it as it is */
	close_call(&k);
	client_free(&k.c);
	stop();
}

static const struct peer_stats *stats_now(struct call *k)
{
	struct cmd c = { .type = CMD_STATS, .stats = { .cookie = 1 } };
	post(k, &c);
	return &await(REP_STATS)->stats;
}

static void tells_how_far_it_has_come_and_what_was_repeated(void **state)
{
	struct call k;
	(void)state;
	start_call(&k, &base, false, DTLS_CLIENT);
	const struct peer_stats *s = stats_now(&k);
	assert_false(s->is_described || s->is_proven || s->ice_connected_us || s->failure);
	struct cmd c = open_cmd(&k, CMD_PEER_ICE, true, DTLS_CLIENT);
	post(&k, &c);
	assert_true(stats_now(&k)->is_described);
	assert_int_equal(client_ping(&k.c, k.ufrag, k.pwd, true, true, WAIT_MS), 0);
	s = stats_now(&k);
	assert_true(s->ice_connected_us && !s->dtls_connected);
	do /* nobody answers our ClientHello, or lets it go before the path is proven */
		s = stats_now(&k);
	while (!s->dtls_repeats);
	assert_true(s->dtls_out.packets || s->n_queued);
	close_call(&k);
	client_free(&k.c);
	stop();
}

static void goes_by_other_values_from_one_moment_to_the_next(void **state)
{
	const struct router_tuning t = { .nack_history_us = 100000, .no_media_s = 0 };
	struct call k;
	uint16_t seq = 100;
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	echo(&k, &seq);
	await(REP_RECEIVING);
	assert_true(last[REP_RECEIVING].receiving.on);
	assert_int_equal(rtc_tune(0, &t), OK);
	assert_int_equal(rtc_tune(1, &t), ERR_NOT_FOUND);
	stats_now(&k); /* by then it is known */
	struct router_tuning told = t;
	told.no_media_s = 1;
	assert_int_equal(rtc_tune(0, &told), OK);
	await(REP_RECEIVING);
	assert_false(last[REP_RECEIVING].receiving.on);
	assert_int_equal(last[REP_RECEIVING].receiving.seconds, 1);
	close_call(&k);
	client_free(&k.c);
	stop();
}

static void drops_what_is_not_authentic_or_was_there_before(void **state)
{
	struct call k;
	uint16_t seq = 100;
	uint8_t rtp[200], buf[2048];
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	echo(&k, &seq);
	int n = (int)client_rtp(rtp, PT, seq, 4711, IN_SSRC, "once", 4);
	assert_int_equal(srtp_protect(k.c.out, rtp, &n), 0);
	rtp[13] ^= 1;
	send(k.c.fd, rtp, (size_t)n, 0); /* forged */
	rtp[13] ^= 1;
	send(k.c.fd, rtp, (size_t)n, 0);
	send(k.c.fd, rtp, (size_t)n, 0); /* replayed */
	assert_true(client_recv_rtp(&k.c, buf, sizeof(buf), WAIT_MS) > 12);
	assert_int_equal(client_recv_rtp(&k.c, buf, sizeof(buf), 100), 0);
	struct cmd c = { .type = CMD_STATS, .stats = { .cookie = 77 } };
	post(&k, &c);
	const struct report *r = await(REP_STATS);
	assert_int_equal(r->stats.cookie, 77);
	assert_true(r->stats.connected && r->stats.dtls_connected && r->stats.last);
	assert_int_equal(r->stats.srtp_profile, 7);
	assert_int_equal(ntohs(r->stats.local.v4.sin_port), port_of(0));
	assert_true(r->stats.dtls_in.packets >= 2 && r->stats.dtls_out.packets >= 2);
	assert_true(r->stats.ice_connected_us >= r->stats.opened_us &&
		    r->stats.dtls_connected_us >= r->stats.dtls_started_us);
	close_call(&k);
	client_free(&k.c);
	stop();
}

/* Pictures of equal packets (VP8, each a keyframe) come back whole and in order, in fewer messages
 * than packets. */
/* A subscriber that stays while tracks come and go: each has SSRCs of its own, for as long as it is
 * there. */
static void tracks_come_and_go_without_end(void **state)
{
	struct call k;
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	for (unsigned i = 0; i < SRTP_MAX_SSRCS + 20; i++) {
		struct cmd c = { .type = CMD_TRACK };
		uint8_t rtp[256], buf[2048];
		c.track = (struct track){ .kind = CARDEA_AUDIO,
			.dir = CARDEA_SENDRECV,
			.codec = CARDEA_OPUS,
			.pt = PT,
			.clock_hz = 48000,
			.channels = 2,
			.mid = "0",
			.ssrc = { IN_SSRC },
			.out_ssrc = 0x10000 + i };
		post(&k, &c);
		c = (struct cmd){ .type = CMD_ROUTE };
		c.route = (struct route){ .from_peer = k.id, .to_slot = ID_SLOT(k.id) };
		post(&k, &c);
		c = (struct cmd){ .type = CMD_STATS }; /* when it is answered, all of it was read */
		post(&k, &c);
		await(REP_STATS);
		client_send_rtp(&k.c, rtp,
			client_rtp(rtp, PT, (uint16_t)(100 + i), i * 960, IN_SSRC, "sound", 5));
		assert_true(client_recv_rtp(&k.c, buf, sizeof(buf), WAIT_MS) > 12);
		assert_int_equal(rd32(buf + 8), 0x10000 + i);
	}
	close_call(&k);
	client_free(&k.c);
	stop();
}

static void returns_pictures_whole_and_in_few_messages(void **state)
{
	static const uint8_t keyframe[] = { 0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0,
		0x01 };
	enum { PICTURES = 30, PACKETS = 20 };
	struct call k;
	uint16_t seq = 1;
	uint8_t rtp[1500], back[2048], payload[1100];
	(void)state;
	start(&base);
	bring_up_with(&k, "SRTP_AEAD_AES_128_GCM", 0, CARDEA_VIDEO);
	uint64_t sent = metric_value("cardea_udp_sent_datagrams"),
		 messages = metric_value("cardea_udp_sent_messages");
	for (unsigned picture = 0; picture < PICTURES; picture++) {
		for (unsigned i = 0; i < PACKETS; i++) {
			memset(payload, (int)(picture + i), sizeof(payload));
			payload[0] = 0;
			if (!i)
				memcpy(payload, keyframe, sizeof(keyframe));
			size_t len = i % 7 == 6 ? 500 : sizeof(payload);
			client_send_rtp(&k.c, rtp,
				client_rtp(rtp, i == PACKETS - 1 ? PT | 0x80 : PT, seq++,
					picture * 3000, IN_SSRC, payload, len));
		}
		for (unsigned i = 0; i < PACKETS; i++) {
			size_t n = client_recv_rtp(&k.c, back, sizeof(back), WAIT_MS);
			assert_true(n > 0);
			assert_int_equal(back[n - 1], (uint8_t)(picture + i));
		}
	}
	sent = metric_value("cardea_udp_sent_datagrams") - sent;
	messages = metric_value("cardea_udp_sent_messages") - messages;
	assert_true(sent >= PICTURES * PACKETS);
	assert_true(messages < sent * 3 / 4);
	close_call(&k);
	client_free(&k.c);
	stop();
}

static void answers_what_control_says_out_of_turn(void **state)
{
	struct call k, old;
	(void)state;
	start_call(&k, &base, true, DTLS_SERVER);
	old = k;
	old.id = 7ULL << 32 | 3; /* another generation of the same slot */
	struct cmd c = open_cmd(&old, CMD_PEER_OPEN, true, DTLS_SERVER);
	post(&old, &c);
	assert_int_equal(await(REP_FAILED)->failed.why, FAIL_FULL);
	close_call(&old); /* never opened, and still answered */
	c = (struct cmd){ .type = CMD_STATS };
	post(&old, &c); /* stale: nothing happens */
	close_call(&k);
	assert_int_equal(seen[REP_STATS], 0);
	client_free(&k.c);
	stop();
}

/* Nobody reads for a while: what finds no room is said later, and no slot is lost; not even that of
 * a peer that could not be opened, for its place is taken. */
static void does_not_forget_what_it_could_not_say(void **state)
{
	struct rtc_conf conf = base;
	struct call k[6];
	struct pollfd p;
	(void)state;
	conf.ice_timeout_us = 20000;
	start_with(&conf, 100); /* two short records */
	for (unsigned i = 0; i < 6; i++) {
		make_call(&k[i], 0, (uint64_t)(1 + i) << 32 | i % 5, "SRTP_AEAD_AES_128_GCM");
		struct cmd c = open_cmd(&k[i], CMD_PEER_OPEN, true, DTLS_SERVER);
		post(&k[i], &c);
	}
	p = (struct pollfd){ .fd = queue_fd(reports), .events = POLLIN };
	for (int64_t end = clock_now_us() + WAIT_MS * US_PER_MS;
		queue_refused(reports) < 2 && clock_now_us() < end;)
		poll(NULL, 0, 1);
	while (seen[REP_FAILED] < 6 && poll(&p, 1, WAIT_MS) > 0)
		queue_drain(reports, on_report, NULL);
	assert_int_equal(seen[REP_FAILED], 6);
	for (unsigned i = 0; i < 6; i++) {
		struct cmd c = { .type = CMD_PEER_CLOSE };
		post(&k[i], &c);
		client_free(&k[i].c);
	}
	while (seen[REP_RETIRED] < 6 && poll(&p, 1, WAIT_MS) > 0)
		queue_drain(reports, on_report, NULL);
	assert_int_equal(seen[REP_RETIRED], 6);
	stop();
}

/* A worker that does not come to read for a while: what one peer is told a thousand times leaves
 * room for the others. */
static void commands_for_one_peer_leave_room_for_the_others(void **state)
{
	const struct secure_conf sc = { .mtu = 1200, .max_peers = base.max_peers, .workers = 1 };
	struct cmd keyframe = { .type = CMD_KEYFRAME, .peer = 1ULL << 32 | 1 };
	struct cmd end = { .type = CMD_PEER_CLOSE, .peer = keyframe.peer };
	struct cmd other = { .type = CMD_PEER_OPEN, .peer = 1ULL << 32 | 2 };
	struct secure *secure;
	struct worker *w;
	unsigned n = 0;
	char why[256];
	(void)state;
	reports = queue_create("reports", 1 << 20);
	assert_int_equal(secure_start(&secure, &sc, why), OK);
	assert_int_equal(worker_create(&w, 0, &base, secure, reports, NULL, why), OK);
	while (n < 100000 && !worker_post(w, &keyframe))
		n++;
	assert_in_range(n, 1000, 10000);
	assert_int_equal(worker_post(w, &other), OK);
	assert_int_equal(worker_post(w, &end), OK); /* an end makes room */
	secure_stop(secure);
	worker_destroy(w);
	queue_destroy(reports);
}

static void stops_with_a_goodbye(void **state)
{
	struct call k;
	uint8_t buf[2048];
	int r = 0;
	(void)state;
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	stop();
	for (int tries = 0; tries < 100 && !(SSL_get_shutdown(k.c.ssl) & SSL_RECEIVED_SHUTDOWN);
		tries++)
		r = SSL_read(k.c.ssl, buf, sizeof(buf));
	assert_int_equal(SSL_get_error(k.c.ssl, r), SSL_ERROR_ZERO_RETURN);
	client_free(&k.c);
}

static void says_why_it_cannot_start(void **state)
{
	struct rtc_conf conf = base;
	char why[256], expected[64];
	(void)state;
	start(&base);
	conf.udp_port = port_of(0);
	stop();
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(conf.udp_port) };
	assert_int_equal(bind(fd, (void *)&a, sizeof(a)), 0);
	struct queue *q = queue_create("reports", 1000);
	assert_int_equal(rtc_start(&conf, q, q, why), ERR_IO);
	snprintf(expected, sizeof(expected), "UDP port %u (IPv4): Address already in use",
		conf.udp_port);
	assert_string_equal(why, expected);
	close(fd);
	conf.cert_pem = "/nonexistent.pem";
	assert_int_equal(rtc_start(&conf, q, q, why), ERR_INVALID);
	assert_string_equal(
		why, "cert_pem: /nonexistent.pem cannot be read: No such file or directory");
	conf.workers = 0;
	assert_int_equal(rtc_start(&conf, q, q, why), ERR_INVALID);
	queue_destroy(q);
}

static void count_line(void *arg, const char *text)
{
	unsigned *n = arg;
	*n += strstr(text, "candidate:1 1 udp") != NULL;
}

static void shows_candidates_without_starting(void **state)
{
	struct rtc_conf conf = base;
	unsigned candidates = 0;
	(void)state;
	preview_say(&conf, count_line, &candidates);
	assert_int_equal(candidates, 1);
	conf.enforce_list = "no such interface";
	preview_say(&conf, count_line, &candidates);
	assert_int_equal(candidates, 1);
}

static void tries_ports_without_starting(void **state)
{
	struct rtc_conf conf = base;
	char why[256], expected[64];
	(void)state;
	start(&base);
	conf.udp_port = port_of(0);
	assert_false(preview_port(&conf, 0, why));
	snprintf(expected, sizeof(expected), "UDP port %u (IPv4): Address already in use",
		conf.udp_port);
	assert_string_equal(why, expected);
	stop();
	assert_true(preview_port(&conf, 0, why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_a_controlled_peer_of_the_conflict),
		cmocka_unit_test(tells_how_far_it_has_come_and_what_was_repeated),
		cmocka_unit_test(goes_by_other_values_from_one_moment_to_the_next),
		cmocka_unit_test(drops_what_is_not_authentic_or_was_there_before),
		cmocka_unit_test(tracks_come_and_go_without_end),
		cmocka_unit_test(returns_pictures_whole_and_in_few_messages),
		cmocka_unit_test(answers_what_control_says_out_of_turn),
		cmocka_unit_test(does_not_forget_what_it_could_not_say),
		cmocka_unit_test(commands_for_one_peer_leave_room_for_the_others),
		cmocka_unit_test(stops_with_a_goodbye),
		cmocka_unit_test(says_why_it_cannot_start),
		cmocka_unit_test(shows_candidates_without_starting),
		cmocka_unit_test(tries_ports_without_starting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
