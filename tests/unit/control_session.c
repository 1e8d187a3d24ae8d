/* SPDX-License-Identifier: Apache-2.0 */
/* How long sessions live, who owns them, how many there may be. */
#include "control_world.h"

#define ASK(name) "{'janus':'" name "','transaction':'t','session_id':%" PRIu64 "}"
#define ACK       "{'janus':'ack','session_id':%" PRIu64 ",'transaction':'t'}"
#define SUCCESS   "{'janus':'success','session_id':%" PRIu64 ",'transaction':'t'}"
#define TIMEOUT   "{'janus':'timeout','session_id':%" PRIu64 "}"

static int begin_short(void **state)
{
	static const char *const sets[] = { "cardea:general.session_timeout=4",
		"cardea:general.reclaim_session_timeout=6", "cardea:general.max_sessions=3",
		"cardea:general.max_handles=2", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

static int begin_default(void **state)
{
	static const char *const sets[] = { "cardea:general.reclaim_session_timeout=0", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

static void gone(uint64_t client)
{
	cardea_transport_gone(&fake_transport, client, false);
	turn();
}

static void says_goodbye(uint64_t client)
{
	cardea_transport_gone(&fake_transport, client, true);
	turn();
}

static void expires_without_activity(void **state)
{
	(void)state;
	uint64_t s = create_session(1);
	attach_handle(1, s);
	pass(3.5);
	hears_nothing(1);
	say(1, ASK("keepalive"), s);
	hears(1, ACK, s);
	pass(3.5);
	hears_nothing(1);
	say(1, ASK("nosuch"), s); /* a refused request is activity too */
	hears_error(1, 453, NULL);
	pass(3.5);
	hears_nothing(1);
	pass(2.5);
	hears(1, TIMEOUT, s);
	hears_nothing(1);
	called("attach detach ");
	say(1, ASK("keepalive"), s);
	hears_error(1, 458, NULL);
}

static void ends_with_its_connection_when_there_is_no_reclaiming(void **state)
{
	(void)state;
	uint64_t a = create_session(1), b = create_session(1), c = create_session(2);
	attach_handle(1, a);
	gone(1);
	called("attach detach ");
	assert_null(session_find(a));
	assert_null(session_find(b));
	assert_non_null(session_find(c));
	hears_nothing(1);
	assert_string_equal(owned->str, "+1 +1 +2 ");
}

static void waits_for_a_claim(void **state)
{
	(void)state;
	uint64_t s = create_session(1);
	gone(1);
	pass(5);
	say(2, ASK("claim"), s);
	hears(2, SUCCESS, s);
	say(2, ASK("claim"), s);
	hears(2, SUCCESS, s);
	assert_string_equal(owned->str, "+1 +2 ");
	gone(1); /* nothing of his any more */
	pass(3);
	assert_non_null(session_find(s));
	pass(3);
	hears(2, TIMEOUT, s); /* the ordinary time-out is in force again */
}

static void begins_anew_when_claimed_after_a_goodbye(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s), other = attach_handle(1, s);
	called("attach attach ");
	says_goodbye(1);
	called("detach attach detach attach ");
	assert_non_null(handle_find(session_find(s), h));
	assert_non_null(handle_find(session_find(s), other));
	assert_int_equal(handles_count(), 2);
	say(2, ASK("claim"), s);
	hears(2, SUCCESS, s);
	say(2,
		"{'janus':'message','transaction':'t','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':{'do':'event'}}",
		s, h);
	hears(2, ACK, s);
	json_decref(hear(2));
	says_goodbye(2);
	pass(7);
	assert_null(session_find(s));
}

static void loses_handles_that_a_plugin_will_not_have_again(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	refuse_attach = 7;
	says_goodbye(1);
	called("attach detach attach ");
	refuse_attach = 0;
	assert_null(handle_find(session_find(s), h));
	assert_int_equal(handles_count(), 0);
}

static void ends_with_a_goodbye_when_there_is_no_reclaiming(void **state)
{
	(void)state;
	uint64_t s = create_session(1);
	attach_handle(1, s);
	says_goodbye(1);
	called("attach detach ");
	assert_null(session_find(s));
}

static void is_dropped_when_nobody_claims_it(void **state)
{
	(void)state;
	uint64_t s = create_session(1);
	gone(1);
	pass(5);
	say(3, ASK("keepalive"), s); /* prolongs, but does not own */
	hears(3, ACK, s);
	pass(5);
	assert_non_null(session_find(s));
	pass(3);
	assert_null(session_find(s));
	hears_nothing(1);
	hears_nothing(3);
}

static void drops_events_while_it_has_no_owner(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	gone(1);
	say(2,
		"{'janus':'message','transaction':'t','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':{'do':'event'}}",
		s, h);
	hears(2, ACK, s);
	hears_nothing(2);
	hears_nothing(1);
}

static void hands_over_between_living_connections(void **state)
{
	(void)state;
	uint64_t s = create_session(1), other = create_session(1);
	say(2, ASK("claim"), s);
	hears(2, SUCCESS, s);
	assert_string_equal(owned->str, "+1 +1 -1 +2 ");
	gone(1);
	assert_non_null(session_find(s));
	assert_null(session_find(other));
	gone(2);
	assert_null(session_find(s));
}

static void counts_polls_as_activity(void **state)
{
	(void)state;
	struct cardea_origin from = origin(1, false);
	uint64_t s = create_session(1);
	pass(3);
	cardea_transport_poll(&from, s, NULL, NULL);
	turn();
	assert_int_equal(last_poll_status, 200);
	pass(3);
	assert_non_null(session_find(s));
	cardea_transport_poll(&from, s + 1, NULL, NULL);
	turn();
	assert_int_equal(last_poll_status, 404);
	pass(3);
	hears(1, TIMEOUT, s);
}

static void keeps_to_its_limits(void **state)
{
	(void)state;
	uint64_t s = create_session(1);
	create_session(1);
	create_session(1);
	say(1, "{'janus':'create','transaction':'t'}");
	hears_error(1, 472, NULL);
	attach_handle(1, s);
	attach_handle(1, s);
	say(1,
		"{'janus':'attach','transaction':'t','session_id':%" PRIu64
		",'plugin':'janus.plugin.probe'}",
		s);
	hears_error(1, 461, NULL);
}

static void makes_and_drops_a_thousand(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t s = create_session(1 + i % 7);
		attach_handle(1 + i % 7, s);
	}
	assert_int_equal(sessions_count(), 1000);
	assert_int_equal(handles_count(), 1000);
	for (uint64_t client = 1; client <= 7; client++)
		gone(client);
	assert_int_equal(sessions_count(), 0);
	assert_int_equal(handles_count(), 0);
}

/* Ten sessions with a handle each, whose ends take 4 ms. */
static void begin_ten_slow(void)
{
	for (unsigned i = 0; i < 10; i++)
		attach_handle(1, create_session(1));
	g_string_truncate(hooks, 0);
	detach_takes_us = 4000;
}

static void end_in_turns(void)
{
	unsigned turns = 1;
	for (; sessions_count(); turns++) {
		assert_int_equal(sessions_count(), 10 - 3 * turns);
		turn();
	}
	assert_int_equal(turns, 4);
}

static void spreads_the_end_of_a_connection_over_turns(void **state)
{
	(void)state;
	begin_ten_slow();
	gone(1);
	end_in_turns();
	hears_nothing(1);
}

static void spreads_what_is_due_over_turns(void **state)
{
	(void)state;
	begin_ten_slow();
	pass(59.5);
	assert_int_equal(sessions_count(), 10);
	now_us += 3 * 1000000;
	turn();
	end_in_turns();
	for (unsigned i = 0; i < 10; i++)
		json_decref(hear(1)); /* timeout */
}

/* ---- addresses ---- */

static int begin_crowded(void **state)
{
	static const char *const sets[] = { "cardea:general.max_sessions=5",
		"cardea:general.reclaim_session_timeout=0", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

static int begin_bounded(void **state)
{
	static const char *const sets[] = { "cardea:general.max_sessions_per_address=2", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

static int begin_unbounded(void **state)
{
	static const char *const sets[] = { "cardea:general.max_sessions=2",
		"cardea:general.max_sessions_per_address=0", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

static uint64_t create_at(const char *ip, uint64_t client)
{
	from_ip = ip;
	return create_session(client);
}

static void is_refused_at(const char *ip, const char *reason)
{
	from_ip = ip;
	say(99, "{'janus':'create','transaction':'c'}");
	hears_error(99, 472, reason);
}

#define ENOUGH(n) "Too many sessions from this address: " n " (general.max_sessions_per_address)"

static void leaves_half_of_the_sessions_to_other_addresses(void **state)
{
	(void)state;
	create_at("192.0.2.1", 1);
	create_at("192.0.2.1", 2);
	uint64_t last = create_at("::ffff:192.0.2.1", 3);
	is_refused_at("192.0.2.1", ENOUGH("3"));
	create_at("192.0.2.2", 4);
	create_at("2001:db8::1", 5);
	is_refused_at("192.0.2.3", "Currently not accepting new sessions (there are 5)");
	say(3, ASK("destroy"), last);
	hears(3, SUCCESS, last);
	create_at("192.0.2.1", 3);
	gone(1); /* the session of its connection ends, and gives its place back */
	create_at("192.0.2.1", 1);
	is_refused_at("192.0.2.1", "Currently not accepting new sessions (there are 5)");
}

static void counts_an_ipv6_network_as_one_address(void **state)
{
	(void)state;
	create_at("2001:db8::1", 1);
	create_at("2001:db8::2:1", 1);
	is_refused_at("2001:db8::3", ENOUGH("2"));
	create_at("2001:db8:0:1::1", 1);
}

static void counts_a_session_for_who_created_it(void **state)
{
	(void)state;
	uint64_t s = create_at("192.0.2.1", 1);
	create_at("192.0.2.1", 1);
	from_ip = "192.0.2.2";
	say(2, ASK("claim"), s);
	hears(2, SUCCESS, s);
	create_at("192.0.2.2", 2);
	create_at("192.0.2.2", 2);
	is_refused_at("192.0.2.1", ENOUGH("2"));
	from_ip = "192.0.2.2";
	say(2, ASK("destroy"), s);
	hears(2, SUCCESS, s);
	create_at("192.0.2.1", 1);
}

static void takes_this_machine_for_a_gateway_unless_told(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		create_at(i & 1 ? "127.0.0.1" : "::1", 1);
	is_refused_at("127.0.0.1", "Currently not accepting new sessions (there are 5)");
}

static void bounds_this_machine_when_told(void **state)
{
	(void)state;
	create_at("127.0.0.1", 1);
	create_at("127.0.0.1", 1);
	is_refused_at("127.0.0.1", ENOUGH("2"));
	create_at("", 1); /* of no address */
	create_at("", 1);
	create_at("", 1);
}

static void bounds_no_address_when_told(void **state)
{
	(void)state;
	create_at("192.0.2.1", 1);
	create_at("192.0.2.1", 1);
	is_refused_at("192.0.2.1", "Currently not accepting new sessions (there are 2)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(expires_without_activity, begin_short, finish),
		cmocka_unit_test_setup_teardown(
			ends_with_its_connection_when_there_is_no_reclaiming, begin_default,
			finish),
		cmocka_unit_test_setup_teardown(waits_for_a_claim, begin_short, finish),
		cmocka_unit_test_setup_teardown(
			begins_anew_when_claimed_after_a_goodbye, begin_short, finish),
		cmocka_unit_test_setup_teardown(
			loses_handles_that_a_plugin_will_not_have_again, begin_short, finish),
		cmocka_unit_test_setup_teardown(
			ends_with_a_goodbye_when_there_is_no_reclaiming, begin_default, finish),
		cmocka_unit_test_setup_teardown(
			is_dropped_when_nobody_claims_it, begin_short, finish),
		cmocka_unit_test_setup_teardown(
			drops_events_while_it_has_no_owner, begin_short, finish),
		cmocka_unit_test_setup_teardown(
			hands_over_between_living_connections, begin_default, finish),
		cmocka_unit_test_setup_teardown(counts_polls_as_activity, begin_short, finish),
		cmocka_unit_test_setup_teardown(keeps_to_its_limits, begin_short, finish),
		cmocka_unit_test_setup_teardown(makes_and_drops_a_thousand, begin_default, finish),
		cmocka_unit_test_setup_teardown(
			leaves_half_of_the_sessions_to_other_addresses, begin_crowded, finish),
		cmocka_unit_test_setup_teardown(
			spreads_the_end_of_a_connection_over_turns, begin_default, finish),
		cmocka_unit_test_setup_teardown(
			spreads_what_is_due_over_turns, begin_default, finish),
		cmocka_unit_test_setup_teardown(
			counts_an_ipv6_network_as_one_address, begin_bounded, finish),
		cmocka_unit_test_setup_teardown(
			counts_a_session_for_who_created_it, begin_bounded, finish),
		cmocka_unit_test_setup_teardown(
			takes_this_machine_for_a_gateway_unless_told, begin_crowded, finish),
		cmocka_unit_test_setup_teardown(
			bounds_this_machine_when_told, begin_bounded, finish),
		cmocka_unit_test_setup_teardown(
			bounds_no_address_when_told, begin_unbounded, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
