/* SPDX-License-Identifier: Apache-2.0 */
#include "pace.h"

/* How fast a layer is, and whether it keeps up with the others: slow video is not dead video. */
#define PACE_MAX_US  1200000        /* slower than this nobody waits for a layer */
#define PAUSE_MAX_US (5 * US_PER_S) /* longer ones are not the pace of a stream */
/* frames that another layer has more: the first may be of the same picture */
#define BEHIND 3

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Up at once, and down by and by: a picture that is late makes the next ones awaited longer. */
void pace_learn(struct layer *l, int64_t now_us)
{
	int64_t since_us = now_us - l->frame_at_us;
	if (l->frames++) {
		l->pace_us -= l->pace_us / 8;
		l->pause_us -= l->pause_us / 64;
		l->second_pause_us -= l->second_pause_us / 64;
		if (since_us > l->pace_us)
			l->pace_us = least(since_us, PACE_MAX_US);
		if (since_us > l->pause_us) {
			l->second_pause_us = l->pause_us;
			l->pause_us = least(since_us, PAUSE_MAX_US);
		} else if (since_us > l->second_pause_us) {
			l->second_pause_us = since_us;
		}
	}
	l->frame_at_us = now_us;
}

/* Layers are held against each other, not against the clock: of a slow stream all are late. One
 * that ends is behind once another has brought three frames more, and that by layer_alive()'s wait:
 * after 280 ms at 25 frames a second, after a second and a half at two. */
void pace_compare(struct receiver *rx, unsigned layer, int64_t now_us)
{
	struct layer *l = &rx->layers[layer];
	l->behind_us = 0;
	for (unsigned i = 0; i < rx->n_layers; i++) {
		struct layer *o = &rx->layers[i];
		l->seen[i] = o->frames;
		if (i != layer && l->frames - o->seen[layer] >= BEHIND)
			o->behind_us = now_us - o->last_at_us;
	}
}
