/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include "access.h"
#include "data.h"
#include "empty.h"
#include "face.h"
#include "requests.h"
#include "schema.h"
#include "sfu.h"
#include "subscription.h"

/** @file
 * The hooks of the video room and the requests that belong to no role; what publishers and
 * subscribers do is in files of their own. A room's media is nothing but routes from publishers'
 * tracks to subscribers'. */

/* bytes of a list of rooms: of more than 8 MiB at once a client would be dropped */
#define LIST_MAX (7 << 20)

/* ---- managing rooms ---- */

bool on_create(struct cardea_call *c)
{
	struct cardea_args args = c->args;
	if (!secret_ok(admin_key, &args, "admin_key", c->error))
		return false;
	const json_t *id = cardea_json(&args, "room");
	struct room *r = room_create(c->handle, ident_is_any(id) ? NULL : id, &args, c->error);
	if (!r)
		return false;
	if (r->signed_tokens && !cardea_has_signed_tokens())
		cardea_log(CARDEA_LOG_WARN, "videoroom", 0, "room asks for no tokens",
			"room=%s because=\"signed_tokens without general.token_auth_secret\"",
			r->id.text);
	r->is_lasting = cardea_bool(&args, "permanent");
	c->data = json_pack(
		"{s:s, s:O, s:b}", "videoroom", "created", "room", r->id.json, "permanent", 0);
	return true;
}

bool on_destroy(struct cardea_call *c)
{
	struct room *r = room_find(cardea_json(&c->args, "room"), c->error);
	if (!r || !room_allows(r, &c->args, c->error))
		return false;
	c->data = json_pack(
		"{s:s, s:O, s:b}", "videoroom", "destroyed", "room", r->id.json, "permanent", 0);
	room_destroy(r);
	return true;
}

bool on_exists(struct cardea_call *c)
{
	struct cardea_error unused;
	const json_t *id = cardea_json(&c->args, "room");
	c->data = json_pack("{s:s, s:O, s:b}", "videoroom", "success", "room", id, "exists",
		room_find(id, &unused) != NULL);
	return true;
}

static json_t *list_rooms(bool all)
{
	GHashTableIter it;
	struct room *r;
	json_t *list = json_array();
	g_hash_table_iter_init(&it, rooms());
	while (g_hash_table_iter_next(&it, NULL, (void **)&r))
		if (all || !r->is_private)
			json_array_append_new(list, room_list_entry(r));
	return list;
}

/* As text: there may be thousands. @param left_out out: how many found no room in it */
static char *print_rooms(bool all, unsigned *left_out)
{
	GHashTableIter it;
	struct room *r;
	GString *out = g_string_new("[");
	g_hash_table_iter_init(&it, rooms());
	while (g_hash_table_iter_next(&it, NULL, (void **)&r)) {
		if (!all && r->is_private)
			continue;
		if (out->len > LIST_MAX) {
			++*left_out;
			continue;
		}
		if (out->len > 1)
			g_string_append_c(out, ',');
		room_list_text(r, out);
	}
	g_string_append_c(out, ']');
	return g_string_free(out, FALSE);
}

bool on_list(struct cardea_call *c)
{
	bool all = admin_key && cardea_given(&c->args, "admin_key");
	if (all && !secret_ok(admin_key, &c->args, "admin_key", c->error))
		return false;
	unsigned left_out = 0;
	c->inner = c->handle ? print_rooms(all, &left_out) : NULL;
	c->data = json_pack("{s:s}", "videoroom", "success");
	if (left_out)
		json_object_set_new(c->data, "left_out", json_integer(left_out));
	json_object_set_new(c->data, "list", c->inner ? json_null() : list_rooms(all));
	return true;
}

static json_t *participant_json(const struct publisher *p)
{
	bool known, talking = publisher_talks(p, &known);
	json_t *j = json_pack("{s:O}", "id", p->id.json);
	if (p->display)
		json_object_set_new(j, "display", json_string(p->display));
	if (p->metadata)
		json_object_set(j, "metadata", p->metadata);
	json_object_set_new(j, "publisher", json_boolean(p->announced));
	if (known && p->announced)
		json_object_set_new(j, "talking", json_boolean(talking));
	return j;
}

bool on_listparticipants(struct cardea_call *c)
{
	GHashTableIter it;
	struct publisher *p;
	struct room *r = room_find(cardea_json(&c->args, "room"), c->error);
	if (!r || !room_shows(r, c))
		return false;
	json_t *list = json_array();
	g_hash_table_iter_init(&it, r->publishers);
	while (g_hash_table_iter_next(&it, NULL, (void **)&p))
		json_array_append_new(list, participant_json(p));
	c->data = json_pack("{s:s, s:O, s:o}", "videoroom", "participants", "room", r->id.json,
		"participants", list);
	return true;
}

/* The participant that somebody who may manage the room names. */
static struct publisher *managed(struct cardea_call *c)
{
	struct room *r = room_find(cardea_json(&c->args, "room"), c->error);
	if (!r || !room_allows(r, &c->args, c->error))
		return NULL;
	struct ident id = { 0 };
	ident_set(&id, cardea_json(&c->args, "id"));
	struct publisher *p = g_hash_table_lookup(r->publishers, id.text);
	if (!p)
		cardea_fail(c->error, E_NO_SUCH_FEED, "No such user %s in room %s", id.text,
			r->id.text);
	ident_clear(&id);
	return p;
}

bool on_kick(struct cardea_call *c)
{
	struct publisher *p = managed(c);
	if (!p)
		return false;
	c->data = json_pack("{s:s}", "videoroom", "success");
	return publisher_kick(p);
}

bool on_moderate(struct cardea_call *c)
{
	struct publisher *p = managed(c);
	const char *mid = cardea_str(&c->args, "mid");
	int at = p ? publisher_find_mid(p, mid) : -1;
	if (p && at < 0)
		cardea_fail(c->error, E_NO_SUCH_FEED, "No such stream %s", mid);
	if (at < 0)
		return false;
	publisher_moderate(p, (unsigned)at, cardea_bool(&c->args, "mute"));
	c->data = json_pack("{s:s}", "videoroom", "success");
	return true;
}

/* ---- joining ---- */

static bool join(struct cardea_call *c, bool configure)
{
	const struct credentials said = { cardea_str(&c->args, "pin"),
		cardea_str(&c->args, "token") };
	const char *ptype = cardea_str(&c->args, "ptype");
	struct room *r = room_find(cardea_json(&c->args, "room"), c->error);
	if (!r)
		return false;
	bool publisher = !strcasecmp(ptype, "publisher");
	if (!publisher && (configure || strcasecmp(ptype, "subscriber") != 0))
		return cardea_fail(c->error, E_INVALID, "Invalid element (ptype)");
	if (!sfu_is_in(c->handle, r) && !room_admits(r, &said, publisher, c->error))
		return false;
	return publisher ? publisher_join(c, r, configure) : subscriber_join(c, r);
}

bool on_join(struct cardea_call *c)
{
	return join(c, false);
}

bool on_joinandconfigure(struct cardea_call *c)
{
	return join(c, true);
}

/* ---- by role: what a handle may ask for was judged before (role.h) ---- */

static struct publisher *publisher_of(const struct cardea_call *c)
{
	return ((const struct member *)cardea_user_data(c->handle))->publisher;
}

/* The subscriber behind a request, once the description that came along is heard; NULL with the
 * error filled. */
static struct subscriber *subscriber_of(struct cardea_call *c)
{
	struct subscriber *s = ((const struct member *)cardea_user_data(c->handle))->subscriber;
	return s && subscriber_heard(c, s) ? s : NULL;
}

bool on_configure(struct cardea_call *c)
{
	struct publisher *p = publisher_of(c);
	if (p)
		return publisher_request(c, p);
	struct subscriber *s = subscriber_of(c);
	return s && subscriber_configure(c, s);
}

bool on_publish(struct cardea_call *c)
{
	struct publisher *p = publisher_of(c);
	if (p->announced)
		return cardea_fail(
			c->error, E_ALREADY_PUBLISHED, "Can't publish, already published");
	return publisher_request(c, p);
}

bool on_unpublish(struct cardea_call *c)
{
	return publisher_unpublish(c, publisher_of(c));
}

bool on_start(struct cardea_call *c)
{
	struct subscriber *s = subscriber_of(c);
	return s && subscriber_start(c, s);
}

bool on_pause(struct cardea_call *c)
{
	struct subscriber *s = subscriber_of(c);
	return s && subscriber_pause(c, s);
}

/* subscribe and unsubscribe are update with one of its two lists, and that list must not be
 * empty. */
static bool update_as(struct cardea_call *c, const char *request)
{
	struct subscriber *s = subscriber_of(c);
	const json_t *list = cardea_json(&c->args, "streams");
	if (!s)
		return false;
	if (!json_array_size(list))
		return cardea_fail(c->error, E_INVALID, "Empty subscription list");
	json_t *body = json_pack("{s:O}", request, list);
	c->args = (struct cardea_args){ body, update_fields };
	bool ok = subscriber_update(c, s);
	json_decref(body);
	return ok;
}

bool on_subscribe(struct cardea_call *c)
{
	return update_as(c, "subscribe");
}

bool on_unsubscribe(struct cardea_call *c)
{
	return update_as(c, "unsubscribe");
}

bool on_update(struct cardea_call *c)
{
	struct subscriber *s = subscriber_of(c);
	return s && subscriber_update(c, s);
}

bool on_switch(struct cardea_call *c)
{
	struct subscriber *s = subscriber_of(c);
	return s && subscriber_switch(c, s);
}

bool on_leave(struct cardea_call *c)
{
	struct publisher *p = publisher_of(c);
	if (p)
		return publisher_leave(c, p);
	struct subscriber *s = subscriber_of(c);
	return s && subscriber_leave(c, s);
}

/* ---- hooks ---- */

static int attach(struct cardea_handle *h)
{
	cardea_set_user_data(h, g_new0(struct member, 1));
	return 0;
}

static void detach(struct cardea_handle *h)
{
	struct member *m = cardea_user_data(h);
	if (m->role == ROLE_PUBLISHER)
		publisher_free(m->publisher);
	else if (m->role == ROLE_SUBSCRIBER)
		subscriber_free(m->subscriber);
	sfu_detached(h);
	g_free(m);
}

static void message(struct cardea_handle *h, struct cardea_message *msg)
{
	const struct member *m = cardea_user_data(h);
	cardea_serve(h, msg, requests, &dialect);
	if (m->role == ROLE_SUBSCRIBER)
		subscriber_settled(m->subscriber);
}

static void connected(struct cardea_handle *h)
{
	struct member *m = cardea_user_data(h);
	if (m->role == ROLE_PUBLISHER)
		publisher_connected(m->publisher);
}

static void hangup(struct cardea_handle *h, const char *reason)
{
	struct member *m = cardea_user_data(h);
	if (m->role == ROLE_PUBLISHER)
		publisher_hangup(m->publisher);
	else if (m->role == ROLE_SUBSCRIBER)
		subscriber_hangup(m->subscriber);
	sfu_hangup(h, reason);
}

static void layer(struct cardea_handle *h, unsigned mindex, const struct cardea_layer *now)
{
	struct member *m = cardea_user_data(h);
	if (m->role == ROLE_SUBSCRIBER)
		subscriber_layer(m->subscriber, mindex, now);
}

static bool data(struct cardea_handle *h, const struct cardea_data *what)
{
	const struct member *m = cardea_user_data(h);
	if (m->publisher)
		data_relay(m->publisher, what);
	return true;
}

static void talking(struct cardea_handle *h, unsigned mindex, bool talks, double avg_dbov)
{
	struct member *m = cardea_user_data(h);
	if (m->role == ROLE_PUBLISHER)
		publisher_talking(m->publisher, mindex, talks, avg_dbov);
}

static void slow_link(struct cardea_handle *h, unsigned mindex, bool uplink, unsigned lost)
{
	struct member *m = cardea_user_data(h);
	(void)mindex;
	(void)lost;
	/* A publisher is told that the server misses packets, a subscriber that it does. */
	if (m->role == ROLE_PUBLISHER && !uplink)
		cardea_event(h, NULL,
			json_pack("{s:s, s:I}", "videoroom", "slow_link", "current-bitrate",
				(json_int_t)publisher_bitrate(m->publisher)),
			NULL);
	else if (m->role == ROLE_SUBSCRIBER && uplink)
		cardea_event(h, NULL, json_pack("{s:s}", "videoroom", "slow_link"), NULL);
}

static json_t *query(struct cardea_handle *h)
{
	const struct member *m = cardea_user_data(h);
	if (m->role == ROLE_PUBLISHER) {
		json_t *j = publisher_json(m->publisher, true);
		json_object_set_new(j, "type", json_string("publisher"));
		if (m->publisher->room)
			json_object_set(j, "room", m->publisher->room->id.json);
		return j;
	}
	if (m->role == ROLE_SUBSCRIBER)
		return json_pack("{s:s, s:O, s:o}", "type", "subscriber", "room",
			m->subscriber->room_id.json, "streams", subscription_json(m->subscriber));
	return json_pack("{s:s}", "type", "none");
}

static json_t *admin(const json_t *request)
{
	return cardea_serve_admin(request, requests, &dialect);
}

/* The reason is worded for clients, and names the field. */
static const char *wrong_option(const char *reason)
{
	static const char *const names[] = { "audiocodec", "videocodec" };
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strstr(reason, names[i]))
			return names[i];
	return NULL;
}

static void check_signed_tokens(
	const struct cardea_conf *conf, const char *section, const struct cardea_args *args)
{
	if (cardea_bool(args, "signed_tokens") && !cardea_has_signed_tokens())
		cardea_conf_wrong(conf, false, section, "signed_tokens",
			"it has no effect, and asks nobody for a token: "
			"cardea.jcfg has no general.token_auth with token_auth_secret");
}

/* Rooms of that section are made when somebody joins. */
static void check_rooms_to_come(const struct cardea_conf *conf)
{
	struct cardea_args args = cardea_conf_section(conf, "sfu");
	struct cardea_error e;
	if (!room_codecs_known(&args, &e))
		cardea_conf_wrong(conf, true, "sfu", wrong_option(e.reason), "%s", e.reason);
	check_signed_tokens(conf, "sfu", &args);
}

static void configured_room(
	const struct cardea_conf *conf, const char *name, const struct cardea_args *args)
{
	struct cardea_error e;
	const char *text = name + strlen("room-");
	char *end;
	errno = 0;
	json_int_t number = strtoll(text, &end, 10);
	if (!string_ids && (*end || number <= 0 || errno)) {
		cardea_conf_wrong(conf, true, name, NULL,
			errno == ERANGE ? "its number is too large"
					: "its name is no number, and string_ids is off");
		return;
	}
	json_t *id = string_ids ? json_string(text) : json_integer(number);
	struct room *r = room_create(NULL, id, args, &e);
	if (r)
		r->is_lasting = true;
	else
		cardea_conf_wrong(conf, true, name, wrong_option(e.reason), "%s", e.reason);
	check_signed_tokens(conf, name, args);
	json_decref(id);
}

extern CARDEA_API const struct cardea_plugin cardea_plugin;

static const char *start(const struct cardea_conf *conf)
{
	struct cardea_args general = cardea_conf_section(conf, "general"), args;
	unsigned i = 0;
	const char *name;
	string_ids = cardea_bool(&general, "string_ids");
	admin_key = cardea_str(&general, "admin_key");
	dialect.codes.string_ids = string_ids;
	rooms_start();
	while ((name = cardea_conf_next(conf, "room-*", &i, &args)))
		configured_room(conf, name, &args);
	check_rooms_to_come(conf);
	max_rooms = (unsigned)cardea_int(&general, "max_rooms");
	empty_start((unsigned)cardea_int(&general, "empty_room_timeout"));
	return sfu_start(&cardea_plugin, conf);
}

const struct cardea_plugin cardea_plugin = {
	.size = sizeof(struct cardea_plugin),
	.abi = CARDEA_PLUGIN_ABI,
	.name = "videoroom",
	.title = "Cardea VideoRoom plugin",
	.description =
		"Rooms in which everybody may publish and subscribe: a selective forwarding unit.",
	.author = "The Cardea developers",
	.version_string = "0.1.0",
	.version = 1,
	.options = options,
	.start = start,
	.stop = rooms_stop,
	.attach = attach,
	.detach = detach,
	.message = message,
	.connected = connected,
	.hangup = hangup,
	.layer = layer,
	.talking = talking,
	.data = data,
	.slow_link = slow_link,
	.direct_message = sfu_said,
	.query = query,
	.admin = admin,
	.requests = requests,
	.errors = errors,
};
