/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * What clients ask for about recording. Above room_record.h. */

bool on_enable_recording(struct cardea_call *c);
/** `record`, `filename` and `secret` of a participant's request, before anything of the request is
 *  done: what is wrong with them? It may not record, where `lock_record` is on: that is a warning.
 *  @param allowed out: the fields count
 *  @return false with c->error filled: 499 */
bool record_request_check(const struct cardea_call *c, const struct publisher *p, bool *allowed);
/** Take the fields over. c->data is there already, and gets the `warning`. */
void record_request_take(struct cardea_call *c, struct publisher *p, bool allowed);
/** Begin or end what was asked for, as far as it publishes. What goes wrong now it is told by an
 *  event. */
void record_request_apply(struct publisher *p);
