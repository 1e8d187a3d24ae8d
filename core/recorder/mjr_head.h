/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cardea/media.h>

/** @file
 * What stands at the head of an MJR file, as a struct and as JSON. Any thread. */
#define MJR_UNIX_MAX (1LL << 53) /**< µs: what is more is no time */

struct mjr_head {
	enum cardea_kind kind;
	enum cardea_codec_id codec; /**< NONE with data, and where the name is not known */
	bool is_binary;             /**< data */
	char codec_name[24];        /**< as it stands in the file; written: codec's own, if empty */
	char fmtp[256], description[256];
	uint8_t ext[CARDEA_N_EXT]; /**< ids of header extensions, 0: none */
	uint8_t red_pt;
	bool e2ee;
	int64_t created_us, began_us; /**< Unix time; of the file, of its first record */
};

/** Of its RTP timestamps. Never 0. */
uint32_t mjr_clock_hz(const struct mjr_head *h);
/** @return text owned by the caller (free()), or NULL: no memory */
char *mjr_head_print(const struct mjr_head *h, size_t *len);
/** Whoever wrote it. @return false: it is no JSON, or does not tell what kind of track it is */
bool mjr_head_parse(struct mjr_head *h, const char *text, size_t len);
