/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP as clients speak it, well and badly. */
#include "web_world.h"

const uint16_t web_port = 23020;

#define POST "POST /test/a HTTP/1.1\r\nHost: h\r\n"

/** What they say of the body: its length is the last part. */
static void heard_body(const char *answer, size_t len)
{
	char end[16];
	snprintf(end, sizeof end, "|%zu", len);
	assert_string_equal(strrchr(answer, '|'), end);
}

/** Read a long answer, and drop it. @return the bytes of its body */
static size_t hear_big(int fd)
{
	static char piece[65536];
	char head[1024];
	size_t n = 0, want;
	while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4)) {
		assert_true(n < sizeof head - 1);
		assert_int_equal(recv(fd, head + n++, 1, 0), 1);
	}
	head[n] = '\0';
	assert_non_null(strstr(head, " 200 "));
	want = (size_t)atoi(strstr(head, "Content-Length: ") + 16);
	for (n = 0; n < want;) {
		ssize_t got = recv(fd, piece, want - n < sizeof piece ? want - n : sizeof piece, 0);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	return n;
}

/* ---- requests ---- */

/** Whatever comes behind what, in one segment: all are answered, in order. */
static void answers_what_is_sent_at_once(void **state)
{
	static const char *const requests[] = { GET, POST "Content-Length: 3\r\n\r\nabc",
		"OPTIONS /test HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /none HTTP/1.1\r\nHost: h\r\n\r\n",
		POST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" };
	static const int status[] = { 200, 200, 200, 404, 200 };
	(void)state;
	for (int first = 0; first < 5; first++)
		for (int second = 0; second < 5; second++) {
			char all[2048], out[4096];
			int fd = dial();
			snprintf(all, sizeof all, "%s%s%s", requests[first], requests[second],
				requests[first]);
			say_text(fd, all);
			assert_int_equal(hear(fd, out, sizeof out), status[first]);
			assert_int_equal(hear(fd, out, sizeof out), status[second]);
			assert_int_equal(hear(fd, out, sizeof out), status[first]);
			close(fd);
		}
}

/** Nothing is read meanwhile, and nothing turns round and round. */
static void waits_behind_a_held_request(void **state)
{
	char out[4096];
	struct timespec before, after;
	int fd = dial();
	(void)state;
	say_text(fd, "GET /test/hold?ms=60000 HTTP/1.1\r\nHost: h\r\n\r\n" POST
		     "Content-Length: 3\r\n\r\nabc" GET);
	wait_for(&held);
	for (int i = 0; i < 50; i++)
		say_text(fd, POST "Content-Length: 3\r\n\r\nabc");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	assert_int_equal(ask_alone(GET, out, sizeof out), 200);
	nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_true(
		(after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 <
		100);
	cardea_web_answer(held_id, 200, NULL, "text/plain", cardea_web_text("at last", 7));
	for (int i = 0; i < 53; i++)
		assert_int_equal(hear(fd, out, sizeof out), 200);
	close(fd);
}

static void takes_bodies_in_chunks(void **state)
{
	char out[2048];
	(void)state;
	assert_int_equal(
		ask_alone(POST
			"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x=y\r\n, world\r\n"
			"0\r\nTrailer: x\r\n\r\n",
			out, sizeof out),
		200);
	heard_body(out, 12);
}

static void tells_to_go_on(void **state)
{
	char out[2048];
	int fd = dial();
	(void)state;
	say_text(fd, POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
	assert_int_equal(hear(fd, out, sizeof out), 100);
	say_text(fd, "hello");
	assert_int_equal(hear(fd, out, sizeof out), 200);
	heard_body(out, 5);
	close(fd);
	assert_int_equal(ask_alone(POST "Expect: 100-continue\r\nContent-Length: 999999999\r\n\r\n",
				 out, sizeof out),
		413);
}

/** RFC 9110, 7.8: what is not known is no upgrade. */
static void passes_over_unknown_upgrades(void **state)
{
	char out[2048];
	(void)state;
	assert_int_equal(ask_alone(POST "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: "
					"h2c\r\nHTTP2-Settings: AA\r\n"
					"Content-Length: 5\r\n\r\nhello",
				 out, sizeof out),
		200);
	heard_body(out, 5);
	assert_int_equal(ask_alone("GET /test/x HTTP/1.1\r\nHost: h\r\nConnection: "
				   "Upgrade\r\nUpgrade: h2c\r\n\r\n",
				 out, sizeof out),
		200);
}

static void answers_who_says_no_more(void **state)
{
	char out[2048];
	int fd = dial();
	(void)state;
	say_text(fd, POST "Content-Length: 5\r\n\r\nhello" GET);
	shutdown(fd, SHUT_WR);
	assert_int_equal(hear(fd, out, sizeof out), 200);
	assert_int_equal(hear(fd, out, sizeof out), 200);
	assert_int_equal(recv(fd, out, sizeof out, 0), 0);
	close(fd);
}

/** Who sends many requests at once lets the others have their turn. */
static void takes_turns(void **state)
{
	char all[400 * 40] = "", out[2048], *end = all;
	int many = dial(), one = dial();
	(void)state;
	sem_init(&go_on, 0, 0);
	for (int i = 0; i < 400; i++)
		end += sprintf(end, "GET /test/a HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_int_equal(ask(many, GET, out, sizeof out), 200);
	assert_int_equal(ask(one, GET, out, sizeof out), 200);
	n_asked = 0;
	cardea_web_post(wait_here, "", 0);
	say_text(many, all);
	say_text(one, "GET /test/mark HTTP/1.1\r\nHost: h\r\n\r\n");
	sem_post(&go_on);
	assert_int_equal(hear(one, out, sizeof out), 200);
	assert_true(n_before_mark < 100);
	for (int i = 0; i < 400; i++)
		assert_int_equal(hear(many, out, sizeof out), 200);
	close(one);
	close(many);
}

/** However slowly he reads it. */
static void answers_in_full(void **state)
{
	static const char *const requests[] = { "GET /test/big HTTP/1.0\r\n\r\n",
		"GET /test/big HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
		"GET /test/big HTTP/1.1\r\nHost: h\r\n\r\n" };
	int fd[3];
	char end;
	(void)state;
	for (int i = 0; i < 3; i++) {
		fd[i] = dial();
		say_text(fd[i], requests[i]);
		shutdown(fd[i], SHUT_WR);
	}
	/* slower than a lost packet is */
	nanosleep(&(struct timespec){ .tv_sec = 2, .tv_nsec = 500000000 }, NULL);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(hear_big(fd[i]), BIG);
		assert_int_equal(recv(fd[i], &end, 1, 0), 0);
		close(fd[i]);
	}
}

/** What is asked for and not read takes no memory: the next request is read when the answer before
 *  is gone. */
static void keeps_little_for_who_does_not_read(void **state)
{
	size_t before = allocated();
	char out[4096];
	int fd = dial();
	(void)state;
	for (int i = 0; i < 50; i++)
		say_text(fd, "GET /test/big HTTP/1.1\r\nHost: h\r\n\r\n");
	for (int i = 0; i < 20; i++)
		assert_int_equal(ask_alone(GET, out, sizeof out), 200);
	assert_true(allocated() < before + 4 * BIG);
	for (int i = 0; i < 50; i++)
		assert_int_equal(hear_big(fd), BIG);
	close(fd);
}

/** RFC 9110, 6.5.1: behind the body nobody says who he is. */
static void passes_over_trailers(void **state)
{
	char out[2048];
	(void)state;
	assert_int_equal(ask_alone(POST "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nOrigin: "
					"https://friend\r\n\r\n",
				 out, sizeof out),
		200);
	assert_non_null(strstr(out, "POST|/a|||1"));
}

/** RFC 9112, 3.2.2: as proxies ask. */
static void takes_targets_with_a_host(void **state)
{
	char out[2048];
	(void)state;
	assert_int_equal(ask_alone("GET http://H:80/test/a?b HTTP/1.1\r\nHost: h:80\r\n\r\n", out,
				 sizeof out),
		200);
	assert_non_null(strstr(out, "GET|/a|b||0"));
	assert_int_equal(
		ask_alone("GET https://h HTTP/1.1\r\nHost: h\r\n\r\n", out, sizeof out), 404);
	assert_int_equal(
		ask_alone("GET http://other/test/a HTTP/1.1\r\nHost: h\r\n\r\n", out, sizeof out),
		400);
}

static void speaks_1_0(void **state)
{
	char out[2048];
	int fd = dial();
	(void)state;
	assert_int_equal(
		ask(fd, "POST /test/a HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", out, sizeof out),
		200);
	heard_body(out, 5);
	assert_int_equal(recv(fd, out, sizeof out, 0), 0);
	close(fd);
	fd = dial();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(fd, "GET /test/a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
					 out, sizeof out),
			200);
		assert_non_null(strstr(out, "Connection: keep-alive\r\n"));
	}
	close(fd);
}

/** RFC 9110, 6.6.1: of a server with a clock. */
static void says_the_time(void **state)
{
	static const char *const requests[] = { GET, "GET /none HTTP/1.1\r\nHost: h\r\n\r\n",
		POST "Content-Length: 3\r\n\r\nabc", "GET / HTTP/1.1\r\n\r\n" };
	char out[4096];
	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		struct tm t = { 0 };
		ask_alone(requests[i], out, sizeof out);
		const char *date = strstr(out, "\r\nDate: ");
		assert_non_null(date);
		const char *end = strptime(date + 8, "%a, %d %b %Y %H:%M:%S GMT", &t);
		assert_non_null(end);
		assert_memory_equal(end, "\r\n", 2);
		assert_true(llabs((long long)(timegm(&t) - time(NULL))) <= 2);
	}
}

static void refuses_what_it_cannot_trust(void **state)
{
	static const struct {
		const char *request;
		int status;
	} cases[] = {
		{ POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
		{ POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400 },
		{ POST "Content-Length: 99999999999999999999\r\n\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400 },
		{ "GET / HTTP/1.1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400 },
		{ "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505 },
		{ "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: h h\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n", 400 },
		{ POST "Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 501 },
		{ "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
		{ "\x16\x03\x01\x02", 400 },
	};
	char out[2048];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int fd = dial();
		assert_int_equal(ask(fd, cases[i].request, out, sizeof out), cases[i].status);
		assert_int_equal(recv(fd, out, sizeof out, 0), 0);
		close(fd);
	}
}

static void refuses_heads_too_long(void **state)
{
	static char request[80000];
	char out[2048];
	(void)state;
	memset(request, 'x', 9000);
	memcpy(request, "GET /", 5);
	strcpy(request + 9000, " HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_int_equal(ask_alone(request, out, sizeof out), 414);
	size_t n = (size_t)sprintf(request, "GET / HTTP/1.1\r\nHost: h\r\nX: ");
	memset(request + n, 'x', 40000);
	strcpy(request + n + 40000, "\r\n\r\n");
	assert_int_equal(ask_alone(request, out, sizeof out), 431);
	n = (size_t)sprintf(request, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (int i = 0; i < 200; i++)
		n += (size_t)sprintf(request + n, "X: y\r\n");
	strcpy(request + n, "\r\n");
	assert_int_equal(ask_alone(request, out, sizeof out), 431);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_what_is_sent_at_once),
		cmocka_unit_test(waits_behind_a_held_request),
		cmocka_unit_test(takes_bodies_in_chunks),
		cmocka_unit_test(tells_to_go_on),
		cmocka_unit_test(passes_over_unknown_upgrades),
		cmocka_unit_test(answers_who_says_no_more),
		cmocka_unit_test(takes_turns),
		cmocka_unit_test(answers_in_full),
		cmocka_unit_test(keeps_little_for_who_does_not_read),
		cmocka_unit_test(passes_over_trailers),
		cmocka_unit_test(takes_targets_with_a_host),
		cmocka_unit_test(speaks_1_0),
		cmocka_unit_test(says_the_time),
		cmocka_unit_test(refuses_what_it_cannot_trust),
		cmocka_unit_test(refuses_heads_too_long),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
