/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files (core/capture/dump.c), pcap and text, read back byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/clock.h"
#include "../../core/base/protected.h"
#include "../../core/capture/dump.h"
#include "../../core/capture/writer.h"

#define HEAD   24 /* of a pcap file */
#define AROUND (16 + 14 + 20 + 8)

static char dir[64], path[128];
static uint64_t n_written;

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/cardea-dump-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/file", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static int open_file(void)
{
	int fd = protected_open(NULL, dir, "file");
	assert_true(fd >= 0);
	return fd;
}

static struct dump *open_dump(bool is_text)
{
	int fd = open_file();
	assert_int_equal(dump_prepare(fd, is_text), OK);
	return dump_new(fd, is_text, 11, 22);
}

static size_t read_file(uint8_t *out, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, out, size);
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

static size_t file_size(void)
{
	struct stat s;
	assert_int_equal(stat(path, &s), 0);
	return (size_t)s.st_size;
}

static const uint8_t packet[] = { 0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xab, 0xcd };

static struct capture_packet whole(bool is_out, bool is_rtcp)
{
	return (struct capture_packet){ .at_us = clock_now_us(),
		.len = sizeof packet,
		.kept = sizeof packet,
		.is_out = is_out,
		.is_rtcp = is_rtcp };
}

static void pcap_has_frames_that_never_were(void **state)
{
	struct dump *d = open_dump(false);
	struct capture_packet p = whole(false, false);
	uint8_t f[512];
	uint32_t word[4];
	(void)state;
	assert_int_equal(dump_put(d, &p, packet), 0);
	p.is_out = true;
	p.kept = 4; /* truncated */
	assert_int_equal(dump_put(d, &p, packet), 0);
	assert_int_equal(dump_close(d, &n_written), 0);
	assert_int_equal(read_file(f, sizeof f), HEAD + 2 * AROUND + sizeof packet + 4);
	memcpy(word, f, 4);
	assert_int_equal(word[0], 0xa1b2c3d4);
	memcpy(word, f + HEAD, 16);
	assert_in_range(word[0], clock_wall_us() / 1000000 - 60, clock_wall_us() / 1000000 + 60);
	assert_int_equal(word[2], 42 + sizeof packet);
	assert_int_equal(word[3], 42 + sizeof packet);
	const uint8_t *ip = f + HEAD + 16 + 14;
	assert_memory_equal(ip + 12, "\x0a\x01\x01\x01\x0a\x02\x02\x02\x03\xe8\x07\xd0", 12);
	assert_int_equal(ip[3], 28 + sizeof packet);
	assert_memory_equal(ip + 28, packet, sizeof packet);
	memcpy(word, ip + 28 + sizeof packet, 16);
	assert_int_equal(word[2], 42 + 4);
	assert_int_equal(word[3], 42 + sizeof packet);
	ip += 28 + sizeof packet + 16 + 14;
	assert_memory_equal(ip + 12, "\x0a\x02\x02\x02\x0a\x01\x01\x01\x07\xd0\x03\xe8", 12);
}

static void text_has_a_line_for_each_packet(void **state)
{
	struct dump *d = open_dump(true);
	struct capture_packet p = whole(true, true);
	char f[512] = { 0 }, *rest;
	(void)state;
	assert_int_equal(dump_put(d, &p, packet), 0);
	assert_int_equal(dump_close(d, &n_written), 0);
	read_file((uint8_t *)f, sizeof f - 1);
	assert_memory_equal(f, "O ", 2);
	assert_non_null(rest = strstr(f, " 000000  "));
	assert_string_equal(rest, " 000000  80 60 00 01 00 00 00 02 00 00 00 03 ab cd "
				  "JANUS_TEXT2PCAP_RTCP [session=11][handle=22]\r\n");
}

static void a_file_goes_on_where_it_ended(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		struct dump *d = open_dump(false);
		struct capture_packet p = whole(false, false);
		assert_int_equal(dump_put(d, &p, packet), 0);
		assert_int_equal(dump_close(d, &n_written), 0);
		assert_int_equal(file_size(), HEAD + i * (AROUND + sizeof packet));
	}
}

static void is_left_alone(const char *text, bool is_text)
{
	size_t before = strlen(text);
	int fd = open_file();
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(write(fd, text, before), before);
	assert_int_equal(dump_prepare(fd, is_text), ERR_INVALID);
	assert_int_equal(file_size(), before);
	close(fd);
}

static void a_file_of_another_kind_is_left_alone(void **state)
{
	struct capture_packet p = whole(false, false);
	struct dump *d;
	size_t before;
	int fd;
	(void)state;
	is_left_alone("this is what somebody wrote", false);
	is_left_alone("It is what somebody wrote", true);
	is_left_alone("I wrote this myself", true);
	is_left_alone("?", true);
	for (int is_text = 0; is_text < 2; is_text++) {
		unlink(path);
		d = open_dump(is_text);
		assert_int_equal(dump_put(d, &p, packet), 0);
		assert_int_equal(dump_close(d, &n_written), 0);
		before = file_size();
		fd = open_file();
		assert_int_equal(dump_prepare(fd, !is_text), ERR_INVALID);
		assert_int_equal(file_size(), before);
		close(fd);
		assert_int_equal(
			dump_close(open_dump(is_text), &n_written), 0); /* its own goes on */
	}
}

static void a_file_is_written_by_one_at_a_time(void **state)
{
	struct dump *d = open_dump(false);
	int fd = open_file();
	(void)state;
	assert_int_equal(dump_prepare(fd, false), ERR_EXISTS);
	assert_int_equal(dump_close(d, &n_written), 0);
	assert_int_equal(dump_prepare(fd, false), OK);
	close(fd);
}

static struct rlimit allow(size_t bytes)
{
	struct rlimit old, now;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	now = old;
	now.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
	return old;
}

static void a_full_disk_leaves_whole_packets(void **state)
{
	struct dump *d = open_dump(false);
	struct capture_packet p = whole(false, false);
	struct rlimit old = allow(HEAD + 10 * (AROUND + sizeof packet) + 5);
	int error = 0;
	unsigned n = 0;
	(void)state;
	for (; !error && n < 100; n++) {
		dump_put(d, &p, packet);
		error = dump_flush(d);
	}
	assert_int_equal(error, EFBIG);
	assert_int_equal(n, 11);
	assert_int_equal(dump_put(d, &p, packet) ? 0 : dump_flush(d), EFBIG); /* it stays so */
	assert_int_equal(dump_close(d, &n_written), EFBIG);
	assert_int_equal(n_written, 10);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(file_size(), HEAD + 10 * (AROUND + sizeof packet));
}

/* ---- the thread ---- */

static struct capture_ended ended;
static unsigned n_ended;

static void on_ended(void *arg, const void *rec, size_t len)
{
	(void)arg;
	(void)len;
	memcpy(&ended, rec, sizeof ended);
	n_ended++;
}

static void push(const struct capture_record *r)
{
	const struct iovec parts[] = { { (void *)r, sizeof *r },
		{ (void *)packet, sizeof packet } };
	assert_int_equal(
		queue_push_parts(writer_queue(), NULL, 0, parts, r->type == CAPTURE_PACKET ? 2 : 1),
		OK);
}

static void begin(uint64_t id)
{
	struct capture_record r = { .type = CAPTURE_OPEN, .id = id };
	r.open.fd = open_file();
	assert_int_equal(dump_prepare(r.open.fd, false), OK);
	push(&r);
}

static void give(uint64_t id, unsigned n, uint32_t lost)
{
	struct capture_record r = {
		.type = CAPTURE_PACKET, .lost = lost, .id = id, .packet = whole(false, false)
	};
	for (unsigned i = 0; i < n; i++)
		push(&r);
}

static void the_thread_counts_and_tells(void **state)
{
	struct queue *q = queue_create("ended", 1 << 12);
	struct capture_record r = { .type = CAPTURE_CLOSE, .lost = 5, .id = 1 };
	(void)state;
	n_ended = 0;
	assert_int_equal(writer_start(q), OK);
	begin(1);
	give(1, 10, 2);
	give(3, 10, 0); /* nobody knows it */
	push(&r);
	give(1, 10, 0); /* too late */
	writer_stop();
	queue_drain(q, on_ended, NULL);
	assert_int_equal(n_ended, 1);
	assert_int_equal(ended.id, 1);
	assert_int_equal(ended.packets, 10);
	assert_int_equal(ended.lost, 10 * 2 + 5);
	assert_int_equal(ended.error, 0);
	assert_int_equal(file_size(), HEAD + 10 * (AROUND + sizeof packet));
	queue_destroy(q);
}

static void what_is_open_at_the_end_is_complete(void **state)
{
	struct queue *q = queue_create("ended", 1 << 12);
	(void)state;
	n_ended = 0;
	assert_int_equal(writer_start(q), OK);
	begin(1);
	give(1, 1000, 0);
	writer_stop();
	queue_drain(q, on_ended, NULL);
	assert_int_equal(ended.packets, 1000);
	assert_int_equal(file_size(), HEAD + 1000 * (AROUND + sizeof packet));
	queue_destroy(q);
}

static void an_error_of_the_file_ends_it(void **state)
{
	struct queue *q = queue_create("ended", 1 << 12);
	struct rlimit old;
	(void)state;
	n_ended = 0;
	assert_int_equal(writer_start(q), OK);
	begin(1);
	old = allow(HEAD);
	give(1, 1000, 0);
	writer_stop();
	setrlimit(RLIMIT_FSIZE, &old);
	queue_drain(q, on_ended, NULL);
	assert_int_equal(n_ended, 1);
	assert_int_equal(ended.error, EFBIG);
	assert_int_equal(ended.packets, 0); /* none is in the file */
	assert_int_equal(file_size(), HEAD);
	queue_destroy(q);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(pcap_has_frames_that_never_were),
		T(text_has_a_line_for_each_packet),
		T(a_file_goes_on_where_it_ended),
		T(a_file_of_another_kind_is_left_alone),
		T(a_file_is_written_by_one_at_a_time),
		T(a_full_disk_leaves_whole_packets),
		T(the_thread_counts_and_tells),
		T(what_is_open_at_the_end_is_complete),
		T(an_error_of_the_file_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
