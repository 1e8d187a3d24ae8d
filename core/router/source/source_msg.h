/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../../base/buf.h"
#include "../track.h"

/** @file
 * What a source is made of and what it says, as flat values. A source puts packets into receivers
 * of its own: a player of recordings does, on a thread that may block. Only threads that fill one
 * include this; the router's part is source.h.
 *
 * Control opens it on a worker (CMD_SOURCE_OPEN) and tells the one who fills it, who writes records
 * into the queue of that worker, and reads what the worker says in a queue of its own. Its ids are
 * like those of peers, with slots beyond theirs, so that a route names either alike. */
#define SOURCES_MAX   1024 /**< in all; their slots follow those of peers */
#define SOURCE_TRACKS 4

/** A source as it is wanted. Wanted again under the same id, its tracks change. */
struct source_want {
	uint64_t id;
	uint8_t queue; /**< number of the queue that it is spoken to by: see sink/sink_queue.h */
	uint8_t n_tracks;
	/** by m-line, from 0; dir CARDEA_RECV; kind 0: there is none */
	struct track tracks[SOURCE_TRACKS];
};

/* ---- to the worker ---- */

enum source_type {
	SOURCE_PACKETS = 1,
	SOURCE_REPORT, /**< NTP time and timestamp of one instant: all tracks go by one clock */
	SOURCE_PAUSED, /**< it stands still, or goes on */
};

struct source_record {
	uint32_t type; /**< enum source_type */
	uint32_t n;    /**< of PACKETS: how many follow, SOURCE_BATCH at most */
	uint64_t source;
	union {
		struct {
			uint64_t ntp;
			uint32_t ts;
			uint16_t mindex;
		} report;
		struct {
			uint8_t on;
		} paused;
	};
};
#define SOURCE_BATCH 128 /**< half of what a receiver holds */

/** A packet, its RTP behind it, and up to 3 bytes so that the next begins at a multiple of 4. Its
 *  numbers go up by one, its timestamps from frame to frame. */
struct source_packet {
	uint16_t len;
	uint8_t mindex;
	uint8_t again; /**< enum pkt_again; whole frames */
};
/** Walk the packets of a SOURCE_PACKETS record of @p n bytes. @param p NULL: the first
 *  @return NULL: no more */
const struct source_packet *source_next(
	const struct source_record *r, size_t n, const struct source_packet *p);
static inline const uint8_t *source_rtp(const struct source_packet *p)
{
	return (const uint8_t *)(p + 1);
}
static inline size_t source_room(size_t len) /**< that a packet of this length takes */
{
	return sizeof(struct source_packet) + ((len + 3) & ~(size_t)3);
}

/* ---- to the one who fills it ---- */

enum source_word {
	SOURCE_KEYFRAME = 1, /**< somebody waits for one: send again from the last, as PKT_AGAIN.
				It is said again every 300 ms until one comes */
	SOURCE_CLOSED,       /**< the last word */
};
struct source_wish {
	uint32_t type; /**< enum source_word; who fills it may have more, from 100 on */
	uint32_t mindex;
	uint64_t source;
};
