/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "reason.h"

/** @file
 * Why nothing flows: found out from the state of a sender and its source, or of a receiver, when
 * somebody asks, and by a look at each once a second. Packets that flow cost nothing. */
struct router;
struct sender;
struct receiver;

/** A reason that lasts so long is told, and then its end. */
#define WHY_TOLD_US 5000000

/** For whoever asks: a picture is missed after 750 ms, or twice its usual pause, and not only after
 *  the two seconds that a look waits. */
void why_sending(const struct sender *tx, int64_t now_us, struct why *out);
void why_receiving(const struct receiver *rx, int64_t now_us, struct why *out);
/** Look at all peers, again and again while there are any. A peer has come: begin. */
void why_begin(struct router *r);
void why_look(void *router); /**< The timer. */
