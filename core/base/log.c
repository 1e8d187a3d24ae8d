/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "clock.h"
#include "log.h"
#include "log_rate.h"
#include "queue.h"
#include "utf8.h"

#define RING_BYTES (512 * 1024) /* some five thousand lines: a second of a very bad day */
#define LINE_LEN   4096         /* a whole SDP at debug; longer lines are cut */

int cardea_log_level = CARDEA_LOG_INFO;

/* What travels to the writer: this, then the text without an end of line. */
struct line_head {
	int64_t wall_us;
	int level;
};

static struct {
	/* Made at the first start and kept for good: a thread that still logs while the log stops
	 * must find it. */
	struct queue *ring;
	_Atomic bool running, stopping, reopening, colors, timestamps;
	_Atomic unsigned flushes_asked, flushes_done;
	pthread_t thread;
	/* The writer's. */
	FILE *file;
	bool to_stdout;
	char *prefix, *path;
	uint64_t refused;
} out;

static const char *level_word(int level)
{
	static const char *const words[] = { "FATAL", "FATAL", "ERROR", "WARN", "INFO", "DEBUG",
		"DEBUG", "DEBUG" };
	return words[level < 0 || level > 7 ? 7 : level];
}

static const char *level_color(int level)
{
	static const char *const codes[] = { "\033[1;35m", "\033[1;35m", "\033[1;31m", "\033[33m" };
	return level >= 0 && level < 4 ? codes[level] : "";
}

static void print_time(FILE *f, int64_t wall_us)
{
	time_t s = (time_t)(wall_us / US_PER_S);
	char text[32];
	struct tm tm;
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", localtime_r(&s, &tm));
	fprintf(f, "%s.%06d ", text, (int)(wall_us % US_PER_S));
}

static void print_line(
	FILE *f, const struct line_head *head, const char *text, int len, bool colors)
{
	const char *color = colors ? level_color(head->level) : "";
	if (log_timestamps())
		print_time(f, head->wall_us);
	fprintf(f, "%s%s[%s]%s %.*s\n", out.prefix ? out.prefix : "", color,
		level_word(head->level), *color ? "\033[0m" : "", len, text);
}

static void write_line(const struct line_head *head, const char *text, int len)
{
	if (out.to_stdout)
		print_line(stdout, head, text, len, log_colors());
	if (out.file)
		print_line(out.file, head, text, len, false);
}

static void on_record(void *arg, const void *rec, size_t len)
{
	const struct line_head *head = rec;
	(void)arg;
	if (len) /* an empty record only wakes */
		write_line(head, (const char *)(head + 1), (int)(len - sizeof *head));
}

static void write_batch(void)
{
	uint64_t refused;
	/* what was logged before is in the ring */
	unsigned asked = atomic_load(&out.flushes_asked);
	queue_drain(out.ring, on_record, NULL);
	refused = queue_refused(out.ring);
	if (refused != out.refused) {
		struct line_head head = { clock_wall_us(), CARDEA_LOG_WARN };
		char text[64];
		int n = snprintf(text, sizeof text, "log: lines dropped count=%" PRIu64,
			refused - out.refused);
		out.refused = refused;
		write_line(&head, text, n);
	}
	if (out.to_stdout)
		fflush(stdout);
	if (out.file)
		fflush(out.file);
	atomic_store(&out.flushes_done, asked);
}

/* Where the file cannot be opened the old one goes on: whoever has moved it away finds the lines
 * there. */
static void reopen(void)
{
	FILE *f = fopen(out.path, "ae");
	if (!f) {
		log_error("log", 0, "file cannot be opened again", "file=%s why=%s", out.path,
			strerror(errno));
		return;
	}
	if (out.file)
		fclose(out.file);
	out.file = f;
	log_info("log", 0, "file opened again", "file=%s", out.path);
}

static void *writer(void *arg)
{
	struct pollfd p = { .fd = queue_fd(out.ring), .events = POLLIN };
	(void)arg;
	while (!atomic_load(&out.stopping)) {
		poll(&p, 1, -1);
		write_batch();
		if (atomic_exchange(&out.reopening, false))
			reopen();
	}
	return NULL;
}

/* snprintf() and friends answer what they would have liked to write. */
static int written(int n, int cap)
{
	if (n < 0)
		return 0;
	return n < cap ? n : cap - 1;
}

char *cardea_log_quote(char *to, size_t size, const char *text)
{
	size_t at = 0;
	to[at++] = '"';
	while (*text) {
		size_t n = utf8_char(text);
		bool is_special = *text == '"' || *text == '\\';
		n = n ? n : 1;
		if (at + is_special + n + 2 > size)
			break;
		if (is_special)
			to[at++] = '\\';
		memcpy(to + at, text, n);
		at += n;
		text += n;
	}
	to[at++] = '"';
	to[at] = 0;
	return to;
}

static void emit(const struct line_head *head, const char *rec, int text_len)
{
	if (atomic_load(&out.running))
		queue_push(out.ring, rec, sizeof *head + (size_t)text_len);
	else
		fprintf(stderr, "[%s] %.*s\n", level_word(head->level), text_len,
			rec + sizeof *head);
}

/* Who asks for everything gets everything. */
static bool may_log(int level, const char *area, const char *phrase, unsigned *left_out)
{
	*left_out = 0;
	return level <= log_level() &&
	       (level >= CARDEA_LOG_DEBUG || log_rate_take(area, phrase, clock_now_us(), left_out));
}

void cardea_log(enum cardea_log_level level, const char *area, uint64_t id, const char *phrase,
	const char *fmt, ...)
{
	char rec[sizeof(struct line_head) + LINE_LEN], text[LINE_LEN];
	struct line_head head = { .level = (int)level };
	unsigned left_out;
	va_list args;
	int n;
	if (!may_log((int)level, area, phrase, &left_out))
		return;
	head.wall_us = clock_wall_us();
	memcpy(rec, &head, sizeof head);
	if (id)
		n = snprintf(text, LINE_LEN, "%s[%" PRIu64 "]: %s", area, id, phrase);
	else
		n = snprintf(text, LINE_LEN, "%s: %s", area, phrase);
	n = written(n, LINE_LEN);
	if (left_out)
		n += written(snprintf(text + n, (size_t)(LINE_LEN - n), " left_out=%u", left_out),
			LINE_LEN - n);
	if (fmt && *fmt && n < LINE_LEN - 1) {
		text[n++] = ' ';
		text[n] = '\0';
		va_start(args, fmt);
		vsnprintf(text + n, (size_t)(LINE_LEN - n), fmt, args);
		va_end(args);
	}
	/* What a peer sends is among it, and forges no line. */
	emit(&head, rec, (int)utf8_printable(rec + sizeof head, LINE_LEN, text));
}

static void open_outputs(const struct log_conf *conf)
{
	out.to_stdout = conf->to_stdout;
	log_set_colors(conf->colors && isatty(STDOUT_FILENO));
	log_set_timestamps(conf->timestamps);
	out.prefix = conf->prefix && *conf->prefix ? strdup(conf->prefix) : NULL;
	out.path = conf->file && *conf->file ? strdup(conf->file) : NULL;
	out.file = out.path ? fopen(out.path, "ae") : NULL;
	if (out.path && !out.file)
		log_error("log", 0, "file cannot be opened", "file=%s why=%s", out.path,
			strerror(errno));
}

static void close_outputs(void)
{
	if (out.file)
		fclose(out.file);
	free(out.prefix);
	free(out.path);
	out.file = NULL;
	out.prefix = out.path = NULL;
}

void log_start(const struct log_conf *conf)
{
	if (atomic_load(&out.running))
		return;
	log_set_level(conf->level);
	open_outputs(conf);
	if (!out.ring)
		out.ring = queue_create("log", RING_BYTES);
	atomic_store(&out.stopping, false);
	if (!out.ring || pthread_create(&out.thread, NULL, writer, NULL)) {
		close_outputs();
		log_error("log", 0, "no writer thread: going on with stderr", "");
		return;
	}
	atomic_store(&out.running, true);
}

void log_flush(int64_t limit_us)
{
	int64_t until_us = clock_now_us() + limit_us;
	if (!atomic_load(&out.running))
		return;
	unsigned mine = atomic_fetch_add(&out.flushes_asked, 1) + 1;
	queue_push(out.ring, NULL, 0);
	while ((int)(atomic_load(&out.flushes_done) - mine) < 0 && clock_now_us() < until_us)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

void log_stop(void)
{
	if (!atomic_exchange(&out.running, false))
		return;
	atomic_store(&out.stopping, true);
	queue_push(out.ring, NULL, 0); /* wakes the writer, which knows no other signal */
	pthread_join(out.thread, NULL);
	write_batch();
	close_outputs();
}

void log_reopen(void)
{
	if (!atomic_load(&out.running) || !out.path)
		return;
	atomic_store(&out.reopening, true);
	queue_push(out.ring, NULL, 0); /* wakes the writer */
}

void log_set_level(int level)
{
	if (level > 7)
		level = 7;
	__atomic_store_n(&cardea_log_level, level < 0 ? 0 : level, __ATOMIC_RELAXED);
}

int log_level(void)
{
	return __atomic_load_n(&cardea_log_level, __ATOMIC_RELAXED);
}

void log_set_timestamps(bool on)
{
	atomic_store_explicit(&out.timestamps, on, memory_order_relaxed);
}

void log_set_colors(bool on)
{
	atomic_store_explicit(&out.colors, on, memory_order_relaxed);
}

bool log_timestamps(void)
{
	return atomic_load_explicit(&out.timestamps, memory_order_relaxed);
}

bool log_colors(void)
{
	return atomic_load_explicit(&out.colors, memory_order_relaxed);
}
