/* SPDX-License-Identifier: Apache-2.0 */
#include "control_world.h"

/* Offers, answers, and what becomes of a PeerConnection. */

#define FINGERPRINT \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:" \
	"DD:EE:FF"

static uint64_t s, h;

/* An SDP in JSON form. @param video direction of its video m-line, NULL: none */
static char *sdp(const char *ufrag, const char *setup, const char *audio, const char *video,
	unsigned version)
{
	char *v = video ? g_strdup_printf(
				  "m=video 9 UDP/TLS/RTP/SAVPF 96 97\\r\\nc=IN IP4 "
				  "0.0.0.0\\r\\na=mid:1\\r\\na=%s\\r\\n"
				  "a=rtcp-mux\\r\\na=rtpmap:96 VP8/90000\\r\\na=rtcp-fb:96 "
				  "nack\\r\\na=rtpmap:97 rtx/90000\\r\\na=fmtp:97 apt=96\\r\\n",
				  video)
			: g_strdup("");
	char *text =
		g_strdup_printf("v=0\\r\\no=- 4711 %u IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 "
				"0\\r\\na=group:BUNDLE 0%s\\r\\n"
				"a=ice-ufrag:%s\\r\\na=ice-pwd:%s0123456789012345678901\\r\\na="
				"fingerprint:sha-256 " FINGERPRINT "\\r\\n"
				"a=setup:%s\\r\\nm=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\nc=IN IP4 "
				"0.0.0.0\\r\\na=mid:0\\r\\na=%s\\r\\na=rtcp-mux\\r\\n"
				"a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\\r\\na=rtpmap:111 "
				"opus/48000/2\\r\\na=ssrc:1234 cname:x\\r\\n%s",
			version, video ? " 1" : "", ufrag, ufrag, setup, audio, v);
	g_free(v);
	return text;
}

static void message(const char *body, const char *type, char *text, const char *more)
{
	if (text)
		say(1,
			"{'janus':'message','transaction':'m','session_id':%" PRIu64
			",'handle_id':%" PRIu64 ",'body':%s,'jsep':{'type':'%s','sdp':'%s'%s}}",
			s, h, body, type, text, more);
	else
		say(1,
			"{'janus':'message','transaction':'m','session_id':%" PRIu64
			",'handle_id':%" PRIu64 ",'body':%s}",
			s, h, body);
	g_free(text);
}

static void hears_ack(void)
{
	hears(1, "{'janus':'ack','session_id':%" PRIu64 ",'transaction':'m'}", s);
}

/* The jsep of the next event: checks its type and gives its SDP, owned by the caller. */
static char *hears_jsep(const char *type, bool e2ee)
{
	json_t *msg = hear(1), *jsep = json_object_get(msg, "jsep");
	assert_string_equal(json_string_value(json_object_get(msg, "janus")), "event");
	assert_string_equal(json_string_value(json_object_get(jsep, "type")), type);
	assert_int_equal(json_is_true(json_object_get(jsep, "e2ee")), e2ee);
	assert_int_equal(json_object_size(jsep), e2ee ? 3 : 2);
	char *text = strdup(json_string_value(json_object_get(jsep, "sdp")));
	json_decref(msg);
	return text;
}

static void has_text(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in:\n%s", part, text);
}

/* A call that is up: audio and video, answered by the plugin. */
static void call(void)
{
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", "sendrecv", 2), "");
	hears_ack();
	free(hears_jsep("answer", false));
	report(&(struct report){ .type = REP_CONNECTED, .peer = cmd_of(CMD_PEER_OPEN)->peer });
	hears(1, "{'janus':'webrtcup','session_id':%" PRIu64 ",'sender':%" PRIu64 "}", s, h);
	called("attach message up ");
}

static void hears_done_and_hangup(const char *reason)
{
	hears(1,
		"{'janus':'event','session_id':%" PRIu64 ",'sender':%" PRIu64
		",'plugindata':{'plugin':'janus.plugin.probe','data':{'probe':'done'}}"
		"}",
		s, h);
	hears(1, "{'janus':'hangup','session_id':%" PRIu64 ",'sender':%" PRIu64 ",'reason':'%s'}",
		s, h, reason);
}

static int begin_call_with(const char *const *sets)
{
	begin_with(sets);
	s = create_session(1);
	h = attach_handle(1, s);
	return 0;
}

static int begin_call(void **state)
{
	(void)state;
	return begin_call_with(NULL);
}

static int begin_with_address(void **state)
{
	static const char *const sets[] = { "cardea:general.interface=192.0.2.9", NULL };
	(void)state;
	return begin_call_with(sets);
}

static int begin_behind_nat(void **state)
{
	static const char *const sets[] = { "cardea:general.interface=192.0.2.9",
		"cardea:nat.nat_1_1_mapping=203.0.113.5", NULL };
	(void)state;
	return begin_call_with(sets);
}

static void answers_an_offer(void **state)
{
	(void)state;
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", "sendrecv", 2), "");
	hears_ack();
	char *text = hears_jsep("answer", false);
	has_text(text, "o=- 4711 2 IN IP4 127.0.0.1\r\n");
	has_text(text, "a=setup:passive\r\n");
	has_text(text, "a=ice-lite\r\n");
	has_text(text, "a=candidate:1 1 udp 2015363327 127.0.0.1 10000 typ host\r\n");
	has_text(text, "a=end-of-candidates\r\n");
	free(text);
	const struct cmd_peer_open *open = &cmd_of(CMD_PEER_OPEN)->open;
	assert_string_equal(open->peer_ufrag, "abcd");
	assert_int_equal(open->fingerprints.len, 32);
	assert_int_equal(open->dtls_role, DTLS_SERVER);
	assert_int_equal(count_cmds(CMD_TRACK), 2);
	const struct track *audio = &cmds[1].track;
	assert_int_equal(audio->codec, CARDEA_OPUS);
	assert_int_equal(audio->ssrc[0], 1234);
	assert_int_equal(audio->dir, CARDEA_SENDRECV);
	assert_true(audio->out_ssrc != 0);
	assert_int_equal(count_cmds(CMD_ROUTE), 2);
	assert_int_equal(cmd_of(CMD_ROUTE)->route.max_layer, 2);
	assert_int_equal(cmd_of(CMD_ROUTE)->route.to_mindex, 1);
}

static void answers_from(const char *address)
{
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", NULL, 2), "");
	hears_ack();
	char *text = hears_jsep("answer", false);
	char *origin = g_strdup_printf("o=- 4711 2 IN IP4 %s\r\n", address);
	char *connection = g_strdup_printf("c=IN IP4 %s\r\n", address);
	has_text(text, origin);
	has_text(text, connection);
	g_free(origin);
	g_free(connection);
	free(text);
}

static void shows_the_address_that_is_configured(void **state)
{
	(void)state;
	answers_from("192.0.2.9");
}

static void shows_the_public_address_behind_a_nat(void **state)
{
	(void)state;
	answers_from("203.0.113.5");
}

static void takes_the_role_that_the_offer_leaves(void **state)
{
	(void)state;
	message("{}", "offer", sdp("abcd", "passive", "sendrecv", NULL, 2), "");
	hears_ack();
	char *text = hears_jsep("answer", false);
	has_text(text, "a=setup:active\r\n");
	free(text);
	assert_int_equal(cmd_of(CMD_PEER_OPEN)->open.dtls_role, DTLS_CLIENT);
}

static void tells_of_media_as_it_comes_and_goes(void **state)
{
	(void)state;
	call();
	uint64_t peer = cmd_of(CMD_PEER_OPEN)->peer;
	report(&(struct report){
		.type = REP_RECEIVING, .peer = peer, .receiving = { 0, -1, 1, 0 } });
	hears(1,
		"{'janus':'media','session_id':%" PRIu64 ",'sender':%" PRIu64
		",'mid':'0','type':'audio','receiving':true}",
		s, h);
	report(&(struct report){
		.type = REP_RECEIVING, .peer = peer, .receiving = { 1, 2, 1, 0 } });
	hears(1,
		"{'janus':'media','session_id':%" PRIu64 ",'sender':%" PRIu64
		",'mid':'1','type':'video','substream':2,'receiving':true}",
		s, h);
	report(&(struct report){
		.type = REP_RECEIVING, .peer = peer, .receiving = { 0, -1, 0, 3 } });
	hears(1,
		"{'janus':'media','session_id':%" PRIu64 ",'sender':%" PRIu64
		",'mid':'0','type':'audio','receiving':false,'seconds':3}",
		s, h);
	called("receiving(0,-1,1) receiving(1,2,1) receiving(0,-1,0) ");
	report(&(struct report){ .type = REP_SLOW_LINK, .peer = peer, .slow_link = { 0, 1, 12 } });
	hears(1,
		"{'janus':'slowlink','session_id':%" PRIu64 ",'sender':%" PRIu64
		",'mid':'0','media':'audio','uplink':true,'lost':12}",
		s, h);
	report(&(struct report){
		.type = REP_RECEIVING, .peer = peer, .receiving = { 7, -1, 1, 0 } });
	report(&(struct report){
		.type = REP_RECEIVING, .peer = peer + 1, .receiving = { 0, -1, 1, 0 } });
	hears_nothing(1);
}

static void passes_the_peers_estimate_on(void **state)
{
	(void)state;
	call();
	uint64_t peer = cmd_of(CMD_PEER_OPEN)->peer;
	report(&(struct report){ .type = REP_ESTIMATE, .peer = peer, .estimate = { 5000000000 } });
	report(&(struct report){ .type = REP_ESTIMATE, .peer = peer, .estimate = { 0 } });
	report(&(struct report){ .type = REP_ESTIMATE, .peer = peer + 1, .estimate = { 7 } });
	report(&(struct report){ .type = REP_ESTIMATE, .peer = peer, .estimate = { UINT64_MAX } });
	called("estimate(5000000000) estimate(0) estimate(9223372036854775807) ");
	hears_nothing(1);
}

static void renegotiates(void **state)
{
	(void)state;
	call();
	uint64_t peer = cmd_of(CMD_PEER_OPEN)->peer;
	report(&(struct report){
		.type = REP_RECEIVING, .peer = peer, .receiving = { 0, -1, 1, 0 } });
	json_decref(hear(1));
	n_cmds = 0;
	message("{}", "offer", sdp("abcd", "actpass", "recvonly", "sendrecv", 3), "");
	hears_ack();
	/* The microphone was taken away: known before any packet fails to come. */
	hears(1,
		"{'janus':'media','session_id':%" PRIu64 ",'sender':%" PRIu64
		",'mid':'0','type':'audio','receiving':false}",
		s, h);
	free(hears_jsep("answer", false));
	assert_int_equal(count_cmds(CMD_PEER_OPEN), 0);
	assert_int_equal(count_cmds(CMD_PEER_ICE), 0);
	assert_int_equal(count_cmds(CMD_TRACK), 1); /* only what has changed */
	assert_int_equal(cmd_of(CMD_TRACK)->track.mindex, 0);
	report(&(struct report){
		.type = REP_RECEIVING, .peer = peer, .receiving = { 0, -1, 0, 1 } });
	hears_nothing(1);
}

static void restarts_ice_when_the_client_does(void **state)
{
	(void)state;
	call();
	char before[ICE_OUR_UFRAG + 1];
	memcpy(before, cmd_of(CMD_PEER_OPEN)->open.ufrag, sizeof before);
	message("{}", "offer", sdp("efgh", "actpass", "sendrecv", "sendrecv", 3), "");
	hears_ack();
	char *text = hears_jsep("answer", false);
	const struct cmd_peer_open *ice = &cmd_of(CMD_PEER_ICE)->open;
	assert_string_equal(ice->peer_ufrag, "efgh");
	assert_string_not_equal(ice->ufrag, before);
	has_text(text, ice->ufrag);
	free(text);
	called("message ");
	assert_int_equal(count_cmds(CMD_PEER_OPEN), 1);
}

static void offers_and_restarts(void **state)
{
	(void)state;
	message("{'do':'offer'}", NULL, NULL, NULL);
	hears_ack();
	char *text = hears_jsep("offer", false);
	has_text(text, "a=setup:actpass\r\n");
	free(text);
	assert_int_equal(cmd_of(CMD_PEER_OPEN)->open.dtls_role, DTLS_UNDECIDED);
	assert_int_equal(cmd_of(CMD_PEER_OPEN)->open.fingerprints.n, 0);
	message("{}", "answer", sdp("abcd", "active", "recvonly", NULL, 1), "");
	json_decref(hear(1));
	const struct cmd_peer_open *ice = &cmd_of(CMD_PEER_ICE)->open;
	assert_int_equal(ice->dtls_role, DTLS_SERVER);
	assert_int_equal(ice->fingerprints.len, 32);
	assert_string_equal(ice->ufrag, cmd_of(CMD_PEER_OPEN)->open.ufrag);
	assert_int_equal(cmd_of(CMD_TRACK)->track.dir, CARDEA_SEND);
	message("{}", "answer", sdp("abcd", "active", "recvonly", NULL, 2), "");
	hears_error(1, 469, "Unexpected ANSWER (did we offer?)");
	n_cmds = 0;
	message("{'do':'restart'}", NULL, NULL, NULL);
	hears_ack();
	text = hears_jsep("offer", false);
	assert_int_equal(n_cmds, 0); /* the old credentials hold until the answer */
	message("{}", "answer", sdp("ijkl", "active", "recvonly", NULL, 3), "");
	json_decref(hear(1));
	has_text(text, cmd_of(CMD_PEER_ICE)->open.ufrag);
	assert_string_equal(cmd_of(CMD_PEER_ICE)->open.peer_ufrag, "ijkl");
	free(text);
}

/* @return @p text with another certificate's fingerprint, and (@p second) the first one's behind it
 */
static char *renewed(char *text, bool second)
{
	char **parts = g_strsplit(text, FINGERPRINT "\\r\\n", 2);
	char *out = g_strconcat(parts[0], "FF", FINGERPRINT + 2, "\\r\\n",
		second ? "a=fingerprint:sha-256 " FINGERPRINT "\\r\\n" : "", parts[1], NULL);
	g_strfreev(parts);
	g_free(text);
	return out;
}

/* RFC 8842: a new certificate is told to the worker, and the roles are chosen anew. */
static void a_new_certificate_renews_the_roles(void **state)
{
	(void)state;
	call();
	n_cmds = 0;
	/* the roles of an association stand, whatever is said */
	message("{}", "offer", sdp("abcd", "passive", "sendrecv", "sendrecv", 3), "");
	hears_ack();
	char *text = hears_jsep("answer", false);
	has_text(text, "a=setup:passive\r\n");
	free(text);
	assert_int_equal(count_cmds(CMD_PEER_ICE), 0);
	/* one certificate more: the one in use may be among them */
	message("{}", "offer", renewed(sdp("abcd", "passive", "sendrecv", "sendrecv", 4), true),
		"");
	hears_ack();
	text = hears_jsep("answer", false);
	has_text(text, "a=setup:passive\r\n");
	free(text);
	assert_int_equal(cmd_of(CMD_PEER_ICE)->open.fingerprints.n, 2);
	assert_int_equal(cmd_of(CMD_PEER_ICE)->open.dtls_role, DTLS_SERVER);
	/* another one alone */
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", "sendrecv", 5), "");
	hears_ack();
	free(hears_jsep("answer", false));
	message("{}", "offer", renewed(sdp("abcd", "passive", "sendrecv", "sendrecv", 6), false),
		"");
	hears_ack();
	text = hears_jsep("answer", false);
	has_text(text, "a=setup:active\r\n");
	free(text);
	const struct cmd_peer_open *ice = &cmd_of(CMD_PEER_ICE)->open;
	assert_int_equal(ice->fingerprints.n, 1);
	assert_int_equal(ice->fingerprints.bytes[0], 0xff);
	assert_int_equal(ice->dtls_role, DTLS_CLIENT);
}

static void hangs_up_on_request_and_calls_again_at_once(void **state)
{
	(void)state;
	call();
	uint64_t peer = cmd_of(CMD_PEER_OPEN)->peer;
	say(1,
		"{'janus':'hangup','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		"}",
		s, h);
	hears(1, "{'janus':'success','session_id':%" PRIu64 ",'transaction':'m'}", s);
	hears_done_and_hangup("Janus API");
	called("hangup(Janus API) ");
	assert_int_equal(cmd_of(CMD_PEER_CLOSE)->peer, peer);
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", NULL, 2), "");
	hears_ack();
	free(hears_jsep("answer", false));
	assert_true(cmd_of(CMD_PEER_OPEN)->peer != peer);
	assert_int_equal(
		peerconns_count(), 2); /* the old slot is not free before the worker says so */
	report(&(struct report){ .type = REP_CONNECTED, .peer = peer });
	hears_nothing(1);
	report(&(struct report){ .type = REP_RETIRED, .peer = peer });
	assert_int_equal(peerconns_count(), 1);
}

static void gives_the_reason_of_a_failure(void **state)
{
	static const struct {
		enum failure why;
		const char *reason;
		bool ice_failed;
	} rows[] = {
		{ FAIL_ICE, "ICE failed", false },
		{ FAIL_CONSENT, "ICE failed", true },
		{ FAIL_DTLS_ALERT, "DTLS alert", false },
		{ FAIL_DTLS_TIMEOUT, "DTLS timeout", false },
		{ FAIL_DTLS_ERROR, "DTLS error", false },
	};
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		message("{}", "offer", sdp("abcd", "actpass", "sendrecv", NULL, 2), "");
		hears_ack();
		free(hears_jsep("answer", false));
		report(&(struct report){ .type = REP_FAILED,
			.peer = cmd_of(CMD_PEER_OPEN)->peer,
			.failed = { (uint8_t)rows[i].why } });
		if (rows[i].ice_failed)
			hears(1,
				"{'janus':'ice-failed','session_id':%" PRIu64 ",'sender':%" PRIu64
				"}",
				s, h);
		hears_done_and_hangup(rows[i].reason);
	}
	assert_int_equal(n_closes, G_N_ELEMENTS(rows));
}

static void closes_inside_a_hook_and_tells_after_it(void **state)
{
	(void)state;
	call();
	message("{'do':'close'}", NULL, NULL, NULL);
	json_decref(hear(1));
	hears_done_and_hangup("Close PC");
	called("message closed hangup(Close PC) ");
}

static void detaches_with_a_call_up(void **state)
{
	(void)state;
	call();
	uint64_t peer = cmd_of(CMD_PEER_OPEN)->peer;
	say(1,
		"{'janus':'detach','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		"}",
		s, h);
	called("hangup(Detach) detach ");
	assert_int_equal(cmd_of(CMD_PEER_CLOSE)->peer, peer);
	report(&(struct report){
		.type = REP_RECEIVING, .peer = peer, .receiving = { 0, -1, 1, 0 } });
	report(&(struct report){ .type = REP_RETIRED, .peer = peer });
	assert_int_equal(peerconns_count(), 0);
}

static int begin_claimable(void **state)
{
	static const char *const sets[] = { "cardea:general.reclaim_session_timeout=60", NULL };
	(void)state;
	return begin_call_with(sets);
}

static void ends_a_call_with_a_goodbye_and_takes_another(void **state)
{
	(void)state;
	call();
	uint64_t peer = cmd_of(CMD_PEER_OPEN)->peer;
	cardea_transport_gone(&fake_transport, 1, true);
	turn();
	called("hangup(Detach) detach attach ");
	assert_int_equal(cmd_of(CMD_PEER_CLOSE)->peer, peer);
	report(&(struct report){ .type = REP_RETIRED, .peer = peer });
	assert_int_equal(peerconns_count(), 0);
	say(1, "{'janus':'claim','transaction':'c','session_id':%" PRIu64 "}", s);
	json_decref(hear(1));
	message("{}", "offer", sdp("efgh", "actpass", "sendrecv", "sendrecv", 2), "");
	hears_ack();
	free(hears_jsep("answer", false));
	assert_int_not_equal(cmd_of(CMD_PEER_OPEN)->peer, peer);
}

static void keeps_a_call_whose_connection_is_lost(void **state)
{
	(void)state;
	call();
	cardea_transport_gone(&fake_transport, 1, false);
	turn();
	called("");
	assert_int_equal(n_closes, 0);
}

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
		TEST(answers_an_offer),
		cmocka_unit_test_setup_teardown(
			shows_the_address_that_is_configured, begin_with_address, finish),
		cmocka_unit_test_setup_teardown(
			shows_the_public_address_behind_a_nat, begin_behind_nat, finish),
		TEST(takes_the_role_that_the_offer_leaves),
		TEST(tells_of_media_as_it_comes_and_goes),
		TEST(passes_the_peers_estimate_on),
		TEST(renegotiates),
		TEST(restarts_ice_when_the_client_does),
		TEST(offers_and_restarts),
		TEST(a_new_certificate_renews_the_roles),
		TEST(hangs_up_on_request_and_calls_again_at_once),
		TEST(gives_the_reason_of_a_failure),
		TEST(closes_inside_a_hook_and_tells_after_it),
		TEST(detaches_with_a_call_up),
		cmocka_unit_test_setup_teardown(
			ends_a_call_with_a_goodbye_and_takes_another, begin_claimable, finish),
		cmocka_unit_test_setup_teardown(
			keeps_a_call_whose_connection_is_lost, begin_claimable, finish),
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
