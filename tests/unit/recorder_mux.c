/* SPDX-License-Identifier: Apache-2.0 */
/* Containers: what each can hold, and that it plays whenever its writing ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "film_world.h"

static void a_film_plays(enum cardea_codec_id audio, enum cardea_codec_id video, const char *name)
{
	struct film f;
	film_prepare(&f, audio, video);
	if (!film_open(&f, &rec_disk_real, name))
		fail_msg("%s", film_why);
	assert_int_equal(film_go_on(&f, 0, 5000000, 100000), OK);
	assert_int_equal(mux_end(f.mux), OK);
	assert_int_equal(rec_file_end(f.file, true), OK);
	film_assert_plays(name);
	if (audio)
		assert_int_equal(film_count(name, "a:0"), 250);
	if (video)
		assert_int_equal(film_count(name, "v:0"), 123);
	if (audio)
		assert_true(film_last_s(name, "a:0") > 4.97 && film_last_s(name, "a:0") < 4.99);
	if (video)
		assert_true(film_last_s(name, "v:0") > 4.87 && film_last_s(name, "v:0") < 4.89);
}

static void webm_of_vp8_plays(void **state)
{
	(void)state;
	a_film_plays(CARDEA_OPUS, CARDEA_VP8, "film.webm");
	a_film_plays(CARDEA_CODEC_NONE, CARDEA_VP8, "silent.webm");
	a_film_plays(CARDEA_OPUS, CARDEA_CODEC_NONE, "sound.webm");
	a_film_plays(CARDEA_MULTIOPUS, CARDEA_VP8, "surround.webm");
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

/* ---- disks that fail ---- */

static unsigned writes, fails_at;
static int fails_with;

static ssize_t bad_write(int fd, const void *bytes, size_t len)
{
	if (fails_at && ++writes >= fails_at) {
		errno = fails_with;
		return -1;
	}
	return write(fd, bytes, len);
}

static const struct rec_disk bad_disk = { bad_write, fdatasync };

/* @return it could be written nonetheless */
static bool write_on_bad_disk(enum cardea_codec_id audio, enum cardea_codec_id video)
{
	struct film f;
	enum err e;
	film_prepare(&f, audio, video);
	*film_why = writes = 0;
	if (!film_open(&f, &bad_disk, "bad")) {
		assert_non_null(strstr(film_why, "bad cannot be written"));
		rec_file_end(f.file, false);
		return false;
	}
	e = film_go_on(&f, 0, 3000000, 100000);
	enum err end = mux_end(f.mux);
	assert_true(e == OK || end == ERR_IO);
	assert_true(!end == !rec_file_error(f.file));
	rec_file_end(f.file, false);
	return !end;
}

static void each_write_can_fail(enum cardea_codec_id audio, enum cardea_codec_id video)
{
	bool done = false;
	for (fails_at = 1; !done; fails_at++) {
		fails_with = fails_at % 2 ? ENOSPC : EIO;
		done = write_on_bad_disk(audio, video);
		unlink(film_at("bad.part"));
	}
	assert_true(fails_at > 5);
}

static void a_full_disk_is_an_error(void **state)
{
	(void)state;
	each_write_can_fail(CARDEA_OPUS, CARDEA_VP8);
	each_write_can_fail(CARDEA_OPUS, CARDEA_H264);
	each_write_can_fail(CARDEA_PCMU, CARDEA_VP9);
}

static void a_resolution_changes_within(
	enum cardea_codec_id video, enum mux_container c, const char *tag)
{
	struct film f;
	struct rec_frame p;
	const struct made *large;
	unsigned n;
	film_prepare(&f, CARDEA_OPUS, video);
	n = media_make(video, 320, &large);
	assert_true(film_open(&f, &rec_disk_real, "film"));
	assert_int_equal(film_go_on(&f, 0, 2000000, 0), OK);
	for (unsigned i = 0; i < 50; i++) {
		p = media_frame(large, n, i);
		assert_int_equal(mux_write(f.mux, 1, &p, 2000000 + i * 40000), OK);
	}
	assert_int_equal(mux_end(f.mux), OK);
	rec_file_end(f.file, false);
	film_finish("film.part", "film", c);
	assert_int_equal(
		film_run(
			"ffprobe -v error -select_streams v -show_entries frame=width -of csv=p=0 "
			"%s | tr -d , | sort | uniq -c | tr -s ' \n' ' ' | grep -q '50 160 50 320'",
			film_at("film")),
		0);
	assert_int_equal(
		film_run(
			"ffprobe -v error -show_entries stream=codec_tag_string %s | grep -qF '%s'",
			film_path, tag),
		0);
	film_run("rm %s/film", film_dir);
}

static void resolutions_change_within_a_file(void **state)
{
	(void)state;
	a_resolution_changes_within(CARDEA_VP8, MUX_WEBM, "[0]");
	a_resolution_changes_within(CARDEA_H264, MUX_MP4, "avc3");
	a_resolution_changes_within(CARDEA_H265, MUX_MP4, "hev1");
	a_resolution_changes_within(CARDEA_AV1, MUX_WEBM, "[0]");
}

static void a_track_that_never_came_is_dropped(void **state)
{
	struct film f;
	struct mux_info info;
	(void)state;
	film_prepare(&f, CARDEA_OPUS, CARDEA_VP8);
	assert_true(film_open(&f, &rec_disk_real, "film"));
	f.video = CARDEA_CODEC_NONE;
	assert_int_equal(film_go_on(&f, 0, 3000000, 0), OK);
	assert_int_equal(mux_end(f.mux), OK);
	rec_file_end(f.file, false);
	film_finish("film.part", "film", MUX_WEBM);
	assert_int_equal(mux_info(film_at("film"), true, &info, film_why, sizeof film_why), OK);
	assert_int_equal(info.n_tracks, 1);
	assert_int_equal(info.tracks[0].frames, 150);
}

static void silence_leaves_a_gap(enum cardea_codec_id video, enum mux_container c)
{
	struct film f;
	film_prepare(&f, CARDEA_OPUS, video);
	assert_true(film_open(&f, &rec_disk_real, "film"));
	assert_int_equal(film_go_on(&f, 0, 1000000, 0), OK);
	assert_int_equal(mux_flush(f.mux), OK);
	assert_int_equal(film_go_on(&f, 91000000, 92000000, 0), OK);
	assert_int_equal(mux_end(f.mux), OK);
	rec_file_end(f.file, false);
	assert_int_equal(film_finish("film.part", "film", c) / 1000, 91980);
	assert_int_equal(film_count("film", "a:0"), 100);
	assert_int_equal(film_count("film", "v:0"), 50);
	assert_int_equal(film_run("ffprobe -v error -show_entries packet=pts_time -of csv=p=0 %s | "
				  "awk '$1 > 0.985 && $1 < 90.99 { bad = 1 } END { exit bad }'",
				 film_at("film")),
		0);
	film_run("rm %s/film", film_dir);
}

static void a_long_silence_does_no_harm(void **state)
{
	(void)state;
	silence_leaves_a_gap(CARDEA_VP8, MUX_WEBM);
	silence_leaves_a_gap(CARDEA_H264, MUX_MP4);
}

static void what_cannot_be_is_said(void **state)
{
	struct mux_conf conf = { MUX_MP4, NULL, NULL, 0 };
	struct mux_track t = { .codec = CARDEA_H264, .width = 16, .height = 16 };
	(void)state;
	assert_int_equal(mux_container_for(CARDEA_ISAC16, CARDEA_VP8), 0);
	assert_int_equal(mux_container_for(CARDEA_CODEC_NONE, CARDEA_CODEC_NONE), 0);
	assert_int_equal(mux_container_for(CARDEA_OPUS, CARDEA_CODEC_NONE), MUX_WEBM);
	assert_int_equal(mux_container_for(CARDEA_PCMA, CARDEA_H264), MUX_MATROSKA);
	assert_string_equal(mux_extension(MUX_MATROSKA), "mkv");
	assert_int_equal(mux_container_of("a/b.webm"), MUX_WEBM);
	assert_int_equal(mux_container_of("a/b.mkv.part"), MUX_MATROSKA);
	assert_int_equal(mux_container_of("mp4"), 0);
	assert_int_equal(mux_container_of("a.part"), 0);
	conf.file = rec_file_new(&rec_disk_real, NULL, film_at("film"), film_why, sizeof film_why);
	assert_null(mux_new(&conf, &t, 1, film_why, sizeof film_why));
	assert_non_null(strstr(film_why, "H.264 needs"));
	t.head = (const uint8_t *)"\0\0\0\1\x67nonsense";
	t.head_len = 13;
	assert_null(mux_new(&conf, &t, 1, film_why, sizeof film_why));
	assert_null(mux_new(&conf, &t, 0, film_why, sizeof film_why));
	conf.container = MUX_WEBM;
	t = (struct mux_track){ .codec = CARDEA_PCMU, .clock_hz = 8000, .channels = 1 };
	assert_null(mux_new(&conf, &t, 1, film_why, sizeof film_why));
	assert_non_null(strstr(film_why, "Only VP8"));
	rec_file_end(conf.file, false);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, film_setup, film_teardown)
	const struct CMUnitTest tests[] = {
		T(webm_of_vp8_plays),
		T(webm_of_vp9_plays),
		T(webm_of_av1_plays),
		T(mp4_of_h264_plays),
		T(mp4_of_h265_plays),
		T(matroska_holds_the_rest),
		T(a_full_disk_is_an_error),
		T(resolutions_change_within_a_file),
		T(a_track_that_never_came_is_dropped),
		T(a_long_silence_does_no_harm),
		T(what_cannot_be_is_said),
	};
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests(tests, NULL, film_unmake);
}
