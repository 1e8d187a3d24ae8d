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

/* A reason in the making: of an m-line, or of all (WHY_OF_PEER). */
struct finding {
	const struct peerconn *pc; /* NULL: there is none any more */
	unsigned mindex;
	bool sends;
	struct why why;
	const char *closed; /* why it was */
};

/* ---- where reasons come from ---- */

static struct why last_told(const struct peerconn *pc, unsigned mindex, bool sends)
{
	unsigned i = mindex == WHY_OF_PEER ? 0 : 1 + 2 * mindex + sends;
	return i < pc->n_reported ? pc->reported[i] : (struct why){ 0 };
}

static const struct track_stats *stats_of(const struct peer_report *r, unsigned mindex)
{
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

static char *text_of(const struct finding *f, const struct reason *row)
{
	return reason_text(row, &(struct reason_values){ .why = &f->why,
					.kind = kind_of(f),
					.reason = f->closed,
					.worker = f->pc ? f->pc->worker : 0,
					.now_us = clock_now_us() });
}

/* @return NULL: all is well; new reference */
static json_t *print(const struct finding *f)
{
	const struct reason *row = reason_of(f->why.code);
	char index[12];
	if (!row)
		return NULL;
	json_t *o = json_object();
	g_autofree char *text = text_of(f, row);
	if (f->pc && f->mindex != WHY_OF_PEER) {
		set(o, "mindex", f->mindex);
		set_text(o, "mid", mid_of(f, index));
		set_text(o, "kind", kind_of(f));
		set_text(o, "direction", direction_of(f));
	}
	set_text(o, "code", row->code);
	set_text(o, "text", text);
	set_text(o, "todo", row->todo);
	set(o, "since_ms", (clock_now_us() - f->why.since_us) / US_PER_MS);
	return o;
}

/* @param list NULL: make one. @param well NULL: not asked for. */
static void add(json_t **list, const struct finding *f, bool *well)
{
	const struct reason *row = reason_of(f->why.code);
	if (!row)
		return;
	if (!*list)
		*list = json_array();
	if (json_array_size(*list) < EXPLAIN_MOST) /* a text costs more than finding it */
		json_array_append_new(*list, print(f));
	if (well && !row->is_meant)
		*well = false;
}

static void add_line(json_t **list, const struct peerconn *pc, unsigned mindex,
	const struct peer_report *r, bool *well)
{
	unsigned kind = pc->neg.tracks[mindex].kind;
	if (kind != CARDEA_AUDIO && kind != CARDEA_VIDEO)
		return;
	for (unsigned sends = 0; sends < 2; sends++) {
		struct finding f = { .pc = pc, .mindex = mindex, .sends = sends };
		find(&f, r);
		add(list, &f, well);
	}
}

static bool add_connection(
	json_t **list, const struct peerconn *pc, const struct peer_report *r, bool *well)
{
	struct finding f = { .pc = pc, .mindex = WHY_OF_PEER };
	find(&f, r);
	add(list, &f, well);
	return f.why.code == WHY_WELL;
}

/* ---- what is asked ---- */

json_t *explain_connection(const struct peerconn *pc, const struct peer_report *r)
{
	json_t *list = NULL;
	add_connection(&list, pc, r, NULL);
	return list;
}

json_t *explain_line(const struct peerconn *pc, unsigned mindex, const struct peer_report *r)
{
	json_t *list = NULL;
	add_line(&list, pc, mindex, r, NULL);
	return list;
}

static void add_end(json_t **list, const struct cardea_handle *h, bool *well)
{
	const struct finding f = { .mindex = WHY_OF_PEER,
		.why = { .code = h->was_lost ? REASON_LOST : REASON_CLOSED,
			.since_us = h->closed_us },
		.closed = h->closed };
	if (h->closed)
		add(list, &f, well);
}

static void add_silence(json_t **list, const struct peerconn *pc, bool *well)
{
	const struct finding f = { .pc = pc,
		.mindex = WHY_OF_PEER,
		.why = { .code = REASON_WORKER_SILENT, .since_us = clock_now_us() } };
	add(list, &f, well);
}

json_t *explain_handle(
	const struct cardea_handle *h, const struct peer_report *r, bool was_asked, bool *well)
{
	const struct peerconn *pc = h->pc;
	json_t *list = json_array();
	*well = true;
	if (pc && pc->peer && was_asked && !r)
		add_silence(&list, pc, well);
	if (!pc)
		add_end(&list, h, well);
	/* As long as it is not up, its m-lines have nothing to add. */
	else if (add_connection(&list, pc, r, well) || pc->up)
		for (unsigned i = 0; i < pc->neg.n_tracks; i++)
			add_line(&list, pc, i, r, well);
	return list;
}

/* ---- what lasts ---- */

static struct why *place(struct peerconn *pc, unsigned mindex, bool sends)
{
	unsigned n = 1 + 2 * pc->neg.n_tracks;
	unsigned i = mindex == WHY_OF_PEER ? 0 : 1 + 2 * mindex + sends;
	if (i >= n)
		return NULL;
	if (n > pc->n_reported) {
		pc->reported = g_renew(struct why, pc->reported, n);
		memset(pc->reported + pc->n_reported, 0,
			(n - pc->n_reported) * sizeof *pc->reported);
		pc->n_reported = n;
	}
	return &pc->reported[i];
}

static void log_begin(const struct finding *f, const struct reason *row)
{
	char index[12];
	g_autofree char *text = text_of(f, row);
	if (f->mindex == WHY_OF_PEER)
		log_info("explain", f->pc->handle->id, "no connection", "code=%s text=%s",
			row->code, LOG_QUOTED(text));
	else
		log_info("explain", f->pc->handle->id, "no media",
			"code=%s mid=%s kind=%s direction=%s text=%s", row->code, mid_of(f, index),
			kind_of(f), direction_of(f), LOG_QUOTED(text));
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
	struct why *kept = place(pc, r->why.mindex, r->why.sends);
	if (!kept)
		return;
	struct finding before = {
		.pc = pc, .mindex = r->why.mindex, .sends = r->why.sends, .why = *kept
	};
	struct finding now = before;
	find(&before, NULL);
	*kept = r->why.why;
	find(&now, NULL);
	const struct reason *row = reason_of(now.why.code), *old = reason_of(before.why.code);
	if (row)
		log_begin(&now, row);
	else if (old)
		log_end(&before, old);
}
