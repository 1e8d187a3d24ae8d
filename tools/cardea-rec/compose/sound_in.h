/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/** @file
 * The sound of a file, asked for by time: 48 kHz, stereo. */
#define SOUND_HZ 48000

struct sound_in;
/** @param from samples of the file's time: nothing before is asked for
 *  @return NULL: @p why, a sentence */
struct sound_in *sound_in_open(const char *path, int64_t from, char *why, size_t size);
/** Add samples @p at … @p at + @p n of the file's time to @p stereo; @p at never falls. Where there
 *  are none nothing is added. */
void sound_in_add(struct sound_in *s, int64_t at, unsigned n, float *stereo);
void sound_in_close(struct sound_in *s); /**< NULL is fine. */
