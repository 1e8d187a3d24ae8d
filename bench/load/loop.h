/* SPDX-License-Identifier: Apache-2.0 */
/** The one thread's turn. While setting up it looks everywhere all the time; while measuring it
 *  reads sockets once in opt.tick_us and sleeps in between, so that a server's sends do not pay for
 *  waking us, as a network card does not ask for it either. Latency is taken from the kernel's time
 *  of arrival and does not suffer. */
#ifndef LOAD_LOOP_H
#define LOAD_LOOP_H
#include <stdbool.h>

extern bool loop_is_eager; /**< Setting up. */

void loop_turn(void);
void loop_for(double seconds);
/** @return false: @p is_so has not become true in @p seconds */
bool loop_until(bool (*is_so)(void *), void *arg, double seconds);
#endif
