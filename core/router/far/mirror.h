/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../link.h"
#include "../route.h"

/** @file
 * The far side of trunks: receivers of other workers' peers. A mirror is a peer that sends nothing
 * and is asked nothing by RTCP; its packets and wishes go over the trunk. */
struct trunk_msg;

/** The mirror that a route from another worker needs, made if need be.
 *  @param like what it will be sent as, until home has told more  @return NULL: it cannot be */
struct receiver *mirror_open(struct router *r, const struct route *route, const struct track *like);
void mirror_close(struct peer *p);
void mirror_review(void *router); /**< Timer. */
/** A message from home: TRACK, PACKET, ALIVE, REPORT, END. */
void mirror_hear(struct router *r, const struct trunk_msg *m, int64_t now_us);
