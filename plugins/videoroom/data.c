/* SPDX-License-Identifier: Apache-2.0 */
#include "data.h"

int data_of(const struct publisher *p)
{
	for (unsigned i = 0; i < p->n_streams; i++)
		if (p->streams[i].kind == CARDEA_DATA && !p->streams[i].disabled)
			return (int)i;
	return -1;
}

bool data_add(struct sub_stream *st, struct publisher *p)
{
	if (!st->sources)
		st->sources = g_ptr_array_new();
	if (g_ptr_array_find(st->sources, p, NULL))
		return false;
	g_ptr_array_add(st->sources, p);
	return true;
}

bool data_remove(struct sub_stream *st, const struct publisher *p)
{
	if (!st->sources || !st->sources->len)
		return false;
	if (p && !g_ptr_array_remove(st->sources, (gpointer)p))
		return false;
	if (!p)
		g_ptr_array_set_size(st->sources, 0);
	return true;
}

bool data_carries(const struct sub_stream *st, const struct publisher *p)
{
	return st->sources && g_ptr_array_find(st->sources, p, NULL);
}

void data_describe(const struct sub_stream *st, json_t *j)
{
	json_t *ids = json_array();
	for (unsigned i = 0; st->sources && i < st->sources->len; i++)
		json_array_append(ids, ((const struct publisher *)st->sources->pdata[i])->id.json);
	if (json_array_size(ids)) {
		json_object_set_new(j, "sources", json_integer((json_int_t)json_array_size(ids)));
		json_object_set(j, "source_ids", ids);
	}
	json_decref(ids);
}

static bool wants(const struct subscriber *s, const struct publisher *p)
{
	for (unsigned i = 0; !s->paused && !s->kicked && i < s->streams->len; i++) {
		const struct sub_stream *st = s->streams->pdata[i];
		if (data_carries(st, p))
			return st->ready && st->send;
	}
	return false;
}

void data_relay(const struct publisher *p, const struct cardea_data *what)
{
	int at = data_of(p);
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
