/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * The options of cardea.transport.pfunix.jcfg, as a table: the core checks the file by it before
 * pfunix.c is started. */
extern const struct cardea_section pfunix_options[];
