/* SPDX-License-Identifier: Apache-2.0 */
/* A recording of ten seconds that is not a file: Opus, and VP8 of 25 pictures a second with a
 * keyframe each four seconds. It is played, turned by hand, into the router of router_world.h: all
 * but threads and disk is what a server does. */
#include <stdlib.h>
#include "../../core/base/queue.h"
#include "../../core/recorder/packetize.h"
#include "../../core/recorder/play.h"
#include "../../core/recorder/play_again.h"
#include "../../core/recorder/play_outbox.h"
#include "../../core/router/sink/sink_queue.h"
#include "router_world.h"

#define SOURCE  (5ULL << 32 | 7)
#define PICTURE 40000
#define SOUND   20000
#define LENGTH  (10 * US_PER_S)
#define KEY     100 /* pictures */

/* ---- the recording ---- */

static struct fake {
	struct play_input in;
	struct play_unit *unit;
	struct packetizer vp8;
	int64_t picture_us, sound_us;
	size_t key_len, picture_len; /* of keyframes, and of others */
	unsigned reads;
	unsigned slices;    /* before it has read something */
	int64_t damaged_us; /* it cannot be read from here on */
	bool is_closed;
} fake;

static void add(void *arg, const uint8_t *payload, size_t len, bool last)
{
	(void)arg;
	assert_true(play_unit_add(fake.unit, fake.unit->track ? 96 : 111, last && fake.unit->track,
		NULL, 0, payload, len));
}

/* Its number stands behind the header of a picture. */
static void make_picture(void)
{
	static uint8_t bytes[1u << 20];
	unsigned n = (unsigned)(fake.picture_us / PICTURE);
	struct rec_frame f = { .data = bytes, .is_keyframe = n % KEY == 0 };
	f.len = f.is_keyframe ? fake.key_len : fake.picture_len;
	bytes[0] = f.is_keyframe ? 0 : 1;
	bytes[1] = (uint8_t)n;
	fake.unit->track = VIDEO;
	fake.unit->us = fake.picture_us;
	fake.unit->is_keyframe = f.is_keyframe;
	packetize(&fake.vp8, &f, add, NULL);
	fake.picture_us += PICTURE;
}

static void make_sound(void)
{
	static const uint8_t opus[20] = { 0xf8 }; /* 20 ms, one frame */
	fake.unit->track = AUDIO;
	/* as in files whose times are in milliseconds, and one off now and then */
	fake.unit->us = fake.sound_us + (fake.sound_us / SOUND % 3 == 2 ? 1000 : 0);
	add(NULL, opus, sizeof opus, true);
	fake.sound_us += SOUND;
}

static enum err fake_read(struct play_input *in, struct play_unit **u, char *why, size_t size)
{
	(void)in;
	fake.reads++;
	play_unit_free(fake.unit);
	fake.unit = play_unit_new();
	*u = fake.unit;
	if (fake.slices && fake.slices--)
		return ERR_AGAIN;
	if (fake.picture_us >= fake.damaged_us) {
		snprintf(why, size, "It is damaged.");
		return ERR_INVALID;
	}
	if (fake.picture_us >= LENGTH)
		return ERR_NOT_FOUND;
	if (fake.sound_us < fake.picture_us)
		make_sound();
	else
		make_picture();
	return OK;
}

static enum err fake_seek(struct play_input *in, int64_t us)
{
	int64_t key = us / (KEY * PICTURE);
	(void)in;
	if (key > 2)
		key = 2;
	fake.picture_us = key * KEY * PICTURE;
	fake.sound_us = fake.picture_us > 100000 ? fake.picture_us - 100000 : 0;
	return OK;
}

static void fake_close(struct play_input *in)
{
	(void)in;
	play_unit_free(fake.unit);
	fake.is_closed = true;
}

static void make_fake(void)
{
	static const struct play_input_ops ops = { NULL, fake_read, fake_seek, fake_close };
	fake = (struct fake){ .in = { .ops = &ops, .n_tracks = 2, .duration_us = LENGTH },
		.unit = play_unit_new(),
		.vp8 = { .codec = CARDEA_VP8 },
		.key_len = 3000,
		.picture_len = 100,
		.damaged_us = INT64_MAX };
	fake.in.tracks[AUDIO] = (struct play_track){
		.kind = CARDEA_AUDIO, .codec = CARDEA_OPUS, .pt = 111, .clock_hz = 48000
	};
	fake.in.tracks[VIDEO] = (struct play_track){
		.kind = CARDEA_VIDEO, .codec = CARDEA_VP8, .pt = 96, .clock_hz = 90000
	};
}

/* ---- the player ---- */

static struct play *play;
static struct queue *words;
static uint8_t number;
static int64_t next_us, position_us, landed_us;
static unsigned n_ends, n_positions, n_again;
static char failure[PLAY_TEXT];
static bool is_stuck; /* the worker takes nothing */

static bool on_push(void *arg, const struct iovec *parts, unsigned n)
{
	static uint64_t room[1u << 14];
	uint8_t *at = (uint8_t *)room;
	(void)arg;
	if (is_stuck)
		return false;
	for (unsigned i = 0; i < n; i++) {
		memcpy(at, parts[i].iov_base, parts[i].iov_len);
		at += parts[i].iov_len;
	}
	for (const struct source_packet *k = NULL;
		((struct source_record *)room)->type == SOURCE_PACKETS &&
		(k = source_next((void *)room, (size_t)(at - (uint8_t *)room), k));)
		n_again += k->again != PKT_NEW;
	router_source(r, (void *)room, (size_t)(at - (uint8_t *)room), now_us);
	return true;
}

static void on_tell(void *arg, struct play_rep *rep, const void *bytes, size_t len)
{
	(void)arg;
	(void)bytes;
	assert_int_equal(len, 0);
	if (rep->type == PLAY_REP_POSITION) {
		position_us = rep->position.us;
		n_positions++;
		if (rep->position.is_seek)
			landed_us = position_us;
	} else if (rep->type == PLAY_REP_END) {
		n_ends++;
	} else if (rep->type == PLAY_REP_FAILED) {
		strcpy(failure, rep->text);
	}
}

static void on_word(void *arg, const void *rec, size_t len)
{
	const struct source_wish *w = rec;
	(void)arg;
	(void)len;
	if (w->type == SOURCE_KEYFRAME && play)
		play_wish(play, now_us);
}

/* Let time pass, and the player turn when it wants to, as its thread does. */
static void run_us(int64_t us)
{
	for (int64_t end = now_us + us; now_us < end;) {
		pass_us(1000);
		for (uint32_t slot = 1; slot <= 3; slot++)
			router_heard(r, slot, now_us);
		if (queue_drain(words, on_word, NULL))
			next_us = now_us;
		if (next_us <= now_us)
			next_us = play_turn(play, now_us);
		flush();
	}
}

static void view(uint32_t slot, unsigned mindex)
{
	const struct route route = { .from_peer = SOURCE,
		.to_slot = slot,
		.from_mindex = (uint16_t)mindex,
		.to_mindex = (uint16_t)mindex };
	assert_int_equal(router_route(r, &route), OK);
}

static void start(void)
{
	play_start(play, now_us);
	next_us = now_us;
}

static int setup(void **state)
{
	static const struct play_ops ops = { on_push, on_tell };
	struct source_want w = { .id = SOURCE, .n_tracks = 2 };
	if (world_setup(state))
		return -1;
	words = queue_create("words", 1u << 16);
	assert_int_equal(sink_queue_add(words, &number), OK);
	w.queue = number;
	make_fake();
	for (unsigned i = 0; i < 2; i++) {
		const struct play_track *t = &fake.in.tracks[i];
		w.tracks[i] = (struct track){ .kind = t->kind,
			.dir = CARDEA_RECV,
			.codec = t->codec,
			.pt = t->pt,
			.clock_hz = t->clock_hz };
	}
	assert_int_equal(router_source_open(r, &w), OK);
	for (uint32_t slot = 1; slot <= 3; slot++)
		open_peer(slot, false, true);
	play = play_new(SOURCE, &fake.in, &ops, NULL);
	next_us = INT64_MAX;
	n_ends = n_positions = n_again = 0;
	landed_us = -1;
	failure[0] = 0;
	is_stuck = false;
	forget_all();
	return 0;
}

static int teardown(void **state)
{
	int e;
	play_free(play);
	play = NULL;
	assert_true(fake.is_closed);
	e = world_teardown(state);
	sink_queue_remove(number);
	queue_destroy(words);
	return e;
}

/* ---- what came ---- */

/* Pictures that one has been sent, by their numbers. Their packets have no gaps, and their
 * timestamps grow. */
static unsigned seen_by(uint32_t slot, uint8_t *numbers, unsigned most)
{
	int last_seq = -1;
	uint32_t last_ts = 0;
	unsigned n = 0;
	for (unsigned i = 0; i < n_outs; i++) {
		const struct pkt *k = &outs[i].k;
		const struct payload_info *info = out_info(i);
		if (outs[i].slot != slot || k->pt != 100)
			continue;
		if (last_seq >= 0)
			assert_int_equal(k->seq, (uint16_t)(last_seq + 1));
		last_seq = k->seq;
		if (!info->starts_frame)
			continue;
		assert_true(!n || (int32_t)(k->ts - last_ts) > 0);
		last_ts = k->ts;
		assert_in_range(n, 0, most - 1);
		numbers[n++] = k->data[k->payload + 5];
	}
	return n;
}

static unsigned sounds_of(uint32_t slot)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_outs; i++)
		n += outs[i].slot == slot && outs[i].k.pt == 112;
	return n;
}

static void it_is_played_at_its_pace(void **state)
{
	uint8_t seen[300];
	(void)state;
	view(1, AUDIO);
	view(1, VIDEO);
	run_us(100000);
	assert_int_equal(n_outs, 0);
	start();
	run_us(2 * US_PER_S);
	assert_in_range(sounds_of(1), 100, 101);
	assert_in_range(seen_by(1, seen, 300), 50, 51);
	run_us(10 * US_PER_S);
	assert_int_equal(seen_by(1, seen, 300), 250);
	for (unsigned i = 0; i < 250; i++)
		assert_int_equal(seen[i], i);
	assert_int_equal(n_ends, 1);
	assert_in_range(n_positions, 10, 12);
	assert_int_equal(next_us, INT64_MAX);
}

/* Of sound they tell how long it is, though the file's times are rounded. */
static void timestamps_go_by_the_clock(void **state)
{
	uint32_t sound_ts = 0, picture_ts = 0;
	unsigned n = 0, last = 0;
	(void)state;
	view(1, AUDIO);
	view(1, VIDEO);
	start();
	run_us(US_PER_S);
	for (unsigned i = 0; i < n_outs; i++) {
		const struct pkt *k = &outs[i].k;
		if (k->pt == 112) {
			if (n++)
				assert_int_equal(k->ts - sound_ts, 960);
			sound_ts = k->ts;
		} else if (out_info(i)->starts_frame) {
			if (last)
				assert_int_equal(k->ts - picture_ts, 3600);
			picture_ts = k->ts;
			last = i;
		}
	}
	play_pause(play, true, now_us);
	run_us(5 * US_PER_S);
	n_outs = 0;
	play_pause(play, false, now_us);
	next_us = now_us;
	run_us(100000);
	assert_true(n_outs > 0);
	for (unsigned i = 0; i < n_outs; i++)
		if (outs[i].k.pt == 100) { /* as much later as it stood still */
			assert_in_range(outs[i].k.ts - picture_ts, 5 * 90000, 5 * 90000 + 7200);
			break;
		}
}

static void lips_are_in_sync(void **state)
{
	const struct rtcp_item *sr;
	uint32_t said[2] = { 0 };
	uint64_t at[2] = { 0 };
	int64_t off_us[2];
	(void)state;
	view(1, AUDIO);
	view(1, VIDEO);
	start();
	run_us(1500000);
	play_rate(play, 2, now_us);
	run_us(1500000);
	play_rate(play, 1, now_us);
	play_pause(play, true, now_us);
	run_us(700000);
	play_pause(play, false, now_us);
	next_us = now_us;
	run_us(1500000);
	for (unsigned i = 0; i < n_heard; i++)
		if ((sr = &heard[i].item)->kind == RTCP_SR) {
			unsigned m = sr->ssrc == 1001;
			at[m] = sr->sr.ntp;
			said[m] = sr->sr.rtp_ts;
		}
	assert_true(at[AUDIO] && at[VIDEO]);
	/* the last of each that left: when, by NTP, the medium says that it was */
	for (unsigned m = 0; m < 2; m++)
		for (unsigned i = n_outs; i-- > 0;)
			if ((outs[i].k.pt == 100) == m) {
				int32_t ticks = (int32_t)(outs[i].k.ts - said[m]);
				off_us[m] = (int64_t)peer_ntp_us(at[m]) +
					    ticks * US_PER_S / (m ? 90000 : 48000);
				break;
			}
	assert_in_range(off_us[AUDIO] - off_us[VIDEO] + 40000, 0, 80000);
}

static void who_comes_late_sees_what_the_others_see(void **state)
{
	uint8_t seen[300];
	unsigned n;
	(void)state;
	view(1, VIDEO);
	start();
	run_us(3 * US_PER_S);
	view(2, VIDEO);
	run_us(US_PER_S - 40000);
	n = seen_by(1, seen, 300);
	assert_in_range(n, 98, 100);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(seen[i], i); /* nothing twice */
	assert_int_equal(seen_by(2, seen, 300), n);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(seen[i], i);
	assert_true(n_again > 75);
	n_again = 0;
	run_us(2 * US_PER_S);
	assert_int_equal(n_again, 0);
}

/* … and not in one burst: that of a second of media takes 125 ms at least. */
static void what_is_sent_again_is_paced(void **state)
{
	int64_t from_us;
	(void)state;
	fake.key_len = 400000;
	view(1, VIDEO);
	start();
	run_us(3 * US_PER_S);
	view(2, VIDEO);
	from_us = now_us;
	forget_all();
	while (!n_outs || outs[n_outs - 1].slot != 2 || !outs[n_outs - 1].k.marker)
		run_us(1000);
	assert_true(now_us - from_us >= 350 / PLAY_SLICE * PLAY_SLICE_US);
	assert_true(now_us - from_us < US_PER_S);
}

static void a_large_keyframe_leaves_in_slices(void **state)
{
	uint8_t seen[300];
	(void)state;
	fake.key_len = 900000; /* three times what a receiver holds */
	view(1, VIDEO);
	start();
	run_us(10000);
	assert_in_range(n_outs, PLAY_SLICE, 4 * PLAY_SLICE);
	run_us(500000);
	assert_in_range(seen_by(1, seen, 300), 12, 14);
	assert_true(n_outs > 700);
}

/* Who comes in the middle of that waits for the next keyframe. */
static void what_is_too_much_is_not_sent_again(void **state)
{
	uint8_t seen[300];
	(void)state;
	start();
	run_us(100000);
	fake.picture_len = PLAY_AGAIN_MAX / 50;
	run_us(3 * US_PER_S);
	view(2, VIDEO);
	fake.picture_len = 100;
	forget_all();
	run_us(US_PER_S / 2);
	assert_int_equal(n_again, 0);
	assert_int_equal(seen_by(2, seen, 300), 0);
	run_us(US_PER_S);
	assert_true(seen_by(2, seen, 300) > 10);
	assert_int_equal(seen[0], 100);
}

static void it_lands_on_the_keyframe_before(void **state)
{
	uint8_t seen[300];
	unsigned n;
	(void)state;
	view(1, AUDIO);
	view(1, VIDEO);
	start();
	run_us(US_PER_S);
	forget_all();
	play_seek(play, 7500000, now_us);
	assert_int_equal(landed_us, 4000000);
	next_us = now_us;
	run_us(US_PER_S);
	n = seen_by(1, seen, 300);
	assert_in_range(n, 25, 27);
	assert_int_equal(seen[0], 100);
	assert_in_range(sounds_of(1), 49, 52);
	play_seek(play, -5, now_us);
	assert_int_equal(landed_us, 0);
	play_seek(play, 100 * US_PER_S, now_us);
	assert_int_equal(landed_us, 8000000);
	next_us = now_us;
	run_us(3 * US_PER_S);
	assert_int_equal(n_ends, 1);
	play_seek(play, 9 * US_PER_S, now_us); /* and it goes on from there */
	next_us = now_us;
	run_us(3 * US_PER_S);
	assert_int_equal(n_ends, 2);
}

/* … of which each reads a little, and lets others have theirs. */
static void it_takes_some_turns_to_land(void **state)
{
	uint8_t seen[300];
	(void)state;
	play_seek(play, 0, now_us);
	landed_us = -1;
	fake.slices = 10;
	play_seek(play, 5 * US_PER_S, now_us); /* before it begins */
	assert_int_equal(fake.slices, 9);
	assert_int_equal(landed_us, -1);
	next_us = now_us;
	run_us(100000);
	assert_int_equal(fake.slices, 0);
	assert_int_equal(landed_us, 4000000);
	view(1, VIDEO);
	start();
	run_us(US_PER_S);
	fake.slices = 10;
	play_seek(play, 9 * US_PER_S, now_us);
	play_pause(play, true, now_us); /* and what is wanted meanwhile holds */
	next_us = now_us;
	forget_all();
	run_us(20000);
	assert_int_equal(landed_us, 4000000);
	assert_int_equal(n_outs, 0);
	run_us(US_PER_S);
	assert_int_equal(landed_us, 8000000);
	assert_int_equal(seen_by(1, seen, 300), 1);
	assert_int_equal(seen[0], 200);
	fake.slices = 10; /* so it is when it plays on */
	play_pause(play, false, now_us);
	next_us = now_us;
	forget_all();
	run_us(US_PER_S);
	assert_in_range(seen_by(1, seen, 300), 24, 26);
}

static void paused_it_shows_where_it_was_sought_to(void **state)
{
	uint8_t seen[300];
	(void)state;
	view(1, VIDEO);
	start();
	run_us(US_PER_S);
	play_pause(play, true, now_us);
	assert_in_range(position_us, 990000, 1010000);
	forget_all();
	run_us(3 * US_PER_S);
	assert_int_equal(n_outs, 0);
	play_seek(play, 5 * US_PER_S, now_us);
	next_us = now_us;
	run_us(US_PER_S);
	assert_int_equal(seen_by(1, seen, 300), 1);
	assert_int_equal(seen[0], 100);
	view(2, VIDEO); /* one who comes now sees it, too */
	run_us(US_PER_S);
	assert_int_equal(seen_by(2, seen, 300), 1);
	play_pause(play, false, now_us);
	next_us = now_us;
	run_us(US_PER_S);
	assert_in_range(seen_by(1, seen, 300), 25, 27);
	assert_in_range(seen_by(2, seen, 300), 25, 27);
	assert_int_equal(seen[1], 101);
}

static void at_other_speeds_there_are_pictures_alone(void **state)
{
	uint8_t seen[300];
	(void)state;
	view(1, AUDIO);
	view(1, VIDEO);
	start();
	play_rate(play, 2, now_us);
	run_us(US_PER_S);
	assert_in_range(seen_by(1, seen, 300), 50, 52);
	assert_int_equal(sounds_of(1), 0);
	assert_int_equal(outs[n_outs - 1].k.ts - outs[n_outs - 2].k.ts, 1800);
	play_rate(play, 0.25, now_us);
	next_us = now_us;
	forget_all();
	run_us(US_PER_S);
	assert_in_range(n_outs, 6, 7);
	play_rate(play, 1, now_us);
	next_us = now_us;
	forget_all();
	run_us(US_PER_S);
	assert_in_range(sounds_of(1), 49, 51);
	assert_in_range(position_us, 2000000, 3300000);
	play_rate(play, 1000, now_us); /* four */
	next_us = now_us;
	forget_all();
	run_us(500000);
	assert_in_range(n_outs, 49, 56);
}

/* A worker that takes nothing for a while loses nothing of the picture. */
static void what_finds_no_room_waits(void **state)
{
	uint8_t seen[300];
	unsigned n;
	(void)state;
	view(1, VIDEO);
	start();
	run_us(500000);
	is_stuck = true;
	run_us(300000);
	n = seen_by(1, seen, 300);
	assert_in_range(n, 12, 14);
	is_stuck = false;
	run_us(200000);
	n = seen_by(1, seen, 300);
	assert_in_range(n, 25, 26);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(seen[i], i);
}

/* Its thread was held up by a disk: it does not make up for it. */
static void who_stood_still_goes_on_and_does_not_run(void **state)
{
	uint8_t seen[300];
	(void)state;
	view(1, VIDEO);
	start();
	run_us(400000);
	pass_us(5 * US_PER_S);
	router_heard(r, 1, now_us);
	run_us(400000);
	assert_in_range(seen_by(1, seen, 300), 20, 22);
}

static void a_damaged_file_ends_with_the_reason(void **state)
{
	(void)state;
	view(1, VIDEO);
	fake.damaged_us = 800000;
	start();
	run_us(US_PER_S);
	assert_string_equal(failure, "It is damaged.");
	assert_int_equal(next_us, INT64_MAX);
	assert_int_equal(n_ends, 0);
	play_seek(play, 0, now_us); /* it stays so */
	play_wish(play, now_us);
	assert_int_equal(play_turn(play, now_us), INT64_MAX);
}

static void a_picture_that_never_ends_is_none(void **state)
{
	static const uint8_t payload[1100] = { 0x10 };
	struct play_unit *u = play_unit_new();
	unsigned n = 0;
	(void)state;
	while (n < 20000 && play_unit_add(u, 96, false, NULL, 0, payload, sizeof payload))
		n++;
	assert_in_range(n, 5000, 10000);
	assert_int_equal(u->n, n);
	assert_true(u->size <= PLAY_UNIT_MAX);
	play_unit_free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(it_is_played_at_its_pace),
		T(timestamps_go_by_the_clock),
		T(lips_are_in_sync),
		T(who_comes_late_sees_what_the_others_see),
		T(what_is_sent_again_is_paced),
		T(a_large_keyframe_leaves_in_slices),
		T(what_is_too_much_is_not_sent_again),
		T(it_lands_on_the_keyframe_before),
		T(it_takes_some_turns_to_land),
		T(paused_it_shows_where_it_was_sought_to),
		T(at_other_speeds_there_are_pictures_alone),
		T(what_finds_no_room_waits),
		T(who_stood_still_goes_on_and_does_not_run),
		T(a_damaged_file_ends_with_the_reason),
		T(a_picture_that_never_ends_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
