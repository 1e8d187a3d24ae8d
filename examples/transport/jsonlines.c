/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A transport: the API as lines of JSON over TCP. One thread of its own moves all bytes. Texts for
 * clients come from other threads by way of the outbox, the only thing that is shared. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <cardea/transport.h>

extern CARDEA_API const struct cardea_transport cardea_transport;

#define AREA        "jsonlines"
#define MAX_CLIENTS 1000
#define MAX_WAITING (8 << 20) /* bytes that a client may let wait before it is dropped */
#define READ_BYTES  16384     /* of a client at a time, so that all have their turn */
#define RETRY_MS    1000 /* until connections are taken again, when there were no descriptors */
#define DROPPED     (-1)

/* A text on its way to a client, or (NULL) the word that it may be read again. */
struct outgoing {
	struct outgoing *next;
	uint64_t client;
	struct cardea_text *text;
};
struct list {
	struct outgoing *first, **last;
};
struct client {
	uint64_t id;
	int fd; /* DROPPED: to be cleared away */
	struct cardea_address address;
	char *in; /* the line that is yet to end */
	size_t in_len, in_size;
	bool skips; /* the rest of a line that is too long */
	bool rests; /* too many of its requests wait: read no more */
	struct list out;
	size_t out_bytes;
	size_t sent; /* of the first text; its newline counts */
};

static pthread_mutex_t outbox_lock = PTHREAD_MUTEX_INITIALIZER;
static struct list outbox;
static bool is_ending;
static int wake = -1, listener = -1;
static pthread_t thread;
static bool is_running;
/* of the thread */
static struct client *clients[MAX_CLIENTS];
static unsigned n_clients;
static uint64_t last_id;

/* ---- what other threads hand over ---- */

static void list_add(struct list *l, struct outgoing *o)
{
	if (!l->first)
		l->last = &l->first;
	o->next = NULL;
	*l->last = o;
	l->last = &o->next;
}

static struct outgoing *list_take(struct list *l)
{
	struct outgoing *o = l->first;

	if (o)
		l->first = o->next;
	return o;
}

static void outgoing_free(struct outgoing *o)
{
	cardea_text_drop(o->text);
	free(o);
}

static void post(uint64_t client, struct cardea_text *text)
{
	struct outgoing *o = malloc(sizeof *o);
	uint64_t one = 1;

	if (!o) {
		cardea_text_drop(text);
		return;
	}
	*o = (struct outgoing){ .client = client, .text = text };
	pthread_mutex_lock(&outbox_lock);
	list_add(&outbox, o);
	pthread_mutex_unlock(&outbox_lock);
	if (write(wake, &one, sizeof one) < 0)
		return; /* the count is full: the thread is awake */
}

static void send_text(
	uint64_t client, uint64_t request, uint64_t session_id, struct cardea_text *text)
{
	(void)request, (void)session_id;
	post(client, text);
}

static void resume(uint64_t client)
{
	post(client, NULL);
}

/* ---- from a client ---- */

static void drop(struct client *c, const char *why)
{
	if (c->fd == DROPPED)
		return;
	cardea_log(CARDEA_LOG_INFO, AREA, c->id, "client gone", "why=\"%s\"", why);
	close(c->fd);
	c->fd = DROPPED;
}

static void on_line(struct client *c, const char *line, size_t len)
{
	struct cardea_origin from = {
		.transport = &cardea_transport, .client = c->id, .address = c->address, .bytes = len
	};
	char why[160] = "";

	while (len && (line[len - 1] == ' ' || line[len - 1] == '\r'))
		len--;
	if (!len)
		return;
	json_t *tree = cardea_web_json(&line, &len, why);
	if (tree && len) {
		json_decref(tree);
		tree = NULL;
		strcpy(why, "there is more behind the value");
	}
	bool goes_on = tree ? cardea_transport_incoming(&from, tree)
			    : cardea_transport_garbage(&from, why);
	if (!goes_on)
		c->rests = true;
}

/* Hand over what lines are complete, as long as the client may. What is left begins the next. */
static void hand_over(struct client *c)
{
	size_t at = 0;
	char *end;

	while (!c->rests && (end = memchr(c->in + at, '\n', c->in_len - at))) {
		size_t len = (size_t)(end - c->in) - at;
		*end = '\0';
		if (!c->skips)
			on_line(c, c->in + at, len);
		c->skips = false;
		at += len + 1;
	}
	if (at)
		memmove(c->in, c->in + at, c->in_len -= at);
	if (!c->rests && c->in_len > cardea_max_message()) {
		struct cardea_origin from = { .transport = &cardea_transport,
			.client = c->id,
			.address = c->address,
			.bytes = c->in_len };
		if (!c->skips)
			c->rests = !cardea_transport_garbage(&from, "the line is too long");
		c->skips = true;
	}
	if (c->skips && !memchr(c->in, '\n', c->in_len))
		c->in_len = 0;
}

static bool make_room(struct client *c)
{
	size_t size = c->in_len + READ_BYTES;

	if (size <= c->in_size)
		return true;
	size += c->in_size; /* grows by half and more, so that long lines are copied seldom */
	char *in = realloc(c->in, size);
	if (in) {
		c->in = in;
		c->in_size = size;
	}
	return in;
}

static void read_some(struct client *c)
{
	if (!make_room(c)) {
		drop(c, "no memory");
		return;
	}
	ssize_t n = recv(c->fd, c->in + c->in_len, READ_BYTES, 0);
	if (n == 0)
		drop(c, "closed by the client");
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		drop(c, strerror(errno));
	if (n <= 0)
		return;
	c->in_len += (size_t)n;
	hand_over(c);
}

/* ---- to a client ---- */

static void write_some(struct client *c)
{
	struct outgoing *o;

	while (c->fd != DROPPED && (o = c->out.first)) {
		struct iovec parts[] = { { o->text->data + c->sent, o->text->len - c->sent },
			{ (char *)"\n", 1 } };
		struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };
		ssize_t n = sendmsg(c->fd, &msg, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			drop(c, strerror(errno));
		if (n < 0)
			return;
		c->sent += (size_t)n;
		if (c->sent <= o->text->len)
			return;
		c->out_bytes -= c->sent;
		c->sent = 0;
		outgoing_free(list_take(&c->out));
	}
}

static struct client *find(uint64_t id)
{
	for (unsigned i = 0; i < n_clients; i++)
		if (clients[i]->id == id && clients[i]->fd != DROPPED)
			return clients[i];
	return NULL;
}

static void take(struct client *c, struct outgoing *o)
{
	if (!c) {
		outgoing_free(o);
	} else if (!o->text) {
		outgoing_free(o);
		c->rests = false;
		hand_over(c);
	} else {
		list_add(&c->out, o);
		c->out_bytes += o->text->len + 1;
		if (c->out_bytes > MAX_WAITING)
			drop(c, "it does not read");
		else
			write_some(c);
	}
}

static bool empty_outbox(void)
{
	uint64_t count;

	if (read(wake, &count, sizeof count) < 0)
		return true; /* nobody has called */
	pthread_mutex_lock(&outbox_lock);
	struct list all = outbox;
	outbox.first = NULL;
	bool goes_on = !is_ending;
	pthread_mutex_unlock(&outbox_lock);
	for (struct outgoing *o; (o = list_take(&all));)
		take(find(o->client), o);
	return goes_on;
}

/* ---- clients come and go ---- */

static void client_free(struct client *c)
{
	for (struct outgoing *o; (o = list_take(&c->out));)
		outgoing_free(o);
	drop(c, "the server ends");
	free(c->in);
	free(c);
}

static void clear_away(void)
{
	for (unsigned i = 0; i < n_clients;)
		if (clients[i]->fd == DROPPED) {
			cardea_transport_gone(&cardea_transport, clients[i]->id, false);
			client_free(clients[i]);
			clients[i] = clients[--n_clients];
		} else {
			i++;
		}
}

/* @return false: there are no descriptors, or no memory, for another */
static bool let_in(void)
{
	struct sockaddr_in who;
	socklen_t len = sizeof who;
	char ip[INET_ADDRSTRLEN] = "";
	int fd = accept4(listener, (struct sockaddr *)&who, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return errno == EAGAIN || errno == ECONNABORTED || errno == EINTR;
	struct client *c = n_clients < MAX_CLIENTS ? calloc(1, sizeof *c) : NULL;
	if (!c) {
		close(fd);
		return n_clients == MAX_CLIENTS;
	}
	c->id = ++last_id;
	c->fd = fd;
	c->address = cardea_address(inet_ntop(AF_INET, &who.sin_addr, ip, sizeof ip));
	clients[n_clients++] = c;
	cardea_log(CARDEA_LOG_INFO, AREA, c->id, "client here", "ip=%s", ip);
	return true;
}

/* ---- the thread ---- */

static void *run(void *arg)
{
	static struct pollfd fds[MAX_CLIENTS + 2];
	bool lets_in = true;

	do {
		fds[0] = (struct pollfd){ .fd = wake, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = lets_in ? listener : -1, .events = POLLIN };
		unsigned n = n_clients;
		for (unsigned i = 0; i < n; i++)
			fds[i + 2] = (struct pollfd){ .fd = clients[i]->fd,
				.events = (short)((clients[i]->rests ? 0 : POLLIN) |
						  (clients[i]->out.first ? POLLOUT : 0)) };
		poll(fds, n + 2, lets_in ? -1 : RETRY_MS);
		for (unsigned i = 0; i < n; i++) {
			if (fds[i + 2].revents & POLLOUT)
				write_some(clients[i]);
			if (clients[i]->fd == DROPPED)
				continue;
			if (fds[i + 2].revents & POLLIN)
				read_some(clients[i]);
			else if (fds[i + 2].revents & (POLLERR | POLLHUP))
				drop(clients[i], "connection lost");
		}
		lets_in = fds[1].revents ? let_in() : true;
		clear_away();
	} while (empty_outbox());
	return arg;
}

/* ---- hooks ---- */

static const char *listen_at(const char *ip, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int on = 1;

	if (inet_pton(AF_INET, ip, &at.sin_addr) != 1)
		return "its ip is no IPv4 address";
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
		bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 64))
		return "its port cannot be had";
	return NULL;
}

static void stop(void)
{
	uint64_t one = 1;

	if (is_running) {
		pthread_mutex_lock(&outbox_lock);
		is_ending = true;
		pthread_mutex_unlock(&outbox_lock);
		if (write(wake, &one, sizeof one) < 0)
			cardea_log(CARDEA_LOG_DEBUG, AREA, 0, "the thread is awake", "");
		pthread_join(thread, NULL);
	}
	while (n_clients)
		client_free(clients[--n_clients]);
	for (struct outgoing *o; (o = list_take(&outbox));)
		outgoing_free(o);
	if (listener >= 0)
		close(listener);
	if (wake >= 0)
		close(wake);
	wake = listener = -1;
	is_running = is_ending = false;
}

static const char *start(const struct cardea_conf *conf)
{
	struct cardea_args general = cardea_conf_section(conf, "general");
	const char *why = listen_at(cardea_str(&general, "ip"), (int)cardea_int(&general, "port"));

	if (!why && (wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0)
		why = "there are no descriptors left";
	is_running = !why && !pthread_create(&thread, NULL, run, NULL);
	if (!why && !is_running)
		why = "there is no thread to be had";
	if (why)
		stop();
	return why;
}

static int style(void)
{
	return 0; /* compact: a text is one line */
}

static const struct cardea_field general_fields[] = {
	{ "port", CARDEA_INT, .min = 1, .max = 65535, .dflt = 8190, .note = "where it listens" },
	{ "ip", CARDEA_STR, .nonempty = true, .dflt_str = "127.0.0.1",
		.note = "an IPv4 address of this machine; who reaches it may use the API" },
	{ 0 },
};
static const struct cardea_section options[] = { { "general", general_fields, NULL }, { 0 } };

const struct cardea_transport cardea_transport = {
	.size = sizeof(struct cardea_transport),
	.abi = CARDEA_TRANSPORT_ABI,
	.name = "jsonlines",
	.title = "JSON lines",
	.description = "The API as lines of JSON over TCP.",
	.author = "You",
	.version_string = "0.1.0",
	.version = 1,
	.options = options,
	.start = start,
	.stop = stop,
	.style = style,
	.send = send_text,
	.resume = resume,
};
