/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * Ids of sources (router/source/source_msg.h). They are like those of peers, but for their slots,
 * which follow those of peers: a route names either. Control thread. */
uint64_t source_id_take(void *of); /**< 0: there are SOURCES_MAX */
void *source_id_find(uint64_t id); /**< NULL: a peer's, or of none any more */
void source_id_free(uint64_t id);
void *source_id_next(uint32_t *slot); /**< as ids_next() */
void source_ids_stop(void);
