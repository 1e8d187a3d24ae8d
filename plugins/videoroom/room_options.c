/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>
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

/* ---- options that are kept as they are given ---- */

struct option {
	const char *name, *new_name; /* in `create` and the configuration; in `edit` */
	size_t at;                   /* in struct room */
};
#define OPTION(name, member) { name, "new_" name, offsetof(struct room, member) },
#define NAMED(member)        OPTION(#member, member)
static const struct option texts[] = { ROOM_TEXTS(NAMED) };
static const struct option flags[] = { ROOM_FLAGS(NAMED) };
static const struct option numbers[] = { ROOM_NUMBERS(NAMED) OPTION("publishers", max_publishers) };
#undef NAMED
#undef OPTION

#define MEMBER(type, room, option) (*(type *)((char *)(room) + (option)->at))

/* Reading takes over everything, with defaults; editing what is given.
 * @return NULL: not this one */
static const char *given_name(const struct option *o, const struct cardea_args *args, bool edits)
{
	if (!edits)
		return o->name;
	for (const struct cardea_field *f = args->fields; f->name; f++)
		if (strcmp(f->name, o->new_name) == 0)
			return cardea_given(args, f->name) ? f->name : NULL;
	return NULL;
}

/* Of an edit an empty text changes nothing: a secret or pin once there cannot be taken away. */
static void take_text(
	struct room *r, const struct option *o, const struct cardea_args *args, bool edits)
{
	const char *name = given_name(o, args, edits);
	const char *text = name ? cardea_str(args, name) : NULL;
	if (!text || !*text)
		return;
	g_free(MEMBER(char *, r, o));
	MEMBER(char *, r, o) = g_strdup(text);
}

static void take_all(struct room *r, const struct cardea_args *args, bool edits)
{
	const char *name;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		take_text(r, &texts[i], args, edits);
	for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
		if ((name = given_name(&flags[i], args, edits)))
			MEMBER(bool, r, &flags[i]) = cardea_bool(args, name);
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		if ((name = given_name(&numbers[i], args, edits)))
			MEMBER(unsigned, r, &numbers[i]) = (unsigned)cardea_int(args, name);
}

/* ---- read ---- */

bool room_options_read(struct room *r, const struct cardea_args *args, struct cardea_error *e)
{
	take_all(r, args, false);
	if (!r->description)
		r->description = g_strdup_printf("Room %s", r->id.text);
	if (cardea_given(args, "opusred"))
		r->opusred = cardea_bool(args, "opusred") ? RED_ALL : RED_NONE;
	return parse_codecs(
		       r->audio, cardea_str(args, "audiocodec"), CARDEA_AUDIO, "audiocodec", e) &&
	       parse_codecs(
		       r->video, cardea_str(args, "videocodec"), CARDEA_VIDEO, "videocodec", e);
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

void room_options_edit(struct room *r, const struct cardea_args *args)
{
	take_all(r, args, true);
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
