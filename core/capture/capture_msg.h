/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * Packets on their way into files: what control and the workers say to the thread that writes
 * captures (writer.h), and what that answers, as flat records. */
#define CAPTURES_MAX  8          /**< at once */
#define CAPTURE_SHARE (4u << 20) /**< bytes of a batch of the queue that one may take */
/** Bytes of a batch: so much that beginnings and ends always find room. */
#define CAPTURE_QUEUE (CAPTURES_MAX * CAPTURE_SHARE + (1u << 20))

enum capture_type {
	CAPTURE_OPEN = 1, /**< control: a file is there */
	CAPTURE_PACKET,   /**< a worker */
	CAPTURE_CLOSE,    /**< from whoever is the last to speak of it */
};

struct capture_packet {
	int64_t at_us; /**< clock_now_us() */
	uint16_t len;  /**< of the packet; what is kept of it follows the record */
	uint16_t kept;
	uint8_t is_out, is_rtcp;
};

struct capture_record {
	uint32_t type; /**< enum capture_type */
	uint32_t lost; /**< packets that the queue had no room for, since the record before */
	uint64_t id;   /**< of the capture */
	union {
		struct {
			uint64_t session, handle;
			int32_t fd; /**< given away */
			uint8_t is_text;
		} open;
		struct capture_packet packet;
	};
};

/** A capture is over, and its file closed. */
struct capture_ended {
	uint64_t id;
	uint64_t packets; /**< in the file */
	uint64_t lost;
	int32_t error; /**< errno of the file; 0: it was asked to end */
};
