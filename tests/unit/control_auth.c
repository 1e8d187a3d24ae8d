/* SPDX-License-Identifier: Apache-2.0 */
/* API secret, signed and stored tokens, admin secret (core/control/auth.c, tokens.c).
 * control_world.h has the server. */
#include "../../core/control/sign.h"
#include "control_world.h"

static char token[6][300];

/* Sign "<now + ttl>,<rest>" into a slot. */
static const char *sign(unsigned slot, int ttl_s, const char *rest)
{
	char data[200], signature[SIGN_TEXT_MAX];
	snprintf(
		data, sizeof data, "%lld,%s", (long long)(clock_wall_us() / 1000000 + ttl_s), rest);
	assert_true(sign_hmac_sha1(signature, "janus", data, strlen(data)));
	snprintf(token[slot], sizeof token[slot], "%s:%s", data, signature);
	return token[slot];
}

static int begin_secret(void **state)
{
	static const char *const sets[] = { "cardea:general.api_secret=rocks",
		"cardea:general.admin_secret=pwd", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

static int begin_tokens(void **state)
{
	static const char *const sets[] = { "cardea:general.api_secret=both",
		"cardea:general.token_auth=true", "cardea:general.token_auth_secret=janus", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

static void create(const char *credential, int code)
{
	say(1, "{'janus':'create','transaction':'t'%s}", credential);
	if (code)
		hears_error(1, code, "Unauthorized request (wrong or missing secret/token)");
	else
		hears_id(1);
}

static void create_by_token(const char *text, int code)
{
	char credential[400];
	snprintf(credential, sizeof credential, ",'token':'%s'", text);
	create(credential, code);
}

static void asks_for_the_secret_before_anything_else(void **state)
{
	(void)state;
	say(1, "{'janus':'ping','transaction':'2'}");
	hears(1, "{'janus':'pong','transaction':'2'}");
	create("", 403);
	create(",'apisecret':'wrong'", 403);
	create(",'apisecret':5", 403);
	create(",'token':'rocks'", 403);
	create(",'apisecret':'rocks'", 0);
	say(1, "{'janus':'keepalive','session_id':99,'transaction':'9'}");
	hears(1, "{'janus':'error','session_id':99,'transaction':'9','error':{'code':"
		 "403,"
		 "'reason':'Unauthorized request (wrong or missing secret/token)'}}");
	say(1, "{'janus':'nosuch','transaction':'11'}");
	hears_error(1, 457, NULL);
}

static void asks_polls_for_the_secret(void **state)
{
	(void)state;
	struct cardea_origin from = origin(1, false);
	cardea_transport_poll(&from, 5, "wrong", NULL);
	turn();
	assert_int_equal(last_poll_status, 403);
	cardea_transport_poll(&from, 5, "rocks", NULL);
	turn();
	assert_int_equal(last_poll_status, 404);
}

static void asks_the_admin_for_his_own_secret(void **state)
{
	(void)state;
	struct cardea_origin from = origin(1, true);
	cardea_transport_incoming(&from, json_pack("{s:s, s:s, s:s}", "janus", "list_sessions",
						 "transaction", "t", "admin_secret", "rocks"));
	turn();
	hears_error(1, 403, NULL);
	cardea_transport_incoming(&from, json_pack("{s:s, s:s, s:s}", "janus", "list_sessions",
						 "transaction", "t", "admin_secret", "pwd"));
	turn();
	hears(1, "{'janus':'success','transaction':'t','sessions':[]}");
}

static void takes_signed_tokens(void **state)
{
	(void)state;
	create("", 403);
	create(",'apisecret':'both'", 0);
	create_by_token(sign(0, 60, "janus,janus.plugin.probe"), 0);
	create_by_token(sign(1, 60, "janus"), 0);
	create_by_token(sign(2, -60, "janus,janus.plugin.probe"), 403);
	create_by_token(sign(3, 60, "other,janus.plugin.probe"), 403);
	create_by_token("1826983153,janus,janus.plugin.echotest,janus.plugin.videoroom:"
			"sZ9xOknXW8VvS6/vf0WotzbQDf4=",
		0);
	create_by_token("1826983153,janus,janus.plugin.echotest:AAAA", 403);
	create_by_token("", 403);
	create_by_token(":", 403);
	create_by_token(",,,:x:", 403);
	token[0][strlen(token[0]) - 2] ^= 1;
	create_by_token(token[0], 403);
}

static void attach(uint64_t s, const char *credential, int code)
{
	say(1,
		"{'janus':'attach','transaction':'t','session_id':%" PRIu64
		",'plugin':'janus.plugin.probe'%s}",
		s, credential);
	if (code)
		hears_error(1, code, "Provided token can't access plugin 'janus.plugin.probe'");
	else
		hears_id(1);
}

static void lets_tokens_attach_only_where_they_say(void **state)
{
	(void)state;
	char credential[700];
	say(1, "{'janus':'create','transaction':'t','apisecret':'both'}");
	uint64_t s = hears_id(1);
	attach(s, ",'apisecret':'both'", 0);
	snprintf(credential, sizeof credential, ",'token':'%s'",
		sign(0, 60, "janus,janus.plugin.x,janus.plugin.probe"));
	attach(s, credential, 0);
	snprintf(credential, sizeof credential, ",'token':'%s'",
		sign(0, 60, "janus,cardea.plugin.probe"));
	attach(s, credential, 0);
	snprintf(credential, sizeof credential, ",'token':'%s'", sign(0, 60, "janus"));
	attach(s, credential, 405);
	snprintf(credential, sizeof credential, ",'apisecret':'both','token':'%s'", token[0]);
	attach(s, credential, 405);
}

static void verifies_tokens_for_plugins(void **state)
{
	(void)state;
	sign(0, 60, "janus.plugin.videoroom,room=1234");
	assert_true(cardea_token_allows(token[0], "janus.plugin.videoroom", "room=1234"));
	assert_true(cardea_token_allows(token[0], "cardea.plugin.videoroom", "room=1234"));
	assert_false(cardea_token_allows(token[0], "janus.plugin.videoroom", "room=123"));
	assert_false(cardea_token_allows(token[0], "janus.plugin.textroom", "room=1234"));
	assert_false(cardea_token_allows(NULL, "janus.plugin.videoroom", "room=1234"));
}

/* ---- stored tokens ---- */

static int begin_stored(void **state)
{
	static const char *const sets[] = { "cardea:general.api_secret=both",
		"cardea:general.token_auth=true", "cardea:general.max_tokens=3", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

static void hears_plugins(const char *list)
{
	hears(9, "{'janus':'success','transaction':'t','data':{'plugins':[%s]}}", list);
}

#define TOKEN(request, token) "{'janus':'" request "','transaction':'t','token':'" token "'"
#define PROBE                 "'janus.plugin.probe'"

static void takes_stored_tokens(void **state)
{
	(void)state;
	create("", 403);
	create_by_token("a", 403);
	create_by_token(sign(0, 60, "janus"), 403);
	create(",'apisecret':'both'", 0);
	ask_admin(TOKEN("add_token", "a") "}");
	hears_plugins(PROBE);
	create_by_token("a", 0);
	create_by_token("b", 403);
	ask_admin(TOKEN("remove_token", "a") "}");
	hears(9, "{'janus':'success','transaction':'t'}");
	create_by_token("a", 403);
	ask_admin(TOKEN("remove_token", "a") "}");
	hears_error(9, 490, "Error removing token");
}

static void asks_polls_for_a_stored_token(void **state)
{
	(void)state;
	struct cardea_origin from = origin(1, false);
	ask_admin(TOKEN("add_token", "a") "}");
	hears_plugins(PROBE);
	cardea_transport_poll(&from, 5, NULL, "b");
	turn();
	assert_int_equal(last_poll_status, 403);
	cardea_transport_poll(&from, 5, NULL, "a");
	turn();
	assert_int_equal(last_poll_status, 404);
}

static void lets_stored_tokens_attach_where_they_may(void **state)
{
	(void)state;
	ask_admin(TOKEN("add_token", "none") ",'plugins':['janus.plugin.nosuch',5]}");
	hears_plugins("");
	ask_admin(TOKEN("add_token", "a") ",'plugins':['cardea.plugin.probe','x']}");
	hears_plugins(PROBE);
	say(1, "{'janus':'create','transaction':'t','token':'none'}");
	uint64_t s = hears_id(1);
	attach(s, ",'token':'a'", 0);
	attach(s, ",'token':'none'", 405);
	attach(s, ",'apisecret':'both'", 0);
	attach(s, ",'apisecret':'both','token':'none'", 405);
	attach(s, ",'apisecret':'both','token':'nobody'", 405);
	ask_admin(TOKEN("disallow_token", "a") ",'plugins':[" PROBE "]}");
	hears_plugins("");
	attach(s, ",'token':'a'", 405);
	ask_admin(TOKEN("allow_token", "a") ",'plugins':['cardea.plugin.probe']}");
	hears_plugins(PROBE);
	attach(s, ",'token':'a'", 0);
	ask_admin("{'janus':'list_tokens','transaction':'t'}");
	hears(9, "{'janus':'success','transaction':'t','data':{'tokens':[{'token':"
		 "'a',"
		 "'allowed_plugins':[" PROBE "]}]}}");
}

static void refuses_bad_token_requests(void **state)
{
	static const char *const requests[] = { "allow_token", "disallow_token" };
	(void)state;
	ask_admin(TOKEN("add_token", "a") "}");
	hears_plugins(PROBE);
	ask_admin("{'janus':'add_token','transaction':'t'}");
	hears_error(9, 456, "Missing mandatory element (token)");
	ask_admin("{'janus':'add_token','transaction':'t','token':5}");
	hears_error(9, 467, "Invalid element type (token should be a string)");
	ask_admin(TOKEN("add_token", "b") ",'plugins':'x'}");
	hears_error(9, 467, "Invalid element type (plugins should be an array)");
	ask_admin(TOKEN("add_token", "") "}");
	hears_error(9, 467, NULL);
	GString *many = g_string_new(TOKEN("add_token", "b") ",'plugins':[0");
	for (unsigned i = 0; i < 256; i++)
		g_string_append(many, ",0");
	ask_admin("%s]}", many->str);
	hears_error(9, 467, "Invalid element type (plugins should be an array of at most 256)");
	g_string_free(many, TRUE);
	for (unsigned i = 0; i < 2; i++) {
		const char *r = requests[i];
		ask_admin("{'janus':'%s','transaction':'t','token':'a'}", r);
		hears_error(9, 467, "Invalid element type (plugins should be a non-empty array)");
		ask_admin("{'janus':'%s','transaction':'t','token':'a','plugins':[]}", r);
		hears_error(9, 467, "Invalid element type (plugins should be a non-empty array)");
		ask_admin("{'janus':'%s','transaction':'t','token':'a','plugins':["
			  "'janus.plugin.nosuch']}",
			r);
		hears_error(
			9, 467, "Invalid element type (some of the provided plugins are invalid)");
		ask_admin("{'janus':'%s','transaction':'t','token':'zz','plugins':"
			  "[" PROBE "]}",
			r);
		hears_error(9, 470, "Token zz not found");
		ask_admin("{'janus':'%s','transaction':'t','token':'zz','plugins':[5]}", r);
		hears_error(9, 470, NULL);
		ask_admin("{'janus':'%s','transaction':'t','token':'a','plugins':"
			  "[" PROBE ",5]}",
			r);
		hears_error(
			9, 467, "Invalid element type (some of the provided plugins are invalid)");
		ask_admin("{'janus':'%s','transaction':'t','token':'a','plugins':5}", r);
		hears_error(9, 467, "Invalid element type (plugins should be an array)");
	}
	ask_admin(TOKEN("add_token", "b") "}");
	hears_plugins(PROBE);
	ask_admin(TOKEN("add_token", "c") "}");
	hears_plugins(PROBE);
	ask_admin(TOKEN("add_token", "d") "}");
	hears_error(9, 490, "There are 3 tokens already (general.max_tokens)");
}

static void has_no_stored_tokens_unless_they_are_on(void **state)
{
	static const char *const requests[] = { "add_token", "allow_token", "disallow_token",
		"list_tokens", "remove_token" };
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(requests); i++) {
		ask_admin("{'janus':'%s','transaction':'t'}", requests[i]);
		hears_error(9, 490, "Stored-Token based authentication disabled");
	}
}

static void lets_stored_tokens_into_the_rooms_of_a_plugin(void **state)
{
	(void)state;
	ask_admin(TOKEN("add_token", "a") "}");
	hears_plugins(PROBE);
	assert_true(cardea_has_tokens());
	assert_false(cardea_has_signed_tokens());
	assert_true(cardea_token_allows("a", "janus.plugin.probe", "room=1234"));
	assert_true(cardea_token_allows("a", "cardea.plugin.probe", "room=1234"));
	assert_false(cardea_token_allows("a", "janus.plugin.videoroom", "room=1234"));
	assert_false(cardea_token_allows("b", "janus.plugin.probe", "room=1234"));
	assert_false(cardea_token_allows(NULL, "janus.plugin.probe", "room=1234"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			asks_for_the_secret_before_anything_else, begin_secret, finish),
		cmocka_unit_test_setup_teardown(asks_polls_for_the_secret, begin_secret, finish),
		cmocka_unit_test_setup_teardown(
			asks_the_admin_for_his_own_secret, begin_secret, finish),
		cmocka_unit_test_setup_teardown(takes_signed_tokens, begin_tokens, finish),
		cmocka_unit_test_setup_teardown(
			lets_tokens_attach_only_where_they_say, begin_tokens, finish),
		cmocka_unit_test_setup_teardown(verifies_tokens_for_plugins, begin_tokens, finish),
		cmocka_unit_test_setup_teardown(takes_stored_tokens, begin_stored, finish),
		cmocka_unit_test_setup_teardown(
			asks_polls_for_a_stored_token, begin_stored, finish),
		cmocka_unit_test_setup_teardown(
			lets_stored_tokens_attach_where_they_may, begin_stored, finish),
		cmocka_unit_test_setup_teardown(refuses_bad_token_requests, begin_stored, finish),
		cmocka_unit_test_setup_teardown(
			has_no_stored_tokens_unless_they_are_on, begin_tokens, finish),
		cmocka_unit_test_setup_teardown(
			lets_stored_tokens_into_the_rooms_of_a_plugin, begin_stored, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
