/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "publisher.h"
#include "subscriber.h"

/** @file
 * What event handlers are told of rooms: {"event": …, "room", …}. Nothing is made where nobody
 * listens. Control thread. */

void notice_room(const struct room *r, const char *event);
/** With their id, private_id and display. @param r the room, also where they have left it */
void notice_publisher(const struct publisher *p, const struct room *r, const char *event);
/** A subscriber has joined: with the streams that it is offered. */
void notice_subscribed(const struct subscriber *s);
