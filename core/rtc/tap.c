/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "../capture/capture_msg.h"
#include "tap.h"

struct tap {
	struct queue *queue;
	struct queue_share share;
	uint64_t id;
	uint32_t truncate;
	uint32_t lost; /* since the last that found room */
};

struct tap *tap_new(struct queue *queue, uint64_t id, uint32_t truncate)
{
	struct tap *t = malloc(sizeof(*t));
	if (!t) {
		tap_refuse(queue, id);
		return NULL;
	}
	*t = (struct tap){ .queue = queue, .id = id, .truncate = truncate };
	return t;
}

/* Packets have a share of the queue, and leave room for this. */
static void end(struct queue *queue, uint64_t id, uint32_t lost)
{
	const struct capture_record r = { .type = CAPTURE_CLOSE, .lost = lost, .id = id };
	queue_push(queue, &r, sizeof(r));
}

void tap_free(struct tap *t)
{
	if (!t)
		return;
	end(t->queue, t->id, t->lost);
	free(t);
}

void tap_refuse(struct queue *queue, uint64_t id)
{
	if (queue)
		end(queue, id, 0);
}

static void put(struct tap *t, struct capture_packet p, const struct rtp_parts *parts)
{
	size_t len = parts->header_len + parts->payload_len;
	size_t kept = t->truncate && t->truncate < len ? t->truncate : len;
	size_t head = parts->header_len < kept ? parts->header_len : kept;
	struct capture_record r = { .type = CAPTURE_PACKET, .lost = t->lost, .id = t->id };
	const struct iovec to[] = { { &r, sizeof(r) }, { (void *)parts->header, head },
		{ (void *)parts->payload, kept - head } };
	p.len = (uint16_t)len;
	p.kept = (uint16_t)kept;
	r.packet = p;
	if (queue_push_parts(t->queue, &t->share, CAPTURE_SHARE, to, 3))
		t->lost++;
	else
		t->lost = 0;
}

void tap_in(struct tap *t, bool is_rtcp, const uint8_t *data, size_t len, int64_t now_us)
{
	const struct rtp_parts whole = { .header = data, .header_len = len };
	put(t, (struct capture_packet){ .at_us = now_us, .is_rtcp = is_rtcp }, &whole);
}

void tap_rtp_out(struct tap *t, const struct rtp_parts *parts, int64_t now_us)
{
	put(t, (struct capture_packet){ .at_us = now_us, .is_out = true }, parts);
}

void tap_rtcp_out(struct tap *t, const uint8_t *data, size_t len, int64_t now_us)
{
	const struct rtp_parts whole = { .header = data, .header_len = len };
	put(t, (struct capture_packet){ .at_us = now_us, .is_out = true, .is_rtcp = true }, &whole);
}
