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
		assert_true(r->text[0] && r->todo[0] && r->visitor[0]);
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
	static const char sentence[] =
		"{kind} {since} {asked} {layer} {packets} {ssrc} {reason} {port} "
		"{addresses}{nothing}{before} {whose} {what} {device} {";
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
	g_autofree char *text = reason_text(sentence, &v);
	assert_string_equal(text,
		"video 3 s it was asked 2 times, the last time 120 ms ago 1 30 77 "
		"DTLS alert 10000 127.0.0.1 your picture camera ");
	w = (struct why){ .since_us = now_us - 600 * US_PER_S };
	g_autofree char *late = reason_text(sentence, &v);
	assert_true(g_str_has_prefix(late, "video 10 min it is yet to be asked for one"));
}

/* A tile's text stays as it is for as long as its reason does: nothing in it counts on. */
static void what_visitors_read_does_not_change(void **state)
{
	struct why w = { .since_us = now_us };
	struct reason_values v = { .why = &w, .kind = "audio", .sends = true, .now_us = now_us };
	(void)state;
	for (unsigned i = 1; i < REASON_END; i++) {
		const struct reason *r = reason_of(i);
		if (!r)
			continue;
		g_autofree char *before = reason_text(r->visitor, &v);
		struct why later = { .since_us = now_us - 9 * US_PER_S,
			.asked = 9,
			.packets = 9,
			.ssrc = 9,
			.layer = 2 };
		struct reason_values w2 = v;
		w2.why = &later;
		g_autofree char *after = reason_text(r->visitor, &w2);
		assert_string_equal(before, after);
		assert_null(strchr(before, '{'));
		assert_null(strstr(before, "client"));
		assert_null(strstr(before, "m-line"));
	}
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
		"\"code\":\"stalled\",\"visitor\":\"Your sound does not reach the server any "
		"more. Is your microphone still on?\",\"text\":\"No packet of this audio has come "
		"from the client "
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

/* What was wrong with it is told on, with the numbers of that moment. */
static void a_lost_connection_keeps_its_reason(void **state)
{
	struct report lost = { .type = REP_FAILED, .failed = { FAIL_ICE } };
	json_t *msg;
	(void)state;
	call();
	struct report r = { .type = REP_WHY,
		.peer = cmd_of(CMD_PEER_OPEN)->peer,
		.why = { WHY_OF_PEER, false, why_of(WHY_DTLS_UNHEARD) } };
	report(&r);
	lost.peer = cmd_of(CMD_PEER_OPEN)->peer;
	report(&lost);
	while ((msg = hear(1)))
		json_decref(msg);
	pass(3);
	ask();
	json_t *data = hears_data();
	assert_reasons(data, false, 1);
	assert_string_equal(text_at(data, 0, "code"), "lost");
	assert_string_equal(text_at(data, 0, "before"), "dtls_not_started");
	assert_string_equal(text_at(data, 0, "text"),
		"The connection was lost: ICE failed. Before that: ICE is up, but no DTLS "
		"handshake has come for 7 s.");
	json_decref(data);
}

/* The client was not heard any more, which is told of its m-lines. */
static void a_silent_client_is_why_it_was_lost(void **state)
{
	struct report lost = { .type = REP_FAILED, .failed = { FAIL_CONSENT } };
	json_t *msg;
	(void)state;
	call();
	struct report r = { .type = REP_WHY,
		.peer = cmd_of(CMD_PEER_OPEN)->peer,
		.why = { 0, false, why_of(WHY_PEER_SILENT) } };
	report(&r);
	lost.peer = cmd_of(CMD_PEER_OPEN)->peer;
	report(&lost);
	while ((msg = hear(1)))
		json_decref(msg);
	ask();
	json_t *data = hears_data();
	assert_string_equal(text_at(data, 0, "before"), "peer_silent");
	json_decref(data);
}

/* Clients are spoken to on their tiles, operators are not. */
static void a_visitor_has_a_sentence(void **state)
{
	struct why in = why_of(WHY_MUTED), out = why_of(WHY_MUTED);
	(void)state;
	call();
	json_t *data = explained(&well, &in, &out);
	assert_string_equal(text_at(data, 0, "visitor"), "The host has turned your sound off.");
	assert_string_equal(text_at(data, 1, "visitor"), "The host has turned this sound off.");
	json_decref(data);
	ask_admin("{\"janus\":\"explain\"," ON_HANDLE "}", s, h);
	worker_says(NULL, &in, NULL);
	json_t *msg = hear(9);
	assert_string_equal(text_at(msg, 0, "code"), "muted");
	assert_null(text_at(msg, 0, "visitor"));
	json_decref(msg);
}

/* One answer may cost what a hundred requests do. */
static void one_is_made_at_a_time(void **state)
{
	(void)state;
	call();
	ask();
	ask();
	hears_error(1, 490, "This handle is being explained already");
	worker_says(NULL, NULL, NULL);
	json_decref(hears_data());
	json_decref(explained(NULL, NULL, NULL));
	ask();
	ask_admin("{\"janus\":\"explain\"," ON_HANDLE "}", s, h); /* does not wait for that */
	hears_nothing(9);
	worker_says(NULL, NULL, NULL);
	json_decref(hear(9));
}

/* Whoever asks about all of his handles keeps nobody else waiting, and is not told that all is
 * well. */
static void one_client_has_a_share(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		call();
		ask();
		hears_nothing(1);
	}
	call();
	ask();
	hears_error(1, 490, "Too many handles are being explained");
}

static int begin_strict(void **state)
{
	static const char *const sets[] = { "cardea:general.requests_per_second=1", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

/* Ten may be asked: three by the call, three here, and four that two reasons count for. */
static void reasons_count_for_requests(void **state)
{
	struct why why = why_of(WHY_STALLED);
	(void)state;
	call();
	json_decref(explained(&well, &well, &well));
	json_decref(explained(&well, &well, &well));
	report(&(struct report){ .type = REP_CONNECTED, .peer = cmd_of(CMD_PEER_OPEN)->peer });
	json_decref(hear(1));
	json_decref(explained(&well, &why, &why));
	ask();
	hears_error(
		1, 490, "Too many requests: more than 1 a second (general.requests_per_second)");
	pass(2);
	json_decref(explained(&well, &well, &well));
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

static void lasts_of(uint64_t peer, unsigned mindex, bool sends, unsigned code)
{
	struct report r = {
		.type = REP_WHY, .peer = peer, .why = { (uint16_t)mindex, sends, why_of(code) }
	};
	report(&r);
}

static void lasts(unsigned mindex, bool sends, unsigned code)
{
	lasts_of(cmd_of(CMD_PEER_OPEN)->peer, mindex, sends, code);
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
	json_t *lines =
		json_object_get(json_object_get(json_object_get(msg, "info"), "webrtc"), "media");
	json_t *why = json_object_get(json_object_get(lines, "0"), "why");
	assert_int_equal(json_array_size(why), 1);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(why, 0), "code")), "no_packets");
	json_decref(msg);
}

static void offer_unanswered(void)
{
	say(1,
		"{\"janus\":\"message\"," ON_HANDLE
		",\"body\":{\"do\":\"later\"},\"jsep\":{\"type\":\"offer\",\"sdp\":\"" OFFER "\"}}",
		s, h);
	json_decref(hear(1));
}

static json_t *page_after(const char *after)
{
	if (after)
		ask_admin("{\"janus\":\"explain\",\"transaction\":\"t\",\"after\":\"%s\"}", after);
	else
		ask_admin("{\"janus\":\"explain\",\"transaction\":\"t\"}");
	return hear(9);
}

/* More than one answer names: each is named once, whatever comes and goes meanwhile. */
static void an_operator_turns_pages(void **state)
{
	GHashTable *seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	char next[64];
	(void)state;
	for (unsigned i = 0; i < 520; i++) {
		if (i % 50 == 0)
			s = create_session(1);
		h = attach_handle(1, s);
		offer_unanswered();
	}
	json_t *msg = page_after(NULL);
	for (unsigned page = 0; page < 2; page++) {
		json_t *list = json_object_get(msg, "handles"), *one;
		size_t i;
		json_array_foreach(list, i, one) {
			int64_t *id = g_new(int64_t, 1);
			*id = json_integer_value(json_object_get(one, "handle_id"));
			assert_true(g_hash_table_add(seen, id));
		}
		assert_int_equal(json_array_size(list), page ? 20 : 500);
		assert_int_equal(json_integer_value(json_object_get(msg, "more")), page ? 0 : 20);
		const char *text = json_string_value(json_object_get(msg, "next"));
		assert_int_equal(!text, page);
		if (text)
			g_strlcpy(next, text, sizeof next);
		json_decref(msg);
		msg = page_after(next);
	}
	json_decref(msg);
	g_hash_table_destroy(seen);
	json_decref(page_after("18446744073709551615/18446744073709551615"));
	static const char *const bad[] = { "", "1", "1/", "1/2/3", "x/y", "-1/5", "+1/2", " 1/2",
		"1/ 2", "18446744073709551616/0", "0/99999999999999999999999" };
	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
		ask_admin("{\"janus\":\"explain\",\"transaction\":\"t\",\"after\":\"%s\"}", bad[i]);
		hears_error(9, 467, NULL);
	}
}

/* ---- the log ---- */

static unsigned n_lines(const char *text, const char *phrase, uint64_t handle)
{
	g_autofree char *start = g_strdup_printf("explain[%" PRIu64 "]: %s", handle, phrase);
	unsigned n = 0;
	for (const char *at = text; (at = strstr(at, start)); at++)
		n++;
	return n;
}

/* Turns of one handle leave the lines to the others, and what has no line is counted. */
static void no_handle_takes_the_others_lines(void **state)
{
	char path[] = "/tmp/explain-log-XXXXXX";
	g_autofree char *text = NULL;
	(void)state;
	call();
	uint64_t other = h, others_peer = cmd_of(CMD_PEER_OPEN)->peer;
	call();
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	log_start(&(struct log_conf){ .level = 4, .file = path });
	for (unsigned i = 0; i < 300; i++) {
		lasts(0, false, WHY_STALLED);
		lasts(0, false, WHY_WELL);
	}
	pass(5);
	lasts(0, true, WHY_PAUSED);
	lasts_of(others_peer, 0, false, WHY_NO_PACKETS);
	log_stop();
	log_set_level(0);
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	unlink(path);
	assert_int_equal(n_lines(text, "no media", h), 5);
	assert_int_equal(n_lines(text, "media is well", h), 4);
	assert_non_null(strstr(text, "left_out=296"));
	assert_int_equal(n_lines(text, "no media", other), 1);
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
		TEST(what_visitors_read_does_not_change),
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
		TEST(a_lost_connection_keeps_its_reason),
		TEST(a_silent_client_is_why_it_was_lost),
		TEST(a_visitor_has_a_sentence),
		TEST(one_is_made_at_a_time),
		TEST(one_client_has_a_share),
		cmocka_unit_test_setup_teardown(reasons_count_for_requests, begin_strict, finish),
		TEST(bad_requests_are_refused),
		TEST(an_operator_sees_who_is_not_well),
		TEST(an_operator_asks_about_one),
		TEST(an_operator_turns_pages),
		TEST(no_handle_takes_the_others_lines),
		TEST(a_silent_worker_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
