/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "subscriber.h"

/** @file
 * What a subscriber asks for once it has joined. Above subscriber_offer.h, below the table of
 * requests. */

/** A description that came with a request of a subscriber's: an offer is refused, an answer is in
 *  force.
 *  @return false with c->error filled: 431 */
bool subscriber_take_description(struct cardea_call *c, struct subscriber *s);
bool subscriber_start(struct cardea_call *c, struct subscriber *s);
bool subscriber_pause(struct cardea_call *c, struct subscriber *s);
bool subscriber_configure(struct cardea_call *c, struct subscriber *s);
bool subscriber_update(struct cardea_call *c, struct subscriber *s);
