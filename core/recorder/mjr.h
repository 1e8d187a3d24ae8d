/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>
#include "file.h"
#include "packet.h"

/** @file
 * MJR files: one track each, RTP packets as they came, or messages of data channels. Format 2 is
 * written, 1 and 2 are read. See docs/recording.md. */
struct mjr_head {
	enum cardea_kind kind;
	enum cardea_codec_id codec; /**< NONE with data */
	bool is_binary;             /**< data */
	char codec_name[24];        /**< as it stands in the file, also where it is not known */
	char fmtp[256], description[256];
	uint8_t ext[CARDEA_N_EXT]; /**< ids of header extensions, 0: none */
	uint8_t red_pt;
	bool e2ee;
	int64_t created_us, began_us; /**< Unix time; of the file, of its first record */
};

struct mjr_writer;
/** Takes @p f. Eight bytes are written now, the head with the first record. NULL: no memory */
struct mjr_writer *mjr_writer_new(struct rec_file *f, const struct mjr_head *head);
/** Numbers and timestamps are changed so that they run on over another gen, layer or pause.
 *  @param unix_us when it came */
enum err mjr_write(struct mjr_writer *w, const struct rec_packet *p, int64_t unix_us);
enum err mjr_write_data(struct mjr_writer *w, const void *bytes, size_t len, int64_t unix_us);
void mjr_writer_pause(struct mjr_writer *w); /**< What comes next follows what came last. */
/** @p keep as rec_file_end() has it. Frees. */
enum err mjr_writer_end(struct mjr_writer *w, bool keep);

struct mjr_reader;
/** @return NULL: @p why. A file of eight bytes is an empty recording: head->kind is 0. */
struct mjr_reader *mjr_open(const char *path, struct mjr_head *head, char *why, size_t size);
/** The same, of bytes; borrowed until it is closed. */
struct mjr_reader *mjr_open_bytes(
	const uint8_t *bytes, size_t len, struct mjr_head *head, char *why, size_t size);
/** The next record in file order, borrowed until the next call. ERR_NOT_FOUND: the end; a last one
 *  that is cut off is passed over. ERR_INVALID: damaged from here on; called again it looks for
 *  the next that is none. @param data a message and its Unix time, where head->kind is data */
enum err mjr_read(struct mjr_reader *r, struct rec_packet *p);
enum err mjr_read_data(struct mjr_reader *r, const uint8_t **bytes, size_t *len, int64_t *unix_us);
void mjr_close(struct mjr_reader *r); /**< NULL is fine. */
