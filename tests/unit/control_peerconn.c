/* SPDX-License-Identifier: Apache-2.0 */
/* Offers, answers, and what becomes of a PeerConnection. */
#include "control_world.h"
#include "control_call.h"
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

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin_call, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_an_offer),
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
			shows_the_address_that_is_configured, begin_with_address, finish),
		cmocka_unit_test_setup_teardown(
			shows_the_public_address_behind_a_nat, begin_behind_nat, finish),
		cmocka_unit_test_setup_teardown(
			ends_a_call_with_a_goodbye_and_takes_another, begin_claimable, finish),
		cmocka_unit_test_setup_teardown(
			keeps_a_call_whose_connection_is_lost, begin_claimable, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
