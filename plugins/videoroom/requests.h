/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * The table of all requests: name, fields, who serves it, who may ask, and what it does. Both ways
 * in end here: videoroom.c (session API) and sfu.c. */

extern struct cardea_dialect dialect;
extern const struct cardea_request requests[];
extern const struct cardea_code errors[]; /**< of errors.h, in words */
