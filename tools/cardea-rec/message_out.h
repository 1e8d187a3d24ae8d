/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../../core/base/err.h"

/** @file
 * The messages of a recording as core/recorder/messages.h writes them: beside a media file, as
 * BASE.jsonl and BASE.vtt. */
struct message_out;
/** @param path whose ending is not looked at. @return NULL: @p why, a sentence */
struct message_out *message_out_open(const char *path, bool over, char *why, size_t size);
enum err message_out_write(struct message_out *m, const uint8_t *bytes, size_t len, bool is_binary,
	int64_t us, int64_t unix_us);
/** Frees. @param keep false: nothing is left. @return false: @p why, and nothing is left */
bool message_out_end(struct message_out *m, bool keep, char *why, size_t size);
