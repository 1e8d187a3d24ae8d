/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * Data channels in a room: what a publisher says on any of its channels goes to its subscribers,
 * each on a channel labelled with the publisher's id. A subscriber has one data m-line for all
 * publishers. */

/** The publisher's data stream. @return its m-line's index, -1: none */
int data_of(const struct publisher *p);
/** Let a data m-line carry @p p, too. @return false: it does already */
bool data_add(struct sub_stream *st, struct publisher *p);
/** No longer @p p, or (NULL) nobody. @return something changed */
bool data_remove(struct sub_stream *st, const struct publisher *p);
bool data_carries(const struct sub_stream *st, const struct publisher *p);
/** Add `sources` and `source_ids` to the description of a data m-line. */
void data_describe(const struct sub_stream *st, json_t *j);
/** Pass a message on to all who have subscribed. Who does not keep up misses it: the others shall
 *  not wait. */
void data_relay(const struct publisher *p, const struct cardea_data *what);
