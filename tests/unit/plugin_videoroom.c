/* SPDX-License-Identifier: Apache-2.0 */
/* The video room, where no media is needed to see what it does. */
#include "room_world.h"

/* ---- bitrates ---- */

static unsigned limit_after(const char *body)
{
	assert_int_equal(ask(ann, body), 0);
	return cmd_of(CMD_LIMIT)->limit.bps;
}

static void publish_ann(const char *room, const char *body, bool e2ee)
{
	create_room(room);
	join(ann, 1);
	assert_int_equal(publish_as(ann, body, "av", "ann1", e2ee), 0);
	connect_client(ann);
}

static void slow_link_tells(unsigned bps)
{
	json_t *msg;
	bool told = false;
	report(&(struct report){
		.type = REP_SLOW_LINK, .peer = peer_of(ann), .slow_link = { 1, 0, 9 } });
	while ((msg = hear(1))) {
		const json_t *now = json_object_get(plugin_data(msg), "current-bitrate");
		told |= now && json_integer_value(now) == (json_int_t)bps;
		json_decref(msg);
	}
	assert_true(told);
}

static void a_bitrate_of_0_lifts_the_cap_of_the_room(void **state)
{
	(void)state;
	publish_ann(",'bitrate':128000", "{'request':'publish'}", false);
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 128000);
	slow_link_tells(128000);
	assert_int_equal(limit_after("{'request':'configure','bitrate':0}"), 0);
	slow_link_tells(0);
	assert_int_equal(limit_after("{'request':'configure','bitrate':500000}"), 500000);
	assert_int_equal(limit_after("{'request':'configure','bitrate':1}"), 64000);
	assert_int_equal(
		publish_as(ann, "{'request':'configure','bitrate':0}", "av", "ann1", false), 0);
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 0);
}

static void no_publisher_lifts_what_is_a_cap_for_all(void **state)
{
	(void)state;
	publish_ann(
		",'bitrate':128000,'bitrate_cap':true", "{'request':'publish','bitrate':0}", false);
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 128000);
	assert_int_equal(limit_after("{'request':'configure','bitrate':500000}"), 128000);
	assert_int_equal(limit_after("{'request':'configure','bitrate':100000}"), 100000);
	slow_link_tells(100000);
}

/* ---- what comes with an offer ---- */

/* "0+1-": which tracks of ann's are muted, by the last word on each. */
static void ann_is_muted(bool audio, bool video)
{
	bool muted[2] = { false, false };
	for (unsigned i = 0; i < n_cmds; i++)
		if (cmds[i].type == CMD_MUTE && cmds[i].peer == peer_of(ann))
			muted[cmds[i].mute.mindex] = cmds[i].mute.on;
	assert_int_equal(muted[0], audio);
	assert_int_equal(muted[1], video);
}

static void mutes_count_with_an_offer(void **state)
{
	(void)state;
	publish_ann("", "{'request':'publish','audio':false}", false);
	ann_is_muted(true, false);
	const struct {
		const char *body;
		bool audio, video;
	} rows[] = {
		{ "{'request':'configure','video':false,'audio':true}", false, true },
		{ "{'request':'configure'}", false, true }, /* as it was */
		{ "{'request':'configure','mid':'0','send':false,'video':true}", true, true },
		{ "{'request':'configure','streams':[{'mid':'1','send':true},"
		  "{'mid':'0','send':true}]}",
			false, false },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		assert_int_equal(publish_as(ann, rows[i].body, "av", "ann1", false), 0);
		ann_is_muted(rows[i].audio, rows[i].video);
	}
	/* of a stream that comes with the offer; and one that never comes changes nothing */
	n_cmds = 0;
	assert_int_equal(publish_as(ann,
				 "{'request':'configure','display':'x','mid':'3',"
				 "'send':false}",
				 "ava", "ann1", false),
		428);
	assert_int_equal(n_cmds, 0);
	assert_int_equal(publish_as(ann,
				 "{'request':'configure','mid':'2','send':false,"
				 "'keyframe':true}",
				 "avv", "ann1", false),
		0);
	assert_int_equal(cmd_of(CMD_MUTE)->mute.mindex, 2);
	assert_true(cmd_of(CMD_MUTE)->mute.on);
	assert_int_equal(cmd_of(CMD_KEYFRAME)->keyframe.mindex, 2);
}

static void a_refused_offer_changes_nothing(void **state)
{
	(void)state;
	create_room(",'require_e2ee':true,'bitrate':128000");
	join(ann, 1);
	assert_int_equal(publish_as(ann, "{'request':'publish','bitrate':200000,'display':'x'}",
				 "av", "a", false),
		433);
	assert_int_equal(publish_as(ann, "{'request':'publish'}", "av", "a", true), 0);
	assert_int_equal(cmd_of(CMD_LIMIT)->limit.bps, 128000);
	json_t *answer =
		ask_once(boss, "{'request':'listparticipants','room':5}", NULL, NULL, false);
	const json_t *who = json_array_get(json_object_get(plugin_data(answer), "participants"), 0);
	assert_null(json_object_get(who, "display"));
	json_decref(answer);
}

/* ---- descriptions of subscribers ---- */

static void a_subscribers_offer_is_refused_whatever_asks_for_it(void **state)
{
	static const char *const bodies[] = { "{'request':'configure'}", "{'request':'start'}",
		"{'request':'pause'}", "{'request':'subscribe','streams':[{'feed':1}]}",
		"{'request':'unsubscribe','streams':[{'feed':1}]}", "{'request':'switch','feed':1}",
		"{'request':'update','unsubscribe':[{'feed':1}]}", "{'request':'leave'}" };
	(void)state;
	publish_ann("", "{'request':'publish'}", false);
	assert_int_equal(ask(bob, VIEW("1", "")), 0);
	accept_offers(bob);
	connect_client(bob);
	n_cmds = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++)
		assert_int_equal(publish_as(bob, bodies[i], "av", "bob", true), 431);
	assert_int_equal(n_cmds, 0);
	assert_false(bob->hung_up);
	/* nor does what it said of itself stay */
	assert_int_equal(ask(bob, "{'request':'configure','update':true}"), 0);
	assert_non_null(bob->offer);
	assert_false(bob->is_e2ee);
}

/* @return a join or subscribe request for n times the streams of ann's */
static char *wants_many(const char *head, unsigned n)
{
	GString *body = g_string_new(head);
	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(body, "%s{'feed':1}", i ? "," : "");
	g_string_append(body, "]}");
	return g_string_free(body, FALSE);
}

static void a_subscription_has_no_more_streams_than_an_offer(void **state)
{
	static const char join_head[] =
		"{'request':'join','room':5,'ptype':'subscriber','streams':[";
	static const char more_head[] = "{'request':'subscribe','streams':[";
	(void)state;
	publish_ann("", "{'request':'publish'}", false);
	g_autofree char *flood = wants_many(join_head, 5000), *over = wants_many(join_head, 129);
	assert_int_equal(ask(bob, flood), 430);
	assert_int_equal(ask(bob, over), 430);
	g_autofree char *fits = wants_many(join_head, 127), *two = wants_many(more_head, 2),
			*one = wants_many(more_head, 1);
	assert_int_equal(ask(bob, fits), 0);
	accept_offers(bob);
	assert_int_equal(ask(bob, two), 430);
	assert_null(bob->offer);
	assert_int_equal(ask(bob, one), 0);
	assert_non_null(bob->offer);
	accept_offers(bob);
	assert_int_equal(ask(bob, one), 430);
	assert_int_equal(ask(bob, "{'request':'update','unsubscribe':[{'sub_mid':'0'}]}"), 0);
	accept_offers(bob);
	assert_int_equal(ask(bob, "{'request':'subscribe','streams':[{'feed':1,'mid':'0'}]}"), 0);
}

static void an_answer_counts_whatever_brings_it(void **state)
{
	(void)state;
	publish_ann("", "{'request':'publish'}", false);
	assert_int_equal(ask(bob, VIEW("1", "")), 0);
	g_autofree char *offer = g_steal_pointer(&bob->offer), *sdp = answer_sdp(offer);
	assert_int_equal(count_cmds(CMD_ROUTE), 0);
	assert_int_equal(
		ask_jsep(bob, "{'request':'configure','streams':[{'mid':'0','send':false}]}",
			"answer", sdp, false),
		0);
	assert_true(count_cmds(CMD_ROUTE) >= 2);
}

/* ---- end-to-end encryption ---- */

static void feeds_that_are_encrypted_do_not_mix_with_others(void **state)
{
	(void)state;
	publish_ann("", "{'request':'publish'}", true);
	join(carl, 2);
	assert_int_equal(publish_as(carl, "{'request':'publish'}", "av", "carl", false), 0);
	connect_client(carl);
	assert_int_equal(ask(bob, "{'request':'join','room':5,'ptype':'subscriber',"
				  "'streams':[{'feed':1},{'feed':2}]}"),
		438);
	assert_int_equal(ask(bob, VIEW("1", "")), 0);
	assert_true(bob->is_e2ee);
	accept_offers(bob);
	connect_client(bob);
	n_cmds = 0;
	assert_int_equal(ask(bob, "{'request':'subscribe','streams':[{'feed':2}]}"), 438);
	assert_int_equal(ask(bob, "{'request':'update','unsubscribe':[{'feed':1}],"
				  "'subscribe':[{'feed':2}]}"),
		438);
	assert_int_equal(ask(bob, "{'request':'switch','feed':2}"), 438);
	assert_int_equal(ask(bob, "{'request':'switch','streams':"
				  "[{'feed':2,'mid':'0','sub_mid':'0'}]}"),
		438);
	assert_int_equal(n_cmds, 0);
	assert_int_equal(ask(bob, "{'request':'subscribe','streams':[{'feed':1,'mid':'0'}]}"), 0);
	assert_true(bob->is_e2ee);
}

static void who_turns_to_encryption_is_let_go_of(void **state)
{
	(void)state;
	publish_ann("", "{'request':'publish'}", false);
	assert_int_equal(ask(bob, VIEW("1", "")), 0);
	assert_false(bob->is_e2ee);
	accept_offers(bob);
	connect_client(bob);
	n_cmds = 0;
	assert_int_equal(publish_as(ann, "{'request':'configure'}", "av", "ann1", true), 0);
	assert_int_equal(count_cmds(CMD_UNROUTE), 2);
	assert_int_equal(ask(bob, "{'request':'subscribe','streams':[{'feed':1}]}"), 438);
}

/* ---- who talks ---- */

static bool list_says_talking(void)
{
	json_t *answer =
		ask_once(boss, "{'request':'listparticipants','room':5}", NULL, NULL, false);
	const json_t *who = json_array_get(json_object_get(plugin_data(answer), "participants"), 0);
	const json_t *talking = json_object_get(who, "talking");
	assert_non_null(talking);
	bool yes = json_is_true(talking);
	json_decref(answer);
	return yes;
}

static void talks(bool talking)
{
	report(&(struct report){ .type = REP_TALKING,
		.peer = peer_of(ann),
		.talking = { 0, talking, talking ? 20 : 127 } });
	listen_on();
}

static void heard_of_ann(const char *expected)
{
	assert_string_equal(ann->talk->str, expected);
	g_string_truncate(ann->talk, 0);
}

static void lists_end_talking_when_the_worker_says_so(void **state)
{
	(void)state;
	publish_ann("", "{'request':'publish'}", false);
	assert_false(list_says_talking());
	talks(true);
	talks(true); /* said again, perhaps because a queue was full */
	heard_of_ann("+0 ");
	assert_true(list_says_talking());
	talks(false);
	heard_of_ann("-0 ");
	assert_false(list_says_talking());
	/* a stream that is taken away talks no more, whether or not a worker says so */
	talks(true);
	heard_of_ann("+0 ");
	assert_int_equal(publish_as(ann, "{'request':'configure'}", "Av", "ann1", false), 0);
	heard_of_ann("-0 ");
	assert_false(list_says_talking());
}

static void levels_take_effect_at_once(void **state)
{
	(void)state;
	publish_ann("", "{'request':'publish'}", false);
	assert_int_equal(ask(ann, "{'request':'configure','audio_active_packets':7,'audio_"
				  "level_average':50}"),
		0);
	assert_int_equal(cmd_of(CMD_WATCH_LEVEL)->watch.packets, 7);
	assert_int_equal(cmd_of(CMD_WATCH_LEVEL)->watch.level, 50);
}

/* ---- places ---- */

static int begin_claimable(void **state)
{
	static const char *const sets[] = { "cardea.plugin.videoroom:sfu.path=",
		"cardea:general.reclaim_session_timeout=60", NULL };
	return begin_room_with(sets, state);
}

/* A participant of id 1 in a session of client 2's. @return its handle */
static uint64_t join_as_another_client(uint64_t *session)
{
	json_t *msg;
	*session = create_session(2);
	say(2,
		"{'janus':'attach','transaction':'a','session_id':%" PRIu64
		",'plugin':'janus.plugin.videoroom'}",
		*session);
	uint64_t handle = hears_id(2);
	say(2,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':" JOIN "}",
		*session, handle, 1);
	while ((msg = hear(2)))
		json_decref(msg);
	return handle;
}

/* What @p who has heard of: "leaving 1". */
static bool heard_that(uint64_t client, const char *what, json_int_t id)
{
	json_t *msg;
	bool did = false;
	while ((msg = hear(client))) {
		did |= json_integer_value(json_object_get(plugin_data(msg), what)) == id;
		json_decref(msg);
	}
	return did;
}

static void a_place_is_kept_by_who_is_there(void **state)
{
	uint64_t session;
	(void)state;
	create_room("");
	join_as_another_client(&session);
	assert_int_equal(ask(ann, "{'request':'join','room':5,'ptype':'publisher','id':1}"), 436);
}

static void a_place_is_lost_by_whose_connection_is_gone(void **state)
{
	uint64_t session;
	(void)state;
	create_room("");
	join(bob, 2);
	uint64_t handle = join_as_another_client(&session);
	listen_on();
	cardea_transport_gone(&fake_transport, 2, false);
	turn();
	assert_false(heard_that(1, "leaving", 1));
	say(1,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':" JOIN "}",
		s, ann->handle, 1);
	assert_true(heard_that(1, "leaving", 1));
	assert_int_equal(ask(ann, "{'request':'configure'}"), 0);
	assert_non_null(session_find(session));
	assert_null(handle_find(session_find(session), handle));
}

static void who_says_goodbye_leaves_at_once_and_may_join_again(void **state)
{
	uint64_t session;
	(void)state;
	create_room("");
	join(bob, 2);
	uint64_t handle = join_as_another_client(&session);
	listen_on();
	cardea_transport_gone(&fake_transport, 2, true);
	turn();
	assert_true(heard_that(1, "leaving", 1));
	say(3, "{'janus':'claim','transaction':'c','session_id':%" PRIu64 "}", session);
	json_decref(hear(3));
	say(3,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':" JOIN "}",
		session, handle, 1);
	assert_true(heard_that(3, "id", 1));
	listen_on();
}

#define CLAIMABLE(fn) cmocka_unit_test_setup_teardown(fn, begin_claimable, end_room)
#define TEST(fn)      cmocka_unit_test_setup_teardown(fn, begin_room, end_room)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_bitrate_of_0_lifts_the_cap_of_the_room),
		TEST(no_publisher_lifts_what_is_a_cap_for_all),
		TEST(mutes_count_with_an_offer),
		TEST(a_refused_offer_changes_nothing),
		TEST(a_subscribers_offer_is_refused_whatever_asks_for_it),
		TEST(a_subscription_has_no_more_streams_than_an_offer),
		TEST(an_answer_counts_whatever_brings_it),
		TEST(feeds_that_are_encrypted_do_not_mix_with_others),
		TEST(who_turns_to_encryption_is_let_go_of),
		TEST(lists_end_talking_when_the_worker_says_so),
		TEST(levels_take_effect_at_once),
		CLAIMABLE(a_place_is_kept_by_who_is_there),
		CLAIMABLE(a_place_is_lost_by_whose_connection_is_gone),
		CLAIMABLE(who_says_goodbye_leaves_at_once_and_may_join_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
