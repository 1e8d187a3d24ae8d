/* SPDX-License-Identifier: Apache-2.0 */
/* Frames on their way into files of a container: heads, next files, what cannot be held. */
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
#include "../../core/base/clock.h"
#include "../../core/recorder/av/mux.h"
#include "../../core/recorder/media_out.h"
#include "media_maker.h"

/* Pictures of 40 ms and sound of 20 ms, placed as they are numbered; time is the test's. */
#define PICTURE_US 40000
#define SOUND_US   20000

static char dir[64], base[128];
static struct media_out *m;
static int64_t now_us;
static unsigned n_asked, n_reports;
static struct rec_rep reports[16];
static const struct made *frames[MEDIA_SLOTS];
static unsigned n_frames[MEDIA_SLOTS], at[MEDIA_SLOTS];
static int64_t next_us[MEDIA_SLOTS];

static void tell(const struct rec_rep *r)
{
	assert_in_range(n_reports, 0, 15);
	reports[n_reports++] = *r;
}

static void want_keyframe(void *arg)
{
	(void)arg;
	n_asked++;
}

static int64_t place(void *arg, unsigned slot, const struct rec_frame *f)
{
	(void)arg;
	(void)slot;
	return f->ts;
}

static struct rec_env env = { .io = &rec_disk_real, .sync_us = 1000000, .tell = tell };

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/cardea-media-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(base, sizeof base, "%s/call", dir);
	now_us = 1000000;
	clock_fake(now_us);
	n_asked = n_reports = 0;
	memset(at, 0, sizeof at);
	memset(next_us, 0, sizeof next_us);
	const struct media_out_conf conf = { .env = &env,
		.recording = 7,
		.base = base,
		.title = "A call",
		.want_keyframe = want_keyframe,
		.place = place };
	m = media_out_new(&conf);
	return m ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];
	(void)state;
	media_out_end(m);
	media_out_free(m);
	clock_fake(-1);
	snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command);
}

static void open_track(unsigned slot, enum cardea_codec_id codec)
{
	const struct track t = { .codec = (uint8_t)codec,
		.kind = slot == MEDIA_AUDIO ? CARDEA_AUDIO : CARDEA_VIDEO,
		.clock_hz = slot == MEDIA_AUDIO ? 48000 : 90000,
		.channels = 2 };
	n_frames[slot] = media_make(codec, 320, &frames[slot]);
	assert_int_not_equal(n_frames[slot], 0);
	at[slot] = 0;
	media_out_track(m, slot, &t);
}

static bool give(unsigned slot)
{
	struct rec_frame f = media_frame(frames[slot], n_frames[slot], at[slot]++);
	f.ts = next_us[slot];
	f.width = f.height = slot == MEDIA_VIDEO && f.is_keyframe ? 320 : 0;
	f.at_us = now_us;
	next_us[slot] += slot == MEDIA_AUDIO ? SOUND_US : PICTURE_US;
	return media_out_frame(m, slot, &f);
}

/* So long, of each that is open. */
static void run(int64_t us, bool sound, bool pictures)
{
	for (int64_t end_us = now_us + us; now_us < end_us; now_us += SOUND_US) {
		clock_fake(now_us);
		if (sound)
			assert_true(give(MEDIA_AUDIO));
		else
			next_us[MEDIA_AUDIO] += SOUND_US;
		if (now_us % PICTURE_US == 0 && pictures)
			assert_true(give(MEDIA_VIDEO));
		else if (now_us % PICTURE_US == 0)
			next_us[MEDIA_VIDEO] += PICTURE_US;
		media_out_tick(m, now_us);
	}
}

static void align(void)
{
	media_out_aligned(m, MEDIA_AUDIO);
	media_out_aligned(m, MEDIA_VIDEO);
}

static void end(void)
{
	media_out_end(m);
}

/* A file that stands as NAME.part. */
static struct mux_info look(const char *ending)
{
	struct mux_info info;
	char path[160], why[256] = "";
	snprintf(path, sizeof path, "%s%s.part", base, ending);
	if (mux_info(path, true, &info, why, sizeof why))
		fail_msg("%s", why);
	return info;
}

static bool is_there(const char *ending)
{
	char path[160];
	snprintf(path, sizeof path, "%s%s.part", base, ending);
	return !access(path, F_OK);
}

/* ---- heads ---- */

static void the_head_waits_for_all_that_are_wanted(void **state)
{
	(void)state;
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	open_track(MEDIA_VIDEO, CARDEA_VP8);
	align();
	run(400000, true, false);
	assert_false(is_there(".webm"));
	run(1000000, true, true);
	assert_true(is_there(".webm"));
	assert_int_equal(reports[0].type, REC_REP_STARTED);
	assert_int_equal(reports[0].recording, 7);
	assert_non_null(strstr(reports[0].text, "/call.webm"));
	end();
	assert_int_equal(n_reports, 2);
	assert_int_equal(reports[1].type, REC_REP_FILE);
	assert_int_equal(reports[1].container, MUX_WEBM);
	assert_in_range(reports[1].duration_us, 1340000, 1400000);
	struct mux_info info = look(".webm");
	assert_int_equal(info.n_tracks, 2);
	assert_int_equal(info.tracks[0].frames, 70);
	assert_int_equal(info.tracks[1].frames, 25);
	assert_int_equal(info.tracks[1].width, 320);
	assert_in_range(info.tracks[1].first_us, 400000, 440000);
}

static void the_head_waits_for_what_is_not_described_yet(void **state)
{
	(void)state;
	media_out_expect(m, MEDIA_AUDIO);
	media_out_expect(m, MEDIA_VIDEO);
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	align();
	run(100000, true, false);
	assert_false(is_there(".webm"));
	open_track(MEDIA_VIDEO, CARDEA_VP8);
	run(400000, true, true);
	end();
	assert_int_equal(look(".webm").n_tracks, 2);
	assert_false(is_there("-2.webm"));
}

static void what_is_never_described_is_not_waited_for(void **state)
{
	(void)state;
	media_out_expect(m, MEDIA_VIDEO);
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	run(MEDIA_WAIT_US - 100000, true, false);
	assert_false(is_there(".webm"));
	run(200000, true, false);
	assert_int_equal(look(".webm").n_tracks, 1);
}

static void the_head_waits_until_times_go_together(void **state)
{
	(void)state;
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	open_track(MEDIA_VIDEO, CARDEA_VP8);
	run(400000, true, true);
	media_out_aligned(m, MEDIA_AUDIO);
	run(400000, true, true);
	assert_false(is_there(".webm"));
	media_out_aligned(m, MEDIA_VIDEO);
	run(40000, true, true);
	assert_true(is_there(".webm"));
}

static void it_waits_two_seconds_at_most(void **state)
{
	(void)state;
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	open_track(MEDIA_VIDEO, CARDEA_VP8);
	run(MEDIA_WAIT_US - 100000, true, false);
	assert_false(is_there(".webm"));
	run(200000, true, false);
	assert_true(is_there(".webm"));
	run(1000000, true, true); /* in the same file: its head has them */
	end();
	struct mux_info info = look(".webm");
	assert_int_equal(info.n_tracks, 2);
	assert_int_equal(info.tracks[1].frames, 25);
}

static void who_is_alone_waits_for_nobody(void **state)
{
	(void)state;
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	run(20000, true, false);
	assert_true(is_there(".webm"));
	end();
	assert_int_equal(look(".webm").n_tracks, 1);
}

static void what_is_kept_is_written_in_a_hurry_and_at_the_end(void **state)
{
	(void)state;
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	open_track(MEDIA_VIDEO, CARDEA_VP8);
	run(200000, true, true);
	media_out_hurry(m);
	assert_true(is_there(".webm"));
	end();
	assert_int_equal(look(".webm").tracks[0].frames, 10);
}

static void nothing_is_made_of_nothing(void **state)
{
	(void)state;
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	run(3000000, false, false);
	end();
	assert_int_equal(n_reports, 0);
	assert_false(is_there(".webm"));
}

/* ---- the next file ---- */

static void pictures_whose_head_was_not_there_begin_the_next_file(void **state)
{
	(void)state;
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	open_track(MEDIA_VIDEO, CARDEA_H264);
	align();
	run(MEDIA_WAIT_US + 200000, true, false);
	assert_true(is_there(".webm"));
	run(1000000, true, true);
	end();
	assert_int_equal(look(".webm").n_tracks, 1);
	struct mux_info info = look("-2.mp4");
	assert_int_equal(info.n_tracks, 2);
	assert_int_equal(info.tracks[0].frames + info.tracks[1].frames, 74);
	assert_int_equal(info.tracks[info.tracks[0].codec == CARDEA_H264 ? 0 : 1].first_us, 0);
}

static void another_codec_begins_the_next_file(void **state)
{
	(void)state;
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	open_track(MEDIA_VIDEO, CARDEA_VP8);
	align();
	run(1000000, true, true);
	open_track(MEDIA_VIDEO, CARDEA_VP9);
	run(1000000, true, true);
	end();
	assert_int_equal(look(".webm").tracks[1].codec, CARDEA_VP8);
	assert_int_equal(look("-2.webm").tracks[1].codec, CARDEA_VP9);
	assert_int_equal(reports[0].type, REC_REP_STARTED);
	assert_int_equal(reports[1].type, REC_REP_FILE);
	assert_int_equal(reports[2].type, REC_REP_STARTED);
	assert_int_equal(reports[3].type, REC_REP_FILE);
	assert_int_equal(n_reports, 4);
}

static void sound_that_comes_later_waits_for_a_keyframe(void **state)
{
	(void)state;
	open_track(MEDIA_VIDEO, CARDEA_VP8);
	run(500000, false, true);
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	align();
	run(400000, true, true);
	assert_int_equal(n_asked, 1); /* and not for each */
	assert_false(is_there("-2.webm"));
	run(500000, true, true); /* a second after the first there is another */
	assert_true(is_there("-2.webm"));
	end();
	assert_int_equal(look(".webm").tracks[0].frames, 25);
	assert_int_equal(look("-2.webm").n_tracks, 2);
}

static void sound_does_not_wait_for_pictures_that_have_ended(void **state)
{
	(void)state;
	open_track(MEDIA_VIDEO, CARDEA_VP8);
	run(500000, false, true);
	run(1500000, false, false);
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	align();
	run(MEDIA_WAIT_US + 100000, true, false);
	assert_true(is_there("-2.webm"));
	at[MEDIA_VIDEO] = 5;
	run(200000, true, true); /* no keyframe among them: none is written */
	assert_int_not_equal(n_asked, 0);
	end();
	assert_int_equal(look("-2.webm").tracks[1].frames, 0);
}

static void a_track_that_ends_ends_no_file(void **state)
{
	(void)state;
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	open_track(MEDIA_VIDEO, CARDEA_VP8);
	align();
	run(1000000, true, true);
	media_out_track(m, MEDIA_VIDEO, NULL);
	run(1000000, true, false);
	open_track(MEDIA_VIDEO, CARDEA_VP8);
	run(400000, true, true);
	end();
	assert_int_equal(look(".webm").tracks[1].frames, 35);
	assert_false(is_there("-2.webm"));
}

/* ---- what goes wrong ---- */

static void a_name_that_is_taken_is_an_error(void **state)
{
	char path[160];
	FILE *f;
	(void)state;
	snprintf(path, sizeof path, "%s.webm", base);
	assert_non_null(f = fopen(path, "w"));
	fclose(f);
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	assert_false(give(MEDIA_AUDIO));
	assert_non_null(strstr(media_out_error(m), "it is there already"));
	assert_false(give(MEDIA_AUDIO));
}

static bool give_bad_picture(void)
{
	static const uint8_t sequence[] = { 0x0a, 3, 0xff, 0xff, 0xff, 0x32, 1, 0x10 };
	const struct rec_frame f = { .data = sequence,
		.len = sizeof sequence,
		.is_keyframe = true,
		.width = 320,
		.height = 320 };
	return media_out_frame(m, MEDIA_VIDEO, &f);
}

static void of_a_head_that_cannot_be_nothing_is_left(void **state)
{
	(void)state;
	open_track(MEDIA_VIDEO, CARDEA_AV1);
	assert_false(give_bad_picture());
	assert_non_null(strstr(media_out_error(m), "The head of the file"));
	end();
	assert_false(is_there(".webm"));
	assert_int_equal(media_out_bytes(m), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
}

static void sound_goes_on_without_pictures_that_make_no_head(void **state)
{
	(void)state;
	open_track(MEDIA_AUDIO, CARDEA_OPUS);
	open_track(MEDIA_VIDEO, CARDEA_AV1);
	align();
	assert_true(give_bad_picture());
	assert_int_equal(n_reports, 0);
	run(500000, true, false);
	assert_true(give_bad_picture());
	open_track(MEDIA_VIDEO, CARDEA_AV1); /* described again, for another reason */
	run(500000, true, true);
	assert_int_equal(n_reports, 1);
	open_track(MEDIA_VIDEO, CARDEA_VP8); /* another codec is another matter */
	run(1000000, true, true);
	end();
	assert_null(media_out_error(m));
	assert_int_equal(look(".webm").n_tracks, 1);
	assert_int_equal(look(".webm").tracks[0].frames, 51); /* one before its picture */
	assert_int_equal(look("-2.webm").n_tracks, 2);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_head_waits_for_all_that_are_wanted),
		T(the_head_waits_for_what_is_not_described_yet),
		T(what_is_never_described_is_not_waited_for),
		T(the_head_waits_until_times_go_together),
		T(it_waits_two_seconds_at_most),
		T(who_is_alone_waits_for_nobody),
		T(what_is_kept_is_written_in_a_hurry_and_at_the_end),
		T(nothing_is_made_of_nothing),
		T(pictures_whose_head_was_not_there_begin_the_next_file),
		T(another_codec_begins_the_next_file),
		T(sound_that_comes_later_waits_for_a_keyframe),
		T(sound_does_not_wait_for_pictures_that_have_ended),
		T(a_track_that_ends_ends_no_file),
		T(a_name_that_is_taken_is_an_error),
		T(of_a_head_that_cannot_be_nothing_is_left),
		T(sound_goes_on_without_pictures_that_make_no_head),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	media_unmake();
	return failed;
}
