/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * What is owed to subscribers because of what publishers did: offers, and new routes. A feed that
 * goes may be that of thousands, and each of them gets a description of its own: as many as a turn
 * of the control thread has time for get it at once, the others in the turns that follow, in order.
 * Who loses another feed meanwhile gets one offer for both. */
void owed_add(struct subscriber *s);    /**< It has its place already: nothing. */
void owed_forget(struct subscriber *s); /**< It goes. */
/** All whom this concerns have been added: begin. */
void owed_begin(void);
void owed_stop(void);
