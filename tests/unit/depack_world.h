/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../../core/recorder/depack.h"

/** @file
 * A depacketizer whose packets are bytes and whose frames are text: "K64x48:10…" of keyframes of
 * pictures, "K:…" of sound, "D:…" of what is discardable, "P:…" of others, in hex. */
extern struct depack *d;
extern uint32_t ts;           /**< of the packets that follow */
extern struct rec_frame last; /**< the last frame; its bytes are gone */

void begin(enum cardea_codec_id codec, uint8_t red_pt);
int teardown(void **state);
/** What is not told of a packet is 0. */
struct how {
	unsigned gap;
	bool marker, is_empty;
	uint8_t pt, layer;
	uint32_t gen;
};
void take_bytes(struct how how, const uint8_t *payload, size_t len);
#define TAKE(h, ...) \
	do { \
		const uint8_t p_[] = { __VA_ARGS__ }; \
		take_bytes(h, p_, sizeof p_); \
	} while (0)
#define H(...) ((struct how){ __VA_ARGS__ })
/** What was given since this was asked before, is @p text. */
void assert_out(const char *text);
#define TEST(f) cmocka_unit_test_teardown(f, teardown)
