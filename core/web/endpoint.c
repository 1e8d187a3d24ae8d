/* SPDX-License-Identifier: Apache-2.0 */
#include "bulk.h"
#include "crowd.h"
#include "endpoint.h"
#include "places.h"

#define MAX_ENDPOINTS (1u << 20)

struct metric web_sockets = { .name = "cardea_web_sockets",
	.help = "WebSocket connections open now" };
struct metric web_messages_in = { .name = "cardea_web_messages_in_total",
	.help = "Messages received by WebSocket and HTTP" };
struct metric web_messages_out = { .name = "cardea_web_messages_out_total",
	.help = "Messages sent by WebSocket" };
struct metric web_bytes_out = { .name = "cardea_web_out_bytes_total",
	.help = "Bytes of messages and pages sent" };
struct metric web_too_slow = { .name = "cardea_web_slow_clients_total",
	.help = "WebSocket connections dropped because they did not read" };
struct metric web_requests = { .name = "cardea_web_requests_total", .help = "HTTP requests" };

static struct ids *ids;

bool endpoint_start(void)
{
	static bool registered;
	struct metric *all[] = { &web_sockets, &web_messages_in, &web_messages_out, &web_bytes_out,
		&web_too_slow, &web_requests };

	for (size_t i = 0; i < sizeof all / sizeof *all && !registered; i++)
		metric_register(all[i]);
	registered = true;
	places_start();
	bulk_start();
	crowd_start();
	return (ids = ids_create(MAX_ENDPOINTS)) != NULL;
}

void endpoint_stop(void)
{
	ids_destroy(ids);
	ids = NULL;
}

bool endpoint_begin(struct endpoint *e, enum endpoint_kind kind, struct conn *c)
{
	if (!(e->id = ids_take(ids, e)))
		return false;
	e->kind = kind;
	e->conn = c;
	c->at = e;
	return true;
}

void endpoint_end(struct endpoint *e)
{
	ids_free(ids, e->id);
	e->id = 0;
	e->conn->at = NULL;
}

struct endpoint *endpoint_get(uint64_t id, enum endpoint_kind kind)
{
	struct endpoint *e = ids_get(ids, id);
	return e && e->kind == kind ? e : NULL;
}
