/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "packet.h"

/** @file
 * Packets of one track in their order: those that come too early wait for those that were lost and
 * are sent again (RFC 4588), for REORDER_US at most. One thread.
 *
 * Numbers 7 8 10 11 9 12: 7 and 8 pass; 10 and 11 are copied and wait; with 9 all three leave, and
 * 12 after them. If 9 has not come REORDER_US after 10 did, 10 leaves with gap 1.
 * Another gen or layer lets all that waits leave first. Duplicates and what comes too late are
 * counted and dropped; but where numbers begin anew without another gen, as in files of other
 * servers, two that follow each other are believed, with gap 1. */
#define REORDER_US  1000000
#define REORDER_MAX 1024 /**< packets that wait at most; then the oldest leave */

struct reorder;
/** @param gap packets that are missing right before @p p; of a new gen or layer: 0 */
typedef void reorder_fn(void *arg, const struct rec_packet *p, unsigned gap);

struct reorder *reorder_new(reorder_fn *fn, void *arg); /**< NULL: no memory */
void reorder_free(struct reorder *o);                   /**< What waits is dropped. NULL is fine. */
/** @p p is copied where it has to wait. */
void reorder_take(struct reorder *o, const struct rec_packet *p);
/** Let leave whose time has come. @return when to call again, INT64_MAX: nothing waits */
int64_t reorder_tick(struct reorder *o, int64_t now_us);
void reorder_flush(struct reorder *o); /**< Let all leave that waits. */

struct reorder_stats {
	uint64_t packets, lost, late, duplicate;
};
const struct reorder_stats *reorder_stats(const struct reorder *o);
