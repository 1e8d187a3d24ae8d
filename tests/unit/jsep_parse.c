/* SPDX-License-Identifier: Apache-2.0 */
/* SDP of clients into structs (core/jsep/sdp_parse.c and what it uses): recorded
 * offers, and mistakes. */
#include "jsep_load.h"

#define HEAD "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define PRINT_256 \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:" \
	"DD:EE:ff"
#define PRINT_1 "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33"
#define CREDS \
	"a=ice-ufrag:abcd\r\na=ice-pwd:abcdabcdabcdabcdabcdabcd\r\na=fingerprint:sha-" \
	"256 " PRINT_256 "\r\na=setup:actpass\r\n"
#define AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
#define VIDEO \
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 " \
	"rtx/90000\r\na=fmtp:97 apt=96\r\n"
#define RID_EXT "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"

static struct sdp_transport t;

static struct cardea_desc *good(const char *text)
{
	return parse(text, CARDEA_OFFER, &t);
}

static void bad(const char *text, const char *reason)
{
	struct cardea_desc *d = NULL;
	char why[160] = "";
	assert_int_equal(sdp_parse(text, CARDEA_OFFER, false, &d, &t, why), ERR_INVALID);
	assert_null(d);
	assert_string_equal(why, reason);
}

static void bad_file(const char *name, const char *reason)
{
	char *text = load(name);
	bad(text, reason);
	free(text);
}

static void refuses_with_the_words_of_the_api(void **state)
{
	(void)state;
	bad_file("bad-line.offer", "Invalid line (2nd char is not '='): xyz");
	bad_file("bad-no-formats.offer",
		"Invalid m= line (no payload types/formats): m=audio 9 UDP/TLS/RTP/SAVPF");
	bad_file("bad-missing-s.offer", "Missing mandatory lines (o=, s= or m=)");
	bad_file("bad-star.offer", "Invalid m= line: m=message 9 TCP/MSRP *");
	bad_file("bad-sha512.offer", "Error processing SDP");
	bad_file("bad-mid-long.offer", "Invalid mid (more than 16 characters): abcdefghijklmnopq");
	bad("", "Invalid SDP (doesn't start with v=)");
	bad("o=- 1 1 IN IP4 0.0.0.0\r\n", "Invalid SDP (doesn't start with v=)");
	bad("v=0\r\n", "Missing mandatory lines (o=, s= or m=)");
	bad(HEAD, "Missing mandatory lines (o=, s= or m=)");
	bad("v=0\r\ns=-\r\n" CREDS AUDIO, "Missing mandatory lines (o=, s= or m=)");
	bad("v=0\r\no=- 1\r\ns=-\r\n", "Invalid o= line: - 1");
	bad(HEAD CREDS "m=audio\r\n", "Invalid m= line: m=audio");
	bad(HEAD CREDS "m=audio x RTP/SAVPF 0\r\n", "Invalid m= line: m=audio x RTP/SAVPF 0");
	bad(HEAD CREDS "m=audio 70000 RTP/SAVPF 0\r\n",
		"Invalid m= line: m=audio 70000 RTP/SAVPF 0");
	bad(HEAD CREDS "m=audio 9 RTP/SAVPF 128\r\n", "Invalid m= line: m=audio 9 RTP/SAVPF 128");
	bad(HEAD CREDS "m=audio 9 RTP/SAVPF opus\r\n", "Invalid m= line: m=audio 9 RTP/SAVPF opus");
	bad(HEAD CREDS AUDIO "a=mid:a\x01"
			     "b\r\n",
		"Invalid line (control character): a=mid:a?b");
	bad(HEAD CREDS AUDIO "a=mid:a b\r\n", "Invalid mid: a b");
	bad(HEAD CREDS AUDIO "a=mid:x\r\n" VIDEO "a=mid:x\r\n",
		"Two m= lines have the same mid: x");
	bad(HEAD CREDS AUDIO "x\xc3\xa9\r\n", "Invalid line (2nd char is not '='): x??");
}

static void refuses_without_credentials_of_the_bundle(void **state)
{
	(void)state;
	bad(HEAD AUDIO, "Error processing SDP");
	/* the second m-line's are not the bundle's */
	bad(HEAD AUDIO VIDEO CREDS, "Error processing SDP");
	bad(HEAD "a=ice-ufrag:abcd\r\na=fingerprint:sha-256 " PRINT_256 "\r\n" AUDIO,
		"Error processing SDP");
	bad(HEAD "a=ice-ufrag:abcd\r\na=ice-pwd:abcdabcdabcdabcdabcdabcd\r\n" AUDIO,
		"Error processing SDP");
	bad(HEAD CREDS "m=text 9 RTP/AVP 98\r\na=fingerprint:sha-1 " PRINT_1 "\r\nm=",
		"Invalid m= line: m=");
}

static void refuses_what_is_out_of_bounds(void **state)
{
	size_t size = 300 * 1024, at;
	char *text = malloc(size);
	(void)state;
	assert_non_null(text);
	at = (size_t)sprintf(text, HEAD CREDS AUDIO "a=x:");
	memset(text + at, 'x', size - at);
	text[256 * 1024] = '\0';
	cardea_desc_free(good(text)); /* one line of a quarter of a MiB */
	text[256 * 1024] = 'x';
	text[size - 1] = '\0';
	bad(text, "SDP too long (at most 262144 bytes)");
	at = (size_t)sprintf(text, HEAD CREDS);
	for (int i = 0; i < 256; i++)
		at += (size_t)sprintf(text + at, AUDIO);
	struct cardea_desc *d = good(text);
	assert_int_equal(d->n_media, 256);
	cardea_desc_free(d);
	sprintf(text + at, AUDIO);
	bad(text, "Too many m= lines (at most 256)");
	free(text);
}

static void passes_over_more_payload_types_than_it_keeps(void **state)
{
	char text[8192];
	size_t at = (size_t)sprintf(text, HEAD CREDS "m=video 9 UDP/TLS/RTP/SAVPF");
	(void)state;
	for (int i = 0; i < 128; i++)
		at += (size_t)sprintf(text + at, " %d 5", i);
	at += (size_t)sprintf(text + at, "\r\n");
	for (int i = 0; i < 128; i++)
		at += (size_t)sprintf(text + at, "a=rtpmap:%d VP8/90000\r\n", i);
	struct cardea_desc *d = good(text);
	assert_int_equal(d->media[0].n_codecs, 64);
	assert_int_equal(d->media[0].codecs[63].pt, 63);
	cardea_desc_free(d);
}

static void reads_an_offer_of_chrome(void **state)
{
	struct cardea_desc *d = parse_file("chrome-av-data.offer", CARDEA_OFFER, &t);
	const struct cardea_media *a = &d->media[0], *v = &d->media[1], *data = &d->media[2];
	(void)state;
	assert_int_equal(d->type, CARDEA_OFFER);
	assert_int_equal(d->n_media, 3);
	assert_int_equal(a->kind, CARDEA_AUDIO);
	assert_string_equal(a->stream, "-");
	assert_string_equal(a->track, "b3e60781-34f2-4366-8234-9e639a6a3d44");
	assert_int_equal(a->ssrc[0], 2227307831u);
	assert_string_equal(a->codecs[0].name, "opus");
	assert_string_equal(a->codecs[0].fmtp, "minptime=10;useinbandfec=1");
	assert_int_equal(a->codecs[0].channels, 2);
	assert_int_equal(a->codecs[0].feedback, CARDEA_FB_TWCC);
	assert_int_equal(a->ext[CARDEA_EXT_AUDIO_LEVEL], 1);
	assert_int_equal(v->n_codecs, 4); /* VP8, AV1, VP9 twice: red, ulpfec and rtx are gone */
	assert_int_equal(v->codecs[1].id, CARDEA_AV1);
	assert_int_equal(v->codecs[1].rtx_pt, 40);
	assert_int_equal(v->codecs[3].rtx_pt, 101);
	assert_int_equal(v->codecs[0].feedback, ALL_FEEDBACK);
	assert_int_equal(v->ext[CARDEA_EXT_TOFFSET], 14);
	assert_int_equal(v->ssrc[0], 3962353584u);
	assert_int_equal(v->rtx_ssrc[0], 926621643u);
	assert_int_equal(v->n_layers, 0);
	assert_int_equal(data->kind, CARDEA_DATA);
	assert_int_equal(data->dir, CARDEA_SENDRECV);
	assert_string_equal(t.ufrag, "Xy6u");
	assert_string_equal(t.pwd, "9i8s3gWmgaLg2J7euh1n+gve");
	assert_int_equal(t.fingerprints.n, 1);
	assert_int_equal(t.fingerprints.len, 32);
	assert_int_equal(t.fingerprints.bytes[0], 0xb9);
	assert_int_equal(t.setup, SETUP_ACTPASS);
	assert_int_equal(a->group, 1);
	assert_int_equal(data->group, 1);
	assert_int_equal(data->group_place, 2);
	assert_true(a->rtcp_mux && v->rtcp_rsize && d->mixed_ext);
	assert_false(a->rtcp_rsize || a->mixed_ext || data->old_sctpmap);
	assert_false(t.has_candidates || t.ice_lite || t.firefox || t.old_sctpmap);
	assert_string_equal(t.profile, "UDP/TLS/RTP/SAVPF");
	assert_string_equal(t.data_proto, "UDP/DTLS/SCTP");
	assert_string_equal(t.origin_id, "1602281447920551913");
	assert_int_equal(t.origin_version, 2);
	cardea_desc_free(d);
}

static void media_level_goes_before_session_level(void **state)
{
	struct cardea_desc *d = good(
		HEAD CREDS "a=recvonly\r\na=extmap:4 "
			   "urn:ietf:params:rtp-hdrext:sdes:mid\r\na=ice-lite\r\n" AUDIO
			   "a=ice-ufrag:other\r\na=ice-pwd:otherotherotherother\r\na=setup:"
			   "passive\r\na=fingerprint:sha-1 " PRINT_1 "\r\n" VIDEO "a=sendonly\r\n");
	(void)state;
	assert_string_equal(t.ufrag, "other");
	assert_int_equal(t.setup, SETUP_PASSIVE);
	assert_int_equal(t.fingerprints.n, 1);
	assert_int_equal(t.fingerprints.len, 20);
	assert_true(t.ice_lite);
	assert_int_equal(d->media[0].dir, CARDEA_SEND);
	assert_int_equal(d->media[1].dir, CARDEA_RECV);
	assert_int_equal(d->media[1].ext[CARDEA_EXT_MID], 4);
	cardea_desc_free(d);
	d = good(HEAD CREDS AUDIO
		"a=fingerprint:sha-1 " PRINT_1 "\r\na=fingerprint:SHA-256 " PRINT_256 "\r\n"
		"a=fingerprint:sha-1 " PRINT_1 "\r\na=fingerprint:sha-512 " PRINT_256 "\r\n");
	assert_int_equal(t.fingerprints.n, 1);
	assert_int_equal(t.fingerprints.len, 32);
	cardea_desc_free(d);
}

/* RFC 8122, 5.1: all of the strongest function count, whatever stands between them; if they are too
 * many, none is left out in silence. */
static void all_fingerprints_of_one_function_count(void **state)
{
	char text[8192] = HEAD CREDS, digits[3 * 64 + 1];
	uint8_t digest[64];
	(void)state;
	for (unsigned i = 0; i < 7; i++) {
		for (unsigned k = 0; k < 64; k++)
			sprintf(digits + 3 * k, "%02X:", i);
		digits[3 * 32 - 1] = '\0';
		sprintf(text + strlen(text), "a=fingerprint:SHA-256 %s\r\n", digits);
		strcat(text,
			"a=fingerprint:sha-1 " PRINT_1 "\r\na=fingerprint:md5 " PRINT_1 "\r\n");
	}
	size_t len = strlen(text);
	struct cardea_desc *d = good(strcat(text, AUDIO));
	assert_int_equal(t.fingerprints.len, 32);
	assert_int_equal(t.fingerprints.n, 8); /* with that of the session */
	for (unsigned i = 0; i < 7; i++) {
		memset(digest, (int)i, sizeof digest);
		assert_true(fingerprints_have(&t.fingerprints, digest, 32));
	}
	assert_false(fingerprints_have(&t.fingerprints, digest, 20));
	cardea_desc_free(d);
	sprintf(text + len, "a=fingerprint:sha-256 07%s\r\n" AUDIO, digits + 2);
	bad(text, "Too many a=fingerprint lines");
	len = strlen(text) - strlen(AUDIO);
	digits[3 * 32 - 1] = ':';
	digits[3 * 64 - 1] = '\0';
	sprintf(text + len, "a=fingerprint:sha-512 %s\r\n" AUDIO, digits);
	d = good(text);
	assert_int_equal(t.fingerprints.len, 64);
	assert_int_equal(t.fingerprints.n, 1);
	cardea_desc_free(d);
}

static void port_zero_means_rejected(void **state)
{
	struct cardea_desc *d = parse_file("port-zero.offer", CARDEA_OFFER, &t);
	(void)state;
	assert_true(d->media[0].rejected); /* the first one, too, though the group names it */
	assert_true(d->media[1].rejected); /* bundle-only, and no address in its bundle */
	assert_string_equal(t.ufrag, "");
	cardea_desc_free(d);
	d = parse_file("rejected.offer", CARDEA_OFFER, &t);
	assert_true(d->media[1].rejected);
	assert_int_equal(d->media[1].dir, CARDEA_INACTIVE);
	cardea_desc_free(d);
	/* A first m-line that was stopped has left the bundle, and the next one carries the
	 * credentials. */
	d = good(HEAD "a=group:BUNDLE 1\r\nm=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n" VIDEO
		      "a=mid:1\r\n" CREDS);
	assert_true(d->media[0].rejected);
	assert_false(d->media[1].rejected);
	assert_string_equal(t.ufrag, "abcd");
	cardea_desc_free(d);
}

static void knows_data_of_both_forms_and_other_kinds(void **state)
{
	struct cardea_desc *d = parse_file("old-data.offer", CARDEA_OFFER, &t);
	(void)state;
	assert_true(t.old_sctpmap);
	assert_string_equal(t.data_proto, "DTLS/SCTP");
	cardea_desc_free(d);
	d = good(HEAD CREDS "m=text 9 RTP/AVP 98\r\na=rtpmap:98 t140/1000\r\nm=application 9 "
			    "UDP/BFCP 1\r\nm=audio 9 TCP/XYZ 1\r\n");
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(d->media[i].kind, CARDEA_OTHER);
	assert_string_equal(d->media[0].type, "text");
	assert_string_equal(d->media[0].proto, "RTP/AVP");
	assert_string_equal(t.profile, "");
	cardea_desc_free(d);
}

static void other_kinds_are_rejected_in_kind(void **state)
{
	struct negotiation n = { 0 };
	char why[160];
	struct cardea_desc *d = good(HEAD CREDS
				   "a=group:BUNDLE t a\r\nm=text 9 RTP/AVP 98\r\na=mid:t\r\n" AUDIO
				   "a=mid:a\r\n"),
			   *a = answer_to(d, CARDEA_SENDRECV);
	(void)state;
	assert_int_equal(negotiate_answer(&n, d, a, why), OK);
	char *text = print(a, &t, &n);
	assert_non_null(strstr(text, "m=text 0 RTP/AVP 0\r\nc=IN IP4 "
				     "127.0.0.1\r\na=inactive\r\na=mid:t\r\na=ice-ufrag:"));
	assert_non_null(strstr(text, "a=group:BUNDLE a\r\n"));
	free(text);
	cardea_desc_free(a);
	cardea_desc_free(d);
	negotiation_clear(&n);
}

static void notes_candidates_and_firefox(void **state)
{
	cardea_desc_free(parse_file("candidates.offer", CARDEA_OFFER, &t));
	(void)state;
	assert_true(t.has_candidates);
	cardea_desc_free(
		good("v=0\r\no=mozilla...THIS_IS_SDPARTA-99.0 123 0 IN IP4 0.0.0.0\r\ns=-\r\n" CREDS
				AUDIO));
	assert_true(t.firefox);
	assert_string_equal(t.origin_id, "123");
}

static void passes_over_odd_attributes(void **state)
{
	char text[4096], fmtp[600];
	(void)state;
	memset(fmtp, 'p', sizeof fmtp);
	memcpy(fmtp, "a=1;b=2;c=", 10);
	fmtp[sizeof fmtp - 1] = '\0';
	snprintf(text, sizeof text,
		HEAD CREDS
		"m=video 9/2 UDP/TLS/RTP/SAVPF 96 97 98 99\r\na=rtpmap:96 vp8/90000\r\n"
		"a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=100\r\na=rtpmap:98 VP8\r\na=rtpmap:99 "
		"averyveryverylongcodecname/90000\r\n"
		"a=rtpmap:300 VP8/90000\r\na=rtpmap:\r\na=fmtp:96 %s\r\na=rtcp-fb:* "
		"nack\r\na=rtcp-fb:96 nack sli\r\na=rtcp-fb:\r\n"
		"a=extmap:0 urn:3gpp:video-orientation\r\na=extmap:15 "
		"urn:3gpp:video-orientation\r\na=extmap:\r\n"
		"a=extmap:3/recvonly urn:ietf:params:rtp-hdrext:toffset\r\na=extmap:3 "
		"urn:3gpp:video-orientation\r\n"
		"a=extmap:4/inactive urn:ietf:params:rtp-hdrext:sdes:mid\r\na=ssrc:99999999999 "
		"cname:x\r\na=ssrc-group:SIM 1\r\n"
		"a=ssrc-group:FID "
		"5\r\na=ssrc-group:\r\na=msid:\r\na=mid:\r\na=rid:\r\na=simulcast:\r\na=\r\n",
		fmtp);
	struct cardea_desc *d = good(text);
	const struct cardea_media *m = d->media;
	assert_int_equal(m->n_codecs, 1);
	assert_int_equal(m->codecs[0].id, CARDEA_VP8);
	assert_int_equal(m->codecs[0].rtx_pt, 0);
	assert_int_equal(m->codecs[0].feedback, CARDEA_FB_NACK);
	assert_string_equal(m->codecs[0].fmtp, "a=1;b=2");
	assert_int_equal(m->ext[CARDEA_EXT_TOFFSET], 3);
	assert_int_equal(m->ext[CARDEA_EXT_ORIENTATION], 0);
	assert_int_equal(m->ext[CARDEA_EXT_MID], 0);
	assert_int_equal(m->ssrc[0], 0);
	assert_int_equal(m->n_layers, 0);
	assert_false(m->has_mid);
	assert_string_equal(m->mid, "0");
	cardea_desc_free(d);
}

static void orders_layers_by_the_simulcast_line(void **state)
{
	struct cardea_desc *d = good(HEAD CREDS VIDEO RID_EXT
		"a=rid:l send\r\na=rid:m send pt=96\r\na=rid:h send\r\na=rid:r recv\r\n"
		"a=simulcast:recv r send h,x;~m;z;l;q\r\n");
	(void)state;
	assert_int_equal(d->media[0].n_layers, 3);
	assert_string_equal(d->media[0].rids[0], "l");
	assert_string_equal(d->media[0].rids[1], "m");
	assert_string_equal(d->media[0].rids[2], "h");
	assert_int_equal(d->media[0].rids_paused, 2);
	cardea_desc_free(d);
	/* no a=simulcast at all */
	d = good(HEAD CREDS VIDEO RID_EXT "a=rid:h send\r\na=rid:l send\r\na=ssrc:77 cname:x\r\n");
	assert_int_equal(d->media[0].n_layers, 2);
	assert_string_equal(d->media[0].rids[0], "l");
	assert_int_equal(d->media[0].ssrc[0], 0);
	cardea_desc_free(d);
	/* no extension */
	d = good(HEAD CREDS VIDEO "a=rid:h send\r\na=rid:l send\r\na=simulcast:send h;l\r\n");
	assert_int_equal(d->media[0].n_layers, 0);
	cardea_desc_free(d);
}

static void static_payload_types_need_no_rtpmap(void **state)
{
	struct cardea_desc *d = good(HEAD CREDS "m=audio 9 UDP/TLS/RTP/SAVPF 13 0 8 9 98\r\n");
	(void)state;
	assert_int_equal(d->media[0].n_codecs, 3);
	assert_int_equal(d->media[0].codecs[0].id, CARDEA_PCMU);
	assert_int_equal(d->media[0].codecs[1].id, CARDEA_PCMA);
	assert_int_equal(d->media[0].codecs[2].id, CARDEA_G722);
	assert_int_equal(d->media[0].codecs[2].clock_hz, 8000);
	cardea_desc_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_with_the_words_of_the_api),
		cmocka_unit_test(refuses_without_credentials_of_the_bundle),
		cmocka_unit_test(refuses_what_is_out_of_bounds),
		cmocka_unit_test(passes_over_more_payload_types_than_it_keeps),
		cmocka_unit_test(reads_an_offer_of_chrome),
		cmocka_unit_test(media_level_goes_before_session_level),
		cmocka_unit_test(all_fingerprints_of_one_function_count),
		cmocka_unit_test(port_zero_means_rejected),
		cmocka_unit_test(knows_data_of_both_forms_and_other_kinds),
		cmocka_unit_test(other_kinds_are_rejected_in_kind),
		cmocka_unit_test(notes_candidates_and_firefox),
		cmocka_unit_test(passes_over_odd_attributes),
		cmocka_unit_test(orders_layers_by_the_simulcast_line),
		cmocka_unit_test(static_payload_types_need_no_rtpmap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
