/* SPDX-License-Identifier: Apache-2.0 */
/* The finisher: files that are over, files that a crash left, files that are too old. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/clock.h"
#include "../../core/recorder/av/mux.h"
#include "../../core/recorder/finish.h"
#include "media_maker.h"
#include "until.h"

#define SECONDS 2
#define ID      77

static char dir[64], path[256];
static struct queue *reports;
static unsigned n_told;
static struct rec_rep told;

static const char *at(const char *name)
{
	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static bool is_there(const char *name)
{
	return !access(at(name), F_OK);
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/cardea-finish-XXXXXX");
	assert_non_null(mkdtemp(dir));
	reports = queue_create("reports", 1u << 20);
	n_told = 0;
	return reports ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];
	(void)state;
	finish_stop(0);
	queue_destroy(reports);
	snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command);
}

static void start(uint64_t min_free, struct retention r)
{
	const struct finish_conf conf = {
		.io = &rec_disk_real, .min_free = min_free, .retention = r, .reports = reports
	};
	assert_int_equal(finish_start(&conf), OK);
}

static void hear(void *arg, const void *rec, size_t len)
{
	(void)arg;
	memcpy(&told, rec, len);
	assert_int_equal(told.type, REC_REP_FINISHED);
	n_told++;
}

static void await(unsigned n)
{
	UNTIL_DOING(n_told >= n, queue_drain(reports, hear, NULL));
	assert_int_equal(n_told, n);
}

static void order(enum finish_type type, unsigned container, const char *name)
{
	struct finish_order o = { .type = type,
		.container = container,
		.recording = ID,
		.began_us = 1,
		.duration_us = 2 };
	snprintf(o.path, sizeof o.path, "%s", at(name));
	assert_int_equal(queue_push(finish_queue(), &o, finish_order_len(&o)), OK);
}

/* What a recorder leaves: NAME.part, without an end where the server was killed. */
static void write_part_of(const char *name, bool is_killed, unsigned seconds)
{
	const struct mux_track track = { .codec = CARDEA_OPUS, .clock_hz = 48000, .channels = 2 };
	const struct made *sound;
	unsigned n = media_make(CARDEA_OPUS, 0, &sound);
	char why[256] = "";
	struct rec_file *f = rec_file_new(&rec_disk_real, NULL, at(name), why, sizeof why);
	assert_non_null(f);
	struct mux *m = mux_new(
		&(struct mux_conf){ .container = MUX_WEBM, .file = f }, &track, 1, why, sizeof why);
	assert_non_null(m);
	for (unsigned i = 0; i < seconds * 50; i++) {
		const struct rec_frame frame = media_frame(sound, n, i);
		assert_int_equal(mux_write(m, 0, &frame, i * 20000), OK);
	}
	assert_int_equal(mux_flush(m), OK);
	off_t size = (off_t)rec_file_size(f);
	assert_int_equal(mux_end(m), OK);
	rec_file_end(f, false);
	char part[64];
	snprintf(part, sizeof part, "%s.part", name);
	if (is_killed)
		assert_int_equal(truncate(at(part), size - 10), 0);
}

static void write_part(const char *name, bool is_killed)
{
	write_part_of(name, is_killed, SECONDS);
}

static void write_file(const char *name, size_t size, int64_t age_s)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0640);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	const struct timespec when[2] = { { time(NULL) - age_s, 0 }, { time(NULL) - age_s, 0 } };
	assert_int_equal(futimens(fd, when), 0);
	close(fd);
}

static struct mux_info look(const char *name)
{
	struct mux_info info;
	char why[256] = "";
	if (mux_info(at(name), true, &info, why, sizeof why))
		fail_msg("%s", why);
	return info;
}

/* ---- a file ---- */

static void a_file_gets_its_last_form_and_its_name(void **state)
{
	(void)state;
	write_part("call.webm", false);
	start(0, (struct retention){ 0 });
	order(FINISH_FILE, MUX_WEBM, "call.webm");
	await(1);
	assert_int_equal(told.container, 0);
	assert_int_equal(told.recording, ID);
	assert_int_equal(told.duration_us, 2);
	assert_string_equal(told.text, at("call.webm"));
	assert_false(is_there("call.webm.part"));
	assert_false(is_there("call.webm.new"));
	struct mux_info info = look("call.webm");
	assert_true(info.is_whole);
	assert_int_equal(info.tracks[0].frames, SECONDS * 50);
}

static void without_room_for_two_it_stays_as_it_is(void **state)
{
	(void)state;
	write_part("call.webm", false);
	start(UINT64_MAX / 2, (struct retention){ 0 });
	order(FINISH_FILE, MUX_WEBM, "call.webm");
	await(1);
	assert_int_equal(told.container, 0);
	assert_int_equal(look("call.webm").tracks[0].frames, SECONDS * 50);
	assert_false(is_there("call.webm.part"));
}

static void what_cannot_be_read_keeps_what_it_has(void **state)
{
	(void)state;
	write_file("call.webm.part", 10000, 0);
	start(0, (struct retention){ 0 });
	order(FINISH_FILE, MUX_WEBM, "call.webm");
	await(1);
	assert_true(is_there("call.webm"));
	assert_false(is_there("call.webm.new"));
}

static void what_has_a_head_only_is_let_go(void **state)
{
	(void)state;
	write_part_of("call.webm", false, 0);
	assert_true(is_there("call.webm.part"));
	start(0, (struct retention){ 0 });
	order(FINISH_FILE, MUX_WEBM, "call.webm");
	await(1);
	assert_int_equal(told.container, MUX_WEBM); /* there is none */
	assert_false(is_there("call.webm"));
	assert_false(is_there("call.webm.part"));
	assert_false(is_there("call.webm.new"));
}

static void a_name_that_is_taken_is_not_lost(void **state)
{
	(void)state;
	write_part("call.webm", false);
	write_file("call.webm", 5, 0);
	start(0, (struct retention){ 0 });
	order(FINISH_FILE, MUX_WEBM, "call.webm");
	await(1);
	assert_int_equal(told.container, MUX_WEBM); /* it is not whole */
	assert_true(is_there("call.webm.part"));
	struct stat s;
	assert_int_equal(stat(at("call.webm"), &s), 0);
	assert_int_equal(s.st_size, 5);
}

static void what_there_is_no_time_for_waits_for_the_next_start(void **state)
{
	(void)state;
	write_part("call.webm", false);
	start(0, (struct retention){ 0 });
	order(FINISH_FOLDER, 0, "nowhere"); /* so that the next may wait */
	order(FINISH_FILE, MUX_WEBM, "call.webm");
	finish_stop(-1);
	queue_drain(reports, hear, NULL);
	assert_int_equal(n_told, 1);
	if (told.container)
		assert_true(is_there("call.webm.part"));
	else
		assert_true(is_there("call.webm")); /* it was quick */
}

/* ---- folders ---- */

static void what_a_crash_has_left_is_finished(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("below"), 0755), 0);
	write_part("below/call.webm", true);
	write_file("call-audio.mjr.part", 8, 0);
	write_file("whole.webm", 8, 0);
	write_file("none.of.ours", 8, 0);
	start(0, (struct retention){ 0 });
	order(FINISH_FOLDER, 0, "");
	await(2);
	assert_int_equal(told.recording, 0);
	assert_true(is_there("call-audio.mjr"));
	struct mux_info info = look("below/call.webm");
	assert_true(info.is_whole);
	assert_in_range(info.tracks[0].frames, (SECONDS - 1) * 50, SECONDS * 50);
	assert_false(is_there("below/call.webm.part"));
}

static void what_is_being_written_is_let_be(void **state)
{
	char why[256] = "";
	(void)state;
	struct rec_file *f = rec_file_new(&rec_disk_real, NULL, at("call.webm"), why, sizeof why);
	assert_non_null(f);
	assert_int_equal(rec_file_write(f, "x", 1), OK);
	write_part("last.webm", false);
	start(0, (struct retention){ 0 });
	order(FINISH_FOLDER, 0, "");
	await(1); /* of the other one */
	write_file("mark.mjr.part", 8, 0);
	order(FINISH_FILE, 0, "mark.mjr");
	await(2); /* the folder has been looked through */
	assert_true(is_there("call.webm.part"));
	assert_false(is_there("call.webm"));
	rec_file_end(f, false);
}

/* ---- retention ---- */

static void what_is_too_old_goes(void **state)
{
	(void)state;
	write_file("old.webm", 10, 2000);
	write_file("old-data.jsonl", 10, 2000);
	write_file("old.txt", 10, 2000);
	write_file("5.nfo", 10, 2000); /* what names files that go */
	write_file("room-1234-1767261600000000.json", 10, 2000);
	write_file("other.json", 10, 2000);
	write_file("new.webm", 10, 10);
	start(0, (struct retention){ .max_age_s = 1000 });
	order(FINISH_RETAIN, 0, "");
	write_file("mark.txt.part", 8, 0);
	order(FINISH_FILE, 0, "mark.txt");
	await(1);
	assert_false(is_there("old.webm"));
	assert_false(is_there("old-data.jsonl"));
	assert_false(is_there("5.nfo"));
	assert_false(is_there("room-1234-1767261600000000.json"));
	assert_true(is_there("other.json"));
	assert_true(is_there("old.txt"));
	assert_true(is_there("new.webm"));
}

static void the_oldest_go_when_it_is_too_much(void **state)
{
	static const char *const names[] = { "a.webm", "b.mp4", "c.mjr", "d.mkv" };
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		write_file(names[i], 100, 400 - 100 * i);
	write_file("e.webm.part", 1000, 4000);
	start(0, (struct retention){ .max_bytes = 250 });
	order(FINISH_RETAIN, 0, "");
	write_file("mark.txt.part", 8, 0);
	order(FINISH_FILE, 0, "mark.txt");
	await(1);
	assert_false(is_there("a.webm"));
	assert_false(is_there("b.mp4"));
	assert_true(is_there("c.mjr"));
	assert_true(is_there("d.mkv"));
	assert_true(is_there("e.webm.part"));
}

/* ---- room ---- */

static void room_is_that_of_the_folder_that_is_there(void **state)
{
	(void)state;
	assert_int_not_equal(space_free(at("new/folder/file")), 0);
	assert_true(space_free(at("file")) < UINT64_MAX);
	assert_true(space_free("file") < UINT64_MAX);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_file_gets_its_last_form_and_its_name),
		T(without_room_for_two_it_stays_as_it_is),
		T(what_cannot_be_read_keeps_what_it_has),
		T(what_has_a_head_only_is_let_go),
		T(a_name_that_is_taken_is_not_lost),
		T(what_there_is_no_time_for_waits_for_the_next_start),
		T(what_a_crash_has_left_is_finished),
		T(what_is_being_written_is_let_be),
		T(what_is_too_old_goes),
		T(the_oldest_go_when_it_is_too_much),
		T(room_is_that_of_the_folder_that_is_there),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	media_unmake();
	return failed;
}
