/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* posix_spawn_file_actions_addclosefrom_np() */
#endif
#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/work.h"
#include "record_hook.h"

#define AT_ONCE     2 /* the pool has other work, too */
#define WAITING_MAX 4096
#define LOOK_MS     100
#define ENDED       0

struct run {
	char *command, *path;
	char **environment;
	int error;  /* errno: it could not be begun */
	int status; /* as of waitpid() */
};

static GQueue waiting = G_QUEUE_INIT; /* struct run */
static unsigned n_running;
static _Atomic bool is_stopping;

static void run_free(struct run *r)
{
	g_free(r->command);
	g_free(r->path);
	g_strfreev(r->environment);
	g_free(r);
}

/* ---- on the pool ---- */

/* Signals as any program has them: those of ours are blocked, some ignored. */
static void set_signals(posix_spawnattr_t *a)
{
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(a, &none);
	posix_spawnattr_setsigdefault(a, &all);
	posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static pid_t spawn(struct run *r)
{
	char *const argv[] = { r->command, r->path, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	posix_spawnattr_init(&attributes);
	set_signals(&attributes);
	r->error = posix_spawn(&pid, r->command, &actions, &attributes, argv, r->environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return r->error ? 0 : pid;
}

/* Until it ends, or the server does. */
static void await(struct run *r, pid_t pid)
{
	pid_t got = 0;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	while (!is_stopping && !(got = waitpid(pid, &r->status, WNOHANG)))
		poll(&p, fd >= 0, LOOK_MS);
	if (got <= 0)
		r->status = ENDED;
	if (fd >= 0)
		close(fd);
}

static void work(void *arg)
{
	struct run *r = arg;
	pid_t pid = spawn(r);
	if (pid)
		await(r, pid);
}

/* ---- on control ---- */

static void run_next(void);

static void say(const struct run *r)
{
	if (r->error)
		log_warn("recorder", 0, "hook cannot be run", "command=%s file=%s why=%s",
			LOG_QUOTED(r->command), LOG_QUOTED(r->path),
			LOG_QUOTED(g_strerror(r->error)));
	else if (WIFSIGNALED(r->status))
		log_warn("recorder", 0, "hook failed", "command=%s file=%s signal=%d",
			LOG_QUOTED(r->command), LOG_QUOTED(r->path), WTERMSIG(r->status));
	else if (WEXITSTATUS(r->status))
		log_warn("recorder", 0, "hook failed", "command=%s file=%s status=%d",
			LOG_QUOTED(r->command), LOG_QUOTED(r->path), WEXITSTATUS(r->status));
}

static void done(void *arg, bool cancelled)
{
	struct run *r = arg;
	n_running--;
	if (cancelled)
		spawn(r);
	say(r);
	run_free(r);
	run_next();
}

static void run_next(void)
{
	struct run *r;
	while (n_running < AT_ONCE && (r = g_queue_pop_head(&waiting))) {
		if (is_stopping) {
			spawn(r);
			say(r);
			run_free(r);
		} else if (work_run(work, done, r)) {
			g_queue_push_head(&waiting, r); /* when the next comes, or one ends */
			return;
		} else {
			n_running++;
		}
	}
}

static char **environment(const struct record_hook_file *f)
{
	char **e = g_get_environ();
	g_autofree char *began = g_strdup_printf("%.3f", (double)f->began_us / US_PER_S);
	g_autofree char *duration = g_strdup_printf("%.3f", (double)f->duration_us / US_PER_S);
	g_autofree char *bytes = g_strdup_printf("%" PRIu64, f->bytes);
	e = g_environ_setenv(e, "CARDEA_FILE", f->path, TRUE);
	e = g_environ_setenv(e, "CARDEA_BEGAN", began, TRUE);
	e = g_environ_setenv(e, "CARDEA_DURATION", duration, TRUE);
	return g_environ_setenv(e, "CARDEA_BYTES", bytes, TRUE);
}

void record_hook(const char *command, const struct record_hook_file *f)
{
	struct run *r;
	if (!command)
		return;
	if (g_queue_get_length(&waiting) == WAITING_MAX) {
		log_warn("recorder", 0, "hook not run, too many wait", "file=%s",
			LOG_QUOTED(f->path));
		return;
	}
	r = g_new0(struct run, 1);
	r->command = g_strdup(command);
	r->path = g_strdup(f->path);
	r->environment = environment(f);
	g_queue_push_tail(&waiting, r);
	run_next();
}

void record_hook_start(void)
{
	is_stopping = false;
}

void record_hook_stop(void)
{
	is_stopping = true;
	run_next();
}
