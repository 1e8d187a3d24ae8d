/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

void router_watch_level(
	struct router *r, uint32_t slot, unsigned mindex, unsigned packets, unsigned level)
{
	struct receiver *rx = receiver_get(r, slot, mindex);
	if (!rx || (rx->watch.packets == packets && rx->watch.level == level))
		return;
	rx->watch.packets = packets;
	rx->watch.level = level;
	rx->watch.n = rx->watch.sum = 0;
}

/* RFC 6464: 0 is the loudest, 127 silence. */
void level_seen(struct receiver *rx, const struct pkt *k)
{
	struct router *r = rx->peer->r;
	uint8_t id = rx->t.ext[CARDEA_EXT_AUDIO_LEVEL];
	double avg;
	bool talks;
	if (!id || id > 14 || !k->ext_off[id] || !k->ext_len[id])
		return;
	rx->watch.sum += k->data[k->ext_off[id]] & 0x7f;
	if (++rx->watch.n < rx->watch.packets)
		return;
	avg = (double)rx->watch.sum / rx->watch.n;
	rx->watch.n = rx->watch.sum = 0;
	talks = avg < rx->watch.level;
	if (talks == rx->watch.talks)
		return;
	rx->watch.talks = talks;
	r->ops->talking(r->arg, rx->peer->slot, rx->t.mindex, talks, avg);
}
