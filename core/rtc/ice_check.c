/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of our own: they prove paths, and later are how a peer goes on to consent (RFC 7675).
 *
 * A check goes out at 0, 0.5, 1.5, 3.5 and 7.5 s with one transaction, and is given up at 15.5 s.
 * Consent is asked for every 4 to 6 s after the last answer, so of a peer that falls silent we know
 * at 1.5 s of the first question that goes unanswered whether another of its paths still works. */
#include "../base/metric.h"
#include "../base/rand.h"
#include "ice_agent.h"

#define AGAIN_US          US_PER_S /* least time between two checks of one path, and how long … */
#define FRESH_US          (2 * US_PER_S) /* … and for how long an answer says that a path works */
#define CONSENT_US        (4 * US_PER_S) /* RFC 7675, section 5.1: 5 s, less and more a fifth */
#define CONSENT_RANDOM_US (2 * US_PER_S - CONSENT_STEP_US)
#define CONSENT_STEP_US   (250 * US_PER_MS) /* those of many peers go, and come back, together */
#define DOUBT_TRIES       2 /* so many unanswered, and the selected path may be dead */

static struct metric sent = { .name = "cardea_ice_checks_total",
	.help = "Connectivity and consent checks of our own, with repeats" };
static struct metric answers = { .name = "cardea_ice_answers_total",
	.help = "Valid answers to our own checks" };
static struct metric moves = { .name = "cardea_ice_moves_total",
	.help = "PeerConnections that went on over another path" };

static void arm(struct ice *i, struct agent *a)
{
	int64_t due = a->consent_us;
	if (!i->wheel)
		return;
	const struct known_path *p;
	EACH_PATH(p, a)
	if (p->check.tries && p->check.due_us < due)
		due = p->check.due_us;
	if (due == INT64_MAX)
		wheel_cancel(i->wheel, &a->timer);
	else
		wheel_set(i->wheel, &a->timer, due);
}

static void send_check(struct ice *i, struct known_path *p, int64_t now)
{
	const struct agent *a = p->agent;
	const struct stun_own own = { .id = p->check.id,
		.peer_ufrag = a->peer_ufrag,
		.our_ufrag = a->creds[a->met].ufrag,
		.peer_pwd = a->peer_pwd };
	uint8_t out[STUN_MAX];
	size_t n = stun_request(&i->stun, &own, out);
	p->check.due_us = now + (CHECK_RTO_US << p->check.tries++);
	if (!n || !path_allows(p, n))
		return;
	metric_add(&sent, 1);
	i->ops->send(i->arg, &p->path, out, n);
}

/* ---- asking ---- */

static void begin(struct ice *i, struct known_path *p, bool is_urgent)
{
	int64_t now = clock_now_us();
	bool is_pending = p->check.tries && i->wheel;
	if (!p->agent->peer_pwd || (is_pending && !is_urgent))
		return;
	if (p->check.began_us && now - p->check.began_us < AGAIN_US)
		return;
	if (!is_pending)
		check_name(i, p);
	p->check.tries = 0;
	p->check.began_us = now;
	send_check(i, p, now);
	arm(i, p->agent);
}

void check_begin(struct ice *i, struct known_path *p)
{
	begin(i, p, false);
}

/* A wish that is granted ends those that are older. */
static void move(struct ice *i, struct known_path *p)
{
	struct agent *a = p->agent;
	bool is_wish = p->is_wanted;
	struct known_path *o;
	EACH_PATH(o, a)
	o->is_wanted &= !is_wish || o->used > p->used;
	metric_add(&moves, a->selected && a->selected->way.is_proven);
	path_select(i, p);
}

void check_want(struct ice *i, struct known_path *p)
{
	if (p->way.is_proven && p->answered_us && clock_now_us() - p->answered_us < FRESH_US) {
		move(i, p);
		return;
	}
	p->is_wanted = true;
	begin(i, p, true);
}

/* The selected path does not answer: go on over one that does, if there is one. */
static void fall_back(struct ice *i, struct agent *a)
{
	struct known_path *best = NULL, *p;
	EACH_PATH(p, a)
	if (p != a->selected && p->way.is_proven && p->answered_us >= a->selected->check.began_us &&
		(!best || p->answered_us > best->answered_us))
		best = p;
	if (best)
		move(i, best);
}

static void repeat(struct ice *i, struct known_path *p, int64_t now)
{
	struct agent *a = p->agent;
	if (p == a->selected && p->check.tries >= DOUBT_TRIES)
		fall_back(i, a);
	if (p->check.tries < CHECK_TRIES) {
		send_check(i, p, now);
		return;
	}
	p->check.tries = 0;
	p->is_wanted = false;
	p->was_mute = true;
}

static void plan_consent(struct agent *a, int64_t now)
{
	int64_t due = now + CONSENT_US + rand_u32() % CONSENT_RANDOM_US;
	a->consent_us = due + CONSENT_STEP_US - due % CONSENT_STEP_US;
}

static void ask_consent(struct ice *i, struct agent *a, int64_t now)
{
	plan_consent(a, now);
	if (a->selected)
		check_begin(i, a->selected);
}

void check_timer(void *arg)
{
	struct agent *a = arg;
	struct ice *i = a->ice;
	int64_t now = clock_now_us();
	struct known_path *p;
	EACH_PATH(p, a)
	if (p->check.tries && p->check.due_us <= now)
		repeat(i, p, now);
	if (a->consent_us <= now)
		ask_consent(i, a, now);
	arm(i, a);
}

/* Where does the peer want its media, now that this path works? Where it has nominated; else where
 * it was, as long as that works too. */
static void settle(struct ice *i, struct agent *a, struct known_path *p)
{
	struct known_path *s = a->selected;
	if (p == s)
		return;
	if (!s || !s->way.is_proven || p->is_wanted || s->check.tries > DOUBT_TRIES)
		move(i, p);
	else if (clock_now_us() - s->answered_us >= AGAIN_US)
		check_begin(i, s);
}

static void on_answer(struct ice *i, struct known_path *p)
{
	struct agent *a = p->agent;
	int64_t now = clock_now_us();
	metric_add(&answers, 1);
	p->check.tries = 0;
	p->was_mute = false;
	p->answered_us = now;
	path_prove(i, p);
	settle(i, a, p);
	p->is_wanted = false;
	a->has_answered = true;
	if (p == a->selected) {
		plan_consent(a, now);
		i->ops->heard(i->arg, a->slot);
	}
	arm(i, a);
}

void check_response(struct ice *i, const struct path *from, const uint8_t *data, size_t len)
{
	struct known_path *p = check_find(i, from, data + STUN_ID_AT);
	if (p && p->agent->peer_pwd && stun_is_answer(&i->stun, data, len, p->agent->peer_pwd))
		on_answer(i, p);
}

void check_again(struct ice *i, struct agent *a)
{
	struct known_path *p;
	EACH_PATH(p, a)
	{
		check_drop(i, p);
		p->was_mute = false;
		if (p != a->selected && p->way.is_proven)
			path_doubt(i, p);
		if (p == a->selected || p->is_wanted)
			check_begin(i, p);
	}
}

void check_forget(struct ice *i, struct agent *a)
{
	if (i->wheel)
		wheel_cancel(i->wheel, &a->timer);
}

void check_metrics(void)
{
	metric_register(&sent);
	metric_register(&answers);
	metric_register(&moves);
}
