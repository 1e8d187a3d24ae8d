/* SPDX-License-Identifier: Apache-2.0 */
/* Offer and answer of one PeerConnection (core/jsep/negotiate.c): which tracks and SSRCs come of
 * them. */
#include "jsep_load.h"

static char why[160];

/* A client's offer from a file, answered and applied. */
static struct sdp_transport offered(struct negotiation *n, const char *file, enum cardea_dir dir)
{
	struct sdp_transport t;
	struct cardea_desc *offer = parse_file(file, CARDEA_OFFER, &t),
			   *answer = answer_to(offer, dir);
	if (negotiate_answer(n, offer, answer, why))
		fail_msg("%s: %s", file, why);
	cardea_desc_free(offer);
	cardea_desc_free(answer);
	return t;
}

static int add(struct cardea_desc *d, enum cardea_codec_id id, enum cardea_dir dir, const char *mid)
{
	return cardea_offer_add(d, &(struct cardea_offered){ .size = sizeof(struct cardea_offered),
					   .kind = id ? cardea_codec_kind(id) : CARDEA_DATA,
					   .dir = dir,
					   .codec = id,
					   .mid = mid,
					   .exts = ECHO_EXTS | BIT(ABS_SEND_TIME),
					   .feedback = ALL_FEEDBACK });
}

/* Opus and VP8 for each of @p n feeds, as a room offers them. */
static struct cardea_desc *feeds(unsigned n, enum cardea_dir dir, bool data)
{
	struct cardea_desc *d = cardea_offer_new();
	for (unsigned i = 0; i < n; i++) {
		add(d, CARDEA_OPUS, dir, NULL);
		add(d, CARDEA_VP8, dir, NULL);
	}
	if (data)
		add(d, CARDEA_CODEC_NONE, CARDEA_SENDRECV, NULL);
	return d;
}

static enum err answered(struct negotiation *n, const char *file)
{
	struct sdp_transport t;
	struct cardea_desc *answer = parse_file(file, CARDEA_ANSWER, &t);
	enum err e = negotiate_accept(n, answer, why);
	cardea_desc_free(answer);
	return e;
}

static void gives_ssrcs_that_differ(void **state)
{
	struct negotiation n = { 0 };
	uint32_t all[256];
	unsigned count = 0;
	(void)state;
	assert_int_equal(negotiate_offer(&n, feeds(64, CARDEA_SENDRECV, true), why), OK);
	for (unsigned i = 0; i < n.n_tracks - 1; i++) {
		all[count++] = n.tracks[i].out_ssrc;
		if (i % 2)
			all[count++] = n.tracks[i].out_rtx_ssrc;
		else
			assert_int_equal(n.tracks[i].out_rtx_ssrc, 0);
	}
	assert_int_equal(n.tracks[128].out_ssrc, 0); /* data */
	for (unsigned i = 0; i < count; i++) {
		assert_int_not_equal(all[i], 0);
		for (unsigned k = 0; k < i; k++)
			assert_int_not_equal(all[i], all[k]);
	}
	negotiation_clear(&n);
}

static void fixes_the_tracks_of_an_answered_offer(void **state)
{
	struct negotiation n = { 0 };
	(void)state;
	offered(&n, "chrome-av-data.offer", CARDEA_SENDRECV);
	const struct track *a = &n.tracks[0], *v = &n.tracks[1], *d = &n.tracks[2];
	assert_int_equal(n.n_tracks, 3);
	assert_int_equal(a->codec, CARDEA_OPUS);
	assert_int_equal(a->pt, 111);
	assert_int_equal(a->clock_hz, 48000);
	assert_int_equal(a->channels, 2);
	assert_int_equal(a->dir, CARDEA_SENDRECV);
	assert_int_equal(a->ssrc[0], 2227307831u);
	assert_int_equal(a->ext[CARDEA_EXT_AUDIO_LEVEL], 1);
	assert_int_equal(a->ext[CARDEA_EXT_ABS_SEND_TIME], 0);
	assert_int_equal(v->mindex, 1);
	assert_string_equal(v->mid, "1");
	assert_int_equal(v->rtx_pt, 97);
	assert_int_equal(v->feedback, ALL_FEEDBACK);
	assert_int_equal(v->rtx_ssrc[0], 926621643u);
	assert_int_not_equal(v->out_ssrc, 0);
	assert_int_not_equal(v->out_rtx_ssrc, 0);
	assert_int_equal(d->kind, CARDEA_DATA);
	assert_int_equal(d->dir, CARDEA_SENDRECV);
	negotiation_clear(&n);
}

static void receiving_only_takes_no_ssrc(void **state)
{
	struct negotiation n = { 0 };
	(void)state;
	offered(&n, "chrome-publish.offer", CARDEA_RECV);
	assert_int_equal(n.tracks[0].dir, CARDEA_RECV);
	assert_int_equal(n.tracks[0].out_ssrc, 0);
	negotiation_clear(&n);
}

static void keeps_ssrcs_while_it_sends(void **state)
{
	struct negotiation n = { 0 };
	struct sdp_transport one, two, three;
	(void)state;
	one = offered(&n, "renegotiation-1.offer", CARDEA_SENDRECV);
	uint32_t audio = n.tracks[0].out_ssrc;
	assert_int_equal(n.n_tracks, 1);
	two = offered(&n, "renegotiation-2.offer", CARDEA_SENDRECV);
	uint32_t video = n.tracks[1].out_ssrc;
	assert_int_equal(n.n_tracks, 2);
	assert_int_equal(n.tracks[0].out_ssrc, audio);
	three = offered(&n, "renegotiation-3.offer", CARDEA_SENDRECV);
	assert_int_equal(n.tracks[0].out_ssrc, audio);
	assert_int_equal(n.tracks[1].out_ssrc, video);
	assert_false(negotiate_is_restart(&one, &two));
	assert_true(negotiate_is_restart(&two, &three));
	assert_false(negotiate_is_restart(&(struct sdp_transport){ 0 }, &one));
	negotiation_clear(&n);
	offered(&n, "direction-1.offer", CARDEA_SENDRECV);
	audio = n.tracks[0].out_ssrc;
	offered(&n, "direction-2.offer", CARDEA_SENDRECV);
	assert_int_equal(n.tracks[0].dir, CARDEA_INACTIVE);
	assert_int_equal(n.tracks[0].ssrc[0], 0);
	offered(&n, "direction-1.offer", CARDEA_SENDRECV);
	assert_int_equal(n.tracks[0].dir, CARDEA_SENDRECV);
	assert_int_not_equal(n.tracks[0].out_ssrc, 0);
	assert_int_not_equal(n.tracks[0].out_ssrc, audio); /* it was let go of in between */
	negotiation_clear(&n);
}

static void refuses_what_does_not_fit_and_changes_nothing(void **state)
{
	struct negotiation n = { 0 };
	struct sdp_transport t;
	struct cardea_desc *two = parse_file("renegotiation-2.offer", CARDEA_OFFER, &t),
			   *one = parse_file("renegotiation-1.offer", CARDEA_OFFER, &t),
			   *a2 = answer_to(two, CARDEA_SENDRECV),
			   *a1 = answer_to(one, CARDEA_SENDRECV);
	(void)state;
	assert_int_equal(negotiate_answer(&n, two, a1, why), ERR_INVALID);
	assert_string_equal(why, "The answer has 1 m-lines, the offer 2");
	a2->media[1].codecs[0].pt = 95;
	assert_int_equal(negotiate_answer(&n, two, a2, why), ERR_INVALID);
	assert_string_equal(why, "The answer accepts m-line 1 with something that was not offered");
	a2->media[1].codecs[0].pt = 96;
	a2->media[1].kind = CARDEA_AUDIO;
	assert_int_equal(negotiate_answer(&n, two, a2, why), ERR_INVALID);
	assert_string_equal(why, "The answer has another kind of m-line 1 than the offer");
	a2->media[1].kind = CARDEA_VIDEO;
	assert_int_equal(n.n_tracks, 0);
	assert_int_equal(negotiate_answer(&n, two, a2, why), OK);
	assert_int_equal(negotiate_answer(&n, one, a1, why), ERR_INVALID);
	assert_string_equal(why, "m-lines may not go away (there were 2, now 1)");
	assert_int_equal(negotiate_offer(&n, feeds(0, CARDEA_SEND, true), why), ERR_INVALID);
	assert_int_equal(n.n_tracks, 2);
	assert_int_equal(n.tracks[1].dir, CARDEA_SENDRECV);
	negotiation_clear(&n);
	assert_int_equal(negotiate_offer(&n, cardea_offer_new(), why), ERR_INVALID);
	assert_string_equal(why, "An offer needs an m-line");
	assert_int_equal(negotiate_accept(&n, a1, why), ERR_STATE);
	cardea_desc_free(one);
	cardea_desc_free(two);
	cardea_desc_free(a1);
	cardea_desc_free(a2);
}

static void offers_and_takes_the_answer_of_chrome(void **state)
{
	struct negotiation n = { 0 };
	(void)state;
	assert_int_equal(negotiate_offer(&n, feeds(1, CARDEA_SEND, false), why), OK);
	assert_int_equal(n.version, 1);
	assert_int_equal(n.tracks[1].dir, CARDEA_INACTIVE); /* nothing runs before the answer */
	uint32_t video = n.tracks[1].out_ssrc, rtx = n.tracks[1].out_rtx_ssrc;
	char id[32];
	memcpy(id, n.origin_id, sizeof id);
	char *text = print(n.pending, &(struct sdp_transport){ 0 }, &n), line[64];
	assert_non_null(strstr(text, "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 "
				     "127.0.0.1\r\na=sendonly\r\na=mid:1\r\n"));
	assert_non_null(strstr(text, "a=setup:actpass\r\n"));
	snprintf(
		line, sizeof line, "a=ssrc-group:FID %u %u\r\na=msid:janus janus1\r\n", video, rtx);
	assert_non_null(strstr(text, line));
	free(text);
	assert_int_equal(answered(&n, "server-av.answer"), OK);
	assert_null(n.pending);
	const struct track *a = &n.tracks[0], *v = &n.tracks[1];
	assert_int_equal(a->dir, CARDEA_SEND);
	assert_int_equal(a->pt, 111);
	assert_int_equal(a->feedback, CARDEA_FB_TWCC);
	assert_int_equal(v->dir, CARDEA_SEND);
	assert_int_equal(v->out_ssrc, video);
	assert_int_equal(v->out_rtx_ssrc, rtx);
	assert_int_equal(v->rtx_pt, 97);
	assert_int_equal(v->ext[CARDEA_EXT_PLAYOUT_DELAY], 12);
	assert_int_equal(v->ext[CARDEA_EXT_RID], 0); /* offered, not answered */
	assert_int_equal(answered(&n, "server-av.answer"), ERR_STATE);
	/* another feed joins, then data */
	assert_int_equal(negotiate_offer(&n, feeds(2, CARDEA_SEND, false), why), OK);
	assert_int_equal(n.version, 2);
	assert_string_equal(n.origin_id, id);
	assert_int_equal(n.tracks[1].dir, CARDEA_SEND); /* runs on */
	assert_int_equal(answered(&n, "server-two-av.answer"), OK);
	assert_int_equal(n.tracks[1].out_ssrc, video);
	assert_int_equal(n.tracks[3].dir, CARDEA_SEND);
	assert_int_equal(negotiate_offer(&n, feeds(2, CARDEA_SEND, true), why), OK);
	assert_int_equal(answered(&n, "server-two-av-data.answer"), OK);
	assert_int_equal(n.tracks[4].kind, CARDEA_DATA);
	assert_int_equal(n.tracks[4].dir, CARDEA_SENDRECV);
	negotiation_clear(&n);
}

static void an_answer_that_does_not_fit_leaves_the_offer_pending(void **state)
{
	struct negotiation n = { 0 };
	(void)state;
	assert_int_equal(negotiate_offer(&n, feeds(2, CARDEA_SEND, false), why), OK);
	assert_int_equal(answered(&n, "server-av.answer"), ERR_INVALID);
	assert_non_null(n.pending);
	assert_int_equal(answered(&n, "server-two-av.answer"), OK);
	negotiation_clear(&n);
}

#define HEAD \
	"v=0\r\no=- 1 1 IN IP4 " \
	"0.0.0.0\r\ns=-\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdabcdabcdabcdabcdabcd\r\na=setup:" \
	"active\r\n" \
	"a=fingerprint:sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33\r\n"

#define BUNDLE "a=group:BUNDLE 0 1\r\n"
#define MUX    "a=rtcp-mux\r\n"

static struct negotiation answered_text(enum cardea_dir dir, const char *text)
{
	struct negotiation n = { 0 };
	struct sdp_transport t;
	struct cardea_desc *answer;
	assert_int_equal(negotiate_offer(&n, feeds(1, dir, false), why), OK);
	answer = parse(text, CARDEA_ANSWER, &t);
	assert_int_equal(negotiate_accept(&n, answer, why), OK);
	cardea_desc_free(answer);
	return n;
}

static void sends_with_the_payload_types_of_the_answer(void **state)
{
	static const char text[] =
		HEAD BUNDLE "m=audio 9 UDP/TLS/RTP/SAVPF 0 "
			    "109\r\na=mid:0\r\na=rtcp-mux\r\na=rtpmap:109 opus/48000/2\r\n"
			    "m=video 9 UDP/TLS/RTP/SAVPF 120 124\r\na=mid:1\r\na=rtpmap:120 "
			    "VP8/90000\r\na=rtpmap:124 rtx/90000\r\na=fmtp:124 apt=120\r\n"
			    "a=rtcp-fb:120 nack\r\n";
	struct negotiation n = answered_text(CARDEA_SEND, text);
	(void)state;
	assert_int_equal(n.tracks[0].pt, 109);
	assert_int_equal(n.tracks[1].pt, 120);
	assert_int_equal(n.tracks[1].rtx_pt, 124);
	assert_int_equal(n.tracks[1].feedback, CARDEA_FB_NACK);
	negotiation_clear(&n);
	n = answered_text(CARDEA_RECV, text); /* what comes has the numbers that we said */
	assert_int_equal(n.tracks[0].pt, 111);
	assert_int_equal(n.tracks[1].pt, 96);
	assert_int_equal(n.tracks[1].rtx_pt, 97);
	negotiation_clear(&n);
}

/* aiortc numbers the extensions of each m-line by itself, and reads them by one table. */
static void an_extension_id_means_one_thing_in_a_bundle(void **state)
{
	static const char text[] = HEAD
		"a=group:BUNDLE 0 1\r\n"
		"m=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n" MUX "a=rtpmap:96 opus/48000/2\r\n"
		"a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
		"a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
		"m=video 9 UDP/TLS/RTP/SAVPF 97\r\na=mid:1\r\n" MUX "a=rtpmap:97 VP8/90000\r\n"
		"a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
		"a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n"
		"a=extmap:3 "
		"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n";
	struct sdp_transport t;
	struct cardea_desc *offer = parse(text, CARDEA_OFFER, &t), *a = cardea_answer_new(offer);
	(void)state;
	for (unsigned i = 0; i < 2; i++)
		cardea_accept(a, offer, i,
			&(struct cardea_accept){ .size = sizeof(struct cardea_accept),
				.dir = CARDEA_SENDRECV,
				.exts = ~0u });
	assert_int_equal(a->media[0].ext[CARDEA_EXT_AUDIO_LEVEL], 2);
	assert_int_equal(a->media[1].ext[CARDEA_EXT_MID], 1);
	assert_int_equal(a->media[1].ext[CARDEA_EXT_ABS_SEND_TIME], 0);
	assert_int_equal(a->media[1].ext[CARDEA_EXT_TWCC], 3);
	cardea_desc_free(offer);
	cardea_desc_free(a);
}

static void lines_that_the_peer_turns_down_stay_inactive(void **state)
{
	struct negotiation n = answered_text(CARDEA_SENDRECV,
		HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 8\r\n" MUX "m=video 0 UDP/TLS/RTP/SAVPF 0\r\n");
	(void)state;
	assert_int_equal(n.n_tracks, 2);
	assert_int_equal(n.tracks[0].dir, CARDEA_INACTIVE); /* no codec in common */
	assert_int_equal(n.tracks[1].dir, CARDEA_INACTIVE);
	assert_int_equal(n.tracks[1].pt, 0);
	negotiation_clear(&n);
	n = answered_text(CARDEA_SENDRECV,
		HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n"
		     "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" MUX "a=rtpmap:96 VP8/90000\r\n");
	assert_int_equal(n.tracks[0].dir, CARDEA_INACTIVE); /* the first one, too */
	assert_int_equal(n.tracks[1].dir, CARDEA_SENDRECV);
	negotiation_clear(&n);
	n = answered_text(CARDEA_SENDRECV,
		HEAD BUNDLE "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n" MUX
			    "a=rtpmap:111 opus/48000/2\r\na=inactive\r\n"
			    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=rtpmap:96 "
			    "VP8/90000\r\na=sendonly\r\na=ssrc:9 cname:x\r\n");
	assert_int_equal(n.tracks[0].dir, CARDEA_INACTIVE);
	assert_int_equal(n.tracks[1].dir, CARDEA_RECV);
	assert_int_equal(n.tracks[1].rtx_pt, 0);
	assert_int_equal(n.tracks[1].ssrc[0], 9);
	negotiation_clear(&n);
}

static void the_peers_offer_voids_ours(void **state)
{
	struct negotiation n = { 0 };
	(void)state;
	offered(&n, "renegotiation-1.offer", CARDEA_SENDRECV);
	assert_int_equal(negotiate_offer(&n, feeds(3, CARDEA_SEND, false), why), OK);
	assert_int_equal(n.n_tracks, 6);
	offered(&n, "renegotiation-2.offer", CARDEA_SENDRECV);
	assert_null(n.pending);
	assert_int_equal(n.n_tracks, 2);
	assert_int_equal(n.tracks[1].dir, CARDEA_SENDRECV);
	negotiation_clear(&n);
}

static void a_line_used_again_gets_new_ssrcs(void **state)
{
	struct negotiation n = { 0 };
	struct cardea_desc *d = cardea_offer_new();
	(void)state;
	offered(&n, "renegotiation-1.offer", CARDEA_SENDRECV);
	uint32_t before = n.tracks[0].out_ssrc;
	add(d, CARDEA_VP8, CARDEA_SEND, "7");
	assert_int_equal(negotiate_offer(&n, d, why), OK);
	assert_int_not_equal(n.tracks[0].out_ssrc, before);
	assert_string_equal(n.tracks[0].mid, "7");
	assert_int_equal(n.tracks[0].kind, CARDEA_VIDEO);
	negotiation_clear(&n);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* The keys outlive the tracks: what came back would be sealed with the indices of the first. */
static void no_ssrc_is_ever_given_twice(void **state)
{
	enum { ROUNDS = 3000 };
	static uint32_t given[ROUNDS];
	struct negotiation n = { 0 };
	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct cardea_desc *d = cardea_offer_new();
		char mid[8];
		snprintf(mid, sizeof mid, "%u", i);
		add(d, CARDEA_OPUS, CARDEA_SEND, mid);
		assert_int_equal(negotiate_offer(&n, d, why), OK);
		given[i] = n.tracks[0].out_ssrc;
		assert_true(given[i] > 1);
	}
	qsort(given, ROUNDS, sizeof *given, by_number);
	for (unsigned i = 1; i < ROUNDS; i++)
		assert_int_not_equal(given[i - 1], given[i]);
	negotiation_clear(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_ssrc_is_ever_given_twice),
		cmocka_unit_test(gives_ssrcs_that_differ),
		cmocka_unit_test(fixes_the_tracks_of_an_answered_offer),
		cmocka_unit_test(receiving_only_takes_no_ssrc),
		cmocka_unit_test(keeps_ssrcs_while_it_sends),
		cmocka_unit_test(refuses_what_does_not_fit_and_changes_nothing),
		cmocka_unit_test(offers_and_takes_the_answer_of_chrome),
		cmocka_unit_test(an_answer_that_does_not_fit_leaves_the_offer_pending),
		cmocka_unit_test(sends_with_the_payload_types_of_the_answer),
		cmocka_unit_test(an_extension_id_means_one_thing_in_a_bundle),
		cmocka_unit_test(lines_that_the_peer_turns_down_stay_inactive),
		cmocka_unit_test(the_peers_offer_voids_ours),
		cmocka_unit_test(a_line_used_again_gets_new_ssrcs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
