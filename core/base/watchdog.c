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
#include "clock.h"
#include "log.h"
#include "pulse.h"
#include "watchdog.h"

#define MAX_LOOPS 64
#define MAX_FRAMES 48
#define SLOW_US (20 * US_PER_MS)
#define LOOK_US (500 * US_PER_MS) /* each look wakes a processor; a stuck loop can wait as long for its line */
#define ANSWER_US (200 * US_PER_MS) /* for the stuck thread's backtrace, which an uninterruptible sleep may keep back */

struct watched {
	const char *name;
	struct pulse *pulse;
	pthread_t thread;
	int64_t limit_us;
	uint64_t stuck_turn;
	int64_t told_us; /* when a slow turn was named last */
	bool stuck;
};

/* Loops come and go on their own threads while the watchdog reads: the lock guards the table, so that no thread
 * ends while it is about to be signalled. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t stop;
	struct watched loops[MAX_LOOPS];
	unsigned n_loops;
	bool running, stopping;
	pthread_t thread;
	struct sigaction old_action;
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
	if (pthread_kill(thread, SIGUSR2)) {
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

static void look_at(struct watched *w, int64_t now_us)
{
	int64_t since_us;
	tell_slow(w, now_us);
	uint64_t turns = pulse_turns(w->pulse, &since_us);
	if (w->stuck && turns != w->stuck_turn) {
		w->stuck = false;
		log_warn("watchdog", 0, "loop turns again", "loop=%s", w->name);
	}
	if (w->stuck || !since_us || now_us - since_us <= w->limit_us)
		return;
	w->stuck = true;
	w->stuck_turn = turns;
	log_error("watchdog", 0, "loop is stuck", "loop=%s since_ms=%lld", w->name,
		(long long)((now_us - since_us) / US_PER_MS));
	log_trace(w);
}

static void *watch(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&dog.lock);
	while (!dog.stopping) {
		struct timespec until = after(CLOCK_MONOTONIC, LOOK_US);
		for (unsigned i = 0; i < dog.n_loops; i++)
			look_at(&dog.loops[i], clock_now_us());
		pthread_cond_timedwait(&dog.stop, &dog.lock, &until);
	}
	pthread_mutex_unlock(&dog.lock);
	return NULL;
}

enum err watchdog_start(void)
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
	sigaction(SIGUSR2, &action, &dog.old_action);
	dog.stopping = false;
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
	sigaction(SIGUSR2, &dog.old_action, NULL);
	dog.running = false;
}

enum err watchdog_add(const char *name, struct pulse *p, int64_t limit_us)
{
	enum err e = ERR_FULL;
	pthread_mutex_lock(&dog.lock);
	if (dog.n_loops < MAX_LOOPS) {
		dog.loops[dog.n_loops++] = (struct watched){
			.name = name, .pulse = p, .thread = pthread_self(), .limit_us = limit_us };
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
