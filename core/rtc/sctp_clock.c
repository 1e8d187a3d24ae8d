/* SPDX-License-Identifier: Apache-2.0 */
#include "sctp_clock.h"
#include <string.h>
#include <usrsctp.h>
#include "../base/clock.h"
#include "../base/loop.h"

#define TICK_US      (10 * US_PER_MS)
#define IDLE_TICK_US (250 * US_PER_MS)
/* behind the last packet: longer than any retransmission waits */
#define BUSY_US (4 * US_PER_S)

static struct {
	struct loop *loop;
	void (*ticked)(void);
	struct wheel_timer tick;
	int64_t ticked_us, busy_until_us;
	unsigned n; /* associations */
} passing;

int64_t sctp_clock_now(void)
{
	return loop_now(passing.loop);
}

static void catch_up(void)
{
	int64_t ms = (sctp_clock_now() - passing.ticked_us) / US_PER_MS;
	if (ms <= 0)
		return;
	passing.ticked_us += ms * US_PER_MS;
	usrsctp_handle_timers((uint32_t)ms);
}

void sctp_clock_arm(int64_t in_us)
{
	int64_t at = sctp_clock_now() + in_us;
	if (passing.n && (!wheel_armed(&passing.tick) || passing.tick.at_us > at))
		wheel_set(loop_wheel(passing.loop), &passing.tick, at);
}

void sctp_clock_stay_busy(void)
{
	passing.busy_until_us = sctp_clock_now() + BUSY_US;
}

void sctp_clock_busy(void)
{
	catch_up();
	sctp_clock_stay_busy();
	sctp_clock_arm(TICK_US);
}

static void on_tick(void *arg)
{
	(void)arg;
	catch_up();
	passing.ticked();
	sctp_clock_arm(sctp_clock_now() < passing.busy_until_us ? TICK_US : IDLE_TICK_US);
}

void sctp_clock_start(struct loop *loop, void (*ticked)(void))
{
	passing.loop = loop;
	passing.ticked = ticked;
	passing.tick.fn = on_tick;
	passing.ticked_us = loop_now(loop);
}

void sctp_clock_stop(void)
{
	wheel_cancel(loop_wheel(passing.loop), &passing.tick);
	memset(&passing, 0, sizeof(passing));
}

void sctp_clock_begin(void)
{
	passing.n++;
}

void sctp_clock_end(void)
{
	if (!--passing.n)
		wheel_cancel(loop_wheel(passing.loop), &passing.tick);
}
