/* SPDX-License-Identifier: Apache-2.0 */
/* The mux: all peers on one port. Here they come and go, and their checks are answered. */
#include <stdlib.h>
#include "../base/rand.h"
#include "ice_agent.h"

/* After so many 487s the peer will not change its mind: take it as it is. */
#define MAX_CONFLICTS 8

/* Of a hash, at least that: a power of two. */
static unsigned buckets(unsigned least)
{
	unsigned n = 64;
	while (n < least)
		n *= 2;
	return n;
}

struct ice *ice_create(unsigned max_peers, const struct ice_ops *ops, void *arg)
{
	struct ice *i = calloc(1, sizeof(*i));
	unsigned ufrags = buckets(2 * max_peers), paths = buckets(max_peers / 2);
	if (!i)
		return NULL;
	i->ops = ops;
	i->arg = arg;
	i->max_peers = max_peers;
	i->ufrag_mask = ufrags - 1;
	i->path_mask = paths - 1;
	i->by_slot = calloc(max_peers, sizeof(*i->by_slot));
	i->by_ufrag = calloc(ufrags, sizeof(*i->by_ufrag));
	i->by_path = calloc(paths, sizeof(*i->by_path));
	i->by_check = calloc(ICE_CHECKS, sizeof(*i->by_check));
	i->agents = pool_create("ice agents", sizeof(struct agent), max_peers);
	i->paths = pool_create("ice paths", sizeof(struct known_path), max_peers * MAX_PATHS);
	rand_bytes(&i->key, sizeof(i->key));
	stun_init(&i->stun);
	if (!i->by_slot || !i->by_ufrag || !i->by_path || !i->by_check || !i->agents || !i->paths) {
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
	pool_destroy(i->paths);
	free(i->by_slot);
	free(i->by_ufrag);
	free(i->by_path);
	free(i->by_check);
	free(i);
}

void ice_timers(struct ice *i, struct wheel *wheel)
{
	i->wheel = wheel;
}

/* ---- peers ---- */

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
	a->ice = i;
	a->slot = slot;
	a->consent_us = INT64_MAX;
	a->timer.fn = check_timer;
	a->timer.arg = a;
	enum err e = cred_add(i, a, 0, ufrag, pwd);
	if (e)
		pool_give(i->agents, a);
	else
		i->by_slot[slot] = a;
	return e;
}

/* It could not prove what it has named so far. */
static void begin_claims(struct ice *i, struct agent *a)
{
	if (!a->came_us)
		return;
	a->came_us = clock_now_us();
	struct known_path *p;
	EACH_PATH(p, a)
	path_contest(i, p);
}

static bool name_peer(struct agent *a, const char *ufrag, const char *pwd)
{
	size_t n = strlen(ufrag) + 1, n_pwd = strlen(pwd) + 1;
	char *both = malloc(n + n_pwd);
	if (!both)
		return false;
	free(a->peer_ufrag);
	a->peer_ufrag = memcpy(both, ufrag, n);
	a->peer_pwd = memcpy(both + n, pwd, n_pwd);
	return true;
}

enum err ice_peer(struct ice *i, uint32_t slot, const char *ufrag, const char *pwd)
{
	struct agent *a = agent_of(i, slot);
	if (!a)
		return ERR_NOT_FOUND;
	if (strlen(ufrag) > ICE_UFRAG_MAX || strlen(pwd) > ICE_PWD_MAX)
		return ERR_INVALID;
	if (a->peer_ufrag && !strcmp(a->peer_ufrag, ufrag) && !strcmp(a->peer_pwd, pwd))
		return OK;
	bool is_first = !a->peer_pwd;
	if (!name_peer(a, ufrag, pwd))
		return ERR_FULL;
	if (is_first)
		begin_claims(i, a);
	a->met = a->current;
	check_again(i, a);
	return OK;
}

enum err ice_restart(struct ice *i, uint32_t slot, const char *ufrag, const char *pwd)
{
	struct agent *a = agent_of(i, slot);
	if (!a)
		return ERR_NOT_FOUND;
	if (!strcmp(a->creds[a->current].ufrag, ufrag))
		return OK;
	/* If the last restart was never used, it is the one to be replaced. */
	return cred_add(i, a, a->creds[!a->current].agent ? a->current : !a->current, ufrag, pwd);
}

void ice_close(struct ice *i, uint32_t slot)
{
	struct agent *a = agent_of(i, slot);
	if (!a)
		return;
	check_forget(i, a);
	cred_remove(i, &a->creds[0]);
	cred_remove(i, &a->creds[1]);
	struct known_path *p;
	EACH_PATH(p, a)
	path_remove(i, p);
	free(a->peer_ufrag);
	i->by_slot[slot] = NULL;
	pool_give(i->agents, a);
}

/* ---- their checks ---- */

static const char *lookup(void *arg, const char *ours, size_t len)
{
	struct ice *i = arg;
	i->checked = cred_find(i, ours, len);
	return i->checked ? i->checked->pwd : NULL;
}

/* The peer is spoken to where its first check came from, and moves with proof alone: until DTLS has
 * begun or one of our checks is answered, a later check is no better than the first. */
static void follow(struct ice *i, struct known_path *p, bool nominates)
{
	struct agent *a = p->agent;
	if (!a->selected)
		path_select(i, p);
	p->is_wanted |= nominates && !p->way.is_proven;
	if (p != a->selected && nominates)
		check_want(i, p);
	else if (p != a->selected || (!p->answered_us && !p->was_mute))
		check_begin(i, p);
}

/* An authenticated check: the peer knows our newest credentials, or does not yet. It is answered
 * wherever it came from: what it tells of the peer's address has to be proven anyway.
 * @return bytes of the answer */
static size_t answer_check(struct ice *i, struct stun_request *r, const struct path *from,
	struct known_path **p, size_t len, uint8_t out[STUN_MAX])
{
	struct agent *a = i->checked->agent;
	if (r->is_controlled && a->n_conflicts < MAX_CONFLICTS) {
		a->n_conflicts++;
		return stun_answer_conflict(&i->stun, r, out);
	}
	size_t n = stun_answer(&i->stun, STUN_CHECK, r, &from->remote, out);
	if (i->checked == &a->creds[a->current])
		cred_remove(i, &a->creds[!a->current]);
	if (!(*p = path_learn(i, a, from)))
		return 0;
	path_count(*p, len);
	path_allows(*p, n); /* three times a check is more than its answer */
	return n;
}

void ice_stun(struct ice *i, const struct path *from, const uint8_t *data, size_t len)
{
	struct stun_request r;
	struct known_path *p = NULL;
	uint8_t out[STUN_MAX];
	if (stun_is_response(data, len)) {
		check_response(i, from, data, len);
		return;
	}
	i->checked = NULL;
	enum stun_kind kind = stun_read(&i->stun, data, len, lookup, i, &r);
	if (kind == STUN_NOTHING) {
		if (i->checked)
			i->checked->agent->n_refused++;
		return;
	}
	struct agent *a = kind == STUN_CHECK ? i->checked->agent : NULL;
	size_t n = a ? answer_check(i, &r, from, &p, len, out)
		     : stun_answer(&i->stun, kind, &r, &from->remote, out);
	if (!n)
		return;
	i->ops->send(i->arg, from, out, n);
	if (p)
		follow(i, p, r.nominates);
	if (a && !a->has_answered)
		i->ops->heard(i->arg, a->slot);
}

/* ---- what else comes from them ---- */

void ice_credit(struct ice_way *w, size_t len)
{
	path_count((struct known_path *)w, len);
}

void ice_later(struct ice *i, struct ice_way *w)
{
	path_later(i, (struct known_path *)w);
}

void ice_dtls(struct ice *i, struct ice_way *w)
{
	struct known_path *p = (struct known_path *)w;
	struct agent *a = p->agent;
	if (a->selected && (a->selected->way.is_proven || a->is_pinned))
		return;
	if (p != a->selected)
		path_select(i, p);
	a->is_pinned = true;
}

void ice_media(struct ice *i, uint32_t slot, const struct path *from, size_t len, bool is_quiet)
{
	struct agent *a = agent_of(i, slot);
	struct known_path *p = a ? path_learn(i, a, from) : NULL;
	if (!p || p == a->selected)
		return;
	path_count(p, len);
	if (!p->way.is_proven || is_quiet)
		check_want(i, p);
}

bool ice_shaken(struct ice *i, uint32_t slot)
{
	struct agent *a = agent_of(i, slot);
	if (!a || !a->selected)
		return false;
	if (a->is_pinned)
		path_prove(i, a->selected);
	return a->selected->way.is_proven;
}

bool ice_is_proven(const struct ice *i, uint32_t slot)
{
	const struct agent *a = agent_of(i, slot);
	return a && a->selected && a->selected->way.is_proven;
}

bool ice_allows(struct ice *i, uint32_t slot, size_t len)
{
	struct agent *a = agent_of(i, slot);
	return a && a->selected && path_allows(a->selected, len);
}

int64_t ice_consent_us(const struct ice *i, uint32_t slot)
{
	const struct agent *a = agent_of(i, slot);
	return a && a->selected && a->selected->answered_us ? a->selected->answered_us : INT64_MAX;
}

struct ice_heard ice_heard(const struct ice *i, uint32_t slot)
{
	const struct agent *a = agent_of(i, slot);
	struct ice_heard h = { 0 };
	if (a)
		h = (struct ice_heard){ a->n_checks, a->n_refused };
	return h;
}

void ice_metrics(void)
{
	path_metrics();
	check_metrics();
}
