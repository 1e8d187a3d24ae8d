/* SPDX-License-Identifier: Apache-2.0 */
#include "../in/receiver.h"
#include "compound.h"
#include "remb.h"

/* The cap that an application puts on a publisher, told by REMB (draft-alvestrand-rmcat-remb-03).
 * It is brought in four growing steps at the start, so that the first seconds do not overshoot, and
 * then told again every five seconds. */
#define STEPS      4
#define REPEAT_US  (5 * US_PER_S)
#define LIFTED_BPS 1000000000U

static void tell(struct peer *p, uint64_t bps, int64_t now_us)
{
	uint8_t data[RTCP_ROOM];
	struct rtcp_buf b = { data, 0, sizeof data, false };
	uint32_t ssrcs[128];
	unsigned n = 0;
	for (unsigned i = 0; i < p->n_lines; i++) {
		const struct receiver *rx = p->lines[i].rx;
		if (!rx || rx->t.kind != CARDEA_VIDEO || !receiver_open(rx))
			continue;
		for (unsigned l = 0; l < rx->n_layers && n < 128; l++)
			if (rx->layers[l].ssrc)
				ssrcs[n++] = rx->layers[l].ssrc;
	}
	if (!n)
		return;
	p->limit_at_us = now_us;
	compound_open(&b, p);
	rtcp_put_remb(&b, p->our_ssrc, bps, ssrcs, n);
	compound_send(p, &b);
}

void remb_limit(struct peer *p, uint32_t bps)
{
	if (p->limit_bps == bps)
		return;
	p->limit_bps = bps;
	p->limit_steps = 0;
	if (p->up && p->limit_at_us) /* a cap is not forgotten by itself */
		tell(p, bps ? bps : LIFTED_BPS, clock_now_us());
	else
		p->limit_steps = bps ? STEPS : 0;
}

void remb_start(struct peer *p, int64_t now_us)
{
	tell(p, p->limit_bps / p->limit_steps, now_us);
	p->limit_steps--;
}

void remb_repeat(struct peer *p, int64_t now_us)
{
	if (p->limit_bps && !p->limit_steps && now_us - p->limit_at_us >= REPEAT_US)
		tell(p, p->limit_bps, now_us);
}
