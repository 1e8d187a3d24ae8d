/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * The answer to a publisher's offer: which codecs, extensions and feedback the room takes. Above
 * room.h, under publish.h. */

/** May the publisher insist on this codec? @param name NULL: it does not */
bool publisher_codec_allowed(const struct room *r, enum cardea_kind kind, const char *name);
/** @param args of the request that came with the offer */
struct cardea_desc *publisher_answer(
	const struct publisher *p, const struct cardea_desc *offer, const struct cardea_args *args);
