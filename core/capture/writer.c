/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "../base/metric.h"
#include "../base/queue_thread.h"
#include "dump.h"
#include "writer.h"

/* One capture, from its beginning until its file is closed. */
struct capturing {
	uint64_t id; /* 0: free */
	struct dump *dump;
	uint64_t lost;
};

static struct {
	struct queue_thread *thread;
	struct queue *ended;
	struct capturing of[CAPTURES_MAX];
} writer;

static struct metric drops = { .name = "cardea_capture_drops_total",
	.help = "Packets missing in captures because the disk was too slow" };

static struct capturing *find(uint64_t id)
{
	for (unsigned i = 0; i < CAPTURES_MAX; i++)
		if (writer.of[i].id == id)
			return &writer.of[i];
	return NULL;
}

static void tell(uint64_t id, uint64_t packets, uint64_t lost, int error)
{
	const struct capture_ended e = { id, packets, lost, error };
	queue_push(writer.ended, &e, sizeof e);
}

static void end(struct capturing *c)
{
	uint64_t packets;
	int error = dump_close(c->dump, &packets);
	tell(c->id, packets, c->lost, error);
	*c = (struct capturing){ 0 };
}

static void open_file(const struct capture_record *r)
{
	struct capturing *c = find(0);
	struct dump *d;
	if (!c) {
		close(r->open.fd);
		tell(r->id, 0, 0, EMFILE);
	} else if (!(d = dump_new(r->open.fd, r->open.is_text, r->open.session, r->open.handle))) {
		tell(r->id, 0, 0, ENOMEM);
	} else {
		*c = (struct capturing){ r->id, d, 0 };
	}
}

/* Of a capture that has ended, by itself or by an error, more may be on its way. */
static void on_record(void *arg, const void *rec, size_t len)
{
	const struct capture_record *r = rec;
	struct capturing *c;
	(void)arg;
	(void)len;
	if (r->type == CAPTURE_OPEN) {
		open_file(r);
		return;
	}
	if (!(c = find(r->id)))
		return;
	c->lost += r->lost;
	metric_add(&drops, r->lost);
	if (r->type == CAPTURE_CLOSE) {
		end(c);
		return;
	}
	if (dump_put(c->dump, &r->packet, (const uint8_t *)(r + 1)))
		end(c);
}

static void on_end(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < CAPTURES_MAX; i++)
		if (writer.of[i].id && dump_flush(writer.of[i].dump))
			end(&writer.of[i]);
}

enum err writer_start(struct queue *ended)
{
	static const struct queue_reader reader = { .fn = on_record, .at_end = on_end };
	static bool is_shown;
	if (!is_shown)
		metric_register(&drops);
	is_shown = true;
	writer.ended = ended;
	return queue_thread_start(&writer.thread, "captures", CAPTURE_QUEUE, &reader);
}

struct queue *writer_queue(void)
{
	return writer.thread ? queue_thread_queue(writer.thread) : NULL;
}

void writer_stop(void)
{
	queue_thread_stop(writer.thread);
	for (unsigned i = 0; i < CAPTURES_MAX; i++)
		if (writer.of[i].id)
			end(&writer.of[i]);
	memset(&writer, 0, sizeof writer);
}
