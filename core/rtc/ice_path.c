/* SPDX-License-Identifier: Apache-2.0 */
/* Which peers have named which path, who of them has proven it, and what may go there until then.
 */
#include "../base/metric.h"
#include "ice_agent.h"

#define CONTEST_US US_PER_S   /* for a peer to prove its first claim */
#define CREDIT_MAX (1u << 28) /* far beyond any handshake; three times it fits 32 bits */

static struct metric held = {
	.name = "cardea_ice_unproven_waits",
	.help = "Datagrams that a path was not sent because it had had its share and was not proven"
};

/* ---- lists ----
 *
 * Anybody may name any path, in a check from an address that is not his. So the claims on a path
 * are not numbered, and nobody's makes another's go: a peer has MAX_PATHS, which is the bound. What
 * a datagram costs does not grow with them: a path is found by the peer and its eight, an answer by
 * its transaction, and the proven ones have a list of their own. */

static struct path_bucket *bucket_of(const struct ice *i, const struct path *path)
{
	return &i->by_path[path_hash(path, i->key) & i->path_mask];
}

static struct path_list *list_of(const struct ice *i, const struct known_path *p)
{
	struct path_bucket *b = bucket_of(i, &p->path);
	return p->way.is_proven ? &b->proven : &b->claims;
}

static void link_first(struct path_list *l, struct known_path *p)
{
	p->next = l->first;
	p->prev = &l->first;
	if (l->first)
		l->first->prev = &p->next;
	else
		l->end = &p->next;
	l->first = p;
}

static void link_last(struct path_list *l, struct known_path *p)
{
	if (!l->first) {
		link_first(l, p);
		return;
	}
	p->next = NULL;
	p->prev = l->end;
	*l->end = p;
	l->end = &p->next;
}

static void unlink_path(struct path_list *l, struct known_path *p)
{
	*p->prev = p->next;
	if (p->next)
		p->next->prev = p->prev;
	else
		l->end = p->prev;
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
	const struct path_bucket *b = bucket_of(i, from);
	struct known_path *p = same(b->proven.first, from);
	if (!p)
		p = same(b->claims.first, from);
	return p ? &p->way : NULL;
}

struct ice_way *ice_next(const struct ice_way *w)
{
	const struct known_path *p = (const struct known_path *)w;
	struct known_path *n = same(p->next, &p->path);
	return n ? &n->way : NULL;
}

void path_later(struct ice *i, struct known_path *p)
{
	struct path_list *l = list_of(i, p);
	unlink_path(l, p);
	link_last(l, p);
}

/* By bucket, which is as good as by path: only paths with several claims are asked about. */
void path_contest(struct ice *i, struct known_path *p)
{
	struct path_bucket *b = bucket_of(i, &p->path);
	int64_t until = p->agent->came_us + CONTEST_US;
	if (!p->way.is_proven && until > b->contested_until_us)
		b->contested_until_us = until;
}

bool ice_is_contested(const struct ice *i, const struct ice_way *first)
{
	const struct known_path *p = (const struct known_path *)first;
	return !first->is_proven && clock_now_us() < bucket_of(i, &p->path)->contested_until_us &&
	       ice_next(first);
}

struct known_path *path_get(struct agent *a, const struct path *from)
{
	struct known_path *p;
	EACH_PATH(p, a)
	if (path_equal(&p->path, from))
		return p;
	return NULL;
}

bool ice_is_at(const struct ice *i, uint32_t slot, const struct path *from)
{
	struct agent *a = agent_of(i, slot);
	return a && path_get(a, from);
}

/* Only the proven count when it is plain, so nobody makes a path less so by naming it. Of more than
 * two none was plain before. */
static void update_plain(struct ice *i, const struct path *path)
{
	struct known_path *one = same(bucket_of(i, path)->proven.first, path);
	struct known_path *two = one ? same(one->next, path) : NULL;
	if (one)
		one->way.is_plain = !two && one->agent->selected == one;
	if (two)
		two->way.is_plain = false;
}

/* Never the selected one, but at the end. */
void path_remove(struct ice *i, struct known_path *p)
{
	const struct path path = p->path;
	struct agent *a = p->agent;
	unlink_path(list_of(i, p), p);
	check_drop(i, p);
	for (unsigned n = 0; n < MAX_PATHS; n++)
		if (a->paths[n] == p)
			a->paths[n] = NULL;
	pool_give(i->paths, p);
	update_plain(i, &path);
}

/* The agent's path that is missed least. */
static struct known_path *least(struct agent *a)
{
	struct known_path *worst = NULL, *p;
	EACH_PATH(p, a)
	if (p != a->selected &&
		(!worst || p->way.is_proven < worst->way.is_proven ||
			(p->way.is_proven == worst->way.is_proven && p->used < worst->used)))
		worst = p;
	return worst;
}

/* @return NULL: out of memory */
static struct known_path *make(struct ice *i, struct agent *a, const struct path *from)
{
	unsigned n = 0;
	while (n < MAX_PATHS && a->paths[n])
		n++;
	if (n == MAX_PATHS) {
		struct known_path *worst = least(a);
		for (n = 0; a->paths[n] != worst;)
			n++;
		path_remove(i, worst);
	}
	struct known_path *p = pool_take(i->paths);
	if (!p)
		return NULL;
	*p = (struct known_path){ .way = { .slot = a->slot }, .agent = a, .path = *from };
	return a->paths[n] = p;
}

struct known_path *path_learn(struct ice *i, struct agent *a, const struct path *from)
{
	struct known_path *p = path_get(a, from);
	if (!p) {
		if (!(p = make(i, a, from)))
			return NULL;
		link_first(list_of(i, p), p);
		if (!a->came_us)
			a->came_us = clock_now_us();
		path_contest(i, p);
	} else if (!p->way.is_proven) {
		unlink_path(list_of(i, p), p);
		link_first(list_of(i, p), p);
	}
	p->used = ++a->n_checks;
	return p;
}

/* What another peer knows of this path and does not use is out of date now. */
static void remove_stale(struct ice *i, const struct path *path)
{
	struct known_path *p = same(bucket_of(i, path)->proven.first, path), *next;
	for (; p; p = next) {
		next = same(p->next, path);
		if (p->agent->selected != p)
			path_remove(i, p);
	}
}

void path_prove(struct ice *i, struct known_path *p)
{
	if (p->way.is_proven)
		return;
	remove_stale(i, &p->path);
	unlink_path(list_of(i, p), p);
	p->way.is_proven = true;
	link_first(list_of(i, p), p);
	update_plain(i, &p->path);
}

void path_doubt(struct ice *i, struct known_path *p)
{
	unlink_path(list_of(i, p), p);
	p->way.is_proven = p->way.is_plain = false;
	p->answered_us = 0;
	p->bytes_in = p->bytes_out = 0;
	link_first(list_of(i, p), p);
	update_plain(i, &p->path);
}

void path_select(struct ice *i, struct known_path *p)
{
	struct agent *a = p->agent;
	struct known_path *old = a->selected;
	a->selected = p;
	p->is_wanted = false;
	if (old)
		update_plain(i, &old->path);
	update_plain(i, &p->path);
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
