/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "client.h"

#define MAX_WAITING (8 << 20) /* bytes for a client that does not read, as on the web host */
#define TEXT_COST   64        /* what each of them takes beside its bytes */
#define AT_ONCE     16        /* packets of one client before the others have their turn */
#define RETRY_US    20000     /* until a peer that was full is tried again */
#define UNKNOWN     490       /* the API's error code for what has none of its own */
#define PATH_AT     offsetof(struct sockaddr_un, sun_path)

struct client {
	uint64_t id;
	struct server *at;
	int fd;                /* SOCK_SEQPACKET; -1: SOCK_DGRAM, … */
	struct sockaddr_un to; /* … which goes here */
	socklen_t to_len;
	GBytes *address; /* the same, as it is looked up */
	GQueue out;      /* struct cardea_text, not sent yet */
	size_t waiting;
	unsigned sessions;
	int64_t heard_us;
	size_t got;       /* bytes, since … */
	uint64_t n_empty; /* … all had read all: the server's count */
	bool is_paused;   /* it has many requests waiting */
	uint32_t events;  /* that its descriptor is watched for */
};

static const struct cardea_transport *transport;
static GHashTable *clients;  /* by id */
static GHashTable *peers[2]; /* those of SOCK_DGRAM by address: of the API, the Admin API */
static uint64_t last_id;
static _Atomic unsigned n_clients;
static char *packet; /* the one that is being read */
static size_t max_packet;

bool clients_start(const struct cardea_transport *t, size_t max_message)
{
	transport = t;
	max_packet = max_message;
	packet = malloc(max_message + 1);
	clients = g_hash_table_new(g_int64_hash, g_int64_equal);
	for (int i = 0; i < 2; i++)
		peers[i] = g_hash_table_new(g_bytes_hash, g_bytes_equal);
	return packet != NULL;
}

void clients_stop(void)
{
	g_clear_pointer(&clients, g_hash_table_unref);
	for (int i = 0; i < 2; i++)
		g_clear_pointer(&peers[i], g_hash_table_unref);
	free(packet);
	packet = NULL;
}

unsigned clients_count(void)
{
	return n_clients;
}

/* ---- come and go ---- */

static struct client *add(struct server *s, int fd)
{
	struct client *c = g_new0(struct client, 1);
	c->id = ++last_id;
	c->at = s;
	c->fd = fd;
	g_queue_init(&c->out);
	g_hash_table_insert(clients, &c->id, c);
	s->n_clients++;
	n_clients++;
	CARDEA_LOG_IF(CARDEA_LOG_DEBUG, "pfunix", c->id, "connected", "admin=%d", s->is_admin);
	return c;
}

static void drop_text(void *text)
{
	cardea_text_drop(text);
}

static void forget(struct client *c)
{
	if (c->fd >= 0) {
		cardea_loop_del(c->at->loop, c->fd);
		close(c->fd);
	}
	if (c->address) {
		g_hash_table_remove(peers[c->at->is_admin], c->address);
		g_bytes_unref(c->address);
	}
	g_queue_clear_full(&c->out, drop_text);
	g_hash_table_remove(clients, &c->id);
	c->at->n_clients--;
	n_clients--;
	g_free(c);
}

/* @param said_goodbye it has closed the connection */
static void gone(struct client *c, bool said_goodbye)
{
	cardea_transport_gone(transport, c->id, said_goodbye);
	forget(c);
}

static void drop(struct client *c, const char *why)
{
	cardea_log(CARDEA_LOG_WARN, "pfunix", c->id, "client dropped", "why=%s",
		CARDEA_LOG_QUOTED(why));
	gone(c, false);
}

void clients_close(void)
{
	GHashTableIter i;
	void *c;
	if (!clients)
		return;
	for (g_hash_table_iter_init(&i, clients); g_hash_table_iter_next(&i, NULL, &c);) {
		g_hash_table_iter_steal(&i);
		forget(c);
	}
}

/* ---- what they send ---- */

static bool refuse(const struct cardea_origin *from, const char *why)
{
	char reason[192];
	snprintf(reason, sizeof reason, "Invalid Janus API request - %s", why);
	return cardea_transport_garbage(from, reason);
}

static unsigned line_of(const char *text, const char *at)
{
	unsigned n = 1;
	while (text < at)
		n += *text++ == '\n';
	return n;
}

/* One object a packet. @return false: its client has enough waiting */
static bool take(const struct client *c, size_t len)
{
	const struct cardea_origin from = {
		.transport = transport, .client = c->id, .admin = c->at->is_admin, .bytes = len
	};
	const char *at = packet;
	char why[160];
	json_t *tree;

	if (len > max_packet) {
		snprintf(why, sizeof why, "a packet of %zu bytes, more than %zu", len, max_packet);
		return refuse(&from, why);
	}
	packet[len] = '\0';
	if (!(tree = cardea_web_json(&at, &len, why)))
		return refuse(&from, why);
	if (!len)
		return cardea_transport_incoming(&from, tree);
	json_decref(tree);
	snprintf(why, sizeof why, "on line %u: end of file expected near '%c'", line_of(packet, at),
		*at >= ' ' && *at < 127 ? *at : '?');
	return refuse(&from, why);
}

/* ---- what they get ---- */

static void watch(struct client *c);

/* The answer does not fit into a packet: who waits for it is told so. */
static struct cardea_text *excuse(const struct cardea_text *text)
{
	const char *at = text->data;
	size_t len = text->len;
	char why[160];
	json_t *whole = cardea_web_json(&at, &len, why), *o = json_object();
	for (const char *const *k = (const char *const[]){ "session_id", "transaction", NULL }; *k;
		k++)
		if (json_object_get(whole, *k))
			json_object_set(o, *k, json_object_get(whole, *k));
	json_object_set_new(o, "janus", json_string("error"));
	json_object_set_new(o, "error",
		json_pack("{s:i, s:s+}", "code", UNKNOWN, "reason",
			"The answer is larger than a packet of this socket may be: raise the "
			"system's ",
			"net.core.wmem_max"));
	char *words = json_dumps(o, JSON_COMPACT);
	struct cardea_text *t = cardea_web_text(words, strlen(words));
	free(words);
	json_decref(o);
	json_decref(whole);
	return t;
}

int clients_unread(const struct server *s)
{
	int n = 0;
	return ioctl(s->address.fd, SIOCOUTQ, &n) ? 0 : n;
}

/* Who has got how much since nobody had anything left to read: among them is who does not. */
static void count(struct client *c, bool is_empty, size_t len)
{
	struct server *s = c->at;
	s->n_empty += is_empty;
	if (c->n_empty != s->n_empty)
		c->got = 0;
	c->n_empty = s->n_empty;
	c->got += len;
}

static ssize_t put_datagram(struct client *c, const struct cardea_text *text)
{
	const bool is_empty = clients_unread(c->at) == 0;
	ssize_t n = sendto(c->at->address.fd, text->data, text->len, MSG_DONTWAIT | MSG_NOSIGNAL,
		(const void *)&c->to, c->to_len);
	if (n >= 0)
		count(c, is_empty, text->len);
	return n;
}

/* @return 0 or the error */
static int put(struct client *c, const struct cardea_text *text)
{
	ssize_t n;
	do {
		if (c->fd >= 0)
			n = send(c->fd, text->data, text->len, MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			n = put_datagram(c, text);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? errno : 0;
}

static bool is_full(int error)
{
	return error == EAGAIN || error == ENOBUFS || error == ENOMEM;
}

/* @return 0; that it is full; or what is wrong with the client */
static int put_or_excuse(struct client *c, const struct cardea_text *text)
{
	int error = put(c, text);
	if (error != EMSGSIZE)
		return error;
	cardea_log(CARDEA_LOG_WARN, "pfunix", c->id,
		"a text is larger than a packet may be: see net.core.wmem_max", "bytes=%zu",
		text->len);
	struct cardea_text *other = excuse(text);
	error = put(c, other);
	cardea_text_drop(other);
	return error;
}

/* @return false: the client is no more */
static bool flush(struct client *c)
{
	struct cardea_text *text;
	while ((text = g_queue_peek_head(&c->out))) {
		int error = put_or_excuse(c, text);
		if (is_full(error))
			break;
		if (error) {
			drop(c, strerror(error));
			return false;
		}
		c->waiting -= text->len + TEXT_COST;
		cardea_text_drop(g_queue_pop_head(&c->out));
	}
	watch(c);
	return true;
}

void client_send(uint64_t id, struct cardea_text *text)
{
	struct client *c = g_hash_table_lookup(clients, &id);
	if (!c) {
		cardea_text_drop(text);
		return;
	}
	g_queue_push_tail(&c->out, text);
	c->waiting += text->len + TEXT_COST;
	if ((c->out.length > 1 || flush(c)) && c->waiting > MAX_WAITING)
		drop(c, "it does not read, and more than 8 MiB wait for it");
}

void client_retry(struct server *s)
{
	GList *all = g_hash_table_get_values(peers[s->is_admin]);
	for (GList *i = all; i; i = i->next)
		if (((struct client *)i->data)->out.length)
			flush(i->data);
	g_list_free(all);
}

/* ---- SOCK_SEQPACKET ---- */

/* @return the bytes of the next packet, 0: it has ended, or sent an empty one; < 0: errno */
static ssize_t read_packet(const struct client *c)
{
	ssize_t n;
	do
		n = recv(c->fd, packet, max_packet, MSG_DONTWAIT | MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	return n;
}

/* An empty packet looks like the end, of which the events tell as well. @return false: it has
 *  ended */
static bool read_some(struct client *c, uint32_t events)
{
	for (int i = 0; i < AT_ONCE && !c->is_paused; i++) {
		ssize_t n = read_packet(c);
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < 0 || (!n && events & (EPOLLRDHUP | EPOLLHUP))) {
			gone(c, !n);
			return false;
		}
		c->is_paused = !take(c, (size_t)n);
	}
	return true;
}

static void on_events(void *arg, uint32_t events)
{
	struct client *c = arg;
	if (c->is_paused && events & (EPOLLHUP | EPOLLERR)) {
		gone(c, true);
		return;
	}
	if (events & ~(uint32_t)EPOLLOUT && !c->is_paused && !read_some(c, events))
		return;
	flush(c);
}

static void watch_fd(struct client *c, uint32_t events)
{
	if (events == c->events)
		return;
	/* Without any it is left out, since its end would wake us again and again. */
	if (!events)
		cardea_loop_del(c->at->loop, c->fd);
	else if (c->events)
		cardea_loop_mod(c->at->loop, c->fd, events);
	else if (!cardea_loop_add(c->at->loop, c->fd, events, on_events, c))
		events = 0;
	c->events = events;
}

static void watch(struct client *c)
{
	if (c->fd < 0 && c->out.length)
		cardea_loop_timer_set(c->at->again, RETRY_US);
	else if (c->fd >= 0)
		watch_fd(c,
			(c->is_paused ? 0 : EPOLLIN | EPOLLRDHUP) | (c->out.length ? EPOLLOUT : 0));
}

bool client_accepted(struct server *s, int fd)
{
	struct client *c = add(s, fd);
	address_widen(fd, max_packet);
	watch(c);
	if (c->events)
		return true;
	c->fd = -1; /* the caller closes it */
	forget(c);
	return false;
}

void client_resume(uint64_t id)
{
	struct client *c = g_hash_table_lookup(clients, &id);
	if (!c || !c->is_paused)
		return;
	c->is_paused = false;
	watch(c);
}

/* ---- SOCK_DGRAM ---- */

void client_owns(uint64_t id, bool owner)
{
	struct client *c = g_hash_table_lookup(clients, &id);
	if (c && (owner || c->sessions))
		c->sessions += owner ? 1 : -1;
}

/* Nobody says goodbye: who has no session, and was not heard for longest, makes room. */
static bool make_room(const struct server *s)
{
	struct client *oldest = NULL;
	GHashTableIter i;
	void *value;
	for (g_hash_table_iter_init(&i, peers[s->is_admin]);
		g_hash_table_iter_next(&i, NULL, &value);) {
		struct client *c = value;
		if (!c->sessions && (!oldest || c->heard_us < oldest->heard_us))
			oldest = c;
	}
	if (oldest)
		gone(oldest, false);
	return oldest != NULL;
}

void client_drop_greediest(struct server *s)
{
	struct client *most = NULL;
	GHashTableIter i;
	void *value;
	for (g_hash_table_iter_init(&i, peers[s->is_admin]);
		g_hash_table_iter_next(&i, NULL, &value);) {
		struct client *c = value;
		if (c->n_empty == s->n_empty && (!most || c->got > most->got))
			most = c;
	}
	if (most)
		drop(most, "it does not read, and holds up all others");
}

static struct client *peer_of(struct server *s, const struct sockaddr_un *from, socklen_t len)
{
	GBytes *address = g_bytes_new(from, len);
	struct client *c = g_hash_table_lookup(peers[s->is_admin], address);
	if (c || (s->n_clients >= s->max_clients && !make_room(s))) {
		g_bytes_unref(address);
		return c;
	}
	c = add(s, -1);
	c->to = *from;
	c->to_len = len;
	c->address = address;
	g_hash_table_insert(peers[s->is_admin], address, c);
	return c;
}

static void say_full(const struct server *s, const struct sockaddr_un *from, socklen_t len)
{
	static const char words[] = "{\"janus\":\"error\",\"error\":{\"code\":490,"
				    "\"reason\":\"There are too many clients\"}}";
	cardea_log(CARDEA_LOG_WARN, "pfunix", 0, "no more clients", "most=%u admin=%d",
		s->max_clients, s->is_admin);
	sendto(s->address.fd, words, sizeof words - 1, MSG_DONTWAIT | MSG_NOSIGNAL,
		(const void *)from, len);
}

bool client_datagram(struct server *s)
{
	struct sockaddr_un from = { 0 };
	socklen_t len = sizeof from;
	ssize_t n = recvfrom(
		s->address.fd, packet, max_packet, MSG_DONTWAIT | MSG_TRUNC, (void *)&from, &len);
	if (n < 0)
		return errno == EINTR;
	if (len <= PATH_AT) {
		cardea_log(CARDEA_LOG_WARN, "pfunix", 0,
			"a datagram without a return address: its sender must bind a path", "");
		return true;
	}
	struct client *c = peer_of(s, &from, len);
	if (!c) {
		say_full(s, &from, len);
		return true;
	}
	c->heard_us = cardea_loop_now_us(s->loop);
	take(c, (size_t)n); /* it cannot be made to wait alone: what is too much is refused */
	return true;
}
