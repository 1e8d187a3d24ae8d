/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/id.h"
#include "../base/log.h"
#include "../base/loop.h"
#include "../recorder/disk.h"
#include "../router/sink/sink_queue.h"
#include "../rtc/data.h"
#include "hook.h"
#include "options.h"
#include "peerconn.h"
#include "record_hook.h"
#include "record_path.h"
#include "record_post.h"
#include "record_text.h"
#include "recordings.h"

#define REPORT_BYTES (8u << 20)
#define SHARES       8 /* of the recorder's queue: so much one track may have */
#define SHARE_MIN    (256u << 10)
#define FINISH_US    (4 * US_PER_S)    /* at the end of the server */
#define HOUR_US      (3600 * US_PER_S) /* between two looks at what is too old */
#define FOLDERS_MAX  1000
#define SHED_SAID_US (60 * US_PER_S) /* between two lines in the log on one recording */

enum { AUDIO, VIDEO, LINES };
static const enum cardea_kind kinds[LINES] = { CARDEA_AUDIO, CARDEA_VIDEO };

/* An m-line that is recorded. */
struct line {
	int mindex; /* -1: none */
	uint64_t sink;
	unsigned worker;
};

struct record {
	uint64_t id;
	struct recordings *owner; /* NULL: its PeerConnection is gone */
	struct record_conf conf;  /* its title is not kept */
	struct line lines[LINES];
	char *path; /* of the file that was begun last; NULL: none yet */
	bool is_paused, is_ending, is_stopped;
	unsigned n_unfinished; /* files that are with the finisher */
	int64_t duration_us, shed_said_us;
	uint64_t bytes, shed;
};

static struct {
	struct loop *loop;
	struct queue *reports;
	struct ids *ids;
	uint8_t queue; /* number of the recorder's, for sinks */
	uint64_t last_sink;
	char **folders_protected;
	GHashTable *folders; /* where recordings are, or may be */
	bool is_silent;      /* no plugin is told */
	struct wheel_timer hourly;
} state;

static const char *base_name(const struct record *r)
{
	const char *slash = strrchr(r->conf.base, '/');
	return slash ? slash + 1 : r->conf.base;
}

/* ---- plugins are told ---- */

static void emit(const struct record *r, struct cardea_record_event *e)
{
	if (!r->conf.fn || state.is_silent)
		return;
	e->size = sizeof *e;
	e->recording = r->id;
	e->handle = r->owner ? r->owner->handle : NULL;
	e->arg = r->conf.arg;
	hook_enter();
	r->conf.fn(e);
	hook_leave();
}

static void emit_file(const struct record *r, const struct rec_rep *rep)
{
	struct cardea_record_event e = { .type = CARDEA_RECORD_FILE,
		.path = rep->text,
		.began_us = rep->began_us,
		.duration_us = rep->duration_us,
		.bytes = rep->bytes,
		.kinds = rep->kinds };
	emit(r, &e);
}

/* ---- sinks ---- */

static void close_line(struct line *l)
{
	const struct cmd c = { .type = CMD_SINK_CLOSE, .sink_id = { l->sink } };
	if (l->mindex < 0)
		return;
	record_post_worker(l->worker, &c);
	l->mindex = -1;
}

static uint32_t share(void)
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

static void tell_track(
	const struct record *r, const struct line *l, const struct peerconn *pc, unsigned kind)
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
	record_post(&c, NULL);
}

static void open_line(struct record *r, unsigned kind, const struct peerconn *pc, int mindex)
{
	struct line *l = &r->lines[kind];
	struct cmd c = { .type = CMD_SINK_OPEN,
		.sink = { .id = ++state.last_sink,
			.from_peer = pc->peer,
			.from_worker = (uint16_t)pc->worker,
			.from_mindex = (uint16_t)mindex,
			.kind = (uint8_t)kinds[kind],
			.queue = state.queue,
			.share = share() } };
	*l = (struct line){ mindex, state.last_sink, pc->worker };
	tell_track(r, l, pc, kind);
	record_post_worker(pc->worker, &c);
}

static void set_line(struct record *r, unsigned kind, const struct peerconn *pc, int mindex)
{
	if (r->lines[kind].mindex == mindex)
		return;
	close_line(&r->lines[kind]);
	if (mindex >= 0)
		open_line(r, kind, pc, mindex);
}

/* ---- what the recorder and the finisher say ---- */

static void discard(struct record *r)
{
	if (r->owner)
		r->owner->all = g_slist_remove(r->owner->all, r);
	ids_free(state.ids, r->id);
	g_free(r->path);
	g_free(r);
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
		"file=\"%s\" seconds=%.1f bytes=%" PRIu64 " shed=%" PRIu64, base_name(r),
		(double)r->duration_us / US_PER_S, r->bytes, r->shed);
	emit(r, &e);
	discard(r);
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
		log_info("recorder", r->conf.handle, "recording begins", "file=\"%s\"", rep->text);
	emit(r, &e);
}

/* Without the folder, which is nobody's business but the operator's. */
static const char *without_folder(const struct record *r, const char *why)
{
	size_t n = (size_t)(base_name(r) - r->conf.base);
	return strncmp(why, r->conf.base, n) ? why : why + n;
}

static void on_bad_end(struct record *r, const struct rec_rep *rep)
{
	bool is_limit = rep->type == REC_REP_LIMITED;
	struct cardea_record_event e = { .type = is_limit ? CARDEA_RECORD_LIMITED
							  : CARDEA_RECORD_FAILED,
		.reason = without_folder(r, rep->text) };
	log_warn("recorder", r->conf.handle,
		is_limit ? "recording reached a limit" : "recording failed",
		"file=\"%s\" why=\"%s\"", base_name(r), rep->text);
	recording_finish(r->id);
	emit(r, &e);
}

static void count_shed(struct record *r, uint64_t n)
{
	int64_t now_us = clock_now_us();
	r->shed += n;
	if (r->shed_said_us && now_us - r->shed_said_us < SHED_SAID_US)
		return;
	r->shed_said_us = now_us;
	log_warn("recorder", r->conf.handle, "recording misses packets, the disk is too slow",
		"file=\"%s\" packets=%" PRIu64, base_name(r), r->shed);
}

static void on_shed(struct record *r, const struct rec_rep *rep)
{
	struct cardea_record_event e = { .type = CARDEA_RECORD_SHED, .shed = rep->shed };
	count_shed(r, rep->shed);
	emit(r, &e);
}

static void on_keyframe(const struct record *r, const struct rec_rep *rep)
{
	const struct cmd c = { .type = CMD_SINK_KEYFRAME, .sink_id = { rep->sink } };
	for (unsigned i = 0; i < LINES; i++)
		if (r->lines[i].mindex >= 0 && r->lines[i].sink == rep->sink)
			record_post_worker(r->lines[i].worker, &c);
}

static void on_amount(struct record *r, const struct rec_rep *rep)
{
	r->duration_us = rep->duration_us;
	r->bytes = rep->bytes;
	r->shed += rep->shed;
}

static void on_report(void *arg, const void *rec, size_t len)
{
	const struct rec_rep *rep = rec;
	struct record *r = ids_get(state.ids, rep->recording);
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
		recording_finish(r->id);
		r->is_stopped = true;
		end_if_done(r);
	}
}

/* ---- one recording ---- */

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

void record_suffix_apart(const struct record_conf *c, char out[REC_SUFFIX])
{
	out[0] = 0;
	if (!c->is_apart)
		return;
	if (c->video >= 0)
		record_suffix(out, CARDEA_VIDEO, c->video, true);
	else if (c->audio >= 0)
		record_suffix(out, CARDEA_AUDIO, c->audio, true);
	else
		record_suffix(out, CARDEA_DATA, c->data, true);
}

static void tell_open(const struct record *r)
{
	const struct record_conf *conf = &r->conf;
	struct rec_cmd c = { .type = REC_CMD_OPEN,
		.recording = r->id,
		.open = { .format = (uint8_t)conf->format,
			.max_s = settings.record.max_s,
			.max_bytes = settings.record.max_bytes } };
	g_strlcpy(c.open.base, conf->base, sizeof c.open.base);
	g_strlcpy(c.open.title, conf->title ? conf->title : "", sizeof c.open.title);
	record_suffix_apart(conf, c.open.apart);
	record_suffix(c.open.data, CARDEA_DATA, conf->data < 0 ? 0 : conf->data,
		conf->is_numbered || conf->is_apart);
	record_post(&c, NULL);
}

uint64_t recording_begin(
	struct recordings *owner, const struct peerconn *pc, const struct record_conf *conf)
{
	struct record *r = g_new0(struct record, 1);
	r->id = ids_take(state.ids, r);
	if (!r->id) {
		g_free(r);
		return 0;
	}
	r->owner = owner;
	r->conf = *conf;
	owner->all = g_slist_prepend(owner->all, r);
	tell_open(r);
	r->conf.title = NULL;
	for (unsigned i = 0; i < LINES; i++)
		r->lines[i].mindex = -1;
	recording_set_tracks(r->id, pc, conf->audio, conf->video, conf->data);
	return r->id;
}

bool recording_has_name(const struct record_conf *conf)
{
	char apart[REC_SUFFIX], other[REC_SUFFIX];
	uint32_t slot = 0;
	const struct record *r;
	record_suffix_apart(conf, apart);
	while ((r = ids_next(state.ids, &slot))) {
		record_suffix_apart(&r->conf, other);
		if (!strcmp(r->conf.base, conf->base) && !strcmp(apart, other))
			return true;
	}
	return false;
}

void recording_set_tracks(uint64_t id, const struct peerconn *pc, int audio, int video, int data)
{
	struct record *r = ids_get(state.ids, id);
	if (!r || r->is_ending)
		return;
	set_line(r, AUDIO, pc, audio);
	set_line(r, VIDEO, pc, video);
	r->conf.data = data;
}

void recording_set_paused(uint64_t id, bool on)
{
	struct record *r = ids_get(state.ids, id);
	const struct rec_cmd c = { .type = on ? REC_CMD_PAUSE : REC_CMD_RESUME,
		.recording = id,
		.pause = { clock_now_us() } };
	if (!r || r->is_ending || r->is_paused == on)
		return;
	r->is_paused = on;
	record_post(&c, NULL);
}

void recording_finish(uint64_t id)
{
	struct record *r = ids_get(state.ids, id);
	const struct rec_cmd c = { .type = REC_CMD_STOP, .recording = id };
	if (!r || r->is_ending)
		return;
	r->is_ending = true;
	for (unsigned i = 0; i < LINES; i++)
		close_line(&r->lines[i]);
	record_post(&c, NULL);
}

struct recordings *recording_owner(uint64_t id)
{
	const struct record *r = ids_get(state.ids, id);
	return r ? r->owner : NULL;
}

/* ---- all of a handle ---- */

void recordings_end(struct recordings *owner)
{
	for (GSList *l = owner->all; l; l = l->next) {
		struct record *r = l->data;
		recording_finish(r->id);
		r->owner = NULL;
	}
	g_clear_pointer(&owner->all, g_slist_free);
}

static void encrypt(struct record *r, const struct peerconn *pc)
{
	static const char why[] = "It is encrypted end to end from now on.";
	const struct rec_cmd fail = {
		.type = REC_CMD_FAIL, .recording = r->id, .len = sizeof why - 1
	};
	r->conf.e2ee = true;
	if (r->conf.format & REC_MEDIA) {
		record_post(&fail, why);
		return;
	}
	for (unsigned i = 0; i < LINES; i++) {
		int mindex = r->lines[i].mindex;
		set_line(r, i, pc, -1);
		set_line(r, i, pc, mindex);
	}
}

void recordings_encrypt(const struct recordings *of, const struct peerconn *pc)
{
	for (GSList *l = of->all; l; l = l->next) {
		struct record *r = l->data;
		if (!r->is_ending && !r->conf.e2ee)
			encrypt(r, pc);
	}
}

void recordings_message(const struct recordings *of, const struct data_msg *m)
{
	for (GSList *l = of->all; l; l = l->next) {
		struct record *r = l->data;
		size_t label_len = strlen(m->label);
		struct rec_cmd c = { .type = REC_CMD_DATA,
			.len = (uint32_t)(label_len + m->len),
			.recording = r->id,
			.data = { .at_us = clock_now_us(),
				.is_binary = m->is_binary,
				.label_len = (uint16_t)label_len } };
		if (!r->is_ending && r->conf.data >= 0 && !record_post_data(&c, m->label, m->bytes))
			count_shed(r, 1);
	}
}

static json_t *info_of(const struct record *r)
{
	json_t *o = json_pack("{s:o, s:b, s:f, s:I}", "file",
		cardea_json_text(r->path ? r->path : r->conf.base), "paused", r->is_paused,
		"seconds", (double)r->duration_us / US_PER_S, "bytes", (json_int_t)r->bytes);
	if (r->shed)
		json_object_set_new(o, "shed", json_integer((json_int_t)r->shed));
	return o;
}

json_t *recordings_info(const struct recordings *of)
{
	json_t *all = NULL;
	for (GSList *l = of->all; l; l = l->next) {
		const struct record *r = l->data;
		if (r->is_ending)
			continue;
		all = all ? all : json_array();
		json_array_append_new(all, info_of(r));
	}
	return all;
}

/* ---- folders ---- */

static void order(enum finish_type type, const char *folder)
{
	struct finish_order o = { .type = type };
	g_strlcpy(o.path, folder, sizeof o.path);
	record_post_finisher(&o);
}

static bool has_retention(void)
{
	return settings.record.keep_s || settings.record.keep_bytes;
}

/* Rooms may be gone after a crash: where they recorded is remembered. */
static char *memory_path(void)
{
	return settings.state_dir ? g_strdup_printf("%s/recording-folders.json", settings.state_dir)
				  : NULL;
}

static void remember_folders(void)
{
	struct rec_cmd c = { .type = REC_CMD_INDEX };
	g_autofree char *path = memory_path();
	json_t *all = json_array();
	GHashTableIter it;
	gpointer folder;
	g_hash_table_iter_init(&it, state.folders);
	while (g_hash_table_iter_next(&it, &folder, NULL))
		json_array_append_new(all, cardea_json_text(folder));
	char *text = json_dumps(all, JSON_INDENT(1));
	if (path && text && g_strlcpy(c.index.path, path, sizeof c.index.path) < REC_PATH) {
		c.len = (uint32_t)strlen(text);
		record_post(&c, text);
	}
	free(text);
	json_decref(all);
}

static bool add_folder(const char *folder)
{
	if (!state.folders /* --check */ || strlen(folder) >= REC_PATH ||
		g_hash_table_size(state.folders) == FOLDERS_MAX ||
		!g_hash_table_add(state.folders, g_strdup(folder)))
		return false;
	order(FINISH_FOLDER, folder);
	if (has_retention())
		order(FINISH_RETAIN, folder);
	return true;
}

void recordings_folder(const char *folder)
{
	if (add_folder(folder))
		remember_folders();
}

/* Those that are there still. */
static void recall_folders(void)
{
	g_autofree char *path = memory_path();
	json_t *all = path ? json_load_file(path, 0, NULL) : NULL;
	for (size_t i = 0; i < json_array_size(all); i++) {
		const char *folder = json_string_value(json_array_get(all, i));
		if (folder && g_file_test(folder, G_FILE_TEST_IS_DIR))
			add_folder(folder);
	}
	json_decref(all);
}

static void each_hour(void *arg)
{
	GHashTableIter it;
	gpointer folder;
	(void)arg;
	g_hash_table_iter_init(&it, state.folders);
	while (has_retention() && g_hash_table_iter_next(&it, &folder, NULL))
		order(FINISH_RETAIN, folder);
	wheel_set(loop_wheel(state.loop), &state.hourly, loop_now(state.loop) + HOUR_US);
}

/* ---- life ---- */

static enum err start_threads(void)
{
	const struct record_settings *s = &settings.record;
	const char *const *folders = (const char *const *)state.folders_protected;
	const struct disk_conf disk = { .io = &rec_disk_real,
		.folders = folders,
		.queue_bytes = s->queue_bytes,
		.sync_us = s->sync_us,
		.min_free = s->min_free,
		.reports = state.reports };
	const struct finish_conf finisher = { .io = &rec_disk_real,
		.folders = folders,
		.min_free = s->min_free,
		.retention = { s->keep_s, s->keep_bytes },
		.reports = state.reports };
	enum err e = disk_start(&disk);
	if (e || (e = finish_start(&finisher)))
		return e;
	return sink_queue_add(disk_queue(), &state.queue);
}

enum err recordings_start(struct loop *loop)
{
	enum err e;
	char folder[REC_PATH];
	memset(&state, 0, sizeof state);
	state.loop = loop;
	state.folders_protected = options_protected_folders();
	state.folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	state.ids = ids_create(RECORDINGS_MAX);
	rec_file_set_ending(settings.recordings_ending);
	state.hourly.fn = each_hour;
	state.reports = queue_create("recordings", REPORT_BYTES);
	if (!state.ids || !state.reports)
		return ERR_FULL;
	if ((e = queue_attach(state.reports, loop, on_report, NULL)) || (e = start_threads()))
		return e;
	record_post_start(loop);
	record_hook_start();
	recall_folders();
	if (record_folder(folder))
		add_folder(folder);
	wheel_set(loop_wheel(loop), &state.hourly, loop_now(loop) + HOUR_US);
	return OK;
}

void recordings_forget_listeners(void)
{
	state.is_silent = true;
	record_text_forget();
}

static void forget_all(void)
{
	uint32_t slot = 0;
	struct record *r;
	while ((r = ids_next(state.ids, &slot)))
		discard(r);
	ids_destroy(state.ids);
	g_clear_pointer(&state.folders, g_hash_table_destroy);
	g_strfreev(state.folders_protected);
}

void recordings_stop(void)
{
	if (!state.reports)
		return;
	wheel_cancel(loop_wheel(state.loop), &state.hourly);
	record_post_stop();
	disk_stop();
	sink_queue_remove(state.queue);
	queue_drain(state.reports, on_report, NULL);
	record_post_stop();
	record_hook_stop();
	finish_stop(FINISH_US);
	queue_drain(state.reports, on_report, NULL);
	loop_del(state.loop, queue_fd(state.reports));
	queue_destroy(state.reports);
	forget_all();
	state.reports = NULL;
}
