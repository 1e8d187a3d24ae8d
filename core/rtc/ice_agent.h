/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <string.h>
#include "../base/buf.h"
#include "../base/clock.h"
#include "ice.h"
#include "stun.h"

/** @file
 * What the files of the mux share: an agent is one peer's side of it. */

#define MAX_PATHS    8 /* of a peer; the unproven one unused for longest makes room */
#define AMPLIFY      3 /* bytes to an unproven path for each that came from it */
#define CHECK_TRIES  5
#define CHECK_RTO_US 500000 /* RFC 8445, section 14.3; doubled each time */

struct agent;
/* Credentials of ours. */
struct cred {
	struct cred *next;   /* in its bucket */
	struct agent *agent; /* NULL: unused */
	char ufrag[ICE_OUR_UFRAG + 1], pwd[ICE_OUR_PWD + 1];
};
/* A check of our own on a path. */
struct own_check {
	struct known_path *next; /* in its bucket, by transaction */
	uint8_t id[STUN_ID];     /* its transaction, of all its repeats */
	bool is_named;           /* it has one, and is in a bucket */
	uint8_t tries;           /* 0: none is on its way */
	int64_t began_us, due_us;
};
struct known_path {
	struct ice_way way;              /* must be the first */
	struct known_path *next, **prev; /* in one list of its bucket */
	struct agent *agent;
	struct path path;
	uint32_t used; /* a count that grows with every check of the peer */
	uint32_t bytes_in, bytes_out;
	bool is_wanted;      /* the peer wants media here: as soon as it is proven */
	bool was_mute;       /* the last check of ours was given up */
	int64_t answered_us; /* of the last check of ours, 0: never */
	struct own_check check;
};
struct agent {
	struct ice *ice;
	uint32_t slot, n_checks;
	uint32_t n_refused;          /* checks that named it and were not authentic */
	struct cred creds[2];        /* now and, until its successor was used, before */
	unsigned current;            /* index of the newest credentials */
	char *peer_ufrag, *peer_pwd; /* in one piece, as they are short; NULL: not known yet */
	unsigned met;                /* index of our credentials that the peer's belong to */
	struct known_path *paths[MAX_PATHS]; /* NULL: none; most peers have one */
	struct known_path *selected;
	bool is_pinned;    /* DTLS has begun on the selected path, which is not proven */
	bool has_answered; /* a check of ours */
	uint8_t n_conflicts;
	int64_t came_us;    /* it could prove a path since, 0: it has named none */
	int64_t consent_us; /* when to ask again, INT64_MAX: not */
	struct wheel_timer timer;
};
/* For each path of an agent, which the body may remove. */
#define EACH_PATH(p, a) \
	for (unsigned at_path = 0; at_path < MAX_PATHS; at_path++) \
		if (((p) = (a)->paths[at_path]))

struct path_list {
	struct known_path *first, **end;
};
/* Of paths: how many unproven ones there are is no matter to those who look for a proven one. */
struct path_bucket {
	struct path_list proven, claims;
	int64_t contested_until_us;
};

#define ICE_CHECKS 1024 /* buckets for checks of ours in flight: few at a time */
struct ice {
	const struct ice_ops *ops;
	void *arg;
	struct stun stun;
	struct wheel *wheel; /* NULL: no timers */
	struct pool *agents, *paths;
	struct agent **by_slot;
	unsigned max_peers, ufrag_mask, path_mask;
	struct cred **by_ufrag;
	struct path_bucket *by_path;
	struct known_path **by_check; /* those that have been asked, by transaction */
	uint64_t key;
	struct cred *checked; /* whose password the request at hand was checked with */
};

static inline struct agent *agent_of(const struct ice *i, uint32_t slot)
{
	return slot < i->max_peers ? i->by_slot[slot] : NULL;
}

/* ---- ice_cred.c: who a user fragment of ours names ---- */

struct cred *cred_find(const struct ice *i, const char *ufrag, size_t len);
void cred_remove(struct ice *i, struct cred *c); /* Unused: fine. */
/* Make them the agent's newest, as its number n. ERR_INVALID, ERR_EXISTS */
enum err cred_add(struct ice *i, struct agent *a, unsigned n, const char *ufrag, const char *pwd);

/* ---- ice_transaction.c: checks of ours that wait for an answer ---- */

/* The path's next check has a transaction of its own, and that alone. */
void check_name(struct ice *i, struct known_path *p);
void check_drop(struct ice *i, struct known_path *p); /* No answer is waited for any more. */
/* The path that was asked by this transaction and answers from there, NULL: none. */
struct known_path *check_find(
	const struct ice *i, const struct path *from, const uint8_t id[STUN_ID]);

/* ---- ice_path.c: who is where ---- */

/* The peer's path of that name, NULL: none. */
struct known_path *path_get(struct agent *a, const struct path *from);
/* The same, made if need be, as its most recently used. NULL: out of memory. */
struct known_path *path_learn(struct ice *i, struct agent *a, const struct path *from);
void path_remove(struct ice *i, struct known_path *p);
void path_prove(struct ice *i, struct known_path *p);
void path_doubt(struct ice *i, struct known_path *p); /* It has to be proven again. */
/* Its peer has a second to prove it: handshakes from there wait if others claim it too. */
void path_contest(struct ice *i, struct known_path *p);
void path_later(struct ice *i, struct known_path *p); /* Others of its list go first now. */
void path_select(struct ice *i, struct known_path *p);
void path_count(struct known_path *p, size_t len); /* Bytes came from there. */
/* May so much go there? What may is counted. */
bool path_allows(struct known_path *p, size_t len);
void path_metrics(void);

/* ---- ice_check.c: checks of our own ---- */

/* Ask there unless it is being asked already. Does nothing while the peer's password is unknown. */
void check_begin(struct ice *i, struct known_path *p);
/* The peer wants its media there: ask, and move with the answer. */
void check_want(struct ice *i, struct known_path *p);
/* A response came. */
void check_response(struct ice *i, const struct path *from, const uint8_t *data, size_t len);
void check_timer(void *agent);
/* The peer's credentials have changed: ask again wherever an answer is waited for. */
void check_again(struct ice *i, struct agent *a);
void check_forget(struct ice *i, struct agent *a); /* No more timers. */
void check_metrics(void);
