/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <cardea/media.h>
#include "peer.h"

#define SLACK_US 40000 /* a picture of 25 a second is likely to come within */

/* ---- slots and m-lines ---- */

struct peer *peer_get(const struct router *r, uint32_t slot)
{
	return slot < r->conf.max_peers ? r->peers[slot] : NULL;
}

static struct mline *line_of(struct peer *p, unsigned mindex)
{
	return p && mindex < p->n_lines ? &p->lines[mindex] : NULL;
}

struct receiver *peer_receiver(const struct router *r, uint32_t slot, unsigned mindex)
{
	const struct mline *l = line_of(peer_get(r, slot), mindex);
	return l ? l->rx : NULL;
}

struct receiver *peer_mirror(const struct router *r, uint32_t slot, unsigned mindex)
{
	const struct mline *l;
	if (!r->mirrors || slot >= r->conf.max_peers)
		return NULL;
	l = line_of(r->mirrors[slot], mindex);
	return l ? l->rx : NULL;
}

struct sender *peer_sender(const struct router *r, uint32_t slot, unsigned mindex)
{
	const struct mline *l = line_of(peer_get(r, slot), mindex);
	return l ? l->tx : NULL;
}

enum err peer_lines(struct peer *p, unsigned mindex)
{
	struct mline *lines;
	if (mindex < p->n_lines)
		return OK;
	if (mindex >= CARDEA_MEDIA_MAX ||
		!(lines = realloc(p->lines, (mindex + 1) * sizeof *lines)))
		return ERR_FULL;
	memset(lines + p->n_lines, 0, (mindex + 1 - p->n_lines) * sizeof *lines);
	p->lines = lines;
	p->n_lines = mindex + 1;
	return OK;
}

void peer_discard(struct peer *p)
{
	if (node_linked(&p->tick))
		p->r->n_ticking--;
	node_del(&p->tick);
	node_del(&p->feedback);
	free(p->twcc);
	free(p->ssrcs);
	free(p->lines);
	free(p);
}

/* ---- reports ---- */

void peer_plan_tick(struct router *r, int64_t due_us)
{
	r->tick_due_us = due_us;
	wheel_set(r->wheel, &r->tick_timer, due_us + SLACK_US);
}

void peer_touch(struct peer *p)
{
	struct router *r = p->r;
	if (node_linked(&p->tick))
		return;
	node_add(&r->ticks[p->slot % TICKS], &p->tick);
	if (!r->n_ticking++)
		peer_plan_tick(r, clock_now_us() + TICK_US);
}

/* ---- SSRCs ---- */

static unsigned home(const struct peer *p, uint32_t ssrc)
{
	return (unsigned)(ssrc * 2654435769u >> 8) & (p->ssrcs_size - 1);
}

const struct ssrc_entry *peer_ssrc_find(const struct peer *p, uint32_t ssrc)
{
	if (!p->ssrcs_size || !ssrc)
		return NULL;
	for (unsigned i = home(p, ssrc); p->ssrcs[i].ssrc; i = (i + 1) & (p->ssrcs_size - 1))
		if (p->ssrcs[i].ssrc == ssrc)
			return &p->ssrcs[i];
	return NULL;
}

static void insert(struct peer *p, const struct ssrc_entry *e)
{
	unsigned i = home(p, e->ssrc);
	while (p->ssrcs[i].ssrc)
		i = (i + 1) & (p->ssrcs_size - 1);
	p->ssrcs[i] = *e;
	p->n_ssrcs++;
}

static bool make_room(struct peer *p)
{
	struct ssrc_entry *old = p->ssrcs, *fresh;
	unsigned size = p->ssrcs_size;
	if (size > 2 * (p->n_ssrcs + 1))
		return true;
	if (!(fresh = calloc(size ? 2 * size : 8, sizeof *fresh)))
		return false;
	p->ssrcs = fresh;
	p->ssrcs_size = size ? 2 * size : 8;
	p->n_ssrcs = 0;
	for (unsigned i = 0; i < size; i++)
		if (old[i].ssrc)
			insert(p, &old[i]);
	free(old);
	return true;
}

bool peer_ssrc_put(struct peer *p, const struct ssrc_entry *e)
{
	if (!make_room(p))
		return false;
	insert(p, e);
	return true;
}

void peer_ssrc_forget(struct peer *p, uint32_t ssrc)
{
	const struct ssrc_entry *e = peer_ssrc_find(p, ssrc);
	unsigned hole, i, mask = p->ssrcs_size - 1;
	if (!e)
		return;
	hole = (unsigned)(e - p->ssrcs);
	p->ssrcs[hole].ssrc = 0;
	p->n_ssrcs--;
	/* close the ranks: whoever was pushed past the hole moves up */
	for (i = (hole + 1) & mask; p->ssrcs[i].ssrc; i = (i + 1) & mask) {
		if (((i - home(p, p->ssrcs[i].ssrc)) & mask) < ((i - hole) & mask))
			continue;
		p->ssrcs[hole] = p->ssrcs[i];
		p->ssrcs[i].ssrc = 0;
		hole = i;
	}
}

/* ---- clocks ---- */

uint64_t peer_ntp(const struct router *r, int64_t now_us)
{
	return clock_ntp((int64_t)(r->wall_off_us + (uint64_t)now_us));
}

uint64_t peer_ntp_us(uint64_t ntp)
{
	return (ntp >> 32) * US_PER_S + ((ntp & 0xffffffff) * US_PER_S >> 32);
}

void peer_clock_learn(struct peer *p, uint64_t ntp, int64_t now_us)
{
	uint64_t off_us = (uint64_t)now_us - peer_ntp_us(ntp);
	int64_t change_us = (int64_t)(off_us - p->clock_off_us);
	if (!p->has_clock || change_us < 0 || change_us > US_PER_S) {
		p->has_clock = true;
		p->clock_off_us = off_us;
	}
}
