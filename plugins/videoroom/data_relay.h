/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "publisher.h"

/** @file
 * Data channels in a room: what a publisher sends on any of its channels goes to its subscribers,
 * each on a channel labelled with the publisher's id. A subscriber has one data m-line for all
 * publishers. Above room.h and subscriber.h. */

/** Pass a message on to all who have subscribed. Who does not keep up misses it: the others shall
 *  not wait. */
void data_relay(const struct publisher *p, const struct cardea_data *what);
