/* SPDX-License-Identifier: Apache-2.0 */
#include "data_relay.h"
#include "room.h"
#include "subscriber.h"

static bool wants(const struct subscriber *s, const struct publisher *p)
{
	for (unsigned i = 0; !s->paused && !s->kicked && i < s->streams->len; i++) {
		const struct sub_stream *st = s->streams->pdata[i];
		if (sub_stream_carries_data(st, p))
			return st->ready && st->send;
	}
	return false;
}

void data_relay(const struct publisher *p, const struct cardea_data *what)
{
	int at = publisher_data_line(p);
	if (!p->room || at < 0 || p->streams[at].muted || p->streams[at].moderated)
		return;
	const GPtrArray *all = p->room->subscribers;
	struct cardea_handle **to = g_new(struct cardea_handle *, all->len + 1);
	unsigned n = 0;
	for (unsigned i = 0; i < all->len; i++) {
		const struct subscriber *s = all->pdata[i];
		if (wants(s, p) && cardea_has_data(s->handle))
			to[n++] = s->handle;
	}
	cardea_data_send_all(to, n,
		&(struct cardea_data){ .size = sizeof(struct cardea_data),
			.label = p->id.text,
			.protocol = what->protocol,
			.is_binary = what->is_binary,
			.bytes = what->bytes,
			.len = what->len });
	g_free(to);
}
