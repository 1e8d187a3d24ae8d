/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "errors.h"
#include "named_tracks.h"
#include "stream.h"

static void free_track(gpointer mem)
{
	struct named_track *t = mem;
	g_free(t->id);
	g_free(t);
}

GPtrArray *named_tracks_new(void)
{
	return g_ptr_array_new_with_free_func(free_track);
}

static int find(const GPtrArray *tracks, const char *id)
{
	for (unsigned i = 0; i < tracks->len; i++)
		if (!strcmp(((const struct named_track *)tracks->pdata[i])->id, id))
			return (int)i;
	return -1;
}

bool named_tracks_add(
	GPtrArray *tracks, const char *id, enum cardea_kind kind, struct cardea_error *e)
{
	if (find(tracks, id) >= 0)
		return cardea_fail(e, SFU_CONFLICT, "Track '%s' is published already", id);
	if (tracks->len >= CARDEA_MEDIA_MAX)
		return cardea_fail(e, SFU_FULL, "More than %d tracks", CARDEA_MEDIA_MAX);
	struct named_track *t = g_new0(struct named_track, 1);
	t->id = g_strdup(id);
	t->kind = kind;
	t->line = -1;
	g_ptr_array_add(tracks, t);
	return true;
}

bool named_tracks_remove(GPtrArray *tracks, const char *id)
{
	int at = find(tracks, id);
	if (at >= 0)
		g_ptr_array_remove_index(tracks, (unsigned)at);
	return at >= 0;
}

/* The first m-line that carries it; -1: none. */
static int line_of(const struct named_track *t, const struct cardea_desc *offer)
{
	for (unsigned i = 0; i < offer->n_media; i++) {
		const struct cardea_media *m = &offer->media[i];
		if (!m->rejected && m->dir & CARDEA_RECV &&
			(!strcmp(t->id, m->track) || !strcmp(t->id, m->mid)))
			return (int)i;
	}
	return -1;
}

const char *named_tracks_id(const GPtrArray *tracks, unsigned mindex)
{
	for (unsigned i = 0; i < tracks->len; i++) {
		const struct named_track *t = tracks->pdata[i];
		if (t->line == (int)mindex)
			return t->id;
	}
	return NULL;
}

bool named_tracks_check(GPtrArray *tracks, const struct cardea_desc *offer, struct cardea_error *e)
{
	for (unsigned i = 0; i < tracks->len; i++) {
		struct named_track *t = tracks->pdata[i];
		t->line = line_of(t, offer);
		if (t->line < 0 && !t->bound)
			return cardea_fail(e, SFU_UNKNOWN,
				"The offer has no track '%s' (neither a=msid nor a=mid is it)",
				t->id);
		if (t->line >= 0 && offer->media[t->line].kind != t->kind)
			return cardea_fail(e, SFU_INVALID, "Track '%s' is %s in the offer, not %s",
				t->id, kind_name(offer->media[t->line].kind), kind_name(t->kind));
	}
	return true;
}

void named_tracks_bind(GPtrArray *tracks)
{
	for (unsigned i = tracks->len; i-- > 0;) {
		struct named_track *t = tracks->pdata[i];
		t->bound = t->line >= 0;
		if (!t->bound)
			g_ptr_array_remove_index(tracks, i);
	}
}
