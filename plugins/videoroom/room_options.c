/* SPDX-License-Identifier: Apache-2.0 */
#include "allowed.h"
#include "errors.h"
#include "room_list.h"
#include "room_options.h"

/* ---- codecs ---- */

static char *codec_words(enum cardea_kind kind)
{
	GString *words = g_string_new(NULL);
	for (int id = 1; id < CARDEA_N_CODECS; id++)
		if (cardea_codec_kind(id) == kind)
			g_string_append_printf(
				words, "%s%s", words->len ? ", " : "", cardea_codec_name(id));
	return g_string_free(words, FALSE);
}

/* "vp8,h264" to a list; both members of @p kind only, in the order given. */
static bool parse_codecs(enum cardea_codec_id out[ROOM_CODECS], const char *text,
	enum cardea_kind kind, const char *field, struct cardea_error *e)
{
	g_auto(GStrv) words = g_strsplit(text, ",", -1);
	unsigned n = 0;
	for (unsigned i = 0; words[i] && n < ROOM_CODECS; i++) {
		enum cardea_codec_id id = cardea_codec_by_name(g_strstrip(words[i]));
		if (cardea_codec_kind(id) != kind) {
			g_autofree char *known = codec_words(kind);
			return cardea_fail(e, E_INVALID,
				"Invalid element (%s can only be or contain %s)", field, known);
		}
		out[n++] = id;
	}
	return n ? true : cardea_fail(e, E_INVALID, "Invalid element (%s is empty)", field);
}

bool room_options_name_codecs(const struct cardea_args *args, struct cardea_error *e)
{
	enum cardea_codec_id ids[ROOM_CODECS];
	return parse_codecs(ids, cardea_str(args, "audiocodec"), CARDEA_AUDIO, "audiocodec", e) &&
	       parse_codecs(ids, cardea_str(args, "videocodec"), CARDEA_VIDEO, "videocodec", e);
}

/* ---- read ---- */

static char *text_or_null(const struct cardea_args *args, const char *name)
{
	const char *s = cardea_str(args, name);
	return s && *s ? g_strdup(s) : NULL;
}

static void read_texts(struct room *r, const struct cardea_args *args)
{
	r->description = text_or_null(args, "description");
	if (!r->description)
		r->description = g_strdup_printf("Room %s", r->id.text);
	r->secret = text_or_null(args, "secret");
	r->pin = text_or_null(args, "pin");
	r->rec_dir = text_or_null(args, "rec_dir");
	r->audio_names = g_strdup(cardea_str(args, "audiocodec"));
	r->video_names = g_strdup(cardea_str(args, "videocodec"));
	r->vp9_profile = text_or_null(args, "vp9_profile");
	r->h264_profile = text_or_null(args, "h264_profile");
}

static void read_values(struct room *r, const struct cardea_args *args)
{
	const struct {
		const char *name;
		bool *at;
	} flags[] = {
		{ "is_private", &r->is_private },
		{ "require_pvtid", &r->require_pvtid },
		{ "bitrate_cap", &r->bitrate_cap },
		{ "opus_fec", &r->opus_fec },
		{ "opus_dtx", &r->opus_dtx },
		{ "audiolevel_ext", &r->audiolevel_ext },
		{ "audiolevel_event", &r->audiolevel_event },
		{ "videoorient_ext", &r->videoorient_ext },
		{ "playoutdelay_ext", &r->playoutdelay_ext },
		{ "transport_wide_cc_ext", &r->transport_cc_ext },
		{ "record", &r->record },
		{ "lock_record", &r->lock_record },
		{ "notify_joining", &r->notify_joining },
		{ "require_e2ee", &r->require_e2ee },
		{ "signed_tokens", &r->signed_tokens },
	};
	const struct {
		const char *name;
		unsigned *at;
	} numbers[] = {
		{ "publishers", &r->max_publishers },
		{ "bitrate", &r->bitrate },
		{ "fir_freq", &r->fir_freq },
		{ "audio_active_packets", &r->audio_active_packets },
		{ "audio_level_average", &r->audio_level_average },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
		*flags[i].at = cardea_bool(args, flags[i].name);
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		*numbers[i].at = (unsigned)cardea_int(args, numbers[i].name);
	if (cardea_given(args, "opusred"))
		r->opusred = cardea_bool(args, "opusred") ? RED_ALL : RED_NONE;
}

bool room_options_read(struct room *r, const struct cardea_args *args, struct cardea_error *e)
{
	read_texts(r, args);
	read_values(r, args);
	return parse_codecs(r->audio, r->audio_names, CARDEA_AUDIO, "audiocodec", e) &&
	       parse_codecs(r->video, r->video_names, CARDEA_VIDEO, "videocodec", e);
}

/* Giving the list turns the check on, an empty one too. */
bool room_options_read_tokens(
	struct room *r, const struct cardea_args *args, struct cardea_error *e)
{
	r->allowed = allowed_new();
	r->checks_tokens = cardea_given(args, "allowed");
	return allowed_add(r->allowed, cardea_json(args, "allowed"), e);
}

/* ---- changed ---- */

/* An empty text changes nothing: a secret or pin once there cannot be taken away. */
static void edit_text(char **at, const struct cardea_args *args, const char *name)
{
	const char *text = cardea_str(args, name);
	if (!text || !*text)
		return;
	g_free(*at);
	*at = g_strdup(text);
}

static void edit_values(struct room *r, const struct cardea_args *args)
{
	const struct {
		const char *name;
		bool *at;
	} flags[] = {
		{ "new_is_private", &r->is_private },
		{ "new_require_pvtid", &r->require_pvtid },
		{ "new_lock_record", &r->lock_record },
	};
	const struct {
		const char *name;
		unsigned *at;
	} numbers[] = {
		{ "new_publishers", &r->max_publishers },
		{ "new_bitrate", &r->bitrate },
		{ "new_fir_freq", &r->fir_freq },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
		if (cardea_given(args, flags[i].name))
			*flags[i].at = cardea_bool(args, flags[i].name);
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		if (cardea_given(args, numbers[i].name))
			*numbers[i].at = (unsigned)cardea_int(args, numbers[i].name);
}

void room_options_edit(struct room *r, const struct cardea_args *args)
{
	edit_text(&r->description, args, "new_description");
	edit_text(&r->secret, args, "new_secret");
	edit_text(&r->pin, args, "new_pin");
	edit_text(&r->rec_dir, args, "new_rec_dir");
	edit_values(r, args);
	r->is_permanent |= cardea_bool(args, "permanent");
	room_options_changed(r);
}

/* ---- in force ---- */

static void ask_all_keyframes(void *arg)
{
	struct room *r = arg;
	GHashTableIter it;
	struct publisher *p;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		for (unsigned i = 0; p->announced && i < p->n_streams; i++)
			if (p->streams[i].kind == CARDEA_VIDEO && !p->streams[i].disabled)
				cardea_keyframe((struct cardea_track){ p->handle, i });
}

void room_options_changed(struct room *r)
{
	if (r->bitrate && r->bitrate < ROOM_MIN_BITRATE)
		r->bitrate = ROOM_MIN_BITRATE;
	if (r->fir_timer)
		cardea_timer_stop(r->fir_timer);
	r->fir_timer = r->fir_freq ? cardea_timer(r->fir_freq * 1000, ask_all_keyframes, r) : 0;
	room_list_changed(r);
}
