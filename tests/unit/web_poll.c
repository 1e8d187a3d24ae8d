/* SPDX-License-Identifier: Apache-2.0 */
/* Long polls (transports/http/poll.c), without a network. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "text.h"
#include "../../transports/http/answer.h"
#include "../../transports/http/poll.h"

/* The web host, played by the test: exchanges are numbers, answers are written down. */
#define N_EXCHANGES 64
static struct {
	int status;
	char body[256];
	bool gone;
} exchanges[N_EXCHANGES];

void answer_text(uint64_t id, struct cardea_text *text)
{
	assert_int_equal(exchanges[id].status, 0);
	exchanges[id].status = 200;
	snprintf(exchanges[id].body, sizeof exchanges[id].body, "%s", text->data);
	cardea_text_drop(text);
}

void answer_empty(uint64_t id, int status, const struct cardea_web_request *r, const char *location)
{
	assert_null(r);
	assert_null(location);
	exchanges[id].status = status;
}

bool cardea_web_hold(uint64_t id, unsigned ms)
{
	assert_int_equal(ms, 30000);
	return !exchanges[id].gone && !exchanges[id].status;
}

static int fresh(void **state)
{
	(void)state;
	memset(exchanges, 0, sizeof exchanges);
	poll_own(7, true);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	poll_stop();
	return 0;
}

static void event(const char *text)
{
	poll_event(7, cardea_web_text(text, strlen(text)));
}

static void begin(uint64_t id, unsigned maxev)
{
	poll_begin(id, 7, maxev);
	poll_allowed(id, 7, 200);
}

static void expect(uint64_t id, const char *body)
{
	assert_int_equal(exchanges[id].status, 200);
	assert_string_equal(exchanges[id].body, Q(body));
	poll_ended(id, true);
}

static void answers_at_once_what_waits(void **state)
{
	(void)state;
	event("1");
	event("2");
	event("3");
	begin(1, 1);
	expect(1, "1");
	begin(2, 10);
	expect(2, "[2,3]");
}

static void takes_no_more_than_asked_for(void **state)
{
	(void)state;
	event("1");
	event("2");
	event("3");
	begin(1, 2);
	expect(1, "[1,2]");
	begin(2, 2);
	expect(2, "[3]");
}

static void holds_until_an_event_comes(void **state)
{
	(void)state;
	begin(1, 1);
	assert_int_equal(exchanges[1].status, 0);
	event("1");
	expect(1, "1");
}

static void says_keepalive_when_late(void **state)
{
	(void)state;
	begin(1, 1);
	begin(2, 2);
	assert_true(poll_late(1));
	assert_true(poll_late(2));
	expect(1, "{'janus':'keepalive'}");
	expect(2, "[{'janus':'keepalive'}]");
	assert_false(poll_late(3));
}

static void the_first_event_ends_all_polls(void **state)
{
	(void)state;
	begin(1, 1);
	begin(2, 5);
	event("1");
	expect(1, "{'janus':'keepalive'}");
	expect(2, "[1]"); /* the newest */
	event("2");
	begin(3, 1);
	expect(3, "2");
}

static void keeps_what_was_not_delivered(void **state)
{
	(void)state;
	begin(1, 10);
	event("1");
	event("2");
	poll_ended(1, false);
	begin(2, 10);
	expect(2, "[1,2]");
}

static void gives_what_was_not_delivered_to_a_waiting_poll(void **state)
{
	(void)state;
	begin(1, 1);
	event("1");
	begin(2, 1);
	assert_int_equal(exchanges[2].status, 0);
	poll_ended(1, false);
	expect(2, "1");
}

static void a_client_that_left_before_the_answer_takes_nothing(void **state)
{
	(void)state;
	begin(1, 1);
	poll_ended(1, false);
	event("1");
	assert_int_equal(exchanges[1].status, 0);
	begin(2, 1);
	expect(2, "1");
}

static void leaves_events_when_gone_before_the_core_has_spoken(void **state)
{
	(void)state;
	event("1");
	poll_begin(1, 7, 1);
	exchanges[1].gone = true;
	poll_allowed(1, 7, 200);
	poll_ended(1, false);
	poll_allowed(1, 7, 200);
	begin(2, 1);
	expect(2, "1");
}

static void hands_on_what_the_core_refuses(void **state)
{
	(void)state;
	poll_begin(1, 7, 1);
	poll_allowed(1, 7, 403);
	assert_int_equal(exchanges[1].status, 403);
	poll_begin(2, 8, 1);
	poll_allowed(2, 8, 200); /* it has moved away meanwhile */
	assert_int_equal(exchanges[2].status, 404);
}

static void a_session_that_leaves_ends_its_polls(void **state)
{
	(void)state;
	begin(1, 1);
	begin(2, 5);
	poll_own(7, false);
	expect(1, "{'janus':'keepalive'}");
	expect(2, "[{'janus':'keepalive'}]");
	event("lost");
	poll_own(7, true);
	begin(3, 1);
	assert_int_equal(exchanges[3].status, 0);
}

static void finds_its_way_among_many_sessions(void **state)
{
	(void)state;
	for (uint64_t id = 1000; id < 3000; id++)
		poll_own(id, true);
	for (uint64_t id = 1000; id < 3000; id += 2)
		poll_own(id, false);
	poll_event(1501, cardea_web_text("a", 1));
	poll_event(1500, cardea_web_text("b", 1));
	poll_begin(1, 1501, 1);
	poll_allowed(1, 1501, 200);
	expect(1, "a");
	poll_begin(2, 1500, 1);
	poll_allowed(2, 1500, 200);
	assert_int_equal(exchanges[2].status, 404);
}

static void stops_with_events_and_polls_about(void **state)
{
	(void)state;
	begin(1, 1);
	event("1");
	event("2");
	begin(2, 1);
}

static void answers_the_oldest_of_more_than_sixteen(void **state)
{
	(void)state;
	for (uint64_t id = 1; id <= 16; id++)
		begin(id, 1);
	assert_int_equal(exchanges[1].status, 0);
	begin(17, 1);
	expect(1, "{'janus':'keepalive'}");
	assert_int_equal(exchanges[2].status, 0);
	poll_ended(5, false); /* one that gives up makes room */
	begin(18, 1);
	assert_int_equal(exchanges[2].status, 0);
	event("1");
	expect(18, "1");
	expect(2, "{'janus':'keepalive'}");
}

static void large(uint64_t session_id, size_t len)
{
	struct cardea_text *t = malloc(sizeof *t + len + 1);
	assert_non_null(t);
	t->refs = 1;
	t->len = len;
	memset(t->data, 'x', len);
	t->data[len] = '\0';
	poll_event(session_id, t);
}

/* How many events wait for a session; takes them. */
static unsigned count_waiting(uint64_t session_id)
{
	unsigned n = 0;
	for (;; n++) {
		memset(&exchanges[1], 0, sizeof exchanges[1]);
		poll_begin(1, session_id, 1);
		poll_allowed(1, session_id, 200);
		if (!exchanges[1].status)
			break;
		poll_ended(1, true);
	}
	poll_ended(1, false);
	return n;
}

static void keeps_few_events_once_many_wait_for_all(void **state)
{
	const size_t mib = 1 << 20;
	(void)state;
	for (unsigned i = 0; i < 10; i++) /* 8 MiB are a session's own bound */
		large(7, mib);
	for (uint64_t id = 100; id < 120; id++) {
		poll_own(id, true);
		for (unsigned i = 0; i < 7; i++)
			large(id, mib);
		for (unsigned i = 0; i < 10; i++)
			poll_event(id, cardea_web_text("0123456789", 10));
	}
	poll_own(7, false);
	assert_int_equal(count_waiting(119), 1); /* the first has room, however large */
	poll_own(200, true);
	for (unsigned i = 0; i < 20; i++)
		poll_event(200, cardea_web_text("0123456789", 10));
	assert_int_equal(count_waiting(200), 20);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fresh, clean)
	const struct CMUnitTest tests[] = {
		T(answers_at_once_what_waits),
		T(takes_no_more_than_asked_for),
		T(holds_until_an_event_comes),
		T(says_keepalive_when_late),
		T(the_first_event_ends_all_polls),
		T(keeps_what_was_not_delivered),
		T(gives_what_was_not_delivered_to_a_waiting_poll),
		T(a_client_that_left_before_the_answer_takes_nothing),
		T(leaves_events_when_gone_before_the_core_has_spoken),
		T(hands_on_what_the_core_refuses),
		T(a_session_that_leaves_ends_its_polls),
		T(finds_its_way_among_many_sessions),
		T(stops_with_events_and_polls_about),
		T(answers_the_oldest_of_more_than_sixteen),
		T(keeps_few_events_once_many_wait_for_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
