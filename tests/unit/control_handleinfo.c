/* SPDX-License-Identifier: Apache-2.0 */
/* What handle_info of the Admin API shows. */
#include "control_world.h"

#define OFFER_OF(ufrag) \
	"v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 " \
	"0\\r\\na=group:BUNDLE 0 1 2\\r\\n" \
	"a=ice-ufrag:" ufrag "\\r\\na=ice-pwd:abcdabcdabcdabcdabcdabcd\\r\\n" \
	"a=fingerprint:sha-256 " \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:" \
	"DD:EE:FF" \
	"\\r\\na=setup:actpass\\r\\nm=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\nc=IN IP4 " \
	"0.0.0.0\\r\\na=mid:0\\r\\na=sendrecv\\r\\na=rtcp-mux\\r\\n" \
	"a=rtpmap:111 opus/48000/2\\r\\n"

#define OFFER OFFER_OF("abcd")
#define VIDEO \
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97\\r\\nc=IN IP4 " \
	"0.0.0.0\\r\\na=mid:1\\r\\na=sendrecv\\r\\na=rtcp-mux\\r\\n" \
	"a=msid:camera front\\r\\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\\r\\n" \
	"a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\\r\\n" \
	"a=rtpmap:96 VP8/90000\\r\\na=rtcp-fb:96 nack\\r\\na=rtpmap:97 rtx/90000\\r\\n" \
	"a=fmtp:97 apt=96\\r\\n"
#define UDP_CANDIDATE "1 1 udp 2122265343 192.0.2.7 40000 typ host"
#define TCP_CANDIDATE "2 1 tcp 1518214911 192.0.2.7 9 typ host tcptype active"
#define A_CANDIDATES  "a=candidate:" UDP_CANDIDATE "\\r\\na=candidate:" TCP_CANDIDATE "\\r\\n"

/* @param more SDP after the first m-line; @param members of the jsep, each with a comma before */
static void call_with(uint64_t s, uint64_t h, const char *more, const char *members)
{
	say(1,
		"{'janus':'message'," ON_HANDLE ",'body':{},'jsep':{'type':'offer','sdp':'" OFFER
		"%s'%s}}",
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
	ask_admin("{'janus':'handle_info'," ON_HANDLE ",'plugin_only':'x'}", s, h);
	hears_error(9, 467, "Invalid element type (plugin_only should be a boolean)");
	ask_admin("{'janus':'handle_info'," ON_HANDLE ",'plugin_only':true}", s, h);
	json_t *info = hears_info(s, h);
	assert_null(json_object_get(info, "flags"));
	assert_string_equal(json_string_value(json_object_get(info, "session_transport")),
		"janus.transport.fake");
	json_decref(info);
	ask_admin("{'janus':'handle_info'," ON_HANDLE "}", s, h);
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
	ask_admin("{'janus':'handle_info'," ON_HANDLE "}", s, h);
	hears_nothing(9);
	const struct cmd *c = cmd_of(CMD_STATS);
	struct report r = { .type = REP_STATS,
		.peer = c->peer,
		.stats = { .cookie = c->stats.cookie,
			.connected = 1,
			.dtls_connected = 1,
			.srtp_profile = 7,
			.dtls_in = { .packets = 90 },
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
	assert_null(json_object_get(webrtc, "too-large"));
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
	ask_admin("{'janus':'handle_info'," ON_HANDLE "}", s, h);
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
	json_t *e = json_loads(Q(expected), 0, NULL);
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
		"{'main':{'base':90000,'rtt':7,'lost':3,'lost-by-remote':5,"
		"'jitter-local':4,'jitter-remote':6,"
		"'in-link-quality':91,'in-media-link-quality':92,"
		"'out-link-quality':93,'out-media-link-quality':94}}");
	holds(json_object_get(line, "msid"), "{'local-stream':'janus','local-track':'janus1',"
					     "'remote-stream':'camera','remote-track':'front'}");
	assert_int_equal(json_integer_value(json_object_get(line, "nack-queue-ms")), 240);
	assert_int_equal(number_at(line, "ssrc", "ssrc-peer", NULL), 11);
	assert_int_equal(number_at(line, "ssrc", "ssrc-peer-rtx", NULL), 12);
	holds(json_object_get(line_of(info, "0"), "msid"),
		"{'local-stream':'janus','local-track':'janus0'}");
	assert_null(json_object_get(line_of(info, "0"), "nack-queue-ms")); /* nothing is known */
	json_decref(info);
}

static void shows_simulcast_layer_by_layer(void **state)
{
	const struct track_stats st = {
		.mindex = 1,
		.in = { { 0 }, { .packets = 9 }, { .packets = 8 } },
		.rtx_ssrc_in = { 0, 0, 33 },
		.lost = { 0, 1, 2 },
		.jitter_ms = { 0, 3, 4 },
		.quality_in = { { 0 }, { 95, 96 }, { 97, 98 } },
	};
	static const struct {
		const char *lines, *members, *order, *syntax;
	} rows[] = {
		{ "a=simulcast:send h;m;l\\r\\n", "", "hml", NULL },
		{ "a=simulcast:send h;m;l\\r\\n", ",'rid_order':'lmh'", "lmh", NULL },
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
			"{'base':90000,'lost':1,'jitter-local':3,"
			"'in-link-quality':95,'in-media-link-quality':96,"
			"'lost-by-remote':0,'jitter-remote':0,"
			"'out-link-quality':0,'out-media-link-quality':0}");
		holds(json_object_get(rtcp, "sim2"),
			"{'base':90000,'lost':2,'jitter-local':4,"
			"'in-link-quality':97,'in-media-link-quality':98,"
			"'lost-by-remote':0,'jitter-remote':0,"
			"'out-link-quality':0,'out-media-link-quality':0}");
		assert_int_equal(number_at(line, "ssrc", "ssrc-peer-sim-2-rtx", NULL), 33);
		assert_string_equal(
			json_string_value(json_object_get(rids, "rid-order")), rows[i].order);
		const char *syntax = json_string_value(json_object_get(rids, "rid-syntax"));
		assert_string_equal(syntax ? syntax : "", rows[i].syntax ? rows[i].syntax : "");
		json_decref(info);
		g_free(more);
	}
}

/* ---- states ---- */

/* handle_info of a call whose worker says this. */
static json_t *info_of_peer(uint64_t s, uint64_t h, struct peer_stats said)
{
	ask_admin("{'janus':'handle_info'," ON_HANDLE "}", s, h);
	const struct cmd *c = cmd_of(CMD_STATS);
	said.cookie = c->stats.cookie;
	said.last = 1;
	struct report r = { .type = REP_STATS, .peer = c->peer, .stats = said };
	report(&r);
	return hears_info(s, h);
}

static const char *text_at(const json_t *info, const char *part, const char *name)
{
	const json_t *o = json_object_get(json_object_get(info, "webrtc"), part);
	const char *text = json_string_value(json_object_get(o, name));
	return text ? text : "";
}

static void shows_how_far_a_connection_has_come(void **state)
{
	static const struct {
		struct peer_stats said;
		const char *ice, *dtls;
	} rows[] = {
		{ { .is_described = 1 }, "connecting", "created" },
		{ { .ice_connected_us = 5 }, "connected", "created" },
		{ { .ice_connected_us = 5, .dtls_started_us = 6 }, "connected", "trying" },
		{ { .ice_connected_us = 5, .is_proven = 1, .dtls_started_us = 6 }, "ready",
			"trying" },
		{ { .ice_connected_us = 5, .is_proven = 1, .dtls_connected = 1 }, "ready",
			"connected" },
		{ { .failure = FAIL_ICE, .failed_us = 7 }, "failed", "created" },
		{ { .failure = FAIL_CONSENT, .dtls_connected = 1 }, "failed", "connected" },
		{ { .failure = FAIL_DTLS_TIMEOUT, .is_proven = 1, .dtls_started_us = 6 }, "ready",
			"failed" },
		{ { .failure = FAIL_DTLS_ALERT, .is_proven = 1, .dtls_connected = 1 }, "ready",
			"failed" },
	};
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call(s, h);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		json_t *info = info_of_peer(s, h, rows[i].said);
		assert_string_equal(text_at(info, "ice", "state"), rows[i].ice);
		assert_string_equal(text_at(info, "dtls", "dtls-state"), rows[i].dtls);
		bool failed = strcmp(rows[i].ice, "failed") == 0;
		const json_t *ice = json_object_get(json_object_get(info, "webrtc"), "ice");
		assert_int_equal(json_object_get(ice, "failed-detected") != NULL, failed);
		assert_int_equal(json_is_false(json_object_get(ice, "icetimer-started")), failed);
		json_decref(info);
	}
}

static void shows_what_an_offer_of_ours_waits_for(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	say(1, "{'janus':'message'," ON_HANDLE ",'body':{'do':'offer'}}", s, h);
	json_decref(hear(1));
	json_decref(hear(1));
	json_t *info = info_of_peer(s, h, (struct peer_stats){ 0 }),
	       *flags = json_object_get(info, "flags");
	assert_string_equal(text_at(info, "ice", "state"), "disconnected");
	assert_true(json_is_false(json_object_get(flags, "got-offer")));
	assert_true(json_is_false(json_object_get(flags, "got-answer")));
	assert_true(json_is_false(json_object_get(flags, "starting")));
	json_decref(info);
}

static void shows_what_is_counted(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call(s, h);
	json_t *info = info_of_peer(s, h,
		(struct peer_stats){ .dtls_in = { 3, 300 },
			.dtls_out = { 4, 400 },
			.dtls_repeats = 2,
			.n_queued = 5,
			.too_large = 6 });
	const json_t *webrtc = json_object_get(info, "webrtc"),
		     *dtls = json_object_get(webrtc, "dtls");
	holds(json_object_get(dtls, "stats"),
		"{'in':{'packets':3,'bytes':300},'out':{'packets':4,'bytes':400}}");
	assert_int_equal(json_integer_value(json_object_get(dtls, "retransmissions")), 2);
	assert_int_equal(json_integer_value(json_object_get(info, "queued-packets")), 5);
	assert_int_equal(json_integer_value(json_object_get(webrtc, "too-large")), 6);
	json_decref(info);
}

static void names_the_kind_of_the_selected_pair(void **state)
{
	static const struct {
		const char *candidate, *kind;
	} rows[] = {
		{ "1 1 udp 9 192.0.2.7 40000 typ host", "host" },
		{ "1 1 udp 9 192.0.2.7 40000 typ srflx raddr 10.0.0.1 rport 1", "srflx" },
		{ "1 1 udp 9 192.0.2.7 40000 typ relay raddr 10.0.0.1 rport 1", "relay" },
		{ "1 1 udp 9 192.0.2.7 40001 typ host", "prflx" },
		{ "1 1 udp 9 192.0.2.8 40000 typ host", "prflx" },
		{ "1 1 udp 9 abc.local 40000 typ host", "prflx" },
	};
	struct peer_stats said = { .is_proven = 1 };
	(void)state;
	said.local.v4 = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(10000),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	said.remote.v4 = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(40000),
		.sin_addr.s_addr = htonl(0xc0000207) };
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		uint64_t s = create_session(1), h = attach_handle(1, s);
		char *pair = g_strdup_printf(
			"127.0.0.1:10000 [host,udp] <-> 192.0.2.7:40000 [%s,udp]", rows[i].kind);
		char *line = g_strdup_printf("a=candidate:%s\\r\\n", rows[i].candidate);
		call_with(s, h, line, "");
		json_t *info = info_of_peer(s, h, said);
		assert_string_equal(text_at(info, "ice", "selected-pair"), pair);
		json_decref(info);
		g_free(line);
		g_free(pair);
	}
}

static void names_codecs_once_packets_flow(void **state)
{
	static const struct track_stats still = { .mindex = 1 },
					sends = { .mindex = 1, .out = { .packets = 1 } },
					brings = { .mindex = 1, .in[2] = { .packets = 1 } };
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call_with(s, h, VIDEO, "");
	json_t *info = info_with(s, h, &still);
	assert_null(json_object_get(line_of(info, "1"), "codecs"));
	json_decref(info);
	info = info_with(s, h, &sends);
	holds(json_object_get(line_of(info, "1"), "codecs"), "{'pt':96,'rtx-pt':97,'codec':'vp8'}");
	json_decref(info);
	info = info_with(s, h, &brings);
	assert_non_null(json_object_get(line_of(info, "1"), "codecs"));
	json_decref(info);
}

static void counts_messages_of_data_channels(void **state)
{
	static const char data[] = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\\r\\nc=IN IP4 "
				   "0.0.0.0\\r\\na=mid:2\\r\\na=sctp-port:5000\\r\\n";
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call_with(s, h, data, "");
	uint64_t peer = cmd_of(CMD_PEER_OPEN)->peer;
	data_event(&(struct data_event){ .type = DATA_READY, .peer = peer });
	data_event(&(struct data_event){
		.type = DATA_MESSAGE, .peer = peer, .msg = data_msg_new("chat", "", "hello", 5) });
	assert_true(cardea_data_send(last_attached,
		&(struct cardea_data){
			.size = sizeof(struct cardea_data), .bytes = "abc", .len = 3 }));
	assert_true(cardea_data_send(last_attached,
		&(struct cardea_data){
			.size = sizeof(struct cardea_data), .bytes = "d", .len = 1 }));
	json_t *info = info_of_peer(s, h, (struct peer_stats){ 0 });
	holds(json_object_get(line_of(info, "2"), "stats"),
		"{'in':{'packets':1,'bytes':5},'out':{'packets':2,'bytes':4}}");
	assert_int_equal(json_integer_value(json_object_get(info, "queued-packets")), 2);
	json_decref(info);
	data_event(&(struct data_event){ .type = DATA_SENT,
		.n = 2,
		.peer = peer,
		.cost = data_msg_cost(data_sent[0]) + data_msg_cost(data_sent[1]) });
	info = info_of_peer(s, h, (struct peer_stats){ 0 });
	assert_int_equal(json_integer_value(json_object_get(info, "queued-packets")), 0);
	json_decref(info);
}

static void shows_that_the_last_connection_is_being_cleaned_up(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	ask_admin("{'janus':'handle_info'," ON_HANDLE "}", s, h);
	json_t *info = hears_info(s, h);
	assert_true(json_is_false(json_object_get(json_object_get(info, "flags"), "alert")));
	json_decref(info);
	call(s, h);
	uint64_t peer = cmd_of(CMD_PEER_OPEN)->peer;
	say(1, "{'janus':'hangup'," ON_HANDLE "}", s, h);
	while ((info = hear(1)))
		json_decref(info);
	for (int closing = 1; closing >= 0; closing--) {
		ask_admin("{'janus':'handle_info'," ON_HANDLE "}", s, h);
		info = hears_info(s, h);
		const json_t *flags = json_object_get(info, "flags");
		assert_int_equal(json_is_true(json_object_get(flags, "cleaning")), closing);
		assert_true(json_is_true(json_object_get(flags, "alert")));
		assert_int_equal(json_integer_value(json_object_get(info, "queued-packets")), 0);
		assert_non_null(json_object_get(info, "queued-packets"));
		json_decref(info);
		report(&(struct report){ .type = REP_RETIRED, .peer = peer });
	}
	call(s, h);
	info = info_of_peer(s, h, (struct peer_stats){ 0 });
	assert_true(json_is_false(json_object_get(json_object_get(info, "flags"), "alert")));
	json_decref(info);
}

/* ---- candidates ---- */

static void trickle(uint64_t s, uint64_t h, const char *candidate)
{
	say(1, "{'janus':'trickle'," ON_HANDLE ",'candidate':%s}", s, h, candidate);
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
	call_with(s, h, A_CANDIDATES VIDEO A_CANDIDATES, ",'trickle':false");
	shows_candidates(s, h, false, false, "['" UDP_CANDIDATE "']");
}

static void shows_candidates_that_come_later(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call_with(s, h, VIDEO, "");
	shows_candidates(s, h, true, false, "[]");
	trickle(s, h, "{'sdpMid':'0','sdpMLineIndex':0,'candidate':'candidate:" UDP_CANDIDATE "'}");
	trickle(s, h, "{'sdpMid':'0','candidate':'candidate:" TCP_CANDIDATE "'}");
	trickle(s, h, "{'sdpMid':'1','candidate':'candidate:9 1 udp 1 192.0.2.7 1 typ host'}");
	trickle(s, h, "{'sdpMid':'0','candidate':''}");
	trickle(s, h, "{'sdpMid':'0','candidate':'3 1 udp 1 192.0.2.7 2 typ host'}");
	shows_candidates(
		s, h, true, false, "['" UDP_CANDIDATE "','3 1 udp 1 192.0.2.7 2 typ host']");
	trickle(s, h, "{'completed':true}");
	shows_candidates(
		s, h, true, true, "['" UDP_CANDIDATE "','3 1 udp 1 192.0.2.7 2 typ host']");
}

static void forgets_candidates_when_ice_begins_anew(void **state)
{
	static const char udp[] = "{'sdpMid':'0','candidate':'" UDP_CANDIDATE "'}";
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call(s, h);
	trickle(s, h, udp);
	trickle(s, h, "{'completed':true}");
	call(s, h); /* the same again */
	shows_candidates(s, h, true, true, "['" UDP_CANDIDATE "']");
	say(1,
		"{'janus':'message'," ON_HANDLE
		",'body':{},'jsep':{'type':'offer','sdp':'" OFFER_OF("efgh") "'}}",
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
	char *filler = g_strnfill(255 - strlen(UDP_CANDIDATE " "), 'c'),
	     *longest = g_strdup_printf(UDP_CANDIDATE " %s", filler);
	for (unsigned i = 0; i < 100; i++) {
		char *text = g_strdup_printf(
			"{'sdpMLineIndex':0,'candidate':'%s%s'}", longest, i & 1 ? "c" : "");
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
	g_free(filler);
}

static void lists_no_candidates_that_are_none(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call(s, h);
	trickle(s, h, "{'sdpMid':'0','candidate':'zzz'}");
	trickle(s, h, "{'sdpMid':'0','candidate':'" UDP_CANDIDATE "'}");
	shows_candidates(s, h, true, false, "['" UDP_CANDIDATE "']");
}

static void answers_without_statistics_when_the_worker_is_silent(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call(s, h);
	ask_admin("{'janus':'handle_info'," ON_HANDLE "}", s, h);
	pass(1.5);
	json_t *info = hears_info(s, h);
	assert_non_null(json_object_get(info, "webrtc"));
	json_decref(info);
	ask_admin("{'janus':'handle_info'," ON_HANDLE "}", s, h);
	say(1, "{'janus':'destroy'," ON_SESSION "}", s);
	json_decref(hear(1));
	pass(1.5);
	hears_error(9, 458, NULL);
}

static void hangs_up(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	call(s, h);
	ask_admin("{'janus':'hangup_webrtc'," ON_HANDLE "}", s, h);
	hears(9, "{'janus':'success','session_id':%" PRIu64 ",'transaction':'t'}", s);
	json_decref(hear(1));
	hears(1,
		"{'janus':'hangup','session_id':%" PRIu64 ",'sender':%" PRIu64
		",'reason':'Admin API'}",
		s, h);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, finish)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shows_a_handle_without_a_connection),
		TEST(waits_for_the_worker_statistics),
		TEST(shows_an_m_line_with_its_figures),
		TEST(shows_simulcast_layer_by_layer),
		TEST(shows_how_far_a_connection_has_come),
		TEST(shows_what_an_offer_of_ours_waits_for),
		TEST(shows_what_is_counted),
		TEST(names_the_kind_of_the_selected_pair),
		TEST(names_codecs_once_packets_flow),
		TEST(counts_messages_of_data_channels),
		TEST(shows_that_the_last_connection_is_being_cleaned_up),
		TEST(lists_no_candidates_that_are_none),
		TEST(shows_candidates_of_the_offer),
		TEST(shows_candidates_that_come_later),
		TEST(forgets_candidates_when_ice_begins_anew),
		TEST(keeps_no_more_than_some_candidates),
		TEST(answers_without_statistics_when_the_worker_is_silent),
		TEST(hangs_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
