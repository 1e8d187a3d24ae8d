/* SPDX-License-Identifier: Apache-2.0 */
#include "../rtp/rtp.h"
#include "twcc.h"

#define SLOT(seq) ((seq) & (TWCC_WINDOW - 1))

static void restart(struct twcc *t, uint16_t seq)
{
	for (unsigned i = 0; i < TWCC_WINDOW; i++)
		t->at_us[i] = -1;
	t->started = true;
	t->first = t->newest = seq;
}

bool twcc_seen(struct twcc *t, uint16_t seq, int64_t now_us)
{
	int d = (int16_t)(seq - t->newest);
	if (!t->started || d >= TWCC_WINDOW) {
		restart(t, seq);
	} else if (d > 0) {
		if (!t->pending)
			t->first = (uint16_t)(t->newest + 1);
		for (uint16_t s = (uint16_t)(t->newest + 1); s != seq; s++)
			t->at_us[SLOT(s)] = -1;
		t->at_us[SLOT(seq)] = -1;
		t->newest = seq;
		if ((uint16_t)(seq - t->first) >= TWCC_WINDOW)
			t->first = (uint16_t)(seq - TWCC_WINDOW + 1);
	} else if (d <= -TWCC_WINDOW || t->at_us[SLOT(seq)] >= 0) {
		return false; /* forgotten, or a repeat */
	} else if (!t->pending || seq_after(t->first, seq)) {
		t->first = seq;
	}
	t->at_us[SLOT(seq)] = now_us;
	t->pending = true;
	return (uint16_t)(t->newest - t->first) + 1 >= TWCC_MESSAGE;
}

unsigned twcc_write(struct twcc *t, uint32_t sender, uint32_t media, struct rtcp_buf *b)
{
	int64_t at_us[TWCC_MESSAGE];
	unsigned n = 0, done;
	if (!t->pending)
		return 0;
	for (uint16_t s = t->first; n < TWCC_MESSAGE; s++) {
		at_us[n++] = t->at_us[SLOT(s)];
		if (s == t->newest)
			break;
	}
	done = rtcp_put_twcc(b, sender, media, t->first, at_us, n, t->count);
	t->count++;
	t->first = (uint16_t)(t->first + done);
	t->pending = done && t->first != (uint16_t)(t->newest + 1);
	return done;
}
