/* SPDX-License-Identifier: Apache-2.0 */
#include "../../core/base/log.h"
#include "control_world.h"

/* The Admin API. */

static void tells_levels_apart(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	ask("{\"janus\":\"ping\",\"transaction\":\"1\"}");
	hears(9, "{\"janus\":\"pong\",\"transaction\":\"1\"}");
	ask("{\"janus\":\"list_handles\",\"transaction\":\"t\"}");
	hears(9, "{\"janus\":\"error\",\"transaction\":\"t\",\"error\":{\"code\":457,"
		 "\"reason\":\"Unhandled request 'list_handles' at this path\"}}");
	ask("{\"janus\":\"create\",\"transaction\":\"t\"}");
	hears_error(9, 457, NULL);
	ask("{\"janus\":\"list_handles\",\"transaction\":\"t\",\"session_id\":12}");
	hears_error(9, 458, "No such session 12");
	ask("{\"janus\":\"list_sessions\"," ON_SESSION "}", s);
	hears_error(9, 457, NULL);
	ask("{\"janus\":\"handle_info\"," ON_HANDLE "}", s, (uint64_t)9);
	hears_error(9, 459, NULL);
	ask("{\"janus\":\"list_handles\"," ON_HANDLE "}", s, h);
	hears_error(9, 457, NULL);
	ask("{\"janus\":\"list_sessions\"}");
	hears(9, "{\"janus\":\"error\",\"error\":{\"code\":456,\"reason\":\"Missing mandatory "
		 "element (transaction)\"}}");
}

static void lists_and_ends(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	ask("{\"janus\":\"LIST_sessions\",\"transaction\":\"t\"}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"sessions\":[%" PRIu64 "]}", s);
	ask("{\"janus\":\"list_handles\"," ON_SESSION "}", s);
	hears(9,
		"{\"janus\":\"success\",\"session_id\":%" PRIu64
		",\"transaction\":\"t\",\"handles\":[%" PRIu64 "]}",
		s, h);
	ask("{\"janus\":\"detach_handle\"," ON_HANDLE "}", s, h);
	hears(9, "{\"janus\":\"success\",\"session_id\":%" PRIu64 ",\"transaction\":\"t\"}", s);
	hears(1, "{\"janus\":\"detached\",\"session_id\":%" PRIu64 ",\"sender\":%" PRIu64 "}", s,
		h);
	ask("{\"janus\":\"destroy_session\"," ON_SESSION "}", s);
	hears(9, "{\"janus\":\"success\",\"session_id\":%" PRIu64 ",\"transaction\":\"t\"}", s);
	hears_nothing(1);
	assert_null(session_find(s));
}

static void does_not_keep_sessions_alive(void **state)
{
	(void)state;
	uint64_t s = create_session(1);
	pass(59);
	ask("{\"janus\":\"list_handles\"," ON_SESSION "}", s);
	pass(3);
	hears(1, "{\"janus\":\"timeout\",\"session_id\":%" PRIu64 "}", s);
}

static void changes_timeouts(void **state)
{
	(void)state;
	uint64_t own = create_session(1), other = create_session(2);
	ask("{\"janus\":\"set_session_timeout\"," ON_SESSION ",\"timeout\":30}", own);
	hears(9,
		"{\"janus\":\"success\",\"transaction\":\"t\",\"timeout\":30,\"session_id\":"
		"%" PRIu64 "}",
		own);
	ask("{\"janus\":\"set_session_timeout\"," ON_SESSION ",\"timeout\":-2}", own);
	hears_error(
		9, 467, "Invalid element type (timeout should be a non-negative integer or -1)");
	ask("{\"janus\":\"set_session_timeout\",\"transaction\":\"t\",\"timeout\":5}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"timeout\":5}");
	ask("{\"janus\":\"set_session_timeout\",\"transaction\":\"t\",\"timeout\":-1}");
	hears_error(9, 467, "Invalid element type (timeout should be a positive integer)");
	pass(7);
	assert_null(session_find(other));
	pass(20);
	assert_non_null(session_find(own));
	ask("{\"janus\":\"set_session_timeout\"," ON_SESSION ",\"timeout\":0}", own);
	pass(200);
	assert_non_null(session_find(own));
	ask("{\"janus\":\"set_session_timeout\"," ON_SESSION ",\"timeout\":-1}", own);
	pass(1);
	assert_null(session_find(own));
}

static void drains(void **state)
{
	(void)state;
	ask("{\"janus\":\"accept_new_sessions\",\"transaction\":\"t\",\"accept\":1}");
	hears_error(9, 467, "Invalid element type (accept should be a boolean)");
	ask("{\"janus\":\"accept_new_sessions\",\"transaction\":\"t\",\"accept\":false}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"accept\":false}");
	say(1, "{\"janus\":\"create\",\"transaction\":\"t\"}");
	hears_error(1, 472, "Currently not accepting new sessions");
}

static void sets_the_log_level(void **state)
{
	(void)state;
	ask("{\"janus\":\"set_log_level\",\"transaction\":\"t\",\"level\":1}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"level\":1}");
	assert_int_equal(log_level(), 1);
	ask("{\"janus\":\"set_log_level\",\"transaction\":\"t\",\"level\":99}");
	hears_error(9, 467, "Invalid element type (level should be between 0 and 7)");
	ask("{\"janus\":\"get_status\",\"transaction\":\"t\"}");
	json_t *msg = hear(9), *status = json_object_get(msg, "status");
	assert_int_equal(json_integer_value(json_object_get(status, "log_level")), 1);
	assert_int_equal(json_integer_value(json_object_get(status, "session_timeout")), 60);
	json_decref(msg);
}

static void passes_messages_on(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	ask("{\"janus\":\"message_plugin\",\"transaction\":\"t\",\"plugin\":\"janus.plugin.probe\","
	    "\"request\":{\"do\":\"x\"}}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"response\":{\"probe\":\"x\"}}");
	ask("{\"janus\":\"message_plugin\",\"transaction\":\"t\",\"plugin\":\"janus.plugin."
	    "probe\"}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"response\":{}}");
	ask("{\"janus\":\"message_plugin\",\"transaction\":\"t\",\"plugin\":\"nope\"}");
	hears_error(9, 460, "Invalid plugin");
	ask("{\"janus\":\"query_transport\",\"transaction\":\"t\",\"transport\":\"janus.transport."
	    "fake\",\"request\":{\"a\":1}}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"response\":{\"result\":200,"
		 "\"asked\":{\"a\":1}}}");
	ask("{\"janus\":\"query_transport\",\"transaction\":\"t\",\"transport\":\"nope\"}");
	hears_error(9, 460, "Invalid transport");
	/* A plugin ends a handle from its admin hook. */
	ask("{\"janus\":\"message_plugin\",\"transaction\":\"t\",\"plugin\":\"janus.plugin.probe\","
	    "\"request\":{\"do\":\"end\"}}");
	hears(9, "{\"janus\":\"success\",\"transaction\":\"t\",\"response\":{\"probe\":\"end\"}}");
	hears(1, "{\"janus\":\"detached\",\"session_id\":%" PRIu64 ",\"sender\":%" PRIu64 "}", s,
		h);
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
		TEST(passes_messages_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
