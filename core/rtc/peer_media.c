/* SPDX-License-Identifier: Apache-2.0 */
#include "peer_media.h"
#include <string.h>
#include "../base/metric.h"
#include "../base/warm.h"
#include "cm_batch.h"
#include "ice.h"
#include "sources.h"
#include "tap.h"
#include "udp.h"

#define QUIET_US  100000 /* the selected path brings no media any more: five packets of audio */
#define NOTE_EACH 16     /* packets, of which one's SSRC is remembered */

static struct metric not_authentic = { .name = "cardea_srtp_unauthentic_drops",
	.help = "SRTP and SRTCP packets that failed authentication" };
static struct metric replays = { .name = "cardea_srtp_replay_drops",
	.help = "SRTP and SRTCP packets seen before, or too old to tell" };
static struct metric malformed = { .name = "cardea_srtp_malformed_drops",
	.help = "Packets of known peers that are not RTP or RTCP" };
static struct metric early = { .name = "cardea_srtp_early_drops",
	.help = "Media packets that came before the keys" };
static struct metric unsent = { .name = "cardea_srtp_unsent_drops",
	.help = "Outgoing packets that could not be encrypted, or were refused" };

static int64_t now_us(const struct rtc_peer *p)
{
	return loop_now(p->worker->loop);
}

/* ---- in ---- */

static void count_wrong(enum err e)
{
	if (e == ERR_DENIED)
		metric_add(&not_authentic, 1);
	else if (e == ERR_EXISTS)
		metric_add(&replays, 1);
	else
		metric_add(&malformed, 1);
}

static bool may_open(const struct rtc_peer *p)
{
	if (p->is_up && p->srtp)
		return true;
	metric_add(&early, 1);
	return false;
}

/* @param len of the plaintext, which is in the packet */
static void pass_rtp(struct rtc_peer *p, struct pkt *k, size_t len)
{
	k->len = (uint16_t)len;
	if (p->tap) /* also what cannot be read: that is what one looks for */
		tap_in(p->tap, false, k->data, len, now_us(p));
	if (rtp_parse(k)) {
		metric_add(&malformed, 1);
		return;
	}
	if (p->packets_in % NOTE_EACH == 1)
		sources_note(p->worker->sources, p->slot, k->ssrc);
	router_rtp(p->worker->router, p->slot, k, now_us(p));
}

static void pass_rtcp(struct rtc_peer *p, struct pkt *k, size_t len)
{
	if (len >= 8)
		sources_note(p->worker->sources, p->slot, rd32(k->data + 4));
	if (p->tap)
		tap_in(p->tap, true, k->data, len, now_us(p));
	router_rtcp(p->worker->router, p->slot, k->data, len, now_us(p));
}

static enum err open_with(struct srtp *s, bool is_rtcp, uint8_t *data, size_t *len)
{
	return is_rtcp ? srtp_open_rtcp(s, data, len) : srtp_open(s, data, len);
}

/* Shortly after a change of keys: who opens a packet in vain leaves no packet behind. */
static enum err open_changing(struct rtc_peer *p, bool is_rtcp, struct pkt *k, size_t *len)
{
	static _Thread_local uint8_t sealed[PKT_CAP];
	if (now_us(p) >= p->old_until_us) {
		srtp_free(p->old);
		p->old = NULL;
		return open_with(p->srtp, is_rtcp, k->data, len);
	}
	memcpy(sealed, k->data, k->len);
	enum err e = open_with(p->srtp, is_rtcp, k->data, len);
	if (!e)
		return OK;
	memcpy(k->data, sealed, k->len);
	*len = k->len;
	return open_with(p->old, is_rtcp, k->data, len) ? e : OK;
}

static enum err open_packet(struct rtc_peer *p, bool is_rtcp, struct pkt *k, size_t *len)
{
	return p->old ? open_changing(p, is_rtcp, k, len)
		      : open_with(p->srtp, is_rtcp, k->data, len);
}

void peer_media_srtp(struct rtc_peer *p, struct pkt *k)
{
	size_t len = k->len;
	if (!may_open(p))
		return;
	enum err e = open_packet(p, false, k, &len);
	if (e) {
		count_wrong(e);
		return;
	}
	p->heard_us = now_us(p); /* only the peer has the key: as good as consent */
	p->packets_in++;
	pass_rtp(p, k, len);
}

void peer_media_srtcp(struct rtc_peer *p, struct pkt *k)
{
	size_t len = k->len;
	if (!may_open(p))
		return;
	enum err e = open_packet(p, true, k, &len);
	if (e) {
		count_wrong(e);
		return;
	}
	p->heard_us = now_us(p);
	p->packets_in++;
	pass_rtcp(p, k, len);
}

/* Authentic media, perhaps from elsewhere. */
static void place(struct rtc_peer *p, const struct path *from, size_t wire_len)
{
	int64_t now = now_us(p);
	if (path_equal(from, &p->path)) {
		p->heard_us = now;
		return;
	}
	p->alive_us = now;
	ice_media(p->worker->ice, p->slot, from, wire_len, now - p->heard_us >= QUIET_US);
}

bool peer_media_try(struct rtc_peer *p, struct pkt *k, const struct path *from)
{
	static _Thread_local uint8_t sealed[PKT_CAP];
	size_t len = k->len;
	bool is_rtcp = rtp_is_rtcp(k->data);
	if (!may_open(p))
		return false;
	memcpy(sealed, k->data, len);
	if (open_packet(p, is_rtcp, k, &len)) {
		memcpy(k->data, sealed, k->len);
		return false;
	}
	p->packets_in++;
	place(p, from, k->len);
	if (is_rtcp)
		pass_rtcp(p, k, len);
	else
		pass_rtp(p, k, len);
	return true;
}

/* ---- out ---- */

/* @return whether a packet may be so long */
static bool fits(struct rtc_peer *p, size_t len)
{
	if (len <= UDP_MAX)
		return true;
	p->too_large++;
	return false;
}

void peer_media_warm(const struct rtc_peer *p, unsigned hop)
{
	if (hop == 0)
		warm(p, offsetof(struct rtc_peer, look));
	else if (p->srtp)
		srtp_warm(p->srtp, hop - 1);
}

bool peer_media_send_rtp(struct rtc_peer *p, const struct rtp_parts *parts, bool is_video)
{
	size_t room = parts->header_len + parts->payload_len + SRTP_OVERHEAD, n = 0;
	if (!p->may_send || !p->srtp)
		return false;
	if (fits(p, room)) {
		uint8_t *out = udp_reserve(
			p->worker->udp, &p->path, is_video ? UDP_VIDEO : UDP_URGENT, room);
		n = srtp_seal_later(p->srtp, is_video ? p->worker->batch : NULL, parts, out);
		udp_commit(p->worker->udp, n);
	}
	if (!n)
		metric_add(&unsent, 1);
	else if (p->tap)
		tap_rtp_out(p->tap, parts, now_us(p));
	return n;
}

void peer_media_forget_ssrc(struct rtc_peer *p, uint32_t ssrc)
{
	if (p->srtp)
		srtp_forget(p->srtp, ssrc);
}

void peer_media_send_rtcp(struct rtc_peer *p, const uint8_t *data, size_t len)
{
	size_t n = 0;
	if (!p->may_send || !p->srtp)
		return;
	if (fits(p, len + SRTP_OVERHEAD)) {
		uint8_t *out =
			udp_reserve(p->worker->udp, &p->path, UDP_URGENT, len + SRTP_OVERHEAD);
		n = srtp_seal_rtcp(p->srtp, data, len, out);
		udp_commit(p->worker->udp, n);
	}
	if (!n)
		metric_add(&unsent, 1);
	else if (p->tap)
		tap_rtcp_out(p->tap, data, len, now_us(p));
}

void peer_media_metrics(void)
{
	struct metric *all[] = { &not_authentic, &replays, &malformed, &early, &unsent };
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		metric_register(all[i]);
}
