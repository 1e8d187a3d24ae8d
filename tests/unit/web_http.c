/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP and WebSocket as clients speak them, well and badly. */
#include "web_world.h"
#include "../../core/base/clock.h"
#include <malloc.h>
#include <sys/resource.h>

#define PORT 23020
const uint16_t web_port = PORT;

#define POST "POST /test/a HTTP/1.1\r\nHost: h\r\n"
#define GET  "GET /health HTTP/1.1\r\nHost: h\r\n\r\n"

static void say_text(int fd, const char *text)
{
	say(fd, text, strlen(text));
}

/** The answer to @p request, on a connection of its own. @return its status */
static int ask_alone(const char *request, char *out, size_t size)
{
	int fd = dial(), status = ask(fd, request, out, size);
	close(fd);
	return status;
}

/** What they say of the body: its length is the last part. */
static void heard_body(const char *answer, size_t len)
{
	char end[16];
	snprintf(end, sizeof end, "|%zu", len);
	assert_string_equal(strrchr(answer, '|'), end);
}

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/** Bytes that this process has asked for. */
static size_t allocated(void)
{
	struct mallinfo2 m = mallinfo2();
	return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes()
						       : m.uordblks + m.hblkhd;
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

static sem_t go_on;

static void wait_here(const void *rec, size_t len)
{
	(void)rec, (void)len;
	wait_for(&go_on);
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

/* ---- WebSockets ---- */

static unsigned expect_close(int fd)
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

static void closes_what_is_not_masked(void **state)
{
	int fd = shake();
	(void)state;
	say(fd, "\x81\x02hi", 4);
	assert_int_equal(expect_close(fd), 1002);
}

static void closes_text_that_is_not_utf_8(void **state)
{
	int fd = shake();
	(void)state;
	frame(fd, 0x81, "\xc3\x28", 2);
	assert_int_equal(expect_close(fd), 1007);
}

static void closes_on_nonsense(void **state)
{
	static const unsigned first[] = { 0x83, 0xc1, 0x80, 0x09, 0x8b };
	(void)state;
	for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
		int fd = shake();
		frame(fd, first[i], "x", 1);
		assert_int_equal(expect_close(fd), 1002);
	}
}

/** Frames byte by byte, with a ping between the pieces of a message. */
static void reads_frames_in_pieces(void **state)
{
	static const char all[] = "\x01\x82\0\0\0\0in\x89\x81\0\0\0\0?\x80\x83\0\0\0\0 it";
	char out[64];
	unsigned first;
	int fd = shake();
	(void)state;
	for (size_t i = 0; i < sizeof all - 1; i++) {
		say(fd, all + i, 1);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	assert_int_equal(expect_frame(fd, &first, out, sizeof out), 1);
	assert_int_equal(first, 0x8a);
	assert_int_equal(expect_frame(fd, &first, out, sizeof out), 5);
	assert_string_equal(out, "in it");
	close(fd);
	wait_for(&closed);
}

static void answers_a_close(void **state)
{
	int fd = shake();
	(void)state;
	frame(fd, 0x88, "\x03\xe8", 2);
	assert_int_equal(expect_close(fd), 1000);
}

/** A status has two bytes (RFC 6455, 5.5.1). */
static void refuses_half_a_status(void **state)
{
	int fd = shake();
	(void)state;
	frame(fd, 0x88, "\x03", 1);
	assert_int_equal(expect_close(fd), 1002);
}

static void is_there(int fd)
{
	char out[64];
	unsigned first;
	frame(fd, 0x89, "?", 1);
	assert_int_equal(expect_frame(fd, &first, out, sizeof out), 1);
	assert_int_equal(first, 0x8a);
}

/** The clock is another; the web thread looks at it when something happens. */
static void make_it(int64_t now_us)
{
	char out[2048];
	clock_fake(now_us);
	assert_int_equal(ask_alone(GET, out, sizeof out), 200);
}

/** A minute without another byte of it is too long; pings in between do not count. */
static void ends_a_message_that_does_not_go_on(void **state)
{
	int64_t begin = clock_now_us();
	int fd = shake();
	(void)state;
	frame(fd, 0x01, "in", 2);
	is_there(fd);
	make_it(begin + 50 * US_PER_S);
	is_there(fd);
	frame(fd, 0x00, " it", 3);
	is_there(fd);
	make_it(begin + 109 * US_PER_S);
	is_there(fd);
	make_it(begin + 111 * US_PER_S);
	assert_int_equal(expect_close(fd), 1008);
	clock_fake(-1);
}

/** As many as the network takes. @return how many bytes that are */
static size_t say_all_it_takes(int fd, const char *data, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	size_t sent = 0;
	while (poll(&p, 1, 500) > 0) {
		ssize_t n =
			send(fd, data + sent % len, len - sent % len, MSG_DONTWAIT | MSG_NOSIGNAL);
		assert_true(n > 0 && sent < (256u << 20));
		sent += (size_t)n;
	}
	return sent;
}

/** Pings of who does not read their pongs are read no more: they take neither memory nor time. */
static void pongs_as_they_are_read(void **state)
{
	size_t before = allocated();
	char pings[100][6 + 125], out[256];
	struct timespec then, now;
	unsigned first;
	int fd = shake();
	(void)state;
	memset(pings, 'p', sizeof pings);
	for (int i = 0; i < 100; i++)
		memcpy(pings[i], "\x89\xfd\0\0\0", 6);
	size_t n = say_all_it_takes(fd, pings[0], sizeof pings) / sizeof pings[0];
	assert_true(allocated() < before + (1 << 20));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &then);
	assert_int_equal(ask_alone(GET, out, sizeof out), 200);
	nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	assert_true(
		(now.tv_sec - then.tv_sec) * 1000 + (now.tv_nsec - then.tv_nsec) / 1000000 < 100);
	assert_true(n > 1000);
	while (n--) {
		assert_int_equal(expect_frame(fd, &first, out, sizeof out), 125);
		assert_int_equal(first, 0x8a);
	}
	close(fd);
	wait_for(&closed);
}

/** A client may have gone before it hears that it has become a WebSocket. */
static void survives_who_goes_at_once(void **state)
{
	static const char all[] =
		UPGRADE "Sec-WebSocket-Protocol: echo-protocol\r\n\r\n\x81\x82\0\0\0\0in";
	struct linger now = { .l_onoff = 1 };
	char out[2048];
	(void)state;
	sem_init(&go_on, 0, 0);
	for (int i = 0; i < 20; i++) {
		int fd = dial();
		assert_int_equal(ask(fd, GET, out, sizeof out), 200);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		cardea_web_post(wait_here, "", 0);
		say(fd, all, sizeof all - 1);
		close(fd);
		sem_post(&go_on);
	}
	assert_int_equal(ask_alone(GET, out, sizeof out), 200);
	while (!sem_trywait(&opened))
		wait_for(&closed);
}

static void refuses_bad_handshakes(void **state)
{
	static const struct {
		const char *fields;
		int status;
	} cases[] = {
		{ "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
			426 },
		{ "Sec-WebSocket-Version: 13\r\n", 400 },
		{ "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA\r\n", 400 },
		{ "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
		  "AAAAAAAAAAAAAAAAAAAAAA==\r\nContent-Length: 3\r\n",
			400 }
	};
	char request[512], out[1024];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(request, sizeof request,
			"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
			"Connection: Upgrade\r\nSec-WebSocket-Protocol: echo-protocol\r\n%s\r\n",
			cases[i].fields);
		assert_int_equal(ask_alone(request, out, sizeof out), cases[i].status);
		assert_int_equal(
			!!strstr(out, "\r\nSec-WebSocket-Version: 13\r\n"), cases[i].status == 426);
		assert_int_equal(
			!!strstr(out, "\r\nUpgrade: websocket\r\n"), cases[i].status == 426);
	}
}

/* ---- descriptors ---- */

/** Where there is none left, connections wait; nothing turns round, and those that are there are
 *  served. */
static void rests_without_descriptors(void **state)
{
	struct rlimit was, few;
	struct timespec before, after;
	char out[2048];
	int used[256], n = 0, first = dial();
	(void)state;
	assert_int_equal(ask(first, GET, out, sizeof out), 200);
	getrlimit(RLIMIT_NOFILE, &was);
	few = was;
	few.rlim_cur = 200;
	setrlimit(RLIMIT_NOFILE, &few);
	/* before the server could have what is left */
	int waiting = dial(), other = socket(AF_INET, SOCK_STREAM, 0);
	while (n < 256 && (used[n] = dup(0)) >= 0)
		n++;
	say_text(waiting, GET);
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(connect(other, (struct sockaddr *)&a, sizeof a), 0);
	say_text(other, GET);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	nanosleep(&(struct timespec){ .tv_nsec = 500000000 }, NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_true(
		(after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 <
		100);
	assert_int_equal(ask(first, GET, out, sizeof out), 200);
	while (n)
		close(used[--n]);
	assert_int_equal(hear(other, out, sizeof out), 200);
	setrlimit(RLIMIT_NOFILE, &was);
	close(other);
	close(waiting);
	close(first);
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
		cmocka_unit_test(closes_what_is_not_masked),
		cmocka_unit_test(closes_text_that_is_not_utf_8),
		cmocka_unit_test(closes_on_nonsense),
		cmocka_unit_test(reads_frames_in_pieces),
		cmocka_unit_test(answers_a_close),
		cmocka_unit_test(refuses_half_a_status),
		cmocka_unit_test(ends_a_message_that_does_not_go_on),
		cmocka_unit_test(pongs_as_they_are_read),
		cmocka_unit_test(survives_who_goes_at_once),
		cmocka_unit_test(refuses_bad_handshakes),
		cmocka_unit_test(rests_without_descriptors),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
