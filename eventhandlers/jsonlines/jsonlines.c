/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The sample event handler: appends each event to a file, a line of JSON each. A batch is one
 * write, and no line of it is left half where the disk is full. When the file has been moved away,
 * it is made anew under its name. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cardea/eventhandler.h>

#define TRIES    5
#define FIRST_MS 100 /* wait before the second try, twice as long before each further one */

extern CARDEA_API const struct cardea_eventhandler cardea_eventhandler;

static const char *path; /* as configured */
static _Atomic unsigned wanted;

/* ---- the handler's thread ---- */

static int fd = -1;

/* What was killed in the middle of a line has left a part of it: begin another one. */
static void end_line(void)
{
	struct stat st;
	char last;
	int in = open(path, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return;
	if (!fstat(in, &st) && st.st_size && pread(in, &last, 1, st.st_size - 1) == 1 &&
		last != '\n' && write(fd, "\n", 1) != 1)
		cardea_log(CARDEA_LOG_WARN, "jsonlines", 0, "the last line is not whole", "file=%s",
			CARDEA_LOG_QUOTED(path));
	close(in);
}

static bool is_moved(void)
{
	struct stat ours, named;
	return fstat(fd, &ours) || stat(path, &named) || ours.st_ino != named.st_ino ||
	       ours.st_dev != named.st_dev;
}

static bool open_file(void)
{
	if (fd >= 0 && is_moved()) {
		fsync(fd);
		close(fd);
		fd = -1;
	}
	if (fd < 0) {
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
		if (fd >= 0)
			end_line();
	}
	return fd >= 0;
}

/* All, or nothing of it. */
static bool append(const char *text, size_t len)
{
	struct stat before;
	if (!open_file() || fstat(fd, &before))
		return false;
	ssize_t n = write(fd, text, len);
	if (n == (ssize_t)len)
		return true;
	int why = n < 0 ? errno : ENOSPC;
	if (n > 0 && S_ISREG(before.st_mode) && ftruncate(fd, before.st_size))
		why = errno;
	errno = why;
	return false;
}

static void wait_ms(unsigned ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* As one text, to be freed; a newline behind each. */
static char *lines_of(const struct cardea_told *events, unsigned n, size_t *len)
{
	size_t all = 0;
	for (unsigned i = 0; i < n; i++)
		all += events[i].len + 1;
	char *text = malloc(all), *to = text;
	for (unsigned i = 0; text && i < n; i++) {
		memcpy(to, events[i].text, events[i].len);
		to += events[i].len;
		*to++ = '\n';
	}
	*len = all;
	return text;
}

static void deliver(const struct cardea_told *events, unsigned n)
{
	size_t len;
	char *text = lines_of(events, n, &len);
	bool is_there = false;
	for (unsigned i = 0; text && i < TRIES && !(is_there = append(text, len)); i++)
		if (i + 1 < TRIES)
			wait_ms(FIRST_MS << i);
	if (!is_there)
		cardea_log(CARDEA_LOG_ERROR, "jsonlines", 0, "events are lost: cannot write",
			"file=%s events=%u why=%s", CARDEA_LOG_QUOTED(path), n,
			CARDEA_LOG_QUOTED(text ? strerror(errno) : "no memory"));
	free(text);
}

/* ---- control thread ---- */

static const struct cardea_field general[] = {
	{ "enabled", CARDEA_BOOL, .note = "events.broadcast in cardea.jcfg must be on, too" },
	{ "events", CARDEA_STR, .dflt_str = "all",
		.note = "types that are written: \"all\", \"none\", or of sessions, handles, jsep, "
			"webrtc, media, plugins, transports, core and external, comma separated" },
	{ "filename", CARDEA_STR,
		.note = "file that they are appended to, \"/var/log/cardea/events.jsonl\". When it "
			"is moved away, as by logrotate, it is made anew" },
	{ 0 },
};
static const struct cardea_section options[] = {
	{ "general", general, NULL },
	{ 0 },
};

/* Opened by the first event, so that --check leaves no file behind. @return NULL or why not */
static const char *look_at_file(void)
{
	static char why[300];
	char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	if (slash)
		slash[slash == folder ? 1 : 0] = '\0';
	const char *where = slash ? folder : ".";
	bool is_good =
		access(path, W_OK) == 0 || (errno == ENOENT && access(where, W_OK | X_OK) == 0);
	if (!is_good)
		snprintf(why, sizeof why, "general.filename: %.200s: %s", path, strerror(errno));
	free(folder);
	return is_good ? NULL : why;
}

static const char *start(const struct cardea_conf *conf)
{
	const struct cardea_args a = cardea_conf_section(conf, "general");
	unsigned mask = CARDEA_EVENT_ALL;
	path = cardea_str(&a, "filename");
	if (!path || !*path) {
		cardea_conf_wrong(conf, true, "general", "filename",
			"enabled, but there is no "
			"filename to write to");
		return "there is no general.filename to write to";
	}
	if (!cardea_event_mask(cardea_str(&a, "events"), &mask))
		cardea_conf_wrong(conf, true, "general", "events",
			"\"%.100s\" has a word that is no type of events",
			cardea_str(&a, "events"));
	wanted = mask;
	return look_at_file();
}

static void stop(void)
{
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
	fd = -1;
}

static unsigned mask(void)
{
	return wanted;
}

static const struct cardea_field tweaks[] = {
	{ "events", CARDEA_STR, .max = 1000 },
	{ "grouping", CARDEA_BOOL }, /* of other handlers: a line has one event in any case */
	{ 0 },
};

static bool tweak(const struct cardea_args *a, struct cardea_error *e)
{
	unsigned m = wanted;
	if (cardea_given(a, "events") && !cardea_event_mask(cardea_str(a, "events"), &m))
		return cardea_fail(e, CARDEA_TWEAK_INVALID,
			"Invalid element value (events has a word that is no type of events)");
	wanted = m;
	return true;
}

static json_t *query(const json_t *request)
{
	return cardea_serve_tweak(request, tweaks, tweak);
}

CARDEA_API const struct cardea_eventhandler cardea_eventhandler = {
	.size = sizeof(struct cardea_eventhandler),
	.abi = CARDEA_EVENTHANDLER_ABI,
	.name = "jsonlines",
	.title = "Cardea JSON lines event handler",
	.description = "Appends events to a file, a line of JSON each.",
	.author = "The Cardea developers",
	.version = 1,
	.version_string = "0.1.0",
	.options = options,
	.start = start,
	.stop = stop,
	.mask = mask,
	.deliver = deliver,
	.query = query,
};
