/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "clock.h"
#include "log.h"
#include "pulse.h"
#include "watchdog.h"

#define MAX_LOOPS    64
#define MAX_FRAMES   48
#define TRACE_SIGNAL SIGRTMIN /* SIGUSR1 and SIGUSR2 are for people */
#define SLOW_US      (20 * US_PER_MS)
/* each look wakes a processor; a stuck loop can wait as long for its line */
#define LOOK_US  (500 * US_PER_MS)
#define FLUSH_US (1 * US_PER_S) /* for the last words, where the log does not move either */
/* for the stuck thread's backtrace, which an uninterruptible sleep may keep back */
#define ANSWER_US (200 * US_PER_MS)

struct watched {
	const char *name;
	struct pulse *pulse;
	pthread_t thread;
	int64_t limit_us;
	uint64_t stuck_turn;
	int64_t stuck_us; /* for how long */
	int64_t told_us;  /* when a slow turn was named last */
	bool stuck;
};

/* Loops come and go on their own threads while the watchdog reads: the lock guards the table, so
 * that no thread ends while it is about to be signalled. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t stop;
	struct watched loops[MAX_LOOPS];
	unsigned n_loops;
	bool running, stopping;
	pthread_t thread;
	struct sigaction old_action;
	int64_t hung_us, looked_us;
	int64_t ending_us; /* for how long the end has been asked for */
	_Atomic bool ending;
} dog = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* What the signal handler of the stuck thread leaves for the watchdog. */
static struct {
	_Atomic bool wanted;
	sem_t there;
	void *frames[MAX_FRAMES];
	int n;
} trace;

static void on_signal(int sig)
{
	int saved = errno;
	(void)sig;
	if (atomic_exchange(&trace.wanted, false)) { /* not withdrawn in the meantime */
		trace.n = backtrace(trace.frames, MAX_FRAMES);
		sem_post(&trace.there);
	}
	errno = saved;
}

static struct timespec after(clockid_t clock, int64_t us)
{
	struct timespec t;
	clock_gettime(clock, &t);
	us += t.tv_nsec / 1000;
	t.tv_sec += us / US_PER_S;
	t.tv_nsec = us % US_PER_S * 1000;
	return t;
}

/* Ask a thread for its backtrace. @return false when it does not answer. */
static bool take_trace(pthread_t thread)
{
	struct timespec until = after(CLOCK_REALTIME, ANSWER_US);
	atomic_store(&trace.wanted, true);
	if (pthread_kill(thread, TRACE_SIGNAL)) {
		atomic_store(&trace.wanted, false);
		return false;
	}
	while (sem_timedwait(&trace.there, &until)) {
		if (errno == EINTR)
			continue;
		if (atomic_exchange(&trace.wanted, false))
			return false;
		until = after(CLOCK_REALTIME, ANSWER_US); /* it has just begun to answer */
	}
	return true;
}

static void log_trace(const struct watched *w)
{
	char **words;
	if (!take_trace(w->thread)) {
		log_error("watchdog", 0, "no backtrace", "loop=%s", w->name);
		return;
	}
	if (!(words = backtrace_symbols(trace.frames, trace.n)))
		return;
	for (int i = 1; i < trace.n; i++) /* 0 is the handler */
		log_error("watchdog", 0, "stuck at", "loop=%s frame=%s", w->name, words[i]);
	free(words);
}

/* A turn that kept others waiting is named, once a second at most. */
static void tell_slow(struct watched *w, int64_t now_us)
{
	int64_t took_us = pulse_longest(w->pulse);
	if (took_us <= SLOW_US || now_us - w->told_us < US_PER_S)
		return;
	w->told_us = now_us;
	log_warn("watchdog", 0, "slow turn", "loop=%s took_ms=%lld", w->name,
		(long long)(took_us / US_PER_MS));
}

/* ---- the end of a process that cannot go on ---- */

/* Restart is for who supervises us: there is no way to mend a thread from outside. */
static void end_hung(const struct watched *w)
{
	log_error("watchdog", 0, "loop hangs: the process ends, to be started anew",
		"loop=%s seconds=%lld option=general.watchdog", w->name,
		(long long)(w->stuck_us / US_PER_S));
	log_flush(FLUSH_US);
	abort();
}

static const char *stuck_name(void)
{
	for (unsigned i = 0; i < dog.n_loops; i++)
		if (dog.loops[i].stuck)
			return dog.loops[i].name;
	return "none";
}

/* A signal that nobody takes: the loop that would hangs, or does not turn yet. */
static bool is_asked_to_end(void)
{
	sigset_t pending;
	return atomic_load(&dog.ending) ||
	       (!sigpending(&pending) &&
		       (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1));
}

static void look_at_end(int64_t passed_us)
{
	dog.ending_us = is_asked_to_end() ? dog.ending_us + passed_us : 0;
	if (dog.ending_us <= WATCHDOG_END_US)
		return;
	log_error("watchdog", 0, "asked to end, which does not come to its end: ending now",
		"seconds=%lld stuck=%s", (long long)(dog.ending_us / US_PER_S), stuck_name());
	log_flush(FLUSH_US);
	_exit(WATCHDOG_EXIT);
}

/* ---- looking ---- */

static void tell_stuck(struct watched *w, uint64_t turns, int64_t since_us)
{
	w->stuck = true;
	w->stuck_turn = turns;
	w->stuck_us = w->limit_us;
	log_error("watchdog", 0, "loop is stuck", "loop=%s since_ms=%lld", w->name,
		(long long)(since_us / US_PER_MS));
	log_trace(w);
}

static void look_at(struct watched *w, int64_t now_us, int64_t passed_us)
{
	int64_t since_us;
	tell_slow(w, now_us);
	uint64_t turns = pulse_turns(w->pulse, &since_us);
	if (w->stuck && turns != w->stuck_turn) {
		w->stuck = false;
		log_warn("watchdog", 0, "loop turns again", "loop=%s", w->name);
	}
	if (w->stuck) {
		w->stuck_us += passed_us;
		if (dog.hung_us && w->stuck_us >= dog.hung_us)
			end_hung(w);
	} else if (since_us && now_us - since_us > w->limit_us) {
		tell_stuck(w, turns, now_us - since_us);
	}
}

/* Time since the last look, in which we ran. */
static int64_t passed(int64_t now_us)
{
	int64_t passed_us = now_us - dog.looked_us;
	dog.looked_us = now_us;
	return passed_us < 2 * LOOK_US ? passed_us : 2 * LOOK_US;
}

static void *watch(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&dog.lock);
	while (!dog.stopping) {
		struct timespec until = after(CLOCK_MONOTONIC, LOOK_US);
		int64_t passed_us = passed(clock_now_us());
		for (unsigned i = 0; i < dog.n_loops; i++)
			look_at(&dog.loops[i], clock_now_us(), passed_us);
		look_at_end(passed_us);
		pthread_cond_timedwait(&dog.stop, &dog.lock, &until);
	}
	pthread_mutex_unlock(&dog.lock);
	return NULL;
}

void watchdog_ending(void)
{
	atomic_store(&dog.ending, true);
}

enum err watchdog_start(int64_t hung_us)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	pthread_condattr_t attr;
	void *frame;
	if (dog.running)
		return ERR_STATE;
	backtrace(&frame, 1); /* loads the unwinder now: a signal handler must not */
	sem_init(&trace.there, 0, 0);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&dog.stop, &attr);
	pthread_condattr_destroy(&attr);
	sigaction(TRACE_SIGNAL, &action, &dog.old_action);
	dog.stopping = false;
	dog.hung_us = hung_us;
	dog.looked_us = clock_now_us();
	dog.ending_us = 0;
	atomic_store(&dog.ending, false);
	dog.running = !pthread_create(&dog.thread, NULL, watch, NULL);
	return dog.running ? OK : ERR_IO;
}

void watchdog_stop(void)
{
	if (!dog.running)
		return;
	pthread_mutex_lock(&dog.lock);
	dog.stopping = true;
	dog.n_loops = 0;
	pthread_cond_signal(&dog.stop);
	pthread_mutex_unlock(&dog.lock);
	pthread_join(dog.thread, NULL);
	pthread_cond_destroy(&dog.stop);
	sem_destroy(&trace.there);
	sigaction(TRACE_SIGNAL, &dog.old_action, NULL);
	dog.running = false;
}

enum err watchdog_add(const char *name, struct pulse *p, int64_t limit_us)
{
	enum err e = ERR_FULL;
	sigset_t ours;
	sigemptyset(&ours);
	sigaddset(&ours, TRACE_SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &ours, NULL); /* threads that take no signals take this one */
	pthread_mutex_lock(&dog.lock);
	if (dog.n_loops < MAX_LOOPS) {
		dog.loops[dog.n_loops++] = (struct watched){
			.name = name, .pulse = p, .thread = pthread_self(), .limit_us = limit_us
		};
		e = OK;
	}
	pthread_mutex_unlock(&dog.lock);
	return e;
}

void watchdog_del(struct pulse *p)
{
	pthread_mutex_lock(&dog.lock);
	for (unsigned i = 0; i < dog.n_loops; i++)
		if (dog.loops[i].pulse == p)
			dog.loops[i--] = dog.loops[--dog.n_loops];
	pthread_mutex_unlock(&dog.lock);
}
