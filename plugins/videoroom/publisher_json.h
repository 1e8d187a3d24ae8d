/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * A publisher and its streams as the others are told of them. Above display.h. */

json_t *publisher_json(const struct publisher *p, bool with_talking);
json_t *publisher_streams_json(const struct publisher *p, bool with_talking);
/** Add the codec of the first stream of each kind: what the older clients look at. */
void publisher_codecs_json(json_t *j, const struct publisher *p);
