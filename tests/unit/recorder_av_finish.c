/* SPDX-License-Identifier: Apache-2.0 */
/* The last form of a file: whole, cut short anywhere, damaged. No recorder stands before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "film_world.h"

static void cut_anywhere_it_plays(
	enum cardea_codec_id audio, enum cardea_codec_id video, enum mux_container c)
{
	struct stat s;
	int64_t last_us = 0;
	film_write_unended(audio, video, "film", 5000000);
	assert_int_equal(stat(film_at("film.killed"), &s), 0);
	/* all that is older than a second was in the file */
	last_us = film_finish("film.killed", "killed", c);
	assert_true(last_us >= 3980000);
	for (unsigned i = 1; i < 8; i++) {
		char name[16];
		long keep = s.st_size / 8 * i + rand() % (s.st_size / 8);
		film_run("cp %s %s/cut", film_at("film.killed"), film_dir);
		assert_int_equal(truncate(film_at("cut"), keep), 0);
		snprintf(name, sizeof name, "cut-%u", i);
		last_us = film_finish("cut", name, c);
		/* what is in the file is played: bytes are spread evenly over 4 s */
		assert_true(last_us >= (int64_t)4000000 * keep / s.st_size - 1300000);
		/* as it is, too, where there is something of each track; of MP4 a head that is cut
		 * off is one error to others, but no process writes half of one */
		if (c != MUX_MP4 && last_us > 1000000)
			assert_int_equal(
				film_run("ffmpeg -v quiet -i %s/cut -f null -", film_dir), 0);
	}
}

static void a_webm_that_is_cut_plays(void **state)
{
	(void)state;
	cut_anywhere_it_plays(CARDEA_OPUS, CARDEA_VP8, MUX_WEBM);
}

static void an_mp4_that_is_cut_plays(void **state)
{
	(void)state;
	cut_anywhere_it_plays(CARDEA_OPUS, CARDEA_H264, MUX_MP4);
}

/* The head of each fragment but the first is cut off. */
static void an_mp4_is_cut_within_a_head(void **state)
{
	static uint8_t bytes[1 << 20];
	unsigned n = 0;
	(void)state;
	film_write_unended(CARDEA_OPUS, CARDEA_H264, "film", 5000000);
	FILE *f = fopen(film_at("film.killed"), "r");
	size_t len = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	for (size_t i = 0; i + 4 < len; i++) {
		char name[32];
		if (memcmp(bytes + i, "moof", 4) || !n++)
			continue;
		film_run("cp %s %s/cut", film_at("film.killed"), film_dir);
		assert_int_equal(truncate(film_at("cut"), (off_t)i + 4 * (int)n), 0);
		snprintf(name, sizeof name, "cut-%u", n);
		assert_in_range(film_finish("cut", name, MUX_MP4), (n - 1) * 900000 - 20000,
			(n - 1) * 900000);
	}
	assert_true(n > 3);
}

static void a_matroska_that_is_cut_plays(void **state)
{
	(void)state;
	cut_anywhere_it_plays(CARDEA_PCMU, CARDEA_VP8, MUX_MATROSKA);
}

static void of_a_head_alone_nothing_is_made(void **state)
{
	struct rec_file *f;
	(void)state;
	film_write_unended(CARDEA_OPUS, CARDEA_VP8, "film", 500000);
	for (int keep = 0; keep < 600; keep += 50) {
		film_run("cp %s %s/cut", film_at("film.killed"), film_dir);
		assert_int_equal(truncate(film_at("cut"), keep), 0);
		f = rec_file_new_finished(
			&rec_disk_real, NULL, film_at("whole"), film_why, sizeof film_why);
		*film_why = 0;
		char source[256];
		strcpy(source, film_at("cut"));
		assert_int_equal(
			mux_finish(source, f, MUX_WEBM, NULL, NULL, film_why, sizeof film_why),
			ERR_INVALID);
		assert_non_null(strstr(film_why, "cut"));
		rec_file_end(f, false);
		assert_int_not_equal(access(film_at("whole.new"), F_OK), 0);
	}
}

/* A process writes in real time's order and tells of each frame, until it is killed. */
static void write_until_killed(
	enum cardea_codec_id audio, enum cardea_codec_id video, const char *name, int to)
{
	struct film f;
	film_prepare(&f, audio, video);
	if (!film_open(&f, &rec_disk_real, name))
		_exit(1);
	for (int64_t us = 0;; us += 20000)
		if (film_go_on(&f, us, us + 20000, 60000) || write(to, &us, sizeof us) != sizeof us)
			_exit(1);
}

static void killed_it_plays(
	enum cardea_codec_id audio, enum cardea_codec_id video, enum mux_container c, unsigned n)
{
	int ends[2];
	int64_t us = 0, until_us = 2000000 + rand() % 8000000;
	char name[16], part[32];
	const struct made *warm;
	media_make(audio, 0, &warm); /* once, not in each process */
	media_make(video, FILM_WIDTH, &warm);
	snprintf(name, sizeof name, "film-%u", n);
	snprintf(part, sizeof part, "film-%u.part", n);
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (!pid)
		write_until_killed(audio, video, name, ends[1]);
	while (us < until_us && read(ends[0], &us, sizeof us) == sizeof us)
		;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0)
		;
	close(ends[1]);
	while (read(ends[0], &us, sizeof us) == sizeof us)
		;
	close(ends[0]);
	assert_true(us >= until_us);
	assert_int_equal(film_run("ffmpeg -v quiet -i %s -f null -", film_at(part)), 0);
	assert_true(film_last_s(part, "a:0") * 1e6 >= (double)us - 1000000);
	assert_true(film_finish(part, name, c) >= us - 1000000);
	assert_int_not_equal(access(film_at(part), F_OK), 0);
}

static void killed_processes_leave_films(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		killed_it_plays(CARDEA_OPUS, CARDEA_VP8, MUX_WEBM, i);
	for (unsigned i = 4; i < 8; i++)
		killed_it_plays(CARDEA_OPUS, CARDEA_H264, MUX_MP4, i);
	for (unsigned i = 8; i < 10; i++)
		killed_it_plays(CARDEA_PCMA, CARDEA_VP9, MUX_MATROSKA, i);
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

static void each_write_of_finishing_can_fail(const char *name, enum mux_container c)
{
	char source[256];
	enum err e = ERR_IO;
	snprintf(source, sizeof source, "%s/%s.part", film_dir, name);
	for (fails_at = 1; e; fails_at++) {
		writes = 0;
		*film_why = 0;
		fails_with = fails_at % 2 ? ENOSPC : EIO;
		struct rec_file *to = rec_file_new_finished(
			&bad_disk, NULL, film_at(name), film_why, sizeof film_why);
		assert_non_null(to);
		e = mux_finish(source, to, c, NULL, NULL, film_why, sizeof film_why);
		assert_int_equal(e, rec_file_error(to) ? ERR_IO : OK);
		assert_true(!e || strstr(film_why, "cannot be written"));
		assert_int_equal(rec_file_end(to, !e), OK);
		assert_int_equal(access(source, F_OK) == 0, e != OK);
		assert_int_equal(access(film_at(name), F_OK) == 0, e == OK);
	}
	assert_true(fails_at > 2);
	film_assert_plays(name);
}

static void a_disk_that_fills_while_finishing_costs_nothing(void **state)
{
	(void)state;
	film_write_unended(CARDEA_OPUS, CARDEA_VP8, "film.webm", 3000000);
	each_write_of_finishing_can_fail("film.webm", MUX_WEBM);
	film_write_unended(CARDEA_OPUS, CARDEA_H264, "film.mp4", 3000000);
	each_write_of_finishing_can_fail("film.mp4", MUX_MP4);
}

/* ---- what is in a file ---- */

static bool stop_at_half(void *arg, double done)
{
	double *last = arg;
	assert_true(done >= *last && done <= 1);
	*last = done;
	return done < 0.5;
}

static void finishing_tells_and_stops(void **state)
{
	double last = 0;
	char source[256];
	struct rec_file *to;
	(void)state;
	film_write_unended(CARDEA_OPUS, CARDEA_VP8, "film", 3000000);
	to = rec_file_new_finished(
		&rec_disk_real, NULL, film_at("film"), film_why, sizeof film_why);
	snprintf(source, sizeof source, "%s/film.part", film_dir);
	assert_int_equal(
		mux_finish(source, to, MUX_WEBM, stop_at_half, &last, film_why, sizeof film_why),
		ERR_STATE);
	assert_true(last >= 0.5 && last < 0.7);
	rec_file_end(to, false);
}

static unsigned asked, stops_at;

static bool stop_there(void *arg, double done)
{
	(void)arg;
	(void)done;
	return ++asked < stops_at;
}

/* Also while libav opens the file, and looks for what is in it. */
static void each_moment_of_finishing_can_be_the_last(void **state)
{
	char source[256];
	enum err e = ERR_STATE;
	(void)state;
	film_write_unended(CARDEA_OPUS, CARDEA_H264, "film.mp4", 1000000);
	snprintf(source, sizeof source, "%s/film.mp4.part", film_dir);
	for (stops_at = 1; e; stops_at++) {
		asked = 0;
		struct rec_file *to = rec_file_new_finished(
			&rec_disk_real, NULL, film_at("film.mp4"), film_why, sizeof film_why);
		e = mux_finish(source, to, MUX_MP4, stop_there, NULL, film_why, sizeof film_why);
		assert_int_equal(e, asked < stops_at ? OK : ERR_STATE);
		assert_string_equal(e ? film_why : "It was stopped.", "It was stopped.");
		assert_int_equal(rec_file_end(to, !e), OK);
		assert_int_equal(access(source, F_OK) == 0, e != OK);
	}
	assert_true(stops_at > 20);
	film_assert_plays("film.mp4");
}

static enum err copy_at_most(uint64_t frames, enum mux_container c, const char *name)
{
	const struct mux_copy how = { .mp4_frames = frames };
	char source[256];
	enum err e;
	strcpy(source, film_at("film.killed"));
	struct rec_file *to = rec_file_new_finished(
		&rec_disk_real, NULL, film_at(name), film_why, sizeof film_why);
	assert_non_null(to);
	e = mux_copy(source, to, c, &how, film_why, sizeof film_why);
	assert_int_equal(rec_file_end(to, !e), OK);
	return e;
}

static void a_longer_mp4_is_made_only_by_who_takes_the_memory(void **state)
{
	(void)state;
	film_write_unended(CARDEA_OPUS, CARDEA_H264, "film", 3000000);
	assert_int_equal(copy_at_most(100, MUX_MP4, "short.mp4"), ERR_FULL);
	assert_non_null(strstr(film_why, "cardea-rec repair"));
	assert_int_not_equal(access(film_at("short.mp4"), F_OK), 0);
	assert_int_equal(copy_at_most(0, MUX_MP4, "long.mp4"), OK);
	film_assert_plays("long.mp4");
	assert_int_equal(copy_at_most(100, MUX_MATROSKA, "long.mkv"), OK); /* takes none */
}

static void info_tells_what_is_there(void **state)
{
	static const struct {
		enum cardea_codec_id audio, video;
		enum mux_container c;
		const char *name;
	} films[] = { { CARDEA_OPUS, CARDEA_AV1, MUX_WEBM, "film.webm" },
		{ CARDEA_OPUS, CARDEA_H265, MUX_MP4, "film.mp4" },
		{ CARDEA_G722, CARDEA_VP8, MUX_MATROSKA, "film.mkv" } };
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct mux_info info;
		char part[32];
		snprintf(part, sizeof part, "%s.killed", films[i].name);
		film_write_unended(films[i].audio, films[i].video, films[i].name, 3000000);
		assert_int_equal(
			mux_info(film_at(part), true, &info, film_why, sizeof film_why), OK);
		assert_false(info.is_whole);
		assert_true(info.duration_us > 1900000 && info.duration_us < 3000000);
		film_finish(
			strcat(strcpy(part, films[i].name), ".part"), films[i].name, films[i].c);
		assert_int_equal(
			mux_info(film_at(films[i].name), false, &info, film_why, sizeof film_why),
			OK);
		assert_true(info.is_whole);
		assert_int_equal(info.began_us / 1000, 1796097077123456 / 1000);
		assert_in_range(info.duration_us, 2980000, 3010000);
		assert_int_equal(info.n_tracks, 2);
		assert_int_equal(info.tracks[0].codec, films[i].audio);
		assert_int_equal(info.tracks[0].clock_hz, film_clock_of(films[i].audio));
		assert_int_equal(info.tracks[0].channels, films[i].audio == CARDEA_OPUS ? 2 : 1);
		assert_int_equal(info.tracks[1].codec, films[i].video);
		assert_int_equal(info.tracks[1].width, FILM_WIDTH);
		assert_int_equal(info.tracks[1].height, FILM_WIDTH * 3 / 4);
		assert_int_equal(
			mux_info(film_at(films[i].name), true, &info, film_why, sizeof film_why),
			OK);
		assert_int_equal(info.tracks[0].frames, 150);
		assert_int_equal(info.tracks[1].frames, 73);
		assert_int_equal(info.tracks[1].keyframes, 3);
		assert_int_equal(info.tracks[1].last_us / 10000, 288);
		assert_int_equal(film_run("ffprobe -v error -show_entries format_tags=title %s | "
					  "grep -q 'A talk with Ada'",
					 film_path),
			0);
	}
	assert_int_equal(mux_info(film_at("nowhere"), true, &(struct mux_info){ 0 }, film_why,
				 sizeof film_why),
		ERR_INVALID);
	assert_non_null(strstr(film_why, "No such file"));
}

static void a_finished_mp4_has_its_head_in_front(void **state)
{
	(void)state;
	film_write_unended(CARDEA_OPUS, CARDEA_H264, "film", 3000000);
	film_finish("film.part", "film", MUX_MP4);
	assert_int_equal(
		film_run("ffprobe -v trace %s 2>&1 | grep -oE \"type:'(moov|mdat|moof)'\" | "
			 "head -1 | grep -q moov",
			film_at("film")),
		0);
	assert_int_equal(
		film_run("ffprobe -v error -show_entries stream=codec_tag_string %s | grep -q avc1",
			film_at("film")),
		0);
	assert_int_not_equal(
		film_run("ffprobe -v trace %s 2>&1 | grep -q \"type:'moof'\"", film_at("film")), 0);
}

/* HOURS=2 tests/unit/recorder_av_finish: the memory that the longest file of all is bounded by. */
static void a_long_mp4_takes_so_much_memory(void **state)
{
	const char *hours = getenv("HOURS");
	char source[256];
	struct rusage before, used;
	int status;
	(void)state;
	if (!hours)
		skip();
	film_write_unended(CARDEA_OPUS, CARDEA_H264, "film", atoi(hours) * INT64_C(3600000000));
	strcpy(source, film_at("film.killed"));
	getrusage(RUSAGE_SELF, &before);
	pid_t pid = fork();
	if (!pid) {
		struct rec_file *to = rec_file_new_finished(
			&rec_disk_real, NULL, film_at("whole"), film_why, sizeof film_why);
		_exit(mux_finish(source, to, MUX_MP4, NULL, NULL, film_why, sizeof film_why));
	}
	assert_int_equal(wait4(pid, &status, 0, &used), pid);
	assert_int_equal(status, 0);
	long mb = (used.ru_maxrss - before.ru_maxrss) / 1024;
	print_message("%ld MB for %s hours\n", mb, hours);
	assert_in_range(mb, 0, 20 + 50 * atoi(hours));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, film_setup, film_teardown)
	const struct CMUnitTest tests[] = {
		T(a_webm_that_is_cut_plays),
		T(an_mp4_that_is_cut_plays),
		T(an_mp4_is_cut_within_a_head),
		T(a_matroska_that_is_cut_plays),
		T(of_a_head_alone_nothing_is_made),
		T(killed_processes_leave_films),
		T(a_disk_that_fills_while_finishing_costs_nothing),
		T(finishing_tells_and_stops),
		T(each_moment_of_finishing_can_be_the_last),
		T(a_longer_mp4_is_made_only_by_who_takes_the_memory),
		T(info_tells_what_is_there),
		T(a_finished_mp4_has_its_head_in_front),
		T(a_long_mp4_takes_so_much_memory),
	};
	srand((unsigned)getpid());
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests(tests, NULL, film_unmake);
}
