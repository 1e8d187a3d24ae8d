/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/clock.h"
#include "alarm.h"

static struct wheel *wheel;
static uv_timer_t bell;
static bool is_on;
static int64_t due_us; /* when it rings; INT64_MAX: not */

static void on_bell(uv_timer_t *timer);

static void arrange(void)
{
	int64_t next_us = wheel_next(wheel), left_us = next_us - clock_now_us();

	if (!is_on || next_us >= due_us)
		return;
	due_us = next_us;
	uv_timer_start(&bell, on_bell, left_us > 0 ? (uint64_t)(left_us + 999) / 1000 : 0, 0);
}

static void on_bell(uv_timer_t *timer)
{
	(void)timer;
	due_us = INT64_MAX;
	wheel_run(wheel, clock_now_us());
	arrange();
}

bool alarm_start(uv_loop_t *loop)
{
	if (!(wheel = wheel_create(clock_now_us())))
		return false;
	uv_timer_init(loop, &bell);
	due_us = INT64_MAX;
	is_on = true;
	return true;
}

void alarm_set(struct wheel_timer *t, int64_t us)
{
	wheel_set(wheel, t, clock_now_us() + us);
	arrange();
}

void alarm_cancel(struct wheel_timer *t)
{
	wheel_cancel(wheel, t);
}

void alarm_stop(void)
{
	if (is_on)
		uv_close((uv_handle_t *)&bell, NULL);
	is_on = false;
}

void alarm_free(void)
{
	wheel_destroy(wheel);
	wheel = NULL;
}
