/* SPDX-License-Identifier: Apache-2.0 */
/* RTP timestamps as times of a recording, between depack.h and the files.
 *
 * A track runs: its place is base_us + (ts - ts0) until it has another gen or layer, or a jump. Its
 * lag is when packets come, by our clock, less their place: of the quickest of some seconds, for
 * those met no queue. Sound runs on whatever happens; of pictures the base is found anew with each:
 *
 *	sound:    report says NTP 100.0 s at 48000; 48000 has place 2.0 s
 *	pictures: report says NTP 100.5 s at 90000; so 90000 has place 2.5 s, and 93000 2.533 s
 *
 * Without reports the quickest of both are taken to have been under way equally long, or as much
 * longer (extra_us) as reports told before. */
#include "timeline.h"
#include <stdlib.h>
#include <cardea/media.h>
#include "../base/clock.h"

#define QUICKEST_US (10 * US_PER_S) /* the quickest of this long, and up to twice that */
#define FRESH_US    (60 * US_PER_S) /* for so long the lag of a track that was silent is believed */
#define STEP_US     US_PER_MS       /* between two pictures at least: Matroska's unit */
/* Pictures may take this much longer than sound, or less: encoders and queues of senders. Reports
 * that say more are wrong. */
#define EXTRA_MAX_US US_PER_S
/* Nothing came for so long, and then something whose timestamp knows nothing of it: they did not
 * count on. With less it was held up on its way. */
#define SILENCE_US (2 * US_PER_S)
#define JUMP_US    (10 * US_PER_S) /* no packet is held up so long */
/* Two reports of one clock agree within this and 1/1000 of the time between them. */
#define AGREE_US (60 * US_PER_MS)
/* After a pause, sound that is so near goes on without a gap. */
#define CONTIGUOUS_US (100 * US_PER_MS)

struct report {
	bool is_known;
	uint64_t ntp;
	uint32_t ts;
	int64_t at_us;
	int64_t changed_us; /* when one came that did not agree with the one before; or INT64_MIN */
};

/* The least of the last QUICKEST_US, and some more. */
struct quickest {
	int64_t now_us, before_us, since_us;
};

struct track {
	unsigned clock_hz;
	bool is_audio;
	struct report reports[CARDEA_LAYERS];
	bool runs;
	uint32_t gen;
	uint8_t layer;
	int64_t ts0, base_us;
	struct quickest raw; /* when packets came, less (ts - ts0) */
	int64_t last_ts, last_at_us;
	bool has_lag;
	int64_t lag_us, extra_us;
	bool is_trusted; /* what the reports of this one and of sound say, until one changes */
	bool has_place, resumes;
	int64_t last_us, step_us;
	int64_t floor_us; /* what was said during a pause: nothing is before it */
};

struct timeline {
	bool is_paused;
	int64_t paused_us;
	struct track tracks[TIMELINE_TRACKS];
};

struct timeline *timeline_new(void)
{
	return calloc(1, sizeof(struct timeline));
}

void timeline_free(struct timeline *t)
{
	free(t);
}

static int64_t ticks_us(const struct track *tr, int64_t ticks)
{
	int64_t hz = tr->clock_hz;
	return ticks / hz * US_PER_S + ticks % hz * US_PER_S / hz;
}

/* 32.32 */
static int64_t ntp_us(int64_t ntp)
{
	return (ntp >> 32) * US_PER_S + ((ntp & 0xffffffff) * US_PER_S >> 32);
}

static int64_t distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

static int64_t quickest_of(const struct quickest *q)
{
	return q->now_us < q->before_us ? q->now_us : q->before_us;
}

static void quickest_add(struct quickest *q, int64_t v, int64_t at_us)
{
	if (at_us - q->since_us > QUICKEST_US) {
		q->before_us = q->now_us;
		q->now_us = v;
		q->since_us = at_us;
	}
	if (v < q->now_us)
		q->now_us = v;
}

/* What pictures follow; NULL: nothing. */
static struct track *master(struct timeline *t)
{
	for (unsigned i = 0; i < TIMELINE_TRACKS; i++)
		if (t->tracks[i].is_audio && t->tracks[i].runs)
			return &t->tracks[i];
	return NULL;
}

/* ---- reports ---- */

static void distrust(struct timeline *t, struct track *tr)
{
	for (unsigned i = 0; i < TIMELINE_TRACKS; i++)
		if (tr->is_audio || tr == &t->tracks[i])
			t->tracks[i].is_trusted = false;
}

void timeline_track(struct timeline *t, unsigned track, unsigned clock_hz, bool is_audio)
{
	struct track *tr;
	if (track >= TIMELINE_TRACKS || !clock_hz)
		return;
	tr = &t->tracks[track];
	if (tr->clock_hz == clock_hz && tr->is_audio == is_audio)
		return;
	tr->clock_hz = clock_hz;
	tr->is_audio = is_audio;
	tr->runs = false;
	for (unsigned i = 0; i < CARDEA_LAYERS; i++)
		tr->reports[i].is_known = false;
	distrust(t, tr);
}

static bool agree(const struct track *tr, const struct report *a, const struct report *b)
{
	int64_t by_ntp = ntp_us((int64_t)(b->ntp - a->ntp));
	int64_t by_ts = ticks_us(tr, (int32_t)(b->ts - a->ts));
	return distance(by_ntp, by_ts) <= AGREE_US + distance(by_ntp, 0) / 1000;
}

void timeline_report(struct timeline *t, unsigned track, unsigned layer, uint64_t ntp, uint32_t ts,
	int64_t at_us)
{
	struct track *tr;
	struct report *r, old, new = { true, ntp, ts, at_us, INT64_MIN };
	if (track >= TIMELINE_TRACKS || layer >= CARDEA_LAYERS || !ntp)
		return;
	tr = &t->tracks[track];
	if (!tr->clock_hz)
		return;
	r = &tr->reports[layer];
	old = *r;
	*r = new;
	if (!old.is_known)
		return;
	r->changed_us = old.changed_us;
	if (!agree(tr, &old, r)) {
		r->changed_us = at_us;
		distrust(t, tr);
	}
}

/* A report from before a new gen may count other timestamps than the new ones. */
static void forget_other_clock(struct track *tr, const struct rec_frame *f)
{
	struct report *r = f->layer < CARDEA_LAYERS ? &tr->reports[f->layer] : NULL;
	if (r && r->is_known &&
		distance(ticks_us(tr, (int32_t)((uint32_t)f->ts - r->ts)), f->at_us - r->at_us) >
			EXTRA_MAX_US)
		r->is_known = false;
}

/* By how much ts 0 of the run of pictures is later than that of sound, by the last reports. When
 * one of two clocks seems to have been set, the other may be the same: then its next report is
 * waited for.
 * @param ts of a picture of now. @return false: they do not say */
static bool later_by_reports(
	const struct track *tr, const struct track *sound, int64_t ts, int64_t *us)
{
	const struct report *v = &tr->reports[tr->layer % CARDEA_LAYERS];
	const struct report *a = &sound->reports[sound->layer % CARDEA_LAYERS];
	int64_t sound_ticks;
	if (!v->is_known || !a->is_known || v->at_us < a->changed_us || a->at_us < v->changed_us)
		return false;
	sound_ticks = sound->last_ts - sound->ts0 + (int32_t)(a->ts - (uint32_t)sound->last_ts);
	*us = ticks_us(sound, sound_ticks) + ntp_us((int64_t)(v->ntp - a->ntp)) +
	      ticks_us(tr, (int32_t)((uint32_t)ts - v->ts)) - ticks_us(tr, ts - tr->ts0);
	return true;
}

/* @return false: reports say nothing, or nothing that could be */
static bool base_by_reports(
	struct track *tr, const struct track *sound, const struct rec_frame *f, int64_t *base_us)
{
	if (!later_by_reports(tr, sound, f->ts, base_us))
		return false;
	*base_us += sound->base_us;
	if (!tr->is_trusted)
		tr->is_trusted =
			distance(quickest_of(&tr->raw) - *base_us, sound->lag_us) <= EXTRA_MAX_US;
	return tr->is_trusted;
}

static void follow(struct timeline *t, struct track *tr, const struct rec_frame *f)
{
	const struct track *sound = master(t);
	int64_t raw_us = quickest_of(&tr->raw), base_us;
	bool comes = sound && f->at_us - sound->last_at_us < QUICKEST_US;
	if (!sound)
		return;
	if (base_by_reports(tr, sound, f, &base_us)) {
		tr->base_us = base_us;
		if (comes)
			tr->extra_us = raw_us - base_us - sound->lag_us;
	} else if (comes) {
		tr->base_us = raw_us - sound->lag_us - tr->extra_us;
	}
}

/* ---- runs ---- */

/* The track whose lag is the freshest; NULL: there is none. */
static const struct track *freshest(const struct timeline *t)
{
	const struct track *best = NULL;
	for (unsigned i = 0; i < TIMELINE_TRACKS; i++) {
		const struct track *tr = &t->tracks[i];
		if (tr->has_lag && (!best || tr->last_at_us > best->last_at_us))
			best = tr;
	}
	return best;
}

static int64_t lag_at(const struct timeline *t, const struct track *tr, int64_t at_us)
{
	const struct track *other = freshest(t);
	if (!other)
		return at_us; /* the first of all is at 0 */
	if (tr->has_lag && at_us - tr->last_at_us < FRESH_US)
		return tr->lag_us;
	return other->lag_us - other->extra_us + tr->extra_us;
}

/* Sound that joins pictures begins where they are by reports, so that they need not move. */
static void join(const struct timeline *t, struct track *sound, int64_t at_us)
{
	int64_t later_us, base_us;
	for (unsigned i = 0; i < TIMELINE_TRACKS; i++) {
		const struct track *tr = &t->tracks[i];
		if (tr->is_audio || !tr->runs || at_us - tr->last_at_us > QUICKEST_US ||
			!later_by_reports(tr, sound, tr->last_ts, &later_us))
			continue;
		base_us = tr->base_us - later_us;
		if (distance(at_us - base_us, tr->lag_us) <= EXTRA_MAX_US)
			sound->base_us = base_us;
	}
}

static void run(struct timeline *t, struct track *tr, const struct rec_frame *f)
{
	forget_other_clock(tr, f);
	tr->runs = true;
	tr->gen = f->gen;
	tr->layer = f->layer;
	tr->ts0 = tr->last_ts = f->ts;
	tr->base_us = f->at_us - lag_at(t, tr, f->at_us);
	tr->raw = (struct quickest){ f->at_us, f->at_us, f->at_us };
	tr->resumes = false;
	if (tr->is_audio)
		join(t, tr, f->at_us);
	if (tr->is_audio && tr->has_place && tr->base_us < tr->last_us + tr->step_us)
		tr->base_us = tr->last_us + tr->step_us;
	distrust(t, tr);
}

/* Did its timestamps not count on while nothing came, or were set? */
static bool has_jumped(const struct track *tr, const struct rec_frame *f)
{
	int64_t late_us = f->at_us - tr->base_us - ticks_us(tr, f->ts - tr->ts0) - tr->lag_us;
	return distance(late_us, 0) > JUMP_US ||
	       (late_us > SILENCE_US && f->at_us - tr->last_at_us > SILENCE_US);
}

/* Sound goes on where it was when it was paused, to the sample. */
static void resume_sound(struct track *tr, int64_t us)
{
	int64_t next_us = tr->last_us + tr->step_us;
	if (us < next_us || us - next_us < CONTIGUOUS_US)
		tr->base_us += next_us - us;
	tr->resumes = false;
}

void timeline_pause(struct timeline *t, int64_t now_us)
{
	if (t->is_paused)
		return;
	t->is_paused = true;
	t->paused_us = now_us;
}

void timeline_resume(struct timeline *t, int64_t now_us)
{
	int64_t passed_us = now_us - t->paused_us;
	if (!t->is_paused)
		return;
	t->is_paused = false;
	for (unsigned i = 0; i < TIMELINE_TRACKS; i++) {
		struct track *tr = &t->tracks[i];
		tr->base_us -= passed_us;
		tr->lag_us += passed_us;
		tr->resumes = tr->is_audio && tr->has_place;
	}
}

/* ---- places ---- */

int64_t timeline_at(const struct timeline *t, int64_t at_us)
{
	const struct track *tr = freshest(t);
	int64_t us;
	if (!tr)
		return 0;
	us = (t->is_paused && at_us > t->paused_us ? t->paused_us : at_us) - tr->lag_us +
	     tr->extra_us;
	return us > 0 ? us : 0;
}

static int64_t rising(struct track *tr, int64_t us)
{
	if (us < tr->floor_us)
		us = tr->floor_us;
	if (tr->has_place && us < tr->last_us + STEP_US)
		us = tr->last_us + STEP_US;
	if (tr->has_place)
		tr->step_us = us - tr->last_us;
	tr->has_place = true;
	tr->last_us = us;
	return us;
}

int64_t timeline_place(struct timeline *t, unsigned track, const struct rec_frame *f)
{
	struct track *tr = &t->tracks[track % TIMELINE_TRACKS];
	int64_t since_us;
	if (!tr->clock_hz)
		return 0;
	if (t->is_paused && f->at_us >= t->paused_us) {
		int64_t us = timeline_at(t, t->paused_us);
		us = tr->has_place && us < tr->last_us ? tr->last_us : us;
		tr->floor_us = us > tr->floor_us ? us : tr->floor_us;
		return tr->floor_us;
	}
	if (!tr->runs || f->gen != tr->gen || f->layer != tr->layer || has_jumped(tr, f))
		run(t, tr, f);
	since_us = ticks_us(tr, f->ts - tr->ts0);
	quickest_add(&tr->raw, f->at_us - since_us, f->at_us);
	if (!tr->is_audio)
		follow(t, tr, f);
	else if (tr->resumes)
		resume_sound(tr, tr->base_us + since_us);
	tr->last_ts = f->ts;
	tr->last_at_us = f->at_us;
	tr->lag_us = quickest_of(&tr->raw) - tr->base_us;
	tr->has_lag = true;
	return rising(tr, tr->base_us + since_us);
}
