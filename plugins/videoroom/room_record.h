/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * The recording of a room: all who publish, and the index that tells who was there. Above record.h
 * and talking.h. */

/** Begin or end it, for those who publish now and later, and tell everybody.
 *  @param warning out: why somebody is not recorded, NULL: all are. To be freed
 *  @return false with @p e filled, and nothing is changed: 499 */
bool room_record_set(struct room *r, bool on, char **warning, struct cardea_error *e);
/** Record one participant, who publishes. @return false with @p e filled: 499 */
bool room_record_start(struct publisher *p, struct cardea_error *e);
void room_record_joined(struct publisher *p);    /**< It is in the room. */
void room_record_renamed(struct publisher *p);   /**< It has another display. */
void room_record_withdrawn(struct publisher *p); /**< It publishes no more. */
/** It is out of room @p r; the last one ends the recording. */
void room_record_left(struct publisher *p, struct room *r);
void room_record_over(struct room *r); /**< The room ends. */
