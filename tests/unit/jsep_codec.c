/* SPDX-License-Identifier: Apache-2.0 */
/* Codecs and header extensions by name and id (core/jsep/codec.c, ext.c), and what plugins do
 * with them (desc.c). */
#include "../../core/jsep/codec.h"
#include "../../core/rtp/ext.h"
#include "jsep_load.h"

static void names_kinds_and_ids_agree(void **state)
{
	(void)state;
	for (int id = 1; id < CARDEA_N_CODECS; id++) {
		const struct codec_info *c = codec_info(id);
		assert_int_equal(cardea_codec_by_name(cardea_codec_name(id)), id);
		assert_int_equal(codec_match(cardea_codec_kind(id), c->encoding, c->clock_hz), id);
	}
	assert_int_equal(cardea_codec_by_name("VP8"), CARDEA_VP8);
	assert_int_equal(cardea_codec_by_name("vp7"), CARDEA_CODEC_NONE);
	assert_int_equal(cardea_codec_by_name(NULL), CARDEA_CODEC_NONE);
	assert_null(cardea_codec_name(CARDEA_CODEC_NONE));
	assert_null(cardea_codec_name(CARDEA_N_CODECS));
	assert_int_equal(cardea_codec_kind(CARDEA_CODEC_NONE), CARDEA_OTHER);
	assert_int_equal(codec_match(CARDEA_VIDEO, "opus", 48000), CARDEA_CODEC_NONE);
	assert_int_equal(codec_match(CARDEA_AUDIO, "opus", 8000), CARDEA_CODEC_NONE);
	assert_int_equal(codec_match(CARDEA_AUDIO, "ISAC", 16000), CARDEA_ISAC16);
}

static void finds_parameters_by_name(void **state)
{
	char v[32] = "";
	(void)state;
	assert_true(cardea_fmtp_get("a=1; Profile-ID = 2 ;c", "profile-id", v, sizeof v));
	assert_string_equal(v, "2");
	assert_true(cardea_fmtp_get("minptime=10;useinbandfec=1", "useinbandfec", v, sizeof v));
	assert_string_equal(v, "1");
	assert_true(cardea_fmtp_get("x=abcdef", "x", v, 4));
	assert_string_equal(v, "abc");
	assert_true(cardea_fmtp_get("x=", "x", v, sizeof v));
	assert_string_equal(v, "");
	assert_false(cardea_fmtp_get("xy=1;zx=2", "x", v, sizeof v));
	assert_false(cardea_fmtp_get("x", "x", v, sizeof v));
	assert_false(cardea_fmtp_get(";; ;", "x", v, sizeof v));
	assert_false(cardea_fmtp_get("", "x", v, sizeof v));
	assert_false(cardea_fmtp_get(NULL, "x", v, sizeof v));
}

static void keeps_of_opus_what_is_offered_and_allowed(void **state)
{
	static const char all[] = "minptime=10;useinbandfec=1;usedtx=1;stereo=1;sprop-stereo=1";
	char out[256];
	(void)state;
	cardea_opus_fmtp(out, sizeof out, all, true, true);
	assert_string_equal(out, "useinbandfec=1;usedtx=1;stereo=1;sprop-stereo=1");
	cardea_opus_fmtp(out, sizeof out, all, false, false);
	assert_string_equal(out, "stereo=1;sprop-stereo=1");
	cardea_opus_fmtp(out, sizeof out, "useinbandfec=0;usedtx=1", true, false);
	assert_string_equal(out, "");
	cardea_opus_fmtp(out, 20, all, true, true);
	assert_string_equal(out, "useinbandfec=1");
}

static void picks_a_codec_and_its_profile(void **state)
{
	struct sdp_transport t;
	struct cardea_desc *d = parse_file("chrome-publish.offer", CARDEA_OFFER, &t);
	const struct cardea_media *audio = &d->media[0], *video = &d->media[1],
				  *data = &d->media[2];
	(void)state;
	assert_int_equal(audio->codecs[cardea_pick_first(audio)].id, CARDEA_OPUS);
	assert_int_equal(video->codecs[cardea_pick_first(video)].id, CARDEA_VP8);
	assert_int_equal(cardea_pick_first(data), -1);
	assert_int_equal(video->codecs[cardea_pick(video, CARDEA_H264, NULL)].pt, 102);
	assert_int_equal(video->codecs[cardea_pick(video, CARDEA_H264, "42E01F")].pt, 108);
	/* another level */
	assert_int_equal(video->codecs[cardea_pick(video, CARDEA_H264, "42e034")].pt, 108);
	assert_int_equal(video->codecs[cardea_pick(video, CARDEA_H264, "640032")].pt, 102);
	assert_int_equal(video->codecs[cardea_pick(video, CARDEA_VP9, "2")].pt, 100);
	assert_int_equal(video->codecs[cardea_pick(video, CARDEA_VP9, "0")].pt, 98);
	assert_int_equal(video->codecs[cardea_pick(video, CARDEA_AV1, "0")].pt, 45);
	assert_int_equal(cardea_pick(video, CARDEA_H265, NULL), -1);
	assert_int_equal(cardea_pick(video, CARDEA_CODEC_NONE, NULL), -1);
	cardea_desc_free(d);
}

static void extensions_have_one_id_each(void **state)
{
	bool used[15] = { false };
	(void)state;
	for (unsigned x = 0; x < CARDEA_N_EXT; x++) {
		assert_int_equal(ext_find(ext_uri(x)), x);
		assert_in_range(ext_offer_id(x), 1, 14);
		assert_false(used[ext_offer_id(x)]);
		used[ext_offer_id(x)] = true;
		assert_false(ext_suits(x, CARDEA_DATA));
	}
	assert_int_equal(ext_find("urn:x:unknown"), CARDEA_N_EXT);
	assert_int_equal(ext_offer_id(CARDEA_EXT_MID), 4);
	assert_int_equal(ext_offer_id(CARDEA_EXT_ORIENTATION), 13);
	assert_true(ext_suits(CARDEA_EXT_AUDIO_LEVEL, CARDEA_AUDIO));
	assert_false(ext_suits(CARDEA_EXT_AUDIO_LEVEL, CARDEA_VIDEO));
}

static int add(struct cardea_desc *d, enum cardea_codec_id id, const char *fmtp)
{
	return cardea_offer_add(d, &(struct cardea_offered){ .size = sizeof(struct cardea_offered),
					   .kind = cardea_codec_kind(id),
					   .dir = CARDEA_SEND,
					   .codec = id,
					   .fmtp = fmtp });
}

/* In a bundle a payload type means one thing (RFC 8843, section 9.1). */
static void payload_types_of_an_offer_never_clash(void **state)
{
	const struct cardea_codec *meaning[128] = { NULL };
	struct cardea_desc *d = cardea_offer_new();
	char profile[32];
	(void)state;
	for (int id = 1; id < CARDEA_N_CODECS; id++)
		assert_int_equal(add(d, id, NULL), id - 1);
	for (int id = 1; id < CARDEA_N_CODECS; id++) {
		assert_true(add(d, id, NULL) >= 0);
		snprintf(profile, sizeof profile, "profile-id=%d", id);
		assert_true(add(d, CARDEA_VP9, profile) >= 0);
	}
	for (unsigned i = 0; i < d->n_media; i++) {
		const struct cardea_codec *c = d->media[i].codecs, *m;
		if ((m = meaning[c->pt])) {
			assert_int_equal(m->id, c->id);
			assert_string_equal(m->fmtp, c->fmtp);
			assert_int_equal(m->rtx_pt, c->rtx_pt);
		}
		meaning[c->pt] = c;
	}
	for (unsigned i = 0; i < d->n_media; i++)
		assert_null(
			d->media[i].codecs->rtx_pt ? meaning[d->media[i].codecs->rtx_pt] : NULL);
	assert_int_equal(d->media[CARDEA_OPUS - 1].codecs->pt, 111);
	assert_int_equal(d->media[CARDEA_PCMU - 1].codecs->pt, 0);
	assert_int_equal(d->media[CARDEA_VP8 - 1].codecs->pt, 96);
	assert_int_equal(d->media[CARDEA_VP8 - 1].codecs->rtx_pt, 97);
	assert_int_equal(d->media[CARDEA_H264 - 1].codecs->pt, 107);
	assert_int_equal(d->media[CARDEA_AV1 - 1].codecs->rtx_pt, 99);
	cardea_desc_free(d);
}

static void offers_end_at_the_limit(void **state)
{
	struct cardea_desc *d = cardea_offer_new();
	char profile[32];
	(void)state;
	for (int i = 0; i < CARDEA_MEDIA_MAX; i++) {
		/* more than there are payload types */
		snprintf(profile, sizeof profile, "profile-id=%d", i);
		assert_int_equal(add(d, CARDEA_VP9, profile), i);
		assert_in_range(d->media[i].codecs->pt, 35, 127);
	}
	assert_int_equal(add(d, CARDEA_VP8, NULL), -1);
	cardea_desc_free(d);
}

static void lines_without_a_fitting_codec_only_keep_their_place(void **state)
{
	static const struct {
		enum cardea_kind kind;
		enum cardea_codec_id codec;
	} lines[] = {
		{ CARDEA_OTHER, CARDEA_CODEC_NONE },
		{ CARDEA_AUDIO, CARDEA_VP8 },
		{ CARDEA_VIDEO, CARDEA_CODEC_NONE },
	};
	struct cardea_desc *d = cardea_offer_new();
	(void)state;
	for (unsigned i = 0; i < N_OF(lines); i++) {
		assert_int_equal(
			cardea_offer_add(
				d, &(struct cardea_offered){ .size = sizeof(struct cardea_offered),
					   .kind = lines[i].kind,
					   .codec = lines[i].codec,
					   .dir = CARDEA_SEND }),
			i);
		assert_true(d->media[i].rejected);
		assert_int_equal(d->media[i].dir, CARDEA_INACTIVE);
	}
	cardea_desc_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_kinds_and_ids_agree),
		cmocka_unit_test(finds_parameters_by_name),
		cmocka_unit_test(keeps_of_opus_what_is_offered_and_allowed),
		cmocka_unit_test(picks_a_codec_and_its_profile),
		cmocka_unit_test(extensions_have_one_id_each),
		cmocka_unit_test(payload_types_of_an_offer_never_clash),
		cmocka_unit_test(offers_end_at_the_limit),
		cmocka_unit_test(lines_without_a_fitting_codec_only_keep_their_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
