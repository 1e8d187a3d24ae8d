/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * Numbers and names for people: durations, sizes, times of the day. Each fills and returns what it
 * is given. */
#define WORDS_PATH 512

/** 1:02:03, 2:03, 0:03.4 (@p tenths). */
const char *words_span(char *out, size_t size, int64_t us, bool tenths);
const char *words_bytes(char *out, size_t size, uint64_t bytes); /**< 812 B, 45.2 MB */
const char *words_number(char *out, size_t size, uint64_t n);    /**< 21,690 */
const char *words_time(char *out, size_t size, int64_t unix_us); /**< 2026-12-01 04:00:12 UTC */
/** A name that may stand on a terminal, cut at its end to fit @p size, which is at most
 *  WORDS_PATH. */
const char *words_path(char *out, size_t size, const char *path);
