/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/id.h"
#include "../base/log.h"
#include "hook.h"
#include "options.h"
#include "peerconn.h"
#include "record.h"
#include "record_post.h"

#define SHARES       8               /* of the recorder's queue: so much one track may have */
#define SHARE_MIN    (512u << 10)    /* with room for the longest message */
#define SHED_SAID_US (60 * US_PER_S) /* between two lines in the log on one recording */

static const enum cardea_kind kinds[RECORD_LINES] = { CARDEA_AUDIO, CARDEA_VIDEO };
static struct ids *ids;
static uint8_t sink_queue;
static uint64_t last_sink;
static bool is_silent;

/* ---- all of them ---- */

bool records_start(uint8_t queue)
{
	sink_queue = queue;
	is_silent = false;
	ids = ids_create(RECORDINGS_MAX);
	return ids != NULL;
}

void records_forget(const struct cardea_plugin *of)
{
	uint32_t slot = 0;
	struct record *r;
	while (ids && (r = ids_next(ids, &slot)))
		if (r->of == of)
			r->conf.fn = NULL;
}

void records_forget_listeners(void)
{
	is_silent = true;
}

void records_stop(void)
{
	uint32_t slot = 0;
	struct record *r;
	while (ids && (r = ids_next(ids, &slot)))
		record_discard(r);
	ids_destroy(ids);
	ids = NULL;
}

struct record *record_new(struct recordings *owner, const struct record_conf *conf)
{
	struct record *r = g_new0(struct record, 1);
	r->id = ids_take(ids, r);
	if (!r->id) {
		g_free(r);
		return NULL;
	}
	r->owner = owner;
	r->conf = *conf;
	r->of = hook_of();
	owner->all = g_slist_prepend(owner->all, r);
	for (unsigned i = 0; i < RECORD_LINES; i++)
		r->lines[i].mindex = -1;
	return r;
}

void record_discard(struct record *r)
{
	if (r->owner)
		r->owner->all = g_slist_remove(r->owner->all, r);
	ids_free(ids, r->id);
	for (unsigned i = 0; i < RECORD_LINES; i++)
		g_free(r->texts[i]);
	g_free(r->path);
	g_free(r);
}

struct record *record_find(uint64_t id)
{
	return ids_get(ids, id);
}

struct record *record_next(uint32_t *slot)
{
	return ids_next(ids, slot);
}

unsigned records_of(uint64_t whose)
{
	uint32_t slot = 0;
	unsigned n = 0;
	const struct record *r;
	while (whose && (r = ids_next(ids, &slot)))
		n += r->conf.whose == whose;
	return n;
}

const char *record_base_name(const struct record *r)
{
	const char *slash = strrchr(r->conf.base, '/');
	return slash ? slash + 1 : r->conf.base;
}

void record_emit(const struct record *r, struct cardea_record_event *e)
{
	if (!r->conf.fn || is_silent)
		return;
	e->size = sizeof *e;
	e->recording = r->id;
	e->handle = r->owner ? r->owner->handle : NULL;
	e->arg = r->conf.arg;
	struct hook hook;
	hook_enter(&hook, r->of, "record event");
	r->conf.fn(e);
	hook_leave(&hook);
}

void record_count_shed(struct record *r, uint64_t n)
{
	int64_t now_us = clock_now_us();
	r->shed += n;
	if (r->shed_said_us && now_us - r->shed_said_us < SHED_SAID_US)
		return;
	r->shed_said_us = now_us;
	log_warn("recorder", r->conf.handle, "recording misses packets, the disk is too slow",
		"file=%s packets=%" PRIu64, LOG_QUOTED(record_base_name(r)), r->shed);
}

/* ---- sinks ---- */

void record_suffix(char out[REC_SUFFIX], enum cardea_kind kind, int mindex, bool is_numbered)
{
	static const char *const words[] = {
		[CARDEA_AUDIO] = "audio", [CARDEA_VIDEO] = "video", [CARDEA_DATA] = "data"
	};
	if (is_numbered)
		snprintf(out, REC_SUFFIX, "-%s-%u", words[kind],
			(unsigned)mindex % CARDEA_MEDIA_MAX);
	else
		snprintf(out, REC_SUFFIX, "-%s", words[kind]);
}

static void close_line(struct record_line *l)
{
	const struct cmd c = { .type = CMD_SINK_CLOSE, .sink_id = { l->sink } };
	if (l->mindex < 0)
		return;
	record_post_worker(l->worker, &c);
	l->mindex = -1;
}

uint32_t record_share(void)
{
	size_t bytes = settings.record.queue_bytes / SHARES;
	return (uint32_t)(bytes > SHARE_MIN ? bytes : SHARE_MIN);
}

/* The parameters of a payload type, as the client's description has them. */
static void find_fmtp(const struct peerconn *pc, unsigned mindex, char *out, size_t size)
{
	const char *at = pc->remote_sdp, *end;
	char line[32];
	for (unsigned i = 0; at && i <= mindex; i++)
		at = strstr(i ? at + 1 : at, "\nm=");
	if (!at)
		return;
	end = strstr(at + 1, "\nm=");
	snprintf(line, sizeof line, "\na=fmtp:%u ", pc->neg.tracks[mindex].pt);
	at = strstr(at, line);
	if (!at || (end && at > end))
		return;
	at += strlen(line);
	snprintf(out, size, "%.*s", (int)strcspn(at, "\r\n"), at);
}

static void tell_track(const struct record *r, const struct record_line *l,
	const struct peerconn *pc, unsigned kind)
{
	struct rec_cmd c = { .type = REC_CMD_TRACK,
		.recording = r->id,
		.track = { .sink = l->sink,
			.mindex = (uint16_t)l->mindex,
			.kind = (uint8_t)kinds[kind],
			.e2ee = r->conf.e2ee } };
	record_suffix(
		c.track.suffix, kinds[kind], l->mindex, r->conf.is_numbered || r->conf.is_apart);
	find_fmtp(pc, (unsigned)l->mindex, c.track.fmtp, sizeof c.track.fmtp);
	g_strlcpy(c.track.text, r->texts[kind] ? r->texts[kind] : "", sizeof c.track.text);
	record_post(&c, NULL);
}

static void open_line(struct record *r, unsigned kind, const struct peerconn *pc, int mindex)
{
	struct record_line *l = &r->lines[kind];
	struct cmd c = { .type = CMD_SINK_OPEN,
		.sink = { .id = ++last_sink,
			.from_peer = pc->peer,
			.from_worker = (uint16_t)pc->worker,
			.from_mindex = (uint16_t)mindex,
			.kind = (uint8_t)kinds[kind],
			.queue = sink_queue,
			.share = record_share() } };
	*l = (struct record_line){ mindex, last_sink, pc->worker };
	tell_track(r, l, pc, kind);
	record_post_worker(pc->worker, &c);
}

void record_set_line(struct record *r, unsigned kind, const struct peerconn *pc, int mindex)
{
	if (r->lines[kind].mindex == mindex)
		return;
	close_line(&r->lines[kind]);
	if (mindex >= 0)
		open_line(r, kind, pc, mindex);
}

void record_describe(struct record *r, unsigned kind, const char *text)
{
	char *copy = g_strdup(text);
	g_free(r->texts[kind]);
	r->texts[kind] = copy;
}

void record_finish(struct record *r)
{
	const struct rec_cmd c = { .type = REC_CMD_STOP, .recording = r->id };
	if (r->is_ending)
		return;
	r->is_ending = true;
	for (unsigned i = 0; i < RECORD_LINES; i++)
		close_line(&r->lines[i]);
	record_post(&c, NULL);
}
