/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
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
	return c < CARDEA_G722 || c == CARDEA_L16_48 ? 48000 : c == CARDEA_L16 ? 16000 : 8000;
}

static unsigned channels_of(enum cardea_codec_id c)
{
	if (c == CARDEA_MULTIOPUS)
		return 6;
	return c == CARDEA_OPUS ? 2 : 1;
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
			.channels = channels_of(f->audio),
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

/* ---- what is cut off ---- */

static void write_unended(
	enum cardea_codec_id audio, enum cardea_codec_id video, const char *name, int64_t end_us)
{
	struct film f;
	prepare(&f, audio, video);
	assert_true(open_on(&f, &rec_disk_real, name));
	assert_int_equal(go_on(&f, 0, end_us, 100000), OK);
	/* what a killed process leaves: what it had not flushed is gone */
	run("cp %s.part %s.killed", path, path);
	mux_end(f.mux);
	rec_file_end(f.file, false);
}

/* Finish FROM to TO: it plays, and is whole. @return µs of its last frame */
static int64_t finish(const char *from, const char *to, enum mux_container c)
{
	char source[256];
	struct mux_info info;
	struct rec_file *f = rec_file_new_finished(&rec_disk_real, NULL, at(to), why, sizeof why);
	assert_non_null(f);
	strcpy(source, at(from));
	if (mux_finish(source, f, c, NULL, NULL, why, sizeof why))
		fail_msg("%s", why);
	assert_int_equal(rec_file_end(f, true), OK);
	assert_int_equal(mux_info(at(to), true, &info, why, sizeof why), OK);
	assert_true(info.is_whole);
	assert_plays(to);
	int64_t last_us = 0;
	for (unsigned i = 0; i < info.n_tracks; i++)
		last_us = info.tracks[i].last_us > last_us ? info.tracks[i].last_us : last_us;
	assert_true(info.duration_us >= last_us && info.duration_us <= last_us + 100000);
	return last_us;
}

static void cut_anywhere_it_plays(
	enum cardea_codec_id audio, enum cardea_codec_id video, enum mux_container c)
{
	struct stat s;
	int64_t last_us = 0;
	write_unended(audio, video, "film", 5000000);
	assert_int_equal(stat(at("film.killed"), &s), 0);
	/* all that is older than a second was in the file */
	last_us = finish("film.killed", "killed", c);
	assert_true(last_us >= 3980000);
	for (unsigned i = 1; i < 8; i++) {
		char name[16];
		long keep = s.st_size / 8 * i + rand() % (s.st_size / 8);
		run("cp %s %s/cut", at("film.killed"), dir);
		assert_int_equal(truncate(at("cut"), keep), 0);
		snprintf(name, sizeof name, "cut-%u", i);
		last_us = finish("cut", name, c);
		/* what is in the file is played: bytes are spread evenly over 4 s */
		assert_true(last_us >= (int64_t)4000000 * keep / s.st_size - 1300000);
		/* as it is, too, where there is something of each track */
		if (last_us > 1000000 && run("ffmpeg -v quiet -i %s/cut -f null -", dir))
			fail_msg("%ld", keep);
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

static void a_matroska_that_is_cut_plays(void **state)
{
	(void)state;
	cut_anywhere_it_plays(CARDEA_PCMU, CARDEA_VP8, MUX_MATROSKA);
}

static void of_a_head_alone_nothing_is_made(void **state)
{
	struct rec_file *f;
	(void)state;
	write_unended(CARDEA_OPUS, CARDEA_VP8, "film", 500000);
	for (int keep = 0; keep < 600; keep += 50) {
		run("cp %s %s/cut", at("film.killed"), dir);
		assert_int_equal(truncate(at("cut"), keep), 0);
		f = rec_file_new_finished(&rec_disk_real, NULL, at("whole"), why, sizeof why);
		*why = 0;
		char source[256];
		strcpy(source, at("cut"));
		assert_int_equal(
			mux_finish(source, f, MUX_WEBM, NULL, NULL, why, sizeof why), ERR_INVALID);
		assert_non_null(strstr(why, "cut"));
		rec_file_end(f, false);
		assert_int_not_equal(access(at("whole.new"), F_OK), 0);
	}
}

/* A process writes in real time's order and tells of each frame, until it is killed. */
static void write_until_killed(
	enum cardea_codec_id audio, enum cardea_codec_id video, const char *name, int to)
{
	struct film f;
	prepare(&f, audio, video);
	if (!open_on(&f, &rec_disk_real, name))
		_exit(1);
	for (int64_t us = 0;; us += 20000)
		if (go_on(&f, us, us + 20000, 60000) || write(to, &us, sizeof us) != sizeof us)
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
	media_make(video, WIDTH, &warm);
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
	assert_true(finish(part, name, c) >= us - 1000000);
	assert_int_not_equal(access(at(part), F_OK), 0);
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

/* @return it could be written nonetheless */
static bool write_on_bad_disk(enum cardea_codec_id audio, enum cardea_codec_id video)
{
	struct film f;
	enum err e;
	prepare(&f, audio, video);
	*why = writes = 0;
	if (!open_on(&f, &bad_disk, "bad")) {
		assert_non_null(strstr(why, "bad cannot be written"));
		rec_file_end(f.file, false);
		return false;
	}
	e = go_on(&f, 0, 3000000, 100000);
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
		unlink(at("bad.part"));
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

static void each_write_of_finishing_can_fail(const char *name, enum mux_container c)
{
	char source[256];
	enum err e = ERR_IO;
	snprintf(source, sizeof source, "%s/%s.part", dir, name);
	for (fails_at = 1; e; fails_at++) {
		writes = 0;
		*why = 0;
		fails_with = fails_at % 2 ? ENOSPC : EIO;
		struct rec_file *to =
			rec_file_new_finished(&bad_disk, NULL, at(name), why, sizeof why);
		assert_non_null(to);
		e = mux_finish(source, to, c, NULL, NULL, why, sizeof why);
		assert_int_equal(e, rec_file_error(to) ? ERR_IO : OK);
		assert_true(!e || strstr(why, "cannot be written"));
		assert_int_equal(rec_file_end(to, !e), OK);
		assert_int_equal(access(source, F_OK) == 0, e != OK);
		assert_int_equal(access(at(name), F_OK) == 0, e == OK);
	}
	assert_true(fails_at > 2);
	assert_plays(name);
}

static void a_disk_that_fills_while_finishing_costs_nothing(void **state)
{
	(void)state;
	write_unended(CARDEA_OPUS, CARDEA_VP8, "film.webm", 3000000);
	each_write_of_finishing_can_fail("film.webm", MUX_WEBM);
	write_unended(CARDEA_OPUS, CARDEA_H264, "film.mp4", 3000000);
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
	write_unended(CARDEA_OPUS, CARDEA_VP8, "film", 3000000);
	to = rec_file_new_finished(&rec_disk_real, NULL, at("film"), why, sizeof why);
	snprintf(source, sizeof source, "%s/film.part", dir);
	assert_int_equal(
		mux_finish(source, to, MUX_WEBM, stop_at_half, &last, why, sizeof why), ERR_STATE);
	assert_true(last >= 0.5 && last < 0.7);
	rec_file_end(to, false);
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
		write_unended(films[i].audio, films[i].video, films[i].name, 3000000);
		assert_int_equal(mux_info(at(part), true, &info, why, sizeof why), OK);
		assert_false(info.is_whole);
		assert_true(info.duration_us > 1900000 && info.duration_us < 3000000);
		finish(strcat(strcpy(part, films[i].name), ".part"), films[i].name, films[i].c);
		assert_int_equal(mux_info(at(films[i].name), false, &info, why, sizeof why), OK);
		assert_true(info.is_whole);
		assert_int_equal(info.began_us / 1000, 1796097077123456 / 1000);
		assert_in_range(info.duration_us, 2980000, 3010000);
		assert_int_equal(info.n_tracks, 2);
		assert_int_equal(info.tracks[0].codec, films[i].audio);
		assert_int_equal(info.tracks[0].clock_hz, clock_of(films[i].audio));
		assert_int_equal(info.tracks[0].channels, films[i].audio == CARDEA_OPUS ? 2 : 1);
		assert_int_equal(info.tracks[1].codec, films[i].video);
		assert_int_equal(info.tracks[1].width, WIDTH);
		assert_int_equal(info.tracks[1].height, WIDTH * 3 / 4);
		assert_int_equal(mux_info(at(films[i].name), true, &info, why, sizeof why), OK);
		assert_int_equal(info.tracks[0].frames, 150);
		assert_int_equal(info.tracks[1].frames, 73);
		assert_int_equal(info.tracks[1].keyframes, 3);
		assert_int_equal(info.tracks[1].last_us / 10000, 288);
		assert_int_equal(run("ffprobe -v error -show_entries format_tags=title %s | "
				     "grep -q 'A talk with Ada'",
					 path),
			0);
	}
	assert_int_equal(mux_info(at("nowhere"), true, &(struct mux_info){ 0 }, why, sizeof why),
		ERR_INVALID);
	assert_non_null(strstr(why, "No such file"));
}

static void a_finished_mp4_has_its_head_in_front(void **state)
{
	(void)state;
	write_unended(CARDEA_OPUS, CARDEA_H264, "film", 3000000);
	finish("film.part", "film", MUX_MP4);
	assert_int_equal(run("ffprobe -v trace %s 2>&1 | grep -oE \"type:'(moov|mdat|moof)'\" | "
			     "head -1 | grep -q moov",
				 at("film")),
		0);
	assert_int_equal(
		run("ffprobe -v error -show_entries stream=codec_tag_string %s | grep -q avc1",
			at("film")),
		0);
	assert_int_not_equal(
		run("ffprobe -v trace %s 2>&1 | grep -q \"type:'moof'\"", at("film")), 0);
}

/* The second half has pictures of another size. */
static void a_resolution_changes_within(
	enum cardea_codec_id video, enum mux_container c, const char *tag)
{
	struct film f;
	struct rec_frame p;
	const struct made *large;
	unsigned n;
	prepare(&f, CARDEA_OPUS, video);
	n = media_make(video, 320, &large);
	assert_true(open_on(&f, &rec_disk_real, "film"));
	assert_int_equal(go_on(&f, 0, 2000000, 0), OK);
	for (unsigned i = 0; i < 50; i++) {
		p = media_frame(large, n, i);
		assert_int_equal(mux_write(f.mux, 1, &p, 2000000 + i * 40000), OK);
	}
	assert_int_equal(mux_end(f.mux), OK);
	rec_file_end(f.file, false);
	finish("film.part", "film", c);
	assert_int_equal(
		run("ffprobe -v error -select_streams v -show_entries frame=width -of csv=p=0 "
		    "%s | tr -d , | sort | uniq -c | tr -s ' \n' ' ' | grep -q '50 160 50 320'",
			at("film")),
		0);
	assert_int_equal(
		run("ffprobe -v error -show_entries stream=codec_tag_string %s | grep -qF '%s'",
			path, tag),
		0);
	run("rm %s/film", dir);
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
	prepare(&f, CARDEA_OPUS, CARDEA_VP8);
	assert_true(open_on(&f, &rec_disk_real, "film"));
	f.video = CARDEA_CODEC_NONE;
	assert_int_equal(go_on(&f, 0, 3000000, 0), OK);
	assert_int_equal(mux_end(f.mux), OK);
	rec_file_end(f.file, false);
	finish("film.part", "film", MUX_WEBM);
	assert_int_equal(mux_info(at("film"), true, &info, why, sizeof why), OK);
	assert_int_equal(info.n_tracks, 1);
	assert_int_equal(info.tracks[0].frames, 150);
}

static void silence_leaves_a_gap(enum cardea_codec_id video, enum mux_container c)
{
	struct film f;
	prepare(&f, CARDEA_OPUS, video);
	assert_true(open_on(&f, &rec_disk_real, "film"));
	assert_int_equal(go_on(&f, 0, 1000000, 0), OK);
	assert_int_equal(mux_flush(f.mux), OK);
	assert_int_equal(go_on(&f, 91000000, 92000000, 0), OK);
	assert_int_equal(mux_end(f.mux), OK);
	rec_file_end(f.file, false);
	assert_int_equal(finish("film.part", "film", c) / 1000, 91980);
	assert_int_equal(count("film", "a:0"), 100);
	assert_int_equal(count("film", "v:0"), 50);
	run("rm %s/film", dir);
}

static void a_long_silence_does_no_harm(void **state)
{
	(void)state;
	silence_leaves_a_gap(CARDEA_VP8, MUX_WEBM);
	silence_leaves_a_gap(CARDEA_H264, MUX_MP4);
}

/* ---- reading ---- */

static void frames_come_back_as_they_were(void **state)
{
	struct film f;
	struct demux *d;
	struct rec_frame got;
	unsigned track, n[2] = { 0 };
	int64_t us;
	(void)state;
	a_film_plays(CARDEA_OPUS, CARDEA_VP8, "film");
	prepare(&f, CARDEA_OPUS, CARDEA_VP8);
	assert_non_null(d = demux_open(at("film"), NULL, why, sizeof why));
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
	write_unended(CARDEA_OPUS, CARDEA_H264, "film", 3000000);
	finish("film.part", "film", MUX_MP4);
	assert_non_null(d = demux_open(at("film"), &info, why, sizeof why));
	while (!demux_read(d, &track, &got, &us)) {
		if (!track)
			continue;
		assert_memory_equal(got.data, "\0\0\0\1", 4);
		assert_int_equal(has_unit(&got, 7), got.is_keyframe);
		assert_int_equal(has_unit(&got, 8), got.is_keyframe);
		assert_int_equal(has_unit(&got, 5), got.is_keyframe);
		assert_int_equal(got.width, got.is_keyframe ? WIDTH : 0);
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
	write_unended(CARDEA_OPUS, video, "film", 5000000);
	if (!cut)
		finish("film.part", "film", c);
	assert_non_null(d = demux_open(at(cut ? "film.killed" : "film"), NULL, why, sizeof why));
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
	run("rm -f %s/film*", dir);
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
	struct demux *d = demux_open(path_of, NULL, why, sizeof why);
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
	assert_int_equal(stat(at(name), &s), 0);
	snprintf(bad, sizeof bad, "%s/damaged", dir);
	for (unsigned i = 0; i < 10; i++) {
		struct rec_file *to =
			rec_file_new_finished(&rec_disk_real, NULL, at("new"), why, sizeof why);
		run("cp %s/%s %s", dir, name, bad);
		FILE *f = fopen(bad, "r+");
		for (unsigned k = 0; k < 1 + 4 * i; k++) {
			/* heads more than media */
			fseek(f, rand() % (k % 2 ? s.st_size : 2000), SEEK_SET);
			fputc(rand(), f);
		}
		fclose(f);
		mux_info(bad, true, &info, why, sizeof why);
		read_all(bad);
		mux_finish(bad, to, c, NULL, NULL, why, sizeof why);
		rec_file_end(to, false);
	}
}

static void damaged_files_do_no_harm(void **state)
{
	(void)state;
	srand(1); /* a damage that harms is to be found again */
	write_unended(CARDEA_OPUS, CARDEA_VP8, "film.webm", 2000000);
	damage("film.webm.part", MUX_WEBM);
	write_unended(CARDEA_OPUS, CARDEA_H264, "film.mp4", 2000000);
	damage("film.mp4.part", MUX_MP4);
	finish("film.mp4.part", "film.mp4", MUX_MP4);
	damage("film.mp4", MUX_MP4);
	write_unended(CARDEA_PCMU, CARDEA_H265, "film.mkv", 2000000);
	damage("film.mkv.part", MUX_MATROSKA);
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
	conf.file = rec_file_new(&rec_disk_real, NULL, at("film"), why, sizeof why);
	assert_null(mux_new(&conf, &t, 1, why, sizeof why));
	assert_non_null(strstr(why, "H.264 needs"));
	t.head = (const uint8_t *)"\0\0\0\1\x67nonsense";
	t.head_len = 13;
	assert_null(mux_new(&conf, &t, 1, why, sizeof why));
	assert_null(mux_new(&conf, &t, 0, why, sizeof why));
	conf.container = MUX_WEBM;
	t = (struct mux_track){ .codec = CARDEA_PCMU, .clock_hz = 8000, .channels = 1 };
	assert_null(mux_new(&conf, &t, 1, why, sizeof why));
	assert_non_null(strstr(why, "Only VP8"));
	rec_file_end(conf.file, false);
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
		T(a_webm_that_is_cut_plays),
		T(an_mp4_that_is_cut_plays),
		T(a_matroska_that_is_cut_plays),
		T(of_a_head_alone_nothing_is_made),
		T(killed_processes_leave_films),
		T(a_full_disk_is_an_error),
		T(a_disk_that_fills_while_finishing_costs_nothing),
		T(finishing_tells_and_stops),
		T(info_tells_what_is_there),
		T(a_finished_mp4_has_its_head_in_front),
		T(resolutions_change_within_a_file),
		T(a_track_that_never_came_is_dropped),
		T(a_long_silence_does_no_harm),
		T(frames_come_back_as_they_were),
		T(keyframes_have_their_parameter_sets),
		T(seeks_find_keyframes),
		T(damaged_files_do_no_harm),
		T(what_cannot_be_is_said),
	};
	srand((unsigned)getpid());
	cmocka_set_test_filter(getenv("ONLY"));
	return cmocka_run_group_tests(tests, NULL, unmake);
}
