/* SPDX-License-Identifier: Apache-2.0 */
/* Which m-lines share a transport, who speaks for it, and what of transport an answer says. */
#include "../../core/jsep/bundle.h"
#include "jsep_load.h"

#define HEAD   "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define FP(x)  "a=fingerprint:sha-256 " FP8(x) ":" FP8(x) ":" FP8(x) ":" FP8(x) "\r\n"
#define FP8(x) x ":" x ":" x ":" x ":" x ":" x ":" x ":" x
/* ICE and DTLS of a transport that is called @p u. */
#define ICE(u)         "a=ice-ufrag:" u u u u "\r\na=ice-pwd:" u "12345678901234567890123\r\n"
#define CREDS(u)       ICE(u) FP("0" u) "a=setup:actpass\r\n"
#define MID(m)         "a=mid:" m "\r\n"
#define MUX            "a=rtcp-mux\r\n"
#define OPUS           "a=rtpmap:111 opus/48000/2\r\n"
#define AUDIO_AT(port) "m=audio " port " UDP/TLS/RTP/SAVPF 111\r\n" OPUS
#define VIDEO_AT(port) "m=video " port " UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n"
#define AUDIO          AUDIO_AT("9")
#define VIDEO          VIDEO_AT("9")
#define DATA           "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5000\r\n"
#define GROUP(mids)    "a=group:BUNDLE " mids "\r\n"

static char why[160];

/* An offer, our answer to it, and what comes of it. */
struct exchange {
	struct sdp_transport t;
	struct cardea_desc *offer, *answer;
	struct negotiation n;
	char *text;
};

static void say(struct exchange *x, const char *text)
{
	cardea_desc_free(x->offer);
	cardea_desc_free(x->answer);
	free(x->text);
	x->offer = parse(text, CARDEA_OFFER, &x->t);
	negotiate_hear(&x->n, x->offer);
	x->answer = answer_to(x->offer, CARDEA_SENDRECV);
	assert_int_equal(negotiate_answer(&x->n, x->offer, x->answer, why), OK);
	if (x->n.tag >= 0)
		sdp_transport_of(x->offer, (unsigned)x->n.tag, &x->t);
	x->text = print(x->answer, &x->t, &x->n);
}

static void end(struct exchange *x)
{
	cardea_desc_free(x->offer);
	cardea_desc_free(x->answer);
	negotiation_clear(&x->n);
	free(x->text);
}

/* Which m-lines does the answer accept ("1" or "0" for each), under which group, on whose word? */
static void expect(
	const struct exchange *x, const char *accepted, const char *group, const char *ufrag)
{
	char line[128], live[16] = "";
	for (unsigned i = 0; i < x->answer->n_media; i++)
		strcat(live, x->answer->media[i].rejected ? "0" : "1");
	assert_string_equal(live, accepted);
	snprintf(line, sizeof line, "\r\na=group:BUNDLE %s\r\n", group);
	if (*group)
		assert_non_null(strstr(x->text, line));
	else
		assert_null(strstr(x->text, "a=group:"));
	assert_string_equal(x->t.ufrag, ufrag);
}

static void answers(const char *text, const char *accepted, const char *group, const char *ufrag)
{
	struct exchange x = { 0 };
	say(&x, text);
	expect(&x, accepted, group, ufrag);
	end(&x);
}

/* ---- offers ---- */

static void without_a_group_the_first_line_is_taken(void **state)
{
	(void)state;
	answers(HEAD AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1") CREDS("2"), "10", "", "1111");
	answers(HEAD AUDIO MUX MID("0") CREDS("1"), "1", "", "1111");
	answers(HEAD CREDS("1") AUDIO MUX VIDEO MUX DATA, "100", "", "1111");
	answers(HEAD DATA MID("d") CREDS("1") AUDIO MUX MID("a") CREDS("2"), "10", "", "1111");
}

static void another_line_is_taken_when_the_first_is_turned_down(void **state)
{
	struct exchange x = { 0 };
	struct cardea_accept how = { .size = sizeof how, .dir = CARDEA_SENDRECV };
	(void)state;
	x.offer = parse(HEAD AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1") CREDS("2"),
		CARDEA_OFFER, &x.t);
	x.answer = cardea_answer_new(x.offer);
	cardea_accept(x.answer, x.offer, 1, &how);
	cardea_accept(x.answer, x.offer, 0, &how); /* too late: the transport is the other's */
	assert_int_equal(negotiate_answer(&x.n, x.offer, x.answer, why), OK);
	sdp_transport_of(x.offer, (unsigned)x.n.tag, &x.t);
	x.text = print(x.answer, &x.t, &x.n);
	expect(&x, "01", "", "2222");
	end(&x);
}

static void groups_stay_apart(void **state)
{
	(void)state;
	answers(HEAD GROUP("0 1") GROUP("2 3") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1")
			CREDS("1") AUDIO MUX MID("2") CREDS("2") VIDEO MUX MID("3") CREDS("2"),
		"1100", "0 1", "1111");
	answers(HEAD GROUP("1 2") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1") CREDS("2")
			DATA MID("2") CREDS("2"),
		"100", "", "1111");
	answers(HEAD GROUP("0 1") "a=group:LS 0 2\r\na=group:BUNDLED 2\r\n" AUDIO MUX MID("0")
			CREDS("1") VIDEO MUX MID("1") VIDEO MUX MID("2") CREDS("2"),
		"110", "0 1", "1111");
}

static void a_group_may_name_what_is_not_there(void **state)
{
	(void)state;
	answers(HEAD GROUP("x 0 y 0") AUDIO MUX MID("0") CREDS("1") VIDEO_AT("0") MUX MID("1"),
		"10", "0", "1111");
	answers(HEAD GROUP("1 0") AUDIO MUX MID("0") CREDS("1") VIDEO_AT("0") MUX MID("1")
			CREDS("2"),
		"10", "0", "1111");
	answers(HEAD GROUP("") AUDIO MUX MID("0") CREDS("1"), "1", "", "1111");
	answers(HEAD GROUP("0") GROUP("1 0") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1")
			CREDS("2"),
		"10", "0", "1111");
}

static void the_tagged_line_speaks_for_the_bundle(void **state)
{
	struct exchange x = { 0 };
	(void)state;
	answers(HEAD GROUP("1 0") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1") CREDS("2"), "11",
		"1 0", "2222");
	/* its own words go before the session's, those before another line's */
	answers(HEAD GROUP("1 0") CREDS("3") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1"), "11",
		"1 0", "3333");
	answers(HEAD GROUP("1 0") CREDS("3") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1")
			ICE("2"),
		"11", "1 0", "2222");
	answers(HEAD GROUP("1 0") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1"), "11", "1 0",
		"1111");
	/* of what is accepted */
	say(&x, HEAD GROUP("0 1") "m=audio 9 UDP/TLS/RTP/SAVPF 13\r\n" MUX MID("0") CREDS("1")
			VIDEO MUX MID("1") CREDS("2"));
	expect(&x, "01", "1", "2222");
	end(&x);
	/* even where all was left to the line that is turned down */
	answers(HEAD GROUP("0 1") "m=audio 9 UDP/TLS/RTP/SAVPF 13\r\n" MUX MID("0") CREDS("1")
			VIDEO MUX MID("1"),
		"01", "1", "1111");
}

static void bundle_only_needs_a_bundle(void **state)
{
	(void)state;
#define ONLY VIDEO_AT("0") "a=bundle-only\r\n" MUX
	answers(HEAD GROUP("0 1") AUDIO MUX MID("0") CREDS("1") ONLY MID("1"), "11", "0 1", "1111");
	answers(HEAD GROUP("1 0") AUDIO MUX MID("0") CREDS("1") ONLY MID("1") CREDS("2"), "11",
		"0 1", "1111");
	answers(HEAD AUDIO MUX MID("0") CREDS("1") ONLY MID("1") CREDS("1"), "10", "", "1111");
	answers(HEAD GROUP("0") AUDIO MUX MID("0") CREDS("1") ONLY MID("1") CREDS("1"), "10", "0",
		"1111");
	answers(HEAD GROUP("1") CREDS("1") ONLY MID("1"), "0", "", "");
	answers(HEAD GROUP("0 1") CREDS("1") AUDIO_AT("0") MUX MID("0") ONLY MID("1"), "00", "",
		"");
	/* with a port it means nothing (RFC 9143, section 6) */
	answers(HEAD AUDIO MUX MID("0") CREDS("1") VIDEO "a=bundle-only\r\n" MUX MID("1")
			CREDS("1"),
		"10", "", "1111");
}

static void stopped_lines_are_answered_in_kind(void **state)
{
	static const char stopped[] = HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=inactive\r\n" MID(
		"0") MUX OPUS "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=inactive\r\n" MID("1") MUX;
	struct exchange x = { 0 };
	(void)state;
	answers(stopped, "00", "", "");
	answers(HEAD GROUP("0 1") CREDS("1") AUDIO_AT("0") MUX MID("0") VIDEO_AT("0") MUX MID("1"),
		"00", "", "");
	answers(HEAD GROUP("1") AUDIO_AT("0") VIDEO MUX MID("1") CREDS("2"), "01", "1", "2222");
	say(&x, HEAD GROUP("0 1") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1"));
	say(&x, stopped);
	expect(&x, "00", "", "");
	assert_int_equal(x.n.tag, -1);
	assert_int_equal(x.n.tracks[0].dir, CARDEA_INACTIVE);
	assert_int_equal(x.n.n_agreed, 2);
	/* the first m-line is used again, for another kind */
	say(&x, HEAD GROUP("2") VIDEO MUX MID("2") CREDS("3") VIDEO_AT("0") MID("1"));
	expect(&x, "10", "2", "3333");
	assert_int_equal(x.n.tracks[0].kind, CARDEA_VIDEO);
	assert_string_equal(x.n.tracks[0].mid, "2");
	end(&x);
}

static void what_runs_keeps_its_transport(void **state)
{
	struct exchange x = { 0 };
	(void)state;
	say(&x, HEAD AUDIO_AT("0") MID("0") VIDEO MUX MID("1") CREDS("2"));
	expect(&x, "01", "", "2222");
	say(&x, HEAD AUDIO MUX MID("2") CREDS("1") VIDEO MUX MID("1") CREDS("2"));
	expect(&x, "01", "", "2222");
	/* once it is bundled, all of the bundle goes along, whoever is tagged */
	say(&x, HEAD GROUP("1 2") AUDIO MUX MID("2") CREDS("1") VIDEO MUX MID("1") CREDS("2"));
	expect(&x, "11", "1 2", "2222");
	say(&x, HEAD GROUP("2 1") AUDIO MUX MID("2") CREDS("2") VIDEO MUX MID("1") CREDS("2"));
	expect(&x, "11", "2 1", "2222");
	end(&x);
}

/* ---- what is said only when offered ---- */

static void rtcp_mux_is_offered_or_there_is_no_line(void **state)
{
	(void)state;
	answers(HEAD GROUP("0 1") AUDIO MID("0") CREDS("1") VIDEO MID("1") CREDS("1"), "00", "",
		"");
	answers(HEAD GROUP("0 1") AUDIO MUX MID("0") CREDS("1") VIDEO MID("1") CREDS("1"), "10",
		"0", "1111");
	answers(HEAD GROUP("0 1") AUDIO MID("0") CREDS("1") VIDEO MUX MID("1") CREDS("2"), "01",
		"1", "2222");
	answers(HEAD AUDIO MID("0") CREDS("1") VIDEO MUX MID("1") CREDS("2"), "01", "", "2222");
	answers(HEAD GROUP("0 1") AUDIO "a=rtcp-mux-only\r\n" MID("0") CREDS("1") DATA MID("1")
			CREDS("1"),
		"01", "1", "1111");
	/* the tagged line has to say it itself, */
	answers(HEAD GROUP("0 1") AUDIO MID("0") VIDEO MUX MID("1") CREDS("2"), "01", "1", "2222");
	answers(HEAD GROUP("0 1 2") DATA MID("0") CREDS("1") AUDIO MID("1") VIDEO MUX MID("2"),
		"101", "0 2", "1111");
	/* but what leaves all of transport to it leaves this to it as well */
	struct exchange x = { 0 };
	say(&x, HEAD GROUP("0 1") AUDIO MUX MID("0") CREDS("1") VIDEO MID("1"));
	expect(&x, "11", "0 1", "1111");
	char *video = strstr(x.text, "m=video");
	assert_non_null(strstr(x.text, MUX));
	assert_null(strstr(video, MUX));
	end(&x);
}

static void attributes_are_mirrored_line_by_line(void **state)
{
	struct exchange x = { 0 };
	(void)state;
	say(&x, HEAD GROUP("0 1") AUDIO MUX "a=rtcp-rsize\r\na=extmap-allow-mixed\r\n" MID("0")
			CREDS("1") "m=video 9 RTP/AVPF 96\r\na=rtpmap:96 VP8/90000\r\n" MUX MID("1")
				CREDS("1"));
	char *video = strstr(x.text, "\r\nm=video 9 RTP/AVPF 96\r\n"),
	     *audio = strstr(x.text, "\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n");
	assert_true(video && audio);
	assert_true(strstr(x.text, "a=extmap-allow-mixed") > audio &&
		    strstr(x.text, "a=extmap-allow-mixed") < video);
	assert_null(strstr(video, "a=extmap-allow-mixed"));
	assert_non_null(strstr(audio, "a=rtcp-rsize"));
	assert_null(strstr(video, "a=rtcp-rsize"));
	assert_true(x.n.tracks[0].rtcp_rsize);
	assert_false(x.n.tracks[1].rtcp_rsize);
	say(&x, HEAD "a=extmap-allow-mixed\r\n" GROUP("0 1") AUDIO MUX MID("0") CREDS("1")
			VIDEO_AT("0") MID("1"));
	assert_true(strstr(x.text, "a=extmap-allow-mixed") < strstr(x.text, "m=audio"));
	assert_null(strstr(strstr(x.text, "m=audio"), "a=extmap-allow-mixed"));
	end(&x);
}

static void rids_alone_are_answered_alone(void **state)
{
	struct exchange x = { 0 };
	const char *rids = "a=extmap:5 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
			   "a=rid:h send\r\na=rid:l send\r\n";
	char text[2048];
	(void)state;
	snprintf(text, sizeof text, HEAD VIDEO MUX MID("0") CREDS("1") "%s", rids);
	say(&x, text);
	assert_non_null(strstr(x.text, "a=rid:h recv\r\na=rid:l recv\r\n"));
	assert_null(strstr(x.text, "a=simulcast:"));
	strcat(text, "a=simulcast:send h;l\r\n");
	say(&x, text);
	assert_non_null(strstr(x.text, "a=simulcast:recv h;l\r\n"));
	end(&x);
}

static void data_is_answered_in_its_form(void **state)
{
	static const struct {
		const char *line, *attributes, *answer, *said;
		uint16_t port;
	} forms[] = {
		{ "UDP/DTLS/SCTP webrtc-datachannel", "a=sctp-port:6000\r\n",
			"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
			"a=sctp-port:5000\r\n", 6000 },
		{ "UDP/DTLS/SCTP webrtc-datachannel",
			"a=sctpmap:5000 webrtc-datachannel 1024\r\na=sctp-port:5000 \t\r\n",
			"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
			"a=sctp-port:5000\r\n", 5000 },
		{ "TCP/DTLS/SCTP webrtc-datachannel", "a=sctp-port:5000\r\n",
			"m=application 9 TCP/DTLS/SCTP webrtc-datachannel\r\n",
			"a=sctp-port:5000\r\n", 5000 },
		{ "DTLS/SCTP 5001", "a=sctpmap:5001 webrtc-datachannel 1024\r\na=sctp-port:7\r\n",
			"m=application 9 DTLS/SCTP 5000\r\n",
			"a=sctpmap:5000 webrtc-datachannel 16\r\n", 5001 },
		{ "UDP/DTLS/SCTP webrtc-datachannel", "",
			"m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n", NULL, 0 },
		{ "UDP/DTLS/SCTP webrtc-datachannel", "a=sctp-port:0\r\n",
			"m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n", NULL, 0 },
		{ "UDP/DTLS/SCTP webrtc-datachannel", "a=sctp-port:70000\r\n",
			"m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n", NULL, 0 },
		{ "UDP/DTLS/SCTP webrtc-datachannel", "a=sctpmap:5000 webrtc-datachannel 1024\r\n",
			"m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n", NULL, 0 },
		{ "DTLS/SCTP 0", "", "m=application 0 DTLS/SCTP 5000\r\n", NULL, 0 },
		{ "UDP/DTLS/SCTP t38", "a=sctp-port:5000\r\n",
			"m=application 0 UDP/DTLS/SCTP 0\r\n", NULL, 0 },
	};
	(void)state;
	for (unsigned i = 0; i < N_OF(forms); i++) {
		struct exchange x = { 0 };
		char text[1024];
		snprintf(text, sizeof text,
			HEAD GROUP("0 1") AUDIO MUX MID("0")
				CREDS("1") "m=application 9 %s\r\n" MID("1") "%s",
			forms[i].line, forms[i].attributes);
		say(&x, text);
		assert_non_null(strstr(x.text, forms[i].answer));
		assert_int_equal(x.t.sctp_port, forms[i].port);
		if (forms[i].said)
			assert_non_null(strstr(x.text, forms[i].said));
		else
			assert_null(strstr(x.text, "a=sctp"));
		end(&x);
	}
	/* of two m-lines each has its own form, and the one that is taken has its port */
	struct exchange x = { 0 };
	say(&x, HEAD GROUP("1 2") "m=application 0 UDP/DTLS/SCTP "
				  "webrtc-datachannel\r\na=sctp-port:1\r\n" MID(
					  "0") "m=application 9 DTLS/SCTP 6000\r\n" MID("1")
					  CREDS("1") DATA MID("2"));
	assert_non_null(strstr(x.text, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
	assert_non_null(strstr(x.text, "m=application 9 DTLS/SCTP 5000\r\n"));
	assert_int_equal(x.t.sctp_port, 6000);
	end(&x);
}

static void blanks_and_line_ends_change_no_value(void **state)
{
	(void)state;
	answers("v=0 \ro=- 1 1 IN IP4 127.0.0.1\t\rs= \rt=0 0\ra=group:BUNDLE 0 1 \r"
		"m=audio 9 UDP/TLS/RTP/SAVPF 111 \ra=mid:0 \ra=rtcp-mux \ra=rtpmap:111 "
		"opus/48000/2 \t\ra=ice-ufrag:1111 \r"
		"a=ice-pwd:123456789012345678901234 \ra=setup:passive \r"
		"a=fingerprint:sha-256 " FP8("01") ":" FP8("01") ":" FP8("01") ":" FP8(
			"01") " \r"
			      "m=video 0 UDP/TLS/RTP/SAVPF 96\ra=mid:1 \ra=bundle-only "
			      "\ra=rtcp-mux\ra=rtpmap:96 VP8/90000",
		"11", "0 1", "1111");
	struct exchange x = { 0 };
	say(&x, HEAD AUDIO MUX MID("0 ") "a=recvonly \r\r\na=setup:passive \r\n" ICE("1") FP("01"));
	assert_int_equal(x.t.setup, SETUP_PASSIVE);
	assert_int_equal(x.answer->media[0].dir, CARDEA_INACTIVE);
	assert_non_null(strstr(x.text, "a=mid:0\r\n"));
	end(&x);
}

static void lines_without_a_mid_are_called_as_nobody_else(void **state)
{
	struct sdp_transport t;
	struct cardea_desc *d = parse(HEAD GROUP("0 1") AUDIO_AT("0") VIDEO MUX MID("0") CREDS("1")
					      AUDIO MUX MID("3"),
		CARDEA_OFFER, &t);
	(void)state;
	assert_string_equal(d->media[0].mid, "6"); /* 0 and 3 are taken */
	assert_false(d->media[0].has_mid);
	cardea_desc_free(d);
}

static void each_line_has_its_own_mid_extension(void **state)
{
#define EXT(id, name) "a=extmap:" id " urn:ietf:params:rtp-hdrext:" name "\r\n"
	struct exchange x = { 0 };
	(void)state;
	say(&x, HEAD GROUP("0 1") VIDEO MUX MID("0") CREDS("1") EXT("4", "sdes:mid")
			EXT("5", "sdes:rtp-stream-id") VIDEO MUX MID("1") EXT("5", "sdes:mid")
				EXT("4", "sdes:rtp-stream-id"));
	assert_int_equal(x.n.tracks[0].ext[CARDEA_EXT_MID], 4);
	assert_int_equal(x.n.tracks[1].ext[CARDEA_EXT_MID], 5);
	assert_int_equal(x.n.tracks[1].ext[CARDEA_EXT_RID], 4);
	end(&x);
}

static void extensions_go_the_way_that_is_offered(void **state)
{
#define WAY(id, way, name) "a=extmap:" id "/" way " urn:ietf:params:rtp-hdrext:" name "\r\n"
	static const unsigned level = 1u << CARDEA_EXT_AUDIO_LEVEL, mid = 1u << CARDEA_EXT_MID,
			      rid = 1u << CARDEA_EXT_RID;
	struct exchange x = { 0 };
	(void)state;
	say(&x, HEAD GROUP("0 1") WAY("9", "recvonly", "sdes:mid") AUDIO MUX MID("0") CREDS("1") WAY(
			"1", "sendonly", "ssrc-audio-level") WAY("2", "inactive", "toffset")
			WAY("3", "sideways", "toffset") VIDEO MUX MID("1") CREDS("1")
				WAY("4", "sendrecv", "sdes:mid")
					WAY("5", "recvonly", "sdes:rtp-stream-id")
						"a=rid:h send\r\na=rid:l send\r\n"
						"a=simulcast:send h;l\r\n");
	const struct track *a = &x.n.tracks[0], *v = &x.n.tracks[1];
	assert_non_null(strstr(x.text, "a=extmap:1/recvonly urn:ietf:params:rtp-hdrext:ssrc-"));
	assert_non_null(strstr(x.text, "a=extmap:9/sendonly urn:ietf:params:rtp-hdrext:sdes:mid"));
	assert_non_null(strstr(x.text, "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid"));
	assert_non_null(strstr(x.text, "a=extmap:5/sendonly urn:ietf:params:rtp-hdrext:sdes:rtp"));
	assert_null(strstr(x.text, "toffset"));
	assert_int_equal(a->ext_recv_only, level);
	assert_int_equal(a->ext_send_only, mid);
	assert_int_equal(v->ext_recv_only, 0);
	assert_int_equal(v->ext_send_only, rid);
	/* rids that do not come tell no layers apart */
	assert_int_equal(v->n_layers, 0);
	assert_null(strstr(x.text, "a=simulcast"));
	end(&x);
}

/* ---- their answers to our offers ---- */

static int add(struct cardea_desc *d, enum cardea_codec_id id)
{
	return cardea_offer_add(d, &(struct cardea_offered){ .size = sizeof(struct cardea_offered),
					   .kind = id ? cardea_codec_kind(id) : CARDEA_DATA,
					   .dir = CARDEA_SEND,
					   .codec = id });
}

static struct cardea_desc *av_offer(void)
{
	struct cardea_desc *d = cardea_offer_new();
	add(d, CARDEA_OPUS);
	add(d, CARDEA_VP8);
	add(d, CARDEA_CODEC_NONE);
	return d;
}

/* @return "1" or "0" for each track that runs */
static const char *accepted(struct negotiation *n, const char *text, const char *ufrag)
{
	static char live[16];
	struct sdp_transport t;
	struct cardea_desc *answer = parse(text, CARDEA_ANSWER, &t);
	*live = '\0';
	negotiate_hear(n, answer);
	assert_int_equal(negotiate_accept(n, answer, why), OK);
	for (unsigned i = 0; i < n->n_tracks; i++) {
		strcat(live, n->tracks[i].dir ? "1" : "0");
		assert_int_equal(n->tracks[i].dir != 0, !answer->media[i].rejected);
	}
	if (n->tag >= 0)
		sdp_transport_of(answer, (unsigned)n->tag, &t);
	assert_string_equal(t.ufrag, ufrag);
	cardea_desc_free(answer);
	return live;
}

static void takes(const char *text, const char *live, const char *ufrag)
{
	struct negotiation n = { 0 };
	assert_int_equal(negotiate_offer(&n, av_offer(), why), OK);
	assert_string_equal(accepted(&n, text, ufrag), live);
	negotiation_clear(&n);
}

static void an_answer_without_a_group_keeps_its_first_line(void **state)
{
	(void)state;
	takes(HEAD GROUP("0 1 2") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1") DATA MID("2"),
		"111", "1111");
	takes(HEAD AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1") CREDS("2") DATA MID("2")
			CREDS("3"),
		"100", "1111");
	takes(HEAD AUDIO_AT("0") MID("0") VIDEO MUX MID("1") CREDS("2") DATA MID("2") CREDS("3"),
		"010", "2222");
	takes(HEAD GROUP("1 2") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1") CREDS("2")
			DATA MID("2") CREDS("2"),
		"100", "1111");
	takes(HEAD GROUP("0 2") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1") CREDS("2")
			DATA MID("2") CREDS("1"),
		"101", "1111");
	takes(HEAD GROUP("0 2 7") AUDIO MUX MID("0") CREDS("1") VIDEO_AT("0") MUX MID("1")
			DATA MID("2"),
		"101", "1111");
}

static void extensions_go_the_way_that_is_answered(void **state)
{
	struct negotiation n = { 0 };
	struct cardea_desc *d = cardea_offer_new();
	(void)state;
	for (unsigned i = 0; i < 2; i++)
		cardea_offer_add(d, &(struct cardea_offered){ .size = sizeof(struct cardea_offered),
					    .kind = CARDEA_AUDIO,
					    .dir = CARDEA_SEND,
					    .codec = CARDEA_OPUS,
					    .exts = 1u << CARDEA_EXT_MID });
	assert_int_equal(negotiate_offer(&n, d, why), OK);
	accepted(&n,
		HEAD GROUP("0 1") AUDIO MUX MID("0") CREDS("1") WAY("4", "sendonly", "sdes:mid")
			AUDIO MUX MID("1") WAY("4", "recvonly", "sdes:mid"),
		"1111");
	assert_int_equal(n.tracks[0].ext_recv_only, 1u << CARDEA_EXT_MID);
	assert_int_equal(n.tracks[1].ext_send_only, 1u << CARDEA_EXT_MID);
	negotiation_clear(&n);
}

static void the_tagged_line_of_an_answer_may_be_another(void **state)
{
	(void)state;
	takes(HEAD GROUP("1 2") AUDIO_AT("0") MID("0") VIDEO MUX MID("1") CREDS("2") DATA MID("2"),
		"011", "2222");
	takes(HEAD GROUP("2 0 1") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1") DATA MID("2")
			CREDS("3"),
		"111", "3333");
	/* rtcp-mux of the tagged line is that of all */
	takes(HEAD GROUP("0 1 2") AUDIO MUX MID("0") CREDS("1") VIDEO MID("1") CREDS("1")
			DATA MID("2"),
		"111", "1111");
	takes(HEAD GROUP("0 1 2") AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID(
		      "1") "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" MID("2"),
		"110", "1111");
	takes(HEAD AUDIO_AT("0") MID("0") VIDEO_AT("0") "a=bundle-only\r\n" MID(
		      "1") "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n" MID("2"),
		"000", "");
}

static void an_answer_without_rtcp_mux_is_told_from_one_that_rejects_all(void **state)
{
	struct sdp_transport t;
	(void)state;
	cardea_desc_free(parse(
		HEAD GROUP("0 1") AUDIO MID("0") CREDS("1") VIDEO MID("1"), CARDEA_ANSWER, &t));
	assert_true(t.lacks_mux);
	cardea_desc_free(parse(HEAD AUDIO_AT("0") MID("0"), CARDEA_ANSWER, &t));
	assert_false(t.lacks_mux);
	cardea_desc_free(parse(HEAD DATA MID("0") CREDS("1"), CARDEA_ANSWER, &t));
	assert_false(t.lacks_mux);
}

/* ---- our offers ---- */

static void our_offers_bundle_what_comes_after_the_first(void **state)
{
	struct negotiation n = { 0 };
	struct sdp_local l = { .ufrag = "u",
		.pwd = "p",
		.fingerprint = "f",
		.setup = "actpass",
		.address = "192.0.2.1",
		.origin_id = "1",
		.profile = "UDP/TLS/RTP/SAVPF",
		.data_proto = "UDP/DTLS/SCTP",
		.bundle_only = true };
	(void)state;
	assert_int_equal(negotiate_offer(&n, av_offer(), why), OK);
	l.tracks = n.tracks;
	char *text = sdp_print(n.pending, &l);
	assert_non_null(strstr(text, "\r\na=group:BUNDLE 0 1 2\r\n"));
	assert_non_null(strstr(text, "\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"));
	assert_non_null(strstr(text, "\r\nm=video 0 UDP/TLS/RTP/SAVPF 96 97\r\n"));
	assert_non_null(strstr(text, "\r\nm=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
	assert_null(strstr(strstr(text, "a=bundle-only") + 1, "m=audio"));
	free(text);
	/* the peer says that it does not bundle, and has turned the first line down: the next
	 * offers lead with what it has */
	assert_string_equal(accepted(&n,
				    HEAD AUDIO_AT("0") MID("0") VIDEO MUX MID("1")
					    CREDS("2") "m=application 0 UDP/DTLS/SCTP "
						       "webrtc-datachannel\r\n" MID("2"),
				    "2222"),
		"010");
	assert_false(n.bundles);
	assert_int_equal(negotiate_offer(&n, av_offer(), why), OK);
	l.tracks = n.tracks;
	text = sdp_print(n.pending, &l);
	assert_non_null(strstr(text, "\r\na=group:BUNDLE 1 0 2\r\n"));
	assert_non_null(strstr(text, "\r\nm=audio 0 "));
	assert_non_null(strstr(text, "\r\nm=video 9 "));
	free(text);
	assert_string_equal(accepted(&n,
				    HEAD AUDIO MUX MID("0") CREDS("1") VIDEO MUX MID("1") CREDS("2")
					    DATA MID("2") CREDS("3"),
				    "2222"),
		"010");
	negotiation_clear(&n);
}

static void our_offers_mix_forms_of_extensions_only_for_a_long_one(void **state)
{
	struct cardea_desc *d = av_offer();
	struct cardea_offered line = { .size = sizeof line,
		.kind = CARDEA_VIDEO,
		.codec = CARDEA_AV1,
		.dir = CARDEA_SEND,
		.exts = BIT(DEPENDENCY) };
	(void)state;
	assert_false(d->mixed_ext);
	cardea_offer_add(d, &line);
	assert_true(d->mixed_ext);
	cardea_desc_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_group_the_first_line_is_taken),
		cmocka_unit_test(another_line_is_taken_when_the_first_is_turned_down),
		cmocka_unit_test(groups_stay_apart),
		cmocka_unit_test(a_group_may_name_what_is_not_there),
		cmocka_unit_test(the_tagged_line_speaks_for_the_bundle),
		cmocka_unit_test(bundle_only_needs_a_bundle),
		cmocka_unit_test(stopped_lines_are_answered_in_kind),
		cmocka_unit_test(what_runs_keeps_its_transport),
		cmocka_unit_test(rtcp_mux_is_offered_or_there_is_no_line),
		cmocka_unit_test(attributes_are_mirrored_line_by_line),
		cmocka_unit_test(rids_alone_are_answered_alone),
		cmocka_unit_test(data_is_answered_in_its_form),
		cmocka_unit_test(blanks_and_line_ends_change_no_value),
		cmocka_unit_test(lines_without_a_mid_are_called_as_nobody_else),
		cmocka_unit_test(each_line_has_its_own_mid_extension),
		cmocka_unit_test(extensions_go_the_way_that_is_offered),
		cmocka_unit_test(extensions_go_the_way_that_is_answered),
		cmocka_unit_test(an_answer_without_a_group_keeps_its_first_line),
		cmocka_unit_test(the_tagged_line_of_an_answer_may_be_another),
		cmocka_unit_test(an_answer_without_rtcp_mux_is_told_from_one_that_rejects_all),
		cmocka_unit_test(our_offers_mix_forms_of_extensions_only_for_a_long_one),
		cmocka_unit_test(our_offers_bundle_what_comes_after_the_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
