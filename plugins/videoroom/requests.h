/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * The table of all requests: name, fields, who serves it, and who may ask. Both ways in end here:
 * videoroom.c (session API) and sfu.c. */

extern struct cardea_dialect dialect;
extern const struct cardea_request requests[];
