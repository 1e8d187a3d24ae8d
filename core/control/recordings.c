/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/loop.h"
#include "../recorder/disk.h"
#include "../router/sink/sink_queue.h"
#include "../rtc/data.h"
#include "options.h"
#include "peerconn.h"
#include "record_hook.h"
#include "record_post.h"
#include "record_text.h"
#include "recording_folders.h"
#include "recording_reports.h"
#include "recordings.h"

#define REPORT_BYTES (8u << 20)
#define FINISH_US    (4 * US_PER_S) /* at the end of the server */

static struct {
	struct loop *loop;
	struct queue *reports;
	uint8_t queue; /* number of the recorder's, for sinks */
	char **folders_protected;
} state;

/* ---- one recording ---- */

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
	g_strlcpy(
		c.open.data_text, conf->data_text ? conf->data_text : "", sizeof c.open.data_text);
	record_suffix_apart(conf, c.open.apart);
	record_suffix(c.open.data, CARDEA_DATA, conf->data < 0 ? 0 : conf->data,
		conf->is_numbered || conf->is_apart);
	record_post(&c, NULL);
}

uint64_t recording_begin(
	struct recordings *owner, const struct peerconn *pc, const struct record_conf *conf)
{
	struct record *r = record_new(owner, conf);
	if (!r)
		return 0;
	tell_open(r);
	recording_describe(r->id, conf->texts);
	r->conf.title = r->conf.data_text = NULL;
	memset(r->conf.texts, 0, sizeof r->conf.texts);
	recording_set_tracks(r->id, pc, conf->audio, conf->video, conf->data);
	return r->id;
}

bool recording_has_name(const struct record_conf *conf)
{
	char apart[REC_SUFFIX], other[REC_SUFFIX];
	uint32_t slot = 0;
	const struct record *r;
	record_suffix_apart(conf, apart);
	while ((r = record_next(&slot))) {
		record_suffix_apart(&r->conf, other);
		if (!strcmp(r->conf.base, conf->base) && !strcmp(apart, other))
			return true;
	}
	return false;
}

void recording_set_tracks(uint64_t id, const struct peerconn *pc, int audio, int video, int data)
{
	struct record *r = record_find(id);
	if (!r || r->is_ending)
		return;
	record_set_line(r, RECORD_AUDIO, pc, audio);
	record_set_line(r, RECORD_VIDEO, pc, video);
	r->conf.data = data;
}

void recording_describe(uint64_t id, const char *const texts[RECORD_LINES])
{
	struct record *r = record_find(id);
	for (unsigned i = 0; r && i < RECORD_LINES; i++)
		record_describe(r, i, texts[i]);
}

void recording_set_paused(uint64_t id, bool on)
{
	struct record *r = record_find(id);
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
	struct record *r = record_find(id);
	if (r)
		record_finish(r);
}

struct recordings *recording_owner(uint64_t id)
{
	const struct record *r = record_find(id);
	return r ? r->owner : NULL;
}

/* ---- all of a handle ---- */

void recordings_end(struct recordings *owner)
{
	for (GSList *l = owner->all; l; l = l->next) {
		struct record *r = l->data;
		record_finish(r);
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
	for (unsigned i = 0; i < RECORD_LINES; i++) {
		int mindex = r->lines[i].mindex;
		record_set_line(r, i, pc, -1);
		record_set_line(r, i, pc, mindex);
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
		if (!r->is_ending && r->conf.data >= 0 &&
			!record_post_data(&r->messages, record_share(), &c, m->label, m->bytes))
			record_count_shed(r, 1);
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
	memset(&state, 0, sizeof state);
	state.loop = loop;
	state.folders_protected = options_protected_folders();
	rec_file_set_ending(settings.recordings_ending);
	state.reports = queue_create("recordings", REPORT_BYTES);
	if (!state.reports)
		return ERR_FULL;
	if ((e = queue_attach(state.reports, loop, recording_report, NULL)) ||
		(e = start_threads()))
		return e;
	if (!records_start(state.queue))
		return ERR_FULL;
	record_post_start(loop);
	record_hook_start();
	recording_folders_start(loop);
	return OK;
}

void recordings_forget_listeners(void)
{
	records_forget_listeners();
	record_text_forget(NULL);
}

void recordings_stop(void)
{
	if (!state.reports)
		return;
	recording_folders_stop();
	record_post_stop();
	disk_stop();
	sink_queue_remove(state.queue);
	queue_drain(state.reports, recording_report, NULL);
	record_post_stop();
	record_hook_stop();
	finish_stop(FINISH_US);
	queue_drain(state.reports, recording_report, NULL);
	loop_del(state.loop, queue_fd(state.reports));
	queue_destroy(state.reports);
	records_stop();
	g_strfreev(state.folders_protected);
	state.reports = NULL;
}
