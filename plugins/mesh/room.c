/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "errors.h"
#include "room.h"

#define PROBE_MS 2000

static struct rooms_conf conf;
static GHashTable *rooms;     /* id → room */
static GHashTable *everybody; /* id → how many rooms have a member of that id */

static void room_free(gpointer mem)
{
	struct room *r = mem;
	g_hash_table_destroy(r->members);
	g_free(r->id);
	g_free(r->pin);
	g_free(r);
}

void rooms_start(const struct rooms_conf *c)
{
	conf = *c;
	rooms = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, room_free);
	everybody = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void rooms_stop(void)
{
	g_clear_pointer(&rooms, g_hash_table_destroy);
	g_clear_pointer(&everybody, g_hash_table_destroy);
}

static struct room *room_new(const char *id, const char *pin, bool needs_token)
{
	struct room *r = g_new0(struct room, 1);
	r->id = g_strdup(id);
	r->pin = pin && *pin ? g_strdup(pin) : NULL;
	r->needs_token = needs_token;
	r->members = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_replace(rooms, r->id, r);
	return r;
}

void room_keep(const char *id, const char *pin, bool needs_token)
{
	if (!g_hash_table_contains(rooms, id))
		room_new(id, pin, needs_token)->is_lasting = true;
}

static void count(const char *id, int by)
{
	int n = GPOINTER_TO_INT(g_hash_table_lookup(everybody, id)) + by;
	if (n)
		g_hash_table_replace(everybody, g_strdup(id), GINT_TO_POINTER(n));
	else
		g_hash_table_remove(everybody, id);
}

/* ---- who is told ---- */

void room_tell(const struct room *r, const struct member *except, json_t *message)
{
	struct cardea_handle **direct =
		g_new(struct cardea_handle *, g_hash_table_size(r->members) + 1);
	unsigned n = 0;
	GHashTableIter it;
	gpointer value;
	g_hash_table_iter_init(&it, r->members);
	while (g_hash_table_iter_next(&it, NULL, &value)) {
		struct member *m = value;
		if (m == except)
			continue;
		if (cardea_is_direct(m->handle))
			direct[n++] = m->handle;
		else
			cardea_event(m->handle, NULL, member_event(message), NULL);
	}
	cardea_direct_send_all(direct, n, message);
	g_free(direct);
}

/* ---- coming ---- */

static json_t *peers_of(const struct room *r)
{
	json_t *ids = json_array();
	GHashTableIter it;
	gpointer id;
	g_hash_table_iter_init(&it, r->members);
	while (g_hash_table_iter_next(&it, &id, NULL))
		json_array_append_new(ids, json_string(id));
	return ids;
}

/* A peer that needs none, or does not know the message, passes it over. */
static void tell_ice_servers(struct member *m)
{
	json_t *servers = cardea_ice_servers(m->id);
	if (json_array_size(servers))
		member_tell(
			m, json_pack("{s:s, s:O}", "type", "ice_servers", "iceServers", servers));
	json_decref(servers);
}

static void enter(struct member *m, struct room *r, const char *id)
{
	json_t *peers = peers_of(r);
	room_tell(r, NULL, json_pack("{s:s, s:s}", "type", "peer_joined", "peer_id", id));
	m->id = g_strdup(id);
	m->room = r;
	g_hash_table_replace(r->members, m->id, m);
	count(id, 1);
	member_tell(m, json_pack("{s:s, s:o}", "type", "room_peers", "peers", peers));
	member_join_done(m, NULL);
	tell_ice_servers(m);
}

static bool is_free(const struct member *m, struct cardea_error *e)
{
	if (m->room)
		return cardea_fail(e, E_INVALID, "In room '%s' already", m->room->id);
	return !m->holder || cardea_fail(e, E_INVALID, "Joining already");
}

static bool may_enter(const struct room *r, const struct join *j, struct cardea_error *e)
{
	char descriptor[CARDEA_DIRECT_ID + 8];
	g_snprintf(descriptor, sizeof descriptor, "room=%s", j->room_id);
	if (r ? r->needs_token : conf.needs_token) {
		if (!j->token || !cardea_has_tokens() ||
			!cardea_token_allows(j->token, "janus.plugin.mesh", descriptor))
			return cardea_fail(
				e, E_UNAUTHORIZED, "A valid token is needed for this room");
	}
	if (r && r->pin && !cardea_same_secret(r->pin, j->pin))
		return cardea_fail(e, E_UNAUTHORIZED, "Wrong or missing pin");
	if (!r && g_hash_table_size(rooms) >= conf.max_rooms)
		return cardea_fail(e, E_FULL, "There are too many rooms");
	return true;
}

/* The place is taken: whoever holds it is asked whether it is there. */
static enum join_result claim(struct member *m, struct member *holder, struct cardea_error *e)
{
	enum cardea_presence presence =
		holder->claimant ? CARDEA_PRESENT : cardea_probe(holder->handle, PROBE_MS);
	if (presence == CARDEA_PRESENT) {
		cardea_fail(e, E_TAKEN, "The peer id '%s' is taken", holder->id);
		return JOIN_FAILED;
	}
	m->holder = holder;
	holder->claimant = m;
	if (presence == CARDEA_ABSENT)
		cardea_end(holder->handle);
	return JOIN_WAITS;
}

enum join_result room_join(struct member *m, const struct join *j, struct cardea_error *e)
{
	struct room *r = g_hash_table_lookup(rooms, j->room_id);
	struct member *holder = r ? g_hash_table_lookup(r->members, j->peer_id) : NULL;
	if (!is_free(m, e) || !may_enter(r, j, e))
		return JOIN_FAILED;
	if (holder)
		return claim(m, holder, e);
	if (r && g_hash_table_size(r->members) >= conf.max_peers) {
		cardea_fail(e, E_FULL, "The room is full");
		return JOIN_FAILED;
	}
	/* The first to come may give the room a pin. */
	enter(m, r ? r : room_new(j->room_id, j->pin, conf.needs_token), j->peer_id);
	return JOIN_DONE;
}

/* ---- going ---- */

static void give_up(struct member *m)
{
	m->holder->claimant = NULL;
	m->holder = NULL;
}

void room_holder_is_there(struct member *m)
{
	struct member *claimant = m->claimant;
	struct cardea_error e;
	if (!claimant)
		return;
	give_up(claimant);
	cardea_fail(&e, E_TAKEN, "The peer id '%s' is taken", m->id);
	member_join_done(claimant, &e);
}

void room_leave(struct member *m)
{
	struct room *r = m->room;
	struct member *claimant = m->claimant;
	if (m->holder)
		give_up(m);
	if (!r)
		return;
	char *id = m->id;
	g_hash_table_remove(r->members, id);
	count(id, -1);
	m->room = NULL;
	m->id = NULL;
	room_tell(r, NULL, json_pack("{s:s, s:s}", "type", "peer_left", "peer_id", id));
	if (claimant) {
		give_up(claimant);
		enter(claimant, r, id);
	} else if (!g_hash_table_size(r->members) && !r->is_lasting) {
		g_hash_table_remove(rooms, r->id);
	}
	g_free(id);
}

struct member *room_find_peer(const struct member *from, const char *id, struct cardea_error *e)
{
	struct member *m = from->room ? g_hash_table_lookup(from->room->members, id) : NULL;
	if (!from->room)
		cardea_fail(e, E_INVALID, "Not in a room: join first");
	else if (!m && g_hash_table_contains(everybody, id))
		cardea_fail(e, E_ELSEWHERE, "The peer '%s' is in another room", id);
	else if (!m)
		cardea_fail(e, E_NO_SUCH_PEER, "There is no peer '%s' in this room", id);
	return m;
}
