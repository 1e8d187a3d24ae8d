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
#include "../../core/recorder/av/mux.h"
#include "media_maker.h"

#define WIDTH 160

static char dir[64], path[256], why[512];

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/cardea-mux-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];
	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return getenv("KEEP") ? 0 : system(command);
}

static int unmake(void **state)
{
	(void)state;
	media_unmake();
	return 0;
}

static const char *at(const char *name)
{
	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

/* ---- writing ---- */

struct film {
	struct rec_file *file;
	struct mux *mux;
	enum cardea_codec_id audio, video;
	const struct made *sound, *pictures;
	unsigned n_sound, n_pictures;
};

static unsigned clock_of(enum cardea_codec_id c)
{
	return c == CARDEA_OPUS || c == CARDEA_L16_48 ? 48000 : c == CARDEA_L16 ? 16000 : 8000;
}

static void prepare(struct film *f, enum cardea_codec_id audio, enum cardea_codec_id video)
{
	*f = (struct film){ .audio = audio, .video = video };
	if (audio && !(f->n_sound = media_make(audio, 0, &f->sound)))
		skip();
	if (video && !(f->n_pictures = media_make(video, WIDTH, &f->pictures)))
		skip();
}

static bool open_on(struct film *f, const struct rec_disk *disk, const char *name)
{
	struct mux_track tracks[2] = { 0 };
	unsigned n = 0;
	if (f->audio)
		tracks[n++] = (struct mux_track){ .codec = f->audio,
			.clock_hz = clock_of(f->audio),
			.channels = f->audio == CARDEA_OPUS ? 2 : 1,
			.name = "Ada's microphone" };
	if (f->video)
		tracks[n++] = (struct mux_track){ .codec = f->video,
			.width = WIDTH,
			.height = WIDTH * 3 / 4,
			.head = f->pictures->data,
			.head_len = f->video == CARDEA_VP8 || f->video == CARDEA_VP9
					    ? 0
					    : f->pictures->len };
	f->file = rec_file_new(disk, NULL, at(name), why, sizeof why);
	const struct mux_conf conf = { mux_container_for(f->audio, f->video), f->file,
		"A talk with Ada", 1796097077123456 };
	f->mux = f->file ? mux_new(&conf, tracks, n, why, sizeof why) : NULL;
	return f->mux;
}

/* Sound of 20 ms and pictures of 40 ms, pictures @p late_us behind, from @p from_us to @p to_us. */
static enum err go_on(struct film *f, int64_t from_us, int64_t to_us, int64_t late_us)
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

static int run(const char *format, ...)
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
static void assert_plays(const char *name)
{
	at(name);
	assert_int_equal(
		run("ffmpeg -v error -xerror -i %s -f null - >%s/said 2>&1", path, dir), 0);
	if (run("test ! -s %s/said || { cat %s/said; false; }", dir, dir))
		fail();
}

static unsigned count(const char *name, const char *stream)
{
	return (unsigned)ask("ffprobe -v error -count_packets -select_streams %s -show_entries "
			     "stream=nb_read_packets -of csv=p=0 %s",
		stream, at(name));
}

static double last_s(const char *name, const char *stream)
{
	return ask("ffprobe -v error -select_streams %s -show_entries packet=pts_time -of csv=p=0 "
		   "%s | "
		   "sort -n | tail -1",
		stream, at(name));
}

static void a_film_plays(enum cardea_codec_id audio, enum cardea_codec_id video, const char *name)
{
	struct film f;
	prepare(&f, audio, video);
	if (!open_on(&f, &rec_disk_real, name))
		fail_msg("%s", why);
	assert_int_equal(go_on(&f, 0, 5000000, 100000), OK);
	assert_int_equal(mux_end(f.mux), OK);
	assert_int_equal(rec_file_end(f.file, true), OK);
	assert_plays(name);
	if (audio)
		assert_int_equal(count(name, "a:0"), 250);
	if (video)
		assert_int_equal(count(name, "v:0"), 123);
	if (audio)
		assert_true(last_s(name, "a:0") > 4.97 && last_s(name, "a:0") < 4.99);
	if (video)
		assert_true(last_s(name, "v:0") > 4.87 && last_s(name, "v:0") < 4.89);
}

static void webm_of_vp8_plays(void **state)
{
	(void)state;
	a_film_plays(CARDEA_OPUS, CARDEA_VP8, "film.webm");
	a_film_plays(CARDEA_CODEC_NONE, CARDEA_VP8, "silent.webm");
	a_film_plays(CARDEA_OPUS, CARDEA_CODEC_NONE, "sound.webm");
}

static void webm_of_vp9_plays(void **state)
{
	(void)state;
	a_film_plays(CARDEA_OPUS, CARDEA_VP9, "film.webm");
}

static void webm_of_av1_plays(void **state)
{
	(void)state;
	a_film_plays(CARDEA_OPUS, CARDEA_AV1, "film.webm");
}

static void mp4_of_h264_plays(void **state)
{
	(void)state;
	a_film_plays(CARDEA_OPUS, CARDEA_H264, "film.mp4");
	a_film_plays(CARDEA_CODEC_NONE, CARDEA_H264, "silent.mp4");
}

static void mp4_of_h265_plays(void **state)
{
	(void)state;
	a_film_plays(CARDEA_OPUS, CARDEA_H265, "film.mp4");
}

static void matroska_holds_the_rest(void **state)
{
	(void)state;
	a_film_plays(CARDEA_PCMU, CARDEA_VP8, "mu.mkv");
	a_film_plays(CARDEA_PCMA, CARDEA_H264, "a.mkv");
	a_film_plays(CARDEA_G722, CARDEA_H265, "g722.mkv");
	a_film_plays(CARDEA_L16, CARDEA_AV1, "l16.mkv");
	a_film_plays(CARDEA_L16_48, CARDEA_CODEC_NONE, "l16-48.mkv");
	a_film_plays(CARDEA_G722, CARDEA_CODEC_NONE, "g722-alone.mkv");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(webm_of_vp8_plays),
		T(webm_of_vp9_plays),
		T(webm_of_av1_plays),
		T(mp4_of_h264_plays),
		T(mp4_of_h265_plays),
		T(matroska_holds_the_rest),
	};
	return cmocka_run_group_tests(tests, NULL, unmake);
}
