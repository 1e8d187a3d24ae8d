/* SPDX-License-Identifier: Apache-2.0 */
/* The one packet of rtcp.h that takes arithmetic: when which packet of a transport came, for the
 * sender's estimate of bandwidth. */
#include <string.h>
#include "rtcp.h"
#include "rtp.h"

/* Transport-wide feedback, draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1: a base
 * sequence number and time, then a status of two bits per packet in chunks, then the arrival times
 * as differences in units of 250 µs.
 *
 * An example: 100 came at 64,500 µs, 101 did not, 102 came at 65,250 µs. The reference time is 1
 * (of 64,000 µs, which are 256 ticks); 100 came in tick 258, 102 in tick 261, so the differences
 * are 2 and 3, of one byte each (SMALL). The statuses 1 0 1 are one vector, 0xd100. */
#define TICK_US 250
#define REF_US  64000 /* unit of the reference time */
#define FIXED   20    /* header, two SSRCs, base, count, reference time, feedback count */

enum { MISSING, SMALL, LARGE };

struct deltas {
	uint8_t status[400];
	int16_t ticks[400];
	unsigned n;
	size_t bytes; /* of the deltas */
};

/* Bytes of the chunks for the first n statuses: runs where they pay, else vectors of seven. */
static size_t chunk(const struct deltas *d, unsigned from, unsigned n, uint8_t *out, unsigned *used)
{
	unsigned run = 1, left = n - from;
	uint16_t word;
	while (run < left && d->status[from + run] == d->status[from])
		run++;
	if (run >= 7 || run == left) {
		*used = run;
		word = (uint16_t)(d->status[from] << 13 | run);
	} else {
		*used = left < 7 ? left : 7;
		word = 0xc000;
		for (unsigned i = 0; i < *used; i++)
			word |= (uint16_t)(d->status[from + i] << (12 - 2 * i));
	}
	if (out)
		wr16(out, word);
	return 2;
}

static size_t chunks(const struct deltas *d, unsigned n, uint8_t *out)
{
	size_t len = 0;
	for (unsigned at = 0, used; at < n; at += used)
		len += chunk(d, at, n, out ? out + len : NULL, &used);
	return len;
}

/* Floor of a division: arrivals may lie before the clock's zero in tests and after a wrap. */
static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Statuses and differences for as many packets as a message may carry. @return the reference time.
 */
static int64_t measure(struct deltas *d, const int64_t *at_us, unsigned n)
{
	int64_t ref = 0, last = 0;
	bool begun = false;
	for (d->n = 0, d->bytes = 0; d->n < n && d->n < 400; d->n++) {
		int64_t at = at_us[d->n], ticks;
		d->status[d->n] = MISSING;
		if (at < 0)
			continue;
		if (!begun) {
			ref = floor_div(at, REF_US);
			last = ref * (REF_US / TICK_US);
			begun = true;
		}
		ticks = floor_div(at, TICK_US) - last;
		if (ticks < INT16_MIN || ticks > INT16_MAX)
			break; /* 8 s apart: the rest goes into the next message */
		d->ticks[d->n] = (int16_t)ticks;
		d->status[d->n] = ticks >= 0 && ticks <= 255 ? SMALL : LARGE;
		d->bytes += d->status[d->n];
		last += ticks;
	}
	return ref;
}

static uint8_t *put_deltas(uint8_t *p, const struct deltas *d)
{
	for (unsigned i = 0; i < d->n; i++) {
		if (d->status[i] == LARGE) {
			wr16(p, (uint16_t)d->ticks[i]);
			p += 2;
		} else if (d->status[i] == SMALL) {
			*p++ = (uint8_t)d->ticks[i];
		}
	}
	return p;
}

unsigned rtcp_put_twcc(struct rtcp_buf *b, uint32_t sender, uint32_t media, uint16_t base,
	const int64_t *at_us, unsigned n, uint8_t count)
{
	struct deltas d;
	int64_t ref = measure(&d, at_us, n);
	size_t room = b->size - b->len, len;
	uint8_t *p = b->data + b->len, *end;
	while (d.n && FIXED + chunks(&d, d.n, NULL) + d.bytes + 3 > room)
		d.bytes -= d.status[--d.n]; /* a status is also the size of its delta */
	if (!d.n) {
		b->full = true;
		return 0;
	}
	wr32(p + 4, sender);
	wr32(p + 8, media);
	wr16(p + 12, base);
	wr16(p + 14, (uint16_t)d.n);
	wr32(p + 16, (uint32_t)ref << 8 | count);
	end = put_deltas(p + FIXED + chunks(&d, d.n, p + FIXED), &d);
	len = (size_t)(end - p);
	p[0] = 0x80 | 15;
	p[1] = 205;
	if (len & 3) {
		size_t pad = 4 - (len & 3);
		memset(end, 0, pad);
		end[pad - 1] = (uint8_t)pad;
		p[0] |= 0x20;
		len += pad;
	}
	wr16(p + 2, (uint16_t)(len / 4 - 1));
	b->len += len;
	return d.n;
}
