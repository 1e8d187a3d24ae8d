/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include "../base/clock.h"
#include "direct_rate.h"

#define BURST_S 5 /* seconds' worth of messages at once */
#define PIECE   (8u << 10)

static double most(const struct direct_rate *r)
{
	return r->per_s * BURST_S;
}

void direct_rate_start(struct direct_rate *r, double per_s, int64_t now_us)
{
	r->per_s = per_s;
	r->left = most(r);
	r->at_us = now_us;
}

enum direct_pace direct_rate_say(struct direct_rate *r, size_t len, int64_t now_us)
{
	double cost = 1 + (double)(len / PIECE);
	r->left += (double)(now_us - r->at_us) / US_PER_S * r->per_s;
	r->left = MIN(r->left, most(r));
	r->at_us = now_us;
	cost = MIN(cost, most(r)); /* the largest message passes, however low the rate */
	if (r->left >= cost) {
		r->left -= cost;
		return PACE_OK;
	}
	r->left--;
	return r->left < -most(r) ? PACE_ABUSE : PACE_TOO_FAST;
}
