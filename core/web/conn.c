/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "../base/clock.h"
#include "conn.h"
#include "host_priv.h"

#define MAX_CONNS (1u << 20)
#define SCRATCH_KEPT (256u << 10) /* a larger one is given back after use by the next write */

struct metric web_sockets = { .name = "cardea_web_sockets", .help = "WebSocket connections open now" };
struct metric web_messages_in = { .name = "cardea_web_messages_in_total",
	.help = "messages received by WebSocket and HTTP" };
struct metric web_messages_out = { .name = "cardea_web_messages_out_total",
	.help = "messages sent by WebSocket" };
struct metric web_bytes_out = { .name = "cardea_web_out_bytes_total",
	.help = "bytes of messages and pages sent" };
struct metric web_too_slow = { .name = "cardea_web_slow_clients_total",
	.help = "WebSocket connections dropped because they did not read" };
struct metric web_requests = { .name = "cardea_web_requests_total", .help = "HTTP requests" };

static struct ids *conns;
static unsigned char *scratch;
static size_t scratch_size;

bool conn_start(void)
{
	static bool registered;
	struct metric *all[] = { &web_sockets, &web_messages_in, &web_messages_out, &web_bytes_out,
		&web_too_slow, &web_requests };

	for (size_t i = 0; i < sizeof all / sizeof *all && !registered; i++)
		metric_register(all[i]);
	registered = true;
	return (conns = ids_create(MAX_CONNS)) != NULL;
}

void conn_stop(void)
{
	ids_destroy(conns);
	conns = NULL;
	free(scratch);
	scratch = NULL;
	scratch_size = 0;
}

bool conn_name(struct conn *c, enum conn_kind kind, struct lws *wsi)
{
	c->kind = kind;
	c->wsi = wsi;
	return (c->id = ids_take(conns, c)) != 0;
}

void conn_unname(struct conn *c)
{
	if (c->id)
		ids_free(conns, c->id);
	c->id = 0;
}

struct conn *conn_get(uint64_t id, enum conn_kind kind)
{
	struct conn *c = ids_get(conns, id);
	return c && c->kind == kind ? c : NULL;
}

static void address_text(const struct sockaddr_storage *a, char *out, size_t size)
{
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)a;

	out[0] = '\0';
	if (a->ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)a)->sin_addr, out, (socklen_t)size);
	else if (a->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&a6->sin6_addr))
		inet_ntop(AF_INET, &a6->sin6_addr.s6_addr[12], out, (socklen_t)size);
	else if (a->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &a6->sin6_addr, out, (socklen_t)size);
}

void conn_peer_ip(struct lws *wsi, char *out, size_t size)
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof a;
	getpeername(lws_get_socket_fd(wsi), (struct sockaddr *)&a, &len);
	address_text(&a, out, size);
}

void conn_local_ip(struct lws *wsi, char *out, size_t size)
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof a;
	getsockname(lws_get_socket_fd(wsi), (struct sockaddr *)&a, &len);
	address_text(&a, out, size);
}

const char *conn_header(struct lws *wsi, enum lws_token_indexes token, char *out, size_t size)
{
	/* lws_hdr_copy() gives up on what does not fit: nothing is then better than a part */
	if (lws_hdr_copy(wsi, out, (int)size, token) < 0)
		out[0] = '\0';
	return out;
}

void conn_query(struct lws *wsi, char *out, size_t size)
{
	char part[CONN_QUERY];
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; lws_hdr_copy_fragment(wsi, part, sizeof part, WSI_TOKEN_HTTP_URI_ARGS, i) > 0; i++) {
		if (i && n + 1 < size)
			out[n++] = '&';
		for (const char *p = part; *p && n + 4 < size; p++)
			if (isalnum((unsigned char)*p) || strchr("-._~=,:/", *p))
				out[n++] = *p;
			else
				n += (size_t)snprintf(out + n, size - n, "%%%02X", (unsigned char)*p);
		out[n] = '\0';
	}
}

unsigned char *conn_scratch(size_t len)
{
	if (len > scratch_size || scratch_size > SCRATCH_KEPT) {
		free(scratch);
		scratch_size = len > 16384 ? len : 16384;
		scratch = malloc(LWS_PRE + scratch_size);
		if (!scratch) {
			scratch_size = 0;
			return NULL;
		}
	}
	return scratch + LWS_PRE;
}

bool conn_may_log(void)
{
	static _Atomic int64_t next_us;
	int64_t now_us = clock_now_us(), due_us = next_us;
	return now_us >= due_us &&
		atomic_compare_exchange_strong(&next_us, &due_us, now_us + US_PER_S);
}
