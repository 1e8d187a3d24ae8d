/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * Answers so long that printing them would hold the control thread: a thread of the pool does it,
 * and they go the way of reply.c then. Control thread. */

void reply_long_start(void);
void reply_long_stop(void); /**< What is on its way is not sent. Before work_stop(). */
/** As reply_send(), later. @param msg taken: nothing in it may be changed any more, by anybody */
void reply_long(const struct cardea_origin *to, json_t *msg);
