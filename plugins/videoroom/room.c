/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "allowed.h"
#include "empty.h"
#include "makers.h"
#include "news.h"
#include "owed.h"
#include "room.h"

bool string_ids;
const char *admin_key;
unsigned max_rooms = UINT_MAX;
static GHashTable *table;

/* ---- ids ---- */

bool ident_set(struct ident *id, const json_t *value)
{
	ident_clear(id);
	if (json_is_string(value))
		id->text = g_strdup(json_string_value(value));
	else if (json_is_integer(value))
		id->text = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		return false;
	id->json = json_deep_copy(value);
	return true;
}

bool ident_is_any(const json_t *value)
{
	return !value ||
	       (json_is_integer(value) ? !json_integer_value(value) : !*json_string_value(value));
}

/* A UUID of version 4 (RFC 4122, section 4.4). */
static char *random_uuid(void)
{
	uint8_t b[16];
	cardea_random(b, sizeof b);
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	return g_strdup_printf(
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		b[15]);
}

/* 52 bits: fits a JavaScript number with room to spare. */
static char *random_number(void)
{
	uint64_t n;
	cardea_random(&n, sizeof n);
	return g_strdup_printf("%" G_GUINT64_FORMAT, (guint64)(1 + (n >> 12)));
}

void ident_random(struct ident *id, GHashTable *taken)
{
	do {
		ident_clear(id);
		id->text = string_ids ? random_uuid() : random_number();
	} while (g_hash_table_contains(taken, id->text));
	id->json = string_ids ? json_string(id->text) : json_integer(strtoll(id->text, NULL, 10));
}

void ident_clear(struct ident *id)
{
	json_decref(id->json);
	g_free(id->text);
	*id = (struct ident){ 0 };
}

/* ---- making and ending rooms ---- */

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

bool room_codecs_known(const struct cardea_args *args, struct cardea_error *e)
{
	enum cardea_codec_id ids[ROOM_CODECS];
	return parse_codecs(ids, cardea_str(args, "audiocodec"), CARDEA_AUDIO, "audiocodec", e) &&
	       parse_codecs(ids, cardea_str(args, "videocodec"), CARDEA_VIDEO, "videocodec", e);
}

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

static void room_free(void *arg)
{
	struct room *r = arg;
	makers_count(r->whose, -1);
	if (r->fir_timer)
		cardea_timer_stop(r->fir_timer);
	g_free(r->listed[0]);
	g_free(r->listed[1]);
	ident_clear(&r->id);
	g_free(r->description);
	g_free(r->secret);
	g_free(r->pin);
	g_free(r->rec_dir);
	g_free(r->audio_names);
	g_free(r->video_names);
	g_free(r->vp9_profile);
	g_free(r->h264_profile);
	g_free(r->name);
	allowed_free(r->allowed);
	g_hash_table_destroy(r->by_private_id);
	g_hash_table_destroy(r->publishers);
	g_ptr_array_free(r->subscribers, TRUE);
	g_free(r);
}

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

/* Giving the list turns the check on, an empty one too. */
static bool read_tokens(struct room *r, const struct cardea_args *args, struct cardea_error *e)
{
	r->allowed = allowed_new();
	r->checks_tokens = cardea_given(args, "allowed");
	return allowed_add(r->allowed, cardea_json(args, "allowed"), e);
}

static struct room *room_new(const json_t *id, const struct cardea_args *args)
{
	struct room *r = g_new0(struct room, 1);
	r->publishers = g_hash_table_new(g_str_hash, g_str_equal);
	r->by_private_id = g_hash_table_new(NULL, NULL);
	r->subscribers = g_ptr_array_new();
	if (!id)
		ident_random(&r->id, table);
	else
		ident_set(&r->id, id);
	read_texts(r, args);
	read_values(r, args);
	return r;
}

/* Said once each time that it comes to that: somebody may go on asking. */
static bool is_full(struct cardea_error *e)
{
	static bool told;
	unsigned n = g_hash_table_size(table);
	if (n >= max_rooms && !told)
		cardea_log(CARDEA_LOG_WARN, "videoroom", 0, "no more rooms",
			"rooms=%u option=general.max_rooms", n);
	told = n >= max_rooms;
	return told &&
	       !cardea_fail(e, E_UNKNOWN, "There are %u rooms already (general.max_rooms)", n);
}

/* An address has half of the rooms that there may be, so that others can make some. */
static bool has_enough(uint64_t whose, struct cardea_error *e)
{
	unsigned n = makers_rooms(whose);
	return n >= max_rooms / 2 + max_rooms % 2 &&
	       !cardea_fail(e, E_UNKNOWN,
		       "Your address has made %u rooms already (half of general.max_rooms)", n);
}

struct room *room_create(const struct cardea_handle *by, const json_t *id,
	const struct cardea_args *args, struct cardea_error *e)
{
	struct room *r = room_new(id, args);
	uint64_t whose = by ? cardea_whose(by) : 0;
	bool ok = parse_codecs(r->audio, r->audio_names, CARDEA_AUDIO, "audiocodec", e) &&
		  parse_codecs(r->video, r->video_names, CARDEA_VIDEO, "videocodec", e);
	if (ok && g_hash_table_contains(table, r->id.text))
		ok = cardea_fail(e, E_ROOM_EXISTS, "Room %s already exists", r->id.text);
	if (!ok || is_full(e) || has_enough(whose, e) || !read_tokens(r, args, e)) {
		room_free(r);
		return NULL;
	}
	r->whose = whose;
	makers_count(whose, 1);
	room_changed(r);
	empty_touch(r);
	g_hash_table_insert(table, r->id.text, r);
	cardea_log(CARDEA_LOG_INFO, "videoroom", 0, "room created", "room=%s", r->id.text);
	return r;
}

void room_destroy(struct room *r)
{
	room_tell(r, NULL, json_pack("{s:s, s:O}", "videoroom", "destroyed", "room", r->id.json));
	news_destroyed(r);
	g_hash_table_steal(table, r->id.text);
	subscribers_orphan(r);
	GList *all = g_hash_table_get_values(r->publishers);
	for (GList *l = all; l; l = l->next)
		publisher_orphan(l->data);
	g_list_free(all);
	cardea_log(CARDEA_LOG_INFO, "videoroom", 0, "room destroyed", "room=%s", r->id.text);
	room_free(r);
}

void rooms_start(void)
{
	max_rooms = UINT_MAX;
	makers_start();
	table = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, room_free);
}

void rooms_stop(void)
{
	empty_stop();
	owed_stop();
	g_hash_table_destroy(table);
	table = NULL;
	makers_stop();
}

GHashTable *rooms(void)
{
	return table;
}

/* ---- finding them ---- */

struct room *room_find(const json_t *id, struct cardea_error *e)
{
	struct ident want = { 0 };
	struct room *r = ident_set(&want, id) ? g_hash_table_lookup(table, want.text) : NULL;
	if (!r)
		cardea_fail(e, E_NO_SUCH_ROOM, "No such room (%s)", want.text ? want.text : "");
	ident_clear(&want);
	return r;
}

/* ---- showing them ---- */

json_t *room_list_entry(const struct room *r)
{
	json_t *j = json_pack("{s:O, s:s, s:b, s:b, s:i, s:I, s:i, s:b, s:b, s:b, s:b, s:s, s:s}",
		"room", r->id.json, "description", r->description, "pin_required", r->pin != NULL,
		"is_private", r->is_private, "max_publishers", (int)r->max_publishers, "bitrate",
		(json_int_t)r->bitrate, "fir_freq", (int)r->fir_freq, "require_pvtid",
		r->require_pvtid, "require_e2ee", r->require_e2ee, "dummy_publisher", 0,
		"notify_joining", r->notify_joining, "audiocodec", r->audio_names, "videocodec",
		r->video_names);
	const struct {
		const char *name;
		bool on;
	} if_true[] = {
		{ "bitrate_cap", r->bitrate_cap },
		{ "opus_fec", r->opus_fec },
		{ "opus_dtx", r->opus_dtx },
		{ "opusred", r->opusred == RED_ALL },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(if_true); i++)
		if (if_true[i].on)
			json_object_set_new(j, if_true[i].name, json_true());
	json_object_update_new(
		j, json_pack("{s:b, s:s*, s:b, s:i, s:b, s:b, s:b, s:b, s:b}", "record", r->record,
			   "rec_dir", r->rec_dir, "lock_record", r->lock_record, "num_participants",
			   (int)g_hash_table_size(r->publishers), "audiolevel_ext",
			   r->audiolevel_ext, "audiolevel_event", r->audiolevel_event,
			   "videoorient_ext", r->videoorient_ext, "playoutdelay_ext",
			   r->playoutdelay_ext, "transport_wide_cc_ext", r->transport_cc_ext));
	if (r->audiolevel_event) {
		json_object_set_new(
			j, "audio_active_packets", json_integer(r->audio_active_packets));
		json_object_set_new(j, "audio_level_average", json_integer(r->audio_level_average));
	}
	return j;
}

/* Only the number of participants changes from one list to the next. No text of a client's can have
 * the quotes as they are. */
static void print_entry(struct room *r)
{
	static const char number[] = "\"num_participants\":";
	json_t *entry = room_list_entry(r);
	char *text = json_dumps(entry, JSON_COMPACT), *at = strstr(text, number) + strlen(number);
	g_free(r->listed[0]);
	g_free(r->listed[1]);
	r->listed[0] = g_strndup(text, (gsize)(at - text));
	r->listed[1] = g_strdup(at + strspn(at, "0123456789"));
	free(text);
	json_decref(entry);
}

void room_list_text(const struct room *r, GString *out)
{
	char number[12];
	g_snprintf(number, sizeof number, "%u", g_hash_table_size(r->publishers));
	g_string_append(out, r->listed[0]);
	g_string_append(out, number);
	g_string_append(out, r->listed[1]);
}

void room_changed(struct room *r)
{
	if (r->bitrate && r->bitrate < ROOM_MIN_BITRATE)
		r->bitrate = ROOM_MIN_BITRATE;
	if (r->fir_timer)
		cardea_timer_stop(r->fir_timer);
	r->fir_timer = r->fir_freq ? cardea_timer(r->fir_freq * 1000, ask_all_keyframes, r) : 0;
	print_entry(r);
}

json_t *event_new(const struct room *r)
{
	return json_pack("{s:s, s:O}", "videoroom", "event", "room", r->id.json);
}

struct cardea_handle **room_handles(const struct room *r, const struct publisher *except,
	bool (*takes)(const struct publisher *p), unsigned *n)
{
	struct cardea_handle **to =
		g_new(struct cardea_handle *, g_hash_table_size(r->publishers) + 1);
	GHashTableIter it;
	struct publisher *p;
	*n = 0;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		if (p != except && (!takes || takes(p)))
			to[(*n)++] = p->handle;
	return to;
}

void room_tell(struct room *r, const struct publisher *except, json_t *event)
{
	unsigned n;
	struct cardea_handle **to = room_handles(r, except, NULL, &n);
	cardea_event_all(to, n, event);
	g_free(to);
}

unsigned room_active_publishers(const struct room *r, const struct publisher *except)
{
	GHashTableIter it;
	struct publisher *p;
	unsigned n = 0;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		n += p != except && p->publishing;
	return n;
}

unsigned room_streams(const struct room *r, const struct publisher *except)
{
	GHashTableIter it;
	struct publisher *p;
	unsigned n = 0;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		n += p != except ? p->n_streams : 0;
	return n;
}
