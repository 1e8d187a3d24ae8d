/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * How far it is, and how long it will take: a bar on a terminal, nothing elsewhere. One at a
 * time. */
void progress_begin(const char *what, bool quiet);
/** @param done 0…1. @return false: it is to stop; as mux_finish() wants it, @p arg is not used */
bool progress_show(void *arg, double done);
void progress_end(void); /**< The bar goes away. */
