/* SPDX-License-Identifier: Apache-2.0 */
#include "posts.h"
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/log_rate.h"
#include "../base/queue.h"

/* bytes of records: pointers to texts, so some hundred thousand messages */
#define MAX_QUEUED (32u << 20)
#define SMALL      512 /* records up to this size are built on the stack */

struct posted {
	_Alignas(16) void (*fn)(const void *rec, size_t len);
};

static struct queue *queue;
static struct owner owner;

struct owner web_owner(void)
{
	return owner;
}

bool web_is_here(void)
{
	return pthread_equal(owner.thread, pthread_self());
}

bool posts_open(void)
{
	queue = queue_create("web", MAX_QUEUED);
	return queue;
}

void posts_run_here(void)
{
	owner = OWNER_HERE;
}

static void run_posted(void *arg, const void *rec, size_t len)
{
	const struct posted *p = rec;
	(void)arg;
	p->fn(p + 1, len - sizeof *p);
}

void posts_run(void)
{
	queue_drain(queue, run_posted, NULL);
}

int posts_fd(void)
{
	return queue_fd(queue);
}

void posts_close(void)
{
	struct queue *q = queue;

	owner = OWNER_HERE;
	if (q)
		while (queue_drain(q, run_posted, NULL))
			;
	queue = NULL;
	queue_destroy(q);
}

CARDEA_API bool cardea_web_post(
	void (*fn)(const void *rec, size_t len), const void *rec, size_t len)
{
	_Alignas(16) char small[sizeof(struct posted) + SMALL];
	char *all = len <= SMALL ? small : malloc(sizeof(struct posted) + len);

	if (!queue || !all) {
		if (all != small)
			free(all);
		return false;
	}
	*(struct posted *)all = (struct posted){ fn };
	memcpy(all + sizeof(struct posted), rec, len);
	enum err e = queue_push(queue, all, sizeof(struct posted) + len);
	if (all != small)
		free(all);
	if (e == ERR_FULL && log_seldom())
		log_error("web", 0, "queue full, message lost", "refused=%llu",
			(unsigned long long)queue_refused(queue));
	return !e;
}
