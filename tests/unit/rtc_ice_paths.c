/* SPDX-License-Identifier: Apache-2.0 */
/* What the mux believes of paths, and what moves a peer: without sockets and by a faked clock. */
#include "rtc_ice_world.h"

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

/* A copy had made it ask there, and its next repeat is eight seconds away when the peer comes. */
static void a_wish_does_not_wait_for_an_old_question(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	(void)state;
	prove(&a);
	check(&b, UFRAG, PWD, true);
	ice_credit(ice_find(ice, &b), 10000);
	pass(8 * US_PER_S);
	forget();
	ice_media(ice, PEER, &b, 200, true);
	assert_int_equal(asked(&b), 1);
	answer(&b);
	assert_true(path_equal(&chosen, &b));
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

static void knows_when_consent_was_given_last(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2);
	(void)state;
	check(&a, UFRAG, PWD, true);
	assert_true(ice_consent_us(ice, PEER) == INT64_MAX);
	answer(&a);
	assert_int_equal(ice_consent_us(ice, PEER), START);
	pass(US_PER_S);
	check(&b, UFRAG, PWD, false); /* of another path */
	answer(&b);
	check(&a, UFRAG, PWD, true); /* may be a copy */
	assert_int_equal(ice_consent_us(ice, PEER), START);
	answer(&a);
	assert_int_equal(ice_consent_us(ice, PEER), now);
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
	assert_true(ice_is_contested(ice, ice_find(ice, &victim)));
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
	assert_false(ice_is_contested(ice, ice_find(ice, &a)));
	assert_int_equal(ice_open(ice, SECOND, OTHER, PWD), OK);
	pass(5 * US_PER_S);
	check(&a, OTHER, PWD, true);
	assert_true(ice_is_contested(ice, ice_find(ice, &a)));
	pass(US_PER_S);
	assert_false(ice_is_contested(ice, ice_find(ice, &a)));
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

/* ---- many ---- */

/* PeerConnections of somebody else, who names what he likes. */
enum { MANY = 200, MANY_FIRST = 10 };
static char many[MANY][ICE_OUR_UFRAG + 1];

static void open_many(unsigned n, const char *peer_ufrag, const char *peer_pwd)
{
	for (unsigned k = 0; k < n; k++) {
		snprintf(many[k], sizeof(many[k]), "tagAmany%04x", k & 0xffff);
		assert_int_equal(ice_open(ice, MANY_FIRST + k, many[k], PWD), OK);
		assert_int_equal(ice_peer(ice, MANY_FIRST + k, peer_ufrag, peer_pwd), OK);
	}
}

/* Before the victim comes, and again and again within its round trip. */
static void who_names_anothers_address_takes_nothing(void **state)
{
	struct path a = path("198.51.100.9", 1);
	uint8_t late[512];
	(void)state;
	open_many(MANY, "squat", "squatsquatsquatsquat");
	for (unsigned k = 0; k < MANY; k++)
		check(&a, many[k], PWD, true);
	forget();
	check(&a, UFRAG, PWD, true);
	size_t n = make_answer(&a, late);
	for (unsigned t = 0; t < 10; t++) {
		for (unsigned k = 0; k < MANY; k++)
			check(&a, many[k], PWD, true);
		assert_true(ice_is_contested(ice, ice_find(ice, &a)));
		pass(10000);
	}
	ice_stun(ice, &a, late, n);
	assert_true(ice_is_proven(ice, PEER));
	assert_false(ice_is_contested(ice, ice_find(ice, &a)));
	for (unsigned k = 0; k < MANY; k++)
		check(&a, many[k], PWD, true);
	assert_int_equal(owner(&a), PEER);
	assert_true(ice_find(ice, &a)->is_plain);
	assert_null(ice_next(ice_find(ice, &a)));
}

/* A peer has a second for its first claim, and not for every one. */
static void a_contest_ends_though_the_claims_go_on(void **state)
{
	struct path a = path("198.51.100.9", 1);
	(void)state;
	open_many(8, "squat", "squatsquatsquatsquat");
	check(&a, UFRAG, PWD, true);
	for (unsigned t = 0; t < 20; t++) {
		for (uint16_t k = 0; k < 8; k++) {
			for (uint16_t port = 2; port < 12; port++) { /* more than it may have */
				struct path o = path("203.0.113.66", port);
				check(&o, many[k], PWD, true);
			}
			check(&a, many[k], PWD, true);
		}
		assert_int_equal(ice_is_contested(ice, ice_find(ice, &a)), t < 10);
		pass(100000);
	}
}

static void a_path_that_a_handshake_began_on_is_not_taken(void **state)
{
	struct path a = path("198.51.100.9", 1);
	(void)state;
	check(&a, UFRAG, PWD, true);
	ice_dtls(ice, ice_find(ice, &a));
	open_many(MANY, "squat", "squatsquatsquatsquat");
	for (unsigned k = 0; k < MANY; k++)
		check(&a, many[k], PWD, true);
	assert_true(ice_shaken(ice, PEER));
	assert_int_equal(owner(&a), PEER);
	assert_true(ice_find(ice, &a)->is_plain);
}

static unsigned count_ways(const struct path *from)
{
	unsigned n = 0;
	for (struct ice_way *w = ice_find(ice, from); w; w = ice_next(w), n++)
		assert_false(w->is_plain && n);
	return n;
}

/* A client with one socket for all its PeerConnections. */
static void two_hundred_peers_of_one_socket_all_get_their_path(void **state)
{
	struct path a = path("198.51.100.9", 1);
	(void)state;
	open_many(MANY, CLIENT_UFRAG, CLIENT_PWD);
	prove(&a);
	for (unsigned k = 0; k < MANY; k++) {
		forget();
		check(&a, many[k], PWD, true);
		assert_int_equal(answered(&a), 1);
		answer(&a);
		assert_true(ice_is_proven(ice, MANY_FIRST + k));
		assert_int_equal(owner(&a), MANY_FIRST + k); /* the newest */
		assert_int_equal(count_ways(&a), k + 2);
		assert_false(ice_find(ice, &a)->is_plain);
	}
	forget();
	ice_later(ice, ice_find(ice, &a));
	assert_int_equal(owner(&a), MANY_FIRST + MANY - 2);
	assert_int_equal(count_ways(&a), MANY + 1);
	assert_true(ice_is_at(ice, PEER, &a) && !ice_is_at(ice, SECOND, &a));
	for (unsigned k = 0; k < MANY; k++)
		ice_close(ice, MANY_FIRST + k);
	assert_int_equal(count_ways(&a), 1);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(follows_a_nomination_once_it_is_proven),
		TEST(a_proven_path_takes_over_from_an_unproven_one),
		TEST(the_latest_of_two_nominations_counts),
		TEST(a_wish_does_not_wait_for_an_old_question),
		TEST(a_recording_moves_nothing),
		TEST(a_raced_copy_neither_moves_nor_silences),
		TEST(media_from_elsewhere_move_with_the_answer),
		TEST(leaves_a_path_that_does_not_answer_for_one_that_does),
		TEST(stays_on_a_path_that_answers),
		TEST(a_handshake_proves_the_path_it_began_on),
		TEST(who_answers_nothing_stays_where_its_handshake_was),
		TEST(asks_for_consent_where_it_is_answered),
		TEST(knows_when_consent_was_given_last),
		TEST(asks_nobody_for_consent_who_never_answered),
		TEST(two_peers_of_one_socket_do_not_exclude_each_other),
		TEST(a_squatter_cuts_nobody_off),
		TEST(an_unproven_path_belongs_to_nobody_while_it_is_contested),
		TEST(a_path_that_is_another_peers_now_is_forgotten),
		TEST(who_names_anothers_address_takes_nothing),
		TEST(a_contest_ends_though_the_claims_go_on),
		TEST(a_path_that_a_handshake_began_on_is_not_taken),
		TEST(two_hundred_peers_of_one_socket_all_get_their_path),
		TEST(keeps_the_chosen_path_among_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
