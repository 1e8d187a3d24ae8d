/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "access.h"
#include "errors.h"
#include "member.h"
#include "named_tracks.h"
#include "publish.h"
#include "publisher_leave.h"
#include "requests.h"
#include "room_end.h"
#include "room_options.h"
#include "rooms.h"
#include "sfu.h"
#include "sfu_events.h"
#include "sfu_lookup.h"
#include "subscriber.h"

#define REALM "janus.plugin.videoroom"

static struct cardea_args conf;
static size_t max_message;

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
	return ok || sfu_error(e);
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
static struct room *make_room(
	const struct sfu_client *s, const struct join *j, struct cardea_error *e)
{
	if (!cardea_bool(&conf, "create_rooms") || admin_key) {
		cardea_fail(e, SFU_UNKNOWN, "There is no room '%s'", j->room_id);
		return NULL;
	}
	json_t *id = sfu_as_id(j->room_id);
	struct room *r = room_create(s->handle, id, &conf, e);
	if (!r) {
		sfu_error(e);
	} else {
		r->is_temporary = true;
		if (!r->pin && j->pin && *j->pin)
			r->pin = g_strdup(j->pin);
		if (!id) {
			r->sfu_name = g_strdup(j->room_id);
			g_free(r->description);
			r->description = g_strdup(j->room_id);
		}
		room_options_changed(r);
	}
	json_decref(id);
	return r;
}

static bool has_place(const struct room *r, const char *id, struct cardea_error *e)
{
	if (!publisher_release_if_gone(sfu_find_participant(r, id)))
		return cardea_fail(e, SFU_CONFLICT, "The participant id '%s' is taken", id);
	return g_hash_table_size(r->publishers) < (unsigned)cardea_int(&conf, "max_participants") ||
	       cardea_fail(e, SFU_FULL, "The room is full");
}

static bool enter(
	struct sfu_client *s, struct room *r, const struct join *j, struct cardea_error *e)
{
	const struct credentials given = { j->pin ? j->pin : "", j->token };
	/* Before anything is told of who is in it. */
	if (!room_admits(r, &given, true, e))
		return sfu_error(e);
	if (!has_place(r, j->participant_id, e) ||
		!(s->publish_handle = sfu_client_open_handle(s, e)))
		return false;
	json_t *id = sfu_as_id(j->participant_id);
	const char *display = j->display;
	if (!id && !display)
		display = j->participant_id;
	json_t *body = json_pack("{s:s, s:O, s:s, s:s*, s:s*}", "ptype", "publisher", "room",
		r->id.json, "pin", given.pin, "token", given.token, "display", display);
	g_free(s->name);
	s->name = id ? NULL : g_strdup(j->participant_id);
	if (id)
		json_object_set_new(body, "id", id);
	if (ask(s->publish_handle, "join", body, NULL, e))
		return true;
	sfu_client_end_handle(&s->publish_handle);
	return false;
}

static bool do_join(struct sfu_client *s, const json_t *message, struct cardea_error *e)
{
	struct join j;
	struct cardea_error none;
	const struct publisher *me = sfu_client_publisher(s, &none);
	if (me)
		return cardea_fail(e, SFU_INVALID, "In room '%s' already", room_name(me->room));
	if (!read_join(message, &j, e) || !has_token(&j, e))
		return false;
	struct room *r = sfu_find_room(j.room_id);
	if (!r && !(r = make_room(s, &j, e)))
		return false;
	if (enter(s, r, &j, e)) {
		sfu_tell_newcomer(sfu_client_publisher(s, e));
		return true;
	}
	if (r->is_temporary && !g_hash_table_size(r->publishers))
		room_destroy(r);
	return false;
}

static bool do_record(struct sfu_client *s, const json_t *message, struct cardea_error *e)
{
	const struct publisher *me = sfu_client_publisher(s, e);
	const json_t *on = json_object_get(message, "on");
	const char *secret = NULL;
	if (!me || !cardea_direct_text(message, "secret", 256, &secret, e))
		return false;
	if (!json_is_boolean(on))
		return cardea_fail(e, SFU_INVALID, "on is neither true nor false");
	return ask(s->publish_handle, "enable_recording",
		json_pack("{s:O, s:s, s:O}", "room", me->room->id.json, "secret",
			secret ? secret : "", "record", on),
		NULL, e);
}

static bool do_leave(struct sfu_client *s, const json_t *message, struct cardea_error *e)
{
	(void)message;
	return sfu_client_publisher(s, e) &&
	       ask(s->publish_handle, "leave", json_object(), NULL, e);
}

/* ---- publishing ---- */

static bool do_publish(struct sfu_client *s, const json_t *message, struct cardea_error *e)
{
	char id[CARDEA_DIRECT_ID + 1], type[CARDEA_DIRECT_ID + 1];
	struct publisher *me = sfu_client_publisher(s, e);
	if (!me || !cardea_direct_id(message, "track_id", id, e) ||
		!cardea_direct_id(message, "track_type", type, e))
		return false;
	for (enum cardea_kind kind = CARDEA_AUDIO; kind <= CARDEA_VIDEO; kind++)
		if (!strcmp(type, kind_name(kind)))
			return named_tracks_add(me->named_tracks, id, kind, e);
	return cardea_fail(e, SFU_INVALID, "track_type is neither audio nor video");
}

static bool do_unpublish(struct sfu_client *s, const json_t *message, struct cardea_error *e)
{
	char id[CARDEA_DIRECT_ID + 1];
	struct publisher *me = sfu_client_publisher(s, e);
	if (!me || !cardea_direct_id(message, "track_id", id, e))
		return false;
	if (!named_tracks_remove(me->named_tracks, id))
		return cardea_fail(e, SFU_UNKNOWN, "You publish no track '%s'", id);
	for (unsigned i = 0; i < me->n_streams; i++)
		if (g_strcmp0(me->streams[i].track_id, id) == 0 && !me->streams[i].disabled)
			publisher_drop_stream(me, i);
	return true;
}

/* The description that a message of its type brings, for @p h. @return NULL with @p e filled */
static const struct cardea_desc *read_description(
	struct cardea_handle *h, const json_t *message, const char *type, struct cardea_error *e)
{
	const json_t *jsep = json_object_get(message, type);
	const char *given = json_string_value(json_object_get(jsep, "type"));
	if (!jsep) {
		cardea_fail(e, SFU_INVALID, "Missing mandatory element (%s)", type);
		return NULL;
	}
	if (given && strcmp(given, type) != 0) {
		cardea_fail(
			e, SFU_INVALID, "The description is of type '%.20s', not %s", given, type);
		return NULL;
	}
	const struct cardea_desc *desc = cardea_take_jsep(h, jsep, e);
	if (!desc)
		sfu_error(e);
	return desc;
}

/* Tracks that the room cannot carry were refused in the answer; tell so. */
static void tell_refused_tracks(struct sfu_client *s, const struct publisher *me)
{
	for (unsigned i = 0; i < me->n_streams; i++) {
		struct cardea_error e;
		if (!me->streams[i].disabled || !me->streams[i].track_id)
			continue;
		cardea_fail(&e, SFU_INVALID, "No codec of track '%s' is allowed in this room",
			me->streams[i].track_id);
		sfu_client_send_error(s, &e);
	}
}

static bool do_offer(struct sfu_client *s, const json_t *message, struct cardea_error *e)
{
	struct publisher *me = sfu_client_publisher(s, e);
	const struct cardea_desc *offer =
		me ? read_description(s->publish_handle, message, "offer", e) : NULL;
	if (!offer || !named_tracks_check(me->named_tracks, offer, e) ||
		!ask(s->publish_handle, "configure", json_object(), offer, e))
		return false;
	if (!me->publishing)
		return true; /* it could not be, and the participant knows why */
	named_tracks_bind(me->named_tracks);
	tell_refused_tracks(s, me);
	return true;
}

/* ---- receiving ---- */

static bool first_track(
	struct sfu_client *s, const struct publisher *me, json_t *streams, struct cardea_error *e)
{
	json_t *body = json_pack("{s:s, s:O, s:I, s:b, s:o}", "ptype", "subscriber", "room",
		me->room->id.json, "private_id", (json_int_t)me->private_id, "use_msid", 1,
		"streams", streams);
	s->receive_handle = sfu_client_open_handle(s, e);
	if (!s->receive_handle)
		json_decref(body);
	else if (ask(s->receive_handle, "join", body, NULL, e)) {
		if (!sfu_client_subscriber(s)) /* the participant knows why */
			sfu_client_end_handle(&s->receive_handle);
		return true;
	}
	sfu_client_end_handle(&s->receive_handle);
	return false;
}

static void tell_subscribed(struct sfu_client *s, const struct wanted *w)
{
	char mid[12];
	g_snprintf(mid, sizeof mid, "%d", sfu_line_of(s, w));
	sfu_client_send(s, json_pack("{s:s, s:s, s:s, s:s}", "type", "subscribed", "publisher_id",
				   publisher_name(w->feed), "track_id",
				   stream_track_name(&w->feed->streams[w->mindex]), "mid", mid));
}

static bool do_subscribe(struct sfu_client *s, const json_t *message, struct cardea_error *e)
{
	struct wanted w;
	json_t *held, *one;
	size_t i;
	if (!sfu_find_track(s, message, &w, e))
		return false;
	if (sfu_line_of(s, &w) >= 0)
		return cardea_fail(e, SFU_CONFLICT, "Subscribed to this track already");
	if (s->receive_handle && sfu_client_subscriber(s)->streams->len >= CARDEA_MEDIA_MAX)
		return cardea_fail(e, SFU_FULL, "More than %d tracks", CARDEA_MEDIA_MAX);
	json_t *streams = json_pack(
		"[{s:O, s:s}]", "feed", w.feed->id.json, "mid", w.feed->streams[w.mindex].mid);
	s->held = json_array();
	bool ok = s->receive_handle ? ask(s->receive_handle, "subscribe",
					      json_pack("{s:o}", "streams", streams), NULL, e)
				    : first_track(s, sfu_client_publisher(s, e), streams, e);
	held = g_steal_pointer(&s->held);
	/* Which m-line it comes by is known before the offer that has it. */
	if (ok && sfu_line_of(s, &w) >= 0)
		tell_subscribed(s, &w);
	json_array_foreach(held, i, one)
		sfu_client_send(s, json_incref(one));
	json_decref(held);
	return ok;
}

static bool do_unsubscribe(struct sfu_client *s, const json_t *message, struct cardea_error *e)
{
	struct wanted w;
	char mid[12];
	if (!sfu_find_track(s, message, &w, e))
		return false;
	int line = sfu_line_of(s, &w);
	if (line < 0)
		return cardea_fail(e, SFU_UNKNOWN, "Not subscribed to this track");
	g_snprintf(mid, sizeof mid, "%d", line);
	sfu_client_send(s, json_pack("{s:s, s:s, s:s}", "type", "unsubscribed", "publisher_id",
				   publisher_name(w.feed), "track_id",
				   stream_track_name(&w.feed->streams[w.mindex])));
	return ask(s->receive_handle, "unsubscribe",
		json_pack("{s:[{s:s}]}", "streams", "sub_mid", mid), NULL, e);
}

static bool do_answer(struct sfu_client *s, const json_t *message, struct cardea_error *e)
{
	if (!sfu_client_publisher(s, e))
		return false;
	if (!s->receive_handle)
		return cardea_fail(e, SFU_CONFLICT, "Unexpected answer: nothing was offered");
	const struct cardea_desc *answer =
		read_description(s->receive_handle, message, "answer", e);
	return answer && ask(s->receive_handle, "start", json_object(), answer, e);
}

static bool do_candidate(struct sfu_client *s, const json_t *message, struct cardea_error *e)
{
	const json_t *candidate = json_object_get(message, "candidate"),
		     *which = json_object_get(message, "connection");
	const char *name = which ? json_string_value(which) : "publish";
	if (!sfu_client_publisher(s, e))
		return false;
	if (!candidate)
		return cardea_fail(e, SFU_INVALID, "Missing mandatory element (candidate)");
	if (!json_is_object(candidate) && !json_is_null(candidate))
		return cardea_fail(
			e, SFU_INVALID, "Invalid element type (candidate should be an object)");
	if (!name || (strcmp(name, "publish") != 0 && strcmp(name, "subscribe") != 0))
		return cardea_fail(e, SFU_INVALID, "connection is neither publish nor subscribe");
	struct cardea_handle *h = *name == 'p' ? s->publish_handle : s->receive_handle;
	if (!h)
		return cardea_fail(e, SFU_CONFLICT, "Nothing was offered for this connection");
	return cardea_trickle(h, candidate, e) || sfu_error(e);
}

/* ---- messages ---- */

static bool run(
	struct sfu_client *s, const char *type, const json_t *message, struct cardea_error *e)
{
	static const struct {
		const char *type;
		bool (*fn)(struct sfu_client *s, const json_t *message, struct cardea_error *e);
	} all[] = {
		{ "join_room", do_join },
		{ "record_room", do_record },
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

void sfu_message(struct cardea_handle *h, const struct cardea_direct_message *what)
{
	struct member *m = cardea_user_data(h);
	struct cardea_error e = { 0 };
	if (!m->sfu) {
		m->sfu = g_new0(struct sfu_client, 1);
		m->sfu->handle = h;
	}
	const char *type = cardea_direct_type(what, max_message, &e);
	if (!type || !run(m->sfu, type, what->json, &e))
		sfu_client_send_error(m->sfu, &e);
}

/* ---- hooks ---- */

void sfu_hangup(struct cardea_handle *h, const char *reason)
{
	struct member *m = cardea_user_data(h);
	struct sfu_client *s = m->sfu;
	if (!s)
		return;
	bool is_up = h == s->publish_handle;
	sfu_client_send(s, json_pack("{s:s, s:s, s:s}", "type", "hangup", "connection",
				   is_up ? "publish" : "subscribe", "reason", reason));
	/* What went over it is to be published, or subscribed to, anew. */
	if (is_up && m->publisher)
		g_ptr_array_set_size(m->publisher->named_tracks, 0);
	else if (!is_up)
		sfu_client_end_handle(&s->receive_handle);
}

void sfu_detached(struct cardea_handle *h)
{
	struct sfu_client *s = ((struct member *)cardea_user_data(h))->sfu;
	if (!s)
		return;
	if (s->publish_handle == h)
		s->publish_handle = NULL;
	if (s->receive_handle == h)
		s->receive_handle = NULL;
	if (s->handle != h)
		return;
	struct cardea_handle *const others[] = { s->publish_handle, s->receive_handle };
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
