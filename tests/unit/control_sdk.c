/* SPDX-License-Identifier: Apache-2.0 */
/* What plugins build on: requests as tables, timers, the loader. */
#include <glib/gstdio.h>
#include "../../core/control/module.h"
#include "control_world.h"

/* ---- a plugin made of tables ---- */

static const struct cardea_field add_fields[] = {
	{ .name = "a", .type = CARDEA_INT, .required = true },
	{ .name = "b", .type = CARDEA_INT, .dflt = 10 },
	{ 0 },
};

static bool on_add(struct cardea_call *call)
{
	int64_t sum = cardea_int(&call->args, "a") + cardea_int(&call->args, "b");
	if (sum > 100)
		return cardea_fail(call->error, 499, "Too much (%d)", (int)sum);
	call->data = json_pack("{s:I}", "sum", (json_int_t)sum);
	return true;
}

static bool on_quiet(struct cardea_call *call)
{
	cardea_event(call->handle, call->transaction, json_pack("{s:s}", "own", "event"), NULL);
	return true;
}

static bool may_guard(struct cardea_call *call)
{
	return cardea_fail(call->error, 424, "Not '%s'", call->request);
}

static bool on_list(struct cardea_call *call)
{
	call->data = json_pack("{s:i, s:n}", "n", 2, "list");
	call->inner = strdup(Q("[1,{'a':2}]"));
	return true;
}

static bool on_tell(struct cardea_call *call)
{
	struct cardea_handle *const all[] = { call->handle, call->handle };
	cardea_event_all(all, 2, json_pack("{s:{s:i}}", "to", "all", 2));
	return true;
}

/* An answer that cannot be made: Latin-1. */
static bool on_garble(struct cardea_call *call)
{
	call->data = json_pack("{s:s}", "name", "Z\xfcrich");
	return true;
}

static bool on_garble_later(struct cardea_call *call)
{
	cardea_event(
		call->handle, call->transaction, json_pack("{s:s}", "name", "Z\xfcrich"), NULL);
	return true;
}

static const struct cardea_request requests[] = {
	{ .name = "guarded", .fields = add_fields, .fn = on_add, .async = true, .may = may_guard },
	{ .name = "list", .fn = on_list },
	{ .name = "tell", .fn = on_tell, .async = true },
	{ .name = "add", .fields = add_fields, .fn = on_add },
	{ .name = "addlater", .fields = add_fields, .fn = on_add, .async = true },
	{ .name = "quiet", .fn = on_quiet, .async = true },
	{ .name = "garble", .fn = on_garble },
	{ .name = "garblelater", .fn = on_garble_later, .async = true },
	{ 0 },
};
static const struct cardea_dialect dialect = { .marker = "table",
	.codes = { .missing = 429, .invalid = 430 },
	.unknown_request = 423,
	.missing_request = 456 };

static void table_message(struct cardea_handle *h, struct cardea_message *m)
{
	cardea_serve(h, m, requests, &dialect);
}

static int table_attach(struct cardea_handle *h)
{
	(void)h;
	return 0;
}

static void table_detach(struct cardea_handle *h)
{
	(void)h;
}

static json_t *table_admin(const json_t *request)
{
	return cardea_serve_admin(request, requests, &dialect);
}

static const struct cardea_plugin table = {
	.size = sizeof(struct cardea_plugin),
	.abi = CARDEA_PLUGIN_ABI,
	.name = "table",
	.attach = table_attach,
	.detach = table_detach,
	.message = table_message,
	.admin = table_admin,
};

static uint64_t s, h;

static int begin_table(void **state)
{
	begin(state);
	assert_null(plugin_add(&table, NULL, NULL));
	s = create_session(1);
	say(1,
		"{'janus':'attach','transaction':'a','session_id':%" PRIu64
		",'plugin':'janus.plugin.table'}",
		s);
	h = hears_id(1);
	return 0;
}

static void body(const char *text)
{
	say(1,
		"{'janus':'message','transaction':'m','session_id':%" PRIu64 ",'handle_id':%" PRIu64
		",'body':%s}",
		s, h, text);
}

static void hears_data(const char *kind, const char *data)
{
	hears(1,
		"{'janus':'%s','session_id':%" PRIu64 ",'transaction':'m','sender':%" PRIu64
		",'plugindata':{'plugin':'janus.plugin.table','data':%s}}",
		kind, s, h, data);
}

static void hears_ack(void)
{
	hears(1, "{'janus':'ack','session_id':%" PRIu64 ",'transaction':'m'}", s);
}

static void serves_requests_by_their_table(void **state)
{
	(void)state;
	body("{'request':'ADD','a':1}");
	hears_data("success", "{'sum':11}");
	body("{'request':'addLater','a':1,'b':2}");
	hears_ack();
	hears_data("event", "{'sum':3}");
	body("{'request':'quiet'}");
	hears_ack();
	hears_data("event", "{'own':'event'}");
	hears_nothing(1);
}

static void judges_who_may_before_the_fields(void **state)
{
	(void)state;
	body("{'request':'Guarded','a':'x'}");
	hears_ack();
	hears_data("event", "{'table':'event','error_code':424,'error':'Not `guarded`'}");
}

/* In every style of texts. */
static void takes_what_is_printed_already(void **state)
{
	(void)state;
	for (text_style = 0; text_style < 3; text_style++) {
		body("{'request':'list'}");
		hears_data("success", "{'n':2,'list':[1,{'a':2}]}");
		body("{'request':'tell'}");
		hears_ack();
		for (unsigned i = 0; i < 2; i++)
			hears(1,
				"{'janus':'event','session_id':%" PRIu64 ",'sender':%" PRIu64
				",'plugindata':{'plugin':'janus.plugin.table','data':"
				"{'to':{'all':2}}}}",
				s, h);
	}
	text_style = 0;
}

static void tells_of_an_answer_that_is_no_json(void **state)
{
	static const char lost[] = "{'janus':'error','session_id':%" PRIu64
				   ",'transaction':'m','error':{'code':462,'reason':'The "
				   "plugin`s answer cannot be written as JSON'}}";
	(void)state;
	body("{'request':'garble'}");
	hears(1, lost, s);
	body("{'request':'garbleLater'}");
	hears_ack();
	hears(1, lost, s);
	hears_nothing(1);
}

static void quotes_what_was_said_as_utf_8(void **state)
{
	char request[300] = "{'request':'x", want[400];
	(void)state;
	for (int i = 0; i < 60; i++) /* a cut at 100 bytes is inside one of them */
		strcat(request, "\u00e9");
	snprintf(want, sizeof want,
		"{'table':'event','error_code':423,'error':'Unknown request `%.*s`'}", 99,
		request + strlen(Q("{'request':'")));
	strcat(request, "'}");
	body(request);
	hears_data("success", want);
}

static void words_mistakes_in_the_dialect(void **state)
{
	(void)state;
	body("{'request':'add'}");
	hears_data("success", "{'table':'event','error_code':429,'error':'Missing "
			      "mandatory element (a)'}");
	body("{'request':'addlater','a':'1'}");
	hears_ack();
	hears_data("event", "{'table':'event','error_code':430,'error':'Invalid element "
			    "type (a should be an integer)'}");
	body("{'request':'add','a':99}");
	hears_data("success", "{'table':'event','error_code':499,'error':'Too much (109)'}");
	body("{'request':'sub'}");
	hears_data("success", "{'table':'event','error_code':423,'error':'Unknown request `sub`'}");
	body("{}");
	hears_data("success", "{'table':'event','error_code':456,'error':'Missing "
			      "mandatory element (request)'}");
}

static void serves_the_admin_api(void **state)
{
	(void)state;
	static const struct {
		const char *request, *response;
	} rows[] = {
		{ "{'request':'add','a':5}", "{'sum':15}" },
		{ "{'request':'quiet'}", "{'table':'event','error_code':423,'error':"
					 "'Request `quiet` needs a handle'}" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		json_t *request = json_loads(Q(rows[i].request), 0, NULL),
		       *response = table_admin(request);
		char *text = json_dumps(response, JSON_COMPACT);
		assert_string_equal(text, Q(rows[i].response));
		free(text);
		json_decref(request);
		json_decref(response);
	}
}

/* ---- timers ---- */

static unsigned ticks;
static uint64_t timer;

static void tick(void *arg)
{
	if (++ticks == *(unsigned *)arg)
		cardea_timer_stop(timer);
}

static void ticks_until_stopped(void **state)
{
	(void)state;
	unsigned last = 3;
	ticks = 0;
	timer = cardea_timer(1000, tick, &last);
	pass(0.5);
	assert_int_equal(ticks, 0);
	pass(1);
	assert_int_equal(ticks, 1);
	pass(10);
	assert_int_equal(ticks, 3);
	cardea_timer_stop(timer); /* an old id: nothing */
	last = 0;
	timer = cardea_timer(1000, tick, &last);
	cardea_timer_stop(timer);
	pass(3);
	assert_int_equal(ticks, 3);
	cardea_timer(1000, tick, &last); /* left to the end of the server */
}

/* ---- the loader ---- */

static void leaves_out_what_does_not_fit(void **state)
{
	(void)state;
	struct cardea_plugin twin = table, hookless = table;
	hookless.name = "hookless";
	hookless.message = NULL;
	assert_non_null(plugin_add(&twin, NULL, NULL));
	assert_non_null(plugin_add(&hookless, NULL, NULL));
	assert_int_equal(plugins_count(), 2);
	assert_null(plugin_find("janus.plugin.hookless"));
}

static const char *no_module(const void *module, void *dl, const char *path)
{
	(void)module, (void)dl, (void)path;
	fail_msg("a text file is no module");
	return NULL;
}

static void survives_files_that_are_no_modules(void **state)
{
	(void)state;
	char *folder = g_dir_make_tmp("cardea-XXXXXX", NULL),
	     *file = g_build_filename(folder, "libjanus_text.so", NULL);
	assert_true(g_file_set_contents(file, "not a module", -1, NULL));
	assert_int_equal(modules_open(folder, &module_plugin, NULL, no_module), 1);
	assert_int_equal(modules_open(folder, &module_plugin, "libjanus_text.so", no_module), 1);
	g_remove(file);
	assert_int_equal(modules_open(folder, &module_plugin, NULL, no_module), 0);
	g_rmdir(folder);
	g_free(file);
	g_free(folder);
}

static void knows_all_spellings_of_a_module(void **state)
{
	(void)state;
	static const char *const yes[] = { "echotest", "a, echotest ,b", "echotest.so",
		"libjanus_echotest.so", "libcardea_echotest.so", "janus.plugin.echotest",
		"cardea.plugin.echotest" };
	static const char *const no[] = { "", "echo", "echotest2", "libjanus_echo.so",
		"janus.plugin." };
	for (size_t i = 0; i < G_N_ELEMENTS(yes); i++)
		assert_true(module_listed(yes[i], "echotest"));
	for (size_t i = 0; i < G_N_ELEMENTS(no); i++)
		assert_false(module_listed(no[i], "echotest"));
	assert_false(module_listed(NULL, "echotest"));
}

/* ---- media ---- */

static void routes_only_what_there_is(void **state)
{
	(void)state;
	struct cardea_want want = { .size = sizeof want };
	uint64_t own = create_session(2);
	attach_handle(2, own);
	struct cardea_track none = { last_attached, 0 };
	assert_false(cardea_route(none, none, &want));
	cardea_unroute(none);
	cardea_keyframe(none);
	cardea_mute(none, true);
	cardea_limit(last_attached, 1000);
	cardea_watch_level(none, 100, 25);
	cardea_close(last_attached);
	assert_int_equal(n_cmds, 0);
	called("attach ");
}

/* ---- a transport's queries ---- */

static int style_set;

static void set_style(int style)
{
	style_set = style;
}

static json_t *connections(void)
{
	return json_pack("{s:i}", "connections", 3);
}

static void answers_queries_of_a_transport(void **state)
{
#define EVENTS_OFF "'Event handlers disabled at the core level'"
#define BAD_STYLE  "'Ignored unsupported indentation format'"
	static const struct {
		const char *request, *answer;
		int style;
	} rows[] = {
		{ "{'request':'Connections'}", "{'connections':3}", -1 },
		{ "{'request':'configure'}", "{'result':200}", -1 },
		{ "{'request':'configure','json':'Indented','logging':'err'}", "{'result':200}",
			2 },
		{ "{'request':'configure','json':'plain','events':false}", "{'result':200}", 1 },
		{ "{'request':'configure','json':'compact','events':true}",
			"{'result':200,'notes':[" EVENTS_OFF "]}", 0 },
		{ "{'request':'configure','json':'nosuch','events':true}",
			"{'result':200,'notes':[" EVENTS_OFF "," BAD_STYLE "]}", -1 },
		{ "{'request':'configure','json':1}",
			"{'error_code':413,'error':'Invalid element type (json should be a "
			"string)'}",
			-1 },
		{ "{'request':'nosuch'}", "{'error_code':411,'error':'Unknown request `nosuch`'}",
			-1 },
		{ "{}", "{'error_code':412,'error':'Missing mandatory element (request)'}", -1 },
		{ "{'request':7}",
			"{'error_code':413,'error':'Invalid element type (request should be a "
			"string)'}",
			-1 },
	};
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		json_t *request = json_loads(Q(rows[i].request), 0, NULL);
		style_set = -1;
		json_t *answer = cardea_serve_query(request, set_style, connections);
		char *got = json_dumps(answer, JSON_COMPACT);
		assert_string_equal(got, Q(rows[i].answer));
		assert_int_equal(style_set, rows[i].style);
		free(got);
		json_decref(answer);
		json_decref(request);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin_table, finish)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(serves_requests_by_their_table),
		TEST(judges_who_may_before_the_fields),
		TEST(takes_what_is_printed_already),
		TEST(tells_of_an_answer_that_is_no_json),
		TEST(quotes_what_was_said_as_utf_8),
		TEST(words_mistakes_in_the_dialect),
		TEST(serves_the_admin_api),
		TEST(ticks_until_stopped),
		TEST(leaves_out_what_does_not_fit),
		TEST(survives_files_that_are_no_modules),
		TEST(knows_all_spellings_of_a_module),
		TEST(routes_only_what_there_is),
		TEST(answers_queries_of_a_transport),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
