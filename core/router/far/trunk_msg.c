/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include "../peer.h"
#include "trunk_msg.h"

size_t trunk_len(const struct trunk_msg *m)
{
	size_t head = offsetof(struct trunk_msg, track);
	switch ((enum trunk_type)m->type) {
	case TRUNK_SUBSCRIBE:
	case TRUNK_UNSUBSCRIBE:
	case TRUNK_KEYFRAME:
	case TRUNK_END:
		return head;
	case TRUNK_TRACK:
		return head + sizeof m->track;
	case TRUNK_PACKET:
		return offsetof(struct trunk_msg, packet.data) + m->packet.len;
	case TRUNK_ALIVE:
		return head + sizeof m->alive;
	case TRUNK_REPORT:
		return head + sizeof m->report;
	}
	return 0;
}

void trunk_send(struct router *r, unsigned worker, struct trunk_msg *m)
{
	m->version = TRUNK_VERSION;
	m->from = (uint16_t)r->conf.worker;
	r->ops->trunk(r->arg, worker, m, trunk_len(m));
}
