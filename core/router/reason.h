/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * Why nothing flows on an m-line, as a flat value: a worker reports it to control, which has the
 * words for it (control/explain.h). why.h finds it out. */
enum why_code {
	WHY_WELL, /**< it flows, or nothing is to flow */
	WHY_NOT_UP,
	WHY_PEER_SILENT,
	WHY_NOT_DESCRIBED,
	WHY_MUTED, /**< the receiver, by cardea_mute() */
	/* what we send */
	WHY_NO_ROUTE,
	WHY_SOURCE_ENDED,
	WHY_PAUSED,
	WHY_CODEC, /**< of the source: another one than this m-line's, or than was agreed on */
	WHY_SOURCE_PAUSED, /**< it is no peer, and stands still */
	WHY_SOURCE_NOT_UP,
	WHY_SOURCE_STOPPED, /**< it is not received any more, by agreement */
	WHY_SOURCE_EMPTY,   /**< nothing has come from it yet */
	WHY_SOURCE_STALLED,
	WHY_LAYER_CAP,      /**< only higher layers come than may be sent */
	WHY_LAYER_NOT_SENT, /**< a lower one is, as the wanted one does not come */
	WHY_KEYFRAME,       /**< is waited for */
	WHY_REFUSED,        /**< the transport takes no packets */
	/* what we receive */
	WHY_NO_PACKETS,
	WHY_STALLED,
	WHY_UNKNOWN_SSRC, /**< packets come that belong to no m-line */
	WHY_ROUTER_END,
};

struct why {
	uint8_t code;     /**< enum why_code, or one of those behind them */
	uint8_t layer;    /**< that is waited for, or wanted; counts from 0 */
	uint16_t asked;   /**< keyframes asked for since the last that came */
	uint32_t ssrc;    /**< the newest that belongs to nobody */
	uint64_t packets; /**< that were dropped, by WHY_UNKNOWN_SSRC and WHY_NOT_DESCRIBED */
	int64_t since_us; /**< when it began, or was noticed */
	int64_t asked_us; /**< for a keyframe, last; 0: never */
};

/** What the looks at a track have found so far. */
struct look {
	uint64_t packets; /**< sent until the last look */
	int64_t moved_us; /**< the last look that found more than the one before; 0: none */
	int64_t since_us;
	uint8_t code; /**< since then */
	uint8_t told; /**< the code that control was told of; WHY_WELL: none, or its end */
};
