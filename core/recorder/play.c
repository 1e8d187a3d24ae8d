/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../rtp/rtp.h"
#include "packetize.h"
#include "play_again.h"
#include "play_numbers.h"
#include "play_outbox.h"

#define REPORT_US      US_PER_S
#define LATE_US        500000 /* who stood still so long goes on from there, and does not run */
#define AGAIN_TIMES    8      /* as fast as it plays … */
#define AGAIN_LEAST    500000 /* … bytes a second, at least, and at most */
#define AGAIN_MOST     2500000
#define AGAIN_ASKED_US 300000 /* what is asked so soon is asked by those who are being served */

struct play {
	uint64_t id;
	struct play_input *in;
	const struct play_ops *ops;
	void *arg;
	bool has_started, is_paused, at_end, has_told_end, has_failed;
	bool is_landing; /* where it was sought to is not reached yet */
	double rate;
	int64_t began_us; /* 0 of its clock */
	int64_t wall_off_us;
	int64_t anchor_us, media_us; /* one instant on both */
	struct play_unit *unit;      /* the next that is due, the input's; NULL: not read yet */
	int64_t reported_us, told_us;
	struct play_numbers numbers[PLAY_TRACKS];
	struct play_outbox outbox; /* pictures */
	struct play_again again;
	int64_t again_us, again_began_us; /* when its next is due */
	bool again_wanted;                /* when it is through, once more */
};

/* ---- clocks ---- */

static int64_t due_us(const struct play *p, const struct play_unit *u)
{
	return p->anchor_us + (int64_t)((double)(u->us - p->media_us) / p->rate);
}

static int64_t position_us(const struct play *p, int64_t now_us)
{
	int64_t us = p->media_us;
	if (p->has_started && !p->is_paused && !p->at_end)
		us += (int64_t)((double)(now_us - p->anchor_us) * p->rate);
	return p->in->duration_us && us > p->in->duration_us ? p->in->duration_us : us;
}

static void anchor(struct play *p, int64_t media_us, int64_t now_us)
{
	p->media_us = media_us;
	p->anchor_us = now_us;
}

/* ---- what is told ---- */

static void tell_position(struct play *p, bool is_seek, int64_t now_us)
{
	struct play_rep r = { .type = PLAY_REP_POSITION,
		.position = { position_us(p, now_us), is_seek } };
	p->told_us = now_us;
	p->ops->tell(p->arg, &r, NULL, 0);
}

static void say(struct play *p, struct source_record *rec, const void *bytes, size_t len)
{
	const struct iovec parts[] = { { rec, sizeof *rec }, { (void *)(uintptr_t)bytes, len } };
	rec->source = p->id;
	p->ops->push(p->arg, parts, len ? 2 : 1);
}

static void report(struct play *p, int64_t now_us)
{
	p->reported_us = now_us;
	for (unsigned i = 0; i < p->in->n_tracks; i++) {
		struct source_record rec = { .type = SOURCE_REPORT,
			.report = { clock_ntp(p->wall_off_us + now_us),
				play_numbers_ts(&p->numbers[i], now_us - p->began_us),
				(uint16_t)i } };
		if (p->in->tracks[i].kind != CARDEA_DATA)
			say(p, &rec, NULL, 0);
	}
}

static void say_paused(struct play *p, bool on)
{
	struct source_record rec = { .type = SOURCE_PAUSED, .paused = { on } };
	say(p, &rec, NULL, 0);
}

static void fail(struct play *p, const char *why)
{
	struct play_rep r = { .type = PLAY_REP_FAILED };
	p->has_failed = true;
	p->unit = NULL;
	snprintf(r.text, sizeof r.text, "%s", why);
	p->ops->tell(p->arg, &r, NULL, 0);
}

/* ---- units ---- */

static uint32_t sound_ticks(const struct play_track *t, const struct play_unit *u)
{
	const struct source_packet *k = play_unit_next(u, NULL);
	size_t header = k ? rtp_header_len(source_rtp(k), k->len) : 0;
	if (!header || (source_rtp(k)[1] & 127) != t->pt)
		return 0; /* redundant audio says how long it is in each of its blocks */
	return packetize_ticks(t->codec, source_rtp(k) + header, k->len - header);
}

static void mark(struct play_unit *u, enum pkt_again again)
{
	for (struct source_packet *k = NULL; (k = play_unit_next(u, k));) {
		k->mindex = u->track;
		k->again = (uint8_t)again;
	}
}

static void send_sound(struct play *p, struct play_unit *u, int64_t at_us)
{
	struct source_record rec = { .type = SOURCE_PACKETS, .n = u->n };
	if (p->rate < 1 || p->rate > 1)
		return;
	mark(u, PKT_NEW);
	play_numbers_fill(&p->numbers[u->track], u, at_us - p->began_us,
		sound_ticks(&p->in->tracks[u->track], u));
	say(p, &rec, u->bytes, u->len);
}

static void send_picture(struct play *p, struct play_unit *u, enum pkt_again again, int64_t at_us)
{
	mark(u, again);
	play_numbers_fill(&p->numbers[u->track], u, at_us - p->began_us, 0);
	if (again == PKT_NEW)
		play_again_keep(&p->again, u);
	if (!play_outbox_add(&p->outbox, u))
		fail(p, "There is no memory left.");
}

static void send_unit(struct play *p, struct play_unit *u, int64_t at_us)
{
	struct play_rep r = { .type = PLAY_REP_DATA, .data = { u->is_binary } };
	switch ((enum cardea_kind)p->in->tracks[u->track].kind) {
	case CARDEA_AUDIO:
		send_sound(p, u, at_us);
		break;
	case CARDEA_VIDEO:
		send_picture(p, u, PKT_NEW, at_us);
		break;
	default:
		r.len = (uint32_t)u->len;
		p->ops->tell(p->arg, &r, u->bytes, u->len + 1); /* and a NUL */
		break;
	}
}

/* @return false: the end, or it has failed, or it reads on in another turn */
static bool read_unit(struct play *p)
{
	char why[PLAY_TEXT] = "";
	enum err e = p->in->ops->read(p->in, &p->unit, why, sizeof why);
	if (!e)
		return true;
	p->unit = NULL;
	if (e == ERR_AGAIN)
		return false;
	p->at_end = true;
	if (e != ERR_NOT_FOUND)
		fail(p, why);
	return false;
}

static void advance(struct play *p, int64_t now_us)
{
	while (!play_outbox_is_full(&p->outbox) && !p->has_failed) {
		int64_t at_us;
		if (!p->unit && !read_unit(p))
			return;
		if ((at_us = due_us(p, p->unit)) > now_us)
			return;
		if (now_us - at_us > LATE_US) {
			anchor(p, p->unit->us, now_us);
			at_us = now_us;
		}
		send_unit(p, p->unit, at_us);
		p->unit = NULL;
	}
}

static void end_if_over(struct play *p)
{
	struct play_rep r = { .type = PLAY_REP_END };
	if (!p->at_end || p->has_told_end || p->has_failed || !play_outbox_is_empty(&p->outbox))
		return;
	p->has_told_end = true;
	p->media_us = p->in->duration_us;
	say_paused(p, true);
	p->ops->tell(p->arg, &r, NULL, 0);
}

/* ---- again ---- */

static void begin_again(struct play *p, int64_t now_us)
{
	p->again_wanted = false;
	if (play_again_begin(&p->again))
		p->again_us = p->again_began_us = now_us;
}

static int64_t again_takes_us(const struct play *p, const struct play_unit *u)
{
	uint64_t rate = AGAIN_TIMES * play_again_rate(&p->again);
	if (rate < AGAIN_LEAST)
		rate = AGAIN_LEAST;
	if (rate > AGAIN_MOST)
		rate = AGAIN_MOST;
	return (int64_t)(u->len * US_PER_S / rate);
}

static void send_again(struct play *p, int64_t now_us)
{
	while (p->again.next && p->again_us <= now_us && !play_outbox_is_full(&p->outbox)) {
		bool last;
		struct play_unit *u = play_again_take(&p->again, &last);
		p->again_us += again_takes_us(p, u);
		send_picture(p, u, last ? PKT_AGAIN_LAST : PKT_AGAIN, now_us);
		if (last && p->again_wanted)
			begin_again(p, now_us);
	}
}

void play_wish(struct play *p, int64_t now_us)
{
	if (!p->again.next)
		begin_again(p, now_us);
	else if (now_us - p->again_began_us > AGAIN_ASKED_US)
		p->again_wanted = true;
}

/* ---- life ---- */

struct play *play_new(uint64_t id, struct play_input *in, const struct play_ops *ops, void *arg)
{
	struct play *p = calloc(1, sizeof *p);
	if (!p) {
		in->ops->close(in);
		return NULL;
	}
	p->id = id;
	p->in = in;
	p->ops = ops;
	p->arg = arg;
	p->rate = 1;
	play_again_init(&p->again);
	for (unsigned i = 0; i < in->n_tracks; i++)
		play_numbers_init(&p->numbers[i], in->tracks[i].kind, in->tracks[i].codec,
			in->tracks[i].clock_hz);
	return p;
}

void play_free(struct play *p)
{
	if (!p)
		return;
	p->in->ops->close(p->in);
	play_again_free(&p->again);
	play_outbox_clear(&p->outbox);
	free(p);
}

/* ---- what is wanted of it ---- */

void play_start(struct play *p, int64_t now_us)
{
	if (p->has_started)
		return;
	p->has_started = true;
	p->began_us = now_us;
	p->wall_off_us = clock_wall_us() - now_us;
	anchor(p, p->media_us, now_us);
	say_paused(p, p->is_paused);
	report(p, now_us);
	tell_position(p, false, now_us);
}

void play_pause(struct play *p, bool on, int64_t now_us)
{
	if (p->is_paused == on)
		return;
	anchor(p, position_us(p, now_us), now_us);
	p->is_paused = on;
	if (!p->has_started)
		return;
	say_paused(p, on);
	tell_position(p, false, now_us);
}

void play_rate(struct play *p, double rate, int64_t now_us)
{
	anchor(p, position_us(p, now_us), now_us);
	if (!(rate >= PLAY_RATE_MIN))
		rate = PLAY_RATE_MIN;
	p->rate = rate > PLAY_RATE_MAX ? PLAY_RATE_MAX : rate;
}

static bool has_video(const struct play *p)
{
	for (unsigned i = 0; i < p->in->n_tracks; i++)
		if (p->in->tracks[i].kind == CARDEA_VIDEO)
			return true;
	return false;
}

static bool is_keyframe(const struct play *p)
{
	return p->in->tracks[p->unit->track].kind == CARDEA_VIDEO && p->unit->is_keyframe;
}

/* A slice is read at most. @return false: a keyframe is still to come */
static bool find_landing(struct play *p)
{
	bool wants_keyframe = has_video(p);
	do {
		if (!read_unit(p))
			return p->at_end;
	} while (wants_keyframe && !is_keyframe(p));
	return true;
}

static void land(struct play *p, int64_t now_us)
{
	if (!find_landing(p) || p->has_failed)
		return;
	p->is_landing = false;
	anchor(p, p->unit ? p->unit->us : p->in->duration_us, now_us);
	tell_position(p, true, now_us);
	if (p->has_started && p->is_paused && p->unit && is_keyframe(p)) {
		send_unit(p, p->unit, now_us);
		p->unit = NULL;
	}
}

void play_seek(struct play *p, int64_t us, int64_t now_us)
{
	if (p->has_failed)
		return;
	if (p->in->ops->seek(p->in, us < 0 ? 0 : us)) {
		fail(p, "The file cannot be read.");
		return;
	}
	play_again_clear(&p->again);
	if (p->has_told_end)
		say_paused(p, p->is_paused);
	p->unit = NULL;
	p->at_end = p->has_told_end = false;
	p->is_landing = true;
	land(p, now_us);
}

/* ---- a turn ---- */

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t leave(struct play *p, int64_t now_us)
{
	struct source_record rec = { .type = SOURCE_PACKETS, .source = p->id };
	struct iovec parts[2] = { { &rec, sizeof rec } };
	while (play_outbox_peek(&p->outbox, now_us, &parts[1], &rec.n)) {
		bool is_taken = p->ops->push(p->arg, parts, 2);
		play_outbox_left(&p->outbox, is_taken, now_us);
	}
	return play_outbox_due_us(&p->outbox);
}

static int64_t play_on(struct play *p, int64_t now_us)
{
	advance(p, now_us);
	if (now_us - p->reported_us >= REPORT_US)
		report(p, now_us);
	if (now_us - p->told_us >= REPORT_US)
		tell_position(p, false, now_us);
	if (p->at_end || play_outbox_is_full(&p->outbox))
		return INT64_MAX; /* the outbox says when */
	if (!p->unit)
		return now_us + PLAY_SLICE_US;
	return lesser(due_us(p, p->unit), p->reported_us + REPORT_US);
}

/* What it has to do but for sending. @return when to do more */
static int64_t go_on(struct play *p, int64_t now_us)
{
	if (p->is_landing)
		land(p, now_us);
	if (p->has_failed)
		return INT64_MAX;
	if (p->is_landing)
		return now_us + PLAY_SLICE_US;
	return p->has_started && !p->is_paused && !p->at_end ? play_on(p, now_us) : INT64_MAX;
}

int64_t play_turn(struct play *p, int64_t now_us)
{
	int64_t next_us;
	if (p->has_failed)
		return INT64_MAX;
	send_again(p, now_us);
	next_us = go_on(p, now_us);
	if (p->has_failed || !p->has_started)
		return next_us;
	next_us = lesser(next_us, leave(p, now_us));
	end_if_over(p);
	if (p->again.next && !play_outbox_is_full(&p->outbox))
		next_us = lesser(next_us, p->again_us);
	return next_us;
}
