/* SPDX-License-Identifier: Apache-2.0 */
/** Made-up media: frames of the size and rhythm of a camera's, whose payload tells who sent it,
 *  when, and what it was.
 * */
#ifndef LOAD_SOURCE_H
#define LOAD_SOURCE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "hist.h"
#include "peers.h"

/** How late frames left, against their schedule: a client that is too busy is seen here first. */
extern struct hist source_lateness;
extern bool source_list_is_old; /**< Set where a peer begins or ends. */

void source_start(struct source *s, const struct sdp_media *m);
void source_free(struct source *s);
void source_resend(struct peer *p, struct source *s, uint16_t seq);

bool sources_are_on(void);
void sources_pause(void);
void sources_resume(void);       /**< Publishers are spread over one frame. */
void sources_send(uint64_t now); /**< All that is due. */
uint64_t sources_next(void);     /**< When the next frame is due. */

/** What a decrypted payload tells. */
struct stamp {
	uint32_t number; /**< of the peer, twice, plus one for video */
	uint32_t count;  /**< whose low half was the sequence number */
	uint32_t ts;
	uint64_t wall_ns;
	bool is_intact; /**< The body is what was sent. */
};
/** @return false: not a packet of a source */
bool stamp_read(struct stamp *out, const uint8_t *packet, size_t n);
#endif
