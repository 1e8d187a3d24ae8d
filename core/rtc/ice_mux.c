/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "../base/buf.h"
#include "../base/clock.h"
#include "../base/rand.h"
#include "ice.h"
#include "stun.h"

/* Validated paths of a peer; the one unused for longest makes room. */
#define MAX_PATHS 8
/* Remembered transactions: some ten seconds of a browser's checks. */
#define MAX_IDS 64
/* After so many 487s the peer will not change its mind: take it as it is. */
#define MAX_CONFLICTS 8
/* Three times what a browser lets pass between checks. */
#define OWNED_US (15 * US_PER_S)

struct agent;
struct cred {
	struct cred *next;   /* in its bucket */
	struct agent *agent; /* NULL: unused */
	char ufrag[ICE_OUR_UFRAG + 1], pwd[ICE_OUR_PWD + 1];
};
struct known_path {
	struct known_path *next;
	struct agent *agent; /* NULL: unused */
	struct path path;
	uint32_t used; /* a count that grows with every check */
	int64_t at_us; /* of the last check */
};
struct seen_id {
	uint64_t id, path; /* path_hash() of where it came from; 0: unused */
};
struct agent {
	uint32_t slot, n_checks;
	struct cred creds[2]; /* now and, until its successor was used, before */
	unsigned current;     /* index of the newest credentials */
	struct known_path paths[MAX_PATHS];
	int selected; /* -1: none */
	uint8_t n_conflicts, next_id;
	struct seen_id ids[MAX_IDS];
};
struct ice {
	const struct ice_ops *ops;
	void *arg;
	struct stun stun;
	struct pool *agents;
	struct agent **by_slot;
	unsigned max_peers, mask;
	struct cred **by_ufrag;
	struct known_path **by_path;
	uint64_t key;
	struct cred *checked; /* whose password the request at hand was checked with */
};

struct ice *ice_create(unsigned max_peers, const struct ice_ops *ops, void *arg)
{
	struct ice *i = calloc(1, sizeof(*i));
	unsigned n = 64;
	while (n < 2 * max_peers)
		n *= 2;
	if (!i)
		return NULL;
	i->ops = ops;
	i->arg = arg;
	i->max_peers = max_peers;
	i->mask = n - 1;
	i->by_slot = calloc(max_peers, sizeof(*i->by_slot));
	i->by_ufrag = calloc(n, sizeof(*i->by_ufrag));
	i->by_path = calloc(n, sizeof(*i->by_path));
	i->agents = pool_create("ice agents", sizeof(struct agent), max_peers);
	rand_bytes(&i->key, sizeof(i->key));
	stun_init(&i->stun);
	if (!i->by_slot || !i->by_ufrag || !i->by_path || !i->agents) {
		ice_destroy(i);
		return NULL;
	}
	return i;
}

void ice_destroy(struct ice *i)
{
	if (!i)
		return;
	for (unsigned s = 0; i->by_slot && s < i->max_peers; s++)
		ice_close(i, s);
	pool_destroy(i->agents);
	free(i->by_slot);
	free(i->by_ufrag);
	free(i->by_path);
	free(i);
}

static struct cred **ufrag_bucket(const struct ice *i, const char *ufrag, size_t len)
{
	uint64_t h = i->key;
	for (size_t n = 0; n < len; n++)
		h = (h ^ (uint8_t)ufrag[n]) * 0x100000001b3ULL;
	return &i->by_ufrag[(h ^ h >> 32) & i->mask];
}

static struct cred *find_ufrag(const struct ice *i, const char *ufrag, size_t len)
{
	if (len > ICE_OUR_UFRAG)
		return NULL;
	struct cred *c = *ufrag_bucket(i, ufrag, len);
	while (c && (memcmp(c->ufrag, ufrag, len) || c->ufrag[len]))
		c = c->next;
	return c;
}

static void cred_remove(struct ice *i, struct cred *c)
{
	if (!c->agent)
		return;
	struct cred **at = ufrag_bucket(i, c->ufrag, strlen(c->ufrag));
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->agent = NULL;
}

static enum err cred_add(
	struct ice *i, struct agent *a, unsigned n, const char *ufrag, const char *pwd)
{
	size_t len = strlen(ufrag);
	if (!len || len > ICE_OUR_UFRAG || strlen(pwd) > ICE_OUR_PWD)
		return ERR_INVALID;
	if (find_ufrag(i, ufrag, len))
		return ERR_EXISTS;
	struct cred *c = &a->creds[n], **at = ufrag_bucket(i, ufrag, len);
	cred_remove(i, c);
	strcpy(c->ufrag, ufrag);
	strcpy(c->pwd, pwd);
	c->agent = a;
	c->next = *at;
	*at = c;
	a->current = n;
	return OK;
}

static void path_remove(struct ice *i, struct known_path *p)
{
	if (!p->agent)
		return;
	struct known_path **at = &i->by_path[path_hash(&p->path, i->key) & i->mask];
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->agent = NULL;
}

static struct known_path *find_path(const struct ice *i, const struct path *from)
{
	struct known_path *p = i->by_path[path_hash(from, i->key) & i->mask];
	while (p && !path_equal(&p->path, from))
		p = p->next;
	return p;
}

enum err ice_open(struct ice *i, uint32_t slot, const char *ufrag, const char *pwd)
{
	if (slot >= i->max_peers)
		return ERR_INVALID;
	if (i->by_slot[slot])
		return ERR_EXISTS;
	struct agent *a = pool_take(i->agents);
	if (!a)
		return ERR_FULL;
	memset(a, 0, sizeof(*a));
	a->slot = slot;
	a->selected = -1;
	enum err e = cred_add(i, a, 0, ufrag, pwd);
	if (e)
		pool_give(i->agents, a);
	else
		i->by_slot[slot] = a;
	return e;
}

enum err ice_restart(struct ice *i, uint32_t slot, const char *ufrag, const char *pwd)
{
	struct agent *a = slot < i->max_peers ? i->by_slot[slot] : NULL;
	if (!a)
		return ERR_NOT_FOUND;
	if (!strcmp(a->creds[a->current].ufrag, ufrag))
		return OK;
	/* If the last restart was never used, it is the one to be replaced. */
	return cred_add(i, a, a->creds[!a->current].agent ? a->current : !a->current, ufrag, pwd);
}

void ice_close(struct ice *i, uint32_t slot)
{
	struct agent *a = slot < i->max_peers ? i->by_slot[slot] : NULL;
	if (!a)
		return;
	cred_remove(i, &a->creds[0]);
	cred_remove(i, &a->creds[1]);
	for (unsigned p = 0; p < MAX_PATHS; p++)
		path_remove(i, &a->paths[p]);
	i->by_slot[slot] = NULL;
	pool_give(i->agents, a);
}

int64_t ice_find(const struct ice *i, const struct path *from)
{
	const struct known_path *p = find_path(i, from);
	return p ? (int64_t)p->agent->slot : -1;
}

static const char *lookup(void *arg, const char *ours, size_t len)
{
	struct ice *i = arg;
	i->checked = find_ufrag(i, ours, len);
	return i->checked ? i->checked->pwd : NULL;
}

/* An address pair passes to another peer only when its owner has not been heard there for a while:
 * a peer may be authentic and still lie about where it sends from, to cut another one off. */
static bool is_taken(struct ice *i, const struct agent *a, const struct path *from)
{
	struct known_path *p = find_path(i, from);
	if (!p || p->agent == a)
		return false;
	if (clock_now_us() - p->at_us < OWNED_US)
		return true;
	if (p->agent->selected == p - p->agent->paths)
		p->agent->selected = -1;
	path_remove(i, p);
	return false;
}

/* The peer's path of that name, made if need be. */
static struct known_path *learn_path(struct ice *i, struct agent *a, const struct path *from)
{
	struct known_path *p = find_path(i, from);
	if (!p) {
		for (unsigned n = 0; n < MAX_PATHS; n++) {
			struct known_path *c = &a->paths[n];
			if ((int)n == a->selected)
				continue;
			if (!p || (p->agent && (!c->agent || c->used < p->used)))
				p = c;
		}
		path_remove(i, p);
		struct known_path **at = &i->by_path[path_hash(from, i->key) & i->mask];
		p->agent = a;
		p->path = *from;
		p->next = *at;
		*at = p;
	}
	p->used = ++a->n_checks;
	p->at_us = clock_now_us();
	return p;
}

/* Was this transaction seen from another address? Then it is a recording that somebody plays to
 * steal the media. */
static bool is_replayed(struct agent *a, uint64_t id, uint64_t path)
{
	for (unsigned n = 0; n < MAX_IDS; n++)
		if (a->ids[n].path && a->ids[n].id == id)
			return a->ids[n].path != path;
	a->ids[a->next_id++ % MAX_IDS] = (struct seen_id){ id, path };
	return false;
}

/* Media goes to the first path that works, then where the latest nomination came from. */
static void follow(
	struct ice *i, struct agent *a, const struct stun_request *r, const struct path *from)
{
	struct known_path *p = learn_path(i, a, from);
	int n = (int)(p - a->paths);
	if (n == a->selected || (!r->nominates && a->selected >= 0))
		return;
	a->selected = n;
	i->ops->path(i->arg, a->slot, &p->path);
}

/* An authenticated check: the peer has this path, and knows our newest credentials or does not yet.
 */
static size_t check(struct ice *i, struct agent *a, struct stun_request *r, const struct path *from,
	uint8_t out[STUN_MAX])
{
	if (is_replayed(a, r->id, path_hash(from, i->key)) || is_taken(i, a, from))
		return 0;
	if (r->is_controlled && a->n_conflicts < MAX_CONFLICTS) {
		a->n_conflicts++;
		return stun_answer_conflict(&i->stun, r, out);
	}
	size_t n = stun_answer(&i->stun, STUN_CHECK, r, &from->remote, out);
	if (i->checked == &a->creds[a->current])
		cred_remove(i, &a->creds[!a->current]);
	follow(i, a, r, from);
	return n;
}

void ice_stun(struct ice *i, const struct path *from, const uint8_t *data, size_t len)
{
	struct stun_request r;
	uint8_t out[STUN_MAX];
	i->checked = NULL;
	enum stun_kind kind = stun_read(&i->stun, data, len, lookup, i, &r);
	if (kind == STUN_NOTHING)
		return;
	struct agent *a = kind == STUN_CHECK ? i->checked->agent : NULL;
	size_t n = a ? check(i, a, &r, from, out)
		     : stun_answer(&i->stun, kind, &r, &from->remote, out);
	if (!n)
		return;
	i->ops->send(i->arg, from, out, n);
	if (a)
		i->ops->heard(i->arg, a->slot);
}
