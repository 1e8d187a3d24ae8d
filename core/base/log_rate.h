/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * How often lines of one kind may be logged: what a client can cause at will must neither fill a
 * disk nor crowd out what others have to say. A kind has LOG_RATE_BURST lines at once and
 * LOG_RATE_A_S a second for long. */
#define LOG_RATE_BURST 200
#define LOG_RATE_A_S   20

/** May a line of this kind, told apart by area and phrase, be logged? Any thread.
 *  @param left_out how many before it were not; told once */
bool log_rate_take(const char *area, const char *phrase, int64_t now_us, unsigned *left_out);
/** Is it our turn to speak of something that peers can cause at will, and that is much the same
 *  each time? Once a second, whoever asks. Any thread. */
bool log_seldom(void);
