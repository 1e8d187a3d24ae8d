/* SPDX-License-Identifier: Apache-2.0 */
/* A description from a peer: read, answered as plugins do, and taken as the answer to an offer of
 * ours. What we print is read again and says what we meant. */
#include "fuzz.h"
#include "../unit/jsep_load.h"

#define CAP 16384

static const char *offered;
static uint32_t dice; /* of the text: decisions that its bytes have no place for */

static unsigned below(unsigned n)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 16) % n;
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;
	for (const char *p = text; (p = strstr(p, what)); p++)
		n++;
	return n;
}

/* An m-line without a=rtcp-mux of its own is read as one that cannot be carried, where the one
 * that it shared a transport with is rejected. */
static void check_media(const struct cardea_media *a, const struct cardea_media *b)
{
	must(a->rejected == b->rejected || (a->rejected && !b->rtcp_mux));
	must(!strcmp(a->mid, b->mid));
	if (a->rejected)
		return;
	must(a->n_codecs == b->n_codecs);
	if (a->n_codecs)
		must(!strcmp(a->codecs[0].fmtp, b->codecs[0].fmtp));
}

/* An answer says only what was offered (RFC 3264, RFC 9143, RFC 8285, RFC 5506,
 * RFC 8853). */
static void check_answer(const char *answer)
{
	static const char *const words[] = { "a=group:BUNDLE", "a=extmap-allow-mixed",
		"a=rtcp-rsize", "a=rtcp-mux", "a=sctp-port:", "red/48000", "a=simulcast:" };
	for (unsigned i = 0; i < N_OF(words); i++)
		must(!strstr(answer, words[i]) || strstr(offered, words[i]));
}

/* What we print says what we meant: one m-line for each, nothing smuggled in. */
static void check_print(
	const struct cardea_desc *d, const struct sdp_transport *peer, const struct negotiation *n)
{
	struct sdp_transport t;
	struct cardea_desc *again = NULL;
	char why[160] = "", *text = print(d, peer, n);
	bool live = false;
	must(count(text, "\r\nm=") == d->n_media);
	must(count(text, "\n") == count(text, "\r\n"));
	if (d->type == CARDEA_ANSWER)
		check_answer(text);
	for (unsigned i = 0; i < d->n_media; i++)
		live = live || !d->media[i].rejected;
	if (sdp_parse(text, d->type, false, &again, &t, why)) {
		must(!live); /* m-lines that are all rejected carry no credentials */
		free(text);
		return;
	}
	for (unsigned i = 0; i < d->n_media; i++)
		check_media(&again->media[i], &d->media[i]);
	cardea_desc_free(again);
	free(text);
}

static void answer_it(
	const struct cardea_desc *offer, const struct sdp_transport *peer, enum cardea_dir dir)
{
	struct negotiation n = { 0 };
	char why[160];
	struct cardea_desc *a = answer_to(offer, dir);
	must(negotiate_answer(&n, offer, a, why) == OK);
	for (unsigned i = 0; i < n.n_tracks; i++) {
		must(n.tracks[i].n_layers <= CARDEA_LAYERS);
		must(n.tracks[i].dir == 0 || n.tracks[i].kind == CARDEA_DATA || n.tracks[i].codec);
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
		cardea_offer_add(offer,
			&(struct cardea_offered){ .size = sizeof(struct cardea_offered),
				.kind = answer->media[i].kind,
				.dir = below(4),
				.codec = below(CARDEA_N_CODECS),
				.fmtp = answer->media[i].n_codecs ? answer->media[i].codecs[0].fmtp
								  : NULL,
				.exts = ECHO_EXTS,
				.stream = answer->media[i].stream,
				.feedback = ALL_FEEDBACK });
	must(negotiate_offer(&n, offer, why) == OK);
	check_print(n.pending, &(struct sdp_transport){ 0 }, &n);
	negotiate_accept(&n, answer, why);
	for (unsigned i = 0; i < n.n_tracks; i++)
		must(n.tracks[i].n_layers <= CARDEA_LAYERS);
	negotiation_clear(&n);
}

static bool read_it(const char *text, enum cardea_desc_type type, bool low_first,
	struct cardea_desc **d, struct sdp_transport *t)
{
	char why[160] = "";
	if (!sdp_parse(text, type, low_first, d, t, why)) {
		must((*d)->n_media >= 1 && (*d)->n_media <= CARDEA_MEDIA_MAX);
		must(memchr(t->ufrag, 0, sizeof t->ufrag) && memchr(t->pwd, 0, sizeof t->pwd));
		return true;
	}
	must(!*d);
	must(*why && strlen(why) < sizeof why);
	for (const char *p = why; *p; p++)
		must(*p >= 0x20 && *p <= 0x7e); /* goes into JSON */
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > CAP)
		return 0;
	char *text = malloc(size + 1); /* not a byte behind the text may be read */
	must(text);
	memcpy(text, data, size);
	text[size] = '\0';
	dice = fuzz_hash(data, size);
	offered = text;
	for (unsigned low_first = 0; low_first < 2; low_first++) {
		struct cardea_desc *d = NULL;
		struct sdp_transport t;
		if (!read_it(text, CARDEA_OFFER, low_first, &d, &t))
			continue;
		answer_it(d, &t, low_first ? CARDEA_SENDRECV : CARDEA_RECV);
		cardea_desc_free(d);
		d = NULL;
		if (read_it(text, CARDEA_ANSWER, low_first, &d, &t))
			accept_it(d);
		cardea_desc_free(d);
	}
	free(text);
	return 0;
}
