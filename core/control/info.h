/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <jansson.h>

/** @file
 * `server_info`, put together from the settings and all modules. dispatch.c and admin.c answer
 * `info` with it. Control thread. */

#define API_LEVEL 1102 /**< the version of the API that is spoken, as its clients compare it */

/** The answer to `info`; new reference. */
json_t *info_answer(const char *transaction);
