/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/** @file
 * Redundant audio: its block headers, read when a packet comes in, written again with the payload
 * types of the peer that it goes to. Pure functions. */

/** Walk the block headers of redundant audio (RFC 2198).
 *  @param pt every block's payload type, as the description says ("111/111")
 *  @return offset of the last block, the newest sound; 0: malformed, or there is none. */
uint16_t red_look(const uint8_t *payload, size_t len, uint8_t pt);
/** Write payload type @p pt into every block header of a payload that red_look() found good.
 *  @return the one before. */
uint8_t red_renumber(uint8_t *payload, uint8_t pt);

#define RED_BLOCKS 32 /**< in one payload, at most: as many as browsers read */
struct red_block {
	uint32_t before; /**< how much earlier than the newest, in units of its RTP clock */
	const uint8_t *bytes;
	uint16_t len; /**< of older blocks also 0 */
};
/** Take apart a payload that red_look() found good: oldest block first, as they stand in it.
 *  @return how many */
unsigned red_blocks(const uint8_t *payload, size_t len, struct red_block out[RED_BLOCKS]);
