/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include "bare.h"
#include "base.h"
#include "crowd.h"
#include "loop.h"
#include "options.h"
#include "peer.h"

struct handle **crowd;
int n_crowd;
static struct client **clients;
static int n_clients;

struct client *crowd_client(void)
{
	clients = grow(clients, sizeof(*clients) * (size_t)(n_clients + 1));
	return clients[n_clients++] = client_create();
}

static bool is_on_the_way(struct handle *h)
{
	if (h->is_done || h->has_failed || (h->is_up && (!h->peer || h->peer->dtls.is_up)))
		return false;
	h->has_failed = h->client->ws->has_failed || (h->peer && h->peer->has_failed);
	return !h->has_failed;
}

int crowd_pending(void)
{
	int n = 0;
	for (int i = 0; i < n_crowd; i++)
		n += is_on_the_way(crowd[i]);
	return n;
}

static bool are_fewer(void *limit)
{
	return crowd_pending() < *(int *)limit;
}

struct handle *crowd_add(struct client *c, enum part part, struct handle **feeds, int n_feeds)
{
	crowd = grow(crowd, sizeof(*crowd) * (size_t)(n_crowd + 1));
	if (opt.bare)
		return crowd[n_crowd++] = bare_create(part, feeds, n_feeds);
	struct handle *h = client_attach(c ? c : crowd_client(), part, feeds, n_feeds);
	crowd[n_crowd++] = h;
	if (!loop_until(are_fewer, &opt.ramp, 60))
		die("set-up has stopped, %d peers are on their way", crowd_pending());
	return h;
}

static bool is_up(void *handle)
{
	return ((struct handle *)handle)->is_up;
}

void crowd_room(void)
{
	if (opt.bare)
		return;
	struct handle *h = client_attach(crowd_client(), PART_ADMIN, NULL, 0);
	if (!loop_until(is_up, h, 10))
		die("the room was not made: %s", h->why);
}

void crowd_wait(void)
{
	int one = 1, failed = 0;
	if (!loop_until(are_fewer, &one, 90))
		die("%d peers never came up", crowd_pending());
	for (int i = 0; i < n_crowd; i++)
		failed += crowd[i]->has_failed;
	if (failed)
		die("%d of %d peers failed during set-up", failed, n_crowd);
}

static bool have_sessions(void *unused)
{
	(void)unused;
	for (int i = 0; i < n_clients; i++)
		if (!clients[i]->session)
			return false;
	return true;
}

void crowd_sessions(void)
{
	if (!loop_until(have_sessions, NULL, 30))
		die("sessions were not made");
}

void crowd_leave(void)
{
	client_is_leaving = true;
	loop_is_eager = true;
	for (int i = 0; i < n_clients; i++)
		client_destroy(clients[i]);
	loop_for(0.5);
	for (int i = 0; i < n_clients; i++)
		ws_close(clients[i]->ws);
	loop_for(0.2);
	client_is_leaving = false;
	n_clients = n_crowd = 0;
}
