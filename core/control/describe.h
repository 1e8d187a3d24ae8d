/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "paths.h"

/** @file
 * `cardea --describe`: all tables of requests, options and error codes as JSON. docs/make/make.mjs
 * makes docs/api.md and conf/ from them. No module is started. */

/** Open the modules in their folders, and print. @return false: not all of them could be opened */
bool describe_all(const struct paths *paths);
