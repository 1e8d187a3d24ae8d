/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../rtc/rtc.h"
#include "explain.h"
#include "handle.h"
#include "handleinfo_part.h"
#include "reasons.h"

#define LINES_BURST  4 /* in the log, of one handle: a call has two tracks, in two directions … */
#define LINE_EACH_US (5 * US_PER_S) /* … and then one */

/* A reason in the making: of an m-line, or of all (WHY_OF_PEER). */
struct finding {
	const struct peerconn *pc; /* NULL: there is none any more */
	unsigned mindex;
	bool sends;
	struct why why;
	const char *closed;               /* why it was … */
	const struct cardea_handle *lost; /* … and whose it was, if nobody wanted that; or NULL */
};

/* What is said of a handle, and to whom. */
struct account {
	json_t *list; /* NULL: there is nothing yet */
	unsigned most;
	bool to_visitor, is_well;
};

/* ---- where reasons come from ---- */

static struct why last_told(const struct peerconn *pc, unsigned mindex, bool sends)
{
	unsigned i = mindex == WHY_OF_PEER ? 0 : 1 + 2 * mindex + sends;
	return i < pc->n_reported ? pc->reported[i].why : (struct why){ 0 };
}

static const struct track_stats *stats_of(const struct peer_report *r, unsigned mindex)
{
	if (mindex < r->n_tracks && r->tracks[mindex].mindex == mindex)
		return &r->tracks[mindex]; /* so it is unless there are data channels */
	for (unsigned i = 0; i < r->n_tracks; i++)
		if (r->tracks[i].mindex == mindex)
			return &r->tracks[i];
	return NULL;
}

static struct why told(
	const struct peerconn *pc, unsigned mindex, bool sends, const struct peer_report *r)
{
	if (!r)
		return last_told(pc, mindex, sends);
	if (mindex == WHY_OF_PEER)
		return r->stats.why;
	const struct track_stats *s = stats_of(r, mindex);
	if (!s)
		return (struct why){ 0 };
	return sends ? s->why_out : s->why_in;
}

/* It has said that there are no more candidates, and had none. Who says nothing of them need not:
 * its checks name its address. */
static bool has_no_candidates(const struct peerconn *pc)
{
	bool has_any = (pc->trickled && pc->trickled->len) ||
		       (pc->remote_sdp && strstr(pc->remote_sdp, "a=candidate:"));
	bool has_all = pc->all_trickled ||
		       (pc->remote_sdp && strstr(pc->remote_sdp, "a=end-of-candidates"));
	return has_all && !has_any;
}

/* What its worker does not see: how far descriptions are. */
static void find_connection(struct finding *f, const struct peer_report *r)
{
	const struct peerconn *pc = f->pc;
	if (pc->offer && !pc->agreed)
		f->why =
			(struct why){ .code = REASON_OFFER_UNANSWERED, .since_us = pc->created_us };
	else if (pc->peer && !pc->agreed)
		f->why = (struct why){ .code = WHY_NO_DESCRIPTION, .since_us = pc->opened_us };
	else if (pc->peer)
		f->why = told(pc, WHY_OF_PEER, false, r);
	if (f->why.code == WHY_ICE_UNHEARD && has_no_candidates(pc))
		f->why.code = REASON_NO_CANDIDATES;
}

/* What a mirror does not know of a source on another worker. */
static void look_at_source(struct finding *f, const struct wanted *w)
{
	const struct peerconn *from = peerconn_find(w->from_peer);
	unsigned mindex = w->route.from_mindex;
	if (f->why.code != WHY_SOURCE_EMPTY && f->why.code != WHY_SOURCE_STALLED)
		return;
	if (from && mindex < from->n_lines && from->wanted[mindex].muted)
		f->why.code = WHY_MUTED;
	else if (from && !from->up)
		f->why.code = WHY_SOURCE_NOT_UP;
}

/* It has a source, but is not to be sent; its worker may not know it at all. */
static bool is_undescribed(const struct peerconn *pc, unsigned mindex)
{
	return mindex < pc->n_lines && pc->wanted[mindex].from_peer && !pc->neg.pending &&
	       !(pc->neg.tracks[mindex].dir & CARDEA_SEND);
}

static void find_line(struct finding *f, const struct peer_report *r)
{
	const struct peerconn *pc = f->pc;
	f->why = told(pc, f->mindex, f->sends, r);
	if (f->why.code == WHY_NOT_UP)
		f->why.code = WHY_WELL; /* the connection tells more */
	if (f->sends && f->mindex < pc->n_lines)
		look_at_source(f, &pc->wanted[f->mindex]);
	if (f->sends && !f->why.code && is_undescribed(pc, f->mindex))
		f->why = (struct why){ .code = WHY_NOT_DESCRIBED, .since_us = clock_now_us() };
}

static void find(struct finding *f, const struct peer_report *r)
{
	if (f->mindex == WHY_OF_PEER)
		find_connection(f, r);
	else
		find_line(f, r);
}

/* ---- in words ---- */

static const char *kind_of(const struct finding *f)
{
	if (!f->pc || f->mindex == WHY_OF_PEER)
		return NULL;
	return f->pc->neg.tracks[f->mindex].kind == CARDEA_VIDEO ? "video" : "audio";
}

static const char *mid_of(const struct finding *f, char index[12])
{
	snprintf(index, 12, "%u", f->mindex);
	return f->pc->neg.tracks[f->mindex].mid[0] ? f->pc->neg.tracks[f->mindex].mid : index;
}

static const char *direction_of(const struct finding *f)
{
	return f->sends ? "send" : "recv";
}

/* What was wrong when it was lost; NULL: nothing is known. */
static char *text_before(const struct cardea_handle *h)
{
	const struct reason *row = reason_of(h->lost.why.code);
	return row ? reason_text(row->text, &(struct reason_values){ .why = &h->lost.why,
						    .worker = h->lost.worker,
						    .now_us = h->closed_us })
		   : NULL;
}

static char *sentence(const struct finding *f, const char *template)
{
	g_autofree char *before = f->lost ? text_before(f->lost) : NULL;
	return reason_text(template, &(struct reason_values){ .why = &f->why,
					     .kind = kind_of(f),
					     .sends = f->sends,
					     .reason = f->closed,
					     .before = before,
					     .worker = f->pc ? f->pc->worker : 0,
					     .now_us = clock_now_us() });
}

static void set_sentence(json_t *o, const char *name, const struct finding *f, const char *template)
{
	g_autofree char *text = sentence(f, template);
	set_text(o, name, text);
}

/* @return new reference */
static json_t *print(const struct finding *f, const struct reason *row, bool to_visitor)
{
	const struct reason *before = f->lost ? reason_of(f->lost->lost.why.code) : NULL;
	char index[12];
	json_t *o = json_object();
	if (f->pc && f->mindex != WHY_OF_PEER) {
		set(o, "mindex", f->mindex);
		set_text(o, "mid", mid_of(f, index));
		set_text(o, "kind", kind_of(f));
		set_text(o, "direction", direction_of(f));
	}
	set_text(o, "code", row->code);
	if (before)
		set_text(o, "before", before->code);
	if (to_visitor)
		set_sentence(o, "visitor", f, row->visitor);
	set_sentence(o, "text", f, row->text);
	set_text(o, "todo", row->todo);
	set(o, "since_ms", (clock_now_us() - f->why.since_us) / US_PER_MS);
	return o;
}

static void add(struct account *a, const struct finding *f)
{
	const struct reason *row = reason_of(f->why.code);
	if (!row)
		return;
	if (!a->list && a->most)
		a->list = json_array();
	if (json_array_size(a->list) < a->most) /* a text costs more than finding it */
		json_array_append_new(a->list, print(f, row, a->to_visitor));
	if (!row->is_meant)
		a->is_well = false;
}

static void add_line(
	struct account *a, const struct peerconn *pc, unsigned mindex, const struct peer_report *r)
{
	unsigned kind = pc->neg.tracks[mindex].kind;
	if (kind != CARDEA_AUDIO && kind != CARDEA_VIDEO)
		return;
	for (unsigned sends = 0; sends < 2; sends++) {
		struct finding f = { .pc = pc, .mindex = mindex, .sends = sends };
		find(&f, r);
		add(a, &f);
	}
}

static bool add_connection(
	struct account *a, const struct peerconn *pc, const struct peer_report *r)
{
	struct finding f = { .pc = pc, .mindex = WHY_OF_PEER };
	find(&f, r);
	add(a, &f);
	return f.why.code == WHY_WELL;
}

/* ---- what is asked ---- */

json_t *explain_connection(const struct peerconn *pc, const struct peer_report *r)
{
	struct account a = { .most = EXPLAIN_MOST };
	add_connection(&a, pc, r);
	return a.list;
}

json_t *explain_line(const struct peerconn *pc, unsigned mindex, const struct peer_report *r)
{
	struct account a = { .most = EXPLAIN_MOST };
	add_line(&a, pc, mindex, r);
	return a.list;
}

static void add_end(struct account *a, const struct cardea_handle *h)
{
	const struct finding f = { .mindex = WHY_OF_PEER,
		.why = { .code = h->was_lost ? REASON_LOST : REASON_CLOSED,
			.since_us = h->closed_us },
		.closed = h->closed,
		.lost = h->was_lost ? h : NULL };
	if (h->closed)
		add(a, &f);
}

static void add_silence(struct account *a, const struct peerconn *pc)
{
	const struct finding f = { .pc = pc,
		.mindex = WHY_OF_PEER,
		.why = { .code = REASON_WORKER_SILENT, .since_us = clock_now_us() } };
	add(a, &f);
}

static void add_handle(struct account *a, const struct cardea_handle *h,
	const struct peer_report *r, bool was_asked)
{
	const struct peerconn *pc = h->pc;
	if (pc && pc->peer && was_asked && !r)
		add_silence(a, pc);
	if (!pc)
		add_end(a, h);
	/* As long as it is not up, its m-lines have nothing to add. */
	else if (add_connection(a, pc, r) || pc->up)
		for (unsigned i = 0; i < pc->neg.n_tracks; i++)
			add_line(a, pc, i, r);
}

json_t *explain_handle(const struct cardea_handle *h, const struct peer_report *r,
	enum explain_to to, bool was_asked, bool *well)
{
	struct account a = { .list = json_array(),
		.most = EXPLAIN_MOST,
		.to_visitor = to == EXPLAIN_TO_VISITOR,
		.is_well = true };
	add_handle(&a, h, r, was_asked);
	*well = a.is_well;
	return a.list;
}

json_t *explain_unwell(const struct cardea_handle *h, unsigned most, bool *well)
{
	struct account a = { .most = most, .is_well = true };
	add_handle(&a, h, NULL, false);
	*well = a.is_well;
	return a.list;
}

/* ---- what lasts ---- */

static struct reported *place(struct peerconn *pc, unsigned mindex, bool sends)
{
	unsigned n = 1 + 2 * pc->neg.n_tracks;
	unsigned i = mindex == WHY_OF_PEER ? 0 : 1 + 2 * mindex + sends;
	if (i >= n)
		return NULL;
	if (n > pc->n_reported) {
		pc->reported = g_renew(struct reported, pc->reported, n);
		memset(pc->reported + pc->n_reported, 0,
			(n - pc->n_reported) * sizeof *pc->reported);
		pc->n_reported = n;
	}
	return &pc->reported[i];
}

/* What clients cause at will has lines in the log, and those of one handle are no more than it
 * takes: all handles share what the log has for a kind of line (base/log_rate.h). */
static bool may_log(struct cardea_handle *h)
{
	int64_t now_us = clock_now_us();
	int64_t from_us = h->lines.due_us > now_us ? h->lines.due_us : now_us;
	if (from_us - now_us > (LINES_BURST - 1) * LINE_EACH_US) {
		h->lines.left_out++;
		return false;
	}
	h->lines.due_us = from_us + LINE_EACH_US;
	return true;
}

/* " left_out=3": reasons of the handle that had no line; nothing where all had. */
static const char *left_out(struct cardea_handle *h, char text[32])
{
	text[0] = 0;
	if (h->lines.left_out)
		snprintf(text, 32, " left_out=%u", h->lines.left_out);
	h->lines.left_out = 0;
	return text;
}

static void log_begin(const struct finding *f, const struct reason *row)
{
	char index[12], more[32];
	g_autofree char *text = sentence(f, row->text);
	left_out(f->pc->handle, more);
	if (f->mindex == WHY_OF_PEER)
		log_info("explain", f->pc->handle->id, "no connection", "code=%s text=%s%s",
			row->code, LOG_QUOTED(text), more);
	else
		log_info("explain", f->pc->handle->id, "no media",
			"code=%s mid=%s kind=%s direction=%s text=%s%s", row->code,
			mid_of(f, index), kind_of(f), direction_of(f), LOG_QUOTED(text), more);
}

static void log_end(const struct finding *f, const struct reason *row)
{
	char index[12];
	int lasted_s = (int)((clock_now_us() - f->why.since_us) / US_PER_S);
	if (f->mindex == WHY_OF_PEER)
		log_info("explain", f->pc->handle->id, "connection is well", "code=%s lasted_s=%d",
			row->code, lasted_s);
	else
		log_info("explain", f->pc->handle->id, "media is well",
			"code=%s mid=%s kind=%s direction=%s lasted_s=%d", row->code,
			mid_of(f, index), kind_of(f), direction_of(f), lasted_s);
}

void explain_report(struct peerconn *pc, const struct report *r)
{
	struct reported *kept = place(pc, r->why.mindex, r->why.sends);
	if (!kept)
		return;
	struct finding before = {
		.pc = pc, .mindex = r->why.mindex, .sends = r->why.sends, .why = kept->why
	};
	struct finding now = before;
	find(&before, NULL);
	kept->why = r->why.why;
	find(&now, NULL);
	const struct reason *row = reason_of(now.why.code), *old = reason_of(before.why.code);
	if (row && (kept->is_logged = may_log(pc->handle)))
		log_begin(&now, row);
	else if (!row && old && kept->is_logged)
		log_end(&before, old);
}

/* The connection's own, or that nothing is heard of the client any more: it fails by that. */
void explain_lost(struct cardea_handle *h)
{
	const struct peerconn *pc = h->pc;
	struct finding f = { .pc = pc, .mindex = WHY_OF_PEER };
	find(&f, NULL);
	for (unsigned i = 1; i < pc->n_reported && f.why.code == WHY_WELL; i++)
		if (pc->reported[i].why.code == WHY_PEER_SILENT)
			f.why = pc->reported[i].why;
	h->was_lost = true;
	h->lost.why = f.why;
	h->lost.worker = pc->worker;
}
