/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "subscriber.h"

/** @file
 * Subscribers that wait for their turn because of what publishers did: for an offer, or new routes.
 * A feed that goes may be that of thousands, and each of them gets a description of its own: as
 * many as a turn of the control thread has time for get it at once, the others in the turns that
 * follow, in order. Who loses another feed meanwhile gets one offer for both. Above
 * subscriber_offer.h. */

void update_queue_stop(void);
void update_queue_add(struct subscriber *s);    /**< It has its place already: nothing. */
void update_queue_remove(struct subscriber *s); /**< It goes. */
/** All whom this concerns have been added: begin. */
void update_queue_run(void);
