/* SPDX-License-Identifier: Apache-2.0 */
#include "../in/keyframe.h"
#include "../meter.h"
#include "wish.h"

/* A keyframe costs all who watch, so each subscriber has a budget:
 *  - a sender has WISH_BURST wishes of one receiver, and gets one back after 4 s. If it does not
 *    wait for that but asks on, after 8 and 16 s, until it waits again: whoever asks all the time
 *    gets ten at once, and then four a minute;
 *  - of all receivers together it gets one back after 2 s: enough to follow who speaks.
 * A wish that another made already costs nothing. */
#define WISH_BURST  10 /* a viewer who tries all layers, some time after joining */
#define WISH_US     (4 * US_PER_S)
#define WISH_MAX_US (16 * US_PER_S)
#define ALL_US      (2 * US_PER_S)

static struct wishes *wishes_of(struct sender *tx, const struct receiver *rx)
{
	const struct peer *p = rx->peer;
	struct wishes *w;
	for (unsigned i = 0; i < 2; i++) {
		w = &tx->wishes.of[i];
		if (w->each_us && w->slot == p->slot && w->mindex == rx->t.mindex &&
			w->is_mirror == p->is_mirror)
			return w;
	}
	tx->wishes.newest ^= 1;
	w = &tx->wishes.of[tx->wishes.newest];
	*w = (struct wishes){ .slot = p->slot,
		.mindex = rx->t.mindex,
		.is_mirror = p->is_mirror,
		.each_us = WISH_US };
	return w;
}

static bool may_ask(struct sender *tx, const struct receiver *rx, int64_t now_us)
{
	struct wishes *w = wishes_of(tx, rx);
	if (budget_when(&tx->wishes.all, WISH_BURST, ALL_US, now_us) > now_us ||
		!budget_take(&w->budget, WISH_BURST, w->each_us, now_us)) {
		if (!w->refused)
			metric_add(&router_wish_drops, 1);
		w->refused = true;
		return false;
	}
	budget_take(&tx->wishes.all, WISH_BURST, ALL_US, now_us);
	w->each_us = w->refused ? 2 * w->each_us : w->each_us / 2;
	if (w->each_us < WISH_US)
		w->each_us = WISH_US;
	if (w->each_us > WISH_MAX_US)
		w->each_us = WISH_MAX_US;
	w->refused = false;
	return true;
}

void wish_keyframe(struct sender *tx, struct receiver *rx, unsigned layer, int64_t now_us)
{
	tx->asked = true;
	if (rx->t.kind == CARDEA_VIDEO && (rx->layers[layer].wish || may_ask(tx, rx, now_us)))
		keyframe_want(rx, layer, now_us);
}
