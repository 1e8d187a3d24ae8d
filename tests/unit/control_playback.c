/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin plays a file to the client of a call. The player's thread is real, and so is the file;
 * the clock is the test's. */
#include <unistd.h>
#include "../../core/base/queue.h"
#include "../../core/control/source_ids.h"
#include "../../core/recorder/mjr.h"
#include "../../core/router/source/source_msg.h"
#include "../../core/rtp/rtp.h"
#include "control_call.h"
#include "until.h"

#define PACKETS 50 /* a second of sound */

static char dir[] = "/tmp/cardea-play-XXXXXX";
static struct heard_of {
	unsigned n_ready, n_positions, n_landed, n_ends, n_failed, n_tracks;
	enum cardea_codec_id codec;
	int64_t us;
	char reason[256];
} got;
static unsigned n_packets;
static uint64_t whose; /* is what is opened */

static void on_event(const struct cardea_play_event *e)
{
	assert_ptr_equal(e->arg, dir);
	got.us = e->us;
	snprintf(got.reason, sizeof got.reason, "%s", e->reason ? e->reason : "");
	switch (e->type) {
	case CARDEA_PLAY_READY:
		got.n_ready++;
		got.n_tracks = e->n_tracks;
		got.codec = e->tracks[0].codec;
		break;
	case CARDEA_PLAY_POSITION:
		got.n_positions++;
		break;
	case CARDEA_PLAY_LANDED:
		got.n_landed++;
		break;
	case CARDEA_PLAY_DATA:
		break;
	case CARDEA_PLAY_END:
		got.n_ends++;
		break;
	case CARDEA_PLAY_FAILED:
		got.n_failed++;
		break;
	}
}

static void on_media(void *arg, const void *rec, size_t len)
{
	const struct source_record *r = rec;
	(void)arg;
	(void)len;
	n_packets += r->type == SOURCE_PACKETS ? r->n : 0;
}

static void pass_and_hear(void)
{
	pass(0.01);
	queue_drain(media_queue, on_media, NULL);
}

/* Let time pass until something has come as often as that. */
static void await(const unsigned *n, unsigned times)
{
	UNTIL_DOING(*n >= times, pass_and_hear());
}

static void write_file(const char *name)
{
	const struct mjr_head head = {
		.kind = CARDEA_AUDIO, .codec = CARDEA_OPUS, .created_us = 1
	};
	char path[100], why[256];
	struct mjr_writer *w;
	snprintf(path, sizeof path, "%s/%s", dir, name);
	struct rec_file *f = rec_file_new(&rec_disk_real, NULL, path, why, sizeof why);
	assert_non_null(f);
	assert_non_null(w = mjr_writer_new(f, &head));
	for (unsigned i = 0; i < PACKETS; i++) {
		uint8_t rtp[RTP_HEADER + 3] = { 0x80, 111, [RTP_HEADER] = 0xf8, 1, 2 };
		const struct rec_packet p = { .at_us = i * 20000,
			.ts = i * 960,
			.seq = (uint16_t)i,
			.rtp = rtp,
			.rtp_len = sizeof rtp,
			.payload = RTP_HEADER,
			.payload_len = 3 };
		wr16(rtp + 2, p.seq);
		wr32(rtp + 4, p.ts);
		assert_int_equal(mjr_write(w, &p, 1800000000000000 + i * 20000), OK);
	}
	assert_int_equal(mjr_writer_end(w, true), OK);
}

static int setup(void **state)
{
	strcpy(dir, "/tmp/cardea-play-XXXXXX");
	if (!mkdtemp(dir) || begin_call(state))
		return -1;
	media_queue = queue_create("media", 1u << 20);
	got = (struct heard_of){ 0 };
	n_packets = 0;
	whose = 0;
	write_file("talk.mjr");
	return 0;
}

static int teardown(void **state)
{
	char command[64];
	finish(state);
	queue_destroy(media_queue);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

static uint64_t open_file(const char *name, struct cardea_error *e)
{
	return cardea_play_open(&(struct cardea_play){ .size = sizeof(struct cardea_play),
					.dir = dir,
					.files = &name,
					.n_files = 1,
					.fn = on_event,
					.arg = dir,
					.whose = whose },
		e);
}

static uint64_t open_ready(void)
{
	struct cardea_error e;
	unsigned before = got.n_ready;
	uint64_t play = open_file("talk.mjr", &e);
	assert_true(play);
	await(&got.n_ready, before + 1);
	return play;
}

static bool route(uint64_t play, unsigned track, unsigned mindex)
{
	const struct cardea_want want = { .size = sizeof want };
	return cardea_play_route(
		play, track, (struct cardea_track){ last_attached, mindex }, &want);
}

static void a_file_is_played_to_a_client(void **state)
{
	const struct source_want *w;
	uint64_t play;
	(void)state;
	call();
	play = open_ready();
	assert_int_equal(got.n_tracks, 1);
	assert_int_equal(got.codec, CARDEA_OPUS);
	assert_int_equal(got.us, 980000);
	assert_true(route(play, 0, 0));
	w = &cmd_of(CMD_SOURCE_OPEN)->source;
	assert_int_equal(w->id, play);
	assert_int_equal(w->n_tracks, 1);
	assert_int_equal(w->tracks[0].codec, CARDEA_OPUS);
	assert_int_equal(cmd_of(CMD_ROUTE)->route.from_peer, play);
	assert_int_equal(cmd_of(CMD_ROUTE)->route.to_mindex, 0);
	assert_true(route(play, 0, 0)); /* one source serves all */
	assert_int_equal(count_cmds(CMD_SOURCE_OPEN), 1);
	assert_false(route(play, 1, 0));
	assert_false(route(play, 0, 7));
	assert_false(route(play + 1, 0, 0));
	cardea_play_start(play);
	await(&got.n_ends, 1);
	queue_drain(media_queue, on_media, NULL);
	assert_int_equal(n_packets, PACKETS);
	assert_true(got.n_positions > 0);
	cardea_play_seek(play, 500000);
	await(&got.n_ends, 2);
	assert_int_equal(got.n_landed, 1);
	queue_drain(media_queue, on_media, NULL);
	assert_int_equal(n_packets, PACKETS + PACKETS / 2);
	cardea_play_close(play);
	assert_int_equal(cmd_of(CMD_SOURCE_CLOSE)->source_id.id, play);
	assert_false(route(play, 0, 0));
}

static void of_seeks_in_a_hurry_the_last_counts(void **state)
{
	uint64_t play;
	(void)state;
	call();
	play = open_ready();
	for (int64_t i = 1; i <= 1000; i++)
		cardea_play_seek(play, i * 500);
	await(&got.n_landed, 2);
	assert_int_equal(got.us, 500000);
	pass(2);
	assert_int_equal(got.n_landed, 2);
}

static void it_is_paused_sought_and_played_at_other_speeds(void **state)
{
	uint64_t play;
	(void)state;
	call();
	play = open_ready();
	cardea_play_seek(play, 500000);
	await(&got.n_landed, 1);
	assert_int_equal(got.us, 500000);
	cardea_play_pause(play, true);
	cardea_play_start(play); /* nobody hears it yet: a source all the same */
	assert_int_equal(count_cmds(CMD_SOURCE_OPEN), 1);
	await(&got.n_positions, 1);
	pass(2);
	assert_int_equal(n_packets, 0);
	cardea_play_rate(play, 2);
	cardea_play_pause(play, false);
	await(&got.n_ends, 1);
	queue_drain(media_queue, on_media, NULL);
	assert_int_equal(n_packets, 0); /* sound at another speed is none */
}

static void names_stay_in_their_folder(void **state)
{
	static const char *const bad[] = { "../talk.mjr", "a/../../talk.mjr", "/etc/passwd", "",
		".", "a//b.mjr" };
	struct cardea_error e;
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_int_equal(open_file(bad[i], &e), 0);
	assert_non_null(strstr(e.reason, "a//b.mjr"));
	assert_int_equal(cardea_play_open(&(struct cardea_play){ .dir = dir }, &e), 0);
}

static void what_cannot_be_opened_is_told(void **state)
{
	struct cardea_error e;
	uint64_t play = open_file("gone.mjr", &e);
	(void)state;
	assert_true(play);
	await(&got.n_failed, 1);
	assert_non_null(strstr(got.reason, "gone.mjr"));
	cardea_play_start(play);
	cardea_play_close(play);
	assert_int_equal(count_cmds(CMD_SOURCE_OPEN), 0);
	assert_int_equal(count_cmds(CMD_SOURCE_CLOSE), 0);
}

static void an_end_is_told_when_there_is_room(void **state)
{
	uint64_t play;
	(void)state;
	call();
	play = open_ready();
	media_full = true;
	assert_false(route(play, 0, 0));
	media_full = false;
	assert_true(route(play, 0, 0));
	media_full = true;
	cardea_play_close(play);
	pass(0.2);
	assert_int_equal(count_cmds(CMD_SOURCE_CLOSE), 0);
	media_full = false;
	pass(0.1);
	assert_int_equal(count_cmds(CMD_SOURCE_CLOSE), 1);
}

/* A route that had no room is not told when its source is gone: its slot may be another's. */
static void routes_of_what_is_gone_are_not_told(void **state)
{
	uint64_t play;
	unsigned routes;
	(void)state;
	call();
	play = open_ready();
	assert_true(route(play, 0, 0));
	routes = count_cmds(CMD_ROUTE);
	fails_at = n_posts + 1;
	n_fails = 2; /* it is tried at once, and once more */
	assert_true(route(play, 0, 1));
	cardea_play_close(play);
	UNTIL_DOING(!source_id_find(play), turn()); /* no time passes */
	pass(0.2);
	assert_int_equal(count_cmds(CMD_ROUTE), routes);
}

static void there_are_a_thousand_at_most(void **state)
{
	struct cardea_error e = { 0 };
	uint64_t first = open_file("talk.mjr", &e);
	unsigned n = 1;
	(void)state;
	while (open_file("talk.mjr", &e))
		n++;
	assert_int_equal(n, SOURCES_MAX);
	assert_string_equal(e.reason, "Too many files are being played");
	await(&got.n_ready, SOURCES_MAX);
	cardea_play_close(first);
	UNTIL_DOING(open_file("talk.mjr", &e), pass(0.01));
}

static void an_address_has_a_quarter_of_them(void **state)
{
	struct cardea_error e = { 0 };
	uint64_t first;
	unsigned n = 1;
	(void)state;
	whose = 5;
	first = open_file("talk.mjr", &e);
	while (open_file("talk.mjr", &e))
		n++;
	assert_int_equal(n, SOURCES_MAX / 4);
	assert_string_equal(
		e.reason, "Your address plays 256 files already (a quarter of what there may be)");
	whose = 6;
	assert_true(open_file("talk.mjr", &e));
	whose = 0;
	assert_true(open_file("talk.mjr", &e));
	whose = 5;
	await(&got.n_ready, n + 2);
	cardea_play_close(first);
	UNTIL_DOING(open_file("talk.mjr", &e), pass(0.01));
	assert_int_equal(open_file("talk.mjr", &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_file_is_played_to_a_client),
		T(of_seeks_in_a_hurry_the_last_counts),
		T(it_is_paused_sought_and_played_at_other_speeds),
		T(names_stay_in_their_folder),
		T(what_cannot_be_opened_is_told),
		T(an_end_is_told_when_there_is_room),
		T(routes_of_what_is_gone_are_not_told),
		T(there_are_a_thousand_at_most),
		T(an_address_has_a_quarter_of_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
