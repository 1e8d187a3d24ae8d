/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * Answers so long that printing them would hold the control thread: a thread of the pool does it.
 * Control thread. */

void answer_far_start(void);
void answer_far_stop(void); /**< What is on its way is not sent. Before work_stop(). */
/** As answer_send(), later. @param msg taken: nothing in it may be changed any more, by anybody */
void answer_far(const struct cardea_origin *to, json_t *msg);
