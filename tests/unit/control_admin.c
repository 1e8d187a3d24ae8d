/* SPDX-License-Identifier: Apache-2.0 */
#include "control_world.h"

/* The Admin API. */

static void ask(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void ask(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsay(9, true, fmt, args);
	va_end(args);
}

#define ON_SESSION "\"transaction\":\"t\",\"session_id\":%" PRIu64
#define ON_HANDLE  ON_SESSION ",\"handle_id\":%" PRIu64

static void tells_levels_apart(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	ask("{\"janus\":\"ping\",\"transaction\":\"1\"}");
	hears(9, "{\"janus\":\"pong\",\"transaction\":\"1\"}");
	ask("{\"janus\":\"list_handles\",\"transaction\":\"t\"}");
	hears(9, "{\"janus\":\"error\",\"transaction\":\"t\",\"error\":{\"code\":457,"
		 "\"reason\":\"Unhandled request 'list_handles' at this path\"}}");
	ask("{\"janus\":\"create\",\"transaction\":\"t\"}");
	hears_error(9, 457, NULL);
	ask("{\"janus\":\"list_handles\",\"transaction\":\"t\",\"session_id\":12}");
	hears_error(9, 458, "No such session 12");
	ask("{\"janus\":\"list_sessions\"," ON_SESSION "}", s);
	hears_error(9, 457, NULL);
	ask("{\"janus\":\"handle_info\"," ON_HANDLE "}", s, (uint64_t)9);
	hears_error(9, 459, NULL);
	ask("{\"janus\":\"list_handles\"," ON_HANDLE "}", s, h);
	hears_error(9, 457, NULL);
	ask("{\"janus\":\"list_sessions\"}");
	hears(9, "{\"janus\":\"error\",\"error\":{\"code\":456,\"reason\":\"Missing mandatory "
		 "element (transaction)\"}}");
}

static void lists_and_ends(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	ask("{\"janus\":\"LIST_sessions\",\"transaction\":\"t\"}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"sessions\":[%" PRIu64 "]}", s);
	ask("{\"janus\":\"list_handles\"," ON_SESSION "}", s);
	hears(9,
		"{\"janus\":\"success\",\"session_id\":%" PRIu64
		",\"transaction\":\"t\",\"handles\":[%" PRIu64 "]}",
		s, h);
	ask("{\"janus\":\"detach_handle\"," ON_HANDLE "}", s, h);
	hears(9, "{\"janus\":\"success\",\"session_id\":%" PRIu64 ",\"transaction\":\"t\"}", s);
	hears(1, "{\"janus\":\"detached\",\"session_id\":%" PRIu64 ",\"sender\":%" PRIu64 "}", s,
		h);
	ask("{\"janus\":\"destroy_session\"," ON_SESSION "}", s);
	hears(9, "{\"janus\":\"success\",\"session_id\":%" PRIu64 ",\"transaction\":\"t\"}", s);
	hears_nothing(1);
	assert_null(session_find(s));
}

static void does_not_keep_sessions_alive(void **state)
{
	(void)state;
	uint64_t s = create_session(1);
	pass(59);
	ask("{\"janus\":\"list_handles\"," ON_SESSION "}", s);
	pass(3);
	hears(1, "{\"janus\":\"timeout\",\"session_id\":%" PRIu64 "}", s);
}

static void changes_timeouts(void **state)
{
	(void)state;
	uint64_t own = create_session(1), other = create_session(2);
	ask("{\"janus\":\"set_session_timeout\"," ON_SESSION ",\"timeout\":30}", own);
	hears(9,
		"{\"janus\":\"success\",\"transaction\":\"t\",\"timeout\":30,\"session_id\":"
		"%" PRIu64 "}",
		own);
	ask("{\"janus\":\"set_session_timeout\"," ON_SESSION ",\"timeout\":-2}", own);
	hears_error(
		9, 467, "Invalid element type (timeout should be a non-negative integer or -1)");
	ask("{\"janus\":\"set_session_timeout\",\"transaction\":\"t\",\"timeout\":5}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"timeout\":5}");
	ask("{\"janus\":\"set_session_timeout\",\"transaction\":\"t\",\"timeout\":-1}");
	hears_error(9, 467, "Invalid element type (timeout should be a positive integer)");
	pass(7);
	assert_null(session_find(other));
	pass(20);
	assert_non_null(session_find(own));
	ask("{\"janus\":\"set_session_timeout\"," ON_SESSION ",\"timeout\":0}", own);
	pass(200);
	assert_non_null(session_find(own));
	ask("{\"janus\":\"set_session_timeout\"," ON_SESSION ",\"timeout\":-1}", own);
	pass(1);
	assert_null(session_find(own));
}

static void drains(void **state)
{
	(void)state;
	ask("{\"janus\":\"accept_new_sessions\",\"transaction\":\"t\",\"accept\":1}");
	hears_error(9, 467, "Invalid element type (accept should be a boolean)");
	ask("{\"janus\":\"accept_new_sessions\",\"transaction\":\"t\",\"accept\":false}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"accept\":false}");
	say(1, "{\"janus\":\"create\",\"transaction\":\"t\"}");
	hears_error(1, 472, "Currently not accepting new sessions");
}

static void sets_the_log_level(void **state)
{
	(void)state;
	ask("{\"janus\":\"set_log_level\",\"transaction\":\"t\",\"level\":1}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"level\":1}");
	assert_int_equal(log_level(), 1);
	ask("{\"janus\":\"set_log_level\",\"transaction\":\"t\",\"level\":99}");
	hears_error(9, 467, "Invalid element type (level should be between 0 and 7)");
	ask("{\"janus\":\"get_status\",\"transaction\":\"t\"}");
	json_t *msg = hear(9), *status = json_object_get(msg, "status");
	assert_int_equal(json_integer_value(json_object_get(status, "log_level")), 1);
	assert_int_equal(json_integer_value(json_object_get(status, "session_timeout")), 60);
	json_decref(msg);
}

static void passes_messages_on(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	ask("{\"janus\":\"message_plugin\",\"transaction\":\"t\",\"plugin\":\"janus.plugin.probe\","
	    "\"request\":{\"do\":\"x\"}}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"response\":{\"probe\":\"x\"}}");
	ask("{\"janus\":\"message_plugin\",\"transaction\":\"t\",\"plugin\":\"janus.plugin."
	    "probe\"}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"response\":{}}");
	ask("{\"janus\":\"message_plugin\",\"transaction\":\"t\",\"plugin\":\"nope\"}");
	hears_error(9, 460, "Invalid plugin");
	ask("{\"janus\":\"query_transport\",\"transaction\":\"t\",\"transport\":\"janus.transport."
	    "fake\",\"request\":{\"a\":1}}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"response\":{\"result\":200,"
		 "\"asked\":{\"a\":1}}}");
	ask("{\"janus\":\"query_transport\",\"transaction\":\"t\",\"transport\":\"nope\"}");
	hears_error(9, 460, "Invalid transport");
	/* A plugin ends a handle from its admin hook. */
	ask("{\"janus\":\"message_plugin\",\"transaction\":\"t\",\"plugin\":\"janus.plugin.probe\","
	    "\"request\":{\"do\":\"end\"}}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"response\":{\"probe\":\"end\"}}");
	hears(1, "{\"janus\":\"detached\",\"session_id\":%" PRIu64 ",\"sender\":%" PRIu64 "}", s,
		h);
}

/* ---- handle_info ---- */

#define OFFER_OF(ufrag)                                                                            \
	"v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 "                                     \
	"0\\r\\na=group:BUNDLE 0 1 2\\r\\n"                                                       \
	"a=ice-ufrag:" ufrag "\\r\\na=ice-pwd:abcdabcdabcdabcdabcdabcd\\r\\n"                    \
	"a=fingerprint:sha-256 "                                                                   \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:"  \
	"DD:EE:FF"                                                                                 \
	"\\r\\na=setup:actpass\\r\\nm=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\nc=IN IP4 "                \
	"0.0.0.0\\r\\na=mid:0\\r\\na=sendrecv\\r\\na=rtcp-mux\\r\\n"                               \
	"a=rtpmap:111 opus/48000/2\\r\\n"

#define OFFER OFFER_OF("abcd")
#define VIDEO                                                                                      \
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97\\r\\nc=IN IP4 "                                         \
	"0.0.0.0\\r\\na=mid:1\\r\\na=sendrecv\\r\\na=rtcp-mux\\r\\n"                               \
	"a=msid:camera front\\r\\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\\r\\n"            \
	"a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\\r\\n"                          \
	"a=rtpmap:96 VP8/90000\\r\\na=rtcp-fb:96 nack\\r\\na=rtpmap:97 rtx/90000\\r\\n"            \
	"a=fmtp:97 apt=96\\r\\n"
#define UDP_CANDIDATE "1 1 udp 2122265343 192.0.2.7 40000 typ host"
#define TCP_CANDIDATE "2 1 tcp 1518214911 192.0.2.7 9 typ host tcptype active"
#define A_CANDIDATES  "a=candidate:" UDP_CANDIDATE "\\r\\na=candidate:" TCP_CANDIDATE "\\r\\n"

/* @param more SDP after the first m-line; @param members of the jsep, each with a comma before */
static void call_with(uint64_t s, uint64_t h, const char *more, const char *members)
{
	say(1,
		"{\"janus\":\"message\"," ON_HANDLE
		",\"body\":{},\"jsep\":{\"type\":\"offer\",\"sdp\":\"" OFFER "%s\"%s}}",
		s, h, more, members);
	json_decref(hear(1));
	json_decref(hear(1));
}

static void call(uint64_t s, uint64_t h)
{
	call_with(s, h, "", "");
}

static json_t *hears_info(uint64_t s, uint64_t h)
{
	json_t *msg = hear(9), *info = json_object_get(msg, "info");
	assert_non_null(info);
	json_incref(info);
	assert_int_equal(json_integer_value(json_object_get(msg, "session_id")), s);
	assert_int_equal(json_integer_value(json_object_get(msg, "handle_id")), h);
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(info, "plugin_specific"), "probe")),
		"queried");
	json_decref(msg);
	return info;
}

static int64_t number_at(const json_t *o, const char *a, const char *b, const char *c)
{
	o = json_object_get(json_object_get(o, a), b);
	return json_integer_value(c ? json_object_get(o, c) : o);
}

static void shows_a_handle_without_a_connection(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	ask("{\"janus\":\"handle_info\"," ON_HANDLE ",\"plugin_only\":\"x\"}", s, h);
	hears_error(9, 467, "Invalid element type (plugin_only should be a boolean)");
	ask("{\"janus\":\"handle_info\"," ON_HANDLE ",\"plugin_only\":true}", s, h);
	json_t *info = hears_info(s, h);
	assert_null(json_object_get(info, "flags"));
	assert_string_equal(json_string_value(json_object_get(info, "session_transport")),
		"janus.transport.fake");
	json_decref(info);
	ask("{\"janus\":\"handle_info\"," ON_HANDLE "}", s, h);
	info = hears_info(s, h);
	assert_non_null(json_object_get(info, "sdps"));
	assert_true(json_is_false(json_object_get(json_object_get(info, "flags"), "ready")));
	assert_null(json_object_get(info, "webrtc"));
	json_decref(info);
}

static void waits_for_the_worker_statistics(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call(s, h);
	ask("{\"janus\":\"handle_info\"," ON_HANDLE "}", s, h);
	hears_nothing(9);
	const struct cmd *c = cmd_of(CMD_STATS);
	struct report r = { .type = REP_STATS,
		.peer = c->peer,
		.stats = { .cookie = c->stats.cookie,
			.connected = 1,
			.dtls_connected = 1,
			.srtp_profile = 7,
			.packets_in = 90,
			.n_tracks = 1 } };
	r.stats.local.v4 = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(10000),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	r.stats.remote = r.stats.local;
	r.stats.tracks[0] =
		(struct track_stats){ .mindex = 0, .in[0] = { .packets = 77, .bytes = 7700 } };
	report(&r);
	hears_nothing(9); /* more is to come */
	r.stats.n_tracks = 0;
	r.stats.last = 1;
	report(&r);
	json_t *info = hears_info(s, h), *webrtc = json_object_get(info, "webrtc");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(webrtc, "dtls"), "srtp-profile")),
		"SRTP_AEAD_AES_128_GCM");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(webrtc, "ice"), "selected-pair")),
		"127.0.0.1:10000 [host,udp] <-> 127.0.0.1:10000 [prflx,udp]");
	assert_int_equal(number_at(json_object_get(webrtc, "dtls"), "stats", "in", "packets"), 90);
	assert_int_equal(number_at(json_object_get(json_object_get(webrtc, "media"), "0"), "stats",
				 "in", "packets"),
		77);
	json_decref(info);
	report(&r); /* late: nobody waits any more */
	hears_nothing(9);
}

/* handle_info of a call whose worker has this to say of its last m-line. */
static json_t *info_with(uint64_t s, uint64_t h, const struct track_stats *st)
{
	ask("{\"janus\":\"handle_info\"," ON_HANDLE "}", s, h);
	const struct cmd *c = cmd_of(CMD_STATS);
	struct report r = { .type = REP_STATS,
		.peer = c->peer,
		.stats = { .cookie = c->stats.cookie, .last = 1, .n_tracks = 1 } };
	r.stats.tracks[0] = *st;
	report(&r);
	return hears_info(s, h);
}

static void holds(const json_t *o, const char *expected)
{
	char *got = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
	json_t *e = json_loads(expected, 0, NULL);
	assert_non_null(e);
	if (!json_equal(o, e))
		fail_msg("%s instead of %s", got, expected);
	json_decref(e);
	free(got);
}

static const json_t *line_of(const json_t *info, const char *mid)
{
	const json_t *webrtc = json_object_get(info, "webrtc");
	return json_object_get(json_object_get(webrtc, "media"), mid);
}

static void shows_an_m_line_with_its_figures(void **state)
{
	const struct track_stats st = { .mindex = 1,
		.ssrc_in = { 11 },
		.rtx_ssrc_in = { 12 },
		.in = { { .packets = 9 } },
		.lost = { 3 },
		.jitter_ms = { 4 },
		.lost_remote = 5,
		.jitter_remote_ms = 6,
		.rtt_ms = 7,
		.quality_in = { { 91, 92 } },
		.quality_out = { 93, 94 },
		.nack_queue_ms = 240 };
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call_with(s, h, VIDEO, "");
	json_t *info = info_with(s, h, &st);
	const json_t *line = line_of(info, "1");
	holds(json_object_get(line, "rtcp"),
		"{\"main\":{\"base\":90000,\"rtt\":7,\"lost\":3,\"lost-by-remote\":5,"
		"\"jitter-local\":4,\"jitter-remote\":6,"
		"\"in-link-quality\":91,\"in-media-link-quality\":92,"
		"\"out-link-quality\":93,\"out-media-link-quality\":94}}");
	holds(json_object_get(line, "msid"),
		"{\"local-stream\":\"janus\",\"local-track\":\"janus1\","
		"\"remote-stream\":\"camera\",\"remote-track\":\"front\"}");
	assert_int_equal(json_integer_value(json_object_get(line, "nack-queue-ms")), 240);
	assert_int_equal(number_at(line, "ssrc", "ssrc-peer", NULL), 11);
	assert_int_equal(number_at(line, "ssrc", "ssrc-peer-rtx", NULL), 12);
	holds(json_object_get(line_of(info, "0"), "msid"),
		"{\"local-stream\":\"janus\",\"local-track\":\"janus0\"}");
	assert_null(json_object_get(line_of(info, "0"), "nack-queue-ms")); /* nothing is known */
	json_decref(info);
}

static void shows_simulcast_layer_by_layer(void **state)
{
	const struct track_stats st = { .mindex = 1,
		.in = { { 0 }, { .packets = 9 }, { .packets = 8 } },
		.rtx_ssrc_in = { 0, 0, 33 },
		.lost = { 0, 1, 2 },
		.jitter_ms = { 0, 3, 4 },
		.quality_in = { { 0 }, { 95, 96 }, { 97, 98 } } };
	static const struct {
		const char *lines, *members, *order, *syntax;
	} rows[] = {
		{ "a=simulcast:send h;m;l\\r\\n", "", "hml", NULL },
		{ "a=simulcast:send h;m;l\\r\\n", ",\"rid_order\":\"lmh\"", "lmh", NULL },
		{ "a=simulcast: send rid=h;m;l\\r\\n", "", "hml", "legacy" },
	};
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		uint64_t s = create_session(1), h = attach_handle(1, s);
		char *more = g_strdup_printf(VIDEO
			"a=rid:h send\\r\\na=rid:m send\\r\\na=rid:l send\\r\\n%s",
			rows[i].lines);
		call_with(s, h, more, rows[i].members);
		json_t *info = info_with(s, h, &st);
		const json_t *line = line_of(info, "1"), *rtcp = json_object_get(line, "rtcp"),
			     *rids = json_object_get(line, "rid-simulcast");
		holds(json_object_get(rtcp, "sim1"),
			"{\"base\":90000,\"lost\":1,\"jitter-local\":3,"
			"\"in-link-quality\":95,\"in-media-link-quality\":96}");
		holds(json_object_get(rtcp, "sim2"),
			"{\"base\":90000,\"lost\":2,\"jitter-local\":4,"
			"\"in-link-quality\":97,\"in-media-link-quality\":98}");
		assert_int_equal(number_at(line, "ssrc", "ssrc-peer-sim-2-rtx", NULL), 33);
		assert_string_equal(
			json_string_value(json_object_get(rids, "rid-order")), rows[i].order);
		const char *syntax = json_string_value(json_object_get(rids, "rid-syntax"));
		assert_string_equal(syntax ? syntax : "", rows[i].syntax ? rows[i].syntax : "");
		json_decref(info);
		g_free(more);
	}
}

/* ---- candidates ---- */

static void trickle(uint64_t s, uint64_t h, const char *candidate)
{
	say(1, "{\"janus\":\"trickle\"," ON_HANDLE ",\"candidate\":%s}", s, h, candidate);
	json_decref(hear(1));
}

static void shows_candidates(
	uint64_t s, uint64_t h, bool trickles, bool all, const char *candidates)
{
	json_t *info = info_with(s, h, &(struct track_stats){ 0 }),
	       *flags = json_object_get(info, "flags"),
	       *ice = json_object_get(json_object_get(info, "webrtc"), "ice");
	holds(json_object_get(ice, "remote-candidates"), candidates);
	assert_int_equal(json_is_true(json_object_get(flags, "trickle")), trickles);
	assert_int_equal(json_is_true(json_object_get(flags, "all-trickles")), all);
	json_decref(info);
}

static void shows_candidates_of_the_offer(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call_with(s, h, A_CANDIDATES VIDEO A_CANDIDATES, ",\"trickle\":false");
	shows_candidates(s, h, false, false, "[\"" UDP_CANDIDATE "\"]");
}

static void shows_candidates_that_come_later(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call_with(s, h, VIDEO, "");
	shows_candidates(s, h, true, false, "[]");
	trickle(s, h,
		"{\"sdpMid\":\"0\",\"sdpMLineIndex\":0,\"candidate\":\"candidate:" UDP_CANDIDATE
		"\"}");
	trickle(s, h, "{\"sdpMid\":\"0\",\"candidate\":\"candidate:" TCP_CANDIDATE "\"}");
	trickle(s, h,
		"{\"sdpMid\":\"1\",\"candidate\":\"candidate:9 1 udp 1 192.0.2.7 1 typ host\"}");
	trickle(s, h, "{\"sdpMid\":\"0\",\"candidate\":\"\"}");
	trickle(s, h, "{\"sdpMid\":\"0\",\"candidate\":\"3 1 udp 1 192.0.2.7 2 typ host\"}");
	shows_candidates(
		s, h, true, false, "[\"" UDP_CANDIDATE "\",\"3 1 udp 1 192.0.2.7 2 typ host\"]");
	trickle(s, h, "{\"completed\":true}");
	shows_candidates(
		s, h, true, true, "[\"" UDP_CANDIDATE "\",\"3 1 udp 1 192.0.2.7 2 typ host\"]");
}

static void forgets_candidates_when_ice_begins_anew(void **state)
{
	static const char udp[] = "{\"sdpMid\":\"0\",\"candidate\":\"" UDP_CANDIDATE "\"}";
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call(s, h);
	trickle(s, h, udp);
	trickle(s, h, "{\"completed\":true}");
	call(s, h); /* the same again */
	shows_candidates(s, h, true, true, "[\"" UDP_CANDIDATE "\"]");
	say(1,
		"{\"janus\":\"message\"," ON_HANDLE
		",\"body\":{},\"jsep\":{\"type\":\"offer\",\"sdp\":\"" OFFER_OF("efgh") "\"}}",
		s, h);
	json_decref(hear(1));
	json_decref(hear(1));
	shows_candidates(s, h, true, false, "[]");
}

static void keeps_no_more_than_some_candidates(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call(s, h);
	char *longest = g_strnfill(255, 'c');
	for (unsigned i = 0; i < 100; i++) {
		char *text = g_strdup_printf(
			"{\"sdpMLineIndex\":0,\"candidate\":\"%s%s\"}", longest, i & 1 ? "c" : "");
		trickle(s, h, text);
		g_free(text);
	}
	json_t *info = info_with(s, h, &(struct track_stats){ 0 }),
	       *ice = json_object_get(json_object_get(info, "webrtc"), "ice"),
	       *list = json_object_get(ice, "remote-candidates");
	assert_int_equal(json_array_size(list), 32);
	assert_string_equal(json_string_value(json_array_get(list, 31)), longest);
	json_decref(info);
	g_free(longest);
}

static void answers_without_statistics_when_the_worker_is_silent(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call(s, h);
	ask("{\"janus\":\"handle_info\"," ON_HANDLE "}", s, h);
	pass(1.5);
	json_t *info = hears_info(s, h);
	assert_non_null(json_object_get(info, "webrtc"));
	json_decref(info);
	ask("{\"janus\":\"handle_info\"," ON_HANDLE "}", s, h);
	say(1, "{\"janus\":\"destroy\"," ON_SESSION "}", s);
	json_decref(hear(1));
	pass(1.5);
	hears_error(9, 458, NULL);
}

static void hangs_up(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call(s, h);
	ask("{\"janus\":\"hangup_webrtc\"," ON_HANDLE "}", s, h);
	hears(9, "{\"janus\":\"success\",\"session_id\":%" PRIu64 ",\"transaction\":\"t\"}", s);
	json_decref(hear(1));
	hears(1,
		"{\"janus\":\"hangup\",\"session_id\":%" PRIu64 ",\"sender\":%" PRIu64
		",\"reason\":\"Admin API\"}",
		s, h);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, finish)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_levels_apart),
		TEST(lists_and_ends),
		TEST(does_not_keep_sessions_alive),
		TEST(changes_timeouts),
		TEST(drains),
		TEST(sets_the_log_level),
		TEST(passes_messages_on),
		TEST(shows_a_handle_without_a_connection),
		TEST(waits_for_the_worker_statistics),
		TEST(shows_an_m_line_with_its_figures),
		TEST(shows_simulcast_layer_by_layer),
		TEST(shows_candidates_of_the_offer),
		TEST(shows_candidates_that_come_later),
		TEST(forgets_candidates_when_ice_begins_anew),
		TEST(keeps_no_more_than_some_candidates),
		TEST(answers_without_statistics_when_the_worker_is_silent),
		TEST(hangs_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
