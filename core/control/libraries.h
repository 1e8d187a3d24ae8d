/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <jansson.h>

/** @file
 * The libraries that run in this process, with their versions: info.c shows them. */

/** {"glib2": "2.74.6", …}: the version of each at run time, where it does. New reference.
 * Control thread. */
json_t *libraries(void);
