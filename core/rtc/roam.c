/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams from a path that is not simply one peer's: between the sockets and the peers, beside
 * the straight way that nearly all take. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/metric.h"
#include "../base/rand.h"
#include "../rtp/rtp.h"
#include "peer.h"
#include "roam.h"
#include "sources.h"

/* Trials with a peer's key, a microsecond each: of everybody, and of one address, a second. */
#define TRIALS_ALL    2000
#define TRIALS_SOURCE 64
#define CANDIDATES    32 /* peers that one packet is tried with */
#define N_SOURCES     256

static struct metric strangers = { .name = "cardea_rtc_stranger_drops",
	.help = "DTLS and media datagrams from no known path" };
static struct metric met_again = { .name = "cardea_rtc_roaming_packets",
	.help = "Authentic media packets from elsewhere than where their peer is spoken to" };
static struct metric over_budget = { .name = "cardea_rtc_roaming_budget_drops",
	.help = "Media packets from unknown addresses that were not tried with any key" };
static struct metric contested = { .name = "cardea_rtc_contested_drops",
	.help = "DTLS datagrams from an address that several peers have named and none proven" };

struct roam {
	struct sources *sources;
	uint64_t key;
	int64_t second_us; /* when the counts below began */
	unsigned all;
	uint8_t by_source[N_SOURCES];
};

struct roam *roam_create(unsigned max_peers)
{
	struct roam *r = calloc(1, sizeof(*r));
	if (!r || !(r->sources = sources_create(max_peers))) {
		roam_destroy(r);
		return NULL;
	}
	rand_bytes(&r->key, sizeof(r->key));
	return r;
}

void roam_destroy(struct roam *r)
{
	if (!r)
		return;
	sources_destroy(r->sources);
	free(r);
}

void roam_note(struct roam *r, uint32_t slot, uint32_t ssrc)
{
	sources_note(r->sources, slot, ssrc);
}

void roam_forget(struct roam *r, uint32_t slot)
{
	sources_forget(r->sources, slot);
}

/* ---- the budget ---- */

/* By address alone, of IPv6 by its network: ports cost nothing. */
static uint8_t *count_of(struct roam *r, const struct path *from)
{
	struct path p = { .remote = from->remote };
	addr_set_port(&p.remote, 0);
	if (p.remote.sa.sa_family == AF_INET6)
		memset(&p.remote.v6.sin6_addr.s6_addr[8], 0, 8);
	return &r->by_source[path_hash(&p, r->key) % N_SOURCES];
}

static bool may_try(struct roam *r, const struct path *from, int64_t now)
{
	uint8_t *n = count_of(r, from);
	if (now - r->second_us >= US_PER_S) {
		memset(r->by_source, 0, sizeof(r->by_source));
		r->all = 0;
		r->second_us = now;
	}
	if (r->all >= TRIALS_ALL || *n >= TRIALS_SOURCE)
		return false;
	r->all++;
	++*n;
	return true;
}

/* ---- whose is it? ---- */

static bool is_from(struct worker *w, uint32_t slot, struct pkt *k, const struct path *from)
{
	if (!w->peers[slot] || !peer_try(w->peers[slot], k, from))
		return false;
	metric_add(&met_again, 1);
	return true;
}

static void find_by_ssrc(struct worker *w, struct pkt *k, const struct path *from)
{
	uint32_t slots[CANDIDATES];
	size_t at = rtp_is_rtcp(k->data) ? 4 : 8;
	unsigned n =
		k->len < 12 ? 0
			    : sources_find(w->roam->sources, rd32(k->data + at), slots, CANDIDATES);
	for (unsigned s = 0; s < n; s++) {
		if (!may_try(w->roam, from, loop_now(w->loop))) {
			metric_add(&over_budget, 1);
			return;
		}
		if (is_from(w, slots[s], k, from))
			return;
	}
	metric_add(&strangers, 1);
}

/* Peers that share the path go first, then those who are known by the SSRC. The first trial costs
 * what a packet from there always did. */
void roam_media(struct worker *w, struct pkt *k, const struct path *from, struct ice_way *way)
{
	for (unsigned n = 0; way; n++, way = ice_next(way)) {
		if (n && !way->is_proven && !may_try(w->roam, from, loop_now(w->loop)))
			break;
		if (is_from(w, way->slot, k, from))
			return;
	}
	find_by_ssrc(w, k, from);
}

/* Records of epoch 0 are a handshake: of the first here that is not through with its own. All
 * others are told apart by their keys: everybody gets them, and drops those that are not authentic.
 */
void roam_dtls(struct worker *w, struct pkt *k, struct ice_way *way)
{
	const struct ice_way *one = NULL;
	if (!way || ice_is_contested(way)) {
		metric_add(way ? &contested : &strangers, 1);
		return;
	}
	ice_credit(way, k->len);
	if (k->len >= 5 && !rd16(k->data + 3))
		for (const struct ice_way *o = way; o && !one; o = ice_next(o))
			if (w->peers[o->slot] && !w->peers[o->slot]->is_up)
				one = o;
	for (; way; way = ice_next(way))
		if (w->peers[way->slot] && (!one || way == one)) {
			ice_dtls(w->ice, way);
			peer_dtls(w->peers[way->slot], k->data, k->len);
		}
}

void roam_metrics(void)
{
	struct metric *all[] = { &strangers, &met_again, &over_budget, &contested };
	for (unsigned n = 0; n < sizeof(all) / sizeof(*all); n++)
		metric_register(all[n]);
}
