/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "clock.h"
#include "loop.h"
#include "queue.h"

#define KEEP_BYTES (64 * 1024) /* a buffer of this size is never given back */
#define MIN_BYTES  1024

/* Each record follows its header, both padded to 16 bytes. */
struct rec_head {
	_Alignas(16) size_t len;
};
struct batch {
	uint8_t *data;
	size_t used, cap;
};

struct queue {
	const char *name;
	size_t max_bytes;
	int fd;
	/* Several threads push: the lock guards what follows, for as long as one memcpy takes. */
	pthread_mutex_t lock;
	struct batch in;
	uint64_t n_batch; /* which one `in` is */
	size_t reserved;  /* bytes of each batch, for records that must not be refused */
	uint64_t refused;
	struct batch out;  /* the consumer's, empty: for the next swap */
	struct batch left; /* taken, and read up to left_at: the last turn's time was over */
	size_t left_at;
	int64_t most_us; /* of a turn; 0: all that takes */
	struct loop *loop;
	queue_fn *fn;
	void *arg;
};

struct queue *queue_create(const char *name, size_t max_bytes)
{
	struct queue *q = calloc(1, sizeof *q);
	if (!q)
		return NULL;
	q->name = name;
	q->max_bytes = max_bytes;
	pthread_mutex_init(&q->lock, NULL);
	q->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (q->fd < 0) {
		queue_destroy(q);
		return NULL;
	}
	return q;
}

void queue_destroy(struct queue *q)
{
	if (!q)
		return;
	if (q->loop)
		loop_del(q->loop, q->fd);
	if (q->fd >= 0)
		close(q->fd);
	pthread_mutex_destroy(&q->lock);
	free(q->in.data);
	free(q->out.data);
	free(q->left.data);
	free(q);
}

static size_t padded(size_t len)
{
	return (len + 15) & ~(size_t)15;
}

/* What a record takes of a batch. */
static size_t room_of(size_t len)
{
	return sizeof(struct rec_head) + padded(len);
}

/* Room for @p need more bytes, by doubling, so that pushing stays cheap on average. */
static bool make_room(struct batch *b, size_t need, size_t max_bytes)
{
	size_t cap = b->cap ? b->cap : MIN_BYTES;
	uint8_t *data;
	if (need > max_bytes || b->used > max_bytes - need)
		return false;
	if (b->cap - b->used >= need)
		return true;
	while (cap - b->used < need)
		cap *= 2;
	if (!(data = realloc(b->data, cap))) /* malloc aligns to 16 on every machine we run on */
		return false;
	b->data = data;
	b->cap = cap;
	return true;
}

static void put(struct batch *b, const struct iovec *parts, unsigned n, size_t len)
{
	struct rec_head *head = (void *)(b->data + b->used);
	uint8_t *to = (void *)(head + 1);
	head->len = len;
	for (unsigned i = 0; i < n; i++) {
		if (parts[i].iov_len)
			memcpy(to, parts[i].iov_base, parts[i].iov_len);
		to += parts[i].iov_len;
	}
	b->used += room_of(len);
}

static void wake(const struct queue *q)
{
	uint64_t one = 1;
	while (write(q->fd, &one, sizeof one) < 0 && errno == EINTR)
		;
}

/* @return whether the share has room, under the lock */
static bool share_take(
	const struct queue *q, struct queue_share *share, size_t max_bytes, size_t need)
{
	if (share->batch != q->n_batch)
		*share = (struct queue_share){ .batch = q->n_batch };
	if (need > max_bytes || share->used > max_bytes - need)
		return false;
	share->used += need;
	return true;
}

static size_t length(const struct iovec *parts, unsigned n)
{
	size_t len = 0;
	for (unsigned i = 0; i < n; i++)
		len += parts[i].iov_len;
	return len;
}

enum err queue_push_parts(struct queue *q, struct queue_share *share, size_t max_bytes,
	const struct iovec *parts, unsigned n)
{
	const size_t len = length(parts, n);
	const size_t need = room_of(len);
	bool taken, first;
	pthread_mutex_lock(&q->lock);
	first = !q->in.used;
	taken = len <= q->max_bytes && (!share || share_take(q, share, max_bytes, need)) &&
		make_room(&q->in, need, q->max_bytes - q->reserved);
	if (taken)
		put(&q->in, parts, n, len);
	else
		q->refused++;
	pthread_mutex_unlock(&q->lock);
	if (taken && first)
		wake(q);
	return taken ? OK : ERR_FULL;
}

enum err queue_push_share(
	struct queue *q, struct queue_share *share, size_t max_bytes, const void *rec, size_t len)
{
	const struct iovec whole = { (void *)rec, len };
	return queue_push_parts(q, share, max_bytes, &whole, 1);
}

enum err queue_push(struct queue *q, const void *rec, size_t len)
{
	return queue_push_share(q, NULL, 0, rec, len);
}

enum err queue_reserve(struct queue *q, size_t len)
{
	const size_t need = room_of(len);
	bool has_room;
	pthread_mutex_lock(&q->lock);
	has_room = need <= q->max_bytes - q->reserved &&
		   q->in.used <= q->max_bytes - q->reserved - need;
	if (has_room)
		q->reserved += need;
	pthread_mutex_unlock(&q->lock);
	return has_room ? OK : ERR_FULL;
}

enum err queue_push_reserved(struct queue *q, const void *rec, size_t len)
{
	const struct iovec whole = { (void *)rec, len };
	const size_t need = room_of(len);
	bool first, taken;
	pthread_mutex_lock(&q->lock);
	first = !q->in.used;
	q->reserved -= need;
	taken = make_room(&q->in, need, q->max_bytes - q->reserved);
	if (taken)
		put(&q->in, &whole, 1, len);
	pthread_mutex_unlock(&q->lock);
	if (taken && first)
		wake(q);
	return taken ? OK : ERR_FULL;
}

int queue_fd(const struct queue *q)
{
	return q->fd;
}

/* The emptied buffer serves the next batch but one, unless a rare flood has made it far too
 * large. */
static void reset(struct batch *b)
{
	if (b->cap > KEEP_BYTES && b->used < b->cap / 8) {
		free(b->data);
		*b = (struct batch){ 0 };
		return;
	}
	b->used = 0;
}

static void swap(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->left = q->in;
	q->in = q->out;
	q->n_batch++;
	pthread_mutex_unlock(&q->lock);
	q->out = (struct batch){ 0 };
	q->left_at = 0;
}

/* One batch, as far as time allows. */
static unsigned read_batch(struct queue *q, queue_fn *fn, void *arg, int64_t until_us)
{
	struct batch taken = q->left;
	size_t at = q->left_at;
	unsigned n = 0;
	q->left = (struct batch){ 0 };
	while (at < taken.used && (!n || until_us == INT64_MAX || clock_now_us() < until_us)) {
		const struct rec_head *head = (const void *)(taken.data + at);
		at += room_of(head->len);
		fn(arg, head + 1, head->len);
		n++;
	}
	if (at < taken.used) {
		q->left = taken;
		q->left_at = at;
		return n;
	}
	reset(&taken);
	free(q->out.data);
	q->out = taken;
	return n;
}

static unsigned drain(struct queue *q, queue_fn *fn, void *arg, int64_t until_us)
{
	uint64_t n;
	unsigned n_read = 0;
	/* First the wake-up, then the batch: what is pushed in between is seen now and wakes once
	 * for nothing. */
	while (read(q->fd, &n, sizeof n) < 0 && errno == EINTR)
		;
	if (q->left.used)
		n_read = read_batch(q, fn, arg, until_us);
	if (!q->left.used) {
		swap(q);
		n_read += read_batch(q, fn, arg, until_us);
	}
	if (q->left.used)
		wake(q);
	return n_read;
}

unsigned queue_drain(struct queue *q, queue_fn *fn, void *arg)
{
	return drain(q, fn, arg, INT64_MAX);
}

static void on_readable(void *arg, uint32_t events)
{
	struct queue *q = arg;
	(void)events;
	drain(q, q->fn, q->arg, q->most_us ? loop_now(q->loop) + q->most_us : INT64_MAX);
}

enum err queue_attach(struct queue *q, struct loop *l, queue_fn *fn, void *arg)
{
	return queue_attach_for(q, l, fn, arg, 0);
}

enum err queue_attach_for(struct queue *q, struct loop *l, queue_fn *fn, void *arg, int64_t most_us)
{
	enum err e = loop_add(l, q->fd, EPOLLIN, on_readable, q);
	if (e)
		return e;
	q->loop = l;
	q->fn = fn;
	q->arg = arg;
	q->most_us = most_us;
	return OK;
}

uint64_t queue_refused(const struct queue *q)
{
	struct queue *w = (struct queue *)q; /* locking changes nothing that a caller can see */
	uint64_t n;
	pthread_mutex_lock(&w->lock);
	n = w->refused;
	pthread_mutex_unlock(&w->lock);
	return n;
}
