/* SPDX-License-Identifier: Apache-2.0 */
/* STUN in and out of the mux, and what it believes of paths, without sockets and by a faked clock.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "rtc_client.h"
#include "../../core/base/clock.h"
#include "../../core/rtc/ice.h"

#define UFRAG  "tagA12345678"
#define OTHER  "tagAotherone"
#define PWD    "passwordpasswordpassword"
#define PEER   2u /* a slot */
#define SECOND 3u
#define START  (1000 * US_PER_S)

struct sent {
	struct path to;
	size_t len;
	uint8_t data[512];
};
static struct ice *ice;
static struct wheel *wheel;
static struct client c;
static struct sent sent[256];
static unsigned n_sent, n_heard, n_paths;
static struct path chosen;
static int64_t chosen_by, now;

static void on_send(void *arg, const struct path *path, const uint8_t *data, size_t len)
{
	struct sent *s = &sent[n_sent % 256];
	(void)arg;
	assert_true(len <= sizeof(s->data));
	memcpy(s->data, data, len);
	s->len = len;
	s->to = *path;
	n_sent++;
}

static void on_heard(void *arg, uint32_t slot)
{
	(void)arg;
	(void)slot;
	n_heard++;
}

static void on_path(void *arg, uint32_t slot, const struct path *path)
{
	(void)arg;
	chosen = *path;
	chosen_by = slot;
	n_paths++;
}

static void forget(void)
{
	n_sent = n_heard = n_paths = 0;
}

static int setup(void **state)
{
	static const struct ice_ops ops = { on_send, on_heard, on_path };
	(void)state;
	forget();
	chosen_by = -1;
	clock_fake(now = START);
	client_make(&c, "SRTP_AEAD_AES_128_GCM");
	ice = ice_create(24, &ops, NULL);
	wheel = wheel_create(now);
	ice_timers(ice, wheel);
	assert_int_equal(ice_open(ice, PEER, UFRAG, PWD), OK);
	assert_int_equal(ice_peer(ice, PEER, CLIENT_UFRAG, CLIENT_PWD), OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ice_destroy(ice);
	wheel_destroy(wheel);
	client_free(&c);
	clock_fake(-1);
	return 0;
}

static void pass(int64_t us)
{
	for (int64_t end = now + us; now < end;) {
		now = now + 10000 < end ? now + 10000 : end;
		clock_fake(now);
		wheel_run(wheel, now);
	}
}

static struct path path(const char *remote, uint16_t port)
{
	struct path p;
	assert_true(addr_parse(&p.local, "192.0.2.1") && addr_parse(&p.remote, remote));
	addr_set_port(&p.remote, port);
	return p;
}

static int64_t owner(const struct path *from)
{
	const struct ice_way *w = ice_find(ice, from);
	return w ? (int64_t)w->slot : -1;
}

static size_t check(const struct path *from, const char *ufrag, const char *pwd, bool nominate)
{
	uint8_t buf[1500];
	size_t n = client_check(&c, buf, sizeof(buf), ufrag, pwd, nominate, true);
	ice_stun(ice, from, buf, n);
	return n;
}

static unsigned count(uint16_t type, const struct path *to)
{
	unsigned n = 0;
	for (unsigned s = 0; s < n_sent; s++)
		n += rd16(sent[s].data) == type && path_equal(&sent[s].to, to);
	return n;
}

/* Checks that it made there, and answers that it gave. */
static unsigned asked(const struct path *to)
{
	return count(0x0001, to);
}

static unsigned answered(const struct path *to)
{
	return count(0x0101, to);
}

static const struct sent *last_check(const struct path *to)
{
	for (unsigned s = n_sent; s > 0; s--)
		if (rd16(sent[s - 1].data) == 0x0001 && path_equal(&sent[s - 1].to, to))
			return &sent[s - 1];
	fail_msg("it made no check there");
	return NULL;
}

static size_t make_answer(const struct path *from, uint8_t *out)
{
	const struct sent *s = last_check(from);
	size_t n = client_answer(&c, s->data, s->len, &from->local, out, 512);
	assert_true(n > 0);
	return n;
}

/* The peer answers the latest check that was made there. */
static void answer(const struct path *from)
{
	uint8_t out[512];
	ice_stun(ice, from, out, make_answer(from, out));
}

/* The peer comes up there. */
static void prove(const struct path *p)
{
	check(p, UFRAG, PWD, true);
	answer(p);
	assert_true(path_equal(&chosen, p));
	assert_true(ice_find(ice, p)->is_plain);
}

/* ---- their checks ---- */

static void answers_a_check_with_the_address_it_came_from(void **state)
{
	struct path from = path("198.51.100.9", 4000);
	uint8_t buf[1500];
	StunMessage msg;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	(void)state;
	StunMessage request;
	memset(&request, 0, sizeof(request));
	size_t n = stun_usage_ice_conncheck_create(&c.stun, &request, buf, sizeof(buf),
		(uint8_t *)UFRAG ":peer", strlen(UFRAG ":peer"), (uint8_t *)PWD, strlen(PWD), false,
		true, 1, 42, NULL, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
	assert_int_equal(owner(&from), -1);
	ice_stun(ice, &from, buf, n);
	assert_int_equal(answered(&from), 1);
	assert_int_equal(n_heard, 1);
	/* libnice as client: integrity, fingerprint and transaction must fit */
	assert_int_equal(stun_agent_validate(&c.stun, &msg, sent[0].data, sent[0].len, NULL, NULL),
		STUN_VALIDATION_SUCCESS);
	assert_int_equal(
		stun_message_find_xor_addr(&msg, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &ss, &len),
		STUN_MESSAGE_RETURN_SUCCESS);
	assert_int_equal(
		((struct sockaddr_in *)&ss)->sin_addr.s_addr, from.remote.v4.sin_addr.s_addr);
	assert_int_equal(((struct sockaddr_in *)&ss)->sin_port, from.remote.v4.sin_port);
	assert_int_equal(owner(&from), PEER);
}

static void answers_a_plain_request_and_learns_nothing(void **state)
{
	struct path from = path("2001:db8::9", 4000);
	uint8_t plain[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
		12 };
	(void)state;
	ice_stun(ice, &from, plain, sizeof(plain));
	assert_int_equal(n_sent, 1);
	assert_int_equal(rd16(sent[0].data), 0x0101);
	assert_true(sent[0].len <= 3 * sizeof(plain));
	assert_memory_equal(sent[0].data + 4, plain + 4, 16);
	assert_int_equal(n_heard, 0);
	assert_int_equal(owner(&from), -1);
}

static void is_silent_when_anything_is_wrong(void **state)
{
	struct path from = path("198.51.100.9", 4000);
	uint8_t good[1500], bad[1500];
	(void)state;
	check(&from, UFRAG, "wrongwrongwrongwrongwron", true);
	check(&from, "tagA87654321", PWD, true);
	check(&from, "tagA1234567", PWD, true); /* a prefix */
	check(&from, UFRAG "9", PWD, true);     /* longer than any of ours */
	size_t n = client_check(&c, good, sizeof(good), UFRAG, PWD, true, true);
	for (size_t i = 0; i < n;
		i++) { /* every byte is under the integrity check or the fingerprint */
		memcpy(bad, good, n);
		bad[i] ^= 0x40;
		ice_stun(ice, &from, bad, n);
		ice_stun(ice, &from, good, i);
	}
	assert_int_equal(n_sent, 0);
	assert_int_equal(n_heard, 0);
	assert_int_equal(owner(&from), -1);
	ice_stun(ice, &from, good, n);
	assert_int_equal(answered(&from), 1);
}

/* ---- our checks ---- */

static void asks_back_as_the_controlled_side(void **state)
{
	struct path from = path("198.51.100.9", 1);
	StunMessage msg;
	uint16_t len;
	uint32_t priority;
	(void)state;
	check(&from, UFRAG, PWD, false);
	const struct sent *s = last_check(&from);
	assert_int_equal(stun_agent_validate(&c.stun, &msg, s->data, s->len, client_password, NULL),
		STUN_VALIDATION_SUCCESS);
	const char *name = stun_message_find(&msg, STUN_ATTRIBUTE_USERNAME, &len);
	assert_int_equal(len, strlen(CLIENT_UFRAG ":" UFRAG));
	assert_memory_equal(name, CLIENT_UFRAG ":" UFRAG, len);
	assert_true(stun_message_has_attribute(&msg, STUN_ATTRIBUTE_ICE_CONTROLLED));
	assert_false(stun_message_has_attribute(&msg, STUN_ATTRIBUTE_ICE_CONTROLLING));
	assert_false(stun_message_has_attribute(&msg, STUN_ATTRIBUTE_USE_CANDIDATE));
	assert_int_equal(stun_message_find32(&msg, STUN_ATTRIBUTE_PRIORITY, &priority),
		STUN_MESSAGE_RETURN_SUCCESS);
	assert_int_equal(priority >> 24, 110);
}

static void waits_for_the_peers_password(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	(void)state;
	assert_int_equal(ice_open(ice, SECOND, OTHER, PWD), OK);
	check(&a, OTHER, PWD, true);
	check(&b, OTHER, PWD, true);
	pass(2 * US_PER_S);
	assert_int_equal(answered(&a) + answered(&b), 2);
	assert_int_equal(asked(&a) + asked(&b), 0);
	assert_int_equal(ice_peer(ice, SECOND, CLIENT_UFRAG, CLIENT_PWD), OK);
	assert_int_equal(asked(&a), 1);
	assert_int_equal(asked(&b), 1); /* a nomination that has waited */
	answer(&b);
	assert_true(path_equal(&chosen, &b));
}

static void takes_no_answer_but_the_right_one(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2),
		    d = path("203.0.113.66", 3);
	uint8_t good[512], bad[512];
	(void)state;
	prove(&a);
	check(&b, UFRAG, PWD, true);
	size_t n = make_answer(&b, good);
	forget();
	ice_stun(ice, &d, good, n); /* from elsewhere */
	ice_stun(ice, &a, good, n);
	for (size_t i = 0; i < n; i++) {
		memcpy(bad, good, n);
		bad[i] ^= 0x40;
		ice_stun(ice, &b, bad, n);
		ice_stun(ice, &b, good, i);
	}
	memcpy(bad, good, n); /* without integrity and fingerprint, which come last */
	wr16(bad + 2, (uint16_t)(n - 32 - 20));
	ice_stun(ice, &b, bad, n - 32);
	assert_int_equal(n_paths, 0);
	assert_false(ice_find(ice, &b)->is_proven);
	ice_stun(ice, &b, good, n);
	assert_int_equal(n_paths, 1);
	assert_true(path_equal(&chosen, &b));
	ice_stun(ice, &b, good, n); /* once */
	assert_int_equal(n_heard, 1);
}

static void has_a_transaction_for_each_path_and_each_check(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	uint8_t id[16];
	(void)state;
	check(&a, UFRAG, PWD, true);
	memcpy(id, last_check(&a)->data + 4, 16);
	check(&b, UFRAG, PWD, false);
	assert_memory_not_equal(last_check(&b)->data + 4, id, 16);
	pass(600000);
	assert_memory_equal(last_check(&a)->data + 4, id, 16); /* a repeat */
	answer(&a);
	pass(7 * US_PER_S);
	assert_memory_not_equal(last_check(&a)->data + 4, id, 16);
}

static void repeats_a_check_and_gives_up(void **state)
{
	static const unsigned expected[] = { 1, 2, 2, 3, 4, 5, 5 };
	static const int64_t at_ms[] = { 490, 510, 1490, 1510, 3510, 7510, 60000 };
	struct path a = path("198.51.100.9", 1);
	(void)state;
	check(&a, UFRAG, PWD, true);
	ice_credit(ice_find(ice, &a), 10000); /* enough for all of them */
	for (unsigned n = 0; n < 7; n++) {
		pass(START + at_ms[n] * US_PER_MS - now);
		assert_int_equal(asked(&a), expected[n]);
	}
}

/* ---- what moves the peer ---- */

static void follows_a_nomination_once_it_is_proven(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2),
		    d = path("198.51.100.9", 3);
	(void)state;
	check(&a, UFRAG, PWD, false);
	assert_int_equal(n_paths, 1);
	assert_int_equal(chosen_by, PEER);
	answer(&a);
	check(&b, UFRAG, PWD, true);
	assert_true(path_equal(&chosen, &a));
	answer(&b);
	assert_true(path_equal(&chosen, &b));
	check(&d, UFRAG, PWD, false); /* not nominated: nothing moves, though it works */
	answer(&d);
	assert_true(path_equal(&chosen, &b));
	assert_int_equal(owner(&d), PEER); /* still good to receive on */
	pass(3 * US_PER_S);
	check(&a, UFRAG, PWD, true); /* that it was proven once is no news of today */
	assert_true(path_equal(&chosen, &b));
	answer(&a);
	assert_true(path_equal(&chosen, &a));
}

static void a_proven_path_takes_over_from_an_unproven_one(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	(void)state;
	check(&a, UFRAG, PWD, true);
	check(&b, UFRAG, PWD, false);
	answer(&b);
	assert_true(path_equal(&chosen, &b));
	answer(&a); /* nominated before */
	assert_true(path_equal(&chosen, &a));
}

static void the_latest_of_two_nominations_counts(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2),
		    d = path("198.51.100.9", 3);
	(void)state;
	prove(&a);
	check(&b, UFRAG, PWD, true);
	check(&d, UFRAG, PWD, true);
	answer(&d);
	answer(&b);
	assert_true(path_equal(&chosen, &d));
}

static void a_recording_moves_nothing(void **state)
{
	struct path victim = path("198.51.100.9", 1), thief = path("203.0.113.66", 2);
	uint8_t rec[1500];
	(void)state;
	size_t n = client_check(&c, rec, sizeof(rec), UFRAG, PWD, true, true);
	ice_stun(ice, &victim, rec, n);
	answer(&victim);
	for (unsigned i = 0; i < 130; i++) {
		ice_stun(ice, &thief, rec, n);
		assert_true(path_equal(&chosen, &victim));
		check(&victim, UFRAG, PWD, false);
		pass(100000);
	}
	assert_true(path_equal(&chosen, &victim));
	assert_false(ice_find(ice, &thief)->is_proven);
}

static void a_raced_copy_neither_moves_nor_silences(void **state)
{
	struct path victim = path("198.51.100.9", 1), thief = path("203.0.113.66", 2);
	uint8_t rec[1500];
	(void)state;
	/* of the very first check: what goes to the thief is little, and ends with the answer */
	size_t n = client_check(&c, rec, sizeof(rec), UFRAG, PWD, true, true);
	ice_stun(ice, &thief, rec, n);
	ice_stun(ice, &victim, rec, n);
	assert_int_equal(answered(&victim), 1);
	answer(&victim);
	assert_true(path_equal(&chosen, &victim));
	/* and of a later one */
	n = client_check(&c, rec, sizeof(rec), UFRAG, PWD, true, true);
	ice_stun(ice, &thief, rec, n);
	ice_stun(ice, &victim, rec, n);
	assert_int_equal(answered(&victim), 2);
	pass(20 * US_PER_S);
	assert_true(path_equal(&chosen, &victim));
}

static void media_from_elsewhere_move_with_the_answer(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	(void)state;
	prove(&a);
	ice_media(ice, PEER, &b, 200, false);
	assert_int_equal(owner(&b), PEER);
	assert_true(path_equal(&chosen, &a));
	answer(&b);
	assert_true(path_equal(&chosen, &b));
	ice_media(ice, PEER, &a, 200, false); /* overtaken */
	assert_true(path_equal(&chosen, &b));
	ice_media(ice, PEER, &a, 200, true); /* back again, and a second has not passed */
	assert_true(path_equal(&chosen, &a));
	pass(3 * US_PER_S);
	ice_media(ice, PEER, &b, 200, true);
	assert_true(path_equal(&chosen, &a));
	answer(&b);
	assert_true(path_equal(&chosen, &b));
}

/* Some clients (RFC 7675 asks them to) go on without USE-CANDIDATE: one whose NAT has given it a
 * new address is found by its old one having fallen silent. */
static void leaves_a_path_that_does_not_answer_for_one_that_does(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	(void)state;
	prove(&a);
	pass(1500000);
	check(&b, UFRAG, PWD, false);
	answer(&b);
	assert_true(path_equal(&chosen, &a));
	pass(1400000);
	assert_true(path_equal(&chosen, &a));
	pass(200000);
	assert_true(path_equal(&chosen, &b));
}

static void stays_on_a_path_that_answers(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	(void)state;
	prove(&a);
	for (unsigned i = 0; i < 20; i++) {
		pass(1100000);
		unsigned before = asked(&a);
		check(&b, UFRAG, PWD, false);
		answer(&b);
		if (asked(&a) > before)
			answer(&a);
	}
	assert_true(path_equal(&chosen, &a));
}

/* ---- handshakes, and peers that answer nothing ---- */

static void a_handshake_proves_the_path_it_began_on(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	(void)state;
	check(&a, UFRAG, PWD, true);
	check(&b, UFRAG, PWD, true);
	assert_true(path_equal(&chosen, &a));
	ice_dtls(ice, ice_find(ice, &b));
	assert_true(path_equal(&chosen, &b));
	ice_dtls(ice, ice_find(ice, &a)); /* a copy from elsewhere takes it nowhere */
	assert_true(path_equal(&chosen, &b));
	assert_true(ice_shaken(ice, PEER));
	assert_true(ice_find(ice, &b)->is_plain);
	assert_false(ice_find(ice, &a)->is_proven);
}

static void who_answers_nothing_stays_where_its_handshake_was(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	(void)state;
	check(&a, UFRAG, PWD, true);
	ice_dtls(ice, ice_find(ice, &a));
	assert_true(ice_shaken(ice, PEER));
	for (unsigned i = 0; i < 60; i++) {
		forget();
		check(i % 2 ? &a : &b, UFRAG, PWD, true);
		ice_media(ice, PEER, &b, 1000, true);
		assert_int_equal(n_heard, 1); /* its checks are signs of life */
		pass(US_PER_S);
		assert_int_equal(n_paths, 0);
	}
	assert_true(path_equal(&chosen, &a));
}

/* Nine claims on one path: the oldest that is not proven has gone, and with it what a handshake
 * that began there could have proven. */
static void a_handshake_proves_nothing_when_its_path_was_lost(void **state)
{
	struct path a = path("198.51.100.9", 1), victim = path("203.0.113.66", 2);
	char ufrag[16];
	(void)state;
	check(&a, UFRAG, PWD, true);
	ice_dtls(ice, ice_find(ice, &a));
	for (uint32_t n = 0; n < 8; n++) {
		snprintf(ufrag, sizeof(ufrag), "tagAclaim%u", n);
		assert_int_equal(ice_open(ice, 10 + n, ufrag, PWD), OK);
		check(&a, ufrag, PWD, true);
	}
	check(&victim, UFRAG, PWD, true);
	ice_dtls(ice, ice_find(ice, &victim));
	assert_false(ice_shaken(ice, PEER));
	assert_false(ice_find(ice, &victim)->is_proven);
}

/* ---- consent ---- */

static void asks_for_consent_where_it_is_answered(void **state)
{
	struct path a = path("198.51.100.9", 1);
	int64_t shortest = INT64_MAX, longest = 0;
	(void)state;
	prove(&a);
	for (unsigned i = 0; i < 50; i++) {
		int64_t before = now;
		forget();
		while (!asked(&a))
			pass(10000);
		assert_int_equal(n_heard, 0);
		answer(&a);
		assert_int_equal(n_heard, 1);
		shortest = now - before < shortest ? now - before : shortest;
		longest = now - before > longest ? now - before : longest;
	}
	assert_in_range(shortest, 4 * US_PER_S, 5 * US_PER_S);
	assert_in_range(longest, 5 * US_PER_S, 6 * US_PER_S + 20000);
	forget();
	check(&a, UFRAG, PWD, true); /* may be a copy: no consent of one that could answer */
	assert_int_equal(n_heard, 0);
}

static void asks_nobody_for_consent_who_never_answered(void **state)
{
	struct path a = path("198.51.100.9", 1);
	(void)state;
	check(&a, UFRAG, PWD, true);
	ice_dtls(ice, ice_find(ice, &a));
	assert_true(ice_shaken(ice, PEER));
	pass(20 * US_PER_S);
	forget();
	for (unsigned i = 0; i < 30; i++) {
		check(&a, UFRAG, PWD, true);
		pass(US_PER_S);
	}
	assert_int_equal(n_heard, 30);
	assert_int_equal(asked(&a), 0);
}

/* ---- peers at one address ---- */

static void two_peers_of_one_socket_do_not_exclude_each_other(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	(void)state;
	assert_int_equal(ice_open(ice, SECOND, OTHER, PWD), OK);
	assert_int_equal(ice_peer(ice, SECOND, CLIENT_UFRAG, CLIENT_PWD), OK);
	prove(&a);
	check(&a, OTHER, PWD, true);
	assert_int_equal(answered(&a), 2);
	answer(&a);
	assert_int_equal(chosen_by, SECOND);
	struct ice_way *first = ice_find(ice, &a), *next = ice_next(first);
	assert_non_null(next);
	assert_int_equal(first->slot + next->slot, PEER + SECOND);
	assert_false(first->is_plain || next->is_plain);
	assert_true(first->is_proven && next->is_proven);
	check(&b, OTHER, PWD, true); /* each may have a path of its own besides */
	answer(&b);
	assert_int_equal(chosen_by, SECOND);
	assert_true(ice_find(ice, &b)->is_plain);
	ice_close(ice, SECOND);
	assert_true(ice_find(ice, &a)->is_plain);
	assert_int_equal(owner(&a), PEER);
	assert_int_equal(owner(&b), -1);
}

/* An authentic peer names the address of one that is there, or is yet to come. */
static void a_squatter_cuts_nobody_off(void **state)
{
	struct path victim = path("198.51.100.9", 1);
	(void)state;
	assert_int_equal(ice_open(ice, SECOND, OTHER, PWD), OK);
	assert_int_equal(ice_peer(ice, SECOND, "squat", "squatsquatsquatsquat"), OK);
	check(&victim, OTHER, PWD, true);
	pass(US_PER_S);
	check(&victim, UFRAG, PWD, true);
	assert_true(ice_is_contested(ice_find(ice, &victim)));
	answer(&victim);
	for (unsigned s = 0; s < 60; s++) {
		pass(US_PER_S);
		if (s % 5 == 0)
			check(&victim, OTHER, PWD, true);
		forget();
		check(&victim, UFRAG, PWD, true);
		assert_int_equal(answered(&victim), 1);
		assert_int_equal(owner(&victim), PEER);
		assert_true(ice_find(ice, &victim)->is_plain);
		assert_null(ice_next(ice_find(ice, &victim)));
		if (asked(&victim))
			answer(&victim);
	}
}

static void an_unproven_path_belongs_to_nobody_while_it_is_contested(void **state)
{
	struct path a = path("198.51.100.9", 1);
	(void)state;
	check(&a, UFRAG, PWD, true);
	assert_false(ice_is_contested(ice_find(ice, &a)));
	assert_int_equal(ice_open(ice, SECOND, OTHER, PWD), OK);
	pass(5 * US_PER_S);
	check(&a, OTHER, PWD, true);
	assert_true(ice_is_contested(ice_find(ice, &a)));
	pass(US_PER_S);
	assert_false(ice_is_contested(ice_find(ice, &a)));
	assert_int_equal(owner(&a), SECOND); /* the latest check is the best guess */
}

static void a_path_that_is_another_peers_now_is_forgotten(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	(void)state;
	prove(&a);
	check(&b, UFRAG, PWD, true);
	answer(&b);
	assert_int_equal(owner(&a), PEER);
	assert_int_equal(ice_open(ice, SECOND, OTHER, PWD), OK);
	assert_int_equal(ice_peer(ice, SECOND, CLIENT_UFRAG, CLIENT_PWD), OK);
	check(&a, OTHER, PWD, true);
	answer(&a);
	assert_int_equal(owner(&a), SECOND);
	assert_true(ice_find(ice, &a)->is_plain);
}

static void keeps_the_chosen_path_among_many(void **state)
{
	struct path a = path("198.51.100.9", 1), p;
	(void)state;
	check(&a, UFRAG, PWD, true);
	for (uint16_t port = 100; port < 150; port++) {
		p = path("198.51.100.9", port);
		check(&p, UFRAG, PWD, false);
		assert_int_equal(owner(&p), PEER);
	}
	assert_int_equal(owner(&a), PEER);
	p = path("198.51.100.9", 100);
	assert_int_equal(owner(&p), -1); /* made room */
	ice_close(ice, PEER);
	assert_int_equal(owner(&a), -1);
	forget();
	check(&a, UFRAG, PWD, true);
	assert_int_equal(n_sent, 0);
	pass(60 * US_PER_S);
	assert_int_equal(n_sent, 0);
}

/* ---- amplification ---- */

static void sends_three_times_what_came_at_most(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("203.0.113.66", 2),
		    d = path("203.0.113.66", 3);
	const struct path *at[] = { &d, &b };
	(void)state;
	assert_int_equal(ice_open(ice, SECOND, OTHER, PWD), OK);
	assert_int_equal(ice_peer(ice, SECOND, CLIENT_UFRAG, CLIENT_PWD), OK);
	prove(&a);
	for (unsigned which = 0; which < 2; which++) { /* the first path, and a new one */
		const struct path *p = at[which];
		uint32_t slot = which ? PEER : SECOND;
		size_t in = 0, out = 0;
		forget();
		for (unsigned n = 0; n < 30; n++) {
			in += check(p, which ? UFRAG : OTHER, PWD, true);
			while (!which && ice_allows(ice, slot, 100))
				out += 100;
			pass(n * 300000);
		}
		assert_true(n_sent < 256);
		for (unsigned s = 0; s < n_sent; s++)
			if (path_equal(&sent[s].to, p))
				out += sent[s].len;
		assert_true(out > 0 && out <= 3 * in);
		assert_int_equal(answered(p), 30); /* of which none is missing */
	}
	answer(&b);
	assert_true(ice_allows(ice, PEER, 100000));
}

/* ---- restarts ---- */

static void a_restart_may_be_replaced_before_it_is_used(void **state)
{
	struct path a = path("198.51.100.9", 1);
	(void)state;
	assert_int_equal(ice_restart(ice, PEER, "tagArestart1", PWD), OK);
	assert_int_equal(ice_restart(ice, PEER, "tagArestart2", PWD), OK);
	assert_int_equal(ice_restart(ice, PEER, "tagArestart2", PWD), OK);
	check(&a, UFRAG, PWD, false);
	check(&a, "tagArestart1", PWD, false);
	assert_int_equal(answered(&a), 1);
	check(&a, "tagArestart2", PWD, false);
	assert_int_equal(answered(&a), 2);
	check(&a, UFRAG, PWD, false);
	assert_int_equal(answered(&a), 2);
	assert_int_equal(ice_restart(ice, 1, "tagArestart3", PWD), ERR_NOT_FOUND);
}

static void a_restart_moves_nothing_until_a_path_is_proven_anew(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	uint8_t late[512];
	(void)state;
	prove(&a);
	check(&b, UFRAG, PWD, true);
	size_t n = make_answer(&b, late);
	assert_int_equal(ice_restart(ice, PEER, "tagArestart1", PWD), OK);
	assert_int_equal(ice_peer(ice, PEER, "again", CLIENT_PWD), OK);
	ice_stun(ice, &b, late, n); /* to a question of before */
	assert_true(path_equal(&chosen, &a));
	const struct sent *s = last_check(&b);
	assert_non_null(memmem(s->data, s->len, "again:tagArestart1", 18));
	check(&b, "tagArestart1", PWD, true);
	assert_true(path_equal(&chosen, &a));
	assert_true(ice_find(ice, &a)->is_plain);
	assert_int_equal(ice_peer(ice, PEER, CLIENT_UFRAG, CLIENT_PWD), OK);
	answer(&b);
	assert_true(path_equal(&chosen, &b));
}

/* Our offer of a restart is on its way: the peer still is who it was. */
static void asks_under_the_old_names_until_the_peer_has_new_ones(void **state)
{
	struct path a = path("198.51.100.9", 1);
	(void)state;
	prove(&a);
	assert_int_equal(ice_restart(ice, PEER, "tagArestart1", PWD), OK);
	forget();
	pass(7 * US_PER_S);
	const struct sent *s = last_check(&a);
	assert_non_null(memmem(s->data, s->len, CLIENT_UFRAG ":" UFRAG, 17));
	answer(&a);
	assert_int_equal(n_heard, 1);
}

static void refuses_what_it_cannot_hold(void **state)
{
	char longest[ICE_UFRAG_MAX + 2];
	(void)state;
	assert_int_equal(ice_open(ice, PEER, OTHER, PWD), ERR_EXISTS);
	assert_int_equal(ice_open(ice, 1, UFRAG, PWD), ERR_EXISTS);
	assert_int_equal(ice_open(ice, 24, OTHER, PWD), ERR_INVALID);
	assert_int_equal(ice_open(ice, 1, "", PWD), ERR_INVALID);
	assert_int_equal(ice_open(ice, 1, OTHER, PWD), OK);
	ice_close(ice, 99);
	memset(longest, 'a', sizeof(longest));
	longest[ICE_UFRAG_MAX + 1] = 0;
	assert_int_equal(ice_peer(ice, PEER, longest, CLIENT_PWD), ERR_INVALID);
	assert_int_equal(ice_peer(ice, 0, CLIENT_UFRAG, CLIENT_PWD), ERR_NOT_FOUND);
	longest[ICE_UFRAG_MAX] = 0;
	struct path a = path("198.51.100.9", 1);
	assert_int_equal(ice_peer(ice, PEER, longest, CLIENT_PWD), OK);
	check(&a, UFRAG, PWD, true);
	ice_credit(ice_find(ice, &a), 1000);
	pass(600000);
	assert_non_null(memmem(last_check(&a)->data, last_check(&a)->len, longest, ICE_UFRAG_MAX));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_a_check_with_the_address_it_came_from),
		TEST(answers_a_plain_request_and_learns_nothing),
		TEST(is_silent_when_anything_is_wrong),
		TEST(asks_back_as_the_controlled_side),
		TEST(waits_for_the_peers_password),
		TEST(takes_no_answer_but_the_right_one),
		TEST(has_a_transaction_for_each_path_and_each_check),
		TEST(repeats_a_check_and_gives_up),
		TEST(follows_a_nomination_once_it_is_proven),
		TEST(a_proven_path_takes_over_from_an_unproven_one),
		TEST(the_latest_of_two_nominations_counts),
		TEST(a_recording_moves_nothing),
		TEST(a_raced_copy_neither_moves_nor_silences),
		TEST(media_from_elsewhere_move_with_the_answer),
		TEST(leaves_a_path_that_does_not_answer_for_one_that_does),
		TEST(stays_on_a_path_that_answers),
		TEST(a_handshake_proves_the_path_it_began_on),
		TEST(who_answers_nothing_stays_where_its_handshake_was),
		TEST(a_handshake_proves_nothing_when_its_path_was_lost),
		TEST(asks_for_consent_where_it_is_answered),
		TEST(asks_nobody_for_consent_who_never_answered),
		TEST(two_peers_of_one_socket_do_not_exclude_each_other),
		TEST(a_squatter_cuts_nobody_off),
		TEST(an_unproven_path_belongs_to_nobody_while_it_is_contested),
		TEST(a_path_that_is_another_peers_now_is_forgotten),
		TEST(keeps_the_chosen_path_among_many),
		TEST(sends_three_times_what_came_at_most),
		TEST(a_restart_may_be_replaced_before_it_is_used),
		TEST(a_restart_moves_nothing_until_a_path_is_proven_anew),
		TEST(asks_under_the_old_names_until_the_peer_has_new_ones),
		TEST(refuses_what_it_cannot_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
