/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "../../rtp/rtp.h"
#include "nack.h"

/* Number 100 came last. At 0 ms comes 103: 101 and 102 are missing, noticed at 0. At 12 ms both are
 * asked for. 101 comes at 20 ms and is forgotten; 102 is asked for again at 155 ms, and then given
 * up. If 300 came next, 200 numbers on, that would be no gap but a beginning: nothing is asked
 * for. */

#define BACK_MAX 1000

static void cut_front(struct nack *n, unsigned count)
{
	n->n = (uint16_t)(n->n - count);
	memmove(n->missing, n->missing + count, n->n * sizeof n->missing[0]);
}

static void remove_seq(struct nack *n, uint16_t seq)
{
	for (unsigned i = 0; i < n->n; i++) {
		if (n->missing[i].seq != seq)
			continue;
		n->n--;
		memmove(n->missing + i, n->missing + i + 1, (n->n - i) * sizeof n->missing[0]);
		return;
	}
}

void nack_restart(struct nack *n)
{
	n->started = false;
	n->n = 0;
}

bool nack_seen(struct nack *n, uint16_t seq, int64_t now_us)
{
	int d = (int16_t)(seq - n->highest);
	unsigned old = 0;
	if (!n->started || d > NACK_WINDOW || d < -BACK_MAX) {
		nack_restart(n);
		n->started = true;
		n->highest = seq;
		return false;
	}
	if (d <= 0) {
		remove_seq(n, seq);
		return n->n;
	}
	while (old < n->n && (uint16_t)(seq - n->missing[old].seq) > NACK_WINDOW)
		old++;
	if (old)
		cut_front(n, old);
	for (uint16_t s = (uint16_t)(n->highest + 1); s != seq; s++) {
		n->missing[n->n].seq = s;
		n->missing[n->n].noticed_us = (uint32_t)now_us;
		n->missing[n->n++].asked = false;
	}
	n->highest = seq;
	return n->n;
}

void nack_keyframe(struct nack *n, uint16_t seq)
{
	unsigned before = 0;
	while (before < n->n && seq_after(seq, n->missing[before].seq))
		before++;
	cut_front(n, before);
}

static uint32_t wait_us(const struct nack *n, unsigned i)
{
	return n->missing[i].asked ? NACK_SECOND_US : NACK_FIRST_US;
}

unsigned nack_due(struct nack *n, int64_t now_us, uint16_t seqs[NACK_WINDOW])
{
	unsigned count = 0, kept = 0;
	for (unsigned i = 0; i < n->n; i++) {
		bool due = (uint32_t)now_us - n->missing[i].noticed_us >= wait_us(n, i);
		if (due)
			seqs[count++] = n->missing[i].seq;
		if (due && n->missing[i].asked)
			continue; /* that was the last time */
		n->missing[kept] = n->missing[i];
		n->missing[kept++].asked |= due;
	}
	n->n = (uint16_t)kept;
	return count;
}

int64_t nack_next(const struct nack *n, int64_t now_us)
{
	int64_t next = INT64_MAX;
	for (unsigned i = 0; i < n->n; i++) {
		int64_t left =
			(int32_t)(n->missing[i].noticed_us + wait_us(n, i) - (uint32_t)now_us);
		if (now_us + left < next)
			next = now_us + left;
	}
	return next;
}
