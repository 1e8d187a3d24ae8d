/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * Requests about participants, of whoever manages the room or looks into it; a handler each. */
bool on_listparticipants(struct cardea_call *c);
bool on_kick(struct cardea_call *c);
bool on_moderate(struct cardea_call *c);
