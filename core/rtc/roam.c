/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams from a path that is not simply one peer's: between the sockets and the peers, beside
 * the straight way that nearly all take. */
#include "roam.h"
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/metric.h"
#include "../base/rand.h"
#include "../rtp/rtp.h"
#include "peer_dtls.h"
#include "peer_media.h"
#include "sources.h"

/* Trials with a peer's key, a microsecond each: of everybody, and of one address, a second. */
#define TRIALS_ALL    2000
#define TRIALS_SOURCE 64
#define CANDIDATES    32 /* peers that have used its SSRC and that one packet is tried with */
/* Where several peers are proven: trials and copies of one datagram that are free, and the others,
 * a second. */
#define SHARED_FREE   8
#define SHARED_ALL    16384
#define SHARED_SOURCE 8192
#define TRY_MAX       256 /* peers of one path that one packet is tried with, at most */
#define LOOK_MAX      64  /* that are asked whether they wait for a handshake */
#define N_SOURCES     256

static struct metric strangers = { .name = "cardea_rtc_stranger_drops",
	.help = "DTLS and media datagrams from no known path" };
static struct metric met_again = { .name = "cardea_rtc_roaming_packets",
	.help = "Authentic media packets from elsewhere than where their peer is spoken to" };
static struct metric over_budget = { .name = "cardea_rtc_roaming_budget_drops",
	.help = "Media packets from unknown addresses that were not tried with any key" };
static struct metric contested = { .name = "cardea_rtc_contested_drops",
	.help = "DTLS datagrams from an address that several peers have named and none proven" };

static struct metric uncopied = { .name = "cardea_rtc_shared_drops",
	.help = "DTLS datagrams from an address of very many PeerConnections that not all of them "
		"were given" };

/* Of this second. */
struct spent {
	unsigned all;
	uint16_t by_source[N_SOURCES];
};
struct roam {
	uint64_t key;
	int64_t second_us; /* when it began */
	struct spent trials, shares;
};

struct roam *roam_create(void)
{
	struct roam *r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	rand_bytes(&r->key, sizeof(r->key));
	return r;
}

void roam_destroy(struct roam *r)
{
	free(r);
}

/* ---- the budget ---- */

/* By address alone, of IPv6 by its network: ports cost nothing. */
static unsigned source_of(const struct roam *r, const struct path *from)
{
	struct path p = { .remote = from->remote };
	addr_set_port(&p.remote, 0);
	if (p.remote.sa.sa_family == AF_INET6)
		memset(&p.remote.v6.sin6_addr.s6_addr[8], 0, 8);
	return path_hash(&p, r->key) % N_SOURCES;
}

static void tick(struct roam *r, int64_t now)
{
	if (now - r->second_us < US_PER_S)
		return;
	memset(&r->trials, 0, sizeof(r->trials));
	memset(&r->shares, 0, sizeof(r->shares));
	r->second_us = now;
}

static bool spend(struct spent *s, unsigned source, unsigned max_all, unsigned max_source)
{
	if (s->all >= max_all || s->by_source[source] >= max_source)
		return false;
	s->all++;
	s->by_source[source]++;
	return true;
}

static bool may_try(struct roam *r, const struct path *from, int64_t now)
{
	tick(r, now);
	return spend(&r->trials, source_of(r, from), TRIALS_ALL, TRIALS_SOURCE);
}

static bool may_share(struct roam *r, const struct path *from, int64_t now)
{
	tick(r, now);
	return spend(&r->shares, source_of(r, from), SHARED_ALL, SHARED_SOURCE);
}

/* ---- whose is it? ---- */

static bool is_from(struct worker *w, uint32_t slot, struct pkt *k, const struct path *from)
{
	if (!w->peers[slot] || !peer_media_try(w->peers[slot], k, from))
		return false;
	metric_add(&met_again, 1);
	return true;
}

/* What one packet may cost. */
struct trials {
	uint32_t ssrc, slots[CANDIDATES]; /* that have used it */
	unsigned n_slots, n_tried;
	unsigned n_free; /* trials that need no budget yet */
	bool is_over;    /* no more are allowed */
};

static bool was_tried(const struct trials *t, uint32_t slot)
{
	for (unsigned n = 0; n < t->n_tried; n++)
		if (t->slots[n] == slot)
			return true;
	return false;
}

static bool is_allowed(
	struct roam *r, struct trials *t, const struct path *from, bool is_proven, int64_t now)
{
	if (t->n_free)
		t->n_free--;
	else
		t->is_over = is_proven ? !may_share(r, from, now) : !may_try(r, from, now);
	return !t->is_over;
}

/* Those who have used its SSRC: of who is there, or of all others. Of very many who share both, a
 * few: somebody new among them has used none yet. */
static bool try_ssrc(struct worker *w, struct trials *t, struct pkt *k, const struct path *from,
	const struct ice_way *there)
{
	bool is_proven = there && there->is_proven;
	unsigned max = is_proven && t->n_slots > SHARED_FREE ? SHARED_FREE : t->n_slots;
	for (unsigned n = 0; n < max && !t->is_over; n++) {
		uint32_t slot = t->slots[n];
		t->n_tried = n + 1;
		if (ice_is_at(w->ice, slot, from) != (there != NULL) ||
			!is_allowed(w->roam, t, from, is_proven, loop_now(w->loop)))
			continue;
		if (is_from(w, slot, k, from))
			return true;
		if (is_proven)
			sources_note(w->sources, slot, t->ssrc); /* behind the others */
	}
	return false;
}

/* Others who are there, the newest first. Who was tried in vain goes behind the others, so
 * everybody is found in time, whatever the budget; and from then on by SSRC. */
static bool try_way(struct worker *w, struct trials *t, struct pkt *k, const struct path *from,
	struct ice_way *way)
{
	struct ice_way *next, *moved = NULL;
	for (unsigned n = 0; way && way != moved && n < TRY_MAX; n++, way = next) {
		uint32_t slot = way->slot;
		next = ice_next(way);
		if (!w->peers[slot] || !w->peers[slot]->is_up || was_tried(t, slot))
			continue;
		if (!is_allowed(w->roam, t, from, way->is_proven, loop_now(w->loop)))
			return false;
		if (is_from(w, slot, k, from)) {
			sources_note(w->sources, slot, t->ssrc);
			return true;
		}
		if (way->is_proven) {
			ice_later(w->ice, way);
			moved = moved ? moved : way;
		}
	}
	return false;
}

/* By the SSRC first, which is quick however many share the path. Who has but claimed it does not
 * come before those who have used the SSRC elsewhere; who has proven it does. */
void roam_media(struct worker *w, struct pkt *k, const struct path *from, struct ice_way *way)
{
	bool is_proven = way && way->is_proven;
	struct trials t = { .n_free = is_proven ? SHARED_FREE : way != NULL };
	if (k->len >= 12) {
		t.ssrc = rd32(k->data + (rtp_is_rtcp(k->data) ? 4 : 8));
		t.n_slots = sources_find(w->sources, t.ssrc, t.slots, CANDIDATES);
		if ((way && try_ssrc(w, &t, k, from, way)) ||
			(is_proven && try_way(w, &t, k, from, way)) ||
			try_ssrc(w, &t, k, from, NULL) ||
			(!is_proven && try_way(w, &t, k, from, way)))
			return;
	}
	metric_add(t.is_over ? &over_budget : &strangers, 1);
}

/* ---- handshakes and data ---- */

/* Who waits for a handshake there? They go first, so the search is short. */
static struct ice_way *find_waiting(struct worker *w, struct ice_way *way)
{
	for (unsigned n = 0; way && n < LOOK_MAX; n++, way = ice_next(way)) {
		const struct rtc_peer *p = w->peers[way->slot];
		if (p && !p->is_up && !p->has_failed && !p->is_closing)
			return way;
	}
	return NULL;
}

static void give_dtls(struct worker *w, struct pkt *k, struct ice_way *way)
{
	if (!w->peers[way->slot])
		return;
	ice_credit(way, k->len);
	ice_dtls(w->ice, way);
	peer_dtls_input(w->peers[way->slot], k->data, k->len);
}

/* Everybody but @p but, as long as the budget lasts; then the others have their turn next time. */
static void give_all(struct worker *w, struct pkt *k, const struct path *from, struct ice_way *way,
	const struct ice_way *but)
{
	struct ice_way *next, *moved = NULL;
	for (unsigned n = 0; way && way != moved; way = next, n++) {
		next = ice_next(way);
		if (way == but)
			continue;
		if (n >= SHARED_FREE && !may_share(w->roam, from, loop_now(w->loop))) {
			metric_add(&uncopied, 1);
			return;
		}
		give_dtls(w, k, way);
		if (way->is_proven && w->peers[way->slot] && w->peers[way->slot]->is_up) {
			ice_later(w->ice, way);
			moved = moved ? moved : way;
		}
	}
}

/* Records of epoch 0 are a handshake: of the first here that is not through with its own. All
 * others are told apart by their keys: everybody gets them, and drops those that are not authentic.
 */
void roam_dtls(struct worker *w, struct pkt *k, const struct path *from, struct ice_way *way)
{
	if (!way || ice_is_contested(w->ice, way)) {
		metric_add(way ? &contested : &strangers, 1);
		return;
	}
	struct ice_way *one = find_waiting(w, way);
	if (one)
		give_dtls(w, k, one);
	if (!one || k->len < 5 || rd16(k->data + 3))
		give_all(w, k, from, way, one);
}

void roam_metrics(void)
{
	struct metric *all[] = { &strangers, &met_again, &over_budget, &contested, &uncopied };
	for (unsigned n = 0; n < sizeof(all) / sizeof(*all); n++)
		metric_register(all[n]);
}
