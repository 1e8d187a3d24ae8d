/* SPDX-License-Identifier: Apache-2.0 */
/* Who comes into a room, who is told of it, how many rooms there are, and for how long. */
#include "../../core/control/sign.h"
#include "room_world.h"

#define PUBLISH_JOIN(more) "{'request':'join','room':5,'ptype':'publisher'" more "}"
#define WATCH_JOIN(more) \
	"{'request':'join','room':5,'ptype':'subscriber','streams':[{'feed':1}" \
	"]" more "}"

/* @return the answer's data, or the core's error; owned by the caller */
static json_t *answer_to(struct client *c, const char *body)
{
	json_t *answer = ask_once(c, body, NULL, NULL, false),
	       *data = json_incref(plugin_data(answer));
	json_decref(answer);
	return data;
}

static void refuses(struct client *c, int code, const char *why, const char *body)
{
	json_t *data = answer_to(c, body);
	const char *error = json_string_value(json_object_get(data, "error"));
	if (!error || strcmp(error, why) != 0)
		fail_msg("%s: %s", body, error ? error : "no error");
	assert_int_equal(json_integer_value(json_object_get(data, "error_code")), code);
	json_decref(data);
}

/* How many tokens an answer to `allowed` lists, each as many characters long; -1: none are listed.
 */
static int lists(const char *action)
{
	g_autofree char *body =
		g_strdup_printf("{'request':'allowed','room':5,'secret':'s',%s}", action);
	json_t *data = answer_to(boss, body);
	assert_string_equal(json_string_value(json_object_get(data, "videoroom")), "success");
	const json_t *list = json_object_get(data, "allowed");
	int n = list ? (int)json_array_size(list) : -1;
	json_decref(data);
	return n;
}

/* ---- tokens of the room's list ---- */

static const char not_in[] = "Unauthorized (not in the allowed list)";

static void a_list_of_tokens_lets_in_those_who_have_one(void **state)
{
	(void)state;
	create_room(",'allowed':['tok1','tok2']");
	refuses(ann, 433, not_in, PUBLISH_JOIN(""));
	refuses(ann, 433, not_in, PUBLISH_JOIN(",'token':'tok'"));
	refuses(ann, 433, not_in, PUBLISH_JOIN(",'token':''"));
	refuses(ann, 433, not_in, "{'request':'joinandconfigure','room':5,'ptype':'publisher'}");
	refuses(ann, 430, "Invalid element type (token should be a string)",
		PUBLISH_JOIN(",'token':1"));
	assert_int_equal(ask(ann, PUBLISH_JOIN(",'token':'tok2','id':1")), 0);
	/* who only watches needs none */
	assert_int_equal(publish_as(ann, "{'request':'publish'}", "av", "ann1", false), 0);
	assert_int_equal(ask(bob, WATCH_JOIN("")), 0);
}

static void an_empty_list_lets_in_nobody(void **state)
{
	(void)state;
	create_room(",'allowed':[]");
	refuses(ann, 433, not_in, PUBLISH_JOIN(",'token':''"));
	assert_int_equal(ask(boss, "{'request':'create','room':6,'allowed':['a',1]}"), 430);
	assert_int_equal(ask(boss, "{'request':'create','room':6,'allowed':'a'}"), 430);
	assert_int_equal(ask(boss, "{'request':'destroy','room':6}"), 426);
}

static void the_list_can_be_changed_by_who_manages_the_room(void **state)
{
	(void)state;
	create_room(",'secret':'s','allowed':['tok1','tok2']");
	refuses(boss, 429, "Missing mandatory element (secret)",
		"{'request':'allowed','room':5,'action':'disable'}");
	refuses(boss, 433, "Unauthorized (wrong secret)",
		"{'request':'allowed','room':5,'action':'disable','secret':'t'}");
	refuses(boss, 430, "Unsupported action 'frob' (allowed)",
		"{'request':'allowed','room':5,'action':'frob','secret':'s'}");
	refuses(boss, 429, "Missing mandatory element (allowed)",
		"{'request':'allowed','room':5,'action':'add','secret':'s'}");
	assert_int_equal(lists("'action':'add','allowed':['tok3','tok1']"), 3);
	assert_int_equal(lists("'action':'remove','allowed':['tok1','none']"), 2);
	refuses(ann, 433, not_in, PUBLISH_JOIN(",'token':'tok1'"));
	assert_int_equal(lists("'action':'disable'"), -1);
	assert_int_equal(ask(ann, PUBLISH_JOIN("")), 0);
	assert_int_equal(lists("'action':'Enable'"), 2);
	refuses(bob, 433, not_in, PUBLISH_JOIN(""));
	assert_int_equal(ask(bob, PUBLISH_JOIN(",'token':'tok3'")), 0);
}

static void a_list_has_an_end(void **state)
{
	(void)state;
	create_room(",'secret':'s','allowed':['tok1']");
	GString *body = g_string_new("{'request':'allowed','room':5,'secret':'s',"
				     "'action':'add','allowed':['0'");
	for (unsigned i = 1; i < 4096; i++)
		g_string_append_printf(body, ",'%u'", i);
	g_string_append(body, "]}");
	assert_int_equal(ask(boss, body->str), 430);
	assert_int_equal(lists("'action':'enable'"), 1);
	g_string_free(body, TRUE);
	g_autofree char *token = g_strnfill(513, 'x'),
			*add = g_strdup_printf("{'request':'allowed','room':5,'secret':'s',"
					       "'action':'add','allowed':['%s']}",
				token);
	assert_int_equal(ask(boss, add), 430);
}

/* ---- signed tokens ---- */

static char signed_for[4][300];

/* "<in ttl_s seconds>,<rest>", signed. */
static const char *sign(unsigned slot, int ttl_s, const char *rest)
{
	char data[200], signature[SIGN_TEXT_MAX];
	snprintf(
		data, sizeof data, "%lld,%s", (long long)(clock_wall_us() / 1000000 + ttl_s), rest);
	assert_true(sign_hmac_sha1(signature, "janus", data, strlen(data)));
	snprintf(signed_for[slot], sizeof signed_for[slot], "%s:%s", data, signature);
	return signed_for[slot];
}

static void comes_in(struct client *c, const char *ptype, const char *token, int code)
{
	g_autofree char *body =
		g_strdup_printf("{'request':'join','room':5,'ptype':'%s','streams':[{'feed':1}],"
				"'token':'%s'}",
			ptype, token);
	assert_int_equal(ask(c, body), code);
}

static void signed_tokens_are_for_one_room_and_a_time(void **state)
{
	(void)state;
	settings.token_auth = true;
	settings.token_secret = "janus";
	credential = sign(1, 60, "janus,janus.plugin.videoroom");
	create_room(",'signed_tokens':true,'pin':'p'");
	refuses(ann, 433, "Unauthorized (wrong token)", PUBLISH_JOIN(",'pin':'p'"));
	refuses(ann, 433, "Unauthorized (wrong token)", WATCH_JOIN(",'pin':'p'"));
	comes_in(ann, "publisher", sign(0, 60, "janus.plugin.videoroom,room=6"), 433);
	comes_in(ann, "publisher", sign(0, -60, "janus.plugin.videoroom,room=5"), 433);
	comes_in(ann, "publisher", sign(0, 60, "janus,room=5"), 433);
	/* the token first, then the pin, then who is in */
	comes_in(ann, "publisher", sign(0, 60, "janus.plugin.videoroom,room=5"), 429);
	comes_in(ann, "subscriber", signed_for[0], 429);
	g_autofree char *right =
		g_strdup_printf(PUBLISH_JOIN(",'pin':'p','id':1,'token':'%s'"), signed_for[0]);
	assert_int_equal(ask(ann, right), 0);
	assert_int_equal(ask(bob, right), 436);
	settings.token_auth = false;
	settings.token_secret = credential = NULL;
}

static void without_signed_tokens_in_the_core_the_room_asks_for_none(void **state)
{
	(void)state;
	create_room(",'signed_tokens':true");
	assert_int_equal(ask(ann, PUBLISH_JOIN("")), 0);
}

/* ---- what a stranger learns ---- */

static void a_stranger_learns_nothing_of_who_is_in(void **state)
{
	static const char pin[] = "Missing mandatory element (pin)";
	static const char list[] = "{'request':'listparticipants','room':5%s}";
	(void)state;
	create_room(",'pin':'p','secret':'s'");
	assert_int_equal(ask(ann, PUBLISH_JOIN(",'pin':'p','id':1")), 0);
	assert_int_equal(publish_as(ann, "{'request':'publish'}", "av", "ann1", false), 0);
	refuses(bob, 429, pin, PUBLISH_JOIN(",'id':1"));
	refuses(bob, 433, "Unauthorized (wrong pin)", PUBLISH_JOIN(",'id':1,'pin':'x'"));
	refuses(bob, 429, pin, WATCH_JOIN(""));
	refuses(bob, 429, pin, "{'request':'join','room':5,'ptype':'subscriber','feed':77}");
	const struct {
		struct client *who;
		const char *more;
		int code;
	} rows[] = {
		{ bob, "", 429 },
		{ bob, ",'pin':'x'", 433 },
		{ bob, ",'secret':'x'", 429 },
		{ bob, ",'pin':'p'", 0 },
		{ bob, ",'secret':'s'", 0 },
		{ ann, "", 0 },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *body = g_strdup_printf(list, rows[i].more);
		assert_int_equal(ask(rows[i].who, body), rows[i].code);
	}
	/* kicked, ann is a stranger again */
	assert_int_equal(ask(boss, "{'request':'kick','room':5,'id':1}"), 429);
	assert_int_equal(ask(boss, "{'request':'kick','room':5,'id':1,'secret':'s'}"), 0);
	g_autofree char *body = g_strdup_printf(list, "");
	refuses(ann, 429, pin, body);
}

static void where_anybody_may_come_in_anybody_may_look_in(void **state)
{
	(void)state;
	create_room(",'secret':'s'");
	join(ann, 1);
	assert_int_equal(ask(bob, "{'request':'listparticipants','room':5}"), 0);
}

/* ---- roles before fields ---- */

static void what_a_handle_may_do_is_judged_before_its_fields(void **state)
{
	static const char *const of_subscribers[] = { "{'request':'subscribe'}",
		"{'request':'unsubscribe','streams':1}",
		"{'request':'switch','streams':[{'feed':1}]}",
		"{'request':'update','subscribe':'x'}" };
	static const char *const of_publishers[] = { "{'request':'publish','bitrate':'x'}",
		"{'request':'unpublish'}" };
	(void)state;
	create_room("");
	for (size_t i = 0; i < G_N_ELEMENTS(of_subscribers); i++)
		assert_int_equal(ask(ann, of_subscribers[i]), 424);
	assert_int_equal(ask(ann, "{'request':'configure','bitrate':'x'}"), 424);
	join(ann, 1);
	for (size_t i = 0; i < G_N_ELEMENTS(of_subscribers); i++)
		assert_int_equal(ask(ann, of_subscribers[i]), 423);
	assert_int_equal(ask(ann, "{'request':'configure','bitrate':'x'}"), 430);
	assert_int_equal(ask(ann, "{'request':'join'}"), 425);
	assert_int_equal(publish_as(ann, "{'request':'publish'}", "av", "ann1", false), 0);
	assert_int_equal(ask(bob, VIEW("1", "")), 0);
	for (size_t i = 0; i < G_N_ELEMENTS(of_publishers); i++)
		assert_int_equal(ask(bob, of_publishers[i]), 423);
	assert_int_equal(ask(bob, of_subscribers[0]), 429);
	assert_int_equal(ask(ann, "{'request':'leave'}"), 0);
	assert_int_equal(ask(ann, of_publishers[0]), 426);
	assert_int_equal(ask(ann, "{'request':'join'}"), 425);
}

/* ---- ids ---- */

static void ids_do_not_follow_from_one_another(void **state)
{
	uint64_t seen[3];
	(void)state;
	create_room("");
	for (unsigned i = 0; i < 3; i++) {
		json_t *data = answer_to(&everybody[i], PUBLISH_JOIN(""));
		seen[i] = (uint64_t)json_integer_value(json_object_get(data, "id"));
		assert_in_range(seen[i], 1, (1ULL << 53) - 1);
		assert_in_range(
			json_integer_value(json_object_get(data, "private_id")), 1, INT32_MAX);
		json_decref(data);
	}
	assert_true(seen[0] != seen[1] && seen[1] != seen[2] && seen[0] != seen[2]);
}

static void string_ids_are_uuids(void **state)
{
	static const char *const sets[] = { "cardea.plugin.videoroom:general.string_ids=true",
		"cardea.plugin.videoroom:sfu.path=", NULL };
	begin_room_with(sets, state);
	json_t *data = answer_to(boss, "{'request':'create'}");
	const char *room = json_string_value(json_object_get(data, "room"));
	assert_true(g_uuid_string_is_valid(room));
	assert_int_equal(room[14], '4');
	json_decref(data);
	end_room(state);
}

/* ---- changing a room ---- */

static void a_room_can_be_changed_while_people_are_in(void **state)
{
	(void)state;
	create_room(",'secret':'s','pin':'p','bitrate':128000");
	assert_int_equal(ask(ann, PUBLISH_JOIN(",'pin':'p','id':1")), 0);
	assert_int_equal(publish_as(ann, "{'request':'publish'}", "av", "ann1", false), 0);
	assert_int_equal(ask(boss, "{'request':'edit','room':5,'new_pin':'q'}"), 429);
	assert_int_equal(ask(boss, "{'request':'edit','room':5,'secret':'s',"
				   "'new_pin':'q','new_secret':'','new_bitrate':1,"
				   "'new_description':'New','new_publishers':1}"),
		0);
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 64000);
	assert_int_equal(ask(bob, PUBLISH_JOIN(",'pin':'p'")), 433);
	assert_int_equal(ask(bob, PUBLISH_JOIN(",'pin':'q'")), 0);
	assert_int_equal(publish_as(bob, "{'request':'publish'}", "av", "bob", false), 432);
	json_t *data = answer_to(boss, "{'request':'list'}");
	const json_t *room = json_array_get(json_object_get(data, "list"), 0);
	assert_string_equal(json_string_value(json_object_get(room, "description")), "New");
	assert_int_equal(json_integer_value(json_object_get(room, "num_participants")), 2);
	json_decref(data);
	assert_int_equal(ask(boss, "{'request':'destroy','room':5}"), 429); /* as it was */
}

/* ---- how many, and for how long ---- */

static void there_are_only_so_many_rooms(void **state)
{
	static const char *const sets[] = { "cardea.plugin.videoroom:general.max_rooms=2",
		"cardea.plugin.videoroom:sfu.path=", NULL };
	begin_room_with(sets, state);
	assert_int_equal(ask(boss, "{'request':'create','room':1}"), 0);
	assert_int_equal(ask(boss, "{'request':'create','room':2}"), 0);
	refuses(boss, 499, "There are 2 rooms already (general.max_rooms)", "{'request':'create'}");
	assert_int_equal(ask(boss, "{'request':'create','room':2}"), 427);
	assert_int_equal(ask(boss, "{'request':'destroy','room':1}"), 0);
	assert_int_equal(ask(boss, "{'request':'create'}"), 0);
	end_room(state);
}

static bool is_there(unsigned room)
{
	g_autofree char *body = g_strdup_printf("{'request':'exists','room':%u}", room);
	json_t *data = answer_to(boss, body);
	bool yes = json_is_true(json_object_get(data, "exists"));
	json_decref(data);
	return yes;
}

static void rooms_that_are_empty_for_long_go(void **state)
{
	static const char *const sets[] = { "cardea:general.session_timeout=0",
		"cardea.plugin.videoroom:general.empty_room_timeout=100",
		"cardea.plugin.videoroom:room-9.description=Lasting",
		"cardea.plugin.videoroom:sfu.path=", NULL };
	begin_room_with(sets, state);
	create_room("");
	assert_int_equal(ask(boss, "{'request':'create','room':1}"), 0);
	assert_int_equal(ask(boss, "{'request':'create','room':2,'permanent':true}"), 0);
	join(ann, 1);
	pass(90);
	assert_true(is_there(1));
	pass(30);
	assert_false(is_there(1));
	/* somebody is in; then the time begins when they go */
	assert_true(is_there(5));
	assert_int_equal(ask(ann, "{'request':'leave'}"), 0);
	pass(90);
	assert_true(is_there(5));
	pass(30);
	assert_false(is_there(5));
	assert_true(is_there(2));
	assert_true(is_there(9));
	end_room(state);
}

/* ---- lengths ---- */

static void what_is_kept_has_a_length(void **state)
{
	static const struct {
		const char *body;
		unsigned most;
	} rows[] = {
		{ "{'request':'create','description':'%s'}", 1024 },
		{ "{'request':'create','pin':'%s'}", 256 },
		{ "{'request':'create','secret':'%s'}", 256 },
		{ "{'request':'configure','display':'%s'}", 1024 },
		{ "{'request':'configure','metadata':{'a':'%s'}}", 16384 - 8 },
		{ "{'request':'configure','descriptions':[{'mid':'0','description':'%"
		  "s'}]}",
			256 },
	};
	(void)state;
	create_room("");
	join(ann, 1);
	assert_int_equal(publish_as(ann, "{'request':'publish'}", "av", "ann1", false), 0);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		for (unsigned over = 0; over < 2; over++) {
			g_autofree char *text = g_strnfill(rows[i].most + over, 'x');
			g_auto(GStrv) parts = g_strsplit(rows[i].body, "%s", 2);
			g_autofree char *body = g_strconcat(parts[0], text, parts[1], NULL);
			if (ask(ann, body) != (over ? 430 : 0))
				fail_msg("%s with %u bytes", rows[i].body, rows[i].most + over);
		}
}

static void the_names_of_all_have_a_length(void **state)
{
	static const char *const sets[] = { "cardea:general.max_handles=300",
		"cardea.plugin.videoroom:sfu.path=", NULL };
	static struct client all[200];
	unsigned n = 0;
	int code = 0;
	begin_room_with(sets, state);
	create_room("");
	g_autofree char *text = g_strnfill(16000, 'x'),
			*body = g_strdup_printf("{'request':'join','room':5,"
						"'ptype':'publisher','metadata':{'a':'%s'}}",
				text);
	for (; n < G_N_ELEMENTS(all) && !code; n++) {
		attach_client(&all[n]);
		code = ask(&all[n], body);
	}
	assert_int_equal(code, 430);
	assert_int_equal(n - 1, (2 << 20) / (16000 + 8));
	assert_int_equal(ask(ann, PUBLISH_JOIN("")), 0);
	assert_int_equal(ask(&all[0], "{'request':'leave'}"), 0);
	assert_int_equal(ask(&all[n - 1], body), 0);
	end_room(state);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin_room, end_room)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_list_of_tokens_lets_in_those_who_have_one),
		TEST(an_empty_list_lets_in_nobody),
		TEST(the_list_can_be_changed_by_who_manages_the_room),
		TEST(a_list_has_an_end),
		TEST(signed_tokens_are_for_one_room_and_a_time),
		TEST(without_signed_tokens_in_the_core_the_room_asks_for_none),
		TEST(a_stranger_learns_nothing_of_who_is_in),
		TEST(where_anybody_may_come_in_anybody_may_look_in),
		TEST(what_a_handle_may_do_is_judged_before_its_fields),
		TEST(ids_do_not_follow_from_one_another),
		cmocka_unit_test(string_ids_are_uuids),
		TEST(a_room_can_be_changed_while_people_are_in),
		cmocka_unit_test(there_are_only_so_many_rooms),
		cmocka_unit_test(rooms_that_are_empty_for_long_go),
		TEST(what_is_kept_has_a_length),
		cmocka_unit_test(the_names_of_all_have_a_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
