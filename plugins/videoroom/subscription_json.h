/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "subscriber.h"

/** @file
 * What a subscriber receives, as it is told of it. Above subscriber.h. */

json_t *subscription_json(const struct subscriber *s); /**< an array, new reference */
/** {"videoroom": @p what, "room": …}, the beginning of what it is told; new reference */
json_t *subscription_event(const struct subscriber *s, const char *what);
/** {"videoroom": "event", "room": …, @p name: "ok"}; new reference */
json_t *subscription_ok(const struct subscriber *s, const char *name);
