/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include "../base/address.h"
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/loop.h"
#include "../base/metric.h"
#include "../base/rand.h"
#include "event.h"
#include "hook.h"
#include "options.h"
#include "session.h"
#include "tally.h"

#define WORK_US (10 * US_PER_MS) /* of a turn, for ending sessions */
#define LOG_US  (60 * US_PER_S)  /* between two lines about addresses that have enough */

static struct loop *loop;
static const struct session_ops *ops;
static GHashTable *by_id;    /* u64 → session */
static GHashTable *by_owner; /* struct session_owner → first session of its chain */
static GHashTable *by_address;
static GQueue left = G_QUEUE_INIT; /* struct leaver */
static struct wheel_timer go_on;
static struct metric n_sessions = { .name = "cardea_control_sessions", .help = "Sessions now." };
static struct metric n_expired = { .name = "cardea_control_sessions_expired_total",
	.help = "Sessions that timed out." };

/* A connection, as a key. */
struct session_owner {
	const struct cardea_transport *transport;
	uint64_t client;
};

/* A connection that is gone and still has sessions. */
struct leaver {
	struct session_owner conn;
	bool said_goodbye;
};

static guint conn_hash(gconstpointer key)
{
	const struct session_owner *c = key;
	return g_int64_hash(&c->client) ^ g_direct_hash(c->transport);
}

static gboolean conn_equal(gconstpointer x, gconstpointer y)
{
	const struct session_owner *a = x, *b = y;
	return a->transport == b->transport && a->client == b->client;
}

void sessions_start(struct loop *on, const struct session_ops *above)
{
	static bool registered;
	loop = on;
	ops = above;
	by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
	by_owner = g_hash_table_new_full(conn_hash, conn_equal, g_free, NULL);
	by_address = tally_create();
	if (!registered) {
		metric_register(&n_sessions);
		metric_register(&n_expired);
	}
	registered = true;
}

static struct session *any_of(GHashTable *table)
{
	GHashTableIter it;
	gpointer value;
	g_hash_table_iter_init(&it, table);
	return g_hash_table_iter_next(&it, NULL, &value) ? value : NULL;
}

void sessions_stop(void)
{
	struct session *s;
	if (!by_id)
		return;
	while ((s = any_of(by_id)))
		session_destroy(s);
	g_clear_pointer(&by_id, g_hash_table_destroy);
	g_clear_pointer(&by_owner, g_hash_table_destroy);
	g_clear_pointer(&by_address, g_hash_table_destroy);
	wheel_cancel(loop_wheel(loop), &go_on);
	g_queue_clear_full(&left, g_free);
}

/* ---- ownership ---- */

static void disown(struct session *s, bool tell)
{
	struct session_owner key = { s->owner.transport, s->owner.client };
	if (!key.transport)
		return;
	if (s->prev_owned)
		s->prev_owned->next_owned = s->next_owned;
	else if (s->next_owned)
		g_hash_table_replace(by_owner, g_memdup2(&key, sizeof key), s->next_owned);
	else
		g_hash_table_remove(by_owner, &key);
	if (s->next_owned)
		s->next_owned->prev_owned = s->prev_owned;
	s->next_owned = s->prev_owned = NULL;
	s->owner = (struct cardea_origin){ 0 };
	if (tell && key.transport->owns)
		key.transport->owns(key.client, s->id, false);
}

static void own(struct session *s, const struct cardea_origin *to)
{
	struct session_owner key = { to->transport, to->client };
	s->owner = *to;
	s->owner.request = 0;
	s->next_owned = g_hash_table_lookup(by_owner, &key);
	if (s->next_owned)
		s->next_owned->prev_owned = s;
	g_hash_table_replace(by_owner, g_memdup2(&key, sizeof key), s);
	if (to->transport->owns)
		to->transport->owns(to->client, s->id, true);
}

/* ---- events ---- */

/* @param body taken */
static void tell(const struct session *s, json_t *body)
{
	event_tell(&(struct event){ .type = CARDEA_EVENT_SESSION, .session_id = s->id }, body);
}

static void tell_created(const struct session *s, const struct cardea_origin *by)
{
	char package[80], client[24];
	if (!event_wanted(CARDEA_EVENT_SESSION))
		return;
	snprintf(package, sizeof package, "janus.transport.%s", s->owner.transport->name);
	snprintf(client, sizeof client, "%" PRIu64,
		by->transport->by_address ? by->request : by->client);
	tell(s, json_pack("{s:s, s:{s:s, s:s}}", "name", "created", "transport", "transport",
			package, "id", client));
}

static void tell_end(const struct session *s, const char *how)
{
	if (event_wanted(CARDEA_EVENT_SESSION))
		tell(s, json_pack("{s:s}", "name", how));
}

/* ---- life time ---- */

unsigned session_timeout(const struct session *s)
{
	if (!s->owner.transport)
		return settings.reclaim_s;
	return s->timeout_s >= 0 ? (unsigned)s->timeout_s : settings.session_timeout_s;
}

static void arm(struct session *s)
{
	unsigned seconds = session_timeout(s);
	if (seconds)
		wheel_set(loop_wheel(loop), &s->expiry, s->active_us + seconds * US_PER_S);
	else
		wheel_cancel(loop_wheel(loop), &s->expiry);
}

/* Thousands may be due at once: this turn has done enough, the next one comes at once. */
static bool turn_is_full(void)
{
	return clock_now_us() - loop_now(loop) > WORK_US;
}

/* Activity only moves active_us: the timer looks again when it fires, which is cheaper than moving
 * it each time. */
static void expire(void *arg)
{
	struct session *s = arg;
	if (loop_now(loop) < s->active_us + session_timeout(s) * US_PER_S) {
		arm(s);
		return;
	}
	if (turn_is_full()) {
		wheel_set(loop_wheel(loop), &s->expiry, loop_now(loop));
		return;
	}
	log_info("session", s->id, "timed out", "idle_s=%u", session_timeout(s));
	metric_add(&n_expired, 1);
	ops->timed_out(s);
	tell_end(s, "timeout");
	session_destroy(s);
}

void session_touch(struct session *s)
{
	s->active_us = loop_now(loop);
}

static bool has_enough(const struct cardea_address *whose)
{
	return settings.max_sessions_per_address &&
	       tally_of(by_address, whose) >= settings.max_sessions_per_address &&
	       (settings.address_is_bounded || !address_is_loopback(whose));
}

/* A proxy that is not declared looks like one address: the line says so. */
static void log_enough(const struct cardea_address *whose)
{
	static int64_t next_us;
	char text[ADDRESS_TEXT];
	if (loop_now(loop) < next_us)
		return;
	next_us = loop_now(loop) + LOG_US;
	log_warn("session", 0, "an address has all the sessions it may have",
		"address=%s option=general.max_sessions_per_address limit=%u; of a proxy? then "
		"name it in web.trusted_proxies",
		address_text(whose, text), settings.max_sessions_per_address);
}

static enum err check_room(const struct cardea_origin *owner, char *why)
{
	if (g_hash_table_size(by_id) >= settings.max_sessions) {
		snprintf(why, 128, "Currently not accepting new sessions (there are %u)",
			settings.max_sessions);
		return ERR_FULL;
	}
	if (!has_enough(&owner->address))
		return OK;
	log_enough(&owner->address);
	snprintf(why, 128,
		"Too many sessions from this address: %u (general.max_sessions_per_address)",
		settings.max_sessions_per_address);
	return ERR_FULL;
}

enum err session_create(
	struct session **out, uint64_t id, const struct cardea_origin *owner, char *why)
{
	enum err e = check_room(owner, why);
	if (e)
		return e;
	while (!id || session_find(id))
		id = rand_id53();
	struct session *s = *out = g_new0(struct session, 1);
	s->id = id;
	s->timeout_s = -1;
	s->creator = owner->address;
	s->handles = g_hash_table_new(g_int64_hash, g_int64_equal);
	s->expiry = (struct wheel_timer){ .fn = expire, .arg = s };
	g_hash_table_insert(by_id, &s->id, s);
	tally_add(by_address, &s->creator, 1);
	own(s, owner);
	session_touch(s);
	arm(s);
	metric_set(&n_sessions, g_hash_table_size(by_id));
	tell_created(s, owner);
	log_info("session", s->id, "created", "transport=%s", owner->transport->name);
	return OK;
}

void session_destroy(struct session *s)
{
	assert(!hook_inside());
	s->dying = true;
	ops->end(s);
	wheel_cancel(loop_wheel(loop), &s->expiry);
	disown(s, true);
	g_hash_table_remove(by_id, &s->id);
	tally_drop(by_address, &s->creator, 1);
	metric_set(&n_sessions, g_hash_table_size(by_id));
	tell_end(s, "destroyed");
	log_info("session", s->id, "destroyed", "");
	g_hash_table_destroy(s->handles);
	g_free(s);
}

struct session *session_find(uint64_t id)
{
	return g_hash_table_lookup(by_id, &id);
}

void session_claim(struct session *s, const struct cardea_origin *to)
{
	if (s->owner.transport == to->transport && s->owner.client == to->client)
		return;
	disown(s, true);
	own(s, to);
	arm(s);
	log_info("session", s->id, "claimed", "transport=%s", to->transport->name);
}

void session_set_timeout(struct session *s, int timeout_s)
{
	s->timeout_s = timeout_s;
	arm(s);
}

void sessions_rearm(void)
{
	GHashTableIter it;
	gpointer s;
	g_hash_table_iter_init(&it, by_id);
	while (g_hash_table_iter_next(&it, NULL, &s))
		arm(s);
}

static void orphan(struct session *s, bool said_goodbye)
{
	/* The transport has reported the end of this client: it gets nothing more. */
	disown(s, false);
	if (!settings.reclaim_s) {
		session_destroy(s);
		return;
	}
	session_touch(s);
	arm(s);
	log_info("session", s->id, "owner gone", "reclaim_s=%u said_goodbye=%d", settings.reclaim_s,
		said_goodbye);
	if (said_goodbye)
		ops->renew(s);
}

/* One connection may own thousands. */
static void orphan_some(void *arg)
{
	const struct leaver *l;
	struct session *s;
	(void)arg;
	while ((l = g_queue_peek_head(&left))) {
		while ((s = g_hash_table_lookup(by_owner, &l->conn))) {
			if (turn_is_full()) {
				wheel_set(loop_wheel(loop), &go_on, loop_now(loop));
				return;
			}
			orphan(s, l->said_goodbye);
		}
		g_free(g_queue_pop_head(&left));
	}
}

void sessions_orphan(const struct cardea_transport *t, uint64_t client, bool said_goodbye)
{
	struct leaver l = { { t, client }, said_goodbye };
	go_on.fn = orphan_some;
	g_queue_push_tail(&left, g_memdup2(&l, sizeof l));
	if (!wheel_armed(&go_on))
		orphan_some(NULL);
}

void sessions_disown(const struct cardea_transport *t)
{
	GHashTableIter it;
	gpointer value;
	g_hash_table_iter_init(&it, by_id);
	while (g_hash_table_iter_next(&it, NULL, &value)) {
		struct session *s = value;
		if (s->owner.transport == t)
			disown(s, false);
	}
}

json_t *sessions_list(void)
{
	GHashTableIter it;
	gpointer s;
	json_t *ids = json_array();
	g_hash_table_iter_init(&it, by_id);
	while (g_hash_table_iter_next(&it, NULL, &s))
		json_array_append_new(ids, json_integer((json_int_t)((struct session *)s)->id));
	return ids;
}

unsigned sessions_count(void)
{
	return by_id ? g_hash_table_size(by_id) : 0;
}
