/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "subscriber.h"

/** @file
 * Offers to a subscriber: at once, or when the pending one has been answered. Above
 * subscription.h. */

/** Send an offer of what it gets now. @param data taken  @return false: the client has been told
 *  why not; what was due still is */
bool subscriber_send_offer(struct subscriber *s, const char *transaction, json_t *data);
/** The same with all m-lines in @p data, or, where an offer is pending, when that is answered.
 *  @param data taken  @return it has been sent */
bool subscriber_offer_or_wait(struct subscriber *s, const char *transaction, json_t *data);
/** Its turn has come: routes that are due, and an offer (see update_queue.h). */
void subscriber_refresh(struct subscriber *s);
/** A request is through: what waited for an answer that came with it is due. */
void subscriber_offer_if_due(struct subscriber *s);
