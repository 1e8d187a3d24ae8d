/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * The options of the mesh as a table: mesh.c reads them, the core checks them before. */
extern const struct cardea_section options[];
