/* SPDX-License-Identifier: Apache-2.0 */
/* What can be decoded after a loss. Three ways to know, by what pictures tell:
 *
 * - what they refer to (VP9's flexible mode): all of it must have been given.
 * - the base layer's count (VP8 and VP9 TL0PICIDX, H.264 frame_num), and their temporal layer.
 *   Packets are missing between base 7 and 8 of layers 0 2 1 2 0: with base 8 in layer 0 no base
 *   picture is missing, so it can be decoded; upper layers wait until one of them says that it
 *   refers to the base alone. With base 9 a keyframe is needed.
 * - pictures' count: nothing was lost but padding.
 *
 * Else all depend on all that came before. */
#include "refs.h"
#include <string.h>

void refs_lose(struct refs *r, unsigned n)
{
	r->lost = n > UINT32_MAX - r->lost ? UINT32_MAX : r->lost + n;
}

static uint8_t layer_bit(const struct refs_told *t)
{
	return (uint8_t)(1u << (t->temporal > 0 ? t->temporal & 7 : 0));
}

/* This layer and those below. */
static uint8_t needed(const struct refs_told *t)
{
	return (uint8_t)(2u * layer_bit(t) - 1);
}

static bool no_picture_is_missing(const struct refs *r, const struct refs_told *t)
{
	return t->has_number && r->has_number && r->lost <= t->number_mask &&
	       t->number == ((r->number + 1) & t->number_mask);
}

static bool no_base_is_missing(const struct refs *r, const struct refs_told *t)
{
	return t->has_base && r->has_base && r->lost <= t->base_mask &&
	       t->base == ((r->base + (t->temporal <= 0)) & t->base_mask);
}

/* What was in the packets that are missing before @p t? */
static void judge_lost(struct refs *r, const struct refs_told *t)
{
	if (!r->lost)
		return;
	if (!no_picture_is_missing(r, t)) {
		if (no_base_is_missing(r, t))
			r->intact &= 1;
		else
			r->is_good = false;
	}
	r->lost = 0;
}

static void note(struct refs *r, const struct refs_told *t)
{
	if (t->has_back && r->has_number) {
		unsigned ahead = (unsigned)(t->number - r->number) & t->number_mask;
		for (unsigned i = 0; i < ahead && i < REFS_BACK; i++)
			r->given[(t->number - i) % REFS_BACK] = false;
	}
	r->has_base = t->has_base;
	r->base = t->base;
	r->has_number = t->has_number;
	r->number = t->number;
}

static bool all_given(const struct refs *r, const struct refs_told *t)
{
	for (unsigned i = 0; i < t->n_back; i++)
		if (!t->back[i] || !r->given[(uint16_t)(t->number - t->back[i]) % REFS_BACK])
			return false;
	return t->n_back;
}

static bool by_back(struct refs *r, const struct refs_told *t)
{
	bool good;
	note(r, t);
	good = all_given(r, t);
	r->lost = 0;
	r->given[t->number % REFS_BACK] = good;
	if (t->temporal <= 0)
		r->is_good = good;
	return good;
}

static bool by_layers(struct refs *r, const struct refs_told *t)
{
	judge_lost(r, t);
	note(r, t);
	if (!r->is_good)
		return false;
	if (!t->of_base_only && (r->intact & needed(t)) != needed(t))
		return false;
	if ((r->intact | layer_bit(t)) == (r->intact | needed(t)))
		r->intact |= layer_bit(t);
	if (t->frees_upper)
		r->intact |= (uint8_t)~needed(t);
	return true;
}

bool refs_whole(struct refs *r, const struct refs_told *t)
{
	if (t->is_keyframe) {
		memset(r, 0, sizeof *r);
		r->is_good = true;
		r->intact = UINT8_MAX;
		note(r, t);
		if (t->has_number)
			r->given[t->number % REFS_BACK] = true;
		return true;
	}
	return t->has_back && t->has_number ? by_back(r, t) : by_layers(r, t);
}

void refs_broken(struct refs *r, const struct refs_told *t)
{
	if (t->is_discardable && !t->has_base && !t->has_number)
		return;
	if (t->has_back && t->has_number) {
		r->lost = 0;
	} else {
		judge_lost(r, t);
	}
	note(r, t);
	if (t->has_number)
		r->given[t->number % REFS_BACK] = false;
	if (t->is_discardable)
		return;
	if (t->temporal > 0 && (t->has_base || t->has_back))
		r->intact &= (uint8_t)(layer_bit(t) - 1);
	else
		r->is_good = false;
}
