/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "ident.h"
#include "stream.h"

/** @file
 * A participant, which may publish: its state, and questions about it. What it does stands above:
 * publisher_join, publish, publisher_configure, publisher_leave. */

struct room;
struct recording;

struct publisher {
	struct room *room; /**< NULL once left, kicked, or the room destroyed */
	struct cardea_handle *handle;
	struct ident id;
	char *display;
	json_t *metadata;
	size_t display_bytes; /**< of both, as they are told */
	uint32_t private_id;
	int64_t joined_us;                                  /**< monotonic time */
	bool has_bitrate;                                   /**< it has set a cap of its own … */
	unsigned bitrate;                                   /**< … this, 0: none */
	unsigned audio_active_packets, audio_level_average; /**< own values, 0: the room's */
	bool publishing; /**< an offer was accepted and not withdrawn */
	bool announced;  /**< the others know the streams */
	bool e2ee;       /**< what it sends is encrypted end to end */
	unsigned n_streams;
	struct stream *streams;
	char *sfu_name; /**< participant_id on /sfu, where it is no id; NULL: the id */
	/** of /sfu: struct named_track, what it publishes; NULL: all that it offers */
	GPtrArray *named_tracks;
	bool record;                 /**< it is to be recorded, when it publishes */
	char *filename;              /**< of its next recording; NULL: one that is made up */
	struct recording *recording; /**< record.c; NULL: it is not recorded */
	json_t *index_entry;         /**< in the index of the room's recording; NULL: in none */
};

void publisher_clear_streams(struct publisher *p); /**< It publishes nothing any more. */

int publisher_find_mid(const struct publisher *p, const char *mid); /**< m-line index or -1 */
/** Its data stream. @return its m-line's index, -1: none */
int publisher_data_line(const struct publisher *p);
/** Does any of its streams? @param known out: whether there is one of which that can be told */
bool publisher_talks(const struct publisher *p, bool *known);
const char *publisher_name(const struct publisher *p); /**< on /sfu: its participant_id */
/** Under which name its streams are received (a=msid): its id, or on /sfu its participant_id where
 *  SDP allows that. */
const char *publisher_stream_name(const struct publisher *p, bool on_sfu);
