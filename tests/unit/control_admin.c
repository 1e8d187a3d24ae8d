/* SPDX-License-Identifier: Apache-2.0 */
/* The Admin API (core/control/admin.c and its tables), asked as an operator asks.
 * control_world.h has the server. */
#include "../../core/base/log.h"
#include "control_world.h"

static void tells_levels_apart(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	ask_admin("{'janus':'ping','transaction':'1'}");
	hears(9, "{'janus':'pong','transaction':'1'}");
	ask_admin("{'janus':'list_handles','transaction':'t'}");
	hears(9, "{'janus':'error','transaction':'t','error':{'code':457,"
		 "'reason':'Unhandled request `list_handles` at this path'}}");
	ask_admin("{'janus':'create','transaction':'t'}");
	hears_error(9, 457, NULL);
	ask_admin("{'janus':'list_handles','transaction':'t','session_id':12}");
	hears_error(9, 458, "No such session 12");
	ask_admin("{'janus':'list_sessions'," ON_SESSION "}", s);
	hears_error(9, 457, NULL);
	ask_admin("{'janus':'handle_info'," ON_HANDLE "}", s, (uint64_t)9);
	hears_error(9, 459, NULL);
	ask_admin("{'janus':'list_handles'," ON_HANDLE "}", s, h);
	hears_error(9, 457, NULL);
	ask_admin("{'janus':'list_sessions'}");
	hears(9, "{'janus':'error','error':{'code':456,'reason':'Missing mandatory "
		 "element (transaction)'}}");
}

static void lists_and_ends(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	ask_admin("{'janus':'LIST_sessions','transaction':'t'}");
	hears(9, "{'janus':'success','transaction':'t','sessions':[%" PRIu64 "]}", s);
	ask_admin("{'janus':'list_handles'," ON_SESSION "}", s);
	hears(9,
		"{'janus':'success','session_id':%" PRIu64 ",'transaction':'t','handles':[%" PRIu64
		"]}",
		s, h);
	ask_admin("{'janus':'detach_handle'," ON_HANDLE "}", s, h);
	hears(9, "{'janus':'success','session_id':%" PRIu64 ",'transaction':'t'}", s);
	hears(1, "{'janus':'detached','session_id':%" PRIu64 ",'sender':%" PRIu64 "}", s, h);
	ask_admin("{'janus':'destroy_session'," ON_SESSION "}", s);
	hears(9, "{'janus':'success','session_id':%" PRIu64 ",'transaction':'t'}", s);
	hears_nothing(1);
	assert_null(session_find(s));
}

static void does_not_keep_sessions_alive(void **state)
{
	(void)state;
	uint64_t s = create_session(1);
	pass(59);
	ask_admin("{'janus':'list_handles'," ON_SESSION "}", s);
	pass(3);
	hears(1, "{'janus':'timeout','session_id':%" PRIu64 "}", s);
}

static void changes_timeouts(void **state)
{
	(void)state;
	uint64_t own = create_session(1), other = create_session(2);
	ask_admin("{'janus':'set_session_timeout'," ON_SESSION ",'timeout':30}", own);
	hears(9,
		"{'janus':'success','transaction':'t','timeout':30,'session_id':"
		"%" PRIu64 "}",
		own);
	ask_admin("{'janus':'set_session_timeout'," ON_SESSION ",'timeout':-2}", own);
	hears_error(
		9, 467, "Invalid element type (timeout should be a non-negative integer or -1)");
	ask_admin("{'janus':'set_session_timeout','transaction':'t','timeout':5}");
	hears(9, "{'janus':'success','transaction':'t','timeout':5}");
	ask_admin("{'janus':'set_session_timeout','transaction':'t','timeout':-1}");
	hears_error(9, 467, "Invalid element type (timeout should be a positive integer)");
	pass(7);
	assert_null(session_find(other));
	pass(20);
	assert_non_null(session_find(own));
	ask_admin("{'janus':'set_session_timeout'," ON_SESSION ",'timeout':0}", own);
	pass(200);
	assert_non_null(session_find(own));
	ask_admin("{'janus':'set_session_timeout'," ON_SESSION ",'timeout':-1}", own);
	pass(1);
	assert_null(session_find(own));
}

static void drains(void **state)
{
	(void)state;
	ask_admin("{'janus':'accept_new_sessions','transaction':'t','accept':1}");
	hears_error(9, 467, "Invalid element type (accept should be a boolean)");
	ask_admin("{'janus':'accept_new_sessions','transaction':'t','accept':false}");
	hears(9, "{'janus':'success','transaction':'t','accept':false}");
	say(1, "{'janus':'create','transaction':'t'}");
	hears_error(1, 472, "Currently not accepting new sessions");
}

static void sets_the_log_level(void **state)
{
	(void)state;
	ask_admin("{'janus':'set_log_level','transaction':'t','level':1}");
	hears(9, "{'janus':'success','transaction':'t','level':1}");
	assert_int_equal(log_level(), 1);
	ask_admin("{'janus':'set_log_level','transaction':'t','level':99}");
	hears_error(9, 467, "Invalid element type (level should be between 0 and 7)");
	ask_admin("{'janus':'get_status','transaction':'t'}");
	json_t *msg = hear(9), *status = json_object_get(msg, "status");
	assert_int_equal(json_integer_value(json_object_get(status, "log_level")), 1);
	assert_int_equal(json_integer_value(json_object_get(status, "session_timeout")), 60);
	json_decref(msg);
}

static void sets_how_lines_look(void **state)
{
	(void)state;
	ask_admin("{'janus':'set_log_timestamps','transaction':'t','timestamps':true}");
	hears(9, "{'janus':'success','transaction':'t','log_timestamps':true}");
	assert_true(log_timestamps());
	ask_admin("{'janus':'set_log_timestamps','transaction':'t','timestamps':false}");
	hears(9, "{'janus':'success','transaction':'t','log_timestamps':false}");
	assert_false(log_timestamps());
	ask_admin("{'janus':'set_log_colors','transaction':'t','colors':true}");
	hears(9, "{'janus':'success','transaction':'t','log_colors':true}");
	assert_true(log_colors());
	ask_admin("{'janus':'set_log_colors','transaction':'t','colors':false}");
	hears(9, "{'janus':'success','transaction':'t','log_colors':false}");
	ask_admin("{'janus':'set_log_colors','transaction':'t','colors':1}");
	hears_error(9, 467, "Invalid element type (colors should be a boolean)");
	ask_admin("{'janus':'custom_logline','transaction':'t','line':'hello',"
		  "'level':4}");
	hears(9, "{'janus':'success','transaction':'t'}");
	ask_admin("{'janus':'custom_logline','transaction':'t'}");
	hears_error(9, 456, "Missing mandatory element (line)");
}

static void tells_the_workers_what_changes(void **state)
{
	(void)state;
	n_tuned = 0;
	ask_admin("{'janus':'set_min_nack_queue','transaction':'t','min_nack_queue':300}");
	hears(9, "{'janus':'success','transaction':'t','min_nack_queue':300}");
	assert_int_equal(n_tuned, 1);
	assert_int_equal(tuned.nack_history_us, 300000);
	assert_int_equal(tuned.no_media_s, 1);
	ask_admin("{'janus':'set_min_nack_queue','transaction':'t','min_nack_queue':5000}");
	hears(9, "{'janus':'success','transaction':'t','min_nack_queue':1000}");
	assert_int_equal(tuned.nack_history_us, 1000000);
	media_full = true; /* what a worker has no room for it is told later, as it is then */
	ask_admin("{'janus':'set_no_media_timer','transaction':'t','no_media_timer':3}");
	hears(9, "{'janus':'success','transaction':'t','no_media_timer':3}");
	ask_admin("{'janus':'set_slowlink_threshold','transaction':'t','slowlink_"
		  "threshold':"
		  "4}");
	hears(9, "{'janus':'success','transaction':'t','slowlink_threshold':4}");
	pass(1);
	assert_int_equal(n_tuned, 2);
	media_full = false;
	pass(1);
	assert_int_equal(n_tuned, 3);
	assert_int_equal(tuned.no_media_s, 3);
	assert_int_equal(tuned.slowlink_threshold, 4);
	pass(1);
	assert_int_equal(n_tuned, 3);
	ask_admin("{'janus':'set_no_media_timer','transaction':'t','no_media_timer':-1}");
	hears_error(9, 467, "Invalid element type (no_media_timer should be a positive integer)");
}

static void takes_what_has_no_effect(void **state)
{
	static const struct {
		const char *request, *field, *member;
	} rows[] = {
		{ "set_locking_debug", "debug", "locking_debug" },
		{ "set_refcount_debug", "debug", "refcount_debug" },
		{ "set_libnice_debug", "debug", "libnice_debug" },
		{ "set_nack_optimizations", "nack_optimizations", "nack-optimizations" },
	};
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		ask_admin("{'janus':'%s','transaction':'t','%s':true}", rows[i].request,
			rows[i].field);
		hears(9, "{'janus':'success','transaction':'t','%s':true}", rows[i].member);
		ask_admin("{'janus':'get_status','transaction':'t'}");
		json_t *msg = hear(9);
		assert_true(json_is_true(
			json_object_get(json_object_get(msg, "status"), rows[i].member)));
		json_decref(msg);
		ask_admin("{'janus':'%s','transaction':'t'}", rows[i].request);
		hears_error(9, 456, NULL);
	}
	ask_admin("{'janus':'loops_info','transaction':'t'}");
	hears(9, "{'janus':'success','transaction':'t','loops':[]}");
	ask_admin("{'janus':'query_logger','transaction':'t','logger':'x','request':{"
		  "}}");
	hears_error(9, 460, "Invalid logger");
	ask_admin("{'janus':'query_logger','transaction':'t'}");
	hears_error(9, 456, "Missing mandatory element (logger)");
}

static void passes_messages_on(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	ask_admin("{'janus':'message_plugin','transaction':'t','plugin':'janus.plugin."
		  "probe',"
		  "'request':{'do':'x'}}");
	hears(9, "{'janus':'success','transaction':'t','response':{'probe':'x'}}");
	ask_admin("{'janus':'message_plugin','transaction':'t','plugin':'janus.plugin."
		  "probe'}");
	hears(9, "{'janus':'success','transaction':'t','response':{}}");
	ask_admin("{'janus':'message_plugin','transaction':'t','plugin':'nope'}");
	hears_error(9, 460, "Invalid plugin");
	ask_admin("{'janus':'query_transport','transaction':'t','transport':'janus."
		  "transport."
		  "fake','request':{'a':1}}");
	hears(9, "{'janus':'success','transaction':'t','response':{'result':200,"
		 "'asked':{'a':1}}}");
	ask_admin("{'janus':'query_transport','transaction':'t','transport':'nope'}");
	hears_error(9, 460, "Invalid transport");
	/* A plugin ends a handle from its admin hook. */
	ask_admin("{'janus':'message_plugin','transaction':'t','plugin':'janus.plugin."
		  "probe',"
		  "'request':{'do':'end'}}");
	hears(9, "{'janus':'success','transaction':'t','response':{'probe':'end'}}");
	hears(1, "{'janus':'detached','session_id':%" PRIu64 ",'sender':%" PRIu64 "}", s, h);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, finish)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_levels_apart),
		TEST(lists_and_ends),
		TEST(does_not_keep_sessions_alive),
		TEST(changes_timeouts),
		TEST(drains),
		TEST(sets_the_log_level),
		TEST(sets_how_lines_look),
		TEST(tells_the_workers_what_changes),
		TEST(takes_what_has_no_effect),
		TEST(passes_messages_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
