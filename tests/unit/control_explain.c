/* SPDX-License-Identifier: Apache-2.0 */
/* The request `explain`: reasons in words, from what workers tell and from what control knows. */
#include "control_world.h"
#include "../../core/control/reasons.h"

#define OFFER \
	"v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\na=group:BUNDLE 0\\r\\n" \
	"a=ice-ufrag:abcd\\r\\na=ice-pwd:abcdabcdabcdabcdabcdabcd\\r\\n" \
	"a=fingerprint:sha-256 " \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:" \
	"DD:EE:FF" \
	"\\r\\na=setup:actpass\\r\\nm=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\nc=IN IP4 " \
	"0.0.0.0\\r\\na=mid:0\\r\\na=sendrecv\\r\\na=rtcp-mux\\r\\na=rtpmap:111 " \
	"opus/48000/2\\r\\n"
#define CANDIDATE "a=candidate:1 1 udp 2122265343 192.0.2.7 40000 typ host\\r\\n"

static uint64_t s, h;

static void call_with(const char *more)
{
	say(1,
		"{\"janus\":\"message\"," ON_HANDLE
		",\"body\":{},\"jsep\":{\"type\":\"offer\",\"sdp\":\"" OFFER "%s\"}}",
		s, h, more);
	json_decref(hear(1));
	json_decref(hear(1));
}

static void call(void)
{
	s = create_session(1);
	h = attach_handle(1, s);
	call_with(CANDIDATE);
}

/* The worker's word, which the last request waits for. */
static void worker_says(const struct why *of_all, const struct why *in, const struct why *out)
{
	struct report r = { .type = REP_STATS,
		.peer = cmd_of(CMD_STATS)->peer,
		.stats = { .cookie = cmd_of(CMD_STATS)->stats.cookie, .last = 1, .n_tracks = 1 } };
	if (of_all)
		r.stats.why = *of_all;
	if (in)
		r.stats.tracks[0].why_in = *in;
	if (out)
		r.stats.tracks[0].why_out = *out;
	report(&r);
}

static const struct why well;

static struct why why_of(unsigned code)
{
	return (struct why){ .code = (uint8_t)code, .since_us = now_us - 7 * US_PER_S };
}

/* @return the data of the answer to the client */
static json_t *hears_data(void)
{
	json_t *msg = hear(1), *data = json_object_get(msg, "data");
	assert_string_equal(json_string_value(json_object_get(msg, "janus")), "success");
	assert_int_equal(json_integer_value(json_object_get(msg, "session_id")), s);
	assert_non_null(data);
	json_incref(data);
	json_decref(msg);
	return data;
}

static void ask(void)
{
	say(1, "{\"janus\":\"explain\"," ON_HANDLE "}", s, h);
}

static json_t *explained(const struct why *of_all, const struct why *in, const struct why *out)
{
	ask();
	hears_nothing(1);
	worker_says(of_all, in, out);
	return hears_data();
}

static const char *text_at(const json_t *data, size_t i, const char *member)
{
	const json_t *reason = json_array_get(json_object_get(data, "reasons"), i);
	return json_string_value(json_object_get(reason, member));
}

static void assert_reasons(const json_t *data, bool is_well, unsigned n)
{
	assert_int_equal(json_is_true(json_object_get(data, "well")), is_well);
	assert_int_equal(json_array_size(json_object_get(data, "reasons")), n);
}

/* ---- the table ---- */

static void each_reason_has_a_row_of_its_own(void **state)
{
	(void)state;
	for (unsigned i = 1; i < REASON_END; i++) {
		const struct reason *r =
			i == WHY_ROUTER_END ? reason_of(WHY_NO_DESCRIPTION) : reason_of(i);
		assert_non_null(r);
		assert_true(r->text[0] && r->todo[0]);
		for (const char *c = r->code; *c; c++)
			assert_true(g_ascii_islower(*c) || *c == '_');
		for (unsigned j = 1; j < i; j++)
			assert_string_not_equal(r->code, reason_of(j)->code);
	}
	assert_null(reason_of(WHY_WELL));
	assert_null(reason_of(REASON_END));
	assert_null(reason_of(1000));
}

static void values_are_filled_in(void **state)
{
	static const struct reason row = {
		.text = "{kind} {since} {asked} {layer} {packets} {ssrc} {reason} {port} "
			"{addresses}{nothing} {"
	};
	struct why w = { .since_us = now_us - 3 * US_PER_S,
		.asked = 2,
		.asked_us = now_us - 120000,
		.layer = 1,
		.packets = 30,
		.ssrc = 77 };
	struct reason_values v = {
		.why = &w, .kind = "video", .reason = "DTLS alert", .now_us = now_us
	};
	(void)state;
	g_autofree char *text = reason_text(&row, &v);
	assert_string_equal(text,
		"video 3 s it was asked 2 times, the last time 120 ms ago 1 30 77 "
		"DTLS alert 10000 127.0.0.1 ");
	w = (struct why){ .since_us = now_us - 600 * US_PER_S };
	g_autofree char *late = reason_text(&row, &v);
	assert_true(g_str_has_prefix(late, "video 10 min it is yet to be asked for one"));
}

/* ---- a client's request ---- */

static void a_call_that_is_well_has_no_reasons(void **state)
{
	(void)state;
	call();
	json_t *data = explained(&well, &well, &well);
	assert_reasons(data, true, 0);
	json_decref(data);
}

static void m_lines_are_named(void **state)
{
	struct why in = why_of(WHY_STALLED), out = why_of(WHY_SOURCE_EMPTY);
	(void)state;
	call();
	/* it is sent what it publishes, and control knows more of that than its worker may */
	json_t *data = explained(&well, &in, &out);
	assert_string_equal(text_at(data, 1, "code"), "source_not_up");
	json_decref(data);
	report(&(struct report){ .type = REP_CONNECTED, .peer = cmd_of(CMD_PEER_OPEN)->peer });
	json_decref(hear(1));
	data = explained(&well, &in, &out);
	assert_reasons(data, false, 2);
	const json_t *first = json_array_get(json_object_get(data, "reasons"), 0);
	g_autofree char *got = json_dumps(first, JSON_COMPACT);
	assert_string_equal(got,
		"{\"mindex\":0,\"mid\":\"0\",\"kind\":\"audio\",\"direction\":\"recv\","
		"\"code\":\"stalled\",\"text\":\"No packet of this audio has come from the client "
		"for 7 s.\",\"todo\":\"Is the camera or microphone still on, and the page in "
		"front?\",\"since_ms\":7000}");
	assert_string_equal(text_at(data, 1, "direction"), "send");
	assert_string_equal(text_at(data, 1, "code"), "source_no_packets");
	json_decref(data);
}

static void what_is_meant_is_well(void **state)
{
	struct why in = why_of(WHY_MUTED), out = why_of(WHY_PAUSED);
	(void)state;
	call();
	json_t *data = explained(&well, &in, &out);
	assert_reasons(data, true, 2);
	assert_string_equal(text_at(data, 0, "code"), "muted");
	assert_string_equal(text_at(data, 1, "code"), "paused");
	json_decref(data);
}

/* As long as the connection is not up, its m-lines have nothing to add. */
static void the_connection_comes_first(void **state)
{
	struct why all = why_of(WHY_ICE_UNHEARD), line = why_of(WHY_NOT_UP);
	(void)state;
	call();
	json_t *data = explained(&all, &line, &line);
	assert_reasons(data, false, 1);
	assert_string_equal(text_at(data, 0, "code"), "never_heard");
	assert_string_equal(text_at(data, 0, "text"), "No packet ever came from this client: is "
						      "UDP 10000 open? It was offered 127.0.0.1.");
	assert_null(text_at(data, 0, "mid"));
	json_decref(data);
	data = explained(&well, &line, &line);
	assert_reasons(data, true, 0);
	json_decref(data);
}

static void a_client_without_candidates_is_told(void **state)
{
	struct why all = why_of(WHY_ICE_UNHEARD);
	(void)state;
	s = create_session(1);
	h = attach_handle(1, s);
	call_with("");
	json_t *data = explained(&all, NULL, NULL);
	assert_string_equal(text_at(data, 0, "code"), "never_heard"); /* it need not name any */
	json_decref(data);
	say(1, "{\"janus\":\"trickle\"," ON_HANDLE ",\"candidate\":{\"completed\":true}}", s, h);
	json_decref(hear(1));
	data = explained(&all, NULL, NULL);
	assert_string_equal(text_at(data, 0, "code"), "no_candidates");
	json_decref(data);
	say(1,
		"{\"janus\":\"trickle\"," ON_HANDLE
		",\"candidate\":{\"sdpMLineIndex\":0,\"candidate\":\"candidate:1 1 udp 2122265343 "
		"192.0.2.7 40000 typ host\"}}",
		s, h);
	json_decref(hear(1));
	data = explained(&all, NULL, NULL);
	assert_string_equal(text_at(data, 0, "code"), "never_heard");
	json_decref(data);
}

static void each_stage_of_the_connection_is_told(void **state)
{
	static const unsigned stages[] = { WHY_ICE_REFUSED, WHY_DTLS_UNHEARD, WHY_DTLS_UNFINISHED,
		WHY_NO_CONSENT, WHY_SOCKET_FULL };
	(void)state;
	call();
	for (unsigned i = 0; i < G_N_ELEMENTS(stages); i++) {
		struct why all = why_of(stages[i]);
		json_t *data = explained(&all, NULL, NULL);
		assert_reasons(data, false, 1);
		assert_string_equal(text_at(data, 0, "code"), reason_of(stages[i])->code);
		json_decref(data);
	}
}

static void descriptions_are_waited_for(void **state)
{
	(void)state;
	s = create_session(1);
	h = attach_handle(1, s);
	say(1, "{\"janus\":\"message\"," ON_HANDLE ",\"body\":{\"do\":\"offer\"}}", s, h);
	json_decref(hear(1));
	json_decref(hear(1));
	pass(3);
	json_t *data = explained(NULL, NULL, NULL);
	assert_reasons(data, false, 1);
	assert_string_equal(text_at(data, 0, "code"), "no_answer");
	assert_non_null(strstr(text_at(data, 0, "text"), "for 3 s"));
	json_decref(data);
}

static void an_offer_without_an_answer_is_told(void **state)
{
	(void)state;
	s = create_session(1);
	h = attach_handle(1, s);
	say(1,
		"{\"janus\":\"message\"," ON_HANDLE
		",\"body\":{\"do\":\"later\"},\"jsep\":{\"type\":\"offer\",\"sdp\":\"" OFFER "\"}}",
		s, h);
	json_decref(hear(1));
	ask();
	json_t *data = hears_data();
	assert_reasons(data, false, 1);
	assert_string_equal(text_at(data, 0, "code"), "offer_unanswered");
	json_decref(data);
}

static void a_handle_without_a_call_is_well(void **state)
{
	(void)state;
	s = create_session(1);
	h = attach_handle(1, s);
	ask();
	json_t *data = hears_data();
	assert_reasons(data, true, 0);
	json_decref(data);
}

static void hung_up_is_meant_and_lost_is_not(void **state)
{
	struct report lost = { .type = REP_FAILED, .failed = { FAIL_DTLS_ALERT } };
	json_t *msg, *data;
	(void)state;
	call();
	say(1, "{\"janus\":\"hangup\"," ON_HANDLE "}", s, h);
	while ((msg = hear(1)))
		json_decref(msg);
	ask();
	data = hears_data();
	assert_reasons(data, true, 1);
	assert_string_equal(text_at(data, 0, "text"), "The connection was closed: Janus API.");
	json_decref(data);
	call_with(CANDIDATE);
	lost.peer = cmd_of(CMD_PEER_OPEN)->peer;
	report(&lost);
	while ((msg = hear(1)))
		json_decref(msg);
	ask();
	data = hears_data();
	assert_reasons(data, false, 1);
	assert_string_equal(text_at(data, 0, "text"), "The connection was lost: DTLS alert.");
	json_decref(data);
	call_with(CANDIDATE);
	data = explained(&well, NULL, NULL);
	assert_reasons(data, true, 0);
	json_decref(data);
}

static void bad_requests_are_refused(void **state)
{
	(void)state;
	call();
	say(1, "{\"janus\":\"explain\",\"transaction\":\"t\"}");
	hears_error(1, 457, "Unhandled request 'explain' at this path");
	say(1, "{\"janus\":\"explain\"," ON_SESSION "}", s);
	hears_error(1, 457, "Unhandled request 'explain' at this path");
	say(1, "{\"janus\":\"explain\"," ON_HANDLE "}", s, h + 1);
	hears_error(1, 459, NULL);
	say(1, "{\"janus\":\"explain\"," ON_HANDLE "}", create_session(2), h); /* another's */
	hears_error(1, 459, NULL);
	say(1, "{\"janus\":\"explain\"," ON_SESSION ",\"handle_id\":\"x\"}", s);
	hears_error(1, 459, "Handle not found");
	say(1, "{\"janus\":\"explain\",\"session_id\":%" PRIu64 ",\"handle_id\":%" PRIu64 "}", s,
		h);
	hears_error(1, 456, "Missing mandatory element (transaction)");
}

/* ---- what lasts ---- */

static void lasts(unsigned mindex, bool sends, unsigned code)
{
	struct report r = { .type = REP_WHY,
		.peer = cmd_of(CMD_PEER_OPEN)->peer,
		.why = { (uint16_t)mindex, sends, why_of(code) } };
	report(&r);
}

/* @return handles that are not well */
static unsigned unwell(const char *code)
{
	ask_admin("{\"janus\":\"explain\",\"transaction\":\"t\"}");
	json_t *msg = hear(9), *list = json_object_get(msg, "handles");
	unsigned n = (unsigned)json_array_size(list);
	if (n) {
		json_t *one = json_array_get(list, 0);
		assert_int_equal(json_integer_value(json_object_get(one, "session_id")), s);
		assert_int_equal(json_integer_value(json_object_get(one, "handle_id")), h);
		assert_string_equal(text_at(one, 0, "code"), code);
	}
	assert_int_equal(json_integer_value(json_object_get(msg, "more")), 0);
	json_decref(msg);
	return n;
}

static void an_operator_sees_who_is_not_well(void **state)
{
	(void)state;
	call();
	assert_int_equal(unwell(NULL), 0);
	lasts(0, false, WHY_NO_PACKETS);
	assert_int_equal(unwell("no_packets"), 1);
	lasts(0, false, WHY_WELL);
	assert_int_equal(unwell(NULL), 0);
	lasts(0, true, WHY_PAUSED); /* as somebody wants it */
	assert_int_equal(unwell(NULL), 0);
	lasts(WHY_OF_PEER, false, WHY_NO_CONSENT);
	assert_int_equal(unwell("no_consent"), 1);
	lasts(WHY_OF_PEER, false, WHY_WELL);
	lasts(7, false, WHY_STALLED); /* no such m-line */
	assert_int_equal(unwell(NULL), 0);
}

static void an_operator_asks_about_one(void **state)
{
	struct why in = why_of(WHY_NO_PACKETS);
	(void)state;
	call();
	ask_admin("{\"janus\":\"explain\"," ON_HANDLE "}", s, h);
	worker_says(NULL, &in, NULL);
	json_t *msg = hear(9);
	assert_int_equal(json_integer_value(json_object_get(msg, "handle_id")), h);
	assert_reasons(msg, false, 1);
	assert_string_equal(text_at(msg, 0, "code"), "no_packets");
	json_decref(msg);
	ask_admin("{\"janus\":\"explain\"," ON_SESSION "}", s);
	hears_error(9, 457, NULL);
	ask_admin("{\"janus\":\"handle_info\"," ON_HANDLE "}", s, h);
	worker_says(NULL, &in, NULL);
	msg = hear(9);
	json_t *media =
		json_object_get(json_object_get(json_object_get(msg, "info"), "webrtc"), "media");
	json_t *why = json_object_get(json_object_get(media, "0"), "why");
	assert_int_equal(json_array_size(why), 1);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(why, 0), "code")), "no_packets");
	json_decref(msg);
}

/* What it told last is better than nothing. */
static void a_silent_worker_is_told(void **state)
{
	(void)state;
	call();
	lasts(0, false, WHY_STALLED);
	ask();
	pass(1.5);
	json_t *data = hears_data();
	assert_reasons(data, false, 2);
	assert_string_equal(text_at(data, 0, "code"), "worker_silent");
	assert_string_equal(text_at(data, 1, "code"), "stalled");
	json_decref(data);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, finish)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_reason_has_a_row_of_its_own),
		TEST(values_are_filled_in),
		TEST(a_call_that_is_well_has_no_reasons),
		TEST(m_lines_are_named),
		TEST(what_is_meant_is_well),
		TEST(the_connection_comes_first),
		TEST(a_client_without_candidates_is_told),
		TEST(each_stage_of_the_connection_is_told),
		TEST(descriptions_are_waited_for),
		TEST(an_offer_without_an_answer_is_told),
		TEST(a_handle_without_a_call_is_well),
		TEST(hung_up_is_meant_and_lost_is_not),
		TEST(bad_requests_are_refused),
		TEST(an_operator_sees_who_is_not_well),
		TEST(an_operator_asks_about_one),
		TEST(a_silent_worker_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
