/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * JSON in tests without backslashes: {'error':'Unknown request `x`'} is
 * {"error":"Unknown request 'x'"}. What clients of control_world.h send and hear is read so. */

/** Change @p text where it is. @return it */
char *quote(char *text);

/** @return a changed copy that lives as long as the test */
const char *Q(const char *text) __attribute__((format_arg(1)));
