/* SPDX-License-Identifier: Apache-2.0 */
#include "../unit/jsep_load.h"
#include "mutate.h"

#define ROUNDS 24000
#define CAP 16384

static const char *const seeds[] = {
	"chrome-av-data.offer", "chrome-simulcast.offer", "chrome-publish-2.offer", "simulcast-lmh.offer", "simulcast-old.offer",
	"simulcast-ssrc.offer", "no-mid.offer", "two-data.offer", "old-data.offer", "directions.offer", "candidates.offer",
	"extmaps.offer", "port-zero.offer", "server-two-av-data.answer", "lf-only.offer",
};

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;
	for (const char *p = text; (p = strstr(p, what)); p++)
		n++;
	return n;
}

/* What we print says what we meant: one m-line for each, nothing smuggled in. */
static void check_print(const struct cardea_desc *d, const struct sdp_transport *peer, const struct negotiation *n)
{
	struct sdp_transport t;
	struct cardea_desc *again = NULL;
	char why[160] = "", *text = print(d, peer, n);
	bool live = false;
	assert_int_equal(count(text, "\r\nm="), d->n_media);
	assert_int_equal(count(text, "\n"), count(text, "\r\n"));
	for (unsigned i = 0; i < d->n_media; i++)
		live = live || !d->media[i].rejected;
	if (sdp_parse(text, d->type, false, &again, &t, why)) {
		if (live)
			fail_msg("%s", why);
		/* m-lines that are all rejected carry no credentials */
		free(text);
		return;
	}
	for (unsigned i = 0; i < d->n_media; i++) {
		assert_int_equal(again->media[i].rejected, d->media[i].rejected);
		assert_string_equal(again->media[i].mid, d->media[i].mid);
		if (d->media[i].rejected)
			continue;
		assert_int_equal(again->media[i].n_codecs, d->media[i].n_codecs);
		if (d->media[i].n_codecs)
			assert_string_equal(again->media[i].codecs[0].fmtp, d->media[i].codecs[0].fmtp);
	}
	cardea_desc_free(again);
	free(text);
}

static void answer_it(const struct cardea_desc *offer, const struct sdp_transport *peer)
{
	struct negotiation n = { 0 };
	char why[160];
	struct cardea_desc *a = answer_to(offer, mutate_below(2) ? CARDEA_SENDRECV : CARDEA_RECV);
	assert_int_equal(negotiate_answer(&n, offer, a, why), OK);
	for (unsigned i = 0; i < n.n_tracks; i++) {
		assert_in_range(n.tracks[i].n_layers, 0, CARDEA_LAYERS);
		assert_true(n.tracks[i].dir == 0 || n.tracks[i].kind == CARDEA_DATA || n.tracks[i].codec);
	}
	check_print(a, peer, &n);
	cardea_desc_free(a);
	negotiation_clear(&n);
}

/* The same text as an answer to an offer of ours. */
static void accept_it(const struct cardea_desc *answer)
{
	struct negotiation n = { 0 };
	char why[160];
	struct cardea_desc *offer = cardea_offer_new();
	for (unsigned i = 0; i < answer->n_media; i++)
		cardea_offer_add(offer, &(struct cardea_offered){ .size = sizeof(struct cardea_offered), .kind = answer->media[i].kind,
			.dir = mutate_below(4), .codec = mutate_below(CARDEA_N_CODECS),
			.fmtp = answer->media[i].n_codecs ? answer->media[i].codecs[0].fmtp : NULL, .exts = ECHO_EXTS,
			.stream = answer->media[i].stream, .feedback = ALL_FEEDBACK });
	assert_int_equal(negotiate_offer(&n, offer, why), OK);
	check_print(n.pending, &(struct sdp_transport){ 0 }, &n);
	negotiate_accept(&n, answer, why);
	negotiation_clear(&n);
}

static bool try(const char *text, bool low_first)
{
	struct cardea_desc *d = NULL;
	struct sdp_transport t;
	char why[160] = "";
	if (sdp_parse(text, CARDEA_OFFER, low_first, &d, &t, why)) {
		assert_null(d);
		assert_true(*why && strlen(why) < sizeof why);
		for (const char *p = why; *p; p++)
			assert_in_range(*p, 0x20, 0x7e); /* goes into JSON */
		return false;
	}
	assert_in_range(d->n_media, 1, CARDEA_MEDIA_MAX);
	answer_it(d, &t);
	accept_it(d);
	cardea_desc_free(d);
	return true;
}

static void survives_mutated_descriptions(void **state)
{
	char *texts[N_OF(seeds)];
	unsigned good = 0;
	(void)state;
	for (unsigned i = 0; i < N_OF(seeds); i++)
		texts[i] = load(seeds[i]);
	mutate_seed(1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		const char *seed = texts[round % N_OF(seeds)];
		char buf[CAP], *exact;
		size_t len = strlen(seed);
		memcpy(buf, seed, len);
		len = mutate(buf, len, sizeof buf);
		assert_non_null(exact = malloc(len + 1)); /* not a byte behind the text may be read */
		memcpy(exact, buf, len);
		exact[len] = '\0';
		good += try(exact, round & 1);
		free(exact);
	}
	for (unsigned i = 0; i < N_OF(seeds); i++)
		free(texts[i]);
	assert_in_range(good, ROUNDS / 20, ROUNDS - ROUNDS / 20); /* the mutations are neither harmless nor hopeless */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(survives_mutated_descriptions) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
