/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include "../base/address.h"
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/metric.h"
#include "intake.h"
#include "tally.h"

#define ALL_MAX     16384         /* that wait: under a second's work */
#define ADDRESS_MAX (ALL_MAX / 2) /* so that no address takes the others' place */
#define ENOUGH      128 /* of a connection: a millisecond's work, and it is read no more … */
#define FEW         (ENOUGH / 2) /* … until so many are left */
#define PIECE       8192         /* bytes of a text: as many again count for one more that waits */
#define BURST_S     10
#define SWEEP_MIN   1024
#define LOG_US      (60 * US_PER_S)

/* What a client is found by: client or address. Who floods the API does not keep an operator at the
 * same address from the Admin API. */
struct key {
	const struct cardea_transport *transport;
	uint64_t client;
	struct cardea_address address;
	uint64_t admin; /* of an address: came in on an admin endpoint */
};

/* Lives as long as clients have it: a message looks up nothing but its client. */
struct intake_address {
	struct cardea_address whose;
	unsigned clients, waiting;
};

struct intake_client {
	struct key key;
	struct intake_address *of; /* NULL: an address is not known */
	double spent;              /* of what it may ask at once: a new one has all of it */
	int64_t at_us;
	unsigned waiting;
	bool is_stopped; /* its transport was told to read no more */
	bool is_gone;    /* nobody's but for what still waits */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all below */
static GHashTable *clients, *addresses;
static struct intake_client *last; /* most messages come in rows of one client; NULL: look it up */
static unsigned waiting, sweep_at;
static double per_s;
static int64_t logged_us[INTAKE_FULL + 1];
static _Atomic size_t max_bytes; /* not under the lock */

static struct metric n_often = { .name = "cardea_control_requests_over_allowance_total",
	.help = "Requests answered with an error because their client asks too often." };
static struct metric n_full = { .name = "cardea_control_requests_refused_total",
	.help = "Requests answered with an error because too many waited." };
static struct metric n_stopped = { .name = "cardea_control_clients_held_total",
	.help = "Times that a client with many requests waiting was not read for a while." };

static guint hash(gconstpointer k)
{
	const struct intake_client *g = k;
	guint h = g_direct_hash(g->key.transport) ^ g_int64_hash(&g->key.client);
	return h ^ tally_hash(&g->key.address);
}

static gboolean equal(gconstpointer a, gconstpointer b)
{
	return memcmp(&((const struct intake_client *)a)->key,
		       &((const struct intake_client *)b)->key, sizeof(struct key)) == 0;
}

static gboolean equal_address(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct cardea_address)) == 0;
}

static void leave_address(struct intake_address *h)
{
	if (h && !--h->clients)
		g_hash_table_remove(addresses, h);
}

static void free_client(gpointer client)
{
	struct intake_client *g = client;
	leave_address(g->of);
	last = NULL;
	g_free(g);
}

void intake_start(unsigned requests_per_s, size_t max_message)
{
	static bool registered;
	atomic_store(&max_bytes, max_message);
	per_s = requests_per_s;
	waiting = 0;
	sweep_at = SWEEP_MIN;
	addresses = g_hash_table_new_full(tally_hash, equal_address, g_free, NULL);
	clients = g_hash_table_new_full(hash, equal, free_client, NULL);
	memset(logged_us, 0, sizeof logged_us);
	if (!registered) {
		metric_register(&n_often);
		metric_register(&n_full);
		metric_register(&n_stopped);
	}
	registered = true;
}

void intake_stop(void)
{
	g_clear_pointer(&clients, g_hash_table_destroy);
	g_clear_pointer(&addresses, g_hash_table_destroy);
}

size_t cardea_max_message(void)
{
	return atomic_load_explicit(&max_bytes, memory_order_relaxed);
}

/* ---- the allowance ---- */

static void refill(struct intake_client *g, int64_t now_us)
{
	if (now_us > g->at_us)
		g->spent -= (double)(now_us - g->at_us) / US_PER_S * per_s;
	if (g->spent < 0)
		g->spent = 0;
	g->at_us = now_us;
}

static bool may_ask(struct intake_client *g, int64_t now_us)
{
	bool is_nobody = !g->key.client && address_is_none(&g->key.address);
	if (per_s == 0 || is_nobody)
		return true;
	refill(g, now_us);
	if (g->spent > per_s * BURST_S - 1)
		return false;
	g->spent++;
	return true;
}

/* ---- clients ---- */

/* One that nothing is known of but what a new one would have. */
static gboolean is_idle(gpointer key, gpointer value, gpointer now_us)
{
	struct intake_client *g = value;
	(void)key;
	refill(g, *(int64_t *)now_us);
	return !g->waiting && g->spent == 0 && !g->key.client;
}

static struct key key_of(const struct cardea_transport *t, const struct cardea_origin *from)
{
	struct key k;
	memset(&k, 0, sizeof k);
	k.transport = t;
	if (t->by_address) {
		k.address = from->address;
		k.admin = from->admin;
	} else {
		k.client = from->client;
	}
	return k;
}

static struct intake_address *enter_address(const struct cardea_address *whose)
{
	if (address_is_none(whose))
		return NULL;
	struct intake_address *h = g_hash_table_lookup(addresses, whose);
	if (!h) {
		h = g_new0(struct intake_address, 1);
		h->whose = *whose;
		g_hash_table_add(addresses, h);
	}
	h->clients++;
	return h;
}

static struct intake_client *client_of(const struct cardea_origin *from, int64_t now_us)
{
	const struct intake_client wanted = { .key = key_of(from->transport, from) };
	if (last && equal(last, &wanted))
		return last;
	struct intake_client *g = g_hash_table_lookup(clients, &wanted);
	if (g)
		return last = g;
	if (g_hash_table_size(clients) >= sweep_at) {
		g_hash_table_foreach_remove(clients, is_idle, &now_us);
		sweep_at = MAX(SWEEP_MIN, 2 * g_hash_table_size(clients));
	}
	g = g_new0(struct intake_client, 1);
	g->key = wanted.key;
	g->of = enter_address(&from->address);
	g->at_us = now_us;
	g_hash_table_add(clients, g);
	return last = g;
}

void intake_gone(const struct cardea_transport *t, uint64_t client)
{
	const struct cardea_origin from = { .client = client };
	const struct intake_client wanted = { .key = key_of(t, &from) };
	pthread_mutex_lock(&lock);
	struct intake_client *g = t->by_address ? NULL : g_hash_table_lookup(clients, &wanted);
	if (g && g->waiting)
		g->is_gone = true;
	else if (g)
		g_hash_table_remove(clients, g);
	pthread_mutex_unlock(&lock);
}

unsigned intake_clients(void)
{
	pthread_mutex_lock(&lock);
	unsigned n = g_hash_table_size(clients);
	pthread_mutex_unlock(&lock);
	return n;
}

/* ---- what waits ---- */

static unsigned weight_of(const struct cardea_origin *from)
{
	return 1 + (unsigned)(from->bytes / PIECE);
}

static enum intake take(struct intake_client *g, const struct cardea_origin *from, int64_t now_us)
{
	unsigned n = weight_of(from);
	if (!may_ask(g, now_us))
		return INTAKE_OFTEN;
	if (waiting >= ALL_MAX || (g->of && g->of->waiting >= ADDRESS_MAX))
		return INTAKE_FULL;
	waiting += n;
	if (g->of)
		g->of->waiting += n;
	g->waiting += n;
	if (g->waiting < ENOUGH || !g->key.transport->resume)
		return INTAKE_TAKEN;
	metric_add(&n_stopped, !g->is_stopped);
	g->is_stopped = true;
	return INTAKE_ENOUGH;
}

/* @return whether to say so: once a minute, of each kind */
static bool may_log(enum intake what, int64_t now_us)
{
	if (logged_us[what] && now_us - logged_us[what] < LOG_US)
		return false;
	logged_us[what] = now_us;
	return true;
}

static void log_refusal(enum intake what, const struct cardea_origin *from)
{
	char text[ADDRESS_TEXT];
	address_text(&from->address, text);
	if (what == INTAKE_OFTEN)
		log_warn("control", from->client, "a client asks too often: refused",
			"transport=%s address=%s option=general.requests_per_second limit=%.0f",
			from->transport->name, text, per_s);
	else
		log_warn("control", from->client, "too many requests wait: refused",
			"transport=%s address=%s of_address=%d of_all=%d", from->transport->name,
			text, ADDRESS_MAX, ALL_MAX);
}

enum intake intake_ask(struct intake_client **who, const struct cardea_origin *from, int64_t now_us)
{
	bool logs = false;
	pthread_mutex_lock(&lock);
	struct intake_client *g = client_of(from, now_us);
	enum intake what = take(g, from, now_us);
	if (what == INTAKE_OFTEN || what == INTAKE_FULL)
		logs = may_log(what, now_us);
	else
		*who = g;
	pthread_mutex_unlock(&lock);
	metric_add(&n_often, what == INTAKE_OFTEN);
	metric_add(&n_full, what == INTAKE_FULL);
	if (logs)
		log_refusal(what, from);
	return what;
}

void intake_charge(const struct cardea_origin *from, unsigned requests, int64_t now_us)
{
	const struct intake_client wanted = { .key = key_of(from->transport, from) };
	pthread_mutex_lock(&lock);
	struct intake_client *g = g_hash_table_lookup(clients, &wanted);
	if (g && per_s > 0) {
		refill(g, now_us);
		g->spent += requests;
	}
	pthread_mutex_unlock(&lock);
}

bool intake_done(struct intake_client *g, const struct cardea_origin *from)
{
	unsigned n = weight_of(from);
	bool resumes = false;
	pthread_mutex_lock(&lock);
	waiting -= n;
	g->waiting -= n;
	if (g->of)
		g->of->waiting -= n;
	if (g->is_gone) {
		if (!g->waiting)
			g_hash_table_remove(clients, g);
	} else if (g->is_stopped && g->waiting <= FEW) {
		g->is_stopped = false;
		resumes = true;
	}
	pthread_mutex_unlock(&lock);
	return resumes;
}
