/* SPDX-License-Identifier: Apache-2.0 */
/* ICE servers for clients: URIs, credentials, and how often they may be asked for. */
#include "../../core/control/ice_servers.h"
#include "../../core/control/ice_uri.h"
#include "../../core/control/rate.h"
#include "control_world.h"

static void takes_uris_that_browsers_take(void **state)
{
	static const char *const stun[] = { "stun:a", "stun:stun.example.org", "stuns:1.2.3.4:5349",
		"STUN:a_b-c.d:1", "stun:[2001:db8::1]", "stun:[::1]:65535" };
	static const char *const turn[] = { "turn:a", "turns:example.org:5349?transport=tcp",
		"turn:[2001:db8::1]:3478?transport=udp" };
	static const char *const bad[] = { "", "stun", "stun:", "stun:a:", "stun:a:0",
		"stun:a:65536", "stun:a:123456", "stun://a", "stun:a b", "stun:a/b", "stun:[::1",
		"stun:[]", "stun:[1.2.3.4]", "stun:a?transport=udp", "turn:a?transport=tls",
		"turn:a?transport=", "turn:a?b", "turn:user@a", "turnss:a", "http:a", " turn:a",
		"turn:a " };
	char name[300] = "stun:";
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(stun); i++) {
		assert_true(ice_uri_ok(stun[i], ICE_URI_STUN));
		assert_false(ice_uri_ok(stun[i], ICE_URI_TURN));
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(turn); i++) {
		assert_true(ice_uri_ok(turn[i], ICE_URI_TURN));
		assert_false(ice_uri_ok(turn[i], ICE_URI_STUN));
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
		assert_false(ice_uri_ok(bad[i], ICE_URI_STUN));
		assert_false(ice_uri_ok(bad[i], ICE_URI_TURN));
	}
	memset(name + 5, 'a', 253);
	assert_true(ice_uri_ok(name, ICE_URI_STUN));
	name[5 + 253] = 'a';
	assert_false(ice_uri_ok(name, ICE_URI_STUN));
}

/* By `printf 1700086400:alice | openssl dgst -sha1 -hmac north -binary | base64`. */
static void signs_as_the_draft_says(void **state)
{
	json_t *uris = json_pack("[s]", "turn:turn.example.org");
	const struct ice_servers_conf c = { .turn = uris, .secret = "north", .ttl_s = 86400 };
	json_t *o = ice_servers_sign(&c, "alice", 1700000000);
	(void)state;
	assert_string_equal(json_string_value(json_object_get(o, "username")), "1700086400:alice");
	assert_string_equal(
		json_string_value(json_object_get(o, "password")), "SXua5ne/+mDhiHTp0pQJzRO4ESg=");
	assert_int_equal(json_integer_value(json_object_get(o, "ttl")), 86400);
	assert_true(json_equal(json_object_get(o, "uris"), uris));
	assert_int_equal(json_object_size(o), 4);
	json_decref(o);
	json_decref(uris);
}

static void gives_stun_alone_without_turn(void **state)
{
	json_t *stun = json_pack("[s]", "stun:a");
	(void)state;
	ice_servers_start(&(struct ice_servers_conf){ .stun = stun });
	json_t *o = ice_servers_answer("me"),
	       *is = json_pack("{s:[{s:[s]}]}", "iceServers", "urls", "stun:a");
	assert_true(json_equal(o, is));
	json_decref(o);
	json_decref(is);
	ice_servers_stop();
	ice_servers_start(&(struct ice_servers_conf){ 0 });
	json_t *none = cardea_ice_servers(NULL);
	assert_int_equal(json_array_size(none), 0);
	json_decref(none);
	ice_servers_stop();
	json_decref(stun);
}

static void makes_any_name_fit(void **state)
{
	json_t *turn = json_pack("[s]", "turn:a");
	char longest[200];
	(void)state;
	ice_servers_start(&(struct ice_servers_conf){ .turn = turn, .secret = "s", .ttl_s = 1 });
	json_t *all = cardea_ice_servers("a b:ä"); /* two bytes, two signs */
	const char *name = json_string_value(json_object_get(json_array_get(all, 0), "username"));
	assert_string_equal(strchr(name, ':'), ":a_b___");
	json_decref(all);
	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	all = cardea_ice_servers(longest);
	name = json_string_value(json_object_get(json_array_get(all, 0), "username"));
	assert_int_equal(strlen(strchr(name, ':') + 1), ICE_USER_MAX);
	assert_true(ice_servers_user_ok(strchr(name, ':') + 1));
	json_decref(all);
	ice_servers_stop();
	json_decref(turn);
	assert_false(ice_servers_user_ok(""));
	assert_false(ice_servers_user_ok("a:b"));
	assert_false(ice_servers_user_ok(longest));
}

static char first_error[800];

static void keep_first(void *arg, bool is_error, const char *text)
{
	(void)arg;
	if (is_error && !*first_error)
		snprintf(first_error, sizeof first_error, "%s", text);
}

static void refuses_options_that_do_not_fit(void **state)
{
	static const struct {
		const char *a, *b, *word;
	} all[] = {
		{ "stun=[\"turn:a\"]", "turn_ttl=1", "'stun' in section 'ice_servers'" },
		{ "turn=[\"stun:a\"]", "turn_secret=s", "'turn' in section 'ice_servers'" },
		{ "turn=[\"turn:a\"]", "turn_ttl=1", "turn_secret" },
		{ "turn_user=u", "turn_ttl=1", "turn_password" },
		{ "turn_secret=s", "turn_user=u", "turn_secret" },
	};
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
		char a[100], b[100];
		struct settings s;
		snprintf(a, sizeof a, "cardea:ice_servers.%s", all[i].a);
		snprintf(b, sizeof b, "cardea:ice_servers.%s", all[i].b);
		const char *sets[] = { a, b };
		conf = conf_load(NULL, sets, 2);
		options_read(&s, conf);
		first_error[0] = 0;
		assert_true(conf_findings(conf, keep_first, NULL) > 0);
		assert_non_null(strstr(first_error, all[i].word));
		conf_destroy(conf);
	}
}

static void lets_each_address_ask_so_often(void **state)
{
	struct rate *r = rate_create(2);
	(void)state;
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(rate_ask(r, "192.0.2.1", 0), 0);
	assert_int_equal(rate_ask(r, "192.0.2.1", 0), 1);
	assert_int_equal(rate_ask(r, "192.0.2.2", 0), 0);
	assert_int_equal(rate_ask(r, "192.0.2.1", 400000), 1);
	assert_int_equal(rate_ask(r, "192.0.2.1", 500000), 0);
	assert_int_equal(rate_ask(r, "192.0.2.1", 500000), 1);
	/* a network of 64 bits belongs to one */
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(rate_ask(r, i % 2 ? "2001:db8::1" : "2001:db8::2", 0), 0);
	assert_int_equal(rate_ask(r, "2001:db8::3", 0), 1);
	assert_int_equal(rate_ask(r, "2001:db8:0:1::3", 0), 0);
	/* whatever an address may look like, it is counted */
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(rate_ask(r, "", 0), 0);
	assert_int_equal(rate_ask(r, "", 0), 1);
	rate_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_uris_that_browsers_take),
		cmocka_unit_test(signs_as_the_draft_says),
		cmocka_unit_test(gives_stun_alone_without_turn),
		cmocka_unit_test(makes_any_name_fit),
		cmocka_unit_test(refuses_options_that_do_not_fit),
		cmocka_unit_test(lets_each_address_ask_so_often),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
