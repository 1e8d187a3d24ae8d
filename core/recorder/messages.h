/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "file.h"

/** @file
 * Messages of data channels beside a recording, in two files that are made with the first: in
 * BASE.jsonl each is a line of JSON,
 *   {"at_us": 1500000, "unix_us": 1795447276123661, "label": "chat", "text": "hello"}
 * (at_us: since the recording began; "base64" in the place of "text", if it is none), and texts are
 * cues in BASE.vtt (WebVTT), which players show over the picture. Every message stands in both as
 * soon as it was given. One thread; it blocks: recorder's thread and tools. */
struct messages;
/** @param disk, folders: as rec_file_new() has them; borrowed until the end. NULL: no memory */
struct messages *messages_new(
	const struct rec_disk *disk, const char *const *folders, const char *base);
/** @param label of the channel; NULL or empty: not told
 *  @param at_us since the recording began. @return ERR_IO: messages_error(), and nothing is written
 *  any more */
enum err messages_write(struct messages *m, const char *label, const void *bytes, size_t len,
	bool is_binary, int64_t at_us, int64_t unix_us);
/** A sentence that names the path; NULL: there was none. */
const char *messages_error(const struct messages *m);
/** @p keep as rec_file_end() has it, for both. Frees. */
enum err messages_end(struct messages *m, bool keep);
