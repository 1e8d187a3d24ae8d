/* SPDX-License-Identifier: Apache-2.0 */
/* See the header; compiled once for all tests that use it. */
#include "web_world.h"
#include <malloc.h>

sem_t opened, closed, held, ended;
_Atomic uint64_t socket_id, held_id;
_Atomic int was_delivered, last_refused, n_asked, n_before_mark;
_Atomic unsigned close_code;

/* ---- the mounts, on the web thread ---- */

static void on_open(void *arg, uint64_t conn, const struct cardea_web_peer *who)
{
	(void)arg;
	socket_id = strcmp(who->ip, "127.0.0.1") ? 0 : conn;
	sem_post(&opened);
}

void on_message(void *arg, uint64_t conn, const char *data, size_t len)
{
	(void)arg;
	cardea_web_send(conn, cardea_web_text(data, len));
}

static void on_closed(void *arg, uint64_t conn, unsigned code)
{
	(void)arg, (void)conn;
	close_code = code;
	sem_post(&closed);
}

static void on_request(void *arg, const struct cardea_web_request *r)
{
	char text[2048], ms[16];
	(void)arg;
	last_refused = r->refused;
	n_asked++;
	if (!strcmp(r->path, "/mark"))
		n_before_mark = n_asked;
	if (r->refused) {
		cardea_web_answer(r->id, r->refused, NULL, NULL, NULL);
	} else if (!strcmp(r->path, "/big")) {
		char *big = malloc(BIG);
		memset(big, 'x', BIG);
		cardea_web_answer(r->id, 200, NULL, "text/plain", cardea_web_text(big, BIG));
		free(big);
	} else if (!strcmp(r->path, "/hold")) {
		held_id = r->id;
		if (cardea_web_query(r->query, "ms", ms, sizeof ms))
			cardea_web_hold(r->id, (unsigned)atoi(ms));
		sem_post(&held);
	} else {
		int n = snprintf(text, sizeof text, "%s|%s|%s|%s|%zu", r->method, r->path, r->query,
			r->origin, r->body_len);
		cardea_web_answer(r->id, 200, "X-Test: yes\r\n", "text/plain",
			cardea_web_text(text, (size_t)n));
	}
}

void on_late(void *arg, uint64_t id)
{
	(void)arg;
	cardea_web_answer(id, 200, NULL, "text/plain", cardea_web_text("late", 4));
}

static void on_ended(void *arg, uint64_t id, bool delivered)
{
	(void)arg, (void)id;
	was_delivered = delivered;
	sem_post(&ended);
}

/* ---- the client ---- */

int dial(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(web_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval limit = { .tv_sec = WAIT_MS / 1000 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

void say(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
		assert_true(n > 0);
		data += n;
		len -= (size_t)n;
	}
}

int hear(int fd, char *out, size_t size)
{
	size_t n = 0, want = 0;
	char *end = NULL;

	while (n + 1 < size && (!end || n < want)) {
		ssize_t got = recv(fd, out + n, end ? want - n : 1, 0);
		if (got <= 0)
			return 0;
		n += (size_t)got;
		out[n] = '\0';
		if (!end && (end = strstr(out, "\r\n\r\n"))) {
			const char *length = strstr(out, "Content-Length: ");
			want = n + (length ? (size_t)atoi(length + 16) : 0);
		}
	}
	return atoi(out + 9);
}

int ask(int fd, const char *request, char *out, size_t size)
{
	say(fd, request, strlen(request));
	return hear(fd, out, size);
}

void wait_for(sem_t *s)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_MS / 1000;
	assert_int_equal(sem_timedwait(s, &until), 0);
}

int shake(void)
{
	char out[1024];
	int fd = dial();
	assert_int_equal(ask(fd, UPGRADE "Sec-WebSocket-Protocol: foo, echo-protocol\r\n\r\n", out,
				 sizeof out),
		101);
	assert_non_null(strcasestr(out, "sec-websocket-protocol: echo-protocol\r\n"));
	assert_non_null(strcasestr(out, "access-control-allow-origin: *\r\n"));
	wait_for(&opened);
	return fd;
}

void frame(int fd, unsigned first_byte, const char *data, size_t len)
{
	unsigned char head[14] = { (unsigned char)first_byte };
	size_t n = 2;
	if (len < 126) {
		head[1] = (unsigned char)(0x80 | len);
	} else {
		head[1] = 0x80 | 127;
		for (int i = 0; i < 8; i++)
			head[n++] = (unsigned char)((uint64_t)len >> (56 - 8 * i));
	}
	say(fd, (char *)head, n + 4);
	say(fd, data, len);
}

static void read_all(int fd, unsigned char *out, size_t len)
{
	for (ssize_t n; len; out += n, len -= (size_t)n) {
		n = recv(fd, out, len, 0);
		assert_true(n > 0);
	}
}

size_t expect_frame(int fd, unsigned *first, char *out, size_t size)
{
	unsigned char head[10];
	read_all(fd, head, 2);
	size_t len = head[1] & 127, more = len == 126 ? 2 : len == 127 ? 8 : 0;
	read_all(fd, head + 2, more);
	for (size_t i = 0; i < more; i++)
		len = (i ? len << 8 : 0) | head[2 + i];
	assert_true(len < size);
	read_all(fd, (unsigned char *)out, len);
	out[len] = '\0';
	*first = head[0];
	return len;
}

static void mount_all(void)
{
	static const struct cardea_web_place place = { .size = sizeof place, .shared = true };
	static const struct cardea_web_socket socket_hooks = { .size = sizeof socket_hooks,
		.opened = on_open,
		.message = on_message,
		.closed = on_closed };
	static const struct cardea_web_pages page_hooks = {
		.size = sizeof page_hooks, .request = on_request, .late = on_late, .ended = on_ended
	};
	assert_null(cardea_web_mount_socket("echo-protocol", &place, &socket_hooks, NULL));
	assert_non_null(cardea_web_mount_socket("echo-protocol", &place, &socket_hooks, NULL));
	assert_null(cardea_web_mount_path("/test", &place, &page_hooks, NULL));
	assert_non_null(cardea_web_mount_path("no-slash", &place, &page_hooks, NULL));
}

int start(void **state)
{
	const struct web_conf conf = { .port = web_port,
		.ip = "127.0.0.1",
		.max_message = MAX_MESSAGE,
		.access = { .hosts = "h" } };
	char why[256] = "";
	(void)state;
	sem_init(&opened, 0, 0);
	sem_init(&closed, 0, 0);
	sem_init(&held, 0, 0);
	sem_init(&ended, 0, 0);
	mount_all();
	return web_start(&conf, why) ? -1 : 0;
}

int stop(void **state)
{
	(void)state;
	web_stop();
	return 0;
}

sem_t go_on;

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

void say_text(int fd, const char *text)
{
	say(fd, text, strlen(text));
}

int ask_alone(const char *request, char *out, size_t size)
{
	int fd = dial(), status = ask(fd, request, out, size);
	close(fd);
	return status;
}

size_t allocated(void)
{
	struct mallinfo2 m = mallinfo2();
	return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes()
						       : m.uordblks + m.hblkhd;
}

void wait_here(const void *rec, size_t len)
{
	(void)rec, (void)len;
	wait_for(&go_on);
}

unsigned expect_close(int fd)
{
	char out[128];
	unsigned first;
	assert_true(expect_frame(fd, &first, out, sizeof out) >= 2);
	assert_int_equal(first, 0x88);
	assert_int_equal(recv(fd, out + 2, 1, 0), 0);
	close(fd);
	wait_for(&closed);
	return (unsigned)(unsigned char)out[0] << 8 | (unsigned char)out[1];
}
