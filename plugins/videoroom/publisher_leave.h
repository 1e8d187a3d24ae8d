/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * A participant withdraws its streams, leaves, is kicked, or is gone with its handle. Above feed.h
 * and room_end.h. */

bool publisher_unpublish(struct cardea_call *c, struct publisher *p);
bool publisher_leave(struct cardea_call *c, struct publisher *p);
bool publisher_kick(struct publisher *p);
/** A newcomer wants the place of @p p (NULL: nobody's). One whose client is known to be gone leaves
 *  at once; one on /sfu is asked whether it is there, and goes when it does not answer in two
 *  seconds. @return it is free */
bool publisher_release_if_gone(struct publisher *p);
void publisher_hangup(struct publisher *p);
void publisher_free(struct publisher *p); /**< the handle is gone */
