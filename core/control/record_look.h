/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * What section `recordings` names on this machine, and what of it cannot be together: for
 * machine.c, before the start and by --check. */
struct settings;

void record_look(const struct settings *s, const struct cardea_conf *file);
