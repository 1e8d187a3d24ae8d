/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <sys/uio.h>
#include "play_msg.h"

/** @file
 * One playback: its input is read, and what is due leaves for a source (router/source/source.h).
 * Whoever owns it says what time it is, so that a test can turn it by hand. One thread; reading
 * blocks.
 *
 * One clock runs from its start on, whatever is paused, sought or played faster, and all tracks'
 * timestamps go by it: lips stay in sync by reports that never contradict each other. At other
 * speeds than 1 there are pictures alone: sound would have to be decoded and stretched, and packets
 * that come more quickly than they play would pile up in each receiver's buffer.
 *
 * A wish for a keyframe is answered by sending again what came since the last one, some times as
 * fast as it plays and beside what is new, which goes on for all others. Who asked sees it fly
 * past, and then goes on with all. Reasons: recordings have keyframes as seldom as each 15 s, which
 * is too long to wait; going back would take back all viewers for one; and a cache on each worker
 * would hold what is needed now and then, once more for each trunk. */
#define PLAY_RATE_MIN 0.25
#define PLAY_RATE_MAX 4.0

struct play_ops {
	/** To the source: a record in parts. @return false: there is no room now */
	bool (*push)(void *arg, const struct iovec *parts, unsigned n);
	/** To control. @param bytes that stand behind @p r */
	void (*tell)(void *arg, struct play_rep *r, const void *bytes, size_t len);
};

struct play;
/** @param in taken. @return NULL: no memory; @p in is closed */
struct play *play_new(uint64_t id, struct play_input *in, const struct play_ops *ops, void *arg);
void play_free(struct play *p); /**< NULL is fine. */
/** It begins, from where it was sought to, or from its beginning. Once. */
void play_start(struct play *p, int64_t now_us);
void play_pause(struct play *p, bool on, int64_t now_us);
/** Go to the last keyframe not after @p us, of the media. Paused: its picture is shown. In a large
 *  file it takes some turns to get there. */
void play_seek(struct play *p, int64_t us, int64_t now_us);
void play_rate(struct play *p, double rate, int64_t now_us); /**< within the bounds above */
void play_wish(struct play *p, int64_t now_us);              /**< Somebody waits for a keyframe. */
/** Let leave what is due. @return when to call again, INT64_MAX: when something is said */
int64_t play_turn(struct play *p, int64_t now_us);
