/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "subscriber.h"

/** @file
 * A subscriber leaves, loses its PeerConnection, or is gone with its handle. Above
 * update_queue.h. */

bool subscriber_leave(struct cardea_call *c, struct subscriber *s);
void subscriber_hangup(struct subscriber *s);
void subscriber_free(struct subscriber *s);
