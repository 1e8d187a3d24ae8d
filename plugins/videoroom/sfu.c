/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "access.h"
#include "face.h"
#include "named.h"
#include "news.h"
#include "schema.h"
#include "sfu.h"
#include "subscription.h"

#define REALM      "janus.plugin.videoroom"
#define NUMBER_MAX 9007199254740991 /* what JavaScript can count to */

/* A connection. */
struct sfu {
	struct cardea_handle *handle;
	/* for what it publishes, from joining on; for what it receives; NULL: none */
	struct cardea_handle *up, *down;
	/* its participant_id where that is no id of the room's; NULL: it is */
	char *name;
	/* what is to be said when the present request is through; NULL: nothing is held */
	json_t *held;
};

static struct cardea_args conf;
static size_t max_message;

/* ---- saying ---- */

static void say(struct sfu *s, json_t *message)
{
	if (s->held)
		json_array_append_new(s->held, message);
	else
		cardea_direct_send(s->handle, message);
}

static void tell_error(struct sfu *s, const struct cardea_error *e)
{
	say(s, json_pack("{s:s, s:i, s:s}", "type", "error", "code", e->code, "reason", e->reason));
}

/* The room's numbers and the core's (see cardea_take_jsep()) as those of this face. */
static int code_of(int code)
{
	static const struct {
		int code, here;
	} all[] = {
		{ E_NO_SUCH_ROOM, SFU_UNKNOWN },
		{ E_NO_SUCH_FEED, SFU_UNKNOWN },
		{ E_UNAUTHORIZED, SFU_UNAUTHORIZED },
		{ E_ID_EXISTS, SFU_CONFLICT },
		{ E_ROOM_EXISTS, SFU_CONFLICT },
		{ E_PUBLISHERS_FULL, SFU_FULL },
		{ E_UNKNOWN, SFU_FULL },
		{ 461, SFU_FULL },
		{ 469, SFU_CONFLICT },
		{ 490, SFU_FULL },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		if (all[i].code == code)
			return all[i].here;
	return SFU_INVALID;
}

static bool reworded(struct cardea_error *e)
{
	e->code = code_of(e->code);
	return false;
}

bool sfu_describe(struct cardea_handle *h, json_t *data, struct cardea_desc *desc)
{
	struct sfu *s = ((struct member *)cardea_user_data(h))->sfu;
	const char *type = desc->type == CARDEA_OFFER ? "offer" : "answer";
	struct cardea_error e;
	json_decref(data);
	if (!s) {
		cardea_desc_free(desc);
		return false;
	}
	json_t *jsep = cardea_describe(h, desc, &e);
	if (jsep)
		say(s, json_pack("{s:s, s:o}", "type", type, type, jsep));
	else if (!reworded(&e))
		tell_error(s, &e);
	return jsep != NULL;
}

/* ---- asking the room ---- */

/* Make a request of the API, as if it had come with a message. @param body taken */
static bool ask(struct cardea_handle *h, const char *request, json_t *body,
	const struct cardea_desc *remote, struct cardea_error *e)
{
	const struct cardea_request *r = requests;
	while (strcmp(r->name, request) != 0)
		r++;
	struct cardea_call c = { .handle = h,
		.args = { body, r->fields },
		.remote = remote,
		.error = e,
		.request = request };
	bool ok = (!r->may || r->may(&c)) && cardea_check(body, r->fields, &dialect.codes, e) &&
		  r->fn(&c);
	json_decref(c.data);
	cardea_desc_free(c.desc);
	json_decref(body);
	return ok || reworded(e);
}

static struct cardea_handle *open_handle(struct sfu *s, struct cardea_error *e)
{
	struct cardea_handle *h = cardea_extra_handle(s->handle, e);
	if (h)
		((struct member *)cardea_user_data(h))->sfu = s;
	else
		reworded(e);
	return h;
}

static void end_handle(struct cardea_handle **h)
{
	if (!*h)
		return;
	((struct member *)cardea_user_data(*h))->sfu = NULL;
	cardea_end(*h);
	*h = NULL;
}

/* ---- who and what is meant ---- */

/* As an id of the room's; NULL: ids are numbers, and this is none. */
static json_t *as_id(const char *text)
{
	if (string_ids)
		return json_string(text);
	char *end;
	guint64 n = g_ascii_isdigit(*text) && *text != '0' ? g_ascii_strtoull(text, &end, 10) : 0;
	return n && !*end && n <= NUMBER_MAX ? json_integer((json_int_t)n) : NULL;
}

static struct room *find_room(const char *id)
{
	GHashTableIter it;
	struct room *r = g_hash_table_lookup(rooms(), id);
	if (r)
		return r;
	g_hash_table_iter_init(&it, rooms());
	while (g_hash_table_iter_next(&it, NULL, (void **)&r))
		if (g_strcmp0(r->name, id) == 0)
			return r;
	return NULL;
}

static struct publisher *find_participant(const struct room *r, const char *id)
{
	GHashTableIter it;
	struct publisher *p = g_hash_table_lookup(r->publishers, id);
	if (p && !p->name)
		return p;
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		if (g_strcmp0(p->name, id) == 0)
			return p;
	return NULL;
}

/* @return NULL with @p e filled: it has not joined */
static struct publisher *participant(const struct sfu *s, struct cardea_error *e)
{
	if (s->up)
		return ((struct member *)cardea_user_data(s->up))->publisher;
	cardea_fail(e, SFU_INVALID, "Not in a room: join first");
	return NULL;
}

static bool find_track(
	const struct sfu *s, const json_t *message, struct wanted *out, struct cardea_error *e)
{
	char who[CARDEA_DIRECT_ID + 1], track[CARDEA_DIRECT_ID + 1];
	const struct publisher *me = participant(s, e);
	if (!me || !cardea_direct_id(message, "publisher_id", who, e) ||
		!cardea_direct_id(message, "track_id", track, e))
		return false;
	out->feed = find_participant(me->room, who);
	if (!out->feed)
		return cardea_fail(
			e, SFU_UNKNOWN, "There is no participant '%s' in this room", who);
	for (out->mindex = 0; out->mindex < out->feed->n_streams; out->mindex++) {
		const struct stream *st = &out->feed->streams[out->mindex];
		if (st->told && !strcmp(track_name(st), track))
			return true;
	}
	return cardea_fail(e, SFU_UNKNOWN, "Participant '%s' publishes no track '%s'", who, track);
}

static const struct subscriber *subscriber(const struct sfu *s)
{
	return s->down ? ((struct member *)cardea_user_data(s->down))->subscriber : NULL;
}

/* The m-line by which it receives a track; -1: none. */
static int line_of(const struct sfu *s, const struct wanted *w)
{
	const struct subscriber *sub = subscriber(s);
	for (unsigned i = 0; sub && i < sub->streams->len; i++) {
		const struct sub_stream *st = sub->streams->pdata[i];
		if (st->feed == w->feed && st->feed_mindex == w->mindex)
			return (int)i;
	}
	return -1;
}

/* ---- coming and going ---- */

struct join {
	char room_id[CARDEA_DIRECT_ID + 1], participant_id[CARDEA_DIRECT_ID + 1];
	const char *pin, *token, *display; /* NULL: none */
};

static bool read_join(const json_t *message, struct join *j, struct cardea_error *e)
{
	const struct {
		const char *name;
		size_t max;
		const char **out;
	} texts[] = {
		{ "pin", 256, &j->pin },
		{ "token", 4096, &j->token },
		{ "display", 1024, &j->display },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (!cardea_direct_text(message, texts[i].name, texts[i].max, texts[i].out, e))
			return false;
	return cardea_direct_id(message, "room_id", j->room_id, e) &&
	       cardea_direct_id(message, "participant_id", j->participant_id, e);
}

static bool has_token(const struct join *j, struct cardea_error *e)
{
	char descriptor[CARDEA_DIRECT_ID + 8];
	g_snprintf(descriptor, sizeof descriptor, "room=%s", j->room_id);
	if (!cardea_bool(&conf, "tokens") ||
		(cardea_has_tokens() && cardea_token_allows(j->token, REALM, descriptor)))
		return true;
	return cardea_fail(e, SFU_UNAUTHORIZED, "A valid token is needed for this room");
}

/* Who comes first may give it a pin. */
static struct room *make_room(const struct sfu *s, const struct join *j, struct cardea_error *e)
{
	if (!cardea_bool(&conf, "create_rooms") || admin_key) {
		cardea_fail(e, SFU_UNKNOWN, "There is no room '%s'", j->room_id);
		return NULL;
	}
	json_t *id = as_id(j->room_id);
	struct room *r = room_create(s->handle, id, &conf, e);
	if (!r) {
		reworded(e);
	} else {
		r->is_passing = true;
		if (!r->pin && j->pin && *j->pin)
			r->pin = g_strdup(j->pin);
		if (!id) {
			r->name = g_strdup(j->room_id);
			g_free(r->description);
			r->description = g_strdup(j->room_id);
		}
		room_changed(r);
	}
	json_decref(id);
	return r;
}

static bool has_place(const struct room *r, const char *id, struct cardea_error *e)
{
	if (!publisher_yields(find_participant(r, id)))
		return cardea_fail(e, SFU_CONFLICT, "The participant id '%s' is taken", id);
	return g_hash_table_size(r->publishers) < (unsigned)cardea_int(&conf, "max_participants") ||
	       cardea_fail(e, SFU_FULL, "The room is full");
}

static bool enter(struct sfu *s, struct room *r, const struct join *j, struct cardea_error *e)
{
	const struct credentials said = { j->pin ? j->pin : "", j->token };
	/* Before a word of who is in it. */
	if (!room_admits(r, &said, true, e))
		return reworded(e);
	if (!has_place(r, j->participant_id, e) || !(s->up = open_handle(s, e)))
		return false;
	json_t *id = as_id(j->participant_id);
	const char *display = j->display ? j->display : id ? NULL : j->participant_id;
	json_t *body = json_pack("{s:s, s:O, s:s, s:s*, s:s*}", "ptype", "publisher", "room",
		r->id.json, "pin", said.pin, "token", said.token, "display", display);
	g_free(s->name);
	s->name = id ? NULL : g_strdup(j->participant_id);
	if (id)
		json_object_set_new(body, "id", id);
	if (ask(s->up, "join", body, NULL, e))
		return true;
	end_handle(&s->up);
	return false;
}

static bool do_join(struct sfu *s, const json_t *message, struct cardea_error *e)
{
	struct join j;
	struct cardea_error none;
	const struct publisher *me = participant(s, &none);
	if (me)
		return cardea_fail(e, SFU_INVALID, "In room '%s' already", room_name(me->room));
	if (!read_join(message, &j, e) || !has_token(&j, e))
		return false;
	struct room *r = find_room(j.room_id);
	if (!r && !(r = make_room(s, &j, e)))
		return false;
	if (enter(s, r, &j, e)) {
		news_welcome(participant(s, e));
		return true;
	}
	if (r->is_passing && !g_hash_table_size(r->publishers))
		room_destroy(r);
	return false;
}

static bool do_leave(struct sfu *s, const json_t *message, struct cardea_error *e)
{
	(void)message;
	return participant(s, e) && ask(s->up, "leave", json_object(), NULL, e);
}

void sfu_out(struct cardea_handle *h)
{
	struct sfu *s = ((struct member *)cardea_user_data(h))->sfu;
	if (!s)
		return;
	end_handle(&s->up);
	end_handle(&s->down);
}

/* ---- publishing ---- */

static bool do_publish(struct sfu *s, const json_t *message, struct cardea_error *e)
{
	char id[CARDEA_DIRECT_ID + 1], type[CARDEA_DIRECT_ID + 1];
	struct publisher *me = participant(s, e);
	if (!me || !cardea_direct_id(message, "track_id", id, e) ||
		!cardea_direct_id(message, "track_type", type, e))
		return false;
	for (enum cardea_kind kind = CARDEA_AUDIO; kind <= CARDEA_VIDEO; kind++)
		if (!strcmp(type, kind_name(kind)))
			return named_add(me->named, id, kind, e);
	return cardea_fail(e, SFU_INVALID, "track_type is neither audio nor video");
}

static bool do_unpublish(struct sfu *s, const json_t *message, struct cardea_error *e)
{
	char id[CARDEA_DIRECT_ID + 1];
	struct publisher *me = participant(s, e);
	if (!me || !cardea_direct_id(message, "track_id", id, e))
		return false;
	if (!named_remove(me->named, id))
		return cardea_fail(e, SFU_UNKNOWN, "You publish no track '%s'", id);
	for (unsigned i = 0; i < me->n_streams; i++)
		if (g_strcmp0(me->streams[i].track_id, id) == 0 && !me->streams[i].disabled)
			publisher_drop_stream(me, i);
	return true;
}

/* The description that a message of its type brings, for @p h. @return NULL with @p e filled */
static const struct cardea_desc *hear(
	struct cardea_handle *h, const json_t *message, const char *type, struct cardea_error *e)
{
	const json_t *jsep = json_object_get(message, type);
	const char *said = json_string_value(json_object_get(jsep, "type"));
	if (!jsep) {
		cardea_fail(e, SFU_INVALID, "Missing mandatory element (%s)", type);
		return NULL;
	}
	if (said && strcmp(said, type) != 0) {
		cardea_fail(
			e, SFU_INVALID, "The description is of type '%.20s', not %s", said, type);
		return NULL;
	}
	const struct cardea_desc *desc = cardea_take_jsep(h, jsep, e);
	if (!desc)
		reworded(e);
	return desc;
}

/* Tracks that the room cannot carry were refused in the answer; say so. */
static void complain(struct sfu *s, const struct publisher *me)
{
	for (unsigned i = 0; i < me->n_streams; i++) {
		struct cardea_error e;
		if (!me->streams[i].disabled || !me->streams[i].track_id)
			continue;
		cardea_fail(&e, SFU_INVALID, "No codec of track '%s' is allowed in this room",
			me->streams[i].track_id);
		tell_error(s, &e);
	}
}

static bool do_offer(struct sfu *s, const json_t *message, struct cardea_error *e)
{
	struct publisher *me = participant(s, e);
	const struct cardea_desc *offer = me ? hear(s->up, message, "offer", e) : NULL;
	if (!offer || !named_check(me->named, offer, e) ||
		!ask(s->up, "configure", json_object(), offer, e))
		return false;
	if (!me->publishing)
		return true; /* it could not be, and the participant knows why */
	named_bind(me->named);
	complain(s, me);
	return true;
}

/* ---- receiving ---- */

static bool first_track(
	struct sfu *s, const struct publisher *me, json_t *streams, struct cardea_error *e)
{
	json_t *body = json_pack("{s:s, s:O, s:I, s:b, s:o}", "ptype", "subscriber", "room",
		me->room->id.json, "private_id", (json_int_t)me->private_id, "use_msid", 1,
		"streams", streams);
	s->down = open_handle(s, e);
	if (!s->down)
		json_decref(body);
	else if (ask(s->down, "join", body, NULL, e)) {
		if (!subscriber(s)) /* the participant knows why */
			end_handle(&s->down);
		return true;
	}
	end_handle(&s->down);
	return false;
}

static void tell_subscribed(struct sfu *s, const struct wanted *w)
{
	char mid[12];
	g_snprintf(mid, sizeof mid, "%d", line_of(s, w));
	say(s, json_pack("{s:s, s:s, s:s, s:s}", "type", "subscribed", "publisher_id",
		       participant_name(w->feed), "track_id",
		       track_name(&w->feed->streams[w->mindex]), "mid", mid));
}

static bool do_subscribe(struct sfu *s, const json_t *message, struct cardea_error *e)
{
	struct wanted w;
	json_t *held, *one;
	size_t i;
	if (!find_track(s, message, &w, e))
		return false;
	if (line_of(s, &w) >= 0)
		return cardea_fail(e, SFU_CONFLICT, "Subscribed to this track already");
	if (s->down && subscriber(s)->streams->len >= CARDEA_MEDIA_MAX)
		return cardea_fail(e, SFU_FULL, "More than %d tracks", CARDEA_MEDIA_MAX);
	json_t *streams = json_pack(
		"[{s:O, s:s}]", "feed", w.feed->id.json, "mid", w.feed->streams[w.mindex].mid);
	s->held = json_array();
	bool ok =
		s->down ? ask(s->down, "subscribe", json_pack("{s:o}", "streams", streams), NULL, e)
			: first_track(s, participant(s, e), streams, e);
	held = g_steal_pointer(&s->held);
	/* Which m-line it comes by is known before the offer that has it. */
	if (ok && line_of(s, &w) >= 0)
		tell_subscribed(s, &w);
	json_array_foreach(held, i, one)
		say(s, json_incref(one));
	json_decref(held);
	return ok;
}

static bool do_unsubscribe(struct sfu *s, const json_t *message, struct cardea_error *e)
{
	struct wanted w;
	char mid[12];
	if (!find_track(s, message, &w, e))
		return false;
	int line = line_of(s, &w);
	if (line < 0)
		return cardea_fail(e, SFU_UNKNOWN, "Not subscribed to this track");
	g_snprintf(mid, sizeof mid, "%d", line);
	say(s, json_pack("{s:s, s:s, s:s}", "type", "unsubscribed", "publisher_id",
		       participant_name(w.feed), "track_id",
		       track_name(&w.feed->streams[w.mindex])));
	return ask(s->down, "unsubscribe", json_pack("{s:[{s:s}]}", "streams", "sub_mid", mid),
		NULL, e);
}

static bool do_answer(struct sfu *s, const json_t *message, struct cardea_error *e)
{
	if (!participant(s, e))
		return false;
	if (!s->down)
		return cardea_fail(e, SFU_CONFLICT, "Unexpected answer: nothing was offered");
	const struct cardea_desc *answer = hear(s->down, message, "answer", e);
	return answer && ask(s->down, "start", json_object(), answer, e);
}

static bool do_candidate(struct sfu *s, const json_t *message, struct cardea_error *e)
{
	const json_t *candidate = json_object_get(message, "candidate"),
		     *which = json_object_get(message, "connection");
	const char *name = which ? json_string_value(which) : "publish";
	if (!participant(s, e))
		return false;
	if (!candidate)
		return cardea_fail(e, SFU_INVALID, "Missing mandatory element (candidate)");
	if (!json_is_object(candidate) && !json_is_null(candidate))
		return cardea_fail(
			e, SFU_INVALID, "Invalid element type (candidate should be an object)");
	if (!name || (strcmp(name, "publish") != 0 && strcmp(name, "subscribe") != 0))
		return cardea_fail(e, SFU_INVALID, "connection is neither publish nor subscribe");
	struct cardea_handle *h = *name == 'p' ? s->up : s->down;
	if (!h)
		return cardea_fail(e, SFU_CONFLICT, "Nothing was offered for this connection");
	return cardea_trickle(h, candidate, e) || reworded(e);
}

/* ---- hearing ---- */

static bool run(struct sfu *s, const char *type, const json_t *message, struct cardea_error *e)
{
	static const struct {
		const char *type;
		bool (*fn)(struct sfu *s, const json_t *message, struct cardea_error *e);
	} all[] = {
		{ "join_room", do_join },
		{ "leave_room", do_leave },
		{ "publish_track", do_publish },
		{ "unpublish_track", do_unpublish },
		{ "subscribe_track", do_subscribe },
		{ "unsubscribe_track", do_unsubscribe },
		{ "offer", do_offer },
		{ "answer", do_answer },
		{ "ice_candidate", do_candidate },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		if (strcmp(all[i].type, type) == 0)
			return all[i].fn(s, message, e);
	return cardea_fail(e, SFU_INVALID, "Unknown message '%.100s'", type);
}

void sfu_said(struct cardea_handle *h, const struct cardea_direct_message *what)
{
	struct member *m = cardea_user_data(h);
	struct cardea_error e = { 0 };
	if (!m->sfu) {
		m->sfu = g_new0(struct sfu, 1);
		m->sfu->handle = h;
	}
	const char *type = cardea_direct_type(what, max_message, &e);
	if (!type || !run(m->sfu, type, what->json, &e))
		tell_error(m->sfu, &e);
}

/* ---- life ---- */

const char *sfu_name(const struct cardea_handle *h)
{
	const struct sfu *s = ((const struct member *)cardea_user_data(h))->sfu;
	return s ? s->name : NULL;
}

bool sfu_is_in(const struct cardea_handle *h, const struct room *r)
{
	const struct sfu *s = ((const struct member *)cardea_user_data(h))->sfu;
	struct cardea_error none;
	const struct publisher *me = s && h != s->up ? participant(s, &none) : NULL;
	return me && me->room == r;
}

void sfu_hangup(struct cardea_handle *h, const char *reason)
{
	struct member *m = cardea_user_data(h);
	struct sfu *s = m->sfu;
	if (!s)
		return;
	bool is_up = h == s->up;
	say(s, json_pack("{s:s, s:s, s:s}", "type", "hangup", "connection",
		       is_up ? "publish" : "subscribe", "reason", reason));
	/* What went over it is to be published, or subscribed to, anew. */
	if (is_up && m->publisher)
		g_ptr_array_set_size(m->publisher->named, 0);
	else if (!is_up)
		end_handle(&s->down);
}

void sfu_detached(struct cardea_handle *h)
{
	struct sfu *s = ((struct member *)cardea_user_data(h))->sfu;
	if (!s)
		return;
	if (s->up == h)
		s->up = NULL;
	if (s->down == h)
		s->down = NULL;
	if (s->handle != h)
		return;
	struct cardea_handle *const others[] = { s->up, s->down };
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (others[i])
			((struct member *)cardea_user_data(others[i]))->sfu = NULL;
	g_free(s->name);
	g_free(s);
}

const char *sfu_start(const struct cardea_plugin *self, const struct cardea_conf *c)
{
	conf = cardea_conf_section(c, "sfu");
	max_message = (size_t)cardea_int(&conf, "max_message");
	if (cardea_bool(&conf, "tokens") && !cardea_has_tokens())
		cardea_conf_wrong(c, false, "sfu", "tokens",
			"nobody can join: cardea.jcfg has no general.token_auth");
	const char *path = cardea_str(&conf, "path");
	const struct cardea_direct where = { .size = sizeof where,
		.path = path,
		.messages = (unsigned)cardea_int(&conf, "messages_per_second"),
		.ping_after_s = (unsigned)cardea_int(&conf, "ping_after"),
		.ping_timeout_s = (unsigned)cardea_int(&conf, "ping_timeout") };
	return path && *path ? cardea_direct(self, &where) : NULL;
}
