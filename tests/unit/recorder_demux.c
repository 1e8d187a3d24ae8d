/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "film_world.h"

/* ---- reading ---- */

static void frames_come_back_as_they_were(void **state)
{
	struct film f;
	struct demux *d;
	struct rec_frame got;
	unsigned track, n[2] = { 0 };
	int64_t us;
	(void)state;
	film_write_unended(CARDEA_OPUS, CARDEA_VP8, "film", 5000000);
	film_finish("film.part", "film", MUX_WEBM);
	film_prepare(&f, CARDEA_OPUS, CARDEA_VP8);
	assert_non_null(d = demux_open(film_at("film"), NULL, film_why, sizeof film_why));
	while (!demux_read(d, &track, &got, &us)) {
		struct rec_frame was = track ? media_frame(f.pictures, f.n_pictures, n[1])
					     : media_frame(f.sound, f.n_sound, n[0]);
		assert_int_equal(us, n[track]++ * (track ? 40000 : 20000));
		assert_int_equal(got.ts, us * (track ? 90 : 48) / 1000);
		assert_int_equal(got.len, was.len);
		assert_memory_equal(got.data, was.data, was.len);
		if (track)
			assert_int_equal(got.is_keyframe, was.is_keyframe);
	}
	assert_int_equal(n[0], 250);
	assert_int_equal(n[1], 123);
	demux_close(d);
}

static bool has_unit(const struct rec_frame *f, unsigned type)
{
	for (size_t i = 0; i + 4 < f->len; i++)
		if (!memcmp(f->data + i, "\0\0\0\1", 4) && (f->data[i + 4] & 31u) == type)
			return true;
	return false;
}

static void keyframes_have_their_parameter_sets(void **state)
{
	struct demux *d;
	struct rec_frame got;
	struct mux_info info;
	unsigned track, n = 0;
	int64_t us;
	(void)state;
	film_write_unended(CARDEA_OPUS, CARDEA_H264, "film", 3000000);
	film_finish("film.part", "film", MUX_MP4);
	assert_non_null(d = demux_open(film_at("film"), &info, film_why, sizeof film_why));
	while (!demux_read(d, &track, &got, &us)) {
		if (!track)
			continue;
		assert_memory_equal(got.data, "\0\0\0\1", 4);
		assert_int_equal(has_unit(&got, 7), got.is_keyframe);
		assert_int_equal(has_unit(&got, 8), got.is_keyframe);
		assert_int_equal(has_unit(&got, 5), got.is_keyframe);
		assert_int_equal(got.width, got.is_keyframe ? FILM_WIDTH : 0);
		n++;
	}
	assert_int_equal(n, 73);
	demux_close(d);
}

static void seeks_land(enum cardea_codec_id video, enum mux_container c, bool cut)
{
	static const int64_t at_us[] = { 3500000, 0, 4700000, 1000000, 2000001, 900000000 };
	struct demux *d;
	struct rec_frame got;
	unsigned track;
	int64_t us;
	film_write_unended(CARDEA_OPUS, video, "film", 5000000);
	if (!cut)
		film_finish("film.part", "film", c);
	assert_non_null(d = demux_open(film_at(cut ? "film.killed" : "film"), NULL, film_why,
				sizeof film_why));
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(demux_seek(d, at_us[i]), OK);
		do
			assert_int_equal(demux_read(d, &track, &got, &us), OK);
		while (track == 0);
		assert_true(got.is_keyframe);
		assert_true(us <= at_us[i]);
		assert_true(at_us[i] > 5000000 || us > at_us[i] - 1000001);
	}
	demux_close(d);
	film_run("rm -f %s/film*", film_dir);
}

static void seeks_find_keyframes(void **state)
{
	(void)state;
	seeks_land(CARDEA_VP8, MUX_WEBM, false);
	seeks_land(CARDEA_H264, MUX_MP4, false);
	seeks_land(CARDEA_VP8, MUX_WEBM, true);
	seeks_land(CARDEA_H264, MUX_MP4, true);
}

static void read_all(const char *path_of)
{
	struct demux *d = demux_open(path_of, NULL, film_why, sizeof film_why);
	struct rec_frame f;
	unsigned track;
	int64_t us;
	while (d && !demux_read(d, &track, &f, &us))
		assert_true(!f.len || f.data[f.len - 1] <= 255); /* all of it can be read */
	if (d && !demux_seek(d, 1000000))
		demux_read(d, &track, &f, &us);
	demux_close(d);
}

/* Bytes of @p name become others, ever again: that does no harm. */
static void damage(const char *name, enum mux_container c)
{
	char bad[256];
	struct stat s;
	struct mux_info info;
	assert_int_equal(stat(film_at(name), &s), 0);
	snprintf(bad, sizeof bad, "%s/damaged", film_dir);
	for (unsigned i = 0; i < 10; i++) {
		struct rec_file *to = rec_file_new_finished(
			&rec_disk_real, NULL, film_at("new"), film_why, sizeof film_why);
		film_run("cp %s/%s %s", film_dir, name, bad);
		FILE *f = fopen(bad, "r+");
		for (unsigned k = 0; k < 1 + 4 * i; k++) {
			/* heads more than media */
			fseek(f, rand() % (k % 2 ? s.st_size : 2000), SEEK_SET);
			fputc(rand(), f);
		}
		fclose(f);
		mux_info(bad, true, &info, film_why, sizeof film_why);
		read_all(bad);
		mux_finish(bad, to, c, NULL, NULL, film_why, sizeof film_why);
		rec_file_end(to, false);
	}
}

static void damaged_files_do_no_harm(void **state)
{
	(void)state;
	srand(1); /* a damage that harms is to be found again */
	film_write_unended(CARDEA_OPUS, CARDEA_VP8, "film.webm", 2000000);
	damage("film.webm.part", MUX_WEBM);
	film_write_unended(CARDEA_OPUS, CARDEA_H264, "film.mp4", 2000000);
	damage("film.mp4.part", MUX_MP4);
	film_finish("film.mp4.part", "film.mp4", MUX_MP4);
	damage("film.mp4", MUX_MP4);
	film_write_unended(CARDEA_PCMU, CARDEA_H265, "film.mkv", 2000000);
	damage("film.mkv.part", MUX_MATROSKA);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, film_setup, film_teardown)
	const struct CMUnitTest tests[] = {
		T(frames_come_back_as_they_were),
		T(keyframes_have_their_parameter_sets),
		T(seeks_find_keyframes),
		T(damaged_files_do_no_harm),
	};
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests(tests, NULL, film_unmake);
}
