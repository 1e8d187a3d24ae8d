/* SPDX-License-Identifier: Apache-2.0 */
#include "empty.h"

#define PERIOD_MAX_S 60  /* a room goes so much later than it should at most */
#define AT_ONCE      100 /* rooms that go in one turn; the others go in the next */

static unsigned timeout_s, period_s;
/* since the start, counted by the timer: to the second it matters to nobody */
static int64_t now_s;
static uint64_t timer;

static bool is_over(const struct room *r)
{
	return !r->is_lasting && !g_hash_table_size(r->publishers) && !r->subscribers->len &&
	       now_s - r->used_s >= timeout_s;
}

static void look(void *arg)
{
	GHashTableIter it;
	struct room *r, *over[AT_ONCE];
	unsigned n = 0;
	(void)arg;
	now_s += period_s;
	g_hash_table_iter_init(&it, rooms());
	while (n < AT_ONCE && g_hash_table_iter_next(&it, NULL, (void **)&r))
		if (is_over(r))
			over[n++] = r;
	for (unsigned i = 0; i < n; i++) {
		cardea_log(CARDEA_LOG_INFO, "videoroom", 0, "room was empty for long",
			"room=%s option=general.empty_room_timeout", over[i]->id.text);
		room_destroy(over[i]);
	}
}

void empty_start(unsigned timeout)
{
	timeout_s = timeout;
	period_s = CLAMP(timeout / 8, 1, PERIOD_MAX_S);
	timer = timeout ? cardea_timer(period_s * 1000, look, NULL) : 0;
}

void empty_stop(void)
{
	if (timer)
		cardea_timer_stop(timer);
	timer = 0;
}

void empty_touch(struct room *r)
{
	r->used_s = now_s;
}
