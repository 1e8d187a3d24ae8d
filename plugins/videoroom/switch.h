/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "subscriber.h"

/** @file
 * A subscriber's m-lines carry other streams from now on, without an offer. Above
 * subscription.h. */

bool subscriber_switch(struct cardea_call *c, struct subscriber *s);
