/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/clock.h"
#include "../router/why.h"
#include "ice.h"
#include "peer_why.h"
#include "udp.h"

#define FULL_US (2 * US_PER_S) /* a socket is full for milliseconds, again and again */

/* Whoever gets video sends reports or feedback several times a second. */
#define QUIET_US (1500 * US_PER_MS)

/* ICE: the peer's description, then its checks. */
static uint8_t of_ice(const struct rtc_peer *p, struct why *w)
{
	const struct ice_heard h = ice_heard(p->worker->ice, p->slot);
	if (!p->is_described) {
		w->since_us = p->opened_us;
		return WHY_NO_DESCRIPTION;
	}
	w->since_us = p->described_us;
	w->packets = h.refused;
	return h.refused ? WHY_ICE_REFUSED : WHY_ICE_UNHEARD;
}

static uint8_t of_dtls(const struct rtc_peer *p, struct why *w)
{
	w->since_us = p->ice_us;
	w->packets = p->dtls_in.packets;
	return p->dtls_in.packets ? WHY_DTLS_UNFINISHED : WHY_DTLS_UNHEARD;
}

static bool is_full(const struct rtc_peer *p)
{
	int64_t at_us = udp_full_us(p->worker->udp, p->path.remote.sa.sa_family == AF_INET6);
	return at_us && loop_now(p->worker->loop) - at_us < FULL_US;
}

static uint8_t find(const struct rtc_peer *p, struct why *w)
{
	if (p->has_failed || p->is_closing)
		return WHY_WELL; /* control knows */
	if (!p->is_up)
		return p->has_path ? of_dtls(p, w) : of_ice(p, w);
	if (!p->may_send)
		return WHY_NO_CONSENT;
	return is_full(p) ? WHY_SOCKET_FULL : WHY_WELL;
}

void peer_why(const struct rtc_peer *p, struct why *out)
{
	*out = (struct why){ 0 };
	out->code = find(p, out);
	if (!out->since_us)
		out->since_us =
			p->look.code == out->code ? p->look.since_us : loop_now(p->worker->loop);
}

void peer_why_tracks(const struct rtc_peer *p, struct track_stats *tracks, unsigned n)
{
	if (!p->is_up || loop_now(p->worker->loop) - p->heard_us < QUIET_US)
		return;
	for (unsigned i = 0; i < n; i++)
		if (tracks[i].kind == CARDEA_VIDEO && tracks[i].bytes_out_lastsec &&
			tracks[i].why_out.code == WHY_WELL)
			tracks[i].why_out =
				(struct why){ .code = WHY_QUIET, .since_us = p->heard_us };
}

bool peer_why_look(struct rtc_peer *p, struct why *out)
{
	struct look *k = &p->look;
	peer_why(p, out);
	k->since_us = out->since_us;
	k->code = out->code;
	if (k->code == k->told ||
		(k->code != WHY_WELL && loop_now(p->worker->loop) - k->since_us < WHY_TOLD_US))
		return false;
	k->told = k->code;
	return true;
}
