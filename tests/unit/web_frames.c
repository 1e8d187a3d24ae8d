/* SPDX-License-Identifier: Apache-2.0 */
/* WebSockets as clients speak them, well and badly, and connections of which there are too many. */
#include "web_world.h"
#include "../../core/base/clock.h"
#include <sys/resource.h>

#define PORT 23040
const uint16_t web_port = PORT;

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
