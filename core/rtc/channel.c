/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"
#include <stdlib.h>
#include <string.h>
#include "data.h"

#define NAMES_MAX    (256u << 10) /* of CHANNEL_HELD_MAX */
#define CHANNEL_COST 128          /* besides its names */
#define ROOM_STEP    16           /* channels */

struct channel *channel_on(const struct channel_table *t, unsigned stream)
{
	return stream < t->n_room ? t->open[stream] : NULL;
}

struct channel *channel_labelled(const struct channel_table *t, const char *label)
{
	for (unsigned i = 0; i < t->n_room; i++)
		if (t->open[i] && !t->open[i]->is_closing && strcmp(t->open[i]->label, label) == 0)
			return t->open[i];
	return NULL;
}

struct channel *channel_numbered(const struct channel_table *t, unsigned stream)
{
	struct channel *ch = channel_on(t, stream);
	return ch && !ch->is_closing ? ch : NULL;
}

static bool make_room(struct channel_table *t, unsigned stream)
{
	unsigned n = stream / ROOM_STEP * ROOM_STEP + ROOM_STEP;
	struct channel **open = stream < t->n_room ? t->open : realloc(t->open, n * sizeof(*open));
	if (!open)
		return false;
	t->open = open;
	while (t->n_room <= stream)
		t->open[t->n_room++] = NULL;
	return true;
}

static size_t cost_of(const char *label, const char *protocol)
{
	return CHANNEL_COST + strlen(label) + strlen(protocol);
}

static void discard(struct channel *ch)
{
	free(ch->part);
	free(ch->label);
	free(ch->protocol);
	free(ch);
}

struct channel *channel_add(
	struct channel_table *t, uint16_t stream, const char *label, const char *protocol)
{
	size_t cost = cost_of(label, protocol);
	if (t->names + cost > NAMES_MAX || !make_room(t, stream))
		return NULL;
	struct channel *ch = calloc(1, sizeof(*ch));
	if (!ch)
		return NULL;
	ch->stream = stream;
	ch->label = strdup(label);
	ch->protocol = strdup(protocol);
	if (!ch->label || !ch->protocol) {
		discard(ch);
		return NULL;
	}
	t->names += cost;
	return t->open[stream] = ch;
}

bool channel_keep_part(struct channel_table *t, struct channel *ch, const uint8_t *data, size_t len)
{
	uint8_t *part;
	if (ch->part_len + len > DATA_MAX || t->parts + t->names + len > CHANNEL_HELD_MAX ||
		!(part = realloc(ch->part, ch->part_len + len + 1)))
		return false;
	t->parts += len;
	memcpy(part + ch->part_len, data, len);
	ch->part = part;
	ch->part_len += len;
	return true;
}

void channel_drop_part(struct channel_table *t, struct channel *ch)
{
	t->parts -= ch->part_len;
	free(ch->part);
	ch->part = NULL;
	ch->part_len = 0;
}

void channel_remove(struct channel_table *t, struct channel *ch)
{
	t->open[ch->stream] = NULL;
	t->names -= cost_of(ch->label, ch->protocol);
	t->parts -= ch->part_len;
	discard(ch);
}
