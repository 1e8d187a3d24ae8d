/* SPDX-License-Identifier: Apache-2.0 */
/* What the worst requests of a video room cost: no turn of the control thread may be long. Time is
 * that of this thread alone, and is measured by a piece of work that takes this very machine and
 * build some milliseconds. */
#include <time.h>
#include "room_world.h"

#define PUBLISHER_LINES 100
#define WATCHERS        400
#define TIMES_AT_MOST \
	8.0 /* as long as that work: some 40 ms, twice what a turn may take; machines differ */

static double unit_us;

static double cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* 4,000 small objects made, printed and freed. */
static void work(void)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < 4000; i++)
		json_array_append_new(
			list, json_pack("{s:i, s:s, s:s, s:b}", "mindex", (int)i, "type", "video",
				      "codec", "vp8", "moderated", 1));
	free(json_dumps(list, JSON_COMPACT));
	json_decref(list);
}

static void measure_unit(void)
{
	unit_us = 1e9;
	for (unsigned i = 0; i < 5; i++) {
		double before = cpu_us();
		work();
		unit_us = MIN(unit_us, cpu_us() - before);
	}
}

static json_t *message(const struct client *c, const char *body, const char *type, const char *sdp)
{
	g_autofree char *text = quote(g_strdup(body));
	json_t *q = json_pack("{s:s, s:s, s:I, s:I, s:o}", "janus", "message", "transaction", "m",
		"session_id", (json_int_t)s, "handle_id", (json_int_t)c->handle, "body",
		json_loads(text, 0, NULL));
	assert_non_null(json_object_get(q, "body"));
	if (sdp)
		json_object_set_new(q, "jsep", json_pack("{s:s, s:s}", "type", type, "sdp", sdp));
	return q;
}

/* Give the server a request, and turn until nothing more is said. @return the longest turn in µs */
static double longest_turn(json_t *request)
{
	struct cardea_origin from = origin(1, false);
	double longest = 0;
	for (unsigned quiet = 0, before = n_sent; quiet < 3; before = n_sent) {
		double begin = cpu_us();
		if (request)
			assert_true(cardea_transport_incoming(&from, request));
		request = NULL;
		turn();
		longest = MAX(longest, cpu_us() - begin);
		quiet = n_sent == before ? quiet + 1 : 0;
		now_us += 2000;
	}
	return longest;
}

static void judge(const char *what, double took_us)
{
	double most = unit_us * TIMES_AT_MOST;
	print_message(
		"%-36s %6.2f ms, %.2f of what it may be\n", what, took_us / 1e3, took_us / most);
	if (took_us > most)
		fail_msg("%s: %.1f units", what, took_us / unit_us);
}

static double run(json_t *request, bool is_refused)
{
	is_deaf = true;
	n_cmds = n_errors = 0;
	double longest = longest_turn(request);
	is_deaf = false;
	assert_int_equal(n_errors > 0, is_refused);
	return longest;
}

static void measure(const char *what, json_t *request, bool is_refused)
{
	judge(what, run(request, is_refused));
}

static void is_short(const struct client *c, const char *what, const char *body)
{
	measure(what, message(c, body, NULL, NULL), false);
}

/* Of what only reads, the best of three: pages that are touched for the first time, and others on
 * the machine who want its caches, are not what is measured. */
static void is_short_at_best(const struct client *c, const char *what, const char *body)
{
	double best = run(message(c, body, NULL, NULL), false);
	for (unsigned i = 0; i < 2; i++)
		best = MIN(best, run(message(c, body, NULL, NULL), false));
	judge(what, best);
}

static void is_refused(const struct client *c, const char *what, const char *body)
{
	measure(what, message(c, body, NULL, NULL), true);
}

/* @return what @p row says, @p n times, between two brackets */
static char *rows_of(const char *head, const char *row, unsigned n)
{
	GString *body = g_string_new(head);
	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(body, "%s%s", i ? "," : "", row);
	g_string_append(body, "]}");
	return g_string_free(body, FALSE);
}

/* "avav…" */
static char *lines_of(unsigned n)
{
	char *lines = g_strnfill(n, 'a');
	for (unsigned i = 1; i < n; i += 2)
		lines[i] = 'v';
	return lines;
}

static void joins(struct client *c, unsigned id, unsigned n_lines)
{
	g_autofree char *lines = lines_of(n_lines), *ufrag = g_strdup_printf("ufrag%u", id);
	join(c, id);
	assert_int_equal(publish_as(c, "{'request':'publish'}", lines, ufrag, false), 0);
	connect_client(c);
}

static int begin_hall(void **state)
{
	static const char *const sets[] = { "cardea:general.max_handles=6000",
		"cardea:general.session_timeout=0", "cardea.plugin.videoroom:sfu.path=", NULL };
	begin_room_with(sets, state);
	assert_int_equal(ask(boss, "{'request':'create','room':5,'publishers':1000}"), 0);
	measure_unit();
	return 0;
}

static struct client crowd[WATCHERS];

static void gather(void (*one)(struct client *c, unsigned i))
{
	for (unsigned i = 0; i < WATCHERS; i++) {
		crowd[i] = (struct client){ .talk = everybody[0].talk };
		n_cmds = 0;
		attach_client(&crowd[i]);
		one(&crowd[i], i);
	}
}

/* ---- long lists ---- */

#define SUBSCRIBER "{'request':'join','room':5,'ptype':'subscriber','streams':["

static void a_feed_named_over_and_over_is_refused(void **state)
{
	(void)state;
	joins(ann, 1, PUBLISHER_LINES);
	g_autofree char *thousand = rows_of(SUBSCRIBER, "{'feed':1}", 1000),
			*many = rows_of(SUBSCRIBER, "{'feed':1,'mid':'0'}", 40000),
			*three = rows_of(SUBSCRIBER, "{'feed':1}", 3),
			*two = rows_of(SUBSCRIBER, "{'feed':1}", 2);
	is_refused(bob, "a feed 1,000 times", thousand);
	is_refused(bob, "a stream 40,000 times", many);
	is_refused(bob, "300 lines", three);
	assert_int_equal(ask(bob, thousand), 430);
	assert_int_equal(ask(bob, many), 430);
	assert_int_equal(ask(bob, three), 430);
	is_short(bob, "200 lines", two);
}

static void what_a_full_subscription_asks_for_is_short(void **state)
{
	static const struct {
		const char *what, *head, *row;
	} rows[] = {
		{ "configure: rows", "{'request':'configure','streams':[",
			"{'mid':'7','substream':0,'temporal':0,'send':true}" },
		{ "unsubscribe: unknown", "{'request':'unsubscribe','streams':[",
			"{'sub_mid':'none'}" },
		{ "unsubscribe: unknown of a feed", "{'request':'unsubscribe','streams':[",
			"{'feed':1,'mid':'none'}" },
		{ "switch", "{'request':'switch','streams':[",
			"{'feed':1,'mid':'1','sub_mid':'1'}" },
		{ "unsubscribe", "{'request':'unsubscribe','streams':[", "{'feed':1}" },
	};
	(void)state;
	joins(ann, 1, PUBLISHER_LINES);
	g_autofree char *all = rows_of(SUBSCRIBER, "{'feed':1},{'feed':1}", 1);
	assert_int_equal(ask(bob, all), 0);
	accept_offers(bob);
	connect_client(bob);
	is_short(bob, "configure: update", "{'request':'configure','update':true}");
	is_short(bob, "configure: all", "{'request':'configure','substream':1}");
	is_short(bob, "pause", "{'request':'pause'}");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *body = rows_of(rows[i].head, rows[i].row, 256),
				*flood = rows_of(rows[i].head, rows[i].row, 10000);
		is_refused(bob, "the same 10,000 times", flood);
		is_short(bob, rows[i].what, body);
	}
}

static void what_a_publisher_of_many_streams_asks_for_is_short(void **state)
{
	(void)state;
	joins(ann, 1, 256);
	g_autofree char *rows = rows_of("{'request':'configure','streams':[",
				"{'mid':'255','send':false,'keyframe':true,'min_delay':1}", 256),
			*labels = rows_of("{'request':'configure','descriptions':[",
				"{'mid':'255','description':'x'}", 256),
			*lines = lines_of(256), *sdp = offer_sdp(lines, "ufrag1");
	is_short(ann, "publisher: rows", rows);
	is_short(ann, "publisher: all", "{'request':'configure','send':false,'min_delay':1}");
	is_short(ann, "publisher: descriptions", labels);
	measure("publisher: an offer of 256 m-lines",
		message(ann, "{'request':'configure'}", "offer", sdp), false);
}

/* ---- many people ---- */

static void watch_ann(struct client *c, unsigned i)
{
	(void)i;
	json_t *attached = ask_once(c, VIEW("1", ""), NULL, NULL, false);
	const json_t *jsep = json_object_get(attached, "jsep");
	g_autofree char *sdp = answer_sdp(json_string_value(json_object_get(jsep, "sdp")));
	assert_int_equal(ask_jsep(c, "{'request':'start'}", "answer", sdp, false), 0);
	connect_client(c);
	json_decref(attached);
}

static void a_feed_with_many_watchers_goes_in_portions(void **state)
{
	(void)state;
	joins(ann, 1, 2);
	gather(watch_ann);
	is_short(ann, "delays for all watchers",
		"{'request':'configure','min_delay':3,'max_delay':9}");
	unsigned before = n_sent;
	g_autofree char *stopped = offer_sdp("AV", "ufrag1");
	measure("streams that many watch stop",
		message(ann, "{'request':'configure'}", "offer", stopped), false);
	assert_true(n_sent - before >= WATCHERS); /* each has been offered anew */
	is_short(ann, "a feed that many watch goes", "{'request':'unpublish'}");
	assert_int_equal(publish_as(ann, "{'request':'publish'}", "av", "ann2", false), 0);
	is_short(boss, "a room with watchers ends", "{'request':'destroy','room':5}");
}

static void come_in(struct client *c, unsigned i)
{
	joins(c, 100 + i, 2);
}

static void a_room_of_many_is_told_in_time(void **state)
{
	(void)state;
	joins(ann, 1, PUBLISHER_LINES);
	gather(come_in);
	is_short(bob, "join", "{'request':'join','room':5,'ptype':'publisher','id':2}");
	is_short(boss, "listparticipants", "{'request':'listparticipants','room':5}");
	is_short(ann, "descriptions, told to all",
		"{'request':'configure','descriptions':[{'mid':'0','description':'x'}"
		"]}");
	is_short(ann, "leave", "{'request':'leave'}");
	is_short(boss, "destroy", "{'request':'destroy','room':5}");
}

/* A publisher of as many m-lines as there may be, then of fewer, until the room has all it may
 * have. */
static void fill_up(struct client *c, unsigned i)
{
	g_autofree char *lines = lines_of(256), *ufrag = g_strdup_printf("ufrag%u", i);
	join(c, 100 + i);
	int code = publish_as(c, "{'request':'publish'}", lines, ufrag, false);
	assert_int_equal(code, i < 16 ? 0 : 432);
	if (!code)
		connect_client(c);
}

static void a_room_has_only_so_many_streams(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 17; i++) {
		crowd[i] = (struct client){ .talk = everybody[0].talk };
		attach_client(&crowd[i]);
		fill_up(&crowd[i], i);
	}
	is_short(bob, "join, 4,096 streams there",
		"{'request':'join','room':5,'ptype':'publisher','id':2}");
	is_short(
		boss, "listparticipants, 4,096 streams", "{'request':'listparticipants','room':5}");
}

static void a_hall_that_is_full_is_told_in_time(void **state)
{
	(void)state;
	struct client guest = { .talk = everybody[0].talk };
	is_deaf = true;
	for (unsigned i = 1; i <= 5000; i++) {
		is_deaf = false;
		attach_client(&guest);
		is_deaf = true;
		g_autofree char *body = g_strdup_printf(JOIN, i);
		struct cardea_origin from = origin(1, false);
		assert_true(cardea_transport_incoming(&from, message(&guest, body, NULL, NULL)));
		turn();
	}
	is_refused(boss, "one more participant", "{'request':'join','room':5,'ptype':'publisher'}");
	is_short(&guest, "a name, told to 4,999", "{'request':'configure','display':'x'}");
	is_short(&guest, "another name", "{'request':'configure','display':'y'}");
	is_short(boss, "listparticipants of 5,000", "{'request':'listparticipants','room':5}");
	is_short(&guest, "leave, told to 4,999", "{'request':'leave'}");
	is_short(boss, "destroy", "{'request':'destroy','room':5}");
}

/* ---- many rooms ---- */

static void the_list_of_all_rooms_is_told_in_time(void **state)
{
	(void)state;
	g_autofree char *text = g_strnfill(1024, 'x'),
			*body = g_strdup_printf("{'request':'create','description':'%s'}", text);
	is_deaf = true;
	for (unsigned i = 1; i < 10000; i++) {
		struct cardea_origin from = origin(1, false);
		assert_true(cardea_transport_incoming(&from, message(boss, body, NULL, NULL)));
		if (i % 100 == 99)
			turn();
	}
	is_short_at_best(boss, "list", "{'request':'list'}");
	is_refused(boss, "one more", body);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin_hall, end_room)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_feed_named_over_and_over_is_refused),
		TEST(what_a_full_subscription_asks_for_is_short),
		TEST(what_a_publisher_of_many_streams_asks_for_is_short),
		TEST(a_feed_with_many_watchers_goes_in_portions),
		TEST(a_room_of_many_is_told_in_time),
		TEST(a_room_has_only_so_many_streams),
		TEST(a_hall_that_is_full_is_told_in_time),
		TEST(the_list_of_all_rooms_is_told_in_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
