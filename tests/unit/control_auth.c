/* SPDX-License-Identifier: Apache-2.0 */
#include "../../core/control/sign.h"
#include "control_world.h"

/* API secret, signed tokens, admin secret. */

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

static int begin_unsigned(void **state)
{
	static const char *const sets[] = { "cardea:general.token_auth=true", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

static void create(const char *credential, int code)
{
	say(1, "{\"janus\":\"create\",\"transaction\":\"t\"%s}", credential);
	if (code)
		hears_error(1, code, "Unauthorized request (wrong or missing secret/token)");
	else
		hears_id(1);
}

static void create_by_token(const char *text, int code)
{
	char credential[400];
	snprintf(credential, sizeof credential, ",\"token\":\"%s\"", text);
	create(credential, code);
}

static void asks_for_the_secret_before_anything_else(void **state)
{
	(void)state;
	say(1, "{\"janus\":\"ping\",\"transaction\":\"2\"}");
	hears(1, "{\"janus\":\"pong\",\"transaction\":\"2\"}");
	create("", 403);
	create(",\"apisecret\":\"wrong\"", 403);
	create(",\"apisecret\":5", 403);
	create(",\"token\":\"rocks\"", 403);
	create(",\"apisecret\":\"rocks\"", 0);
	say(1, "{\"janus\":\"keepalive\",\"session_id\":99,\"transaction\":\"9\"}");
	hears(1, "{\"janus\":\"error\",\"session_id\":99,\"transaction\":\"9\",\"error\":{\"code\":"
		 "403,"
		 "\"reason\":\"Unauthorized request (wrong or missing secret/token)\"}}");
	say(1, "{\"janus\":\"nosuch\",\"transaction\":\"11\"}");
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
	hears(1, "{\"janus\":\"success\",\"transaction\":\"t\",\"sessions\":[]}");
}

static void takes_signed_tokens(void **state)
{
	(void)state;
	create("", 403);
	create(",\"apisecret\":\"both\"", 0);
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
		"{\"janus\":\"attach\",\"transaction\":\"t\",\"session_id\":%" PRIu64
		",\"plugin\":\"janus.plugin.probe\"%s}",
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
	say(1, "{\"janus\":\"create\",\"transaction\":\"t\",\"apisecret\":\"both\"}");
	uint64_t s = hears_id(1);
	attach(s, ",\"apisecret\":\"both\"", 0);
	snprintf(credential, sizeof credential, ",\"token\":\"%s\"",
		sign(0, 60, "janus,janus.plugin.x,janus.plugin.probe"));
	attach(s, credential, 0);
	snprintf(credential, sizeof credential, ",\"token\":\"%s\"",
		sign(0, 60, "janus,cardea.plugin.probe"));
	attach(s, credential, 0);
	snprintf(credential, sizeof credential, ",\"token\":\"%s\"", sign(0, 60, "janus"));
	attach(s, credential, 405);
	snprintf(credential, sizeof credential, ",\"apisecret\":\"both\",\"token\":\"%s\"",
		token[0]);
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

static void authorises_nobody_by_token_without_a_key(void **state)
{
	(void)state;
	create("", 403);
	create_by_token(sign(0, 60, "janus"), 403);
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
		cmocka_unit_test_setup_teardown(
			authorises_nobody_by_token_without_a_key, begin_unsigned, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
