/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../recorder/finish.h"
#include "../recorder/rec_msg.h"
#include "../rtc/msg.h"

/** @file
 * What control says of recordings to three others: the recorder's thread, the finisher's, and the
 * workers, which have the sinks. All in one order, whoever's queue is full: a sink is opened when
 * the recorder knows whose it is. Control thread. */
struct loop;

void record_post_start(struct loop *loop);
void record_post_stop(void); /**< What waits still is told to those who are there. */

/** @param more behind it, c->len bytes; NULL: none */
void record_post(const struct rec_cmd *c, const void *more);
struct queue_share;
/** A message of a data channel. What is beyond @p max_bytes of @p share is not kept.
 *  @return false: it is lost */
bool record_post_data(struct queue_share *share, size_t max_bytes, const struct rec_cmd *c,
	const void *label, const void *bytes);
void record_post_worker(unsigned worker, const struct cmd *c);
void record_post_finisher(const struct finish_order *o);
