/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "base.h"
#include "options.h"
#include "source.h"

#define MAGIC     0x63617264u
#define STAMP     26 /* magic, number, count, timestamp, length of the body, wall clock */
#define FRAME_MAX 64 /* packets of a frame */
#define KEY_GAP   (300 * NS_PER_MS)
#define AUDIO_GAP (20 * NS_PER_MS)
#define BEHIND    NS_PER_S /* then frames are left out */

struct hist source_lateness;
bool source_list_is_old;
static bool are_on = true;
static uint8_t noise[4096];
static struct peer **senders; /* kept apart, so that a turn does not touch every receiver */
static int n_senders;

void source_start(struct source *s, const struct sdp_media *m)
{
	s->is_on = s->wants_key = true;
	s->is_video = m->kind == 'v';
	s->pt = (uint8_t)m->pt;
	s->seq = (uint16_t)(rand32() & 0x7fff);
	s->picture = (uint16_t)(rand32() & 0x7fff);
	s->ts_base = rand32();
	s->interval_ns = s->is_video ? (uint64_t)(1e9 / opt.fps) : AUDIO_GAP;
	s->next_ns = 0;
	s->mid_ext = (uint8_t)(!opt.no_ext && m->mid_ext < 15 ? m->mid_ext : 0);
	s->twcc_ext = (uint8_t)(!opt.no_twcc && m->twcc_ext < 15 ? m->twcc_ext : 0);
	snprintf(s->mid, sizeof(s->mid), "%s", m->mid);
	if (!s->kept) {
		s->kept = make(SOURCE_KEPT, SOURCE_PACKET);
		s->kept_len = make(SOURCE_KEPT, sizeof(*s->kept_len));
		s->kept_seq = make(SOURCE_KEPT, sizeof(*s->kept_seq));
	}
	if (!noise[0]) {
		rand_bytes(noise, sizeof(noise));
		noise[0] = 1;
	}
	source_list_is_old = true;
}

void source_free(struct source *s)
{
	free(s->kept);
	free(s->kept_len);
	free(s->kept_seq);
}

/* The body differs from packet to packet, and whoever knows the count knows the body. */
static const uint8_t *body_of(uint32_t count)
{
	return noise + count % (sizeof(noise) - SOURCE_PACKET);
}

static size_t stamp_write(uint8_t *p, size_t from, size_t size, const struct stamp *s)
{
	size_t total = size < from + STAMP ? from + STAMP : size, body = total - STAMP - from;
	memcpy(p + from, body_of(s->count), body);
	uint8_t *at = p + total - STAMP;
	put32(at, MAGIC);
	put32(at + 4, s->number);
	put32(at + 8, s->count);
	put32(at + 12, s->ts);
	put16(at + 16, (uint16_t)body);
	put64(at + 18, wall_ns());
	return total;
}

bool stamp_read(struct stamp *out, const uint8_t *p, size_t n)
{
	if (n && p[0] & 0x20) /* padding: a server may add it (RFC 3550, section 5.1) */
		n -= p[n - 1] < n ? p[n - 1] : n;
	if (n < 12 + STAMP)
		return false;
	const uint8_t *at = p + n - STAMP;
	if (get32(at) != MAGIC)
		return false;
	size_t body = get16(at + 16);
	*out = (struct stamp){ get32(at + 4), get32(at + 8), get32(at + 12), get64(at + 18),
		false };
	out->is_intact = body + 12 + STAMP <= n && !memcmp(at - body, body_of(out->count), body);
	return true;
}

static size_t write_header(struct peer *p, struct source *s, uint8_t *b, uint32_t ts, bool marker)
{
	size_t n = 12;
	b[0] = 0x80;
	b[1] = (uint8_t)((marker ? 0x80 : 0) | s->pt);
	put16(b + 2, s->seq++);
	put32(b + 4, ts);
	put32(b + 8, s->ssrc);
	if (!s->mid_ext && !s->twcc_ext)
		return n;
	b[0] |= 0x10;
	put16(b + 12, 0xbede);
	n = 16;
	if (s->mid_ext) {
		size_t len = strlen(s->mid);
		b[n++] = (uint8_t)(s->mid_ext << 4 | (len - 1));
		memcpy(b + n, s->mid, len);
		n += len;
	}
	if (s->twcc_ext) {
		b[n++] = (uint8_t)(s->twcc_ext << 4 | 1);
		put16(b + n, p->twcc_seq++);
		n += 2;
	}
	while (n & 3)
		b[n++] = 0;
	put16(b + 14, (uint16_t)((n - 16) / 4));
	return n;
}

/* VP8's payload descriptor with a picture id of 15 bits, then the frame header of RFC 6386. */
static size_t write_vp8(const struct source *s, uint8_t *b, size_t n, bool first, bool key)
{
	static const uint8_t start[] = { 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01 }; /* 640x480 */
	uint32_t tag = (key ? 0 : 1) | 1u << 4 | 200u << 5;
	b[n++] = (uint8_t)(0x80 | (first ? 0x10 : 0));
	b[n++] = 0x80;
	put16(b + n, (uint16_t)(0x8000 | s->picture));
	n += 2;
	if (!first)
		return n;
	for (int i = 0; i < 3; i++)
		b[n++] = (uint8_t)(tag >> 8 * i);
	if (key) {
		memcpy(b + n, start, sizeof(start));
		n += sizeof(start);
	}
	return n;
}

static void keep(struct source *s, uint16_t seq, const uint8_t *b, int len)
{
	unsigned slot = seq % SOURCE_KEPT;
	memcpy(s->kept[slot], b, (size_t)len);
	s->kept_len[slot] = (uint16_t)len;
	s->kept_seq[slot] = seq;
}

static size_t packet_size(const struct source *s)
{
	if (!s->is_video)
		return (size_t)opt.audio_size;
	return (size_t)opt.pkt_size - (opt.uneven ? rand32() % (unsigned)(opt.uneven + 1) : 0);
}

/* One packet, encrypted. @return its length, 0 when it could not be */
static int build(struct peer *p, struct source *s, uint8_t *b, uint32_t ts, bool is_first,
	bool is_last, bool key)
{
	uint32_t count = (uint32_t)s->packets << 16 | s->seq; /* the upper half only adds variety */
	size_t n = write_header(p, s, b, ts, s->is_video ? is_last : s->packets == 0);
	struct stamp stamp = { p->number * 2 + s->is_video, count, ts, 0, true };
	if (s->is_video)
		n = write_vp8(s, b, n, is_first, key);
	else
		b[n++] = 0x78; /* Opus: 20 ms, full band, mono */
	int len = (int)stamp_write(b, n, packet_size(s), &stamp);
	if (srtp_protect(p->out, b, &len) != srtp_err_status_ok) {
		send_errors++;
		return 0;
	}
	keep(s, (uint16_t)count, b, len);
	s->packets++;
	s->bytes += (uint64_t)len;
	return len;
}

static int frame_packets(struct source *s)
{
	if (!s->is_video)
		return 1;
	s->credit += opt.bitrate * 1000.0 / 8.0 / opt.fps / (double)opt.pkt_size;
	int n = (int)s->credit;
	s->credit -= n;
	return n < FRAME_MAX ? n : FRAME_MAX;
}

static void send_frame(struct peer *p, struct source *s, uint64_t now)
{
	static uint8_t out[FRAME_MAX][SOURCE_PACKET];
	static struct mmsghdr messages[FRAME_MAX];
	static struct iovec iov[FRAME_MAX];
	int n = frame_packets(s), built = 0;
	bool key = s->is_video && s->wants_key && now - s->last_key_ns > KEY_GAP && n;
	uint32_t ts = s->ts_base + (uint32_t)((double)now * (s->is_video ? 90e3 : 48e3) / 1e9);
	if (key) {
		s->wants_key = false;
		s->last_key_ns = now;
	}
	s->picture = (s->picture + (n > 0)) & 0x7fff;
	for (int i = 0; i < n; i++) {
		int len = build(p, s, out[built], ts, i == 0, i == n - 1, key);
		iov[built] = (struct iovec){ out[built], (size_t)len };
		messages[built].msg_hdr = (struct msghdr){ .msg_name = &p->remote,
			.msg_namelen = sizeof(p->remote),
			.msg_iov = &iov[built],
			.msg_iovlen = 1 };
		built += len > 0;
	}
	if (built && sendmmsg(p->fd, messages, (unsigned)built, 0) != built)
		send_errors++;
}

void source_resend(struct peer *p, struct source *s, uint16_t seq)
{
	unsigned slot = seq % SOURCE_KEPT;
	if (!s->kept || s->kept_seq[slot] != seq || !s->kept_len[slot])
		return;
	peer_send(p, s->kept[slot], s->kept_len[slot]);
	p->resent++;
}

bool sources_are_on(void)
{
	return are_on;
}

void sources_pause(void)
{
	are_on = false;
}

static void find_senders(void)
{
	source_list_is_old = false;
	senders = grow(senders, sizeof(*senders) * (size_t)(n_peers + 1));
	n_senders = 0;
	for (int i = 0; i < n_peers; i++)
		if (peers[i]->video.is_on || peers[i]->audio.is_on)
			senders[n_senders++] = peers[i];
}

void sources_resume(void)
{
	uint64_t now = now_ns();
	are_on = true;
	find_senders();
	for (int i = 0; i < n_senders; i++) {
		struct source *v = &senders[i]->video, *a = &senders[i]->audio;
		v->next_ns = now + v->interval_ns * (uint64_t)i / (uint64_t)n_senders;
		a->next_ns = now + a->interval_ns * (uint64_t)i / (uint64_t)n_senders + NS_PER_MS;
	}
}

static void send_due(struct peer *p, struct source *s, uint64_t now)
{
	if (!s->is_on || now < s->next_ns)
		return;
	if (s->next_ns)
		hist_add(&source_lateness, now - s->next_ns);
	if (!s->next_ns || now > s->next_ns + BEHIND)
		s->next_ns = now;
	s->next_ns += s->interval_ns;
	send_frame(p, s, now);
}

void sources_send(uint64_t now)
{
	if (!are_on)
		return;
	if (source_list_is_old)
		find_senders();
	for (int i = 0; i < n_senders; i++) {
		if (!senders[i]->dtls.is_up)
			continue;
		send_due(senders[i], &senders[i]->audio, now);
		send_due(senders[i], &senders[i]->video, now);
	}
}

uint64_t sources_next(void)
{
	uint64_t next = UINT64_MAX;
	if (!are_on || source_list_is_old)
		return next;
	for (int i = 0; i < n_senders; i++) {
		const struct source *of[] = { &senders[i]->video, &senders[i]->audio };
		for (int k = 0; k < 2 && senders[i]->dtls.is_up; k++)
			if (of[k]->is_on && of[k]->next_ns < next)
				next = of[k]->next_ns;
	}
	return next;
}
