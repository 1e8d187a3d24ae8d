/* SPDX-License-Identifier: Apache-2.0 */
/* Captures and sinks on a worker (core/rtc/tap.c, rtc_peer.c), with a peer that the test plays. */
#include "../../core/capture/capture_msg.h"
#include "../../core/router/sink/sink_queue.h"
#include "../../core/rtc/tap.h"
#include "rtc_call.h"

/* What leaves a worker beside its way: captures of a peer, and the sinks that control opens. */
static struct queue *queue;
static struct captured {
	unsigned in, out, rtcp_in, rtcp_out, closed, lost;
	uint64_t id;
	uint16_t kept, len;
	uint8_t data[2048];
} got;

static void on_capture(void *arg, const void *rec, size_t len)
{
	const struct capture_record *c = rec;
	(void)arg;
	got.id = c->id;
	got.lost += c->lost;
	if (c->type == CAPTURE_CLOSE) {
		got.closed++;
		return;
	}
	assert_int_equal(c->type, CAPTURE_PACKET);
	assert_int_equal(len, sizeof(*c) + c->packet.kept);
	if (c->packet.is_rtcp)
		c->packet.is_out ? got.rtcp_out++ : got.rtcp_in++;
	else
		c->packet.is_out ? got.out++ : got.in++;
	got.kept = c->packet.kept;
	got.len = c->packet.len;
	memcpy(got.data, c + 1, got.kept);
}

static void read_captured(void)
{
	queue_drain(queue, on_capture, NULL);
}

static void await_end(void)
{
	struct pollfd p = { .fd = queue_fd(queue), .events = POLLIN };
	while (!got.closed && poll(&p, 1, WAIT_MS) > 0)
		read_captured();
	assert_int_equal(got.closed, 1);
}

static struct rtc_conf with_captures(void)
{
	struct rtc_conf conf = base;
	got = (struct captured){ 0 };
	queue = queue_create("captures", CAPTURE_QUEUE);
	conf.captures = queue;
	return conf;
}

static void capture(struct call *k, uint64_t id, bool on)
{
	struct cmd c = { .type = CMD_CAPTURE, .capture = { .id = id, .on = on } };
	post(k, &c);
}

static void end_of(struct call *k)
{
	close_call(k);
	client_free(&k->c);
	stop();
	queue_destroy(queue);
}

/* RTP of the client, a receiver report too, and what comes of it. A worker that wakes for a command
 * and a packet may take the packet first, and send its echo after: one goes ahead, and all that
 * follow its echo are captured. */
static void talk(struct call *k, uint16_t *seq)
{
	uint8_t rtcp[200] = { 0x80, 201, 0, 1, 0, 0, 0, 9 };
	int len = 8;
	for (unsigned i = 0; i < 11; i++)
		echo(k, seq);
	assert_int_equal(srtp_protect_rtcp(k->c.out, rtcp, &len), srtp_err_status_ok);
	send(k->c.fd, rtcp, (size_t)len, 0);
	echo(k, seq);
}

static void all_that_a_peer_sends_and_gets_is_captured(void **state)
{
	struct rtc_conf conf = with_captures();
	struct call k;
	uint16_t seq = 100;
	(void)state;
	start(&conf);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	echo(&k, &seq);
	capture(&k, 5, true);
	talk(&k, &seq);
	capture(&k, 5, false);
	await_end();
	assert_int_equal(got.id, 5);
	assert_in_range(got.in, 11, 12);
	assert_in_range(got.out, 11, 12);
	assert_int_equal(got.rtcp_in, 1);
	assert_int_equal(got.lost, 0);
	echo(&k, &seq); /* it has ended */
	read_captured();
	assert_in_range(got.out, 11, 12);
	capture(&k, 6, true);
	got = (struct captured){ 0 };
	close_call(&k);
	await_end();
	assert_int_equal(got.id, 6);
	client_free(&k.c);
	stop();
	queue_destroy(queue);
}

static void what_cannot_be_read_is_captured_too(void **state)
{
	struct rtc_conf conf = with_captures();
	struct call k;
	uint8_t rtp[1500];
	uint16_t seq = 100;
	(void)state;
	start(&conf);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	echo(&k, &seq);
	uint64_t before = metric_value("cardea_srtp_malformed_drops");
	capture(&k, 5, true);
	echo(&k, &seq); /* which may go ahead, as in talk() */
	for (unsigned i = 0; i < 3; i++) {
		size_t len =
			client_rtp(rtp, PT, seq, seq * 960u, IN_SSRC, "padding of 255 \xff", 16);
		seq++;
		rtp[0] |= 0x20;
		client_send_rtp(&k.c, rtp, len);
	}
	echo(&k, &seq);
	capture(&k, 5, false);
	await_end();
	assert_int_equal(metric_value("cardea_srtp_malformed_drops"), before + 3);
	assert_in_range(got.in, 4, 5);
	assert_in_range(got.out, 1, 2);
	end_of(&k);
}

static void a_capture_of_nobody_ends_at_once(void **state)
{
	struct rtc_conf conf = with_captures();
	struct call k, old;
	(void)state;
	start(&conf);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	old = k;
	old.id = 7ULL << 32 | 3; /* another generation */
	capture(&old, 9, true);
	await_end();
	assert_int_equal(got.id, 9);
	capture(&old, 9, false);
	end_of(&k);
}

static void a_capture_has_a_share_of_the_queue(void **state)
{
	static uint8_t packet[1200];
	struct tap *t;
	unsigned came;
	(void)state;
	with_captures();
	t = tap_new(queue, 1, 0);
	for (unsigned i = 0; i < 6000; i++)
		tap_in(t, false, packet, sizeof(packet), i);
	read_captured();
	came = got.in;
	assert_in_range(came, 3000, 3600);
	assert_int_equal(got.lost, 0);
	tap_in(t, false, packet, sizeof(packet), 0);
	read_captured();
	assert_int_equal(came + got.lost, 6000);
	for (unsigned i = 0; i < 6000; i++)
		tap_in(t, false, packet, sizeof(packet), i);
	tap_free(t); /* its last word finds room, and has the rest */
	read_captured();
	assert_int_equal(got.closed, 1);
	assert_int_equal(got.in + got.lost, 12001);
	queue_destroy(queue);
}

static void what_is_kept_of_a_packet_is_its_beginning(void **state)
{
	static const uint8_t header[12] = { 0x80, 96, 1 }, payload[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const struct rtp_parts parts = { .header = header,
		.header_len = sizeof(header),
		.payload = payload,
		.payload_len = sizeof(payload) };
	const unsigned most[] = { 0, 5, 12, 14, 20, 100 }, kept[] = { 20, 5, 12, 14, 20, 20 };
	(void)state;
	with_captures();
	for (unsigned i = 0; i < 6; i++) {
		struct tap *t = tap_new(queue, 1, most[i]);
		tap_rtp_out(t, &parts, 0);
		tap_free(t);
		read_captured();
		assert_int_equal(got.len, 20);
		assert_int_equal(got.kept, kept[i]);
		for (unsigned b = 0; b < got.kept; b++)
			assert_int_equal(got.data[b], b < 12 ? header[b] : payload[b - 12]);
	}
	queue_destroy(queue);
}

/* ---- sinks ---- */

static unsigned sunk[16], n_sunk;

static void on_sunk(void *arg, const void *rec, size_t len)
{
	const struct sink_record *s = rec;
	(void)arg;
	(void)len;
	assert_int_equal(s->sink, 77);
	sunk[s->type]++;
	n_sunk += s->type == SINK_PACKETS ? s->packets.n : 0;
}

static void await_sunk(enum sink_type type)
{
	struct pollfd p = { .fd = queue_fd(queue), .events = POLLIN };
	while (!sunk[type] && poll(&p, 1, WAIT_MS) > 0)
		queue_drain(queue, on_sunk, NULL);
	assert_int_equal(sunk[type], 1);
	sunk[type] = 0;
}

static void control_opens_and_closes_sinks(void **state)
{
	struct cmd c = { .type = CMD_SINK_OPEN,
		.sink = { .id = 77,
			.from_peer = 1ULL << 32 | 3,
			.kind = CARDEA_AUDIO,
			.share = 1 << 16 } };
	struct call k;
	uint16_t seq = 1;
	(void)state;
	n_sunk = 0;
	with_captures();
	assert_int_equal(sink_queue_add(queue, &c.sink.queue), OK);
	start(&base);
	bring_up(&k, "SRTP_AEAD_AES_128_GCM", 0);
	assert_int_equal(rtc_post(0, &c), OK);
	await_sunk(SINK_TRACK);
	for (unsigned i = 0; i < 10; i++)
		echo(&k, &seq);
	close_call(&k);
	await_sunk(SINK_SOURCE_ENDED);
	assert_int_equal(n_sunk, seq - 1);
	c.type = CMD_SINK_KEYFRAME; /* of nothing now */
	assert_int_equal(rtc_post(0, &c), OK);
	c.type = CMD_SINK_OPEN; /* the same peer, which is gone */
	assert_int_equal(rtc_post(0, &c), OK);
	await_sunk(SINK_SOURCE_ENDED);
	c = (struct cmd){ .type = CMD_SINK_CLOSE, .sink_id = { 77 } };
	assert_int_equal(rtc_post(0, &c), OK);
	await_sunk(SINK_CLOSED);
	client_free(&k.c);
	stop();
	sink_queue_remove(0);
	queue_destroy(queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_a_peer_sends_and_gets_is_captured),
		cmocka_unit_test(what_cannot_be_read_is_captured_too),
		cmocka_unit_test(a_capture_of_nobody_ends_at_once),
		cmocka_unit_test(a_capture_has_a_share_of_the_queue),
		cmocka_unit_test(what_is_kept_of_a_packet_is_its_beginning),
		cmocka_unit_test(control_opens_and_closes_sinks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
