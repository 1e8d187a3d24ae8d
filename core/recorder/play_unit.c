/* SPDX-License-Identifier: Apache-2.0 */
#include "play_unit.h"
#include <stdlib.h>
#include <string.h>
#include "../rtp/rtp.h"

struct play_unit *play_unit_new(void)
{
	return calloc(1, sizeof(struct play_unit));
}

void play_unit_free(struct play_unit *u)
{
	if (!u)
		return;
	free(u->bytes);
	free(u);
}

static uint8_t *make_room(struct play_unit *u, size_t len)
{
	size_t size = u->size ? u->size : 2048;
	uint8_t *more;
	if (len > PLAY_UNIT_MAX - u->len)
		return NULL;
	while (size < u->len + len)
		size *= 2;
	if (size != u->size) {
		if (!(more = realloc(u->bytes, size)))
			return NULL;
		u->bytes = more;
		u->size = size;
	}
	return u->bytes + u->len;
}

bool play_unit_add(struct play_unit *u, uint8_t pt, bool marker, const uint8_t *header,
	size_t header_len, const uint8_t *payload, size_t len)
{
	const struct rtp_out plain = { .pt = pt, .marker = marker };
	size_t all = (header_len ? header_len : RTP_HEADER) + len;
	struct source_packet p = { .len = (uint16_t)all };
	uint8_t *at;
	if (all > PKT_CAP || !(at = make_room(u, source_room(all))))
		return false;
	memset(at + source_room(all) - 4, 0, 4);
	memcpy(at, &p, sizeof p);
	at += sizeof p;
	if (header_len) {
		memcpy(at, header, header_len);
		at[1] = (uint8_t)((marker ? 0x80 : 0) | pt);
	} else {
		header_len = rtp_write(at, RTP_HEADER, &plain);
	}
	memcpy(at + header_len, payload, len);
	u->len += source_room(all);
	u->n++;
	return true;
}

bool play_unit_add_data(struct play_unit *u, const uint8_t *bytes, size_t len)
{
	uint8_t *at = make_room(u, len + 1);
	if (!at)
		return false;
	memcpy(at, bytes, len);
	at[len] = 0;
	u->len += len;
	return true;
}

struct source_packet *play_unit_next(const struct play_unit *u, const struct source_packet *p)
{
	uint8_t *at = p ? (uint8_t *)(uintptr_t)p + source_room(p->len) : u->bytes;
	return u->n && at < u->bytes + u->len ? (struct source_packet *)(void *)at : NULL;
}

void play_units_put(struct play_units *q, struct play_unit *u)
{
	u->next = NULL;
	if (q->first)
		q->last->next = u;
	else
		q->first = u;
	q->last = u;
}

struct play_unit *play_units_take(struct play_units *q)
{
	struct play_unit *u = q->first;
	if (u)
		q->first = u->next;
	return u;
}

void play_units_clear(struct play_units *q)
{
	for (struct play_unit *u; (u = play_units_take(q));)
		play_unit_free(u);
}
