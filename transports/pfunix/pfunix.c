/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The API over unix sockets: the hooks of the transport, each of which posts to the one loop that
 * server.c and client.c live on. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include "client.h"
#include "options.h"
#include "server.h"

extern CARDEA_API const struct cardea_transport cardea_transport;

static struct cardea_loop *loop; /* NULL: off */
static struct server servers[2]; /* the API, the Admin API */
static _Atomic int style_now;

/* ---- start and stop, control thread ---- */

/* The names of an API's options. */
struct names {
	const char *section, *enabled, *path, *type, *mode, *max_clients;
};
static const struct names names[] = {
	{ "general", "enabled", "path", "type", "mode", "max_clients" },
	{ "admin", "admin_enabled", "admin_path", "admin_type", "admin_mode", "admin_max_clients" },
};

static bool read_mode(const char *text, mode_t *mode)
{
	char *end;
	unsigned long n = strtoul(text, &end, 8);
	*mode = (mode_t)n;
	return *text >= '0' && *text <= '7' && !*end && n <= 0777;
}

/* Half of the descriptors are for others: media, files, the web. */
static unsigned bounded(const struct cardea_conf *conf, const struct names *n, int64_t wanted)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) || (rlim_t)wanted <= files.rlim_cur / 2)
		return (unsigned)wanted;
	cardea_conf_wrong(conf, false, n->section, n->max_clients,
		"%lld clients need more than half of the %llu descriptors that there are: %llu",
		(long long)wanted, (unsigned long long)files.rlim_cur,
		(unsigned long long)files.rlim_cur / 2);
	return (unsigned)(files.rlim_cur / 2);
}

/* What is wrong is said by cardea_conf_wrong(): the server does not start then. */
static void open_server(struct server *s, const struct cardea_conf *conf, const struct names *n)
{
	const struct cardea_args a = cardea_conf_section(conf, n->section);
	const char *path = cardea_str(&a, n->path);
	char why[160];

	*s = (struct server){ .address = { .path = path, .fd = -1 }, .is_admin = n != names };
	if (!cardea_bool(&a, n->enabled))
		return;
	s->address.type =
		strcmp(cardea_str(&a, n->type), "SOCK_DGRAM") ? SOCK_SEQPACKET : SOCK_DGRAM;
	if (!read_mode(cardea_str(&a, n->mode), &s->address.mode)) {
		cardea_conf_wrong(conf, true, n->section, n->mode,
			"permissions are an octal number up to 0777");
		return;
	}
	s->max_clients = (unsigned)cardea_int(&a, n->max_clients);
	if (s->address.type == SOCK_SEQPACKET)
		s->max_clients = bounded(conf, n, s->max_clients);
	if (!path || !*path)
		cardea_conf_wrong(conf, true, n->section, path ? n->path : n->enabled,
			"%s must say where the socket is to be", n->path);
	else if (!address_open(&s->address, cardea_max_message(), why, sizeof why))
		cardea_conf_wrong(
			conf, true, n->section, n->path, "no socket at %s: %s", path, why);
}

static bool is_open(const struct server *s)
{
	return s->address.fd >= 0;
}

static void begin(const void *rec, size_t len)
{
	(void)rec, (void)len;
	for (int i = 0; i < 2; i++)
		if (is_open(&servers[i]))
			server_serve(&servers[i], loop);
}

static void end(void *arg)
{
	(void)arg;
	clients_close();
	for (int i = 0; i < 2; i++)
		server_close(&servers[i]);
}

static const char *start(const struct cardea_conf *conf)
{
	const struct cardea_args general = cardea_conf_section(conf, "general");

	style_now = cardea_style(cardea_str(&general, "json"));
	for (int i = 0; i < 2; i++)
		open_server(&servers[i], conf, &names[i]);
	if (!is_open(&servers[0]) && !is_open(&servers[1]))
		return NULL;
	if (clients_start(&cardea_transport, cardea_max_message()) &&
		(loop = cardea_loop_start("pfunix")) && cardea_loop_post(loop, begin, NULL, 0))
		return NULL;
	cardea_loop_stop(loop, NULL, NULL);
	loop = NULL;
	end(NULL);
	clients_stop();
	return "no memory, or no thread";
}

static void stop(void)
{
	if (!loop)
		return;
	cardea_loop_stop(loop, end, NULL);
	loop = NULL;
	clients_stop();
}

/* ---- from the core to the loop ---- */

struct word {
	uint64_t client;
	union {
		struct cardea_text *text;
		bool owner;
	};
};

static void do_send(const void *rec, size_t len)
{
	const struct word *w = rec;
	(void)len;
	client_send(w->client, w->text);
}

static void send_text(
	uint64_t client, uint64_t request, uint64_t session_id, struct cardea_text *text)
{
	const struct word w = { .client = client, .text = text };
	(void)request, (void)session_id;
	if (cardea_loop_post(loop, do_send, &w, sizeof w))
		return;
	cardea_log(CARDEA_LOG_ERROR, "pfunix", client, "too much waits: a text is lost", "");
	cardea_text_drop(text);
}

static void do_resume(const void *rec, size_t len)
{
	(void)len;
	client_resume(((const struct word *)rec)->client);
}

static void resume(uint64_t client)
{
	cardea_loop_post(loop, do_resume, &(struct word){ .client = client }, sizeof(struct word));
}

static void do_owns(const void *rec, size_t len)
{
	const struct word *w = rec;
	(void)len;
	client_owns(w->client, w->owner);
}

static void owns(uint64_t client, uint64_t session_id, bool owner)
{
	const struct word w = { .client = client, .owner = owner };
	(void)session_id;
	cardea_loop_post(loop, do_owns, &w, sizeof w);
}

/* ---- query_transport ---- */

static int style(void)
{
	return style_now;
}

static void set_style(int style)
{
	style_now = style;
}

static json_t *connections(void)
{
	return json_pack("{s:i, s:i}", "result", 200, "connections", (int)clients_count());
}

static json_t *query(const json_t *request)
{
	return cardea_serve_query(request, set_style, connections);
}

CARDEA_API const struct cardea_transport cardea_transport = {
	.size = sizeof(struct cardea_transport),
	.abi = CARDEA_TRANSPORT_ABI,
	.name = "pfunix",
	.title = "Cardea unix sockets transport",
	.description = "The API over unix sockets, for programs of this machine.",
	.author = "The Cardea developers",
	.version = 1,
	.version_string = "0.1.0",
	.options = pfunix_options,
	.start = start,
	.stop = stop,
	.style = style,
	.send = send_text,
	.owns = owns,
	.resume = resume,
	.query = query,
};
