/* SPDX-License-Identifier: Apache-2.0 */
/* A sender with a microphone and a camera whose clocks are off, seen through a network. Its own
 * time is `us`, what a moment is called here; the recording must show sound and pictures of one
 * moment within SKEW_US. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/base/clock.h"
#include "../../core/recorder/timeline.h"

#define SKEW_US 40000
enum { SOUND, PICTURES };

struct sender {
	double ppm; /* its clock is this much faster than told */
	unsigned hz;
	uint32_t ts0; /* timestamp of moment 0, less what wrapped */
	int64_t ntp_off_us;
	int64_t delay_us; /* from the moment to our clock */
	uint32_t gen;
	uint8_t layer;
	int64_t last_us; /* as placed */
};
static struct timeline *t;
static double ntp_ppm; /* the sender's wall clock is this much faster than ours */
static struct sender sound, pictures;
static uint32_t dice;

static int64_t below(int64_t n)
{
	dice = dice * 1664525 + 1013904223;
	return (int64_t)(dice >> 8) % n;
}

static int setup(void **state)
{
	(void)state;
	t = timeline_new();
	timeline_track(t, SOUND, 48000, true);
	timeline_track(t, PICTURES, 90000, false);
	sound = (struct sender){ .hz = 48000, .ts0 = 0xffff0000, .delay_us = 30000 };
	pictures = (struct sender){ .hz = 90000, .ts0 = 123456, .delay_us = 80000 };
	ntp_ppm = 0;
	dice = 7;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	timeline_free(t);
	return 0;
}

static int64_t ticks(const struct sender *s, int64_t us)
{
	return s->ts0 + (int64_t)((double)us * s->hz / 1e6 * (1 + s->ppm / 1e6) + 0.5);
}

static int64_t at(unsigned track, int64_t us, int64_t more_us)
{
	struct sender *s = track == SOUND ? &sound : &pictures;
	struct rec_frame f = { .ts = ticks(s, us),
		.gen = s->gen,
		.layer = s->layer,
		.at_us = 1000 * US_PER_S + us + s->delay_us + more_us };
	int64_t placed = timeline_place(t, track, &f);
	assert_true(placed >= s->last_us);
	return s->last_us = placed;
}

static void report(unsigned track, int64_t us)
{
	struct sender *s = track == SOUND ? &sound : &pictures;
	int64_t wall_us = us + (int64_t)((double)us * ntp_ppm / 1e6);
	uint64_t ntp = clock_ntp(1700000000 * US_PER_S + wall_us + s->ntp_off_us);
	timeline_report(t, track, s->layer, ntp, (uint32_t)ticks(s, us),
		1000 * US_PER_S + us + s->delay_us);
}

static void assert_near(int64_t a, int64_t b, int64_t within)
{
	if (a - b > within || b - a > within)
		fail_msg("%lld is not %lld", (long long)a, (long long)b);
}

/* Sound of a moment, and pictures each other time. @return the skew, 0 without pictures */
static int64_t moment(int64_t us)
{
	int64_t a = at(SOUND, us, below(15000)), v;
	if (us % 40000)
		return 0;
	v = at(PICTURES, us, below(30000));
	return a > v ? a - v : v - a;
}

/* Of moments from…to: sound each 20 ms, pictures each 40 ms, reports each 5 s from @p report_us on
 * (of pictures a second later). @return the greatest skew of the last half. */
static int64_t call(int64_t from, int64_t to, int64_t report_us)
{
	int64_t worst = 0;
	for (int64_t us = from; us < to; us += 20000) {
		int64_t skew = moment(us);
		if (us >= report_us && (us - report_us) % (5 * US_PER_S) == 0)
			report(SOUND, us);
		if (us >= report_us + US_PER_S && (us - report_us - US_PER_S) % (5 * US_PER_S) == 0)
			report(PICTURES, us);
		if (us >= (from + to) / 2 && skew > worst)
			worst = skew;
	}
	return worst;
}

static void the_first_frame_is_at_0_and_sound_runs_by_its_timestamps(void **state)
{
	(void)state;
	assert_int_equal(at(SOUND, 0, 0), 0);
	for (int64_t us = 20000; us < 10 * US_PER_S; us += 20000)
		assert_near(at(SOUND, us, below(200000)), us, 10);
}

static void pictures_alone_run_by_their_timestamps(void **state)
{
	(void)state;
	assert_int_equal(at(PICTURES, 0, 0), 0);
	for (int64_t us = 33000; us < 10 * US_PER_S; us += 33000)
		assert_near(at(PICTURES, us, below(200000)), us, 20);
}

static void reports_bring_sound_and_pictures_together(void **state)
{
	(void)state;
	pictures.delay_us = 300000; /* an encoder that takes its time */
	assert_true(call(0, 4 * US_PER_S, INT64_MAX / 2) > 200000); /* nobody could know */
	assert_true(call(4 * US_PER_S, 20 * US_PER_S, 4 * US_PER_S) < 5000);
}

static void without_reports_the_quickest_are_believed(void **state)
{
	(void)state;
	sound.delay_us = pictures.delay_us = 50000;
	at(SOUND, 0, 90000); /* the first was held up */
	assert_true(call(20000, 60 * US_PER_S, INT64_MAX / 2) < 5000);
}

static void clocks_that_drift_stay_together_for_an_hour(void **state)
{
	(void)state;
	sound.ppm = 200;
	pictures.ppm = -200;
	assert_true(call(0, 3600 * US_PER_S, 3 * US_PER_S) < 5000);
	/* by the sound's clock: 3600 s and 0.72 s */
	assert_near(sound.last_us, 3600720000 - 20000, 20000);
}

static void clocks_that_drift_stay_together_without_reports(void **state)
{
	(void)state;
	sound.ppm = 200;
	pictures.ppm = -200;
	sound.delay_us = pictures.delay_us;
	assert_true(call(0, 3600 * US_PER_S, INT64_MAX / 2) < 15000);
}

static void reports_that_cannot_be_are_not_believed(void **state)
{
	(void)state;
	sound.delay_us = pictures.delay_us;
	pictures.ntp_off_us = 5 * US_PER_S;
	assert_true(call(0, 30 * US_PER_S, 2 * US_PER_S) < SKEW_US);
}

static void reports_may_be_late(void **state)
{
	(void)state;
	assert_true(call(0, 60 * US_PER_S, 25 * US_PER_S) < 5000);
}

static void reports_of_one_track_alone_move_nothing(void **state)
{
	(void)state;
	sound.delay_us = pictures.delay_us;
	sound.ntp_off_us = 5 * US_PER_S;
	for (int64_t us = 0; us < 30 * US_PER_S; us += 20000) {
		assert_true(moment(us) < SKEW_US);
		if (us % US_PER_S == 0)
			report(SOUND, us);
	}
}

static void a_wall_clock_of_one_track_that_runs_off_moves_nothing_far(void **state)
{
	(void)state;
	sound.delay_us = pictures.delay_us;
	for (int64_t us = 0; us < 60 * US_PER_S; us += 20000) {
		sound.ntp_off_us = us / 5;
		assert_true(moment(us) < US_PER_S);
		if (us % US_PER_S == 0)
			report(us % (2 * US_PER_S) ? SOUND : PICTURES, us);
	}
}

static void pictures_wrap_too(void **state)
{
	(void)state;
	pictures.ts0 = UINT32_MAX - 90000 * 15;
	assert_true(call(0, 30 * US_PER_S, 0) < 5000);
	assert_near(pictures.last_us, 30 * US_PER_S, 60000);
}

static void pictures_that_queue_stay_where_they_were_taken(void **state)
{
	(void)state;
	assert_true(call(0, 20 * US_PER_S, 0) < 5000);
	pictures.delay_us += 1800000; /* more than would be believed at first */
	for (int64_t us = 20 * US_PER_S; us < 50 * US_PER_S; us += 20000) {
		assert_true(moment(us) < 5000);
		if (us % (5 * US_PER_S) == 0)
			report(PICTURES, us);
		if (us % (5 * US_PER_S) == US_PER_S)
			report(SOUND, us);
	}
}

static void a_clock_that_is_set_harms_nothing(void **state)
{
	(void)state;
	assert_true(call(0, 20 * US_PER_S, 0) < 5000);
	/* NTP sets the sender's: sound's report tells it, that of pictures a second later */
	sound.ntp_off_us = pictures.ntp_off_us = 700000;
	for (int64_t us = 20 * US_PER_S; us < 40 * US_PER_S; us += 20000) {
		assert_true(moment(us) < 35000);
		if (us % (5 * US_PER_S) == 0)
			report(SOUND, us);
		if (us % (5 * US_PER_S) == US_PER_S)
			report(PICTURES, us);
	}
	assert_true(call(40 * US_PER_S, 60 * US_PER_S, 40 * US_PER_S) < 5000);
}

static void silence_is_as_long_as_it_was(void **state)
{
	(void)state;
	call(0, 10 * US_PER_S, 0);
	/* DTX: a packet each 400 ms, whose timestamps count on */
	for (int64_t us = 10 * US_PER_S; us < 20 * US_PER_S; us += 400000)
		assert_near(at(SOUND, us, 0), us, 100);
	/* muted: another gen, its timestamps anywhere */
	sound.gen++;
	sound.ts0 += 77777777;
	assert_near(at(SOUND, 23 * US_PER_S, 0), 23 * US_PER_S, 16000);
	assert_true(call(23 * US_PER_S + 20000, 60 * US_PER_S, 25 * US_PER_S) < 5000);
	/* sent by one whose timestamps stand still meanwhile */
	sound.ts0 -= 48000 * 10;
	assert_near(at(SOUND, 70 * US_PER_S, 0), 70 * US_PER_S, 16000);
	assert_true(call(70 * US_PER_S + 20000, 100 * US_PER_S, 72 * US_PER_S) < 5000);
}

static void what_was_held_up_is_no_silence(void **state)
{
	(void)state;
	call(0, 10 * US_PER_S, 0);
	for (int64_t us = 10 * US_PER_S; us < 11500000; us += 20000)
		assert_near(at(SOUND, us, 11500000 - us), us, 100); /* all at once */
	assert_near(at(SOUND, 11500000, 0), 11500000, 100);
}

static void a_layer_goes_on_where_it_came(void **state)
{
	int64_t v;
	(void)state;
	assert_true(call(0, 20 * US_PER_S, 0) < 5000);
	pictures.layer = 1;
	pictures.ts0 = 0x80000000;
	v = at(PICTURES, 20 * US_PER_S, 0);
	assert_near(v, 20 * US_PER_S, 30000); /* without a report of this layer */
	assert_true(call(20 * US_PER_S + 40000, 30 * US_PER_S, 24 * US_PER_S) < SKEW_US);
	pictures.layer = 0;
	pictures.ts0 = 123456;
	assert_near(at(PICTURES, 30 * US_PER_S, 0), 30 * US_PER_S, 5000); /* by its reports */
}

static void another_source_goes_on_where_it_came(void **state)
{
	(void)state;
	call(0, 20 * US_PER_S, 0);
	pictures.gen++;
	pictures.ts0 = 0x12345678;
	pictures.delay_us += 300000; /* its encoder takes longer */
	assert_near(at(PICTURES, 20 * US_PER_S, 0), 20 * US_PER_S + 300000, 30000);
	for (int64_t us = 20 * US_PER_S + 20000; us < 21 * US_PER_S; us += 20000)
		moment(us);
	report(PICTURES, 21 * US_PER_S);
	for (int64_t us = 21 * US_PER_S; us < 22 * US_PER_S; us += 20000)
		assert_true(us < 21500000 || moment(us) < 5000); /* with its first report */
}

static void sound_that_begins_anew_does_not_overlap(void **state)
{
	int64_t before, first;
	(void)state;
	call(0, 10 * US_PER_S, 0);
	before = sound.last_us;
	sound.gen++;
	first = at(SOUND, 10 * US_PER_S, -25000); /* quicker than any */
	assert_int_equal(first - before, 20000);
	assert_int_equal(at(SOUND, 10 * US_PER_S + 20000, 0) - first, 20000);
}

static void sound_joins_again_after_an_hour(void **state)
{
	(void)state;
	sound.ppm = 100;
	ntp_ppm = 200;
	call(0, 20 * US_PER_S, 0);
	for (int64_t us = 20 * US_PER_S; us < 3600 * US_PER_S; us += 40000) {
		at(PICTURES, us, below(30000));
		if (us % (5 * US_PER_S) == 0)
			report(PICTURES, us);
	}
	sound.gen++;
	sound.ts0 += 12345678;
	assert_near(at(SOUND, 3600 * US_PER_S, 0), at(PICTURES, 3600 * US_PER_S, 0), 20000);
}

static void pictures_come_first_and_sound_joins(void **state)
{
	(void)state;
	for (int64_t us = 0; us < 5 * US_PER_S; us += 40000)
		assert_near(at(PICTURES, us, below(20000)), us, 20);
	sound.delay_us = pictures.delay_us;
	assert_near(at(SOUND, 5 * US_PER_S, 0), 5 * US_PER_S, 21000);
	assert_true(call(5 * US_PER_S + 20000, 20 * US_PER_S, 7 * US_PER_S) < 5000);
}

static void sound_joins_where_pictures_are_by_reports(void **state)
{
	(void)state;
	pictures.delay_us = 400000; /* they come last though they were first */
	report(SOUND, 0);
	report(PICTURES, 0);
	for (int64_t us = 0; us < 200000; us += 40000)
		assert_near(at(PICTURES, us, 0), us, 20);
	assert_near(at(SOUND, 200000, 0), 200000, 20);
	for (int64_t us = 200000; us < US_PER_S; us += 40000)
		assert_near(at(PICTURES, us, 0), us, 20);
}

static void a_pause_leaves_no_gap(void **state)
{
	int64_t before, after, message;
	(void)state;
	call(0, 10 * US_PER_S, 0);
	before = sound.last_us;
	timeline_pause(t, 1010 * US_PER_S);
	message = timeline_at(t, 1012 * US_PER_S);
	assert_near(message, 10 * US_PER_S, 31000);
	assert_near(at(SOUND, 12 * US_PER_S, 0), message, 20000); /* it stands still */
	assert_int_equal(timeline_at(t, 1013 * US_PER_S), message);
	timeline_resume(t, 1070 * US_PER_S);
	sound.ts0 += 123; /* its packets are not at multiples of 20 ms */
	after = at(SOUND, 70 * US_PER_S, 0);
	assert_int_equal(after - before, 20000);
	sound.ts0 -= 123;
	assert_true(call(70 * US_PER_S + 20000, 90 * US_PER_S, 72 * US_PER_S) < 5000);
	assert_near(sound.last_us, 30 * US_PER_S, 40000);
}

static void timestamps_without_sense_move_nothing_far(void **state)
{
	(void)state;
	call(0, 10 * US_PER_S, 0);
	sound.ts0 += 0x7fffffff;
	assert_near(at(SOUND, 10 * US_PER_S, 0), 10 * US_PER_S, 30000);
	pictures.ts0 += 0x7fffffff;
	assert_near(at(PICTURES, 10 * US_PER_S, 0), 10 * US_PER_S, 30000);
}

static void messages_lie_beside_what_came_with_them(void **state)
{
	(void)state;
	assert_int_equal(timeline_at(t, 1000 * US_PER_S), 0);
	call(0, 10 * US_PER_S, 0);
	assert_near(timeline_at(t, 1005 * US_PER_S + sound.delay_us), 5 * US_PER_S, 5000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_frame_is_at_0_and_sound_runs_by_its_timestamps),
		TEST(pictures_alone_run_by_their_timestamps),
		TEST(reports_bring_sound_and_pictures_together),
		TEST(without_reports_the_quickest_are_believed),
		TEST(clocks_that_drift_stay_together_for_an_hour),
		TEST(clocks_that_drift_stay_together_without_reports),
		TEST(reports_that_cannot_be_are_not_believed),
		TEST(reports_may_be_late),
		TEST(reports_of_one_track_alone_move_nothing),
		TEST(a_wall_clock_of_one_track_that_runs_off_moves_nothing_far),
		TEST(pictures_wrap_too),
		TEST(pictures_that_queue_stay_where_they_were_taken),
		TEST(a_clock_that_is_set_harms_nothing),
		TEST(silence_is_as_long_as_it_was),
		TEST(what_was_held_up_is_no_silence),
		TEST(a_layer_goes_on_where_it_came),
		TEST(another_source_goes_on_where_it_came),
		TEST(sound_that_begins_anew_does_not_overlap),
		TEST(sound_joins_again_after_an_hour),
		TEST(pictures_come_first_and_sound_joins),
		TEST(sound_joins_where_pictures_are_by_reports),
		TEST(a_pause_leaves_no_gap),
		TEST(timestamps_without_sense_move_nothing_far),
		TEST(messages_lie_beside_what_came_with_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
