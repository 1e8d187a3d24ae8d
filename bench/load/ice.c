/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "base.h"
#include "dtls.h"
#include "ice.h"
#include "peers.h"
#include "stun.h"

#define CONSENT       (5 * NS_PER_S)
#define TRIES         40
#define PRIORITY      (110u << 24 | 65535u << 8 | 255u)
#define ROLE_CONFLICT 487

void ice_init(struct peer *p)
{
	rand_word(p->ice.ufrag, sizeof(p->ice.ufrag) - 1);
	rand_word(p->ice.pwd, sizeof(p->ice.pwd) - 1);
	p->ice.tie = rand64();
}

static bool is_same(const struct sockaddr_in *a, const struct sockaddr_in *b)
{
	return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
}

static struct candidate *find(struct ice *ice, const struct sockaddr_in *a)
{
	for (int i = 0; i < ice->n; i++)
		if (is_same(&ice->candidate[i].address, a))
			return &ice->candidate[i];
	return NULL;
}

void ice_add(struct peer *p, const struct sockaddr_in *a)
{
	struct ice *ice = &p->ice;
	if (!find(ice, a) && ice->n < SDP_CANDIDATES)
		ice->candidate[ice->n++] = (struct candidate){ .address = *a };
}

void ice_set_remote(struct peer *p, const struct sdp *theirs)
{
	struct ice *ice = &p->ice;
	snprintf(ice->their_ufrag, sizeof(ice->their_ufrag), "%s", theirs->ufrag);
	snprintf(ice->their_pwd, sizeof(ice->their_pwd), "%s", theirs->pwd);
	ice->has_remote = true;
	ice->is_controlling |= theirs->is_lite;
	for (int i = 0; i < theirs->n_candidates; i++)
		ice_add(p, &theirs->candidate[i]);
	ice_timer(p, now_ns());
}

static void send_to(struct peer *p, const struct sockaddr_in *to, const uint8_t *data, size_t n)
{
	if (sendto(p->fd, data, n, 0, (const struct sockaddr *)to, sizeof(*to)) < 0)
		say(1, "a STUN message was not sent");
}

static void check(struct peer *p, struct candidate *c, uint64_t now)
{
	uint8_t out[STUN_MAX];
	char username[600];
	rand_bytes(c->id, sizeof(c->id));
	snprintf(username, sizeof(username), "%s:%s", p->ice.their_ufrag, p->ice.ufrag);
	struct stun_check fields = { username, p->ice.their_pwd, PRIORITY, p->ice.is_controlling,
		p->ice.tie };
	send_to(p, &c->address, out, stun_request(out, c->id, &fields));
	c->tries++;
	uint64_t pause_ms = c->tries < 4 ? 50 : 200;
	if (c->tries >= 8)
		pause_ms = 500;
	c->next_ns = now + pause_ms * NS_PER_MS;
}

static void select_path(struct peer *p, const struct candidate *c)
{
	p->remote = c->address;
	p->has_remote = true;
	if (p->ice.is_up)
		return;
	p->ice.is_up = true;
	p->ice.consent_ns = now_ns() + CONSENT;
	if (p->dtls.role == DTLS_CLIENT)
		dtls_begin(p);
}

/* RFC 8445, section 7.3.1.1. @return false: the other one shall switch */
static bool settle_roles(struct ice *ice, const struct stun *s)
{
	if (!(ice->is_controlling ? s->is_controlling : s->is_controlled))
		return true;
	if (ice->is_controlling ? ice->tie >= s->tie : ice->tie < s->tie)
		return false;
	ice->is_controlling = !ice->is_controlling;
	return true;
}

static void on_request(struct peer *p, const uint8_t *message, const struct stun *s,
	const struct sockaddr_in *from)
{
	uint8_t out[STUN_MAX];
	struct ice *ice = &p->ice;
	size_t len = strlen(ice->ufrag);
	if (strncmp(s->username, ice->ufrag, len) || s->username[len] != ':' ||
		!stun_is_genuine(s, message, ice->pwd))
		return;
	if (!settle_roles(ice, s)) {
		send_to(p, from, out, stun_error(out, s->id, ROLE_CONFLICT, ice->pwd));
		return;
	}
	send_to(p, from, out, stun_success(out, s->id, from, ice->pwd));
	ice_add(p, from);
	if (!p->has_remote) { /* lets a DTLS answer go out before our own check is done */
		p->remote = *from;
		p->has_remote = true;
	}
	struct candidate *c = find(ice, from);
	if (!c)
		return;
	if (s->use_candidate && !ice->is_controlling) {
		c->is_nominated = true;
		if (c->is_valid)
			select_path(p, c);
	}
	if (!c->is_valid && ice->has_remote && c->tries < 2)
		check(p, c, now_ns()); /* triggered */
}

static void on_response(struct peer *p, const uint8_t *message, const struct stun *s)
{
	struct ice *ice = &p->ice;
	struct candidate *c = NULL;
	for (int i = 0; i < ice->n; i++)
		if (!memcmp(ice->candidate[i].id, s->id, sizeof(s->id)))
			c = &ice->candidate[i];
	if (!c)
		return;
	if (s->type == STUN_ERROR) {
		if (s->error == ROLE_CONFLICT) {
			ice->is_controlling = !ice->is_controlling;
			c->next_ns = 0;
		}
		return;
	}
	if (!stun_is_genuine(s, message, ice->their_pwd))
		return;
	c->is_valid = true;
	if (ice->is_controlling ? !ice->is_up : c->is_nominated)
		select_path(p, c);
}

void ice_in(struct peer *p, const uint8_t *message, int n, const struct sockaddr_in *from)
{
	struct stun s;
	if (!stun_parse(&s, message, (size_t)n))
		return;
	if (s.type == STUN_REQUEST)
		on_request(p, message, &s, from);
	else if (s.type == STUN_SUCCESS || s.type == STUN_ERROR)
		on_response(p, message, &s);
}

void ice_timer(struct peer *p, uint64_t now)
{
	struct ice *ice = &p->ice;
	for (int i = 0; !ice->is_up && ice->has_remote && i < ice->n; i++) {
		struct candidate *c = &ice->candidate[i];
		if (!c->is_valid && c->tries < TRIES && now >= c->next_ns)
			check(p, c, now);
	}
	if (!ice->is_up || now < ice->consent_ns)
		return;
	struct candidate *c = find(ice, &p->remote);
	ice->consent_ns = now + CONSENT;
	if (c)
		check(p, c, now);
}
