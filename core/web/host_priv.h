/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * What host.c calls at the thread's birth and death. */
bool conn_start(void);
void conn_stop(void);
