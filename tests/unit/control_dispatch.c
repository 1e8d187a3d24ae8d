/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as a client sends them, and the very words of the answers. */
#include "control_world.h"

static void answers_ping_and_info_without_a_session(void **state)
{
	(void)state;
	say(1, "{'janus':'ping','transaction':'t2'}");
	hears(1, "{'janus':'pong','transaction':'t2'}");
	say(1, "{'janus':'info','transaction':'t1'}");
	json_t *info = hear(1);
	assert_string_equal(json_string_value(json_object_get(info, "janus")), "server_info");
	assert_string_equal(json_string_value(json_object_get(info, "transaction")), "t1");
	assert_true(json_integer_value(json_object_get(info, "version")) >= 1102);
	assert_int_equal(json_integer_value(json_object_get(info, "session-timeout")), 60);
	assert_non_null(json_object_get(json_object_get(info, "plugins"), "janus.plugin.probe"));
	assert_non_null(
		json_object_get(json_object_get(info, "transports"), "janus.transport.fake"));
	json_decref(info);
}

static void checks_the_common_fields_first(void **state)
{
	(void)state;
	static const struct {
		const char *request, *answer;
	} rows[] = {
		{ "[]", "{'janus':'error','error':{'code':456,'reason':'Missing "
			"mandatory element (transaction)'}}" },
		{ "{}", "{'janus':'error','error':{'code':456,'reason':'Missing "
			"mandatory element (transaction)'}}" },
		{ "{'janus':'ping'}", "{'janus':'error','error':{'code':456,'reason':"
				      "'Missing mandatory element (transaction)'}}" },
		{ "{'transaction':'x'}", "{'janus':'error','error':{'code':456,"
					 "'reason':'Missing mandatory element (janus)'}}" },
		{ "{'janus':5,'transaction':'x'}",
			"{'janus':'error','error':{'code':467,'reason':'Invalid element "
			"type (janus should be a string)'}}" },
		{ "{'janus':'ping','transaction':null}",
			"{'janus':'error','error':{'code':467,'reason':'Invalid element "
			"type (transaction should be a string)'}}" },
		{ "{'janus':'ping','transaction':5,'session_id':7}",
			"{'janus':'error','session_id':7,'error':{'code':467,'reason':"
			"'Invalid element type (transaction should be a string)'}}" },
		{ "{'janus':'create','transaction':'a','id':'abc'}",
			"{'janus':'error','error':{'code':467,'reason':'Invalid element "
			"type (id should be a positive integer)'}}" },
		{ "{'janus':'create','transaction':'a','id':-5}",
			"{'janus':'error','error':{'code':467,'reason':'Invalid element "
			"type (id should be a positive integer)'}}" },
		{ "{'janus':'create','transaction':'a','id':1.5}",
			"{'janus':'error','error':{'code':467,'reason':'Invalid element "
			"type (id should be a positive integer)'}}" },
		{ "{'janus':'nosuch','transaction':'t3'}",
			"{'janus':'error','transaction':'t3','error':{'code':457,"
			"'reason':'Unhandled request `nosuch` at this path'}}" },
		{ "{'janus':'attach','transaction':'t4','plugin':'janus.plugin.probe'}",
			"{'janus':'error','transaction':'t4','error':{'code':457,"
			"'reason':'Unhandled request `attach` at this path'}}" },
		{ "{'janus':'keepalive','session_id':1,'transaction':'t7'}",
			"{'janus':'error','session_id':1,'transaction':'t7','error':{"
			"'code':458,'reason':'No such session 1'}}" },
		{ "{'janus':'keepalive','session_id':'12','transaction':'t8'}",
			"{'janus':'error','transaction':'t8','error':{'code':457,"
			"'reason':'Unhandled request `keepalive` at this path'}}" },
		{ "{'janus':'keepalive','session_id':null,'transaction':'t10'}",
			"{'janus':'error','transaction':'t10','error':{'code':457,"
			"'reason':'Unhandled request `keepalive` at this path'}}" },
		{ "{'janus':'keepalive','handle_id':5,'transaction':'t11'}",
			"{'janus':'error','transaction':'t11','error':{'code':458,"
			"'reason':'Session not found'}}" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		say(1, "%s", rows[i].request);
		hears(1, "%s", rows[i].answer);
	}
	say(1, "'x'");
	hears_error(1, 454, NULL);
	say(1, "{'janus':'keepalive','session_id':-1,'transaction':'t9'}");
	hears_error(1, 458, NULL);
}

static void bounds_the_texts_that_clients_choose(void **state)
{
	(void)state;
	g_autofree char *fits = g_strnfill(1024, 'a'), *secret = g_strnfill(2049, 'a'),
			*name = g_strnfill(129, 'a');
	say(1, "{'janus':'ping','transaction':'%s'}", fits);
	hears(1, "{'janus':'pong','transaction':'%s'}", fits);
	/* Of one that is too long nothing is sent back. */
	say(1, "{'janus':'ping','transaction':'%sb'}", fits);
	hears(1, "{'janus':'error','error':{'code':467,'reason':'Invalid element type "
		 "(transaction should be a string of at most 1024 bytes)'}}");
	say(1, "{'janus':'%s','transaction':'t'}", name);
	hears_error(1, 467, "Invalid element type (janus should be a string of at most 128 bytes)");
	say(1, "{'janus':'create','transaction':'t','token':'%s'}", secret);
	hears(1, "{'janus':'error','transaction':'t','error':{'code':467,'reason':"
		 "'Invalid element type (token should be a string of at most 2048 bytes)'}}");
	uint64_t s = create_session(1);
	say(1,
		"{'janus':'attach','transaction':'t','session_id':%" PRIu64
		",'plugin':'janus.plugin.probe','opaque_id':'%sb'}",
		s, fits);
	hears_error(1, 467,
		"Invalid element type (opaque_id should be a string of at most 1024 bytes)");
}

static void creates_a_session_of_a_wanted_id_once(void **state)
{
	(void)state;
	say(1, "{'janus':'create','transaction':'t4','id':123456789}");
	hears(1, "{'janus':'success','transaction':'t4','data':{'id':123456789}}");
	say(1, "{'janus':'create','transaction':'t5','id':123456789}");
	hears(1, "{'janus':'error','session_id':123456789,'transaction':'t5','error':{"
		 "'code':468,"
		 "'reason':'Session ID already in use'}}");
	say(1, "{'janus':'create','transaction':'id0','id':0,'session_id':null}");
	assert_true(hears_id(1) < 1ULL << 53);
}

static void tells_levels_and_names_apart(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	const struct {
		const char *request;
		uint64_t handle;
		int code;
	} rows[] = {
		{ "info", 0, 453 },
		{ "ping", 0, 453 },
		{ "create", 0, 453 },
		{ "nosuch", 0, 453 },
		{ "nosuch", h, 453 },
		{ "message", 0, 457 },
		{ "trickle", 0, 457 },
		{ "hangup", 0, 457 },
		{ "detach", 0, 457 },
		{ "attach", h, 457 },
		{ "destroy", h, 457 },
		{ "hangup", 77, 459 },
		{ "destroy", 77, 459 },
		{ "keepalive", 77, 459 },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].handle)
			say(1,
				"{'janus':'%s','transaction':'t','session_id':%" PRIu64
				",'handle_id':%" PRIu64 "}",
				rows[i].request, s, rows[i].handle);
		else
			say(1, "{'janus':'%s','transaction':'t','session_id':%" PRIu64 "}",
				rows[i].request, s);
		hears_error(1, rows[i].code, NULL);
	}
	say(1,
		"{'janus':'KeepAlive','transaction':'','session_id':%" PRIu64
		",'handle_id':%" PRIu64 "}",
		s, h);
	hears(1, "{'janus':'ack','session_id':%" PRIu64 ",'transaction':''}", s);
	say(1, "{'janus':'keepalive','transaction':'2','session_id':%" PRIu64 ",'handle_id':null}",
		s);
	hears(1, "{'janus':'ack','session_id':%" PRIu64 ",'transaction':'2'}", s);
	for (unsigned i = 0; i < 2; i++) {
		say(1,
			"{'janus':'message','transaction':'t','session_id':%" PRIu64
			",'handle_id':%s,'body':{}}",
			s, i ? "'x'" : "0");
		hears_error(1, 459, "Handle not found");
	}
}

static void checks_attach(void **state)
{
	(void)state;
	uint64_t s = create_session(1);
	static const struct {
		const char *fields;
		int code;
		const char *reason;
	} rows[] = {
		{ "'x':1", 456, "Missing mandatory element (plugin)" },
		{ "'plugin':5", 467, "Invalid element type (plugin should be a string)" },
		{ "'plugin':'janus.plugin.nosuch'", 460, "No such plugin 'janus.plugin.nosuch'" },
		{ "'plugin':'Janus.Plugin.Probe'", 460, "No such plugin 'Janus.Plugin.Probe'" },
		{ "'plugin':'probe'", 460, "No such plugin 'probe'" },
		{ "'plugin':'janus.plugin.probe','opaque_id':5", 467,
			"Invalid element type (opaque_id should be a string)" },
		{ "'plugin':'janus.plugin.probe','loop_index':-1", 467,
			"Invalid element type (loop_index should be a positive integer)" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		say(1, "{'janus':'attach','transaction':'t','session_id':%" PRIu64 ",%s}", s,
			rows[i].fields);
		hears_error(1, rows[i].code, rows[i].reason);
	}
	refuse_attach = 3;
	say(1,
		"{'janus':'attach','transaction':'t','session_id':%" PRIu64
		",'plugin':'janus.plugin.probe'}",
		s);
	hears_error(1, 461, "Couldn't attach to plugin: error '3'");
	called("attach ");
	assert_int_equal(handles_count(), 0);
}

static void answers_in_the_name_the_client_used(void **state)
{
	(void)state;
	uint64_t s = create_session(1);
	say(1,
		"{'janus':'attach','transaction':'a','session_id':%" PRIu64
		",'plugin':'cardea.plugin.probe'}",
		s);
	uint64_t h = hears_id(1);
	say(1,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':{}}",
		s, h);
	hears(1,
		"{'janus':'success','session_id':%" PRIu64 ",'transaction':'m','sender':%" PRIu64
		",'plugindata':{'plugin':'cardea.plugin.probe','data':{'probe':'ok'}}}",
		s, h);
}

static void message(uint64_t client, uint64_t s, uint64_t h, const char *rest)
{
	say(client,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		"%s}",
		s, h, rest);
}

static void relays_what_a_plugin_decides(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	message(1, s, h, ",'body':{'do':'event'}");
	hears(1, "{'janus':'ack','session_id':%" PRIu64 ",'transaction':'m'}", s);
	hears(1,
		"{'janus':'event','session_id':%" PRIu64 ",'transaction':'m','sender':%" PRIu64
		",'plugindata':{'plugin':'janus.plugin.probe','data':{'probe':'later'}}"
		"}",
		s, h);
	message(1, s, h, ",'body':{'do':'refuse'}");
	hears(1,
		"{'janus':'error','session_id':%" PRIu64 ",'transaction':'m','error':{'code':462,"
		"'reason':'I would rather not'}}",
		s);
	message(1, s, h, ",'body':{'do':'nothing'}");
	hears_error(1, 462, NULL);
	message(1, s, h, ",'body':{'do':'twice'}");
	json_decref(hear(1));
	hears_nothing(1);
}

static void checks_message_and_jsep(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	static const struct {
		const char *fields;
		int code;
		const char *reason;
	} rows[] = {
		{ "", 456, "Missing mandatory element (body)" },
		{ ",'body':'x'", 467, "Invalid element type (body should be an object)" },
		{ ",'body':[]", 467, "Invalid element type (body should be an object)" },
		{ ",'body':null", 467, "Invalid element type (body should be an object)" },
		{ ",'body':{},'jsep':'x'", 455, "Invalid jsep object" },
		{ ",'body':{},'jsep':null", 455, "Invalid jsep object" },
		{ ",'body':{},'jsep':{}", 456, "JSEP error: missing mandatory element (type)" },
		{ ",'body':{},'jsep':{'type':'offer'}", 456,
			"JSEP error: missing mandatory element (sdp)" },
		{ ",'body':{},'jsep':{'type':'offer','sdp':5}", 467,
			"JSEP error: invalid element type (sdp should be a string)" },
		{ ",\"body\":{},\"jsep\":{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\",\"trickle\":"
		  "\"no\"}",
			467, "JSEP error: invalid element type (trickle should be a boolean)" },
		{ ",'body':{},'jsep':{'type':'rollback','sdp':'x'}", 464,
			"JSEP error: unknown message type 'rollback'" },
		{ ",'body':{},'jsep':{'type':'pranswer','sdp':'x'}", 464,
			"JSEP error: unknown message type 'pranswer'" },
		{ ",'body':{},'jsep':{'type':'offer','sdp':'garbage'}", 465,
			"Invalid SDP (doesn't start with v=)" },
		{ ",\"body\":{},\"jsep\":{\"type\":\"offer\",\"sdp\":\"v=0\\r\\no=- 1 1 IN IP4 "
		  "127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\n\"}",
			465, "Missing mandatory lines (o=, s= or m=)" },
		{ ",'body':{},'jsep':{'type':'answer','sdp':'v=0'}", 465,
			"Missing mandatory lines (o=, s= or m=)" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		message(1, s, h, rows[i].fields);
		hears_error(1, rows[i].code, rows[i].reason);
	}
	called("attach ");
}

static void sends_events_to_the_owner_and_answers_to_the_asker(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	message(2, s, h, ",'body':{'do':'event'}");
	json_t *ack = hear(2), *event = hear(1);
	assert_string_equal(json_string_value(json_object_get(ack, "janus")), "ack");
	assert_string_equal(json_string_value(json_object_get(event, "janus")), "event");
	json_decref(ack);
	json_decref(event);
	hears_nothing(1);
	hears_nothing(2);
}

static void acks_trickles_before_any_description(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	static const struct {
		const char *fields;
		int code;
	} rows[] = {
		{ "", 456 },
		{ ",'candidate':{'completed':true},'candidates':[]", 454 },
		{ ",'candidate':{'completed':true}", 0 },
		{ ",'candidate':'junk'", 0 },
		{ ",'candidates':'junk'", 0 },
		{ ",'candidate':{}", 0 },
		{ ",'candidate':null", 0 },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		say(1,
			"{'janus':'trickle','transaction':'t','session_id':%" PRIu64
			",'handle_id':%" PRIu64 "%s}",
			s, h, rows[i].fields);
		if (rows[i].code)
			hears_error(1, rows[i].code, NULL);
		else
			hears(1, "{'janus':'ack','session_id':%" PRIu64 ",'transaction':'t'}", s);
	}
}

static void detaches_and_destroys(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	for (unsigned i = 0; i < 2; i++)
		say(1,
			"{'janus':'detach','transaction':'d','session_id':%" PRIu64
			",'handle_id':%" PRIu64 "}",
			s, h);
	hears(1, "{'janus':'success','session_id':%" PRIu64 ",'transaction':'d'}", s);
	hears(1, "{'janus':'detached','session_id':%" PRIu64 ",'sender':%" PRIu64 "}", s, h);
	hears_error(1, 459, NULL);
	called("attach detach ");
	attach_handle(1, s);
	say(1, "{'janus':'destroy','transaction':'d','session_id':%" PRIu64 "}", s);
	hears(1, "{'janus':'success','session_id':%" PRIu64 ",'transaction':'d'}", s);
	hears_nothing(1);
	called("attach detach ");
	say(1, "{'janus':'keepalive','transaction':'t19','session_id':%" PRIu64 "}", s);
	hears(1,
		"{'janus':'error','session_id':%" PRIu64 ",'transaction':'t19','error':{'code':458,"
		"'reason':'No such session %" PRIu64 "'}}",
		s, s);
}

static void tells_the_plugin_of_a_hangup_without_a_connection(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	say(1,
		"{'janus':'hangup','transaction':'h','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		"}",
		s, h);
	hears(1, "{'janus':'success','session_id':%" PRIu64 ",'transaction':'h'}", s);
	hears(1,
		"{'janus':'event','session_id':%" PRIu64 ",'sender':%" PRIu64
		",'plugindata':{'plugin':'janus.plugin.probe','data':{'probe':'done'}}"
		"}",
		s, h);
	hears_nothing(1);
	called("attach hangup(Janus API) ");
}

static void ends_a_handle_after_the_hook_that_asked_for_it(void **state)
{
	(void)state;
	uint64_t s = create_session(1), h = attach_handle(1, s);
	message(1, s, h, ",'body':{'do':'end'}");
	json_t *reply = hear(1);
	assert_string_equal(json_string_value(json_object_get(reply, "janus")), "success");
	json_decref(reply);
	hears(1, "{'janus':'detached','session_id':%" PRIu64 ",'sender':%" PRIu64 "}", s, h);
	called("attach message still detach ");
	message(1, s, h, ",'body':{}");
	hears_error(1, 459, NULL);
}

static void answers_text_that_is_no_json(void **state)
{
	(void)state;
	struct cardea_origin from = origin(1, false);
	cardea_transport_garbage(&from, "Invalid Janus API request - oops");
	turn();
	hears(1, "{'janus':'error','error':{'code':454,'reason':'Invalid Janus API "
		 "request - oops'}}");
}

static void names_the_exchange_it_answers(void **state)
{
	(void)state;
	struct cardea_origin from = { .transport = &fake_transport, .client = 5, .request = 4711 };
	assert_true(cardea_transport_incoming(
		&from, json_pack("{s:s, s:s}", "janus", "ping", "transaction", "p")));
	turn();
	struct heard *h = g_queue_peek_head(&heard_by_all);
	assert_int_equal(h->request, 4711);
	hears(5, "{'janus':'pong','transaction':'p'}");
}

/* ---- addresses in `info` ---- */

static int begin_behind_nat(void **state)
{
	static const char *const sets[] = { "cardea:nat.ice_enforce_list=127.",
		"cardea:nat.nat_1_1_mapping=203.0.113.5, 203.0.113.6", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

static int begin_with_address(void **state)
{
	static const char *const sets[] = { "cardea:general.interface=192.0.2.9",
		"cardea:nat.nat_1_1_mapping=203.0.113.5", NULL };
	(void)state;
	begin_with(sets);
	return 0;
}

static void tells_addresses(const char *local, const char *public, unsigned n_public)
{
	say(1, "{'janus':'info','transaction':'t'}");
	json_t *info = hear(1);
	assert_string_equal(json_string_value(json_object_get(info, "local-ip")), local);
	assert_string_equal(json_string_value(json_object_get(info, "public-ip")), public);
	assert_int_equal(json_array_size(json_object_get(info, "public-ips")), n_public);
	json_decref(info);
}

static void tells_the_private_address_behind_a_nat(void **state)
{
	(void)state;
	tells_addresses("127.0.0.1", "203.0.113.5", 2);
}

static void tells_the_address_that_is_configured(void **state)
{
	(void)state;
	tells_addresses("192.0.2.9", "203.0.113.5", 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, finish)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_ping_and_info_without_a_session),
		TEST(checks_the_common_fields_first),
		TEST(bounds_the_texts_that_clients_choose),
		TEST(creates_a_session_of_a_wanted_id_once),
		TEST(tells_levels_and_names_apart),
		TEST(checks_attach),
		TEST(answers_in_the_name_the_client_used),
		TEST(relays_what_a_plugin_decides),
		TEST(checks_message_and_jsep),
		TEST(sends_events_to_the_owner_and_answers_to_the_asker),
		TEST(acks_trickles_before_any_description),
		TEST(detaches_and_destroys),
		TEST(tells_the_plugin_of_a_hangup_without_a_connection),
		TEST(ends_a_handle_after_the_hook_that_asked_for_it),
		TEST(answers_text_that_is_no_json),
		TEST(names_the_exchange_it_answers),
		cmocka_unit_test_setup_teardown(
			tells_the_private_address_behind_a_nat, begin_behind_nat, finish),
		cmocka_unit_test_setup_teardown(
			tells_the_address_that_is_configured, begin_with_address, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
