/* SPDX-License-Identifier: Apache-2.0 */
#include "../rtp/rtp.h"
#include "compound.h"
#include "twcc_in.h"

#define SLOT(seq) ((seq) & (TWCC_WINDOW - 1))
#define OLD_US    2000000 /* it was the same number a round before */

/* @return when it came, -1: it did not. */
static int64_t arrival(const struct twcc *t, uint16_t seq)
{
	int64_t at_us = t->at_us[SLOT(seq)];
	bool is_it =
		at_us && t->seq[SLOT(seq)] == seq && t->at_us[SLOT(t->newest)] - at_us < OLD_US;
	return is_it ? at_us : -1;
}

bool twcc_seen(struct twcc *t, uint16_t seq, int64_t now_us)
{
	int d = (int16_t)(seq - t->newest);
	if (!t->started || d >= TWCC_WINDOW) {
		t->started = true;
		t->first = t->newest = seq;
	} else if (d > 0) {
		if (!t->pending)
			t->first = (uint16_t)(t->newest + 1);
		t->newest = seq;
		if ((uint16_t)(seq - t->first) >= TWCC_WINDOW)
			t->first = (uint16_t)(seq - TWCC_WINDOW + 1);
	} else if (d <= -TWCC_WINDOW || arrival(t, seq) >= 0) {
		return false; /* forgotten, or a repeat */
	} else if (!t->pending || seq_after(t->first, seq)) {
		t->first = seq;
	}
	t->seq[SLOT(seq)] = seq;
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
		at_us[n++] = arrival(t, s);
		if (s == t->newest)
			break;
	}
	done = rtcp_put_twcc(b, sender, media, t->first, at_us, n, t->count);
	t->count++;
	t->first = (uint16_t)(t->first + done);
	t->pending = done && t->first != (uint16_t)(t->newest + 1);
	return done;
}

#define FEEDBACK_US 20000 /* between two messages, however far the numbers jump */

static void send_feedback(struct peer *p, int64_t now_us)
{
	uint8_t data[RTCP_ROOM];
	unsigned n;
	p->twcc_at_us = now_us;
	do {
		struct rtcp_buf b = { data, 0, sizeof data, false };
		compound_open(&b, p);
		if ((n = twcc_write(p->twcc, p->our_ssrc, p->twcc_media, &b)))
			compound_send(p, &b);
	} while (n);
	node_del(&p->feedback);
}

void twcc_in_send(void *router)
{
	struct router *r = router;
	int64_t now_us = clock_now_us();
	RING_EACH(&r->feedback, n)
		send_feedback(NODE_OF(n, struct peer, feedback), now_us);
}

void twcc_in_note(struct peer *p, uint16_t seq, int64_t now_us)
{
	struct router *r = p->r;
	if (!p->twcc && !(p->twcc = calloc(1, sizeof *p->twcc)))
		return;
	if (twcc_seen(p->twcc, seq, now_us) && now_us - p->twcc_at_us >= FEEDBACK_US) {
		send_feedback(p, now_us);
		return;
	}
	if (!node_linked(&p->feedback))
		node_add(&r->feedback, &p->feedback);
	if (!wheel_armed(&r->twcc_timer))
		wheel_set(r->wheel, &r->twcc_timer, now_us + r->conf.twcc_period_us);
}
