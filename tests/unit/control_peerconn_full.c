/* SPDX-License-Identifier: Apache-2.0 */
/* A PeerConnection when the workers are busy or there is no room. */
#include "control_world.h"
#include "control_call.h"

static void closes_later_when_the_worker_is_busy(void **state)
{
	(void)state;
	call();
	media_full = true;
	say(1, "{'janus':'destroy','transaction':'m','session_id':%" PRIu64 "}", s);
	pass(1);
	assert_int_equal(n_closes, 0);
	media_full = false;
	pass(1);
	assert_int_equal(n_closes, 1);
}

static void says_when_there_is_no_room(void **state)
{
	(void)state;
	media_full = true;
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", NULL, 2), "");
	hears_ack();
	hears(1,
		"{'janus':'error','session_id':%" PRIu64 ",'transaction':'m','error':{'code':490,"
		"'reason':'The media worker is overloaded'}}",
		s);
	called("attach message ");
}

/* What could not be opened was not agreed on: the next description may be quite another. */
static void begins_anew_when_there_was_no_room(void **state)
{
	(void)state;
	media_full = true;
	message("{}", "offer", sdp("abcd", "passive", "sendrecv", "sendrecv", 2), "");
	hears_ack();
	hears_error(1, 490, "The media worker is overloaded");
	message("{'do':'offer'}", NULL, NULL, NULL);
	hears_ack();
	hears_error(1, 490, "The media worker is overloaded");
	assert_int_equal(peerconns_count(), 0);
	message("{}", "answer", sdp("abcd", "active", "recvonly", NULL, 1), "");
	hears_error(1, 469, NULL);
	media_full = false;
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", NULL, 3), "");
	hears_ack();
	char *text = hears_jsep("answer", false);
	has_text(text, "a=setup:passive\r\n"); /* the role is chosen anew, too */
	free(text);
	assert_int_equal(count_cmds(CMD_TRACK), 1);
}

/* The client is answered at once; the worker hears of it when it can, as it is then. */
static void agrees_now_and_tells_when_there_is_room(void **state)
{
	(void)state;
	call();
	n_cmds = 0;
	media_full = true;
	char *first = NULL;
	for (unsigned version = 3; version < 6; version++) {
		const char *audio = version == 4 ? "inactive" : "recvonly";
		message("{}", "offer", sdp("efgh", "actpass", audio, "sendrecv", version), "");
		hears_ack();
		char *text = hears_jsep("answer", false), *ufrag = strstr(text, "a=ice-ufrag:");
		assert_non_null(ufrag);
		*strchr(ufrag, '\r') = '\0';
		if (!first)
			first = g_strdup(ufrag);
		assert_string_equal(ufrag, first); /* begun anew once */
		free(text);
	}
	cardea_mute((struct cardea_track){ last_attached, 1 }, true);
	cardea_limit(last_attached, 111000);
	cardea_watch_level((struct cardea_track){ last_attached, 1 }, 50, 30);
	cardea_limit(last_attached, 222000);
	cardea_unroute((struct cardea_track){ last_attached, 0 });
	cardea_keyframe((struct cardea_track){ last_attached, 1 });
	cardea_mute((struct cardea_track){ last_attached, 200 }, true); /* there is none */
	pass(1);
	assert_int_equal(n_cmds, 0);
	media_full = false;
	pass(1);
	static const enum cmd_type order[] = { CMD_PEER_ICE, CMD_TRACK, CMD_UNROUTE, CMD_ROUTE,
		CMD_MUTE, CMD_WATCH_LEVEL, CMD_KEYFRAME, CMD_LIMIT };
	assert_int_equal(n_cmds, G_N_ELEMENTS(order));
	for (unsigned i = 0; i < n_cmds; i++)
		assert_int_equal(cmds[i].type, order[i]);
	assert_string_equal(cmds[0].open.peer_ufrag, "efgh");
	assert_string_equal(cmds[0].open.ufrag, first + strlen("a=ice-ufrag:"));
	assert_int_equal(cmds[1].track.dir, CARDEA_SEND);
	assert_int_equal(cmds[4].mute.on, 1);
	assert_int_equal(cmds[7].limit.bps, 222000);
	pass(1);
	assert_int_equal(n_cmds, G_N_ELEMENTS(order));
	g_free(first);
}

static void an_offer_that_nobody_answers_changes_nothing(void **state)
{
	(void)state;
	call();
	n_cmds = 0;
	message("{'do':'ok'}", "offer", sdp("zzzz", "actpass", "inactive", "inactive", 9),
		",'e2ee':true");
	json_decref(hear(1));
	assert_int_equal(n_cmds, 0);
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", "sendrecv", 3), "");
	hears_ack();
	free(hears_jsep("answer", false));
	assert_int_equal(n_cmds, 2); /* nothing has changed: the plugin's routes alone */
	assert_int_equal(count_cmds(CMD_ROUTE), 2);
}

static void an_answer_has_to_be_one_before_it_is_expected(void **state)
{
	(void)state;
	message("{}", "answer", g_strdup("hello"), "");
	hears_error(1, 465, NULL);
	message("{}", "answer", sdp("abcd", "active", "recvonly", NULL, 1), "");
	hears_error(1, 469, "Unexpected ANSWER (did we offer?)");
	called("attach ");
}

static void remembers_end_to_end_encryption(void **state)
{
	(void)state;
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", NULL, 2), ",'e2ee':true");
	hears_ack();
	free(hears_jsep("answer", true));
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", NULL, 3), "");
	hears_ack();
	free(hears_jsep("answer", true));
	say(1,
		"{'janus':'hangup','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		"}",
		s, h);
	for (unsigned i = 0; i < 3; i++)
		json_decref(hear(1));
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", NULL, 2), "");
	hears_ack();
	free(hears_jsep("answer", false));
}

static void refuses_sdp_without_credentials(void **state)
{
	(void)state;
	message("{}", "offer",
		g_strdup("v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\nm=audio 9 "
			 "UDP/TLS/RTP/SAVPF 111"
			 "\\r\\nc=IN IP4 0.0.0.0\\r\\na=rtpmap:111 "
			 "opus/48000/2\\r\\na=sendrecv\\r\\n"),
		"");
	hears_error(1, 465, "Error processing SDP");
	called("attach ");
}

static void checks_trickles_of_a_call(void **state)
{
	static const struct {
		const char *fields;
		int code;
		const char *reason;
	} rows[] = {
		{ "'candidate':{}", 456,
			"Trickle error: missing mandatory element (sdpMid or sdpMLineIndex)" },
		{ "'candidate':{'sdpMid':5}", 467,
			"Trickle error: invalid element type (sdpMid should be a string)" },
		{ "'candidate':{'sdpMid':'0'}", 456,
			"Trickle error: missing mandatory element (candidate)" },
		{ "'candidate':{'sdpMid':'0','candidate':5}", 467,
			"Trickle error: invalid element type (candidate should be a string)" },
		{ "'candidate':{'sdpMLineIndex':-1,'candidate':'x'}", 467,
			"Trickle error: invalid element type (sdpMLineIndex should be a positive "
			"integer)" },
		{ "'candidates':'junk'", 467, "candidates is not an array" },
		{ "'candidate':{'sdpMLineIndex':3,'candidate':'nonsense'}", 0, NULL },
		{ "'candidate':{'completed':true}", 0, NULL },
		{ "'candidate':null", 0, NULL },
		{ "'candidates':[{'sdpMid':5},{'completed':true}]", 0, NULL },
	};
	(void)state;
	call();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		say(1,
			"{'janus':'trickle','transaction':'m','session_id':%" PRIu64
			",'handle_id':%" PRIu64 ",%s}",
			s, h, rows[i].fields);
		if (rows[i].code)
			hears_error(1, rows[i].code, rows[i].reason);
		else
			hears_ack();
	}
}
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin_call, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(closes_later_when_the_worker_is_busy),
		TEST(says_when_there_is_no_room),
		TEST(begins_anew_when_there_was_no_room),
		TEST(agrees_now_and_tells_when_there_is_room),
		TEST(an_offer_that_nobody_answers_changes_nothing),
		TEST(an_answer_has_to_be_one_before_it_is_expected),
		TEST(remembers_end_to_end_encryption),
		TEST(refuses_sdp_without_credentials),
		TEST(checks_trickles_of_a_call),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
