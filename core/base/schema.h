/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <cardea/json.h>

/** @file
 * What requests and configuration files have in common about the tables of fields. Any thread. */

/** Is @p v within the bounds of @p f? Its type must have been found right: numbers lie in min…max,
 *  texts and the items of an array of texts have at most max bytes, ids that are texts
 *  CARDEA_ID_BYTES. */
bool schema_fits(const struct cardea_field *f, const json_t *v);
