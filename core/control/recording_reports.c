/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../recorder/finish.h"
#include "options.h"
#include "record.h"
#include "record_hook.h"
#include "record_post.h"
#include "record_text.h"
#include "recording_reports.h"

static void emit_file(const struct record *r, const struct rec_rep *rep)
{
	struct cardea_record_event e = { .type = CARDEA_RECORD_FILE,
		.path = rep->text,
		.began_us = rep->began_us,
		.duration_us = rep->duration_us,
		.bytes = rep->bytes,
		.kinds = rep->kinds };
	record_emit(r, &e);
}

static void end_if_done(struct record *r)
{
	struct cardea_record_event e = { .type = CARDEA_RECORD_STOPPED,
		.duration_us = r->duration_us,
		.bytes = r->bytes,
		.shed = r->shed };
	if (!r->is_stopped || r->n_unfinished)
		return;
	log_info("recorder", r->conf.handle, "recording ended",
		"file=%s seconds=%.1f bytes=%" PRIu64 " shed=%" PRIu64,
		LOG_QUOTED(record_base_name(r)), (double)r->duration_us / US_PER_S, r->bytes,
		r->shed);
	record_emit(r, &e);
	record_discard(r);
}

static void finish(const struct rec_rep *rep)
{
	struct finish_order o = { .type = FINISH_FILE,
		.container = rep->container,
		.recording = rep->recording,
		.began_us = rep->began_us,
		.duration_us = rep->duration_us,
		.kinds = rep->kinds };
	g_strlcpy(o.path, rep->text, sizeof o.path);
	record_post_finisher(&o);
}

static void run_hook(const struct rec_rep *rep)
{
	const struct record_hook_file f = { rep->text, rep->began_us, rep->duration_us,
		rep->bytes };
	record_hook(settings.record.hook, &f);
}

static void on_file(struct record *r, const struct rec_rep *rep)
{
	if (rep->container) {
		r->n_unfinished++;
		finish(rep);
		return;
	}
	run_hook(rep);
	emit_file(r, rep);
}

static void on_finished(struct record *r, const struct rec_rep *rep)
{
	if (!rep->container)
		run_hook(rep);
	if (!r)
		return;
	r->n_unfinished--;
	if (!rep->container)
		emit_file(r, rep);
	end_if_done(r);
}

static void on_started(struct record *r, const struct rec_rep *rep)
{
	struct cardea_record_event e = { .type = CARDEA_RECORD_STARTED,
		.path = rep->text,
		.began_us = rep->began_us,
		.kinds = rep->kinds };
	bool is_first = !r->path;
	g_free(r->path);
	r->path = g_strdup(rep->text);
	if (is_first)
		log_info("recorder", r->conf.handle, "recording begins", "file=%s",
			LOG_QUOTED(rep->text));
	record_emit(r, &e);
}

/* Without the folder, which is nobody's business but the operator's. */
static const char *without_folder(const struct record *r, const char *why)
{
	size_t n = (size_t)(record_base_name(r) - r->conf.base);
	return strncmp(why, r->conf.base, n) ? why : why + n;
}

static void on_bad_end(struct record *r, const struct rec_rep *rep)
{
	bool is_limit = rep->type == REC_REP_LIMITED;
	struct cardea_record_event e = { .type = is_limit ? CARDEA_RECORD_LIMITED
							  : CARDEA_RECORD_FAILED,
		.reason = without_folder(r, rep->text) };
	log_warn("recorder", r->conf.handle,
		is_limit ? "recording reached a limit" : "recording failed", "file=%s why=%s",
		LOG_QUOTED(record_base_name(r)), LOG_QUOTED(rep->text));
	record_finish(r);
	record_emit(r, &e);
}

static void on_shed(struct record *r, const struct rec_rep *rep)
{
	struct cardea_record_event e = { .type = CARDEA_RECORD_SHED, .shed = rep->shed };
	record_count_shed(r, rep->shed);
	record_emit(r, &e);
}

static void on_keyframe(const struct record *r, const struct rec_rep *rep)
{
	const struct cmd c = { .type = CMD_SINK_KEYFRAME, .sink_id = { rep->sink } };
	for (unsigned i = 0; i < RECORD_LINES; i++)
		if (r->lines[i].mindex >= 0 && r->lines[i].sink == rep->sink)
			record_post_worker(r->lines[i].worker, &c);
}

static void on_amount(struct record *r, const struct rec_rep *rep)
{
	r->duration_us = rep->duration_us;
	r->bytes = rep->bytes;
	r->shed += rep->shed;
}

void recording_report(void *arg, const void *rec, size_t len)
{
	const struct rec_rep *rep = rec;
	struct record *r = record_find(rep->recording);
	(void)arg;
	(void)len;
	if (rep->type == REC_REP_FINISHED)
		on_finished(r, rep);
	else if (rep->type == REC_REP_REMOVED)
		record_text_removed(rep->recording);
	else if (!r)
		return;
	else if (rep->type == REC_REP_STARTED)
		on_started(r, rep);
	else if (rep->type == REC_REP_FILE)
		on_file(r, rep);
	else if (rep->type == REC_REP_FAILED || rep->type == REC_REP_LIMITED)
		on_bad_end(r, rep);
	else if (rep->type == REC_REP_SHED)
		on_shed(r, rep);
	else if (rep->type == REC_REP_KEYFRAME)
		on_keyframe(r, rep);
	else
		on_amount(r, rep);
	if (rep->type == REC_REP_STOPPED) {
		record_finish(r);
		r->is_stopped = true;
		end_if_done(r);
	}
}
