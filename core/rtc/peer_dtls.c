/* SPDX-License-Identifier: Apache-2.0 */
/* A path that is not proven gets no more than three times what came from it, so a flight may have
 * to wait: for proof, or for the peer's next datagram. */
#include "peer_dtls.h"
#include <string.h>
#include "../base/buf.h"
#include "ice.h"
#include "secure.h"
#include "udp.h"

static bool may_send(const struct rtc_peer *p, size_t len)
{
	return p->dtls_us || ice_allows(p->worker->ice, p->slot, len);
}

static void send_now(struct rtc_peer *p, const uint8_t *data, size_t len)
{
	udp_send(p->worker->udp, &p->path, UDP_URGENT, data, len);
	p->dtls_out.packets++;
	p->dtls_out.bytes += len;
}

void peer_dtls_send_held(struct rtc_peer *p)
{
	while (p->n_held && may_send(p, p->held[0]->len)) {
		struct pkt *k = p->held[0];
		send_now(p, k->data, k->len);
		pkt_drop(k);
		memmove(p->held, p->held + 1, --p->n_held * sizeof(*p->held));
	}
}

void peer_dtls_drop_held(struct rtc_peer *p)
{
	while (p->n_held)
		pkt_drop(p->held[--p->n_held]);
}

/* What finds no room is repeated by DTLS. */
static void hold(struct rtc_peer *p, const uint8_t *data, size_t len)
{
	struct pkt *k;
	if (p->n_held == PEER_HELD || len > PKT_CAP || !(k = pkt_take(p->worker->packets)))
		return;
	memcpy(k->data, data, len);
	k->len = (uint16_t)len;
	p->held[p->n_held++] = k;
}

void peer_dtls_send(struct rtc_peer *p, const uint8_t *data, size_t len)
{
	if (!p->has_path || (p->is_up && !p->may_send))
		return;
	peer_dtls_send_held(p);
	if (!p->n_held && may_send(p, len))
		send_now(p, data, len);
	else
		hold(p, data, len);
}

void peer_dtls_input(struct rtc_peer *p, const uint8_t *data, size_t len)
{
	if (p->has_failed)
		return;
	p->dtls_in.packets++;
	p->dtls_in.bytes += len;
	if (!p->dtls_started_us)
		p->dtls_started_us = loop_now(p->worker->loop);
	peer_dtls_send_held(p);
	/* when full: counted there, and DTLS repeats */
	secure_input(p->worker->secure, p->worker->index, p->id, data, len);
}
