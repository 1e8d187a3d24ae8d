/* SPDX-License-Identifier: Apache-2.0 */
/* STUN in and out of the mux, without sockets and by a faked clock. */
#include "rtc_ice_world.h"

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
	assert_int_equal(ice_open(ice, MAX_PEERS, OTHER, PWD), ERR_INVALID);
	assert_int_equal(ice_open(ice, 1, "", PWD), ERR_INVALID);
	assert_int_equal(ice_open(ice, 1, OTHER, PWD), OK);
	ice_close(ice, MAX_PEERS + 1);
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
		TEST(sends_three_times_what_came_at_most),
		TEST(a_restart_may_be_replaced_before_it_is_used),
		TEST(a_restart_moves_nothing_until_a_path_is_proven_anew),
		TEST(asks_under_the_old_names_until_the_peer_has_new_ones),
		TEST(refuses_what_it_cannot_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
