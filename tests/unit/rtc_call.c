/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "rtc_call.h"

struct queue *reports, *data_queue;
struct report last[16];
unsigned seen[16];

void on_report(void *arg, const void *rec, size_t len)
{
	const struct report *r = rec;
	(void)arg;
	assert_true(r->type < 16);
	assert_int_equal(len, report_len(r->type));
	memcpy(&last[r->type], rec, len);
	seen[r->type]++;
}

const struct report *await(enum report_type type)
{
	struct pollfd p = { .fd = queue_fd(reports), .events = POLLIN };
	unsigned before = seen[type];
	int64_t end = clock_now_us() + WAIT_MS * US_PER_MS;
	while (seen[type] == before && clock_now_us() < end)
		if (poll(&p, 1, WAIT_MS) > 0)
			queue_drain(reports, on_report, NULL);
	assert_true(seen[type] > before);
	return &last[type];
}

const struct rtc_conf base = {
	.workers = 1,
	.enforce_list = "127.0.0.1",
	.mtu = 1200,
	.gso = true,
	.max_peers = 8,
	.consent_us = 30 * US_PER_S,
	.ice_timeout_us = 15 * US_PER_S,
	.dtls_timeout_us = 20 * US_PER_S,
	.router = { .hold_us = 500,
		.twcc_period_us = 200000,
		.nack_history_us = 500000,
		.no_media_s = 1 },
};

void start_with(const struct rtc_conf *conf, size_t report_bytes)
{
	char why[256];
	reports = queue_create("reports", report_bytes);
	data_queue = queue_create("data", 1 << 20);
	memset(seen, 0, sizeof(seen));
	if (rtc_start(conf, reports, data_queue, why))
		fail_msg("%s", why);
}

void start(const struct rtc_conf *conf)
{
	start_with(conf, 1 << 20);
}

void stop(void)
{
	rtc_stop();
	queue_destroy(reports);
	queue_destroy(data_queue);
}

uint16_t port_of(unsigned worker)
{
	unsigned port;
	assert_non_null(rtc_candidate(worker, 0));
	assert_int_equal(
		sscanf(rtc_candidate(worker, 0), "1 1 udp %*u 127.0.0.1 %u typ host", &port), 1);
	return (uint16_t)port;
}

void post(const struct call *k, struct cmd *c)
{
	c->peer = k->id;
	assert_int_equal(rtc_post(k->worker, c), OK);
}

struct cmd open_cmd(struct call *k, enum cmd_type type, bool described, enum dtls_role role)
{
	struct cmd c = { .type = type };
	strcpy(c.open.ufrag, k->ufrag);
	strcpy(c.open.pwd, k->pwd);
	c.open.dtls_role = role;
	if (described) {
		strcpy(c.open.peer_ufrag, CLIENT_UFRAG);
		strcpy(c.open.peer_pwd, CLIENT_PWD);
		fingerprints_add(&c.open.fingerprints, k->c.fingerprint, 32);
	}
	return c;
}

void make_call(struct call *k, unsigned worker, uint64_t id, const char *profiles)
{
	client_make(&k->c, profiles);
	k->worker = worker;
	k->id = id;
	rtc_ice_credentials(worker, k->ufrag, k->pwd);
	client_connect(&k->c, port_of(worker));
}

void echo_track(struct call *k, enum cardea_kind kind, enum cardea_codec_id codec)
{
	struct cmd c = { .type = CMD_TRACK };
	c.track = (struct track){ .mindex = 0,
		.kind = (uint8_t)kind,
		.dir = CARDEA_SENDRECV,
		.codec = (uint8_t)codec,
		.pt = PT,
		.clock_hz = 48000,
		.channels = 2,
		.feedback = CARDEA_FB_PLI,
		.mid = "0",
		.ssrc = { IN_SSRC },
		.out_ssrc = OUT_SSRC };
	post(k, &c);
	c = (struct cmd){ .type = CMD_ROUTE };
	c.route = (struct route){ .from_peer = k->id, .to_slot = ID_SLOT(k->id) };
	post(k, &c);
}

void bring_up_with(struct call *k, const char *profiles, int mtu, enum cardea_kind kind)
{
	make_call(k, 0, 1ULL << 32 | 3, profiles);
	struct cmd c = open_cmd(k, CMD_PEER_OPEN, true, DTLS_SERVER);
	post(k, &c);
	echo_track(k, kind, kind == CARDEA_VIDEO ? CARDEA_VP8 : CARDEA_OPUS);
	assert_int_equal(client_ping(&k->c, k->ufrag, k->pwd, true, true, WAIT_MS), 0);
	assert_true(client_dtls(&k->c, true, mtu));
	const struct report *r = await(REP_CONNECTED);
	assert_int_equal(r->peer, k->id);
	assert_int_equal(r->connected.srtp_profile, k->c.profile);
}

void bring_up(struct call *k, const char *profiles, int mtu)
{
	bring_up_with(k, profiles, mtu, CARDEA_AUDIO);
}

void close_call(struct call *k)
{
	struct cmd c = { .type = CMD_PEER_CLOSE };
	post(k, &c);
	assert_int_equal(await(REP_RETIRED)->peer, k->id);
}

void echo(struct call *k, uint16_t *seq)
{
	uint8_t rtp[1500], back[2048];
	char text[64];
	size_t n = 0;
	int len = 0;
	for (int tries = 0; tries < 600 && !n; tries++) {
		len = snprintf(text, sizeof(text), "packet %u of the test", *seq);
		client_send_rtp(&k->c, rtp,
			client_rtp(rtp, PT, *seq, *seq * 960u, IN_SSRC, text, (size_t)len));
		++*seq;
		n = client_recv_rtp(&k->c, back, sizeof(back), 100);
	}
	assert_true(n > 12);
	assert_int_equal(rd32(back + 8), OUT_SSRC);
	size_t header = rtp_header_len(back, n);
	assert_memory_equal(back + header, "packet ", 7);
}

uint64_t metric_value(const char *name)
{
	char *text = metric_text(), line[128];
	snprintf(line, sizeof(line), "\n%s ", name);
	const char *at = strstr(text, line);
	assert_non_null(at);
	uint64_t v = strtoull(at + strlen(line), NULL, 10);
	free(text);
	return v;
}

void start_call(struct call *k, const struct rtc_conf *conf, bool described, enum dtls_role role)
{
	start(conf);
	make_call(k, 0, 1ULL << 32 | 3, "SRTP_AEAD_AES_128_GCM");
	struct cmd c = open_cmd(k, CMD_PEER_OPEN, described, role);
	post(k, &c);
}
