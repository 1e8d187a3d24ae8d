/* SPDX-License-Identifier: Apache-2.0 */
/* Who talks, by the levels that packets carry (core/router/in/level.c). router_world.h has the
 * peers. */
#include "router_world.h"

/* Who is said to talk: peer 0, by the levels that its packets carry. */
static int setup(void **state)
{
	if (world_setup(state))
		return 1;
	open_peer(0, true, false);
	return 0;
}

static void loudness_is_averaged(void **state)
{
	(void)state;
	router_watch_level(r, 0, AUDIO, 10, 50);
	for (unsigned i = 0; i < 60; i++) {
		struct in in = audio_in(i);
		in.level = i < 10 ? 100 : i < 40 ? 30 : 128; /* plus 1 */
		give(0, &in);
		pass_us(20000);
	}
	n_told--; /* the last */
	assert_int_equal(told[n_told].what, 't');
	assert_int_equal(told[n_told].a, 0);
	assert_int_equal(told[n_told].b, 127);
	n_told--;
	assert_int_equal(told[n_told].what, 't');
	assert_int_equal(told[n_told].a, 1);
	assert_int_equal(told[n_told].b, 29);
	assert_int_equal(n_told, 1); /* besides them only "receiving" */
}

static unsigned sounds;

/* @p n packets of 20 ms, at level @p level; peer 0 talks below 50, in windows of 10. */
static void speak_at(unsigned level, unsigned n)
{
	for (; n--; sounds++) {
		struct in in = audio_in(sounds);
		in.level = (int)level + 1;
		give(0, &in);
		router_flush(r, now_us);
		pass_us(20000);
	}
}

static void begin_to_talk(void)
{
	router_watch_level(r, 0, AUDIO, 10, 50);
	speak_at(30, 20);
	assert_int_equal(told[n_told - 1].what, 't');
	assert_int_equal(told[n_told - 1].a, 1);
	forget_all();
}

static void assert_ended(void)
{
	assert_int_equal(n_told, 1);
	assert_int_equal(told[0].what, 't');
	assert_int_equal(told[0].mindex, AUDIO);
	assert_int_equal(told[0].a, 0);
	assert_int_equal(told[0].b, 127);
	forget_all();
}

static void talking_ends_when_it_is_muted(void **state)
{
	(void)state;
	begin_to_talk();
	router_mute(r, 0, AUDIO, true);
	assert_ended();
	speak_at(30, 100); /* nobody hears it */
	assert_int_equal(n_told, 0);
	router_mute(r, 0, AUDIO, false);
	speak_at(30, 20);
	assert_int_equal(n_told, 1);
	assert_int_equal(told[0].a, 1);
}

static void talking_ends_when_the_track_stops(void **state)
{
	struct track t = track_in(AUDIO);
	(void)state;
	begin_to_talk();
	t.dir = CARDEA_INACTIVE;
	assert_int_equal(router_track(r, 0, &t), OK);
	assert_ended();
	t.dir = CARDEA_RECV;
	assert_int_equal(router_track(r, 0, &t), OK);
	speak_at(30, 20);
	assert_int_equal(told[n_told - 1].what, 't');
	assert_int_equal(told[n_told - 1].a, 1);
	forget_all();
	router_watch_level(r, 0, AUDIO, 0, 50); /* or nobody wants to know any more */
	assert_ended();
}

static void talking_ends_with_the_publisher(void **state)
{
	(void)state;
	begin_to_talk();
	router_peer_close(r, 0);
	assert_ended();
}

static void talking_ends_when_nothing_comes(void **state)
{
	unsigned n = 0;
	(void)state;
	begin_to_talk();
	pass_us(900000);
	assert_int_equal(n_told, 0); /* it may be the network */
	pass_us(1400000);
	for (unsigned i = 0; i < n_told; i++)
		n += told[i].what == 't' && !told[i].a;
	assert_int_equal(n, 1);
}

static void talking_ends_without_a_word_where_silence_is_not_told(void **state)
{
	(void)state;
	router_destroy(r);
	world_conf.no_media_s = 0;
	r = router_create(&world_conf, wheel, &world_ops, NULL);
	open_peer(0, true, false);
	begin_to_talk();
	pass_us(2300000);
	assert_ended();
	assert_true(sleeps());
}

/* With DTX a silent sender brings one packet in 400 ms, at 127. */
static void what_dtx_leaves_out_is_silence(void **state)
{
	unsigned i;
	(void)state;
	router_watch_level(r, 0, AUDIO, 100, 50);
	speak_at(30, 101);
	assert_int_equal(told[n_told - 1].a, 1);
	forget_all();
	for (i = 0; !n_told && i < 20; i++) {
		struct in in = audio_in(i + sounds);
		pass_us(400000);
		in.ts = (sounds + 20 * (i + 1)) * 960;
		in.level = 128;
		give(0, &in);
	}
	assert_in_range(i, 3, 6); /* two seconds, not forty */
	assert_int_equal(told[0].what, 't');
	assert_int_equal(told[0].a, 0);
	assert_in_range(told[0].b, 100, 127);
}

static void a_pause_between_words_is_not_the_end(void **state)
{
	(void)state;
	router_watch_level(r, 0, AUDIO, 100, 50);
	speak_at(10, 101);
	forget_all();
	for (unsigned i = 0; i < 10; i++) { /* every two seconds, with DTX */
		struct in in = audio_in(sounds);
		unsigned before = sounds;
		sounds += 20;
		pass_us(400000);
		in.ts = sounds * 960;
		in.level = 128;
		in.seq = (uint16_t)before;
		give(0, &in);
		for (unsigned k = 0; k < 80; k++) {
			struct in word = audio_in(++before);
			word.ts = ++sounds * 960;
			word.level = 11;
			give(0, &word);
			pass_us(20000);
		}
		sounds = before + 1;
		assert_int_equal(n_told, 0);
		n_outs = 0;
	}
}

static void loss_is_not_silence(void **state)
{
	(void)state;
	begin_to_talk();
	for (unsigned i = 0; i < 20; i++) { /* half a second of each second does not come */
		sounds += 25;
		pass_us(500000);
		speak_at(30, 25);
		for (unsigned k = 0; k < n_told; k++)
			assert_int_not_equal(told[k].what, 't');
		forget_all();
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(loudness_is_averaged),
		T(talking_ends_when_it_is_muted),
		T(talking_ends_when_the_track_stops),
		T(talking_ends_with_the_publisher),
		T(talking_ends_when_nothing_comes),
		T(talking_ends_without_a_word_where_silence_is_not_told),
		T(what_dtx_leaves_out_is_silence),
		T(a_pause_between_words_is_not_the_end),
		T(loss_is_not_silence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
