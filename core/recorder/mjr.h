/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "file.h"
#include "mjr_head.h"
#include "packet.h"

/** @file
 * MJR files: one track each, RTP packets as they came, or messages of data channels. Format 2 is
 * written, 1 and 2 are read. See docs/recording.md. A writer or reader is for one thread; it
 * blocks: recorder's thread, pool and tools. */
#define MJR_DATA 65527 /**< bytes of a message at most */

struct mjr_writer;
/** Takes @p f. Eight bytes are written now, the head with the first record.
 *  @param head its began_us is not looked at. @return NULL: no memory, or the file has failed; @p f
 *  is still the caller's */
struct mjr_writer *mjr_writer_new(struct rec_file *f, const struct mjr_head *head);
/** Numbers and timestamps are changed so that they run on over another gen, layer or pause; all
 *  packets get the SSRC of the first. Of what is_empty the header is written, so that its number
 *  is not taken for a loss. What is written stands in the file half a second later, if something
 *  follows.
 *  @param unix_us when it came. @return ERR_IO: rec_file_error(); nothing is written any more */
enum err mjr_write(struct mjr_writer *w, const struct rec_packet *p, int64_t unix_us);
/** @return ERR_FULL: of more than MJR_DATA bytes, and not written; ERR_IO as above */
enum err mjr_write_data(struct mjr_writer *w, const void *bytes, size_t len, int64_t unix_us);
void mjr_writer_pause(struct mjr_writer *w); /**< What comes next follows what came last. */
/** Put into the file what was written. */
enum err mjr_writer_flush(struct mjr_writer *w);
/** @p keep as rec_file_end() has it. Frees. */
enum err mjr_writer_end(struct mjr_writer *w, bool keep);
/** The same, but the file is the caller's again, with all in it that was written. */
enum err mjr_writer_leave(struct mjr_writer *w);

struct mjr_reader;
/** @return NULL: @p why, one sentence that names the path. A file of eight bytes is an empty
 *  recording: head->kind is 0. */
struct mjr_reader *mjr_open(const char *path, struct mjr_head *head, char *why, size_t size);
/** The same, of bytes; borrowed until it is closed. */
struct mjr_reader *mjr_open_bytes(
	const uint8_t *bytes, size_t len, struct mjr_head *head, char *why, size_t size);
/** The next record in file order, borrowed until the next call. What is no RTP packet, or of a
 *  stream that another has taken the place of, is passed over, and so is a last record that is cut
 *  off.
 *  @param p at_us is Unix time; in files of format 1, which tell none, it follows the timestamps
 *  @return ERR_NOT_FOUND: the end. ERR_INVALID: damaged from here on; called again it looks for
 *  the next that is none. ERR_IO: errno. ERR_STATE: mjr_read() of data, and the other way round */
enum err mjr_read(struct mjr_reader *r, struct rec_packet *p);
/** The same of a message and its Unix time. */
enum err mjr_read_data(struct mjr_reader *r, const uint8_t **bytes, size_t *len, int64_t *unix_us);
void mjr_close(struct mjr_reader *r); /**< NULL is fine. */

#define MJR_STRAYS 8 /**< streams that others took the place of, remembered */
/** What a reader knows of the stream that it reads; its own. */
struct mjr_stream {
	bool is_begun;
	uint16_t seq;
	uint32_t ssrc, gen, ts;
	int64_t at_us, rest; /* rest: of a division, format 1 */
	unsigned n_strays;
	uint32_t strays[MJR_STRAYS];
};
/** A place between two records that a reader can go back, or on, to. */
struct mjr_mark {
	uint64_t at; /* bytes of the file before it */
	struct mjr_stream stream;
};
/** Mark where it is. @return false: it is lost, and looks for the next record */
bool mjr_mark(const struct mjr_reader *r, struct mjr_mark *m);
/** Read on from a mark of the same file. ERR_IO: errno; mjr_stats() counts on */
enum err mjr_go(struct mjr_reader *r, const struct mjr_mark *m);

/** Of what has been read. */
struct mjr_stats {
	uint64_t records; /**< given */
	uint64_t skipped; /**< whole, and passed over */
	uint64_t damages; /**< places where ERR_INVALID was returned */
	uint64_t lost;    /**< bytes that belong to no record */
	bool is_cut;      /**< the last record, or the head of it, is not whole */
};
const struct mjr_stats *mjr_stats(const struct mjr_reader *r);
double mjr_progress(const struct mjr_reader *r); /**< 0…1: how much of the file is read */
