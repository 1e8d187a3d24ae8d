/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The mesh: peers of a room signal each other through the server, and their media goes directly.
 * Two ways in, which meet in one room: plain messages on a WebSocket (docs/protocols.md), and the
 * same as messages of the session API. */
#include <string.h>
#include "errors.h"
#include "room.h"
#include "schema.h"

extern CARDEA_API const struct cardea_plugin cardea_plugin;

#define PIN_MAX   256 /* bytes */
#define TOKEN_MAX 4096

static size_t max_message;

/* ---- messages of a peer ---- */

static bool do_join(struct member *m, const json_t *message, struct cardea_error *e)
{
	char peer_id[CARDEA_DIRECT_ID + 1], room_id[CARDEA_DIRECT_ID + 1];
	struct join j = { .peer_id = peer_id, .room_id = room_id };
	return cardea_direct_id(message, "peer_id", peer_id, e) &&
	       cardea_direct_id(message, "room_id", room_id, e) &&
	       cardea_direct_text(message, "pin", PIN_MAX, &j.pin, e) &&
	       cardea_direct_text(message, "token", TOKEN_MAX, &j.token, e) &&
	       room_join(m, &j, e) != JOIN_FAILED;
}

static bool do_leave(struct member *m, const json_t *message, struct cardea_error *e)
{
	(void)message;
	if (!m->room && !m->holder)
		return cardea_fail(e, E_INVALID, "Not in a room");
	room_leave(m);
	return true;
}

/* Pass @p what on to the target, whatever it is, with the sender's name. */
static bool relay(struct member *m, const json_t *message, const char *type, const char *what,
	struct cardea_error *e)
{
	char id[CARDEA_DIRECT_ID + 1];
	json_t *v = json_object_get(message, what);
	struct member *target;
	if (!cardea_direct_id(message, "target", id, e))
		return false;
	if (!v)
		return cardea_fail(e, E_INVALID, "Missing mandatory element (%s)", what);
	if (!(target = room_find_peer(m, id, e)))
		return false;
	member_tell(target, json_pack("{s:s, s:O, s:s}", "type", type, what, v, "from", m->id));
	return true;
}

static bool do_offer(struct member *m, const json_t *message, struct cardea_error *e)
{
	return relay(m, message, "offer", "offer", e);
}

static bool do_answer(struct member *m, const json_t *message, struct cardea_error *e)
{
	return relay(m, message, "answer", "answer", e);
}

static bool do_candidate(struct member *m, const json_t *message, struct cardea_error *e)
{
	return relay(m, message, "ice_candidate", "candidate", e);
}

static bool run(struct member *m, const char *type, const json_t *message, struct cardea_error *e)
{
	static const struct {
		const char *type;
		bool (*fn)(struct member *m, const json_t *message, struct cardea_error *e);
	} all[] = {
		{ "join", do_join },
		{ "leave", do_leave },
		{ "offer", do_offer },
		{ "answer", do_answer },
		{ "ice_candidate", do_candidate },
	};
	for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(all[i].type, type) == 0)
			return all[i].fn(m, message, e);
	return cardea_fail(e, E_INVALID, "Unknown message '%.100s'", type);
}

/* ---- on a WebSocket ---- */

static void on_direct_message(struct cardea_handle *h, const struct cardea_direct_message *what)
{
	struct member *m = cardea_user_data(h);
	struct cardea_error e;
	const char *type = cardea_direct_type(what, max_message, &e);
	if (!type || !run(m, type, what->json, &e))
		member_tell_error(m, &e);
}

static void alive(struct cardea_handle *h)
{
	room_holder_is_there(cardea_user_data(h));
}

/* ---- by the session API ---- */

static void message(struct cardea_handle *h, struct cardea_message *msg)
{
	struct member *m = cardea_user_data(h);
	const json_t *body = cardea_body(msg);
	const char *type = json_string_value(json_object_get(body, "request"));
	struct cardea_error e;
	bool is_join = type && strcmp(type, "join") == 0 && !m->transaction;
	if (is_join) {
		m->transaction = g_strdup(cardea_transaction(msg));
		cardea_ack(msg);
	}
	bool ok = type ? run(m, type, body, &e)
		       : cardea_fail(&e, E_INVALID, "Missing mandatory element (request)");
	if (!is_join)
		cardea_reply(msg, ok ? json_pack("{s:s}", "mesh", "success") : member_error(&e));
	else if (!ok)
		member_join_done(m, &e);
}

/* ---- life ---- */

static int attach(struct cardea_handle *h)
{
	struct member *m = g_new0(struct member, 1);
	m->handle = h;
	cardea_set_user_data(h, m);
	return 0;
}

static void detach(struct cardea_handle *h)
{
	struct member *m = cardea_user_data(h);
	room_leave(m);
	g_free(m->transaction);
	g_free(m);
}

static json_t *query(struct cardea_handle *h)
{
	const struct member *m = cardea_user_data(h);
	if (!m->room)
		return json_object();
	return json_pack("{s:s, s:s, s:i}", "peer_id", m->id, "room_id", m->room->id, "peers",
		(int)g_hash_table_size(m->room->members));
}

static void keep_rooms(const struct cardea_conf *conf)
{
	struct cardea_args a;
	const char *name;
	for (unsigned i = 0; (name = cardea_conf_next(conf, "room-*", &i, &a));)
		room_keep(name + strlen("room-"), cardea_str(&a, "pin"), cardea_bool(&a, "token"));
}

static const char *start(const struct cardea_conf *conf)
{
	struct cardea_args g = cardea_conf_section(conf, "general");
	const char *path = cardea_str(&g, "path");
	const struct rooms_conf rooms = { .max_rooms = (unsigned)cardea_int(&g, "max_rooms"),
		.max_peers = (unsigned)cardea_int(&g, "max_peers"),
		.needs_token = cardea_bool(&g, "tokens") };
	const struct cardea_direct where = { .size = sizeof where,
		.path = path && *path ? path : NULL,
		.port = (unsigned)cardea_int(&g, "port"),
		.secure_port = (unsigned)cardea_int(&g, "secure_port"),
		.ip = cardea_str(&g, "ip"),
		.messages = (unsigned)cardea_int(&g, "messages_per_second"),
		.ping_after_s = (unsigned)cardea_int(&g, "ping_after"),
		.ping_timeout_s = (unsigned)cardea_int(&g, "ping_timeout"),
		.port_from = cardea_conf_where(conf, "general", "port"),
		.secure_port_from = cardea_conf_where(conf, "general", "secure_port") };
	max_message = (size_t)cardea_int(&g, "max_message");
	if (rooms.needs_token && !cardea_has_tokens())
		cardea_conf_wrong(conf, false, "general", "tokens",
			"nobody can join: cardea.jcfg has no general.token_auth");
	rooms_start(&rooms);
	keep_rooms(conf);
	return cardea_direct(&cardea_plugin, &where);
}

const struct cardea_plugin cardea_plugin = { .size = sizeof cardea_plugin,
	.abi = CARDEA_PLUGIN_ABI,
	.name = "mesh",
	.title = "Mesh",
	.description =
		"Rooms whose peers signal each other through the server; media goes directly",
	.author = "Cardea",
	.version_string = "0.1.0",
	.version = 1,
	.options = options,
	.start = start,
	.stop = rooms_stop,
	.attach = attach,
	.detach = detach,
	.message = message,
	.direct_message = on_direct_message,
	.alive = alive,
	.query = query };
