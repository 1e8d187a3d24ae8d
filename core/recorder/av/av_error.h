/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>

/** @file
 * What libav says goes nowhere but here: the last error of each thread becomes the reason that a
 * caller is given. */

/** Take libav's messages. Once, before anything else of it is used; again is fine. */
void av_error_catch(void);
void av_error_forget(void); /**< Of this thread: nothing has been said. */
/** The sentence "WHAT: reason.", by what libav has said on this thread, else by @p code
 *  (AVERROR(…)). */
void av_error_why(char *why, size_t size, const char *what, int code);
