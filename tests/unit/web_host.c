/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cardea/transport.h>
#include "../../core/web/host.h"

/* A host with one WebSocket endpoint that echoes and one path that answers, spoken to over loopback. */
#define PORT 23010
#define MAX_MESSAGE 400000
#define WAIT_MS 20000

size_t cardea_max_message(void)
{
	return MAX_MESSAGE;
}

static sem_t opened, closed, held, ended;
static _Atomic uint64_t socket_id, held_id;
static _Atomic int was_delivered, last_refused;

/* ---- the mounts, on the web thread ---- */

static void on_open(void *arg, uint64_t conn, const struct cardea_web_peer *who)
{
	(void)arg;
	socket_id = strcmp(who->ip, "127.0.0.1") ? 0 : conn;
	sem_post(&opened);
}

static void on_message(void *arg, uint64_t conn, const char *data, size_t len)
{
	(void)arg;
	cardea_web_send(conn, cardea_web_text(data, len));
}

static void on_closed(void *arg, uint64_t conn)
{
	(void)arg, (void)conn;
	sem_post(&closed);
}

static void on_request(void *arg, const struct cardea_web_request *r)
{
	char text[2048], ms[16];
	(void)arg;
	last_refused = r->refused;
	if (r->refused) {
		cardea_web_answer(r->id, r->refused, NULL, NULL, NULL);
	} else if (!strcmp(r->path, "/hold")) {
		held_id = r->id;
		if (cardea_web_query(r->query, "ms", ms, sizeof ms))
			cardea_web_hold(r->id, (unsigned)atoi(ms));
		sem_post(&held);
	} else {
		int n = snprintf(text, sizeof text, "%s|%s|%s|%s|%zu", r->method, r->path, r->query, r->origin,
			r->body_len);
		cardea_web_answer(r->id, 200, "X-Test: yes\r\n", "text/plain", cardea_web_text(text, (size_t)n));
	}
}

static void on_late(void *arg, uint64_t id)
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

static int dial(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval limit = { .tv_sec = WAIT_MS / 1000 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

static void say(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
		assert_true(n > 0);
		data += n;
		len -= (size_t)n;
	}
}

/** Read one answer: headers, and a body of Content-Length. @return its status, 0: the connection ended */
static int hear(int fd, char *out, size_t size)
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

static int ask(int fd, const char *request, char *out, size_t size)
{
	say(fd, request, strlen(request));
	return hear(fd, out, size);
}

static void wait_for(sem_t *s)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_MS / 1000;
	assert_int_equal(sem_timedwait(s, &until), 0);
}

#define UPGRADE "GET /any?x=1 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"

static int shake(void)
{
	char out[1024];
	int fd = dial();
	assert_int_equal(ask(fd, UPGRADE "Sec-WebSocket-Protocol: foo, echo-protocol\r\n\r\n", out,
		sizeof out), 101);
	assert_non_null(strcasestr(out, "sec-websocket-protocol: echo-protocol\r\n"));
	assert_non_null(strcasestr(out, "access-control-allow-origin: *\r\n"));
	wait_for(&opened);
	return fd;
}

/** A frame with a mask of zeros. */
static void frame(int fd, unsigned first_byte, const char *data, size_t len)
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

/** @return the length of the next frame, its first byte in @p first */
static size_t expect_frame(int fd, unsigned *first, char *out, size_t size)
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

/* ---- WebSocket ---- */

static void refuses_a_socket_of_no_or_an_unknown_subprotocol(void **state)
{
	char out[1024];
	int fd = dial();
	(void)state;
	assert_int_equal(ask(fd, UPGRADE "\r\n", out, sizeof out), 400);
	close(fd);
	fd = dial();
	assert_int_equal(ask(fd, UPGRADE "Sec-WebSocket-Protocol: foo\r\n\r\n", out, sizeof out), 400);
	close(fd);
}

static void echoes_text_binary_and_fragments(void **state)
{
	char out[64];
	unsigned first;
	int fd = shake();
	(void)state;
	frame(fd, 0x81, "text", 4);
	assert_int_equal(expect_frame(fd, &first, out, sizeof out), 4);
	assert_int_equal(first, 0x81);
	frame(fd, 0x82, "binary", 6);
	expect_frame(fd, &first, out, sizeof out);
	assert_string_equal(out, "binary");
	frame(fd, 0x01, "in ", 3);
	frame(fd, 0x00, "three ", 6);
	frame(fd, 0x80, "parts", 5);
	expect_frame(fd, &first, out, sizeof out);
	assert_string_equal(out, "in three parts");
	close(fd);
	wait_for(&closed);
}

static void carries_long_messages(void **state)
{
	static char text[300000], out[300001];
	unsigned first;
	int fd = shake();
	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i % 26);
	frame(fd, 0x81, text, sizeof text);
	assert_int_equal(expect_frame(fd, &first, out, sizeof out), sizeof text);
	assert_memory_equal(out, text, sizeof text);
	close(fd);
	wait_for(&closed);
}

/** More than a socket takes at once, of all forms of length, for a client that reads late. */
static void keeps_the_order_of_what_waits(void **state)
{
	static const size_t lengths[] = { 0, 1, 125, 126, 127, 3000, 32758, 32759, 65535, 65536, 20, 20, 20 };
	enum { ROUNDS = 30, N = sizeof lengths / sizeof *lengths };
	static char text[65536], out[65537];
	unsigned first;
	int fd = shake();
	(void)state;
	for (int i = 0; i < ROUNDS * N; i++) {
		memset(text, 'a' + i % 26, sizeof text);
		cardea_web_send(socket_id, cardea_web_text(text, lengths[i % N]));
	}
	for (int i = 0; i < ROUNDS * N; i++) {
		memset(text, 'a' + i % 26, sizeof text);
		assert_int_equal(expect_frame(fd, &first, out, sizeof out), lengths[i % N]);
		assert_int_equal(first, 0x81);
		assert_memory_equal(out, text, lengths[i % N]);
	}
	close(fd);
	wait_for(&closed);
}

static void closes_with_1009_when_a_message_is_too_long(void **state)
{
	static char text[MAX_MESSAGE + 1];
	char out[128];
	unsigned first;
	int fd = shake();
	(void)state;
	memset(text, 'x', sizeof text);
	frame(fd, 0x81, text, sizeof text);
	assert_true(expect_frame(fd, &first, out, sizeof out) >= 2);
	assert_int_equal(first, 0x88);
	assert_int_equal((unsigned char)out[0] << 8 | (unsigned char)out[1], 1009);
	close(fd);
	wait_for(&closed);
}

static void drops_a_client_that_does_not_read(void **state)
{
	static char text[300000];
	int fd = shake();
	(void)state;
	memset(text, 'x', sizeof text);
	struct cardea_text *shared = cardea_web_text(text, sizeof text);
	for (int i = 0; i < 100; i++)
		cardea_web_send(socket_id, cardea_text_ref(shared));
	cardea_text_drop(shared);
	wait_for(&closed);
	close(fd);
}

static void closes_a_socket_when_told_to(void **state)
{
	char out[64];
	unsigned first;
	int fd = shake();
	(void)state;
	cardea_web_send(socket_id, cardea_web_text("bye", 3));
	cardea_web_close(socket_id, 1001);
	expect_frame(fd, &first, out, sizeof out);
	assert_string_equal(out, "bye");
	expect_frame(fd, &first, out, sizeof out);
	assert_int_equal(first, 0x88);
	assert_int_equal((unsigned char)out[0] << 8 | (unsigned char)out[1], 1001);
	close(fd);
	wait_for(&closed);
}

static void tell(const void *rec, size_t len)
{
	(void)len;
	sem_post(*(sem_t *const *)rec);
}

static void says_nothing_after_its_close_frame(void **state)
{
	static char text[MAX_MESSAGE + 1];
	char out[128];
	unsigned first;
	sem_t seen, *at = &seen;
	int fd = shake();
	(void)state;
	sem_init(&seen, 0, 0);
	frame(fd, 0x81, text, sizeof text);
	expect_frame(fd, &first, out, sizeof out);
	assert_int_equal(first, 0x88);
	cardea_web_send(socket_id, cardea_web_text("late", 4));
	cardea_web_post(tell, &at, sizeof at);
	wait_for(&seen);
	frame(fd, 0x88, "\x03\xe8", 2);
	assert_int_equal(recv(fd, out, sizeof out, 0), 0);
	close(fd);
	wait_for(&closed);
	sem_destroy(&seen);
}

/* ---- HTTP ---- */

static void answers_many_requests_on_one_connection(void **state)
{
	char out[2048];
	int fd = dial();
	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(fd, "POST /test/a/b?x=1&y=%26 HTTP/1.1\r\nHost: h\r\nOrigin: http://o\r\n"
			"Content-Length: 5\r\n\r\nhello", out, sizeof out), 200);
		assert_non_null(strstr(out, "X-Test: yes\r\n"));
		assert_non_null(strstr(out, "\r\n\r\nPOST|/a/b|x=1&y=%26|http://o|5"));
		wait_for(&ended);
		assert_true(was_delivered);
	}
	close(fd);
}

static void refuses_a_body_it_cannot_take(void **state)
{
	static const struct {
		const char *headers;
		int status;
	} cases[] = { { "", 400 }, { "Content-Length: 0\r\n", 400 },
		{ "Transfer-Encoding: chunked\r\n", 411 } };
	char out[2048], request[256];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int fd = dial();
		snprintf(request, sizeof request, "POST /test HTTP/1.1\r\nHost: h\r\n%s\r\n", cases[i].headers);
		assert_int_equal(ask(fd, request, out, sizeof out), cases[i].status);
		assert_int_equal(last_refused, cases[i].status);
		wait_for(&ended);
		close(fd);
	}
}

static void refuses_a_body_too_long(void **state)
{
	static char body[MAX_MESSAGE + 1];
	char out[2048], head[128];
	int fd = dial();
	(void)state;
	int n = snprintf(head, sizeof head, "POST /test HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n",
		sizeof body);
	say(fd, head, (size_t)n);
	say(fd, body, sizeof body);
	assert_int_equal(hear(fd, out, sizeof out), 413);
	wait_for(&ended);
	close(fd);
}

static void holds_a_request_until_it_is_answered(void **state)
{
	char out[2048];
	int fd = dial();
	(void)state;
	const char *request = "GET /test/hold HTTP/1.1\r\nHost: h\r\n\r\n";
	say(fd, request, strlen(request));
	wait_for(&held);
	cardea_web_answer(held_id, 200, NULL, "text/plain", cardea_web_text("at last", 7));
	assert_int_equal(hear(fd, out, sizeof out), 200);
	assert_non_null(strstr(out, "\r\n\r\nat last"));
	wait_for(&ended);
	assert_true(was_delivered);
	close(fd);
}

static void tells_when_a_held_request_is_late(void **state)
{
	char out[2048];
	int fd = dial();
	(void)state;
	assert_int_equal(ask(fd, "GET /test/hold?ms=30 HTTP/1.1\r\nHost: h\r\n\r\n", out, sizeof out), 200);
	assert_non_null(strstr(out, "\r\n\r\nlate"));
	wait_for(&held);
	wait_for(&ended);
	close(fd);
}

static void tells_when_the_client_of_a_held_request_has_left(void **state)
{
	int fd = dial();
	(void)state;
	const char *request = "GET /test/hold?ms=60000 HTTP/1.1\r\nHost: h\r\n\r\n";
	say(fd, request, strlen(request));
	wait_for(&held);
	close(fd);
	cardea_web_answer(held_id, 200, NULL, "text/plain", cardea_web_text("nobody", 6));
	wait_for(&ended);
	assert_false(was_delivered);
}

static void shows_health_metrics_and_404(void **state)
{
	static char out[65536];
	int fd = dial();
	(void)state;
	assert_int_equal(ask(fd, "GET /health HTTP/1.1\r\nHost: h\r\n\r\n", out, sizeof out), 200);
	assert_non_null(strstr(out, "{\"status\":\"ok\"}"));
	assert_int_equal(ask(fd, "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n", out, sizeof out), 200);
	assert_non_null(strstr(out, "cardea_web_sockets "));
	assert_int_equal(ask(fd, "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n", out, sizeof out), 404);
	close(fd);
}

/* ---- the host ---- */

static void mount_all(void)
{
	static const struct cardea_web_place place = { .size = sizeof place, .shared = true };
	static const struct cardea_web_socket socket_hooks = { .size = sizeof socket_hooks,
		.opened = on_open, .message = on_message, .closed = on_closed };
	static const struct cardea_web_pages page_hooks = { .size = sizeof page_hooks,
		.request = on_request, .late = on_late, .ended = on_ended };
	assert_null(cardea_web_mount_socket("echo-protocol", &place, &socket_hooks, NULL));
	assert_non_null(cardea_web_mount_socket("echo-protocol", &place, &socket_hooks, NULL));
	assert_null(cardea_web_mount_path("/test", &place, &page_hooks, NULL));
	assert_non_null(cardea_web_mount_path("no-slash", &place, &page_hooks, NULL));
}

static int start(void **state)
{
	const struct web_conf conf = { .port = PORT, .ip = "127.0.0.1" };
	char why[256] = "";
	(void)state;
	sem_init(&opened, 0, 0);
	sem_init(&closed, 0, 0);
	sem_init(&held, 0, 0);
	sem_init(&ended, 0, 0);
	mount_all();
	return web_start(&conf, why) ? -1 : 0;
}

static int stop(void **state)
{
	(void)state;
	web_stop();
	return 0;
}

static void names_the_port_that_is_taken(void **state)
{
	const struct web_conf conf = { .port = PORT + 1, .ip = "127.0.0.1" };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT + 1),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char why[256] = "";
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_not_equal(web_start(&conf, why), OK);
	assert_non_null(strstr(why, "port 23011"));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest alone[] = { cmocka_unit_test(names_the_port_that_is_taken) };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_a_socket_of_no_or_an_unknown_subprotocol),
		cmocka_unit_test(echoes_text_binary_and_fragments), cmocka_unit_test(carries_long_messages),
		cmocka_unit_test(keeps_the_order_of_what_waits),
		cmocka_unit_test(closes_with_1009_when_a_message_is_too_long),
		cmocka_unit_test(drops_a_client_that_does_not_read),
		cmocka_unit_test(closes_a_socket_when_told_to),
		cmocka_unit_test(says_nothing_after_its_close_frame),
		cmocka_unit_test(answers_many_requests_on_one_connection),
		cmocka_unit_test(refuses_a_body_it_cannot_take), cmocka_unit_test(refuses_a_body_too_long),
		cmocka_unit_test(holds_a_request_until_it_is_answered),
		cmocka_unit_test(tells_when_a_held_request_is_late),
		cmocka_unit_test(tells_when_the_client_of_a_held_request_has_left),
		cmocka_unit_test(shows_health_metrics_and_404),
	};
	int failed = cmocka_run_group_tests_name("start", alone, NULL, NULL);
	return failed + cmocka_run_group_tests(tests, start, stop);
}
