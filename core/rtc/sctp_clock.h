/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * usrsctp's time: it has no thread of its own, and is told how much has passed, every 10 ms while
 * packets have passed of late, else seldom, and not at all without associations. The secure
 * thread. */
struct loop;

/** @param ticked is called after each tick */
void sctp_clock_start(struct loop *loop, void (*ticked)(void));
void sctp_clock_stop(void);
void sctp_clock_begin(void); /**< One more association. */
void sctp_clock_end(void);   /**< One fewer. */
int64_t sctp_clock_now(void);
/** Tick in so much time, at the latest. */
void sctp_clock_arm(int64_t in_us);
/** Timers are about to be set: usrsctp counts them from its last tick on. */
void sctp_clock_busy(void);
void sctp_clock_stay_busy(void); /**< The same, in the midst of usrsctp's work. */
