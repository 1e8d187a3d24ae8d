/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/queue_thread.h"
#include "../router/ring.h"
#include "disk.h"
#include "rec_index.h"
#include "recording.h"
#include "space.h"

#define BUCKETS 1024 /* of sinks */
#define TICK_US (100 * US_PER_MS)
/* In which the queue fills: to be woken for each frame costs more than to write it, and the worker
 * that wakes pays, too. */
#define REST_US  (20 * US_PER_MS)
#define SPACE_US (2 * US_PER_S) /* between two looks at what a disk has left */

/* Whose records they are: of recordings that are open. */
struct sink_entry {
	struct sink_entry *next;
	uint64_t sink;
	struct recording *r;
	struct rec_track *t;
};
struct kept {
	struct node node;
	struct recording *r;
};
/* What control had no room for. */
struct untold {
	struct untold *next;
	struct rec_rep rep;
};

static void tick(void *arg);
static struct {
	struct disk_conf conf;
	struct rec_env env;
	struct queue_thread *thread;
	struct node recordings;
	struct sink_entry *sinks[BUCKETS];
	struct untold *untold, **untold_end;
	struct wheel_timer timer;
	int64_t looked_us;
} disk;

/* ---- to control ---- */

static void tell_later(const struct rec_rep *rep)
{
	struct untold *u = malloc(sizeof *u);
	if (!u)
		return;
	u->next = NULL;
	u->rep = *rep;
	*disk.untold_end = u;
	disk.untold_end = &u->next;
}

static bool push(const struct rec_rep *rep)
{
	return queue_push(disk.conf.reports, rep, rec_rep_len(rep)) == OK;
}

/* What can be said again is not kept. */
static void tell(const struct rec_rep *rep)
{
	bool can_wait = rep->type != REC_REP_PROGRESS && rep->type != REC_REP_KEYFRAME;
	if ((disk.untold || !push(rep)) && can_wait)
		tell_later(rep);
}

static void tell_untold(void)
{
	struct untold *u;
	while ((u = disk.untold) && push(&u->rep)) {
		if (!(disk.untold = u->next))
			disk.untold_end = &disk.untold;
		free(u);
	}
}

/* ---- who is who ---- */

static struct kept *find(uint64_t id)
{
	RING_EACH(&disk.recordings, n) {
		struct kept *k = NODE_OF(n, struct kept, node);
		if (recording_id(k->r) == id)
			return k;
	}
	return NULL;
}

static struct sink_entry **entry(uint64_t sink)
{
	struct sink_entry **at = &disk.sinks[sink % BUCKETS];
	while (*at && (*at)->sink != sink)
		at = &(*at)->next;
	return at;
}

static void forget_sink(uint64_t sink)
{
	struct sink_entry **at = entry(sink), *e = *at;
	if (!e)
		return;
	*at = e->next;
	free(e);
}

/* ---- recordings ---- */

static void run_clock(void)
{
	struct loop *l = queue_thread_loop(disk.thread);
	if (!wheel_armed(&disk.timer))
		wheel_set(loop_wheel(l), &disk.timer, clock_now_us() + TICK_US);
}

static bool has_space(const struct recording *r)
{
	return !disk.conf.min_free || space_free(recording_base(r)) >= disk.conf.min_free;
}

static void check_space(struct recording *r)
{
	char why[96];
	if (has_space(r))
		return;
	snprintf(why, sizeof why, "The disk has less than %" PRIu64 " MB left.",
		disk.conf.min_free / 1000000);
	recording_give_up(r, REC_REP_LIMITED, why);
}

static void open_recording(const struct rec_cmd *c)
{
	struct rec_rep failed = { .type = REC_REP_FAILED,
		.recording = c->recording,
		.text = "There is no memory for it." };
	struct rec_rep stopped = { .type = REC_REP_STOPPED, .recording = c->recording };
	struct kept *k = calloc(1, sizeof *k);
	if (!k || !(k->r = recording_new(&disk.env, c))) {
		free(k);
		tell(&failed);
		tell(&stopped);
		return;
	}
	node_add(&disk.recordings, &k->node);
	check_space(k->r);
	run_clock();
}

static void end_recording(struct kept *k)
{
	for (struct rec_track *t = NULL; (t = recording_next(k->r, t));)
		forget_sink(t->sink);
	recording_end(k->r);
	node_del(&k->node);
	free(k);
}

static void end_if_over(struct kept *k)
{
	if (k && recording_is_over(k->r))
		end_recording(k);
}

static void add_track(struct kept *k, const struct rec_cmd *c)
{
	struct sink_entry *e = calloc(1, sizeof *e);
	if (!e || !(e->t = recording_track(k->r, c))) {
		free(e);
		return;
	}
	e->sink = c->track.sink;
	e->r = k->r;
	e->next = disk.sinks[e->sink % BUCKETS];
	disk.sinks[e->sink % BUCKETS] = e;
}

static void fail_recording(struct recording *r, const uint8_t *why, size_t len)
{
	char text[256];
	snprintf(text, sizeof text, "%.*s", (int)len, (const char *)why);
	recording_give_up(r, REC_REP_FAILED, text);
}

static void remove_file(const struct rec_cmd *c)
{
	struct rec_rep gone = { .type = REC_REP_REMOVED, .recording = c->recording };
	if (rec_file_remove(c->index.path))
		log_warn("recorder", 0, "file not removed", "file=%s why=%s",
			LOG_QUOTED(c->index.path), LOG_QUOTED(strerror(errno)));
	if (c->recording)
		tell(&gone);
}

static void on_command(const struct rec_cmd *c)
{
	struct kept *k = find(c->recording);
	const uint8_t *bytes = (const uint8_t *)c + rec_cmd_len(c->type);
	if (c->type == REC_CMD_OPEN)
		open_recording(c);
	else if (c->type == REC_CMD_INDEX)
		rec_index_write(disk.conf.folders, c->index.path, bytes, c->len);
	else if (c->type == REC_CMD_REMOVE)
		remove_file(c);
	else if (!k)
		return;
	else if (c->type == REC_CMD_TRACK)
		add_track(k, c);
	else if (c->type == REC_CMD_DATA)
		recording_data(k->r, c, bytes);
	else if (c->type == REC_CMD_FAIL)
		fail_recording(k->r, bytes, c->len);
	else if (c->type == REC_CMD_STOP)
		recording_stop(k->r), end_if_over(k);
	else
		recording_pause(k->r, c->type == REC_CMD_PAUSE, c->pause.at_us);
}

/* ---- the thread ---- */

static void on_sink(const struct sink_record *r, size_t len)
{
	const struct sink_entry *e = *entry(r->sink);
	if (!e)
		return;
	struct recording *of = e->r;
	recording_take(of, e->t, r, len);
	if (r->type != SINK_CLOSED)
		return;
	forget_sink(r->sink);
	end_if_over(find(recording_id(of)));
}

static void on_record(void *arg, const void *rec, size_t len)
{
	const struct rec_cmd *c = rec;
	(void)arg;
	if (c->type >= REC_CMD_OPEN)
		on_command(c);
	else
		on_sink(rec, len);
}

static void tick(void *arg)
{
	int64_t now_us = clock_now_us();
	bool looks = now_us - disk.looked_us >= SPACE_US;
	(void)arg;
	RING_EACH(&disk.recordings, n) {
		struct kept *k = NODE_OF(n, struct kept, node);
		recording_tick(k->r, now_us);
		if (looks)
			check_space(k->r);
		end_if_over(k);
	}
	if (looks)
		disk.looked_us = now_us;
	tell_untold();
	if (disk.untold || !ring_empty(&disk.recordings))
		run_clock();
}

static void rest(void *arg)
{
	(void)arg;
	usleep(REST_US);
}

enum err disk_start(const struct disk_conf *conf)
{
	static const struct queue_reader reader = { .fn = on_record, .at_end = rest };
	memset(&disk, 0, sizeof disk);
	rec_show_metrics();
	disk.conf = *conf;
	disk.env = (struct rec_env){
		.io = conf->io, .folders = conf->folders, .sync_us = conf->sync_us, .tell = tell
	};
	ring_init(&disk.recordings);
	disk.untold_end = &disk.untold;
	disk.timer = (struct wheel_timer){ .fn = tick };
	return queue_thread_start(&disk.thread, "recorder", conf->queue_bytes, &reader);
}

struct queue *disk_queue(void)
{
	return disk.thread ? queue_thread_queue(disk.thread) : NULL;
}

void disk_stop(void)
{
	if (!disk.thread)
		return;
	queue_thread_stop(disk.thread);
	disk.thread = NULL;
	RING_EACH(&disk.recordings, n)
		end_recording(NODE_OF(n, struct kept, node));
	tell_untold();
}
