/* SPDX-License-Identifier: Apache-2.0 */
#include "room_end.h"
#include "room_expiry.h"
#include "rooms.h"

#define PERIOD_MAX_S 60  /* a room goes so much later than it should at most */
#define AT_ONCE      100 /* rooms that go in one turn; the others go in the next */

static unsigned timeout_s, period_s;
static uint64_t timer;

static bool is_over(const struct room *r)
{
	return !r->is_permanent && !g_hash_table_size(r->publishers) && !r->subscribers->len &&
	       r->unused_s >= timeout_s;
}

/* Of all rooms: the time that nobody has come or gone, to the period. */
static void look(void *arg)
{
	GHashTableIter it;
	struct room *r, *over[AT_ONCE];
	unsigned n = 0;
	(void)arg;
	g_hash_table_iter_init(&it, rooms_table());
	while (g_hash_table_iter_next(&it, NULL, (void **)&r)) {
		r->unused_s += period_s;
		if (n < AT_ONCE && is_over(r))
			over[n++] = r;
	}
	for (unsigned i = 0; i < n; i++) {
		cardea_log(CARDEA_LOG_INFO, "videoroom", 0, "room was empty for long",
			"room=%s option=general.empty_room_timeout", IDENT_LOGGED(over[i]->id));
		room_destroy(over[i]);
	}
}

void room_expiry_start(unsigned timeout)
{
	timeout_s = timeout;
	period_s = CLAMP(timeout / 8, 1, PERIOD_MAX_S);
	timer = timeout ? cardea_timer(period_s * 1000, look, NULL) : 0;
}

void room_expiry_stop(void)
{
	if (timer)
		cardea_timer_stop(timer);
	timer = 0;
}
