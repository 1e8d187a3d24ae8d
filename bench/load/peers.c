/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"
#include <sys/socket.h>

struct peer **peers;
int n_peers;
uint64_t send_errors;

void peer_send(struct peer *p, const uint8_t *data, size_t n)
{
	if (p->has_remote &&
		sendto(p->fd, data, n, 0, (struct sockaddr *)&p->remote, sizeof(p->remote)) < 0)
		send_errors++;
}

uint64_t peer_sent(const struct peer *p)
{
	return p->video.packets + p->audio.packets;
}
