/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * What a publisher, or the room, changes about streams that are there: mute, keyframes, delays,
 * descriptions, and the publisher's display. Above feed.h, under publish.h. */

/** Do the m-lines that a request names exist, or will with the offer that comes along?
 *  @return false with c->error filled: 428, 430 */
bool publisher_check_lines(const struct publisher *p, const struct cardea_call *c);
void publisher_configure_lines(struct publisher *p, const struct cardea_args *args);
void publisher_set_descriptions(struct publisher *p, const struct cardea_args *args);
/** Take its display and metadata, and tell the room. */
void publisher_rename(struct publisher *p, const struct cardea_args *args);
/** Mute a stream for the room, or let it be heard again, and tell everybody. */
void publisher_moderate(struct publisher *p, unsigned mindex, bool mute);
