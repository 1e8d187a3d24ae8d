/* SPDX-License-Identifier: Apache-2.0 */
#include "play_outbox.h"
#include <stdlib.h>
#include <string.h>

static bool make_room(struct play_outbox *o, size_t len)
{
	size_t size = o->size ? o->size : 4096;
	uint8_t *more;
	if (o->at) {
		memmove(o->bytes, o->bytes + o->at, o->len - o->at);
		o->len -= o->at;
		o->at = 0;
	}
	while (size < o->len + len)
		size *= 2;
	if (size == o->size)
		return true;
	if (!(more = realloc(o->bytes, size)))
		return false;
	o->bytes = more;
	o->size = size;
	return true;
}

bool play_outbox_add(struct play_outbox *o, const struct play_unit *u)
{
	if (o->len + u->len > o->size && !make_room(o, u->len))
		return false;
	memcpy(o->bytes + o->len, u->bytes, u->len);
	o->len += u->len;
	o->n += u->n;
	return true;
}

bool play_outbox_peek(struct play_outbox *o, int64_t now_us, struct iovec *slice, unsigned *n)
{
	if (!o->n || now_us < o->next_us)
		return false;
	o->slice = 0;
	for (o->slice_n = 0; o->slice_n < PLAY_SLICE && o->at + o->slice < o->len; o->slice_n++) {
		const struct source_packet *p = (const void *)(o->bytes + o->at + o->slice);
		o->slice += source_room(p->len);
	}
	*slice = (struct iovec){ o->bytes + o->at, o->slice };
	*n = o->slice_n;
	return true;
}

void play_outbox_left(struct play_outbox *o, bool has_left, int64_t now_us)
{
	if (has_left) {
		o->at += o->slice;
		o->n -= o->slice_n;
	}
	if (!o->n)
		o->at = o->len = 0;
	/* a slice that was not full leaves its successor as much as there was room */
	if (!has_left || o->slice_n == PLAY_SLICE)
		o->next_us = now_us + PLAY_SLICE_US;
}

int64_t play_outbox_due_us(const struct play_outbox *o)
{
	return o->n ? o->next_us : INT64_MAX;
}

void play_outbox_clear(struct play_outbox *o)
{
	free(o->bytes);
	*o = (struct play_outbox){ 0 };
}
