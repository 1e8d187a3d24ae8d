/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a PeerConnection whose m-lines are all stopped, and of one that shares its
 * transport with less than was offered. */
#include "control_world.h"

#define HEAD "v=0\\r\\no=- 4711 2 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\n"
#define CREDS(u) \
	"a=ice-ufrag:" u "\\r\\na=ice-pwd:abcdabcdabcdabcdabcdabcd\\r\\n" \
	"a=fingerprint:sha-256 " \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:" \
	"DD:EE:FF\\r\\na=setup:actpass\\r\\n"
#define AUDIO(port, mid, more) \
	"m=audio " port " UDP/TLS/RTP/SAVPF 111\\r\\na=mid:" mid \
	"\\r\\na=rtcp-mux\\r\\na=rtpmap:111 opus/48000/2\\r\\n" more

static uint64_t s, h;

static int begin_session(void **state)
{
	(void)state;
	begin_with(NULL);
	s = create_session(1);
	h = attach_handle(1, s);
	return 0;
}

/* @return our answer to an offer, owned by the caller */
static char *describe(const char *type, const char *text)
{
	say(1,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':{},'jsep':{'type':'%s','sdp':'%s'}}",
		s, h, type, text);
	json_decref(hear(1));
	if (*type != 'o')
		return NULL;
	json_t *msg = hear(1);
	char *sdp = strdup(json_string_value(json_object_get(json_object_get(msg, "jsep"), "sdp")));
	json_decref(msg);
	return sdp;
}

static void connected(uint64_t peer)
{
	report(&(struct report){ .type = REP_CONNECTED, .peer = peer });
	hears(1, "{'janus':'webrtcup','session_id':%" PRIu64 ",'sender':%" PRIu64 "}", s, h);
}

static void stopped_lines_end_the_transport_and_not_the_handle(void **state)
{
	(void)state;
	free(describe("offer", HEAD "a=group:BUNDLE 0\\r\\n" AUDIO("9", "0", CREDS("abcd"))));
	uint64_t peer = cmd_of(CMD_PEER_OPEN)->peer;
	connected(peer);
	report(&(struct report){
		.type = REP_RECEIVING, .peer = peer, .receiving = { 0, -1, 1, 0 } });
	json_decref(hear(1));
	cardea_mute((struct cardea_track){ last_attached, 0 }, true);
	cardea_limit(last_attached, 128000);
	/* the transport attributes are there in Chromium's form, and not in Firefox's */
	say(1,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':{},'jsep':{'type':'offer','sdp':'%s'}}",
		s, h, HEAD AUDIO("0", "0", "a=inactive\\r\\n"));
	json_decref(hear(1));
	hears(1,
		"{'janus':'media','session_id':%" PRIu64 ",'sender':%" PRIu64
		",'mid':'0','type':'audio','receiving':false}",
		s, h);
	json_t *msg = hear(1);
	const char *sdp = json_string_value(json_object_get(json_object_get(msg, "jsep"), "sdp"));
	assert_non_null(strstr(sdp, "\r\nm=audio 0 UDP/TLS/RTP/SAVPF 0\r\n"));
	assert_null(strstr(sdp, "a=group"));
	json_decref(msg);
	assert_int_equal(cmd_of(CMD_PEER_CLOSE)->peer, peer);
	assert_false(cardea_is_up(last_attached));
	/* what the old one says concerns nobody */
	report(&(struct report){ .type = REP_FAILED, .peer = peer, .failed = { FAIL_CONSENT } });
	report(&(struct report){ .type = REP_RETIRED, .peer = peer });
	hears_nothing(1);
	assert_int_equal(peerconns_count(), 0);
	/* the same again changes nothing */
	free(describe("offer", HEAD AUDIO("0", "0", CREDS("abcd"))));
	assert_int_equal(count_cmds(CMD_PEER_OPEN), 1);
	/* the m-line is used again: another transport, all of it to be told */
	n_cmds = 0;
	free(describe("offer", HEAD "a=group:BUNDLE 1\\r\\n" AUDIO("9", "1", CREDS("efgh"))));
	assert_true(cmd_of(CMD_PEER_OPEN)->peer != peer);
	assert_string_equal(cmd_of(CMD_PEER_OPEN)->open.peer_ufrag, "efgh");
	assert_string_equal(cmd_of(CMD_TRACK)->track.mid, "1");
	assert_int_equal(count_cmds(CMD_PEER_ICE), 0);
	assert_true(cmd_of(CMD_MUTE)->mute.on); /* what was wanted still is */
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 128000);
	connected(cmd_of(CMD_PEER_OPEN)->peer);
}

static void a_first_offer_of_stopped_lines_opens_nothing(void **state)
{
	(void)state;
	char *sdp = describe("offer", HEAD AUDIO("0", "0", ""));
	assert_non_null(strstr(sdp, "\r\nm=audio 0 UDP/TLS/RTP/SAVPF 0\r\n"));
	free(sdp);
	assert_int_equal(count_cmds(CMD_PEER_OPEN), 0);
	assert_int_equal(peerconns_count(), 0);
	free(describe("offer", HEAD AUDIO("9", "0", CREDS("abcd"))));
	assert_int_equal(count_cmds(CMD_PEER_OPEN), 1);
}

static void what_cannot_be_opened_again_is_as_if_it_had_not_been(void **state)
{
	(void)state;
	free(describe("offer", HEAD AUDIO("9", "0", CREDS("abcd"))));
	free(describe("offer", HEAD AUDIO("0", "0", "")));
	media_full = true;
	say(1,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':{},'jsep':{'type':'offer','sdp':'%s'}}",
		s, h, HEAD AUDIO("9", "1", CREDS("efgh")));
	json_decref(hear(1));
	hears_error(1, 490, "The media worker is overloaded");
	say(1,
		"{'janus':'trickle','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'candidate':{'sdpMid':'1','candidate':'x'}}",
		s, h);
	hears(1, "{'janus':'ack','session_id':%" PRIu64 ",'transaction':'m'}", s);
	media_full = false;
	free(describe("offer", HEAD AUDIO("9", "1", CREDS("efgh"))));
	assert_string_equal(cmd_of(CMD_PEER_OPEN)->open.peer_ufrag, "efgh");
}

static void an_answer_that_rejects_all_ends_the_transport(void **state)
{
	(void)state;
	say(1,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':{'do':'offer'}}",
		s, h);
	json_decref(hear(1));
	json_decref(hear(1));
	uint64_t peer = cmd_of(CMD_PEER_OPEN)->peer;
	assert_null(describe("answer", HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 111\\r\\na=mid:0\\r\\n"));
	assert_int_equal(cmd_of(CMD_PEER_CLOSE)->peer, peer);
	report(&(struct report){ .type = REP_RETIRED, .peer = peer });
	say(1,
		"{'janus':'trickle','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'candidate':{'sdpMid':'0','candidate':'x'}}",
		s, h);
	json_decref(hear(1));
	assert_int_equal(peerconns_count(), 0);
}

static void an_answer_without_rtcp_mux_is_refused_and_awaited_still(void **state)
{
	(void)state;
	say(1,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':{'do':'offer'}}",
		s, h);
	json_decref(hear(1));
	json_decref(hear(1));
	say(1,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':{},'jsep':{'type':'answer','sdp':'%s'}}",
		s, h,
		HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\na=rtpmap:111 opus/48000/2\\r\\n" CREDS(
			"abcd"));
	hears_error(1, 465, "The answer accepts m-lines, but without a=rtcp-mux");
	assert_null(describe("answer", HEAD AUDIO("9", "0", CREDS("abcd"))));
	assert_string_equal(cmd_of(CMD_PEER_ICE)->open.peer_ufrag, "abcd");
}

static void the_worker_is_told_of_the_transport_that_was_taken(void **state)
{
	(void)state;
	free(describe("offer", HEAD AUDIO("0", "0", CREDS("abcd")) AUDIO("9", "1", CREDS("efgh"))
				       AUDIO("9", "2", CREDS("ijkl"))));
	assert_string_equal(cmd_of(CMD_PEER_OPEN)->open.peer_ufrag, "efgh");
	free(describe("offer", HEAD "a=group:BUNDLE 2 1\\r\\n" AUDIO("0", "0", CREDS("abcd")) AUDIO(
				       "9", "1", CREDS("efgh")) AUDIO("9", "2", CREDS("ijkl"))));
	assert_string_equal(cmd_of(CMD_PEER_ICE)->open.peer_ufrag, "ijkl");
}

static void null_is_what_is_not_there(void **state)
{
	static const struct {
		const char *fields;
		int code;
		const char *reason;
	} rows[] = {
		{ "'candidate':{'candidate':'x','sdpMid':null,'sdpMLineIndex':0,"
		  "'usernameFragment':null}",
			0, NULL },
		{ "'candidate':{'candidate':'x','sdpMid':'0','sdpMLineIndex':null}", 0, NULL },
		{ "'candidate':{'candidate':'','sdpMid':null,'sdpMLineIndex':null}", 0, NULL },
		{ "'candidate':{'candidate':null,'sdpMid':'0'}", 0, NULL },
		{ "'candidate':{'completed':true,'sdpMid':null}", 0, NULL },
		{ "'candidate':{'completed':null,'sdpMid':null}", 456,
			"Trickle error: missing mandatory element (sdpMid or sdpMLineIndex)" },
		{ "'candidate':{'candidate':'x','sdpMid':null,'sdpMLineIndex':null}", 456,
			"Trickle error: missing mandatory element (sdpMid or sdpMLineIndex)" },
		{ "'candidate':{'candidate':'x','sdpMid':null,'sdpMLineIndex':-1}", 467,
			"Trickle error: invalid element type (sdpMLineIndex should be a positive "
			"integer)" },
		{ "'candidate':{'candidate':'x','sdpMid':'0'},'candidates':null", 0, NULL },
		{ "'candidate':null,'candidates':[null,{'candidate':'x','sdpMid':null,"
		  "'sdpMLineIndex':0}]",
			0, NULL },
		{ "'candidates':null", 467, "candidates is not an array" },
	};
	(void)state;
	free(describe("offer", HEAD AUDIO("9", "0", CREDS("abcd"))));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		say(1,
			"{'janus':'trickle','transaction':'m','session_id':%" PRIu64
			",'handle_id':%" PRIu64 ",%s}",
			s, h, rows[i].fields);
		if (rows[i].code)
			hears_error(1, rows[i].code, rows[i].reason);
		else
			hears(1, "{'janus':'ack','session_id':%" PRIu64 ",'transaction':'m'}", s);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin_session, finish)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stopped_lines_end_the_transport_and_not_the_handle),
		TEST(a_first_offer_of_stopped_lines_opens_nothing),
		TEST(what_cannot_be_opened_again_is_as_if_it_had_not_been),
		TEST(an_answer_that_rejects_all_ends_the_transport),
		TEST(an_answer_without_rtcp_mux_is_refused_and_awaited_still),
		TEST(the_worker_is_told_of_the_transport_that_was_taken),
		TEST(null_is_what_is_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
