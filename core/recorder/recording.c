/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../base/clock.h"
#include "media_out.h"
#include "messages.h"
#include "mjr_out.h"
#include "recording.h"
#include "timeline.h"

#define TELL_US  (2 * US_PER_S) /* between two words on how far it is */
#define SHED_US  US_PER_S
#define CLOSE_US (5 * US_PER_S) /* a sink that was never there cannot close */

struct owned {
	struct owned *next;
	struct rec_track *t;
};

struct recording {
	const struct rec_env *env;
	uint64_t id;
	char base[REC_PATH], media_base[REC_PATH + REC_SUFFIX], title[REC_TITLE];
	char data_suffix[REC_SUFFIX], data_text[REC_TITLE];
	int64_t max_us;
	uint64_t max_bytes;
	struct owned *tracks;
	unsigned n_tracks;
	struct rec_track *current[MEDIA_SLOTS]; /* NULL: none */
	struct timeline *timeline;
	struct media_out *media;   /* NULL: not wanted, or ended */
	struct mjr_out *mjr;       /* likewise */
	struct messages *messages; /* beside media; likewise */
	bool has_messages;         /* there were some */
	int64_t messages_began_us; /* Unix time of what is 0 in them */
	bool is_paused, is_stopped, is_ended;
	bool needs_key;            /* what comes next of pictures is a keyframe */
	bool has_frame, is_placed; /* is_placed: the timeline has begun */
	int64_t first_us;          /* when the first frame came */
	int64_t told_us, shed_us, stopped_us, duration_us;
	uint64_t shed, bytes; /* shed: not told yet */
};

/* ---- what is told ---- */

static void tell(const struct recording *r, struct rec_rep *rep)
{
	rep->recording = r->id;
	r->env->tell(rep);
}

static void measure(struct recording *r)
{
	int64_t media_us = r->media ? media_out_duration(r->media) : 0;
	int64_t mjr_us = r->mjr ? mjr_out_duration(r->mjr) : 0;
	if (!r->media && !r->mjr)
		return;
	r->duration_us = media_us > mjr_us ? media_us : mjr_us;
	r->bytes =
		(r->media ? media_out_bytes(r->media) : 0) + (r->mjr ? mjr_out_bytes(r->mjr) : 0);
}

/* Where they are made at all: texts alone have cues. */
static void tell_messages(const struct recording *r)
{
	static const char *const endings[] = { ".jsonl", ".vtt" };
	for (unsigned i = 0; i < sizeof endings / sizeof *endings; i++) {
		struct rec_rep rep = { .type = REC_REP_FILE,
			.began_us = r->messages_began_us,
			.kinds = 1u << CARDEA_DATA };
		struct stat st;
		if ((size_t)snprintf(rep.text, sizeof rep.text, "%s%s", r->media_base,
			    endings[i]) >= sizeof rep.text ||
			stat(rep.text, &st))
			continue;
		rep.bytes = (uint64_t)st.st_size;
		tell(r, &rep);
	}
}

static void end_messages(struct recording *r)
{
	if (!r->messages)
		return;
	messages_end(r->messages, true);
	r->messages = NULL;
	if (r->has_messages)
		tell_messages(r);
}

static void end_files(struct recording *r)
{
	for (const struct owned *o = r->tracks; o; o = o->next)
		rec_track_flush(o->t);
	if (r->media)
		media_out_end(r->media);
	if (r->mjr)
		mjr_out_end(r->mjr);
	measure(r);
	media_out_free(r->media);
	mjr_out_free(r->mjr);
	r->media = NULL;
	r->mjr = NULL;
	end_messages(r);
	r->is_ended = true;
}

void recording_give_up(struct recording *r, enum rec_rep_type type, const char *why)
{
	struct rec_rep rep = { .type = type };
	if (r->is_ended)
		return;
	snprintf(rep.text, sizeof rep.text, "%s", why);
	r->is_ended = true; /* what is flushed now is written nowhere */
	end_files(r);
	tell(r, &rep);
}

/* Is one of the files in no state to go on? */
static void check(struct recording *r)
{
	const char *why = r->media ? media_out_error(r->media) : NULL;
	if (!why && r->mjr)
		why = mjr_out_error(r->mjr);
	if (why)
		recording_give_up(r, REC_REP_FAILED, why);
}

/* ---- what a track brings ---- */

static unsigned slot_of(const struct rec_track *t)
{
	return t->kind == CARDEA_AUDIO ? MEDIA_AUDIO : MEDIA_VIDEO;
}

static bool is_current(const struct recording *r, const struct rec_track *t)
{
	return !r->is_ended && r->current[slot_of(t)] == t;
}

static void on_described(void *arg, struct rec_track *t)
{
	struct recording *r = arg;
	unsigned slot = slot_of(t);
	const struct mjr_named name = { t->suffix, t->fmtp, t->text, t->e2ee };
	bool is_coming = t->now.dir & CARDEA_RECV;
	if (!is_current(r, t))
		return;
	timeline_track(r->timeline, slot, t->now.clock_hz, t->kind == CARDEA_AUDIO);
	if (r->media)
		media_out_track(r->media, slot, is_coming && t->frames ? &t->now : NULL);
	if (r->mjr && is_coming)
		mjr_out_track(r->mjr, &name, &t->now);
}

static void on_packet(void *arg, struct rec_track *t, const struct rec_packet *p)
{
	struct recording *r = arg;
	if (is_current(r, t) && r->mjr && !r->is_paused)
		mjr_out_packet(r->mjr, t->suffix, p);
}

static void on_report(void *arg, struct rec_track *t, const struct sink_record *rec)
{
	struct recording *r = arg;
	if (!is_current(r, t))
		return;
	timeline_report(r->timeline, slot_of(t), rec->report.layer, rec->report.ntp, rec->report.ts,
		rec->report.at_us);
	if (r->media)
		media_out_aligned(r->media, slot_of(t));
}

/* While it is paused, and after, until pictures can be begun with. */
static bool is_left_out(struct recording *r, struct rec_track *t, const struct rec_frame *f)
{
	if (r->is_paused)
		return true;
	if (t->kind != CARDEA_VIDEO || !r->needs_key)
		return false;
	r->needs_key = !f->is_keyframe;
	if (r->needs_key)
		rec_track_ask(t);
	return r->needs_key;
}

static void on_frame(void *arg, struct rec_track *t, const struct rec_frame *f)
{
	struct recording *r = arg;
	unsigned slot = slot_of(t);
	if (!is_current(r, t) || !r->media || is_left_out(r, t, f))
		return;
	if (!r->has_frame)
		r->first_us = f->at_us;
	r->has_frame = true;
	media_out_frame(r->media, slot, f);
}

static void want_keyframe(void *arg, struct rec_track *t)
{
	struct recording *r = arg;
	struct rec_rep rep = { .type = REC_REP_KEYFRAME, .sink = t->sink };
	if (!r->is_paused && is_current(r, t))
		tell(r, &rep);
}

static void media_wants_keyframe(void *arg)
{
	struct recording *r = arg;
	if (r->current[MEDIA_VIDEO])
		rec_track_ask(r->current[MEDIA_VIDEO]);
}

static int64_t place(void *arg, unsigned slot, const struct rec_frame *f)
{
	struct recording *r = arg;
	r->is_placed = true;
	return timeline_place(r->timeline, slot, f);
}

static const struct rec_track_ops ops = { .described = on_described,
	.packet = on_packet,
	.report = on_report,
	.frame = on_frame,
	.want_keyframe = want_keyframe };

/* ---- tracks ---- */

static void close_track(struct recording *r, struct rec_track *t)
{
	unsigned slot = slot_of(t);
	t->is_open = false;
	if (r->current[slot] != t)
		return;
	if (r->media)
		media_out_track(r->media, slot, NULL);
	r->current[slot] = NULL;
}

struct rec_track *recording_track(struct recording *r, const struct rec_cmd *c)
{
	bool is_known = c->track.kind == CARDEA_AUDIO || c->track.kind == CARDEA_VIDEO;
	struct owned *o = is_known ? malloc(sizeof *o) : NULL;
	bool has_frames = r->media && !c->track.e2ee;
	if (!o)
		return NULL;
	if (!(o->t = rec_track_new(c, r->n_tracks, has_frames, &ops, r))) {
		free(o);
		return NULL;
	}
	o->next = r->tracks;
	r->tracks = o;
	r->n_tracks++;
	struct rec_track **current = &r->current[slot_of(o->t)];
	if (*current)
		rec_track_flush(*current);
	*current = o->t;
	if (has_frames)
		media_out_expect(r->media, slot_of(o->t));
	return o->t;
}

static void forget_closed(struct recording *r)
{
	struct owned **at = &r->tracks, *o;
	while ((o = *at)) {
		if (o->t->is_open) {
			at = &o->next;
			continue;
		}
		*at = o->next;
		rec_track_free(o->t);
		free(o);
	}
}

void recording_take(
	struct recording *r, struct rec_track *t, const struct sink_record *rec, size_t len)
{
	r->shed += rec->lost;
	metric_add(&rec_shed, rec->lost);
	rec_track_take(t, rec, len);
	if (!t->is_open)
		close_track(r, t);
	check(r);
}

struct rec_track *recording_next(const struct recording *r, const struct rec_track *t)
{
	const struct owned *o = r->tracks;
	while (t && o && o->t != t)
		o = o->next;
	if (t && o)
		o = o->next;
	return o ? o->t : NULL;
}

/* ---- messages ---- */

/* Since the recording began, which it has not before its first frame. */
static int64_t time_of(const struct recording *r, int64_t at_us)
{
	int64_t us = r->has_frame ? at_us - r->first_us : 0;
	if (r->is_placed)
		us = timeline_at(r->timeline, at_us);
	return us > 0 ? us : 0;
}

static void write_message(struct recording *r, const struct rec_cmd *c, const char *label,
	const uint8_t *bytes, size_t len)
{
	int64_t at_us = time_of(r, c->data.at_us);
	int64_t unix_us = clock_wall_us() - clock_now_us() + c->data.at_us;
	if (!r->has_messages)
		r->messages_began_us = unix_us - at_us;
	r->has_messages = true;
	if (messages_write(r->messages, label, bytes, len, c->data.is_binary, at_us, unix_us))
		recording_give_up(r, REC_REP_FAILED, messages_error(r->messages));
}

void recording_data(struct recording *r, const struct rec_cmd *c, const uint8_t *bytes)
{
	char label[256];
	const uint8_t *text = bytes + c->data.label_len;
	size_t len = c->len - c->data.label_len;
	if (r->is_ended || r->is_paused)
		return;
	snprintf(label, sizeof label, "%.*s", (int)c->data.label_len, (const char *)bytes);
	if (r->mjr)
		mjr_out_data(r->mjr, r->data_suffix, text, len, c->data.at_us);
	if (r->messages)
		write_message(r, c, label, text, len);
	check(r);
}

/* ---- life ---- */

static bool make_outs(struct recording *r, unsigned format)
{
	const struct media_out_conf media = { .env = r->env,
		.recording = r->id,
		.base = r->media_base,
		.title = r->title,
		.want_keyframe = media_wants_keyframe,
		.place = place,
		.arg = r };
	const struct mjr_out_conf mjr = {
		.env = r->env, .recording = r->id, .base = r->base, .data_text = r->data_text
	};
	if (format & REC_MEDIA && !(r->media = media_out_new(&media)))
		return false;
	if (format & REC_MJR && !(r->mjr = mjr_out_new(&mjr)))
		return false;
	if (format & REC_MEDIA &&
		!(r->messages = messages_new(r->env->io, r->env->folders, r->media_base)))
		return false;
	return (r->timeline = timeline_new()) != NULL;
}

static void discard(struct recording *r)
{
	media_out_free(r->media);
	mjr_out_free(r->mjr);
	end_messages(r);
	timeline_free(r->timeline);
	free(r);
}

struct recording *recording_new(const struct rec_env *env, const struct rec_cmd *c)
{
	struct recording *r = calloc(1, sizeof *r);
	if (!r)
		return NULL;
	r->env = env;
	r->id = c->recording;
	r->max_us = c->open.max_s * US_PER_S;
	r->max_bytes = c->open.max_bytes;
	snprintf(r->base, sizeof r->base, "%s", c->open.base);
	snprintf(r->media_base, sizeof r->media_base, "%s%s", c->open.base, c->open.apart);
	snprintf(r->title, sizeof r->title, "%s", c->open.title);
	snprintf(r->data_text, sizeof r->data_text, "%s", c->open.data_text);
	snprintf(r->data_suffix, sizeof r->data_suffix, "%s", c->open.data);
	if (!make_outs(r, c->open.format)) {
		discard(r);
		return NULL;
	}
	metric_add(&rec_recordings, 1);
	return r;
}

void recording_pause(struct recording *r, bool on, int64_t now_us)
{
	if (on == r->is_paused)
		return;
	r->is_paused = on;
	if (on) {
		if (r->media)
			media_out_hurry(r->media);
		timeline_pause(r->timeline, now_us);
		r->needs_key = true;
		if (r->mjr)
			mjr_out_pause(r->mjr);
		return;
	}
	timeline_resume(r->timeline, now_us);
	media_wants_keyframe(r);
}

void recording_stop(struct recording *r)
{
	if (!r->is_stopped)
		r->stopped_us = clock_now_us();
	r->is_stopped = true;
}

static void enforce(struct recording *r)
{
	char why[80];
	measure(r);
	if (r->max_us && r->duration_us >= r->max_us) {
		snprintf(why, sizeof why, "It has the longest duration allowed, %lld s.",
			(long long)(r->max_us / US_PER_S));
		recording_give_up(r, REC_REP_LIMITED, why);
	} else if (r->max_bytes && r->bytes >= r->max_bytes) {
		snprintf(why, sizeof why, "It has the largest size allowed, %llu MB.",
			(unsigned long long)(r->max_bytes / 1000000));
		recording_give_up(r, REC_REP_LIMITED, why);
	}
}

static void tell_news(struct recording *r, int64_t now_us)
{
	struct rec_rep shed = { .type = REC_REP_SHED, .shed = r->shed };
	struct rec_rep rep = {
		.type = REC_REP_PROGRESS, .duration_us = r->duration_us, .bytes = r->bytes
	};
	if (r->shed && now_us - r->shed_us >= SHED_US) {
		tell(r, &shed);
		r->shed = 0;
		r->shed_us = now_us;
	}
	if (now_us - r->told_us < TELL_US)
		return;
	tell(r, &rep);
	r->told_us = now_us;
}

void recording_tick(struct recording *r, int64_t now_us)
{
	for (const struct owned *o = r->tracks; o; o = o->next)
		rec_track_tick(o->t, now_us);
	forget_closed(r);
	if (r->media)
		media_out_tick(r->media, now_us);
	if (r->mjr)
		mjr_out_tick(r->mjr, now_us);
	check(r);
	if (!r->is_ended)
		enforce(r);
	tell_news(r, now_us);
}

bool recording_is_over(const struct recording *r)
{
	if (r->is_stopped && clock_now_us() - r->stopped_us > CLOSE_US)
		return true;
	for (const struct owned *o = r->tracks; o; o = o->next)
		if (o->t->is_open)
			return false;
	return r->is_stopped;
}

void recording_end(struct recording *r)
{
	struct rec_rep rep = { .type = REC_REP_STOPPED };
	if (!r->is_ended)
		end_files(r);
	rep.duration_us = r->duration_us;
	rep.bytes = r->bytes;
	rep.shed = r->shed;
	tell(r, &rep);
	for (const struct owned *o = r->tracks; o; o = o->next)
		o->t->is_open = false;
	forget_closed(r);
	discard(r);
	metric_add(&rec_recordings, (uint64_t)-1);
}

uint64_t recording_id(const struct recording *r)
{
	return r->id;
}

const char *recording_base(const struct recording *r)
{
	return r->base;
}
