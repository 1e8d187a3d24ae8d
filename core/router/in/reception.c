/* SPDX-License-Identifier: Apache-2.0 */
#include "../../base/clock.h"
#include "reception.h"

#define MAX_DROPOUT  3000
#define MAX_MISORDER 1000

static void restart(struct reception *r, uint16_t seq)
{
	*r = (struct reception){
		.started = true, .max_seq = seq, .base_seq = seq, .bad_seq = 0x10000, .received = 1
	};
}

static void measure_jitter(struct reception *r, uint32_t ts, uint32_t clock_hz, int64_t now_us)
{
	/* only the low 32 bits matter, and they wrap: the difference of two transits is what counts
	 */
	uint64_t s = (uint64_t)(now_us / US_PER_S), us = (uint64_t)(now_us % US_PER_S);
	int32_t transit = (int32_t)((uint32_t)(s * clock_hz + us * clock_hz / US_PER_S) - ts);
	int64_t d = (int32_t)((uint32_t)transit - (uint32_t)r->transit);
	if (d < 0)
		d = -d;
	if (r->transit &&
		d < (int64_t)clock_hz *
				5) /* else a jump of the sender's clock, not of the network */
		r->jitter16 += (uint32_t)(d - ((r->jitter16 + 8) >> 4));
	r->transit = transit;
}

enum seq_verdict reception_seen(
	struct reception *r, uint16_t seq, uint32_t ts, uint32_t clock_hz, int64_t now_us)
{
	uint16_t d = (uint16_t)(seq - r->max_seq);
	if (!r->started) {
		restart(r, seq);
	} else if (d < MAX_DROPOUT) {
		if (seq < r->max_seq)
			r->cycles += 0x10000;
		r->max_seq = seq;
		r->received++;
	} else if (d <= 0x10000 - MAX_MISORDER) {
		if (seq != r->bad_seq) {
			r->bad_seq = (uint16_t)(seq + 1);
			return SEQ_STRAY;
		}
		restart(r, seq);
		return SEQ_RESTART;
	} else {
		r->received++;
	}
	measure_jitter(r, ts, clock_hz, now_us);
	return SEQ_OK;
}

static uint32_t expected(const struct reception *r)
{
	return r->cycles + r->max_seq - r->base_seq + 1;
}

int32_t reception_lost(const struct reception *r)
{
	return r->started ? (int32_t)(expected(r) - r->received) : 0;
}

void reception_block(struct reception *r, struct rtcp_block *out)
{
	uint32_t exp = expected(r), interval = exp - r->expected_prior,
		 got = r->received - r->received_prior;
	r->expected_prior = exp;
	r->received_prior = r->received;
	out->fraction = interval && interval > got
				? (uint8_t)((uint64_t)(interval - got) * 255 / interval)
				: 0;
	out->lost = reception_lost(r);
	out->highest = r->cycles + r->max_seq;
	out->jitter = r->jitter16 >> 4;
}
