/* SPDX-License-Identifier: Apache-2.0 */
/* What usrsctp sends and does not repeat; sctp.c does. */
#include "sctp_forward.h"
#include <stdlib.h>
#include <string.h>
#include "../rtp/rtp.h"
#include "sctp_packet.h"

#define HEADER 8 /* of a SACK and of a FORWARD TSN, up to the TSN */

void sctp_forward_end(struct sctp_forward *f)
{
	free(f->packet);
	f->packet = NULL;
}

static void keep(struct sctp_forward *f, const uint8_t *packet, const uint8_t *chunk, size_t len)
{
	uint8_t *kept = realloc(f->packet, SCTP_COMMON + sctp_padded(len));
	if (!kept)
		return;
	memset(kept, 0, SCTP_COMMON + sctp_padded(len));
	memcpy(kept, packet, SCTP_COMMON);
	memcpy(kept + SCTP_COMMON, chunk, len);
	f->packet = kept;
	f->len = SCTP_COMMON + sctp_padded(len);
	f->tsn = rd32(chunk + SCTP_HEAD);
}

void sctp_forward_out(struct sctp_forward *f, uint8_t *packet, size_t len)
{
	uint8_t *c;
	size_t n;
	for (size_t at = SCTP_COMMON; (c = sctp_item(packet, at, len, &n)); at += sctp_padded(n))
		if (c[0] == CHUNK_FORWARD && n >= HEADER)
			keep(f, packet, c, n);
}

void sctp_forward_in(struct sctp_forward *f, uint8_t *packet, size_t len)
{
	uint8_t *c;
	size_t n;
	for (size_t at = SCTP_COMMON; (c = sctp_item(packet, at, len, &n)); at += sctp_padded(n))
		if (c[0] == CHUNK_SACK && n >= HEADER && f->packet &&
			(int32_t)(rd32(c + SCTP_HEAD) - f->tsn) >= 0)
			sctp_forward_end(f);
}
