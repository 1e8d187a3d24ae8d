/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "conf_file.h"

/** @file
 * A file of the configuration against tables of options, and what modules ask of it then. Behind
 * conf.c, which reads it. Control thread. */

/** Check a file against its sections (ended by a NULL name): converts scalars to the types of the
 *  fields, adds a warning with the nearest known name for each unknown option or section, an error
 *  for each value out of bounds. */
void conf_check(struct cardea_conf *file, const struct cardea_section *sections);

/** As people write it: true, "yes", 1 … */
bool conf_is_true(const json_t *v);
