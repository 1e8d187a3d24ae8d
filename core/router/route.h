/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * Who hears whom, as a flat value: it travels from the control thread to a worker. */
struct route {
	uint64_t from_peer;   /**< its id */
	uint16_t from_worker; /**< where it is received; by a trunk unless it is here */
	uint32_t to_slot;     /**< peer */
	uint16_t from_mindex, to_mindex;
	uint8_t max_layer, max_temporal; /**< 0: no cap; layers count from 1 */
	uint8_t max_spatial, max_svc_temporal;
	uint8_t paused;
	/** playout-delay in 10 ms units plus 1; 0: as received */
	int16_t min_delay, max_delay;
	int64_t fallback_us; /**< 0: 250 ms */
};
