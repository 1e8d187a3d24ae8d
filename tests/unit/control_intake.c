/* SPDX-License-Identifier: Apache-2.0 */
/* Who may have how many requests waiting, and how often who may ask. */
#include "control_world.h"
#include "../../core/base/address.h"
#include "../../core/control/intake.h"
#include "../../core/control/tally.h"

#define ENOUGH      128
#define FEW         64
#define ALL_MAX     16384
#define ADDRESS_MAX 8192

static void resume_nobody(uint64_t client)
{
	(void)client;
}

static const struct cardea_transport sockets = { .name = "sockets", .resume = resume_nobody };
static const struct cardea_transport exchanges = { .name = "exchanges", .by_address = true };
static struct intake_client *taken[ALL_MAX + 1];
static unsigned n_taken;
static int64_t clock_us;

static int open_at(unsigned per_s)
{
	clock_us = 1000000;
	n_taken = 0;
	intake_start(per_s, 65536);
	return 0;
}

static int open_unbounded(void **state)
{
	(void)state;
	return open_at(0);
}

static int open_at_ten(void **state)
{
	(void)state;
	return open_at(10);
}

static const struct cardea_origin small = { .bytes = 0 };

static void answer_all(void)
{
	while (n_taken)
		intake_done(taken[--n_taken], &small);
}

static int shut(void **state)
{
	(void)state;
	answer_all();
	intake_stop();
	return 0;
}

static enum intake ask(const struct cardea_transport *t, uint64_t client, const char *ip)
{
	const struct cardea_origin from = {
		.transport = t, .client = client, .address = cardea_address(ip)
	};
	enum intake how = intake_ask(&taken[n_taken], &from, clock_us);
	n_taken += how == INTAKE_TAKEN || how == INTAKE_ENOUGH;
	return how;
}

static bool answer_oldest(void)
{
	bool resumes = intake_done(taken[0], &small);
	memmove(taken, taken + 1, --n_taken * sizeof *taken);
	return resumes;
}

/* ---- addresses ---- */

static void reads_addresses_as_limits_count_them(void **state)
{
	static const struct {
		const char *ip, *text;
	} rows[] = {
		{ "192.0.2.7", "192.0.2.7" },
		{ "::ffff:192.0.2.7", "192.0.2.7" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
		{ "::1", "::1" },
		{ "127.0.0.1", "127.0.0.1" },
	};
	static const char *const none[] = { "", "::", "192.0.2", "localhost" };
	char text[ADDRESS_TEXT];
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct cardea_address a = cardea_address(rows[i].ip);
		assert_false(address_is_none(&a));
		assert_string_equal(address_text(&a, text), rows[i].text);
		assert_int_equal(address_is_loopback(&a), i >= 3);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(none); i++) {
		const struct cardea_address a = cardea_address(none[i]);
		assert_true(address_is_none(&a));
		assert_string_equal(address_text(&a, text), "unknown");
		assert_false(address_is_loopback(&a));
	}
}

static void tallies_for_each_address(void **state)
{
	GHashTable *t = tally_create();
	const struct cardea_address a = cardea_address("192.0.2.1"), b = cardea_address("::1"),
				    none = cardea_address("");
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		tally_add(t, &a, 1);
	tally_add(t, &b, 5);
	tally_add(t, &none, 1);
	tally_drop(t, &none, 1);
	assert_int_equal(tally_of(t, &a), 3);
	assert_int_equal(tally_of(t, &b), 5);
	assert_int_equal(tally_of(t, &none), 0);
	tally_drop(t, &b, 5);
	assert_int_equal(tally_of(t, &b), 0);
	assert_true(tally_add_below(t, &a, 2, 4));
	assert_false(tally_add_below(t, &a, 1, 4));
	assert_int_equal(tally_of(t, &a), 5);
	/* who has nothing any more is not kept without bound */
	for (unsigned i = 0; i < 5000; i++) {
		char text[32];
		snprintf(text, sizeof text, "198.51.%u.%u", i / 250, i % 250);
		const struct cardea_address one = cardea_address(text);
		tally_add(t, &one, 1);
		tally_drop(t, &one, 1);
	}
	assert_in_range(g_hash_table_size(t), 1, 300);
	g_hash_table_destroy(t);
}

/* ---- the allowance ---- */

static void gives_each_client_an_allowance(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_TAKEN);
	answer_all();
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_OFTEN);
	assert_int_equal(ask(&sockets, 2, "192.0.2.1"), INTAKE_TAKEN); /* another connection */
	clock_us += 1000000;
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_TAKEN);
	assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_OFTEN);
	clock_us += 3600 * 1000000LL; /* no more than 100 are saved up */
	answer_all();
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_TAKEN);
	assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_OFTEN);
}

/* What turns out to be much work is paid for afterwards. */
static void charges_for_more_work(void **state)
{
	const struct cardea_origin from = { .transport = &sockets, .client = 1 };
	const struct cardea_origin nobody = { .transport = &sockets, .client = 7 };
	(void)state;
	assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_TAKEN);
	intake_charge(&from, 104, clock_us);
	assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_OFTEN);
	clock_us += 500000;
	assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_OFTEN);
	clock_us += 500000;
	assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_TAKEN);
	intake_charge(&nobody, 1000, clock_us); /* it is gone */
	assert_int_equal(intake_clients(), 1);
}

static void counts_an_address_where_clients_have_one_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(ask(&exchanges, 1, "192.0.2.1"), INTAKE_TAKEN);
	assert_int_equal(ask(&exchanges, 1, "192.0.2.1"), INTAKE_OFTEN);
	assert_int_equal(ask(&exchanges, 1, "192.0.2.2"), INTAKE_TAKEN);
	assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_TAKEN);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(ask(&exchanges, 1, ""), INTAKE_TAKEN); /* not known: nobody's */
	const struct cardea_origin operator= {
		.transport = &exchanges, .admin = true, .address = cardea_address("192.0.2.1")
	};
	assert_int_equal(intake_ask(&taken[n_taken], &operator, clock_us), INTAKE_TAKEN);
	n_taken++;
}

/* ---- what waits ---- */

static void holds_a_connection_with_many_waiting(void **state)
{
	(void)state;
	for (unsigned i = 1; i < ENOUGH; i++)
		assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_TAKEN);
	assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_ENOUGH);
	for (unsigned i = 0; i < ENOUGH; i++) /* those who cannot be held */
		assert_int_equal(ask(&exchanges, 1, "192.0.2.1"), INTAKE_TAKEN);
	assert_int_equal(ask(&sockets, 2, "192.0.2.1"), INTAKE_TAKEN);
	for (unsigned i = ENOUGH; i > FEW + 1; i--)
		assert_false(answer_oldest());
	assert_true(answer_oldest()); /* and once */
	assert_false(answer_oldest());
	for (unsigned i = FEW; i <= ENOUGH - 1; i++)
		assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_TAKEN);
	assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_ENOUGH);
	assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_ENOUGH); /* was on its way */
}

static void counts_a_large_one_for_several(void **state)
{
	const struct cardea_origin large = { .transport = &sockets, .client = 1, .bytes = 1 << 20 };
	struct intake_client *who;
	(void)state;
	assert_int_equal(intake_ask(&who, &large, clock_us), INTAKE_ENOUGH);
	assert_true(intake_done(who, &large));
	assert_int_equal(ask(&sockets, 1, ""), INTAKE_TAKEN);
}

static void leaves_half_of_the_room_to_other_addresses(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ADDRESS_MAX; i++)
		assert_int_not_equal(ask(&sockets, 1 + i % 100, "192.0.2.1"), INTAKE_FULL);
	assert_int_equal(ask(&sockets, 1, "192.0.2.1"), INTAKE_FULL);
	assert_int_equal(ask(&exchanges, 1, "192.0.2.1"), INTAKE_FULL);
	answer_oldest();
	assert_int_not_equal(ask(&sockets, 2, "192.0.2.1"), INTAKE_FULL);
	for (unsigned i = 0; i < ADDRESS_MAX; i++)
		assert_int_not_equal(ask(&sockets, 1000 + i % 100, "192.0.2.3"), INTAKE_FULL);
	assert_int_equal(ask(&sockets, 1, "192.0.2.4"), INTAKE_FULL); /* all is taken */
}

static void forgets_clients(void **state)
{
	(void)state;
	ask(&sockets, 1, "192.0.2.1");
	intake_gone(&sockets, 1);
	assert_int_equal(intake_clients(), 1); /* its request waits */
	assert_false(answer_oldest());
	assert_int_equal(intake_clients(), 0);
	ask(&sockets, 2, "192.0.2.1");
	answer_oldest();
	intake_gone(&sockets, 2);
	intake_gone(&sockets, 3); /* has never asked */
	assert_int_equal(intake_clients(), 0);
	for (unsigned i = 0; i < 20000; i++) {
		char ip[32];
		snprintf(ip, sizeof ip, "10.%u.%u.1", i / 256, i % 256);
		assert_int_equal(ask(&exchanges, 1, ip), INTAKE_TAKEN);
		answer_oldest();
		clock_us += 200000; /* by when it may ask as often as ever */
		assert_true(intake_clients() <= 1024);
	}
}

/* ---- through the door ---- */

static int begin_strict(void **state)
{
	static const char *const sets[] = { "cardea:general.requests_per_second=1", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

static void answers_what_is_over_the_allowance(void **state)
{
	(void)state;
	uint64_t s = create_session(1);
	for (unsigned i = 1; i < 10; i++) {
		say(1, "{'janus':'ping','transaction':'%u'}", i);
		hears(1, "{'janus':'pong','transaction':'%u'}", i);
	}
	say(1, "{'janus':'keepalive','transaction':'over','session_id':%" PRIu64 "}", s);
	hears(1,
		"{'janus':'error','session_id':%" PRIu64 ",'transaction':'over','error':{"
		"'code':490,'reason':'Too many requests: more than 1 a second "
		"(general.requests_per_second)'}}",
		s);
	struct cardea_origin from = origin(1, false);
	cardea_transport_garbage(&from, "JSON error: x");
	hears_error(1, 490, NULL);
	say(2, "{'janus':'ping','transaction':'b'}");
	hears(2, "{'janus':'pong','transaction':'b'}");
	pass(1);
	say(1, "{'janus':'ping','transaction':'again'}");
	hears(1, "{'janus':'pong','transaction':'again'}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_addresses_as_limits_count_them),
		cmocka_unit_test(tallies_for_each_address),
		cmocka_unit_test_setup_teardown(gives_each_client_an_allowance, open_at_ten, shut),
		cmocka_unit_test_setup_teardown(charges_for_more_work, open_at_ten, shut),
		cmocka_unit_test_setup_teardown(
			counts_an_address_where_clients_have_one_name, open_at_ten, shut),
		cmocka_unit_test_setup_teardown(
			holds_a_connection_with_many_waiting, open_unbounded, shut),
		cmocka_unit_test_setup_teardown(
			counts_a_large_one_for_several, open_unbounded, shut),
		cmocka_unit_test_setup_teardown(
			leaves_half_of_the_room_to_other_addresses, open_unbounded, shut),
		cmocka_unit_test_setup_teardown(forgets_clients, open_at_ten, shut),
		cmocka_unit_test_setup_teardown(
			answers_what_is_over_the_allowance, begin_strict, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
