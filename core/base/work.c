/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "work.h"

struct job {
	struct job *next;
	void (*run)(void *arg);
	void (*done)(void *arg, bool cancelled);
	void *arg;
};
/* First in, first out. */
struct list {
	struct job *first, **end;
};

/* One pool for the process. The home thread gives and pool threads take: the lock guards both
 * lists, the counter and the flag; nothing is run while it is held. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t wanted;
	struct list waiting, finished;
	unsigned n_waiting, max_jobs;
	bool stopping;
	struct loop *home;
	int fd;
	pthread_t *threads;
	unsigned n_threads;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER, .wanted = PTHREAD_COND_INITIALIZER };

static void list_init(struct list *l)
{
	l->first = NULL;
	l->end = &l->first;
}

static void list_put(struct list *l, struct job *j)
{
	j->next = NULL;
	*l->end = j;
	l->end = &j->next;
}

static struct job *list_take(struct list *l)
{
	struct job *j = l->first;
	if (j && !(l->first = j->next))
		l->end = &l->first;
	return j;
}

static void wake_home(void)
{
	uint64_t one = 1;
	while (write(pool.fd, &one, sizeof one) < 0 && errno == EINTR)
		;
}

static void *pool_thread(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&pool.lock);
	while (!pool.stopping) {
		struct job *j = list_take(&pool.waiting);
		if (!j) {
			pthread_cond_wait(&pool.wanted, &pool.lock);
			continue;
		}
		pool.n_waiting--;
		pthread_mutex_unlock(&pool.lock);
		j->run(j->arg);
		pthread_mutex_lock(&pool.lock);
		if (!pool.finished.first)
			wake_home();
		list_put(&pool.finished, j);
	}
	pthread_mutex_unlock(&pool.lock);
	return NULL;
}

static void finish(struct job *j, bool cancelled)
{
	if (j->done)
		j->done(j->arg, cancelled);
	free(j);
}

static struct job *take_finished(void)
{
	struct job *j;
	pthread_mutex_lock(&pool.lock);
	j = list_take(&pool.finished);
	pthread_mutex_unlock(&pool.lock);
	return j;
}

static void on_finished(void *arg, uint32_t events)
{
	uint64_t n;
	struct job *j;
	(void)arg;
	(void)events;
	while (read(pool.fd, &n, sizeof n) < 0 && errno == EINTR)
		;
	while ((j = take_finished()))
		finish(j, false);
}

enum err work_start(struct loop *home, unsigned n_threads, unsigned max_jobs)
{
	enum err e;
	if (pool.home)
		return ERR_STATE;
	pool.home = home;
	pool.max_jobs = max_jobs;
	pool.stopping = false;
	pool.n_waiting = pool.n_threads = 0;
	list_init(&pool.waiting);
	list_init(&pool.finished);
	pool.threads = calloc(n_threads, sizeof *pool.threads);
	pool.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!pool.threads || pool.fd < 0)
		e = ERR_IO;
	else
		e = loop_add(home, pool.fd, EPOLLIN, on_finished, NULL);
	while (!e && pool.n_threads < n_threads) {
		if (pthread_create(&pool.threads[pool.n_threads], NULL, pool_thread, NULL))
			e = ERR_IO;
		else
			pool.n_threads++;
	}
	if (e)
		work_stop(); /* copes with a half-started pool */
	return e;
}

void work_stop(void)
{
	struct job *j;
	if (!pool.home)
		return;
	pthread_mutex_lock(&pool.lock);
	pool.stopping = true;
	pthread_cond_broadcast(&pool.wanted);
	pthread_mutex_unlock(&pool.lock);
	while (pool.n_threads)
		pthread_join(pool.threads[--pool.n_threads], NULL);
	while ((j = list_take(&pool.finished)))
		finish(j, false);
	while ((j = list_take(&pool.waiting)))
		finish(j, true);
	if (pool.fd >= 0) {
		loop_del(pool.home, pool.fd);
		close(pool.fd);
	}
	free(pool.threads);
	pool.threads = NULL;
	pool.home = NULL;
}

/* Out of memory counts as full. */
static enum err put(const struct job *job)
{
	struct job *j;
	if (pool.stopping)
		return ERR_STATE;
	if (pool.n_waiting >= pool.max_jobs || !(j = malloc(sizeof *j)))
		return ERR_FULL;
	*j = *job;
	list_put(&pool.waiting, j);
	pool.n_waiting++;
	pthread_cond_signal(&pool.wanted);
	return OK;
}

enum err work_run(void (*job)(void *arg), void (*done)(void *arg, bool cancelled), void *arg)
{
	struct job j = { .run = job, .done = done, .arg = arg };
	enum err e;
	if (!pool.home)
		return ERR_STATE;
	pthread_mutex_lock(&pool.lock);
	e = put(&j);
	pthread_mutex_unlock(&pool.lock);
	return e;
}
