/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../peer.h"
#include "source_msg.h"

/** @file
 * Receivers that no peer fills: a player of recordings, later a mixer or plain RTP. A source is a
 * struct peer that sends no RTCP and gets none; whoever consumes its tracks, here or over a trunk,
 * does so as with any publisher. Wishes for keyframes are said to who fills it. */

/** Open a source, or change the tracks of the one of that id. ERR_FULL; ERR_INVALID: tracks that
 *  cannot be; ERR_EXISTS: another one has its slot. */
enum err source_open(struct router *r, const struct source_want *w);
/** Its routes end with it. SOURCE_CLOSED is said. Not there: fine. */
void source_close(struct router *r, uint64_t id);
bool source_is_open(const struct router *r, uint64_t id);
/** What a source says. Not there, or malformed: it is dropped. */
void source_hear(struct router *r, const struct source_record *rec, size_t len, int64_t now_us);
/** The router ends: close all. */
void source_end_all(struct router *r);
