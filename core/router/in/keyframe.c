/* SPDX-License-Identifier: Apache-2.0 */
#include "keyframe.h"

/* Requests for one SSRC are merged, repeated until a keyframe comes, and kept within a budget: a
 * layer brings BURST at once and then one per PACE_US, whoever asks for them. */
#define SILENT_US (2 * US_PER_S) /* nobody is asked who sends nothing */
#define PACE_US   500000
#define BURST     8

/* A source that is paused still has its last picture. */
static bool can_answer(const struct receiver *rx, const struct layer *l, int64_t now_us)
{
	if (rx->peer->is_source)
		return l->last_at_us;
	return !layer_silent(l, SILENT_US, now_us);
}

/* Ask now, or see to it that somebody does later. @return when to look again, INT64_MAX: when it
 * brings packets. */
static int64_t pursue(struct receiver *rx, struct layer *l, int64_t now_us)
{
	int64_t at_us;
	if (!l->wish || !(l->ssrc || rx->peer->is_mirror) || !receiver_open(rx) ||
		!can_answer(rx, l, now_us))
		return INT64_MAX;
	at_us = budget_when(&l->keyframes, BURST, PACE_US, now_us);
	if (l->asked_us && l->asked_us + KEYFRAME_US > at_us)
		at_us = l->asked_us + KEYFRAME_US;
	if (at_us > now_us)
		return at_us;
	l->asked_us = now_us;
	l->n_asked += l->n_asked < UINT16_MAX;
	rx->ops->keyframe(rx, (unsigned)(l - rx->layers));
	return now_us + KEYFRAME_US;
}

static void look_again(struct receiver *rx, int64_t at_us)
{
	struct router *r = rx->peer->r;
	if (at_us == INT64_MAX)
		return;
	if (!node_linked(&rx->wishing))
		node_add(&r->wishing, &rx->wishing);
	if (!wheel_armed(&r->wish_timer) || r->wish_timer.at_us > at_us)
		wheel_set(r->wheel, &r->wish_timer, at_us);
}

void keyframe_want(struct receiver *rx, unsigned layer, int64_t now_us)
{
	struct layer *l = &rx->layers[layer];
	if (rx->t.kind != CARDEA_VIDEO)
		return;
	l->wish = true;
	look_again(rx, pursue(rx, l, now_us));
}

void keyframe_came(struct receiver *rx, unsigned layer, uint32_t ts, int64_t now_us)
{
	struct layer *l = &rx->layers[layer];
	if (l->wish)
		budget_take(&l->keyframes, BURST, PACE_US, now_us);
	l->wish = false;
	l->n_asked = 0;
	if (l->keyframe_seen && l->keyframe_ts == ts)
		return; /* parameter sets and slices of one picture */
	l->keyframe_seen = true;
	l->keyframe_ts = ts;
	l->keyframe_at_us = now_us;
	rx->keyframes++;
}

void keyframe_repeat(void *router)
{
	struct router *r = router;
	int64_t now_us = clock_now_us(), next_us = INT64_MAX;
	RING_EACH(&r->wishing, n) {
		struct receiver *rx = NODE_OF(n, struct receiver, wishing);
		int64_t at_us = INT64_MAX;
		for (unsigned i = 0; i < rx->n_layers; i++) {
			int64_t t = pursue(rx, &rx->layers[i], now_us);
			at_us = t < at_us ? t : at_us;
		}
		if (at_us == INT64_MAX)
			node_del(n);
		next_us = at_us < next_us ? at_us : next_us;
	}
	if (next_us != INT64_MAX)
		wheel_set(r->wheel, &r->wish_timer, next_us);
}
