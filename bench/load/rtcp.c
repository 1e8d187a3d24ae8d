/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "base.h"
#include "options.h"
#include "rtcp.h"
#include "sink.h"
#include "source.h"

#define SR          200
#define RR          201
#define SDES        202
#define RTPFB       205
#define PSFB        206
#define BLOCK       24
#define BLOCKS      20 /* in one report */
#define NTP_EPOCH   2208988800ull
#define NACK_TRIES  8
#define NACK_REPEAT (60 * NS_PER_MS)

static void answer_nack(struct peer *p, const uint8_t *b, int n)
{
	struct source *s = get32(b + 8) == p->audio.ssrc && p->audio.is_on ? &p->audio : &p->video;
	p->nacks_in++;
	for (int at = 12; at + 4 <= n; at += 4) {
		uint16_t seq = get16(b + at), more = get16(b + at + 2);
		source_resend(p, s, seq);
		for (int i = 0; i < 16; i++)
			if (more >> i & 1)
				source_resend(p, s, (uint16_t)(seq + 1 + i));
	}
}

static void take(struct peer *p, const uint8_t *b, int n)
{
	int format = b[0] & 0x1f, type = b[1];
	if (type == SR && n >= 28) {
		struct stream *s = sink_find(&p->sink, get32(b + 4));
		if (s) {
			s->sr_middle = get32(b + 10);
			s->sr_ns = now_ns();
		}
	} else if (type == PSFB && (format == 1 || format == 4)) { /* PLI, FIR */
		p->plis_in++;
		p->video.wants_key = true;
	} else if (type == RTPFB && format == 1 && n >= 12) {
		answer_nack(p, b, n);
	}
}

void rtcp_in(struct peer *p, uint8_t *b, int n)
{
	if (srtp_unprotect_rtcp(p->in, b, &n) != srtp_err_status_ok) {
		sink_checks.undecrypted++;
		return;
	}
	for (int at = 0; at + 8 <= n;) {
		int len = (get16(b + at + 2) + 1) * 4;
		if (at + len > n)
			break;
		take(p, b + at, len);
		at += len;
	}
}

static void send_rtcp(struct peer *p, uint8_t *b, int n)
{
	if (srtp_protect_rtcp(p->out, b, &n) == srtp_err_status_ok)
		peer_send(p, b, (size_t)n);
}

static void write_head(uint8_t *b, int count, int type, int len)
{
	b[0] = (uint8_t)(0x80 | count);
	b[1] = (uint8_t)type;
	put16(b + 2, (uint16_t)(len / 4 - 1));
}

static void write_block(uint8_t *b, struct stream *s, uint64_t now)
{
	uint64_t expected = s->last - s->first + 1,
		 lost = expected > s->unique ? expected - s->unique : 0;
	uint64_t new_expected = expected - s->told_expected,
		 new_unique = s->unique - s->told_unique;
	uint64_t share =
		new_expected > new_unique ? (new_expected - new_unique) * 256 / new_expected : 0;
	s->told_expected = expected;
	s->told_unique = s->unique;
	put32(b, s->ssrc);
	put32(b + 4, (uint32_t)(lost & 0x7fffff));
	b[4] = (uint8_t)(share < 255 ? share : 255);
	put32(b + 8, (uint32_t)s->last);
	put32(b + 12, 0);
	put32(b + 16, s->sr_middle);
	/* A shorter "delay since the last report" makes the server see --rtt of round trip. The
	 * true 0 ms of a loopback is what no real client reports, and with it some servers keep
	 * nothing for retransmission: too easy a load. */
	uint64_t delay = now - s->sr_ns, less = (uint64_t)(opt.rtt * 1e6);
	delay = delay > less ? delay - less : 0;
	put32(b + 20, s->sr_middle ? (uint32_t)(delay * 65536 / NS_PER_S) : 0);
}

/* Blocks for the streams from @p *at on. @return how many */
static int write_blocks(struct peer *p, uint8_t *b, int *at, int max, uint64_t now)
{
	int n = 0;
	for (; *at < p->sink.n && n < max; (*at)++, n++)
		write_block(b + n * BLOCK, &p->sink.stream[*at], now);
	return n;
}

static int write_sdes(uint8_t *b, uint32_t ssrc)
{
	write_head(b, 1, SDES, 20);
	put32(b + 4, ssrc);
	memcpy(b + 8, "\1\7rtcload\0\0", 12); /* CNAME, padded */
	return 20;
}

static void send_sr(struct peer *p, const struct source *s, int *at, int blocks, uint64_t now)
{
	uint8_t b[1500];
	uint64_t wall = wall_ns();
	int n = write_blocks(p, b + 28, at, blocks, now);
	write_head(b, n, SR, 28 + n * BLOCK);
	put32(b + 4, s->ssrc);
	put32(b + 8, (uint32_t)(wall / NS_PER_S + NTP_EPOCH));
	put32(b + 12, (uint32_t)((wall % NS_PER_S << 32) / NS_PER_S));
	put32(b + 16, s->ts_base + (uint32_t)((double)now * (s->is_video ? 90e3 : 48e3) / 1e9));
	put32(b + 20, (uint32_t)s->packets);
	put32(b + 24, (uint32_t)s->bytes);
	int len = 28 + n * BLOCK;
	send_rtcp(p, b, len + write_sdes(b + len, s->ssrc));
}

void rtcp_report(struct peer *p, uint64_t now)
{
	struct source *of[] = { &p->video, &p->audio };
	int at = 0, blocks = BLOCKS;
	for (int k = 0; k < 2; k++) {
		if (!of[k]->is_on || !of[k]->packets || !sources_are_on())
			continue;
		send_sr(p, of[k], &at, blocks, now);
		blocks = 0;
	}
	while (at < p->sink.n) {
		uint8_t b[1500];
		int n = write_blocks(p, b + 8, &at, BLOCKS, now), len = 8 + n * BLOCK;
		write_head(b, n, RR, len);
		put32(b + 4, p->rtcp_ssrc);
		send_rtcp(p, b, len + write_sdes(b + len, p->rtcp_ssrc));
	}
}

static void nack_stream(struct peer *p, struct stream *s, uint64_t now)
{
	uint8_t b[12 + SINK_MISSING * 4 + 64];
	int n = 12;
	for (int i = 0; i < s->n_missing; i++) {
		struct missing *m = &s->missing[i];
		if (now < m->next_ns)
			continue;
		if (m->tries >= NACK_TRIES) {
			*m = s->missing[--s->n_missing];
			i--;
			continue;
		}
		m->tries++;
		m->next_ns = now + NACK_REPEAT;
		put16(b + n, m->seq);
		put16(b + n + 2, 0);
		n += 4;
	}
	if (n == 12)
		return;
	write_head(b, 1, RTPFB, n);
	put32(b + 4, p->rtcp_ssrc);
	put32(b + 8, s->ssrc);
	send_rtcp(p, b, n);
	p->nacks_out++;
}

void rtcp_nack(struct peer *p, uint64_t now)
{
	for (int i = 0; i < p->sink.n; i++)
		nack_stream(p, &p->sink.stream[i], now);
}
