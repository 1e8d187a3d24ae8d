/* SPDX-License-Identifier: Apache-2.0 */
/* The log (core/base/log.c, log_rate.c): what a line looks like, and what no peer can do to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/log.h"
#include "../../core/base/log_rate.h"

#define N_THREADS 4
#define N_EACH    500

static char dir[64], path[96];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/cardea-log-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/log", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static char *read_log(void)
{
	static char text[1 << 20];
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof text - 1, f)] = 0;
	fclose(f);
	return text;
}

static void quotes_what_others_wrote(void **state)
{
	char cut[8];
	(void)state;
	log_start(&(struct log_conf){ .level = 7, .file = path });
	log_info("x", 0, "opened", "file=%s next=%s", LOG_QUOTED("a \"b\" packets=5"),
		LOG_QUOTED("\\\"\n\x1b\xff"));
	log_stop();
	assert_string_equal(read_log(), "[INFO] x: opened file=\"a \\\"b\\\" packets=5\" "
					"next=\"\\\\\\\" \\x1b\\xff\"\n");
	assert_string_equal(cardea_log_quote(cut, sizeof cut, "12345"), "\"12345\"");
	assert_string_equal(cardea_log_quote(cut, sizeof cut, "123456"), "\"12345\"");
	assert_string_equal(cardea_log_quote(cut, sizeof cut, "1234\""), "\"1234\"");
	assert_string_equal(cardea_log_quote(cut, sizeof cut, "1234\u00e9"), "\"1234\"");
	assert_string_equal(cardea_log_quote(cut, sizeof cut, ""), "\"\"");
}

static void writes_area_id_phrase_and_pairs(void **state)
{
	(void)state;
	log_start(&(struct log_conf){ .level = 7, .file = path });
	log_info("peer", 1234567890123456, "media up", "pair=%s rtt_us=%d", "a-b", 12);
	log_warn("router", 0, "no route", "");
	log_error("conf", 3, "bad", "x=%d", 1);
	log_debug("sdp", 4, "offer", "");
	log_stop();
	assert_string_equal(read_log(),
		"[INFO] peer[1234567890123456]: media up pair=a-b rtt_us=12\n"
		"[WARN] router: no route\n"
		"[ERROR] conf[3]: bad x=1\n"
		"[DEBUG] sdp[4]: offer\n");
}

static void a_flush_waits_until_all_is_written(void **state)
{
	(void)state;
	log_start(&(struct log_conf){ .level = 7, .file = path });
	for (int i = 0; i < 100; i++) {
		char line[64];
		log_info("last", 0, "words", "n=%d", i);
		log_flush(60000000);
		snprintf(line, sizeof line, "[INFO] last: words n=%d\n", i);
		assert_non_null(strstr(read_log(), line));
	}
	log_stop();
	log_flush(60000000); /* nothing to wait for */
}

static int evaluated;

static int evaluate(void)
{
	return ++evaluated;
}

static void keeps_to_its_level(void **state)
{
	(void)state;
	evaluated = 0;
	log_start(&(struct log_conf){ .level = 3, .file = path });
	assert_int_equal(log_level(), 3);
	log_info("a", 0, "unwanted", "");
	log_debug("a", 0, "unwanted", "n=%d", evaluate());
	log_set_level(4);
	log_info("a", 0, "wanted", "");
	log_set_level(0);
	log_error("a", 0, "unwanted", "");
	log_set_level(99);
	assert_int_equal(log_level(), 7);
	log_debug("a", 0, "wanted", "n=%d", evaluate());
	log_stop();
	assert_string_equal(read_log(), "[INFO] a: wanted\n[DEBUG] a: wanted n=1\n");
}

static void puts_time_and_prefix_before_a_line_and_no_colors_in_a_file(void **state)
{
	int y, m, d, h, min, s, us, end = 0;
	(void)state;
	log_start(&(struct log_conf){ .level = 4,
		.file = path,
		.prefix = "[east] ",
		.timestamps = true,
		.colors = true });
	log_warn("a", 0, "b", "");
	log_stop();
	assert_int_equal(sscanf(read_log(), "%d-%d-%d %d:%d:%d.%d [east] [WARN] a: b%n", &y, &m, &d,
				 &h, &min, &s, &us, &end),
		7);
	assert_true(end > 0);
}

static void forges_no_line_from_what_a_peer_sends(void **state)
{
	(void)state;
	log_start(&(struct log_conf){ .level = 4, .file = path });
	log_info("a", 0, "b", "name=%s", "x\n[ERROR] forged\r\033[2Jy");
	log_stop();
	assert_string_equal(read_log(), "[INFO] a: b name=x [ERROR] forged \\x1b[2Jy\n");
}

static void cuts_lines_that_are_far_too_long(void **state)
{
	static char huge[100000];
	char *text;
	(void)state;
	memset(huge, 'x', sizeof huge - 1);
	log_start(&(struct log_conf){ .level = 4, .file = path });
	log_info("a", 0, huge, "n=%d", 1);
	log_info("a", 0, "b", "s=%s", huge);
	log_stop();
	text = read_log();
	assert_in_range(strlen(text), 2 * 2000, 2 * 5000);
	assert_ptr_equal(strchr(strchr(text, '\n') + 1, '\n'), text + strlen(text) - 1);
}

static void *log_numbers(void *arg)
{
	for (int i = 0; i < N_EACH; i++)
		log_debug("thread", (uint64_t)(uintptr_t)arg, "line", "i=%d", i);
	return NULL;
}

static void keeps_the_lines_of_each_thread_in_order(void **state)
{
	pthread_t thread[N_THREADS];
	int next[N_THREADS + 1] = { 0 }, n = 0;
	(void)state;
	log_start(&(struct log_conf){ .level = 7, .file = path });
	for (uintptr_t i = 0; i < N_THREADS; i++)
		pthread_create(&thread[i], NULL, log_numbers, (void *)(i + 1));
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(thread[i], NULL);
	log_stop();
	for (char *line = strtok(read_log(), "\n"); line; line = strtok(NULL, "\n"), n++) {
		int t, i;
		assert_int_equal(sscanf(line, "[DEBUG] thread[%d]: line i=%d", &t, &i), 2);
		assert_int_equal(i, next[t]++);
	}
	assert_int_equal(n, N_THREADS * N_EACH);
}

static void *stop(void *arg)
{
	log_stop();
	return arg;
}

/* The file is a pipe that nobody reads at first: the writer gets stuck, the callers must not. */
static void drops_lines_and_says_how_many_when_the_disk_is_slow(void **state)
{
	uint64_t written = 0, dropped = 0, n_total = 20000, n;
	char line[256];
	pthread_t stopper;
	FILE *reader;
	int fd;
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	log_start(&(struct log_conf){ .level = 7, .file = path });
	for (uint64_t i = 0; i < n_total; i++)
		log_debug(
			"flood", i + 1, "a line that takes its room in the ring", "i=%" PRIu64, i);
	fcntl(fd, F_SETFL, 0);
	reader = fdopen(fd, "r");
	pthread_create(&stopper, NULL, stop, NULL);
	while (fgets(line, sizeof line, reader)) { /* until the file is closed */
		if (sscanf(line, "[WARN] log: lines dropped count=%" SCNu64, &n) == 1)
			dropped += n;
		else if (sscanf(line, "[DEBUG] flood[%" SCNu64 "]:", &n) == 1)
			written++;
	}
	pthread_join(stopper, NULL);
	fclose(reader);
	assert_true(dropped > 0);
	/* the wake-up of the stop may count as one */
	assert_in_range(written + dropped, n_total, n_total + 1);
}

static void writes_to_stderr_before_start_and_after_stop(void **state)
{
	int saved = dup(STDERR_FILENO), fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	(void)state;
	fflush(stderr);
	dup2(fd, STDERR_FILENO);
	log_set_level(4);
	log_info("main", 1, "before", "");
	log_start(&(struct log_conf){ .level = 4 });
	log_info("main", 2, "nowhere", "");
	log_stop();
	log_stop();
	log_info("main", 3, "after", "x=%d", 1);
	log_start(&(struct log_conf){ .level = 4, .file = "/nonexistent/log" });
	log_stop();
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fd);
	assert_string_equal(read_log(), "[INFO] main[1]: before\n[INFO] main[3]: after x=1\n"
					"[ERROR] log: file cannot be opened file=/nonexistent/log "
					"why=No such file or directory\n");
}

static unsigned count(const char *text, const char *word)
{
	unsigned n = 0;
	for (const char *s = text; (s = strstr(s, word)); s++)
		n++;
	return n;
}

/* Of what somebody can cause at will; what others have to say is there, and who debugs sees all. */
static void bounds_lines_of_one_kind(void **state)
{
	static char all[1 << 20];
	(void)state;
	log_start(&(struct log_conf){ .level = 7, .file = path });
	for (int i = 0; i < 5000; i++)
		log_warn("flood", 7, "again", "i=%d", i);
	for (int i = 0; i < 300; i++)
		log_debug("flood", 0, "of details", "i=%d", i);
	log_warn("other", 0, "again", "");
	log_stop();
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	all[fread(all, 1, sizeof all - 1, f)] = '\0';
	fclose(f);
	unsigned n = count(all, "flood[7]: again");
	assert_in_range(n, LOG_RATE_BURST, LOG_RATE_BURST + 20 * LOG_RATE_A_S);
	assert_int_equal(count(all, "of details"), 300);
	assert_int_equal(count(all, "other: again"), 1);
}

static void says_how_many_lines_were_left_out(void **state)
{
	unsigned left_out;
	(void)state;
	for (int i = 0; i < LOG_RATE_BURST; i++)
		assert_true(log_rate_take("rate", "a", 1000000, &left_out));
	for (int i = 0; i < 7; i++)
		assert_false(log_rate_take("rate", "a", 1000000, &left_out));
	assert_true(log_rate_take("rate", "b", 1000000, &left_out));
	assert_true(log_rate_take("rate", "a", 1000000 + 1000000 / LOG_RATE_A_S, &left_out));
	assert_int_equal(left_out, 7);
	assert_false(log_rate_take("rate", "a", 1000000 + 1000000 / LOG_RATE_A_S, &left_out));
	assert_true(log_rate_take("rate", "a", 99000000, &left_out));
	assert_int_equal(left_out, 1);
}

/* Until the writer has put this into the file of that name. */
static void await(const char *name, const char *word)
{
	char text[4096] = "";
	while (!strstr(text, word)) {
		FILE *f = fopen(name, "r");
		text[f ? fread(text, 1, sizeof text - 1, f) : 0] = 0;
		if (f)
			fclose(f);
		usleep(1000);
	}
}

static void goes_on_in_a_new_file_when_the_old_one_was_moved(void **state)
{
	char moved[120];
	(void)state;
	snprintf(moved, sizeof moved, "%s.1", path);
	log_start(&(struct log_conf){ .level = 4, .file = path });
	log_info("a", 0, "first", "");
	await(path, "first");
	assert_int_equal(rename(path, moved), 0);
	log_reopen();
	await(path, "file opened again");
	log_info("a", 0, "second", "");
	log_stop();
	assert_null(strstr(read_log(), "first"));
	assert_non_null(strstr(read_log(), "[INFO] a: second\n"));
	unlink(moved);
}

static void keeps_the_old_file_when_there_can_be_no_new_one(void **state)
{
	char moved[120];
	(void)state;
	snprintf(moved, sizeof moved, "%s.1", path);
	log_start(&(struct log_conf){ .level = 4, .file = path });
	log_info("a", 0, "first", "");
	await(path, "first");
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(mkdir(path, 0700), 0); /* in its way */
	log_reopen();
	await(moved, "file cannot be opened again");
	log_info("a", 0, "second", "");
	log_stop();
	await(moved, "second");
	assert_int_equal(rmdir(path), 0);
	unlink(moved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(quotes_what_others_wrote, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(bounds_lines_of_one_kind, make_dir, remove_dir),
		cmocka_unit_test(says_how_many_lines_were_left_out),
		cmocka_unit_test_setup_teardown(
			writes_area_id_phrase_and_pairs, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			a_flush_waits_until_all_is_written, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(keeps_to_its_level, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			puts_time_and_prefix_before_a_line_and_no_colors_in_a_file, make_dir,
			remove_dir),
		cmocka_unit_test_setup_teardown(
			forges_no_line_from_what_a_peer_sends, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			cuts_lines_that_are_far_too_long, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			keeps_the_lines_of_each_thread_in_order, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			drops_lines_and_says_how_many_when_the_disk_is_slow, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			writes_to_stderr_before_start_and_after_stop, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			goes_on_in_a_new_file_when_the_old_one_was_moved, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			keeps_the_old_file_when_there_can_be_no_new_one, make_dir, remove_dir),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
