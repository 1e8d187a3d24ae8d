/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "packet.h"

/** @file
 * RTP timestamps of several tracks of one participant as microseconds of one recording. One thread.
 *
 * Sound is the master: it runs on by its own timestamps and never jumps but where it was silent
 * (DTX, mute). Pictures follow it by sender reports (RFC 3550, 6.4.1), which tell NTP time and
 * timestamp of one instant in both; until both have one, by when they came, of which the quickest
 * are believed. What a later report says is taken up at once by pictures, within what keeps their
 * times rising. Without sound, pictures run on by their own timestamps. Another gen or layer goes
 * on where its first packet came, sound that joins pictures where reports say.
 *
 * Reports that put pictures more than a second from where they came are not believed, nor is one
 * that contradicts the one before until the other track has reported, too. Timestamps that stood
 * still in a silence of two seconds or more, or are ten seconds off, begin anew where they came. */
#define TIMELINE_TRACKS 4

struct timeline;
struct timeline *timeline_new(void); /**< NULL: no memory */
void timeline_free(struct timeline *t);
/** @param clock_hz of its RTP timestamps; told again when the codec changes */
void timeline_track(struct timeline *t, unsigned track, unsigned clock_hz, bool is_audio);
/** A sender report. @param ntp 32.32 */
void timeline_report(struct timeline *t, unsigned track, unsigned layer, uint64_t ntp, uint32_t ts,
	int64_t at_us);
/** From now on it stands still; then it runs on without a gap. */
void timeline_pause(struct timeline *t, int64_t now_us);
void timeline_resume(struct timeline *t, int64_t now_us);
/** When @p f is to be shown, µs since the recording began: the first frame of all is at 0. Of one
 *  track they never fall. */
int64_t timeline_place(struct timeline *t, unsigned track, const struct rec_frame *f);
/** The same, for something that has no RTP time: a message at @p at_us. */
int64_t timeline_at(const struct timeline *t, int64_t at_us);
