/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "control_call.h"

uint64_t s, h;

char *sdp(const char *ufrag, const char *setup, const char *audio, const char *video,
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

void message(const char *body, const char *type, char *text, const char *more)
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

void hears_ack(void)
{
	hears(1, "{'janus':'ack','session_id':%" PRIu64 ",'transaction':'m'}", s);
}

char *hears_jsep(const char *type, bool e2ee)
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

void has_text(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in:\n%s", part, text);
}

void call(void)
{
	message("{}", "offer", sdp("abcd", "actpass", "sendrecv", "sendrecv", 2), "");
	hears_ack();
	free(hears_jsep("answer", false));
	report(&(struct report){ .type = REP_CONNECTED, .peer = cmd_of(CMD_PEER_OPEN)->peer });
	hears(1, "{'janus':'webrtcup','session_id':%" PRIu64 ",'sender':%" PRIu64 "}", s, h);
	called("attach message up ");
}

int begin_call_with(const char *const *sets)
{
	begin_with(sets);
	s = create_session(1);
	h = attach_handle(1, s);
	return 0;
}

int begin_call(void **state)
{
	(void)state;
	return begin_call_with(NULL);
}
