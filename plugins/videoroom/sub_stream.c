/* SPDX-License-Identifier: Apache-2.0 */
#include "sub_stream.h"

void sub_stream_free(void *arg)
{
	struct sub_stream *st = arg;
	if (st->sources)
		g_ptr_array_free(st->sources, TRUE);
	g_free(st->crossrefid);
	g_free(st);
}

bool sub_stream_add_data(struct sub_stream *st, struct publisher *p)
{
	if (!st->sources)
		st->sources = g_ptr_array_new();
	if (g_ptr_array_find(st->sources, p, NULL))
		return false;
	g_ptr_array_add(st->sources, p);
	return true;
}

bool sub_stream_remove_data(struct sub_stream *st, const struct publisher *p)
{
	if (!st->sources || !st->sources->len)
		return false;
	if (p && !g_ptr_array_remove(st->sources, (gpointer)p))
		return false;
	if (!p)
		g_ptr_array_set_size(st->sources, 0);
	return true;
}

bool sub_stream_carries_data(const struct sub_stream *st, const struct publisher *p)
{
	return st->sources && g_ptr_array_find(st->sources, p, NULL);
}

const struct stream *sub_stream_source(const struct sub_stream *st)
{
	return st->feed && st->feed_mindex < st->feed->n_streams
		       ? &st->feed->streams[st->feed_mindex]
		       : NULL;
}
