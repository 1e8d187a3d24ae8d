/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "jsep_load.h"

static const char *const lines_of_candidates[] = { "1 1 udp 2015363327 192.0.2.2 30136 typ host",
	"2 1 udp 2015363583 fd00::2 30029 typ host",
	"3 1 udp 2015363839 fe80::fc:ff:fe00:1 30075 typ host", NULL };

char *load(const char *name)
{
	char path[512], *text;
	const char *srcdir = getenv("srcdir");
	long len;
	FILE *f;
	snprintf(path, sizeof path, "%s/tests/unit/data/jsep/%s", srcdir ? srcdir : ".", name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot open %s", path);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	len = ftell(f);
	rewind(f);
	assert_non_null(text = calloc(1, (size_t)len + 1));
	assert_int_equal(fread(text, 1, (size_t)len, f), len);
	fclose(f);
	return text;
}

struct cardea_desc *parse(const char *text, enum cardea_desc_type type, struct sdp_transport *t)
{
	struct cardea_desc *d = NULL;
	char why[160] = "";
	if (sdp_parse(text, type, false, &d, t, why))
		fail_msg("%s", why);
	return d;
}

struct cardea_desc *parse_file(
	const char *name, enum cardea_desc_type type, struct sdp_transport *t)
{
	char *text = load(name);
	struct cardea_desc *d = parse(text, type, t);
	free(text);
	return d;
}

char *print(const struct cardea_desc *d, const struct sdp_transport *t, const struct negotiation *n)
{
	struct sdp_local l = {
		.ufrag = "b+r4",
		.pwd = "e9ePcCd8DwTcVvmK5txxNA",
		.setup = d->type == CARDEA_OFFER ? "actpass" : "passive",
		.fingerprint = "F7:3D:CC:08:B2:99:E1:CB:06:D5:1A:89:B0:B9:8B:12:8E:0F:A0:3F:4F:C3:"
			       "D0:2C:54:49:67:D5:DF:53:79:0D",
		.address = "127.0.0.1",
		.origin_id = t->origin_id[0] ? t->origin_id : "77",
		.origin_version = t->origin_id[0] ? t->origin_version : n->version,
		.profile = t->profile[0] ? t->profile : "UDP/TLS/RTP/SAVPF",
		.data_proto = t->data_proto[0] ? t->data_proto : "UDP/DTLS/SCTP",
		.old_sctpmap = t->old_sctpmap,
		.firefox = t->firefox,
		.candidates = lines_of_candidates,
		.end_of_candidates = true,
		.tracks = n->tracks,
	};
	char *text = sdp_print(d, &l);
	assert_non_null(text);
	return text;
}

struct cardea_desc *answer_to(const struct cardea_desc *offer, enum cardea_dir dir)
{
	struct cardea_desc *a = cardea_answer_new(offer);
	for (unsigned i = 0; i < offer->n_media; i++) {
		const struct cardea_media *m = &offer->media[i];
		char fmtp[256] = "";
		int codec = m->kind == CARDEA_DATA ? 0 : cardea_pick_first(m);
		uint32_t exts = ECHO_EXTS &
				~(dir == CARDEA_RECV && m->kind == CARDEA_AUDIO ? BIT(TWCC) : 0);
		bool opus = codec >= 0 && m->n_codecs && m->codecs[codec].id == CARDEA_OPUS;
		if (opus)
			cardea_opus_fmtp(fmtp, sizeof fmtp, m->codecs[codec].fmtp, true, true);
		cardea_accept(a, offer, i,
			&(struct cardea_accept){ .size = sizeof(struct cardea_accept),
				.dir = m->kind == CARDEA_DATA ? CARDEA_SENDRECV
				       : m->dir & CARDEA_RECV ? m->dir & dir
							      : CARDEA_INACTIVE,
				.codec = codec,
				.exts = exts,
				.fmtp = opus ? fmtp : NULL,
				.feedback = m->kind == CARDEA_VIDEO ? ALL_FEEDBACK : 0 });
	}
	return a;
}
