/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "film_world.h"

char film_dir[64], film_path[256], film_why[512];

int film_setup(void **state)
{
	(void)state;
	strcpy(film_dir, "/tmp/cardea-mux-XXXXXX");
	return mkdtemp(film_dir) ? 0 : -1;
}

int film_teardown(void **state)
{
	char command[128];
	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", film_dir);
	return getenv("KEEP") ? 0 : system(command);
}

int film_unmake(void **state)
{
	(void)state;
	media_unmake();
	return 0;
}

const char *film_at(const char *name)
{
	snprintf(film_path, sizeof film_path, "%s/%s", film_dir, name);
	return film_path;
}

/* ---- writing ---- */

unsigned film_clock_of(enum cardea_codec_id c)
{
	return c < CARDEA_G722 || c == CARDEA_L16_48 ? 48000 : c == CARDEA_L16 ? 16000 : 8000;
}

unsigned film_channels_of(enum cardea_codec_id c)
{
	if (c == CARDEA_MULTIOPUS)
		return 6;
	return c == CARDEA_OPUS ? 2 : 1;
}

void film_prepare(struct film *f, enum cardea_codec_id audio, enum cardea_codec_id video)
{
	*f = (struct film){ .audio = audio, .video = video };
	if (audio && !(f->n_sound = media_make(audio, 0, &f->sound)))
		skip();
	if (video && !(f->n_pictures = media_make(video, FILM_WIDTH, &f->pictures)))
		skip();
}

bool film_open(struct film *f, const struct rec_disk *disk, const char *name)
{
	struct mux_track tracks[2] = { 0 };
	unsigned n = 0;
	if (f->audio)
		tracks[n++] = (struct mux_track){ .codec = f->audio,
			.clock_hz = film_clock_of(f->audio),
			.channels = film_channels_of(f->audio),
			.name = "Ada's microphone" };
	if (f->video)
		tracks[n++] = (struct mux_track){ .codec = f->video,
			.width = FILM_WIDTH,
			.height = FILM_WIDTH * 3 / 4,
			.head = f->pictures->data,
			.head_len = f->video == CARDEA_VP8 || f->video == CARDEA_VP9
					    ? 0
					    : f->pictures->len };
	f->file = rec_file_new(disk, NULL, film_at(name), film_why, sizeof film_why);
	const struct mux_conf conf = { mux_container_for(f->audio, f->video), f->file,
		"A talk with Ada", 1796097077123456 };
	f->mux = f->file ? mux_new(&conf, tracks, n, film_why, sizeof film_why) : NULL;
	return f->mux;
}

/* Sound of 20 ms and pictures of 40 ms, pictures @p late_us behind, from @p from_us to @p to_us. */
enum err film_go_on(struct film *f, int64_t from_us, int64_t to_us, int64_t late_us)
{
	enum err e = OK;
	for (int64_t us = from_us; us < to_us && !e; us += 20000) {
		int64_t shown = us - late_us;
		if (f->audio) {
			struct rec_frame s =
				media_frame(f->sound, f->n_sound, (unsigned)(us / 20000));
			s.is_keyframe = true;
			e = mux_write(f->mux, 0, &s, us);
		}
		if (!e && f->video && shown >= 0 && shown % 40000 == 0) {
			struct rec_frame p =
				media_frame(f->pictures, f->n_pictures, (unsigned)(shown / 40000));
			e = mux_write(f->mux, f->audio ? 1 : 0, &p, shown);
		}
	}
	return e;
}

/* ---- judging, by somebody else's programs ---- */

int film_run(const char *format, ...)
{
	char command[1024];
	va_list v;
	va_start(v, format);
	vsnprintf(command, sizeof command, format, v);
	va_end(v);
	return system(command);
}

static double ask(const char *format, ...)
{
	char command[1024], line[128] = "";
	va_list v;
	va_start(v, format);
	vsnprintf(command, sizeof command, format, v);
	va_end(v);
	FILE *f = popen(command, "r");
	if (!fgets(line, sizeof line, f))
		*line = 0;
	pclose(f);
	return atof(line);
}

/* Every frame of it can be decoded, and nothing is said about it. */
void film_assert_plays(const char *name)
{
	film_at(name);
	assert_int_equal(film_run("ffmpeg -v error -xerror -i %s -f null - >%s/said 2>&1",
				 film_path, film_dir),
		0);
	if (film_run("test ! -s %s/said || { cat %s/said; false; }", film_dir, film_dir))
		fail();
}

unsigned film_count(const char *name, const char *stream)
{
	return (unsigned)ask("ffprobe -v error -count_packets -select_streams %s -show_entries "
			     "stream=nb_read_packets -of csv=p=0 %s",
		stream, film_at(name));
}

double film_last_s(const char *name, const char *stream)
{
	return ask("ffprobe -v error -select_streams %s -show_entries packet=pts_time -of csv=p=0 "
		   "%s | "
		   "sort -n | tail -1",
		stream, film_at(name));
}

void film_write_unended(
	enum cardea_codec_id audio, enum cardea_codec_id video, const char *name, int64_t end_us)
{
	struct film f;
	film_prepare(&f, audio, video);
	assert_true(film_open(&f, &rec_disk_real, name));
	assert_int_equal(film_go_on(&f, 0, end_us, 100000), OK);
	/* what a killed process leaves: what it had not flushed is gone */
	film_run("cp %s.part %s.killed", film_path, film_path);
	mux_end(f.mux);
	rec_file_end(f.file, false);
}

/* Finish FROM to TO: it plays, and is whole. @return µs of its last frame */
int64_t film_finish(const char *from, const char *to, enum mux_container c)
{
	char source[256];
	struct mux_info info;
	struct rec_file *f =
		rec_file_new_finished(&rec_disk_real, NULL, film_at(to), film_why, sizeof film_why);
	assert_non_null(f);
	strcpy(source, film_at(from));
	if (mux_finish(source, f, c, NULL, NULL, film_why, sizeof film_why))
		fail_msg("%s", film_why);
	assert_int_equal(rec_file_end(f, true), OK);
	assert_int_equal(mux_info(film_at(to), true, &info, film_why, sizeof film_why), OK);
	assert_true(info.is_whole);
	film_assert_plays(to);
	int64_t last_us = 0;
	for (unsigned i = 0; i < info.n_tracks; i++)
		last_us = info.tracks[i].last_us > last_us ? info.tracks[i].last_us : last_us;
	assert_true(info.duration_us >= last_us && info.duration_us <= last_us + 100000);
	return last_us;
}
