/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* renameat2() */
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/queue_thread.h"
#include "av_load.h"
#include "finish.h"

#define QUEUE_BYTES (4u << 20)
#define WHY_MAX     256
#define HEAD_MAX    4096 /* bytes of a file that has no more than its head */
#define SYNC_BYTES  (32u << 20)
#define LOWEST      19
#define IOPRIO_IDLE (3 << 13) /* ioprio_set(2): class idle */
#define OF_THREAD   1         /* IOPRIO_WHO_PROCESS: 0 is the calling thread */

static struct {
	struct finish_conf conf;
	struct queue_thread *thread;
	bool is_low;     /* its priority; the thread's own */
	size_t unsynced; /* bytes; the thread's own */
	_Atomic bool is_ending;
	_Atomic int64_t until_us; /* after that nothing is begun or goes on; 0: no end */
} finish;

static void become_low(void)
{
	if (finish.is_low)
		return;
	finish.is_low = true;
	setpriority(PRIO_PROCESS, 0, LOWEST);
	syscall(SYS_ioprio_set, OF_THREAD, 0, IOPRIO_IDLE);
}

static bool has_time(void)
{
	int64_t until_us = finish.until_us;
	return !until_us || clock_now_us() < until_us;
}

static bool go_on(void *arg, double done)
{
	(void)arg;
	(void)done;
	return has_time();
}

/* ---- its disk ---- */

static bool is_late(void)
{
	if (has_time())
		return false;
	errno = ECANCELED;
	return true;
}

/* What is written at once when a file is whole is little: at the end of the server, nobody could
 * wait for more. */
static ssize_t write_in_time(int fd, const void *bytes, size_t len)
{
	ssize_t n = is_late() ? -1 : finish.conf.io->write(fd, bytes, len);
	finish.unsynced += n > 0 ? (size_t)n : 0;
	if (finish.unsynced < SYNC_BYTES)
		return n;
	finish.unsynced = 0;
	return finish.conf.io->sync(fd) ? -1 : n;
}

static int sync_in_time(int fd)
{
	return is_late() ? -1 : finish.conf.io->sync(fd);
}

static const struct rec_disk disk_in_time = { write_in_time, sync_in_time };

/* ---- a file ---- */

static uint64_t size_of(const char *path)
{
	struct stat s;
	return stat(path, &s) ? 0 : (uint64_t)s.st_size;
}

/* @param is_whole it has its name */
static void tell(const struct finish_order *o, bool is_whole)
{
	struct rec_rep r = { .type = REC_REP_FINISHED,
		.container = is_whole ? 0 : o->container,
		.recording = o->recording,
		.began_us = o->began_us,
		.duration_us = o->duration_us,
		.kinds = o->kinds,
		.bytes = size_of(o->path) };
	snprintf(r.text, sizeof r.text, "%s", o->path);
	while (queue_push(finish.conf.reports, &r, rec_rep_len(&r)) && !finish.is_ending)
		usleep(US_PER_MS);
}

static bool take_as_it_is(const char *part, const char *path)
{
	return !renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE);
}

/* @return ERR_AGAIN: there was no time for it */
static enum err rewrite(const struct finish_order *o, const char *part, char *why)
{
	const struct av_ops *av = av_load(NULL, why, WHY_MAX);
	struct rec_file *to = av ? rec_file_new_finished(&disk_in_time, finish.conf.folders,
					   o->path, why, WHY_MAX)
				 : NULL;
	if (!to)
		return ERR_IO;
	enum err e = !av->mux_finish
			     ? ERR_UNSUPPORTED
			     : av->mux_finish(part, to, o->container, go_on, NULL, why, WHY_MAX);
	enum err kept = rec_file_end(to, e == OK);
	e = e ? e : kept;
	return !e || has_time() ? e : ERR_AGAIN;
}

static bool has_room(const char *part)
{
	uint64_t free_bytes = space_free(part);
	return !finish.conf.min_free || free_bytes >= finish.conf.min_free + size_of(part);
}

static bool is_removed(const struct finish_order *o, const char *part)
{
	if (!access(part, F_OK) || errno != ENOENT)
		return false;
	log_info("recorder", 0, "recording was removed before it was finished", "file=%s",
		LOG_QUOTED(o->path));
	return true;
}

/* A head and no frame: the server was killed in the first second. */
static bool drop_empty(const struct finish_order *o, const char *part)
{
	if (size_of(part) > HEAD_MAX || unlink(part))
		return false;
	log_info("recorder", 0, "recording had nothing in it yet", "file=%s", LOG_QUOTED(o->path));
	return true;
}

static void finish_media(const struct finish_order *o, const char *part)
{
	char why[WHY_MAX] = "there is no room for a copy";
	enum err e = has_time() ? ERR_FULL : ERR_AGAIN;
	if (e != ERR_AGAIN && has_room(part))
		e = rewrite(o, part, why);
	if (e == ERR_INVALID && drop_empty(o, part))
		e = ERR_AGAIN;
	if (e && e != ERR_AGAIN && !is_removed(o, part))
		log_warn("recorder", 0, "recording is kept as it was written", "file=%s why=%s",
			LOG_QUOTED(o->path), LOG_QUOTED(why));
	/* Without time it is for the next start. */
	tell(o, e == OK || (e != ERR_AGAIN && take_as_it_is(part, o->path)));
}

static void finish_file(const struct finish_order *o)
{
	char part[REC_PATH + 32];
	snprintf(part, sizeof part, "%s%s", o->path, rec_file_ending());
	if (o->container)
		finish_media(o, part);
	else
		tell(o, take_as_it_is(part, o->path));
}

/* ---- a folder ---- */

/* Somebody, this process or another, still writes it. */
static bool is_written(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool is_free = fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB);
	if (fd >= 0)
		close(fd);
	return !is_free;
}

static void on_left(void *arg, const char *path, uint64_t bytes, int64_t written_s)
{
	struct finish_order o = { .type = FINISH_FILE };
	(void)arg;
	(void)bytes;
	(void)written_s;
	if (!space_has_ending(path, rec_file_ending()) || strlen(path) >= REC_PATH ||
		is_written(path))
		return;
	snprintf(o.path, sizeof o.path, "%.*s", (int)(strlen(path) - strlen(rec_file_ending())),
		path);
	o.container = mux_container_of(o.path);
	log_info("recorder", 0, "recording that a crash has left is finished", "file=%s",
		LOG_QUOTED(o.path));
	finish_file(&o);
}

/* ---- the thread ---- */

static void on_order(void *arg, const void *rec, size_t len)
{
	const struct finish_order *o = rec;
	(void)arg;
	(void)len;
	become_low();
	if (o->type == FINISH_FILE)
		finish_file(o);
	else if (o->type == FINISH_FOLDER)
		space_walk(o->path, &finish.is_ending, on_left, NULL);
	else
		space_retain(o->path, &finish.conf.retention, &finish.is_ending);
}

enum err finish_start(const struct finish_conf *conf)
{
	static const struct queue_reader reader = { .fn = on_order };
	memset(&finish, 0, sizeof finish);
	finish.conf = *conf;
	return queue_thread_start(&finish.thread, "finisher", QUEUE_BYTES, &reader);
}

struct queue *finish_queue(void)
{
	return finish.thread ? queue_thread_queue(finish.thread) : NULL;
}

void finish_stop(int64_t most_us)
{
	if (!finish.thread)
		return;
	finish.until_us = clock_now_us() + most_us;
	finish.is_ending = true;
	queue_thread_stop(finish.thread);
	finish.thread = NULL;
}
