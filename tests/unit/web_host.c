/* SPDX-License-Identifier: Apache-2.0 */
/* The web host with a client that speaks bytes (core/web/host.c and what it uses): WebSockets
 * first, then pages. web_world.h has both ends. */
#include "web_world.h"

#define PORT 23010
const uint16_t web_port = PORT;

/* ---- WebSocket ---- */

static void refuses_a_socket_of_no_or_an_unknown_subprotocol(void **state)
{
	char out[1024];
	int fd = dial();
	(void)state;
	assert_int_equal(ask(fd, UPGRADE "\r\n", out, sizeof out), 400);
	close(fd);
	fd = dial();
	assert_int_equal(
		ask(fd, UPGRADE "Sec-WebSocket-Protocol: foo\r\n\r\n", out, sizeof out), 400);
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
	static const size_t lengths[] = { 0, 1, 125, 126, 127, 3000, 32758, 32759, 65535, 65536, 20,
		20, 20 };
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

/** None of them alone is too slow. */
static void drops_clients_that_together_read_too_little(void **state)
{
	enum { CLIENTS = 60, EACH = 7 };
	static char text[1 << 20];
	int fds[CLIENTS], small = 4096;
	(void)state;
	memset(text, 'x', sizeof text);
	struct cardea_text *shared = cardea_web_text(text, sizeof text);
	for (int i = 0; i < CLIENTS; i++) {
		fds[i] = shake();
		setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
		for (int k = 0; k < EACH; k++)
			cardea_web_send(socket_id, cardea_text_ref(shared));
	}
	cardea_text_drop(shared);
	wait_for(&closed); /* the first, while all have their ends open */
	for (int i = 0; i < CLIENTS; i++)
		close(fds[i]);
	for (int i = 1; i < CLIENTS; i++)
		wait_for(&closed);
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

/** While the client still keeps its side open. */
static void tells_by_which_code_the_client_has_closed(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		unsigned code;
	} all[] = {
		{ "\x03\xe8", 2, 1000 },
		{ "\x03\xe9"
		  "gone",
			6, 1001 },
		{ "", 0, 1005 },
		{ "\x0f\xa0", 2, 4000 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		int fd = shake();
		frame(fd, 0x88, all[i].data, all[i].len);
		wait_for(&closed);
		assert_int_equal(close_code, all[i].code);
		close(fd);
	}
	int fd = shake();
	close(fd);
	wait_for(&closed);
	assert_int_equal(close_code, 1006);
	assert_int_not_equal(sem_trywait(&closed), 0);
}

/** The mount may ask again and again. */
static void gives_no_more_time_to_who_is_asked_again(void **state)
{
	struct timespec until;
	int fd = shake();
	(void)state;
	for (int i = 0; i < WAIT_MS / 100; i++) {
		cardea_web_probe(socket_id, 500);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 100000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		if (!sem_timedwait(&closed, &until)) {
			close(fd);
			return;
		}
	}
	fail_msg("never dropped");
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
		assert_int_equal(ask(fd,
					 "POST /test/a/b?x=1&y=%26 HTTP/1.1\r\nHost: h\r\nOrigin: "
					 "http://o\r\n"
					 "Content-Length: 5\r\n\r\nhello",
					 out, sizeof out),
			200);
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
	} cases[] = {
		{ "", 400 },
		{ "Content-Length: 0\r\n", 400 },
		{ "Transfer-Encoding: chunked\r\n\r\n0\r\n", 400 },
	};
	char out[2048], request[256];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int fd = dial();
		snprintf(request, sizeof request, "POST /test HTTP/1.1\r\nHost: h\r\n%s\r\n",
			cases[i].headers);
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
	int n = snprintf(head, sizeof head,
		"POST /test HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n", sizeof body);
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
	assert_int_equal(
		ask(fd, "GET /test/hold?ms=30 HTTP/1.1\r\nHost: h\r\n\r\n", out, sizeof out), 200);
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

static void names_the_port_that_is_taken(void **state)
{
	const struct web_conf conf = { .port = PORT + 1, .ip = "127.0.0.1" };
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(PORT + 1),
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
		cmocka_unit_test(echoes_text_binary_and_fragments),
		cmocka_unit_test(carries_long_messages),
		cmocka_unit_test(keeps_the_order_of_what_waits),
		cmocka_unit_test(closes_with_1009_when_a_message_is_too_long),
		cmocka_unit_test(drops_a_client_that_does_not_read),
		cmocka_unit_test(drops_clients_that_together_read_too_little),
		cmocka_unit_test(closes_a_socket_when_told_to),
		cmocka_unit_test(tells_by_which_code_the_client_has_closed),
		cmocka_unit_test(gives_no_more_time_to_who_is_asked_again),
		cmocka_unit_test(says_nothing_after_its_close_frame),
		cmocka_unit_test(answers_many_requests_on_one_connection),
		cmocka_unit_test(refuses_a_body_it_cannot_take),
		cmocka_unit_test(refuses_a_body_too_long),
		cmocka_unit_test(holds_a_request_until_it_is_answered),
		cmocka_unit_test(tells_when_a_held_request_is_late),
		cmocka_unit_test(tells_when_the_client_of_a_held_request_has_left),
		cmocka_unit_test(shows_health_metrics_and_404),
	};
	int failed = cmocka_run_group_tests_name("start", alone, NULL, NULL);
	return failed + cmocka_run_group_tests(tests, start, stop);
}
