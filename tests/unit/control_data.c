/* SPDX-License-Identifier: Apache-2.0 */
/* Data channels as a plugin sees them: what comes, what is held back, what is refused. */
#include "control_world.h"

#define SDP \
	"v=0\\r\\no=- 4711 2 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\na=group:BUNDLE 0\\r\\n" \
	"a=ice-ufrag:abcd\\r\\na=ice-pwd:abcd0123456789012345678901\\r\\na=fingerprint:sha-256 " \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:" \
	"DD:EE:FF\\r\\na=setup:actpass\\r\\n" \
	"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\\r\\nc=IN IP4 " \
	"0.0.0.0\\r\\na=mid:0\\r\\n"

static uint64_t s, h, peer;

/* A call with a data m-line. @param more attributes of the m-line */
static const struct cmd *call(const char *more)
{
	s = create_session(1);
	h = attach_handle(1, s);
	say(1,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':{},'jsep':{'type':'offer','sdp':'" SDP "%s'}}",
		s, h, more);
	json_decref(hear(1));
	json_decref(hear(1));
	called("attach message ");
	const struct cmd *open = cmd_of(CMD_PEER_OPEN);
	peer = open->peer;
	return open;
}

static void ready(void)
{
	call("a=sctp-port:5000\\r\\n");
	data_event(&(struct data_event){ .type = DATA_READY, .peer = peer });
	called("data-ready ");
}

static void comes(const char *text, size_t len)
{
	struct data_msg *m = data_msg_new("chat", "", text, len);
	m->channel = 3;
	data_event(&(struct data_event){ .type = DATA_MESSAGE, .peer = peer, .msg = m });
}

static bool sends(const char *label, size_t len)
{
	static const char bytes[1 << 20];
	return cardea_data_send(
		last_attached, &(struct cardea_data){ .size = sizeof(struct cardea_data),
				       .label = label,
				       .bytes = bytes,
				       .len = len });
}

static void leaves(size_t cost)
{
	data_event(&(struct data_event){ .type = DATA_SENT, .peer = peer, .cost = cost });
}

static void test_what_the_peer_says(void **state)
{
	(void)state;
	const struct cmd *c = call("a=sctp-port:5001\\r\\na=max-message-size:1000\\r\\n");
	assert_int_equal(c->open.sctp_port, 5001);
	assert_int_equal(c->open.sctp_max, 1000);
	c = call("a=sctp-port:5000\\r\\n");
	assert_int_equal(c->open.sctp_port, 5000);
	assert_int_equal(c->open.sctp_max, 65536);
	c = call("a=sctp-port:5000\\r\\na=max-message-size:99999999999\\r\\n");
	assert_int_equal(c->open.sctp_max, 0);
	c = call("a=sctp-port:5000\\r\\na=inactive\\r\\n");
	assert_int_equal(c->open.sctp_port, 0);
}

static void test_both_ways(void **state)
{
	(void)state;
	call("a=sctp-port:5000\\r\\n");
	assert_false(cardea_has_data(last_attached));
	assert_false(sends("chat", 5));
	comes("too early", 9);
	called("");
	data_event(&(struct data_event){ .type = DATA_READY, .peer = peer });
	called("data-ready ");
	comes("hello", 5);
	called("data(chat,3,hello) ");
	assert_true(sends(NULL, 5));
	assert_true(sends("game", 0));
	assert_int_equal(n_data, 2);
	assert_string_equal(data_sent[0]->label, "JanusDataChannel");
	assert_string_equal(data_sent[1]->label, "game");
	assert_int_equal(cardea_data_queued(last_attached),
		data_msg_cost(data_sent[0]) + data_msg_cost(data_sent[1]));
	data_event(&(struct data_event){ .type = DATA_DOWN, .peer = peer });
	assert_false(cardea_has_data(last_attached));
	assert_false(sends("game", 0));
}

/* An audio m-line and perhaps one with data, as it is said or offered again. */
#define AUDIO \
	"m=audio 9 UDP/TLS/RTP/SAVPF 8\\r\\nc=IN IP4 " \
	"0.0.0.0\\r\\na=mid:a\\r\\na=rtcp-mux\\r\\n"
#define DATA(port, mid, more) \
	"m=application " port " UDP/DTLS/SCTP webrtc-datachannel\\r\\nc=IN IP4 " \
	"0.0.0.0\\r\\na=mid:" mid "\\r\\n" more

static void offer(const char *group, const char *lines)
{
	say(1,
		"{\"janus\":\"message\",\"transaction\":\"m\",\"session_id\":%" PRIu64
		",\"handle_id\":%" PRIu64 ",\"body\":{},\"jsep\":{\"type\":\"offer\",\"sdp\":\""
		"v=0\\r\\no=- 4711 2 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\na=group:BUNDLE "
		"%s\\r\\n"
		"a=ice-ufrag:abcd\\r\\na=ice-pwd:abcd0123456789012345678901\\r\\na=fingerprint:sha-"
		"256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:"
		"AA:BB:CC:DD:EE:FF\\r\\na=setup:actpass\\r\\n%s\"}}",
		s, h, group, lines);
	json_decref(hear(1));
	json_decref(hear(1));
}

/* RFC 8841: an association ends with its m-line, and a new m-line has a new one. */
static void test_stopped_and_offered_again(void **state)
{
	(void)state;
	s = create_session(1);
	h = attach_handle(1, s);
	offer("a d", AUDIO DATA("9", "d", "a=sctp-port:5000\\r\\n"));
	const struct cmd_peer_open *o = &cmd_of(CMD_PEER_OPEN)->open;
	uint32_t first = o->sctp_number;
	assert_int_equal(o->sctp_port, 5000);
	offer("a d", AUDIO DATA("9", "d", "a=sctp-port:5000\\r\\na=inactive\\r\\n"));
	assert_int_equal(count_cmds(CMD_PEER_ICE), 0); /* a direction ends nothing */
	offer("a", AUDIO DATA("0", "d", ""));
	assert_int_equal(count_cmds(CMD_PEER_ICE), 1);
	o = &cmd_of(CMD_PEER_ICE)->open;
	assert_int_equal(o->sctp_port, 0);
	offer("a d", AUDIO DATA("9", "d", "a=sctp-port:5000\\r\\n"));
	assert_int_equal(count_cmds(CMD_PEER_ICE), 2);
	/* at once: another m-line, another port; and what the worker did not hear of meanwhile */
	offer("a e", AUDIO DATA("0", "d", "") DATA("9", "e", "a=sctp-port:5000\\r\\n"));
	assert_int_equal(count_cmds(CMD_PEER_ICE), 3);
	offer("a e", AUDIO DATA("0", "d", "") DATA("9", "e", "a=sctp-port:5001\\r\\n"));
	assert_int_equal(count_cmds(CMD_PEER_ICE), 4);
	media_full = true;
	offer("a", AUDIO DATA("0", "d", "") DATA("0", "e", ""));
	offer("a e", AUDIO DATA("0", "d", "") DATA("9", "e", "a=sctp-port:5001\\r\\n"));
	media_full = false;
	pass(0.06);
	assert_int_equal(count_cmds(CMD_PEER_ICE), 5);
	o = &cmd_of(CMD_PEER_ICE)->open;
	assert_int_equal(o->sctp_port, 5001);
	assert_true(o->sctp_number > first + 4);
}

static void test_held_back(void **state)
{
	(void)state;
	ready();
	assert_true(sends("chat", 200000) && sends("chat", 200000));
	probe_is_busy = true;
	comes("first", 5);
	comes("second", 6);
	called("data(chat,3,first) ");
	leaves(1000); /* still too much on its way to ask again */
	called("");
	leaves(200000);
	called("data(chat,3,first) ");
	probe_is_busy = false;
	leaves(1000);
	called("data(chat,3,first) data(chat,3,second) ");
	assert_int_equal(data_consumed, 0); /* given back in larger pieces */
	char large[70000] = "large";
	comes(large, sizeof large);
	called("data(chat,3,large) ");
	assert_int_equal(data_consumed, 5 + 6 + sizeof large + 3 * DATA_OVERHEAD);
	/* Who says not now with nothing on the way would never be asked again. */
	leaves(1 << 20);
	probe_is_busy = true;
	comes("lost", 4);
	called("data(chat,3,lost) ");
	leaves(1);
	called("");
}

static void test_refused(void **state)
{
	(void)state;
	ready();
	assert_false(sends("chat", DATA_MAX + 1));
	unsigned n = 0;
	while (sends("chat", 100000))
		n++;
	assert_in_range(n, 9, 10);
	leaves(100000);
	called(""); /* there is room, but not enough to begin again */
	leaves(8 * (100000 + DATA_OVERHEAD));
	called("data-ready ");
	media_full = true;
	assert_false(sends("chat", 1));
	media_full = false;
	leaves(1);
	called("data-ready ");
}

/* A full queue loses no window and no word that there is room: it is tried again. */
static void test_full_queue(void **state)
{
	(void)state;
	static char large[70000] = "large";
	ready();
	media_full = true;
	comes(large, sizeof large);
	called("data(chat,3,large) ");
	assert_int_equal(data_consumed, 0);
	assert_false(sends("chat", 1));
	pass(0.06);
	called("");
	assert_int_equal(data_consumed, 0);
	media_full = false;
	pass(0.06);
	assert_int_equal(data_consumed, sizeof large + DATA_OVERHEAD);
	called("data-ready ");
	pass(0.2);
	called("");
	/* nor does what a plugin could not take meanwhile */
	media_full = probe_is_busy = true;
	assert_false(sends("chat", 1));
	comes("later", 5);
	called("data(chat,3,later) ");
	media_full = probe_is_busy = false;
	pass(0.06);
	called("data(chat,3,later) data-ready ");
}

/* No stream is left for a label: who sends is told, and when there is one again. */
static void test_no_channel(void **state)
{
	(void)state;
	ready();
	assert_true(sends("late", 5));
	assert_true(sends("early", 5));
	data_event(&(struct data_event){
		.type = DATA_REFUSED, .peer = peer, .msg = data_msg_ref(data_sent[0]) });
	assert_int_equal(cardea_data_queued(last_attached), data_msg_cost(data_sent[1]));
	assert_false(sends("late", 5));
	assert_true(sends("early", 5));
	data_event(&(struct data_event){ .type = DATA_ROOM, .peer = peer });
	called("data-ready ");
	assert_true(sends("late", 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_the_peer_says, begin, finish),
		cmocka_unit_test_setup_teardown(test_both_ways, begin, finish),
		cmocka_unit_test_setup_teardown(test_stopped_and_offered_again, begin, finish),
		cmocka_unit_test_setup_teardown(test_held_back, begin, finish),
		cmocka_unit_test_setup_teardown(test_refused, begin, finish),
		cmocka_unit_test_setup_teardown(test_full_queue, begin, finish),
		cmocka_unit_test_setup_teardown(test_no_channel, begin, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
