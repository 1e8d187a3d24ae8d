/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to offers of real clients, beside those that were recorded (core/jsep/negotiate.c,
 * desc.c, sdp_print.c). */
#include "jsep_load.h"

/* Recorded pairs: a client's offer, and the answer of the reference, where that is by the book: for
 * the others see jsep_bundle.c. */
static const struct {
	const char *name;
	enum cardea_dir dir;
	bool rid_low_first;
} pairs[] = {
	{ "candidates", CARDEA_SENDRECV, false },
	{ "chrome-audio", CARDEA_SENDRECV, false },
	{ "chrome-av-data", CARDEA_SENDRECV, false },
	{ "chrome-data", CARDEA_SENDRECV, false },
	{ "chrome-publish", CARDEA_RECV, false },
	{ "chrome-publish-2", CARDEA_RECV, false },
	{ "chrome-publish-4", CARDEA_RECV, false },
	{ "chrome-simulcast", CARDEA_SENDRECV, false },
	{ "direction-1", CARDEA_SENDRECV, false },
	{ "direction-2", CARDEA_SENDRECV, false },
	{ "directions", CARDEA_SENDRECV, false },
	{ "extmaps", CARDEA_SENDRECV, false },
	{ "mid-letters", CARDEA_SENDRECV, false },
	{ "old-data", CARDEA_SENDRECV, false },
	{ "rejected", CARDEA_SENDRECV, false },
	{ "renegotiation-1", CARDEA_SENDRECV, false },
	{ "renegotiation-2", CARDEA_SENDRECV, false },
	{ "renegotiation-3", CARDEA_SENDRECV, false },
	{ "rtp-savpf", CARDEA_SENDRECV, false },
	{ "setup-active", CARDEA_SENDRECV, false },
	{ "setup-passive", CARDEA_SENDRECV, false },
	{ "sha1", CARDEA_SENDRECV, false },
	{ "simulcast-lmh", CARDEA_SENDRECV, true },
	{ "simulcast-old", CARDEA_SENDRECV, false },
	{ "simulcast-ssrc", CARDEA_SENDRECV, false },
	{ "two-data", CARDEA_SENDRECV, false },
};

struct exchange {
	struct sdp_transport peer;
	struct cardea_desc *offer, *answer;
	struct negotiation n;
	char *text;
};

static void begin(struct exchange *x, const char *name, enum cardea_dir dir, bool rid_low_first)
{
	char file[64], why[160] = "", *text;
	memset(x, 0, sizeof *x);
	snprintf(file, sizeof file, "%s.offer", name);
	text = load(file);
	if (sdp_parse(text, CARDEA_OFFER, rid_low_first, &x->offer, &x->peer, why))
		fail_msg("%s: %s", name, why);
	free(text);
	x->answer = answer_to(x->offer, dir);
	if (negotiate_answer(&x->n, x->offer, x->answer, why))
		fail_msg("%s: %s", name, why);
	x->text = print(x->answer, &x->peer, &x->n);
}

static void end(struct exchange *x)
{
	cardea_desc_free(x->offer);
	cardea_desc_free(x->answer);
	negotiation_clear(&x->n);
	free(x->text);
}

static void same_codecs(const struct cardea_media *a, const struct cardea_media *b)
{
	assert_int_equal(a->n_codecs, b->n_codecs);
	for (unsigned i = 0; i < a->n_codecs; i++) {
		assert_int_equal(a->codecs[i].id, b->codecs[i].id);
		assert_int_equal(a->codecs[i].pt, b->codecs[i].pt);
		assert_int_equal(a->codecs[i].rtx_pt, b->codecs[i].rtx_pt);
		assert_int_equal(a->codecs[i].channels, b->codecs[i].channels);
		assert_string_equal(a->codecs[i].fmtp, b->codecs[i].fmtp);
		/* the reference names feedback that was not offered, too */
		assert_int_equal(
			a->codecs[i].feedback & b->codecs[i].feedback, a->codecs[i].feedback);
	}
}

static void same_media(const struct cardea_media *a, const struct cardea_media *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->rejected, b->rejected);
	assert_int_equal(a->dir, b->dir);
	assert_int_equal(a->has_mid, b->has_mid);
	assert_string_equal(a->mid, b->mid);
	assert_memory_equal(a->ext, b->ext, sizeof a->ext);
	same_codecs(a, b);
}

/* The lines of @p text that begin with @p prefix, one after the other. */
static void collect(const char *text, const char *prefix, char *out, size_t size)
{
	size_t at = 0;
	*out = '\0';
	for (const char *p = text; (p = strstr(p, prefix)); p++)
		if (p == text || p[-1] == '\n')
			at += (size_t)snprintf(
				out + at, size - at, "%.*s|", (int)strcspn(p, "\r\n"), p);
}

static void same_lines(const char *ours, const char *theirs, const char *prefix)
{
	char a[1024], b[1024];
	collect(ours, prefix, a, sizeof a);
	collect(theirs, prefix, b, sizeof b);
	assert_string_equal(a, b);
}

static void answers_mean_what_the_recorded_ones_mean(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_OF(pairs); i++) {
		struct exchange x;
		struct sdp_transport t, rt;
		char file[64];
		begin(&x, pairs[i].name, pairs[i].dir, pairs[i].rid_low_first);
		snprintf(file, sizeof file, "%s.answer", pairs[i].name);
		char *recorded = load(file);
		struct cardea_desc *ours = parse(x.text, CARDEA_ANSWER, &t),
				   *theirs = parse(recorded, CARDEA_ANSWER, &rt);
		assert_int_equal(ours->n_media, theirs->n_media);
		for (unsigned k = 0; k < ours->n_media; k++)
			same_media(&ours->media[k], &theirs->media[k]);
		same_lines(x.text, recorded, "a=rid:");
		same_lines(x.text, recorded, "a=simulcast:");
		same_lines(x.text, recorded, "m=");
		assert_string_equal(t.profile, rt.profile);
		assert_string_equal(t.origin_id, rt.origin_id);
		assert_int_equal(t.origin_version, rt.origin_version);
		assert_int_equal(t.old_sctpmap, rt.old_sctpmap);
		if (ours->media[0].has_mid)
			same_lines(x.text, recorded, "a=group:");
		free(recorded);
		cardea_desc_free(ours);
		cardea_desc_free(theirs);
		end(&x);
	}
}

/* Blank what differs from call to call; false: a line that the reference does not have. */
static bool shape(char *line)
{
	static const char *const values[] = { "a=fingerprint:", "a=ice-ufrag:", "a=ice-pwd:",
		"a=setup:", "a=ssrc:", "a=ssrc-group:FID",
		"a=candidate:", "a=extmap:", "a=rtcp-fb:" };
	if (strcmp(line, "a=rtcp-rsize") == 0)
		return false;
	for (unsigned i = 0; i < N_OF(values); i++)
		if (strncmp(line, values[i], strlen(values[i])) == 0)
			line[strlen(values[i])] = '\0';
	return strncmp(line, "a=max-message-size:", 19) != 0;
}

static void answers_chrome_line_by_line_as_recorded(void **state)
{
	struct exchange x;
	char *recorded = load("chrome-av-data.answer"), *a, *b, *line, *other;
	(void)state;
	begin(&x, "chrome-av-data", CARDEA_SENDRECV, false);
	line = strtok_r(x.text, "\r\n", &a);
	for (other = strtok_r(recorded, "\r\n", &b); other; other = strtok_r(NULL, "\r\n", &b)) {
		while (line && !shape(line))
			line = strtok_r(NULL, "\r\n", &a);
		assert_non_null(line);
		shape(other);
		assert_string_equal(line, other);
		line = strtok_r(NULL, "\r\n", &a);
	}
	assert_null(line);
	free(recorded);
	end(&x);
}

static void leaves_mids_and_group_out_when_the_offer_has_none(void **state)
{
	struct exchange x;
	(void)state;
	begin(&x, "no-mid", CARDEA_SENDRECV, false);
	assert_null(strstr(x.text, "a=mid:"));
	assert_null(strstr(x.text, "a=group:"));
	assert_non_null(strstr(x.text, "a=msid:janus janus0\r\n"));
	/* nothing bundles it */
	assert_non_null(strstr(x.text, "\r\nm=video 0 UDP/TLS/RTP/SAVPF 0\r\n"));
	assert_string_equal(x.n.tracks[1].mid, "1");
	end(&x);
}

static void tells_the_tracks_of_simulcast_lowest_first(void **state)
{
	struct exchange x;
	(void)state;
	begin(&x, "chrome-simulcast", CARDEA_SENDRECV, false);
	assert_int_equal(x.n.tracks[0].n_layers, 3);
	assert_string_equal(x.n.tracks[0].rids[0], "l");
	assert_string_equal(x.n.tracks[0].rids[2], "h");
	assert_int_equal(x.n.tracks[0].ssrc[0], 0);
	end(&x);
	begin(&x, "simulcast-lmh", CARDEA_SENDRECV, true);
	assert_int_equal(x.n.tracks[0].n_layers, 2);
	assert_string_equal(x.n.tracks[0].rids[0], "l");
	assert_string_equal(x.n.tracks[0].rids[1], "h");
	assert_int_equal(x.offer->media[0].rids_paused, 2);
	end(&x);
	/* "l" comes first, so it is the high one */
	begin(&x, "simulcast-old", CARDEA_SENDRECV, false);
	assert_string_equal(x.n.tracks[0].rids[0], "h");
	assert_string_equal(x.n.tracks[0].rids[1], "l");
	end(&x);
	begin(&x, "simulcast-ssrc", CARDEA_SENDRECV, false);
	assert_int_equal(x.n.tracks[0].n_layers, 3);
	assert_string_equal(x.n.tracks[0].rids[0], "");
	assert_int_equal(x.n.tracks[0].ssrc[0], 111);
	assert_int_equal(x.n.tracks[0].ssrc[2], 333);
	assert_int_equal(x.n.tracks[0].rtx_ssrc[1], 2222);
	end(&x);
}

static void simulcast_is_off_without_its_extension_or_direction(void **state)
{
	struct exchange x;
	char why[160], *text;
	struct negotiation n = { 0 };
	struct cardea_accept how = { .size = sizeof how, .dir = CARDEA_SENDRECV, .exts = BIT(MID) };
	(void)state;
	begin(&x, "chrome-simulcast", CARDEA_SENDRECV, false);
	cardea_accept(x.answer, x.offer, 0, &how);
	assert_int_equal(negotiate_answer(&n, x.offer, x.answer, why), OK);
	assert_int_equal(n.tracks[0].n_layers, 0);
	text = print(x.answer, &x.peer, &n);
	assert_null(strstr(text, "simulcast"));
	free(text);
	how.exts |= BIT(RID);
	how.dir = CARDEA_SEND;
	cardea_accept(x.answer, x.offer, 0, &how);
	assert_int_equal(negotiate_answer(&n, x.offer, x.answer, why), OK);
	assert_int_equal(n.tracks[0].n_layers, 0);
	assert_int_equal(n.tracks[0].dir, CARDEA_SEND);
	negotiation_clear(&n);
	end(&x);
}

static void accepts_only_what_was_offered(void **state)
{
	struct sdp_transport t;
	struct cardea_desc *offer = parse_file("directions.offer", CARDEA_OFFER, &t),
			   *a = cardea_answer_new(offer);
	struct cardea_accept how = {
		.size = sizeof how, .dir = CARDEA_SENDRECV, .exts = ~0u, .feedback = ~0u
	};
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_true(a->media[i].rejected);
		cardea_accept(a, offer, i, &how);
	}
	assert_int_equal(a->media[0].dir, CARDEA_SEND); /* the client receives only */
	assert_int_equal(a->media[1].dir, CARDEA_INACTIVE);
	assert_int_equal(a->media[2].dir, CARDEA_RECV);
	assert_int_equal(
		a->media[2].codecs[0].feedback, CARDEA_FB_NACK | CARDEA_FB_PLI | CARDEA_FB_TWCC);
	assert_int_equal(a->media[2].codecs[0].rtx_pt, 97);
	how.no_rtx = true;
	how.feedback = CARDEA_FB_PLI;
	how.fmtp = "x=1\r\na=evil";
	cardea_accept(a, offer, 2, &how);
	assert_int_equal(a->media[2].codecs[0].rtx_pt, 0);
	assert_int_equal(a->media[2].codecs[0].feedback, CARDEA_FB_PLI);
	assert_string_equal(a->media[2].codecs[0].fmtp, "x=1");
	how.codec = 7;
	cardea_accept(a, offer, 2, &how);
	how.codec = -1;
	cardea_accept(a, offer, 2, &how);
	cardea_accept(a, offer, 3, &how);
	assert_int_equal(a->media[2].codecs[0].id, CARDEA_VP8);
	cardea_desc_free(a);
	cardea_desc_free(offer);
}

static void writes_bandwidth_as_the_browser_reads_it(void **state)
{
	struct exchange x;
	char *text;
	(void)state;
	begin(&x, "directions", CARDEA_SENDRECV, false);
	x.answer->media[2].bandwidth_bps = 512000;
	text = print(x.answer, &x.peer, &x.n);
	assert_non_null(
		strstr(text, "c=IN IP4 127.0.0.1\r\nb=AS:512\r\na=recvonly\r\na=mid:2\r\n"));
	free(text);
	x.peer.firefox = true;
	text = print(x.answer, &x.peer, &x.n);
	assert_non_null(strstr(text, "b=TIAS:512000\r\n"));
	free(text);
	end(&x);
}

static void names_cannot_break_lines(void **state)
{
	struct exchange x;
	char *text;
	(void)state;
	begin(&x, "session-level", CARDEA_SENDRECV, false);
	snprintf(x.answer->name, sizeof x.answer->name, "VideoRoom a\r\nm=evil");
	text = print(x.answer, &x.peer, &x.n);
	assert_non_null(strstr(text, "\r\ns=VideoRoom a  m=evil\r\nt=0 0\r\n"));
	free(text);
	snprintf(x.answer->name, sizeof x.answer->name, "caf\xc3\xa9 \xe2\x82");
	text = print(x.answer, &x.peer, &x.n);
	assert_non_null(strstr(text, "\r\ns=caf\xc3\xa9 \r\n"));
	free(text);
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_mean_what_the_recorded_ones_mean),
		cmocka_unit_test(answers_chrome_line_by_line_as_recorded),
		cmocka_unit_test(leaves_mids_and_group_out_when_the_offer_has_none),
		cmocka_unit_test(tells_the_tracks_of_simulcast_lowest_first),
		cmocka_unit_test(simulcast_is_off_without_its_extension_or_direction),
		cmocka_unit_test(accepts_only_what_was_offered),
		cmocka_unit_test(writes_bandwidth_as_the_browser_reads_it),
		cmocka_unit_test(names_cannot_break_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
