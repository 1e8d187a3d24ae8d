/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * What a publisher does to those who receive its streams. Above update_queue.h, below the files of
 * the publisher. */

/** A feed, or some streams of it, have gone: empty what carried them, and offer anew.
 *  @param gone which streams, CARDEA_MEDIA_MAX by m-line; NULL: all */
void feed_drop(struct room *r, const struct publisher *p, const bool *gone);
/** The room is destroyed: subscribers hear of it by losing all feeds. */
void feeds_drop_all(struct room *r);
/** Streams of the publisher's have new delays: route again what carries them. */
void feed_reroute(struct room *r, struct publisher *p);
/** Whoever subscribed with this private_id is kicked along. */
void feed_kick_subscribers(struct room *r, uint32_t private_id);
