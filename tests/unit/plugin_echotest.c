/* SPDX-License-Identifier: Apache-2.0 */
/* The echo test, where no media is needed to see what it does. */
#include "control_world.h"

extern CARDEA_API const struct cardea_plugin cardea_plugin;

#define OFFER \
	"v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\na=group:BUNDLE 0 1\\r\\n" \
	"a=ice-ufrag:abcd\\r\\na=ice-pwd:abcdabcdabcdabcdabcdabcd\\r\\n" \
	"a=fingerprint:sha-256 " \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:" \
	"DD:EE:FF\\r\\na=setup:actpass\\r\\n" \
	"m=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\nc=IN IP4 0.0.0.0\\r\\na=mid:0\\r\\na=sendrecv\\r\\n" \
	"a=rtcp-mux\\r\\na=rtpmap:111 opus/48000/2\\r\\n" \
	"m=video 9 UDP/TLS/RTP/SAVPF 96\\r\\nc=IN IP4 0.0.0.0\\r\\na=mid:1\\r\\na=sendrecv\\r\\n" \
	"a=rtcp-mux\\r\\na=rtpmap:96 VP8/90000\\r\\n"

static uint64_t s, h, peer;

/* A call that is up, with a cap on its bitrate. */
static int begin_echo(void **state)
{
	begin(state);
	assert_null(plugin_add(&cardea_plugin, NULL, NULL));
	s = create_session(1);
	say(1,
		"{'janus':'attach','transaction':'a','session_id':%" PRIu64
		",'plugin':'janus.plugin.echotest'}",
		s);
	h = hears_id(1);
	say(1,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':{'bitrate':64000},"
		"'jsep':{'type':'offer','sdp':'" OFFER "'}}",
		s, h);
	peer = cmd_of(CMD_PEER_OPEN)->peer;
	report(&(struct report){ .type = REP_CONNECTED, .peer = peer });
	for (unsigned i = 0; i < 3; i++) /* ack, answer, webrtcup */
		json_decref(hear(1));
	hears_nothing(1);
	return 0;
}

static void loses(uint16_t mindex, bool uplink)
{
	report(&(struct report){
		.type = REP_SLOW_LINK, .peer = peer, .slow_link = { mindex, uplink, 12 } });
}

static void hears_event(const char *data)
{
	hears(1,
		"{'janus':'event','session_id':%" PRIu64 ",'sender':%" PRIu64
		",'plugindata':{'plugin':'janus.plugin.echotest','data':%s}}",
		s, h, data);
}

static void hears_slowlink(const char *mid, const char *media, const char *uplink)
{
	hears(1,
		"{'janus':'slowlink','session_id':%" PRIu64 ",'sender':%" PRIu64
		",'mid':'%s','media':'%s','uplink':%s,'lost':12}",
		s, h, mid, media, uplink);
}

static void tells_of_losses_of_what_the_client_sends(void **state)
{
	(void)state;
	loses(0, false);
	hears_event("{'echotest':'event','event':'slow_link','media':'audio'}");
	hears_slowlink("0", "audio", "false");
	loses(1, false);
	hears_event("{'echotest':'event','event':'slow_link','media':'video',"
		    "'current-bitrate':64000}");
	hears_slowlink("1", "video", "false");
	loses(1, true);
	hears_slowlink("1", "video", "true");
	hears_nothing(1);
}

/* What was asked for while no worker had room for the call is in force with the next offer. */
static void begins_again_after_an_overload(void **state)
{
	static const char *const bodies[] = { "{'bitrate':77000}", "{'audio':true}" };
	(void)state;
	say(1,
		"{'janus':'hangup','transaction':'h','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		"}",
		s, h);
	for (unsigned i = 0; i < 3; i++) /* success, done, hangup */
		json_decref(hear(1));
	n_cmds = 0;
	for (unsigned i = 0; i < 2; i++) {
		media_full = i == 0;
		say(1,
			"{'janus':'message','transaction':'m','session_id':%" PRIu64
			",'handle_id':%" PRIu64 ",'body':%s,"
			"'jsep':{'type':'offer','sdp':'" OFFER "'}}",
			s, h, bodies[i]);
		json_decref(hear(1)); /* ack */
		if (i == 0)
			hears_error(1, 490, "The media worker is overloaded");
	}
	json_t *answer = hear(1);
	assert_non_null(json_object_get(answer, "jsep"));
	json_decref(answer);
	assert_int_equal(count_cmds(CMD_ROUTE), 2);
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 77000);
}

/* No cap is one that does not bind, and is said like any other. */
static void says_that_there_is_no_cap(void **state)
{
	(void)state;
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 64000);
	say(1,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':{'bitrate':0}}",
		s, h);
	json_decref(hear(1));
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 10000000);
}

static void answers_the_admin_api_with_nothing(void **state)
{
	(void)state;
	const struct cardea_origin operator= origin(9, true);
	assert_true(cardea_transport_incoming(
		&operator, json_pack("{s:s, s:s, s:s}", "janus", "message_plugin", "transaction",
			"t", "plugin", "janus.plugin.echotest")));
	turn();
	hears(9, "{'janus':'success','transaction':'t','response':{}}");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin_echo, finish)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_of_losses_of_what_the_client_sends),
		TEST(begins_again_after_an_overload),
		TEST(says_that_there_is_no_cap),
		TEST(answers_the_admin_api_with_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
