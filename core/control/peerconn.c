/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../base/id.h"
#include "../base/metric.h"
#include "../rtc/rtc.h"
#include "candidate.h"
#include "options.h"
#include "peerconn.h"
#include "place.h"

#define TRICKLED_MAX   32
#define TRICKLED_CHARS 255

static struct ids *peers;
static struct metric n_peers = { .name = "cardea_control_peers",
	.help = "PeerConnections now, closing ones too." };

void peerconns_start(void)
{
	static bool registered;
	peers = ids_create(settings.rtc.max_peers);
	place_setup(settings.rtc.workers, settings.peers_together);
	if (!registered)
		metric_register(&n_peers);
	registered = true;
}

void peerconns_stop(void)
{
	uint32_t slot = 0;
	struct peerconn *pc;
	if (!peers)
		return;
	while ((pc = ids_next(peers, &slot)))
		peerconn_free(pc);
	ids_destroy(peers);
	place_end();
	peers = NULL;
}

void peerconn_free(struct peerconn *pc)
{
	peerconn_give_slot(pc);
	negotiation_clear(&pc->neg);
	remote_drop(pc->offer);
	data_flow_free(pc->data);
	g_free(pc->told_tracks);
	g_free(pc->wanted);
	g_free(pc->receiving);
	g_free(pc->reported);
	g_free(pc->told_ice);
	free(pc->local_sdp);
	g_free(pc->remote_sdp);
	g_clear_pointer(&pc->trickled, g_ptr_array_unref);
	g_free(pc);
}

bool peerconn_take_slot(struct peerconn *pc, uint64_t place_key)
{
	pc->peer = ids_take(peers, pc);
	if (!pc->peer)
		return false;
	pc->place_key = place_key;
	pc->worker = place_take(place_key);
	metric_set(&n_peers, ids_count(peers));
	return true;
}

void peerconn_give_slot(struct peerconn *pc)
{
	if (!pc->peer)
		return;
	ids_free(peers, pc->peer);
	place_give(pc->place_key, pc->worker);
	metric_set(&n_peers, ids_count(peers));
	pc->peer = 0;
}

void peerconn_lines(struct peerconn *pc, unsigned n)
{
	if (n <= pc->n_lines)
		return;
	pc->wanted = g_renew(struct wanted, pc->wanted, n);
	pc->receiving = g_renew(uint8_t, pc->receiving, n);
	memset(pc->wanted + pc->n_lines, 0, (n - pc->n_lines) * sizeof *pc->wanted);
	memset(pc->receiving + pc->n_lines, 0, n - pc->n_lines);
	pc->n_lines = n;
}

void peerconn_trickled(struct peerconn *pc, const char *candidate)
{
	struct candidate c;
	if (!candidate) {
		pc->all_trickled = true;
		return;
	}
	if (!pc->trickled)
		pc->trickled = g_ptr_array_new_with_free_func(g_free);
	if (strlen(candidate) <= TRICKLED_CHARS && pc->trickled->len < TRICKLED_MAX &&
		candidate_read(&c, candidate))
		g_ptr_array_add(pc->trickled, g_strdup(candidate));
}

bool peerconn_post(const struct peerconn *pc, struct cmd *c)
{
	c->peer = pc->peer;
	return rtc_post(pc->worker, c) == OK;
}

/* ---- by id ---- */

unsigned peerconns_count(void)
{
	return peers ? ids_count(peers) : 0;
}

struct peerconn *peerconn_find(uint64_t peer)
{
	struct peerconn *pc = ids_get(peers, peer);
	return pc && pc->handle ? pc : NULL;
}

bool peerconn_is_closing(uint64_t peer)
{
	const struct peerconn *pc = ids_get(peers, peer);
	return pc && !pc->handle;
}

void peerconn_retired(uint64_t peer)
{
	struct peerconn *pc = ids_get(peers, peer);
	if (pc && !pc->handle)
		peerconn_free(pc);
}

struct peerconn *peerconn_each(uint32_t *slot)
{
	return ids_next(peers, slot);
}

struct peerconn *peerconn_next(uint32_t *slot)
{
	struct peerconn *pc;
	while ((pc = ids_next(peers, slot)) && !pc->handle)
		;
	return pc;
}

/* ---- queries ---- */

bool peerconn_offer_pending(const struct peerconn *pc)
{
	return pc && pc->neg.pending;
}

bool peerconn_agreed(const struct peerconn *pc)
{
	return pc && pc->agreed;
}

bool peerconn_has(const struct peerconn *pc, unsigned mindex, enum cardea_dir dir)
{
	if (!pc || !pc->peer)
		return false;
	if (mindex < pc->neg.n_tracks && pc->neg.tracks[mindex].dir & dir)
		return true;
	const struct cardea_desc *pending = pc->neg.pending;
	return pending && mindex < pending->n_media && pending->media[mindex].dir & dir;
}
