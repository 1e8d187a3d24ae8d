/* SPDX-License-Identifier: Apache-2.0 */
/* Event handlers: the queue before one, the envelope, which of them are on. Turns the control side
 * by hand. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include "control_world.h"
#include "../../core/control/event.h"
#include "../../core/control/event_queue.h"
#include "../../core/control/eventhandlers.h"
#include "../../core/control/options.h"
#include "../../core/control/text.h"

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER; /* held: the handler is held up */
static char told[200];                                   /* read when its thread is over */
static _Atomic unsigned n_told;

static void deliver(const struct cardea_told *events, unsigned n)
{
	pthread_mutex_lock(&gate);
	for (unsigned i = 0; i < n; i++)
		strncat(told, events[i].text, sizeof told - strlen(told) - 1);
	n_told += n;
	pthread_mutex_unlock(&gate);
}

static struct event_queue *queue(unsigned max_events, size_t max_bytes)
{
	const struct event_queue_conf c = { "test", deliver, max_events, max_bytes };
	told[0] = '\0';
	n_told = 0;
	struct event_queue *q = event_queue_create(&c);
	assert_non_null(q);
	return q;
}

static bool push(struct event_queue *q, int n)
{
	json_t *tree = json_pack("[i]", n);
	struct cardea_text *t = text_print(tree, JSON_STYLE_COMPACT);
	bool is_taken = event_queue_push(q, CARDEA_EVENT_CORE, t);
	cardea_text_drop(t);
	json_decref(tree);
	return is_taken;
}

static void delivers_in_order_what_waits_at_its_end(void **state)
{
	(void)state;
	struct event_queue *q = queue(100, 1000);
	for (int i = 0; i < 9; i++)
		assert_true(push(q, i));
	assert_true(event_queue_end(q, 5000000));
	assert_string_equal(told, "[0][1][2][3][4][5][6][7][8]");
}

static void drops_and_counts_what_is_beyond_its_bounds(void **state)
{
	(void)state;
	pthread_mutex_lock(&gate);
	struct event_queue *q = queue(3, 1000);
	for (int i = 0; i < 5; i++)
		assert_int_equal(push(q, i), i < 3);
	assert_int_equal(event_queue_dropped(q), 2);
	pthread_mutex_unlock(&gate);
	assert_true(event_queue_end(q, 5000000));
	assert_string_equal(told, "[0][1][2]");
	pthread_mutex_lock(&gate);
	q = queue(100, 7);
	for (int i = 0; i < 4; i++)
		assert_int_equal(push(q, i), i < 2);
	pthread_mutex_unlock(&gate);
	assert_true(event_queue_end(q, 5000000));
	assert_string_equal(told, "[0][1]");
}

static void makes_room_as_it_delivers(void **state)
{
	(void)state;
	struct event_queue *q = queue(2, 1000);
	for (unsigned i = 0; i < 1000; i++) {
		while (n_told + 2 <= i)
			;
		while (!push(q, 7))
			;
	}
	assert_true(event_queue_end(q, 5000000));
	assert_int_equal(n_told, 1000);
}

/* ---- handlers ---- */

static unsigned wants;

static unsigned mask(void)
{
	return wants;
}

static struct cardea_eventhandler handler = { .name = "test", .mask = mask, .deliver = deliver };

static void builds_the_envelope_of_what_is_wanted(void **state)
{
	static const char *const sets[] = { "cardea.eventhandler.test:general.enabled=true",
		"cardea:general.server_name=me", NULL };
	(void)state;
	begin_with(sets);
	told[0] = '\0';
	wants = CARDEA_EVENT_SESSION | CARDEA_EVENT_CORE;
	assert_false(event_wanted(CARDEA_EVENT_ALL));
	assert_null(eventhandler_add(&handler, NULL));
	assert_true(event_wanted(CARDEA_EVENT_CORE));
	assert_false(event_wanted(CARDEA_EVENT_MEDIA));
	event_tell(&(struct event){ .type = CARDEA_EVENT_MEDIA }, json_object());
	event_tell(&(struct event){ CARDEA_EVENT_CORE, 2, 3, 4, "mine" }, json_object());
	end();
	const char *wanted = "{\"emitter\":\"me\",\"type\":256,\"subtype\":2,\"timestamp\":";
	assert_memory_equal(told, wanted, strlen(wanted));
	assert_non_null(strstr(
		told, ",\"session_id\":3,\"handle_id\":4,\"opaque_id\":\"mine\",\"event\":{}}"));
}

static void refuses_what_cannot_deliver(void **state)
{
	static const char *const sets[] = { "cardea.eventhandler.test:general.enabled=true", NULL };
	struct cardea_eventhandler deaf = { .name = "deaf" };
	(void)state;
	begin_with(sets);
	assert_string_equal(eventhandler_add(&deaf, NULL), "it lacks the hook deliver");
	assert_null(eventhandler_add(&handler, NULL));
	assert_string_equal(eventhandler_add(&handler, NULL), "there is one of this name already");
	end();
}

static void leaves_off_what_is_not_enabled(void **state)
{
	(void)state;
	begin_with(NULL);
	wants = CARDEA_EVENT_ALL;
	assert_null(eventhandler_add(&handler, NULL));
	assert_false(event_wanted(CARDEA_EVENT_ALL));
	assert_null(eventhandler_find("janus.eventhandler.test"));
	end();
}

static void reads_names_of_types(void **state)
{
	unsigned m = 1234;
	(void)state;
	assert_true(cardea_event_mask(" Sessions,handles , core", &m));
	assert_int_equal(m, 1 | 2 | 256);
	assert_true(cardea_event_mask("all", &m));
	assert_int_equal(m, 511);
	assert_true(cardea_event_mask("none", &m));
	assert_int_equal(m, 0);
	m = 5;
	assert_false(cardea_event_mask("sessions, nonsense", &m));
	assert_int_equal(m, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delivers_in_order_what_waits_at_its_end),
		cmocka_unit_test(drops_and_counts_what_is_beyond_its_bounds),
		cmocka_unit_test(makes_room_as_it_delivers),
		cmocka_unit_test(builds_the_envelope_of_what_is_wanted),
		cmocka_unit_test(refuses_what_cannot_deliver),
		cmocka_unit_test(leaves_off_what_is_not_enabled),
		cmocka_unit_test(reads_names_of_types),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
