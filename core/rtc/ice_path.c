/* SPDX-License-Identifier: Apache-2.0 */
/* Which peers have named which path, who of them has proven it, and what may go there until then.
 */
#include "../base/metric.h"
#include "ice_agent.h"

#define CONTEST_US US_PER_S   /* for a claim to be proven */
#define CREDIT_MAX (1u << 28) /* far beyond any handshake; three times it fits 32 bits */

static struct metric held = {
	.name = "cardea_ice_unproven_waits",
	.help = "Datagrams that a path was not sent because it had had its share and was not proven"
};

static struct known_path **bucket_of(const struct ice *i, const struct path *path)
{
	return &i->by_path[path_hash(path, i->key) & i->mask];
}

/* The next one of this path at or behind @p p. */
static struct known_path *same(struct known_path *p, const struct path *path)
{
	while (p && !path_equal(&p->path, path))
		p = p->next;
	return p;
}

struct ice_way *ice_find(const struct ice *i, const struct path *from)
{
	struct known_path *p = same(*bucket_of(i, from), from);
	return p ? &p->way : NULL;
}

struct ice_way *ice_next(const struct ice_way *w)
{
	const struct known_path *p = (const struct known_path *)w;
	struct known_path *n = same(p->next, &p->path);
	return n && n->way.is_proven == p->way.is_proven ? &n->way : NULL;
}

bool ice_is_contested(const struct ice_way *first)
{
	int64_t now = clock_now_us();
	const struct known_path *p = (const struct known_path *)first;
	unsigned n = 0;
	bool is_young = false;
	for (; p && !p->way.is_proven; p = (const struct known_path *)ice_next(&p->way), n++)
		is_young |= now - p->born_us < CONTEST_US;
	return n > 1 && is_young;
}

struct known_path *path_get(struct ice *i, const struct agent *a, const struct path *from)
{
	struct known_path *p = same(*bucket_of(i, from), from);
	while (p && p->agent != a)
		p = same(p->next, from);
	return p;
}

struct known_path *path_waiting(
	const struct ice *i, const struct path *from, const uint8_t id[STUN_ID])
{
	struct known_path *p = same(*bucket_of(i, from), from);
	while (p && !(p->check.tries && !memcmp(p->check.id, id, STUN_ID)))
		p = same(p->next, from);
	return p;
}

/* Only the proven count when it is plain, so nobody makes a path less so by naming it. */
static void judge(struct ice *i, const struct path *path)
{
	unsigned n_proven = 0;
	struct known_path *first = same(*bucket_of(i, path), path), *p;
	for (p = first; p; p = same(p->next, path))
		n_proven += p->way.is_proven;
	for (p = first; p; p = same(p->next, path))
		p->way.is_plain = p->way.is_proven && n_proven == 1 && p->agent->selected == p;
}

static void link_path(struct ice *i, struct known_path *p)
{
	struct known_path **at = bucket_of(i, &p->path);
	while (!p->way.is_proven && *at && (*at)->way.is_proven)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
}

static void unlink_path(struct ice *i, struct known_path *p)
{
	struct known_path **at = bucket_of(i, &p->path);
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
}

void path_remove(struct ice *i, struct known_path *p)
{
	struct agent *a = p->agent;
	if (!a)
		return;
	unlink_path(i, p);
	p->agent = NULL;
	p->check.tries = 0;
	if (a->selected == p) {
		a->selected = NULL;
		a->is_spoilt |= a->is_pinned;
		a->is_pinned = false;
	}
	judge(i, &p->path);
}

/* The place of the agent's path that is missed least. */
static struct known_path *make_room(struct agent *a)
{
	struct known_path *worst = NULL;
	for (struct known_path *p = a->paths; p < a->paths + MAX_PATHS; p++) {
		if (!p->agent)
			return p;
		if (p == a->selected)
			continue;
		if (!worst || p->way.is_proven < worst->way.is_proven ||
			(p->way.is_proven == worst->way.is_proven && p->used < worst->used))
			worst = p;
	}
	return worst;
}

/* Room for one more claim on a path: the oldest that is not proven goes. */
static bool admit_claim(struct ice *i, const struct path *from)
{
	struct known_path *oldest = NULL, *p = same(*bucket_of(i, from), from);
	unsigned n = 0;
	for (; p; p = same(p->next, from), n++)
		if (!p->way.is_proven)
			oldest = p;
	if (n < MAX_CLAIMS)
		return true;
	if (oldest)
		path_remove(i, oldest);
	return oldest;
}

struct known_path *path_learn(struct ice *i, struct agent *a, const struct path *from)
{
	struct known_path *p = path_get(i, a, from);
	if (!p) {
		if (!admit_claim(i, from))
			return NULL;
		p = make_room(a);
		path_remove(i, p);
		*p = (struct known_path){ .way = { .slot = a->slot },
			.agent = a,
			.path = *from,
			.born_us = clock_now_us() };
		link_path(i, p);
	} else if (!p->way.is_proven) {
		unlink_path(i, p);
		link_path(i, p);
	}
	p->used = ++a->n_checks;
	return p;
}

/* What another peer knows of this path and does not use is out of date now. */
static struct known_path *find_stale(struct ice *i, const struct known_path *than)
{
	struct known_path *p = same(*bucket_of(i, &than->path), &than->path);
	while (p && (p == than || !p->way.is_proven || p->agent->selected == p))
		p = same(p->next, &than->path);
	return p;
}

void path_prove(struct ice *i, struct known_path *p)
{
	struct known_path *stale;
	if (p->way.is_proven)
		return;
	while ((stale = find_stale(i, p)))
		path_remove(i, stale);
	unlink_path(i, p);
	p->way.is_proven = true;
	link_path(i, p);
	judge(i, &p->path);
}

void path_doubt(struct ice *i, struct known_path *p)
{
	unlink_path(i, p);
	p->way.is_proven = false;
	p->answered_us = 0;
	p->bytes_in = p->bytes_out = 0;
	link_path(i, p);
	judge(i, &p->path);
}

void path_select(struct ice *i, struct known_path *p)
{
	struct agent *a = p->agent;
	struct known_path *old = a->selected;
	a->selected = p;
	p->is_wanted = false;
	if (old)
		judge(i, &old->path);
	judge(i, &p->path);
	i->ops->path(i->arg, a->slot, &p->path);
}

/* ---- until it is proven ---- */

void path_count(struct known_path *p, size_t len)
{
	if (!p->way.is_proven && p->bytes_in < CREDIT_MAX)
		p->bytes_in += (uint32_t)len;
}

bool path_allows(struct known_path *p, size_t len)
{
	if (p->way.is_proven)
		return true;
	if (p->bytes_out + len > AMPLIFY * (uint64_t)p->bytes_in) {
		metric_add(&held, 1);
		return false;
	}
	p->bytes_out += (uint32_t)len;
	return true;
}

void path_metrics(void)
{
	metric_register(&held);
}
