/* SPDX-License-Identifier: Apache-2.0 */
/* STUN in and out of the mux, without sockets. */
#include "rtc_client.h"
#include "../../core/base/clock.h"
#include "../../core/rtc/ice.h"

#define UFRAG "tagA12345678"
#define PWD   "passwordpasswordpassword"

static struct ice *ice;
static struct client c;
static uint8_t answer[512];
static size_t answer_len;
static unsigned n_answers, n_heard, n_paths;
static struct path answered, chosen;
static int64_t chosen_by;

static void on_send(void *arg, const struct path *path, const uint8_t *data, size_t len)
{
	(void)arg;
	assert_true(len <= sizeof(answer));
	memcpy(answer, data, len);
	answer_len = len;
	answered = *path;
	n_answers++;
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

static int setup(void **state)
{
	static const struct ice_ops ops = { on_send, on_heard, on_path };
	(void)state;
	n_answers = n_heard = n_paths = 0;
	chosen_by = -1;
	client_make(&c, "SRTP_AEAD_AES_128_GCM");
	ice = ice_create(4, &ops, NULL);
	assert_int_equal(ice_open(ice, 2, UFRAG, PWD), OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ice_destroy(ice);
	client_free(&c);
	return 0;
}

static struct path path(const char *remote, uint16_t port)
{
	struct path p;
	assert_true(addr_parse(&p.local, "192.0.2.1") && addr_parse(&p.remote, remote));
	addr_set_port(&p.remote, port);
	return p;
}

static void check(const struct path *from, const char *ufrag, const char *pwd, bool nominate)
{
	uint8_t buf[1500];
	size_t n = client_check(&c, buf, sizeof(buf), ufrag, pwd, nominate, true);
	ice_stun(ice, from, buf, n);
}

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
	assert_int_equal(ice_find(ice, &from), -1);
	ice_stun(ice, &from, buf, n);
	assert_int_equal(n_answers, 1);
	assert_int_equal(n_heard, 1);
	assert_true(path_equal(&answered, &from));
	/* libnice as client: integrity, fingerprint and transaction must fit */
	assert_int_equal(stun_agent_validate(&c.stun, &msg, answer, answer_len, NULL, NULL),
		STUN_VALIDATION_SUCCESS);
	assert_int_equal(
		stun_message_find_xor_addr(&msg, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &ss, &len),
		STUN_MESSAGE_RETURN_SUCCESS);
	assert_int_equal(
		((struct sockaddr_in *)&ss)->sin_addr.s_addr, from.remote.v4.sin_addr.s_addr);
	assert_int_equal(((struct sockaddr_in *)&ss)->sin_port, from.remote.v4.sin_port);
	assert_int_equal(ice_find(ice, &from), 2);
}

static void answers_a_plain_request_and_learns_nothing(void **state)
{
	struct path from = path("2001:db8::9", 4000);
	uint8_t plain[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
		12 };
	(void)state;
	ice_stun(ice, &from, plain, sizeof(plain));
	assert_int_equal(n_answers, 1);
	assert_int_equal(rd16(answer), 0x0101);
	assert_memory_equal(answer + 4, plain + 4, 16);
	assert_int_equal(n_heard, 0);
	assert_int_equal(ice_find(ice, &from), -1);
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
	assert_int_equal(n_answers, 0);
	assert_int_equal(n_heard, 0);
	assert_int_equal(ice_find(ice, &from), -1);
	ice_stun(ice, &from, good, n);
	assert_int_equal(n_answers, 1);
}

static void goes_to_the_first_path_and_then_follows_nominations(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("198.51.100.9", 2),
		    d = path("198.51.100.9", 3);
	(void)state;
	check(&a, UFRAG, PWD, false);
	assert_int_equal(n_paths, 1);
	assert_int_equal(chosen_by, 2);
	check(&b, UFRAG, PWD, false);
	assert_int_equal(n_paths, 1);
	check(&b, UFRAG, PWD, true);
	assert_int_equal(n_paths, 2);
	assert_true(path_equal(&chosen, &b));
	check(&b, UFRAG, PWD, true);
	check(&d, UFRAG, PWD, false);
	assert_int_equal(n_paths, 2);
	check(&a, UFRAG, PWD, true);
	assert_true(path_equal(&chosen, &a));
	assert_int_equal(ice_find(ice, &d), 2); /* still good to receive on */
}

static void ignores_a_recording(void **state)
{
	struct path a = path("198.51.100.9", 1), b = path("203.0.113.66", 2);
	uint8_t buf[1500];
	(void)state;
	size_t n = client_check(&c, buf, sizeof(buf), UFRAG, PWD, true, true);
	ice_stun(ice, &a, buf, n);
	ice_stun(ice, &a, buf, n); /* a retransmission is none */
	assert_int_equal(n_answers, 2);
	ice_stun(ice, &b, buf, n);
	assert_int_equal(n_answers, 2);
	assert_int_equal(n_heard, 2);
	assert_int_equal(ice_find(ice, &b), -1);
}

static void keeps_the_chosen_path_among_many(void **state)
{
	struct path a = path("198.51.100.9", 1), p;
	(void)state;
	check(&a, UFRAG, PWD, true);
	for (uint16_t port = 100; port < 150; port++) {
		p = path("198.51.100.9", port);
		check(&p, UFRAG, PWD, false);
		assert_int_equal(ice_find(ice, &p), 2);
	}
	assert_int_equal(ice_find(ice, &a), 2);
	p = path("198.51.100.9", 100);
	assert_int_equal(ice_find(ice, &p), -1); /* made room */
	ice_close(ice, 2);
	assert_int_equal(ice_find(ice, &a), -1);
	n_answers = 0;
	check(&a, UFRAG, PWD, true);
	assert_int_equal(n_answers, 0);
}

static void a_path_passes_to_another_peer_when_it_was_quiet(void **state)
{
	struct path a = path("198.51.100.9", 1);
	(void)state;
	assert_int_equal(ice_open(ice, 3, "tagAotherone", PWD), OK);
	clock_fake(1000000);
	check(&a, UFRAG, PWD, true);
	check(&a, "tagAotherone", PWD, true); /* an authentic peer that lies about its address */
	assert_int_equal(n_answers, 1);
	assert_int_equal(ice_find(ice, &a), 2);
	clock_fake(1000000 + 16 * US_PER_S);
	check(&a, "tagAotherone", PWD, true);
	assert_int_equal(ice_find(ice, &a), 3);
	assert_int_equal(chosen_by, 3);
	ice_close(ice, 3);
	assert_int_equal(ice_find(ice, &a), -1);
	check(&a, UFRAG, PWD, false);
	assert_int_equal(ice_find(ice, &a), 2);
	assert_int_equal(chosen_by, 2);
	clock_fake(-1);
}

static void a_restart_may_be_replaced_before_it_is_used(void **state)
{
	struct path a = path("198.51.100.9", 1);
	(void)state;
	assert_int_equal(ice_restart(ice, 2, "tagArestart1", PWD), OK);
	assert_int_equal(ice_restart(ice, 2, "tagArestart2", PWD), OK);
	assert_int_equal(ice_restart(ice, 2, "tagArestart2", PWD), OK);
	check(&a, UFRAG, PWD, false);
	check(&a, "tagArestart1", PWD, false);
	assert_int_equal(n_answers, 1);
	check(&a, "tagArestart2", PWD, false);
	assert_int_equal(n_answers, 2);
	check(&a, UFRAG, PWD, false);
	assert_int_equal(n_answers, 2);
	assert_int_equal(ice_restart(ice, 1, "tagArestart3", PWD), ERR_NOT_FOUND);
}

static void refuses_what_it_cannot_hold(void **state)
{
	(void)state;
	assert_int_equal(ice_open(ice, 2, "tagAotherone", PWD), ERR_EXISTS);
	assert_int_equal(ice_open(ice, 1, UFRAG, PWD), ERR_EXISTS);
	assert_int_equal(ice_open(ice, 4, "tagAotherone", PWD), ERR_INVALID);
	assert_int_equal(ice_open(ice, 1, "", PWD), ERR_INVALID);
	assert_int_equal(ice_open(ice, 1, "tagAotherone", PWD), OK);
	ice_close(ice, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			answers_a_check_with_the_address_it_came_from, setup, teardown),
		cmocka_unit_test_setup_teardown(
			answers_a_plain_request_and_learns_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(is_silent_when_anything_is_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(
			goes_to_the_first_path_and_then_follows_nominations, setup, teardown),
		cmocka_unit_test_setup_teardown(ignores_a_recording, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_the_chosen_path_among_many, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_path_passes_to_another_peer_when_it_was_quiet, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_restart_may_be_replaced_before_it_is_used, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_it_cannot_hold, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
