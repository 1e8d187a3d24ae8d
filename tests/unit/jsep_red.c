/* SPDX-License-Identifier: Apache-2.0 */
/* Redundant audio (RFC 2198) in descriptions. */
#include "jsep_load.h"

static char why[160];

#define HEAD \
	"v=0\r\no=- 1 1 IN IP4 " \
	"0.0.0.0\r\ns=-\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdabcdabcdabcdabcdabcd\r\na=setup:" \
	"active\r\n" \
	"a=fingerprint:sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33\r\n"
#define AUDIO(formats) \
	HEAD "m=audio 9 UDP/TLS/RTP/SAVPF " formats \
	     "\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\n"
#define RED(fmtp) "a=rtpmap:63 red/48000/2\r\na=fmtp:63 " fmtp "\r\n"

static struct cardea_desc *offered(const char *text)
{
	struct sdp_transport t;
	return parse(text, CARDEA_OFFER, &t);
}

static struct cardea_desc *accepted(const struct cardea_desc *offer, enum cardea_dir dir, bool red)
{
	struct cardea_desc *a = cardea_answer_new(offer);
	int codec = cardea_pick(&offer->media[0], CARDEA_OPUS, NULL);
	cardea_accept(a, offer, 0,
		&(struct cardea_accept){ .size = sizeof(struct cardea_accept),
			.dir = dir,
			.codec = codec,
			.red = red });
	return a;
}

static void is_folded_into_what_it_carries(void **state)
{
	(void)state;
	struct sdp_transport t;
	struct cardea_desc *d = parse_file("chrome-publish.offer", CARDEA_OFFER, &t);
	int opus = cardea_pick(&d->media[0], CARDEA_OPUS, NULL);
	assert_int_equal(d->media[0].codecs[opus].pt, 111);
	assert_int_equal(d->media[0].codecs[opus].red_pt, 63);
	assert_false(d->media[0].red_first);
	for (unsigned i = 0; i < d->media[0].n_codecs; i++)
		assert_string_not_equal(d->media[0].codecs[i].name, "red");
	cardea_desc_free(d);
	d = offered(AUDIO("63 111") RED("111/111/111"));
	assert_int_equal(d->media[0].n_codecs, 1);
	assert_int_equal(d->media[0].codecs[0].red_pt, 63);
	assert_true(d->media[0].red_first);
	cardea_desc_free(d);
}

static void what_it_carries_must_be_clear(void **state)
{
	static const char *const bad[] = {
		AUDIO("111 63 0") RED("111/0"),
		AUDIO("111 63") RED("112/112"), /* not there */
		AUDIO("111 63") RED("63/63"),
		AUDIO("111 63") RED("111/"),
		AUDIO("111 63") RED("/111"),
		AUDIO("111 63") RED("111/111;x=1"),
		AUDIO("111 63") RED("367/367"),
		AUDIO("111 63") "a=rtpmap:63 red/48000/2\r\n",
		AUDIO("111 63") "a=rtpmap:63 red/8000/2\r\na=fmtp:63 111/111\r\n",
		AUDIO("111 63") "a=rtpmap:63 red/48000\r\na=fmtp:63 111/111\r\n",
	};
	(void)state;
	for (unsigned i = 0; i < N_OF(bad); i++) {
		struct cardea_desc *d = offered(bad[i]);
		assert_int_equal(d->media[0].codecs[0].id, CARDEA_OPUS);
		assert_int_equal(d->media[0].codecs[0].red_pt, 0);
		cardea_desc_free(d);
	}
}

/* Chromium sends what comes first in the answer. */
static void an_answer_that_takes_it_puts_it_first(void **state)
{
	struct cardea_desc *offer = offered(AUDIO("111 63 0") RED("111/111")), *answer;
	struct negotiation n = { 0 };
	char *text;
	(void)state;
	answer = accepted(offer, CARDEA_SENDRECV, true);
	assert_int_equal(negotiate_answer(&n, offer, answer, why), OK);
	assert_int_equal(n.tracks[0].pt, 111);
	assert_int_equal(n.tracks[0].red_pt, 63);
	text = print(answer, &(struct sdp_transport){ 0 }, &n);
	assert_non_null(strstr(text, "m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n"));
	assert_non_null(strstr(text, "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"));
	free(text);
	cardea_desc_free(answer);
	answer = accepted(offer, CARDEA_SENDRECV, false);
	assert_int_equal(negotiate_answer(&n, offer, answer, why), OK);
	assert_int_equal(n.tracks[0].red_pt, 0);
	text = print(answer, &(struct sdp_transport){ 0 }, &n);
	assert_non_null(strstr(text, "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"));
	assert_null(strstr(text, "red/"));
	free(text);
	cardea_desc_free(answer);
	offer->e2ee = true; /* nobody could take it apart */
	answer = accepted(offer, CARDEA_SENDRECV, true);
	assert_int_equal(answer->media[0].codecs[0].red_pt, 0);
	cardea_desc_free(answer);
	cardea_desc_free(offer);
	negotiation_clear(&n);
}

static void add(struct cardea_desc *d, enum cardea_dir dir, enum cardea_codec_id id,
	const char *fmtp, bool red)
{
	assert_true(
		cardea_offer_add(d, &(struct cardea_offered){ .size = sizeof(struct cardea_offered),
					    .kind = cardea_codec_kind(id),
					    .dir = dir,
					    .codec = id,
					    .fmtp = fmtp,
					    .red = red }) >= 0);
}

static void our_offers_have_it_as_120(void **state)
{
	struct negotiation n = { 0 };
	struct cardea_desc *d = cardea_offer_new();
	(void)state;
	add(d, CARDEA_SEND, CARDEA_OPUS, "stereo=1", false);
	add(d, CARDEA_SEND, CARDEA_OPUS, "stereo=1", true);
	add(d, CARDEA_SEND, CARDEA_OPUS, "stereo=1", true);
	add(d, CARDEA_SEND, CARDEA_OPUS, NULL, true);
	add(d, CARDEA_SEND, CARDEA_VP8, NULL, true);
	const struct cardea_media *m = d->media;
	assert_int_equal(m[0].codecs[0].red_pt, 0);
	assert_int_equal(m[1].codecs[0].pt, 111);
	assert_int_equal(m[1].codecs[0].red_pt, 120);
	assert_int_equal(m[2].codecs[0].red_pt, 120);
	assert_int_not_equal(m[3].codecs[0].pt, 111);
	assert_int_not_equal(m[3].codecs[0].pt, 120);
	assert_int_not_equal(m[3].codecs[0].red_pt, 0);
	assert_int_not_equal(m[3].codecs[0].red_pt, 120);
	assert_int_equal(m[4].codecs[0].red_pt, 0);
	assert_int_equal(negotiate_offer(&n, d, why), OK);
	char *text = print(d, &(struct sdp_transport){ 0 }, &n);
	/* clients that know it not may look at the first alone */
	assert_non_null(strstr(text, "m=audio 9 UDP/TLS/RTP/SAVPF 111 120\r\n"));
	assert_non_null(strstr(text, "a=rtpmap:120 red/48000/2\r\na=fmtp:120 111/111\r\n"));
	free(text);
	negotiation_clear(&n);
}

static struct track answered(enum cardea_dir dir, bool red, const char *text)
{
	struct negotiation n = { 0 };
	struct sdp_transport t;
	struct cardea_desc *d = cardea_offer_new(), *answer = parse(text, CARDEA_ANSWER, &t);
	add(d, dir, CARDEA_OPUS, NULL, red);
	assert_int_equal(negotiate_offer(&n, d, why), OK);
	assert_int_equal(negotiate_accept(&n, answer, why), OK);
	struct track got = n.tracks[0];
	cardea_desc_free(answer);
	negotiation_clear(&n);
	return got;
}

static void who_turns_it_down_gets_plain_audio(void **state)
{
	static const char with[] = AUDIO("63 111") RED("111/111"), without[] = AUDIO("111");
	(void)state;
	assert_int_equal(answered(CARDEA_SEND, true, with).red_pt, 63); /* the peer's number */
	assert_int_equal(answered(CARDEA_RECV, true, with).red_pt, 120);
	assert_int_equal(answered(CARDEA_SEND, true, without).red_pt, 0);
	assert_int_equal(answered(CARDEA_SEND, false, with).red_pt, 0); /* never offered */
}

/* Plugins built before there was such a member do not mean it. */
static void older_plugins_do_not_take_it(void **state)
{
	struct cardea_desc *offer = offered(AUDIO("63 111") RED("111/111")),
			   *a = cardea_answer_new(offer);
	struct cardea_accept how = {
		.size = offsetof(struct cardea_accept, red), .dir = CARDEA_SENDRECV, .red = true
	};
	struct cardea_offered line = { .size = offsetof(struct cardea_offered, red),
		.kind = CARDEA_AUDIO,
		.dir = CARDEA_SEND,
		.codec = CARDEA_OPUS,
		.red = true };
	struct cardea_desc *d = cardea_offer_new();
	(void)state;
	cardea_accept(a, offer, 0, &how);
	assert_int_equal(a->media[0].codecs[0].red_pt, 0);
	cardea_offer_add(d, &line);
	assert_int_equal(d->media[0].codecs[0].red_pt, 0);
	cardea_desc_free(d);
	cardea_desc_free(a);
	cardea_desc_free(offer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_folded_into_what_it_carries),
		cmocka_unit_test(what_it_carries_must_be_clear),
		cmocka_unit_test(an_answer_that_takes_it_puts_it_first),
		cmocka_unit_test(our_offers_have_it_as_120),
		cmocka_unit_test(who_turns_it_down_gets_plain_audio),
		cmocka_unit_test(older_plugins_do_not_take_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
