/* SPDX-License-Identifier: Apache-2.0 */
/* The recorder's thread, from sinks' records and control's commands to files, with a disk that
 * fails, stands still or is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/clock.h"
#include "../../core/recorder/av/mux.h"
#include "../../core/recorder/disk.h"
#include "../../core/recorder/rec_msg.h"
#include "../../core/router/sink/sink_msg.h"
#include "../../core/rtp/rtp.h"
#include "until.h"

/* The recorder's thread, with a test in the place of control and of a worker. What is pushed is
 * read before the thread ends; what it says is read then, or waited for. */
#define QUEUE  (1u << 20)
#define AUDIO  11 /* sinks */
#define VIDEO  12
#define SECRET 13 /* sound that is encrypted end to end */
#define ID     (1ULL << 32 | 3)

static char dir[64], base[128];
static struct queue *reports;
static uint16_t seq[3];
static int64_t clock_us; /* when the next packet comes */

/* ---- a disk that can do less ---- */

static _Atomic uint64_t disk_room; /* bytes that it takes still */
static _Atomic bool is_still;
static _Atomic unsigned n_waiting;

static ssize_t write_some(int fd, const void *bytes, size_t len)
{
	if (len > disk_room) {
		errno = ENOSPC;
		return -1;
	}
	n_waiting++;
	while (is_still)
		usleep(1000);
	n_waiting--;
	disk_room -= len;
	return write(fd, bytes, len);
}
static const struct rec_disk disk_of_test = { write_some, fdatasync };

/* ---- what is told ---- */

static struct {
	unsigned n_started, n_files, n_failed, n_limited, n_stopped, n_keyframes;
	struct rec_rep file, last;
	uint32_t kinds, began_kinds; /* of all files */
	char order[64], why[REC_PATH];
} told;

static void hear(void *arg, const void *rec, size_t len)
{
	static const char letters[] = " SFfPXLsKER";
	const struct rec_rep *r = rec;
	(void)arg;
	assert_true(len >= offsetof(struct rec_rep, text) + 1);
	if (r->type != REC_REP_PROGRESS && strlen(told.order) < sizeof told.order - 1)
		strncat(told.order, &letters[r->type], 1);
	memcpy(&told.last, r, len < sizeof told.last ? len : sizeof told.last);
	told.n_started += r->type == REC_REP_STARTED;
	told.n_files += r->type == REC_REP_FILE;
	told.n_failed += r->type == REC_REP_FAILED;
	told.n_limited += r->type == REC_REP_LIMITED;
	told.n_stopped += r->type == REC_REP_STOPPED;
	told.n_keyframes += r->type == REC_REP_KEYFRAME;
	told.kinds |= r->type == REC_REP_FILE ? r->kinds : 0;
	told.began_kinds |= r->type == REC_REP_STARTED ? r->kinds : 0;
	if (r->type == REC_REP_FILE)
		memcpy(&told.file, r, len);
	if (r->type == REC_REP_FAILED || r->type == REC_REP_LIMITED)
		snprintf(told.why, sizeof told.why, "%s", r->text);
}

static void listen(void)
{
	queue_drain(reports, hear, NULL);
}

static void await(const unsigned *n, unsigned wanted)
{
	UNTIL_DOING(*n >= wanted, listen());
	assert_int_equal(*n, wanted);
}

/* ---- the thread ---- */

static void start(const struct disk_conf *more)
{
	struct disk_conf conf = *more;
	conf.io = conf.io ? conf.io : &rec_disk_real;
	conf.queue_bytes = conf.queue_bytes ? conf.queue_bytes : QUEUE;
	conf.sync_us = US_PER_S;
	conf.reports = reports;
	assert_int_equal(disk_start(&conf), OK);
}

static void stop(void)
{
	disk_stop();
	listen();
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/cardea-disk-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(base, sizeof base, "%s/call", dir);
	reports = queue_create("reports", QUEUE);
	memset(&told, 0, sizeof told);
	memset(seq, 0, sizeof seq);
	clock_us = clock_now_us();
	disk_room = UINT64_MAX;
	is_still = false;
	return reports ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];
	(void)state;
	is_still = false;
	disk_stop();
	queue_destroy(reports);
	snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command);
}

/* ---- what control says ---- */

static void command(struct rec_cmd *c, const void *more)
{
	const struct iovec parts[] = { { c, rec_cmd_len(c->type) },
		{ (void *)(uintptr_t)more, c->len } };
	c->recording = ID;
	assert_int_equal(queue_push_parts(disk_queue(), NULL, 0, parts, 2), OK);
}

static void say(enum rec_cmd_type type)
{
	struct rec_cmd c = { .type = type, .pause = { clock_us } };
	command(&c, NULL);
}

static void open_recording(unsigned format, uint32_t max_s, uint64_t max_bytes)
{
	struct rec_cmd c = { .type = REC_CMD_OPEN,
		.open = { .format = (uint8_t)format,
			.max_s = max_s,
			.max_bytes = max_bytes,
			.title = "A call",
			.data = "-data" } };
	snprintf(c.open.base, sizeof c.open.base, "%s", base);
	command(&c, NULL);
}

static void open_track(uint64_t sink, enum cardea_kind kind)
{
	struct rec_cmd c = { .type = REC_CMD_TRACK,
		.track = { .sink = sink, .kind = (uint8_t)kind } };
	strcpy(c.track.suffix, kind == CARDEA_AUDIO ? "-audio" : "-video");
	command(&c, NULL);
}

/* ---- what a worker says ---- */

static void push(struct sink_record *r, size_t len)
{
	assert_int_equal(queue_push(disk_queue(), r, len), OK);
}

static void describe(uint64_t sink, enum cardea_codec_id codec)
{
	struct sink_record r = { .type = SINK_TRACK,
		.sink = sink,
		.track = { .t = { .kind = sink == VIDEO ? CARDEA_VIDEO : CARDEA_AUDIO,
				   .dir = CARDEA_RECV,
				   .codec = (uint8_t)codec,
				   .clock_hz = sink == AUDIO ? 48000 : 90000,
				   .channels = 2 } } };
	push(&r, sizeof r);
}

static void close_sink(uint64_t sink)
{
	struct sink_record r = { .type = SINK_CLOSED, .sink = sink };
	push(&r, SINK_HEAD);
}

/* A packet that is a frame. @param payload of @p len bytes. @return what the queue said */
static enum err send(uint64_t sink, const uint8_t *payload, size_t len, uint32_t lost)
{
	static uint8_t buf[2048] __attribute__((aligned(16)));
	struct sink_record *r = (void *)buf;
	struct sink_packet *p = (void *)(buf + SINK_HEAD);
	uint8_t *rtp = (uint8_t *)(p + 1);
	memset(buf, 0, sizeof buf);
	*p = (struct sink_packet){ .at_us = clock_us,
		.ts = (uint32_t)(clock_us * (sink == AUDIO ? 48 : 90) / 1000),
		.seq = seq[sink - AUDIO]++,
		.len = (uint16_t)(12 + len),
		.payload = 12,
		.payload_len = (uint16_t)len,
		.info = {
			.is_keyframe = sink == VIDEO && !(payload[1] & 1), .starts_frame = true } };
	rtp[0] = 0x80;
	rtp[1] = 0x80 | 96;
	wr16(rtp + 2, p->seq);
	wr32(rtp + 4, p->ts);
	memcpy(rtp + 12, payload, len);
	r->type = SINK_PACKETS;
	r->sink = sink;
	r->lost = lost;
	r->packets.n = 1;
	return queue_push(disk_queue(), buf, SINK_HEAD + sizeof *p + ((p->len + 7u) & ~7u));
}

static enum err picture(bool is_keyframe, uint32_t lost)
{
	/* VP8: a frame's beginning; 64 by 48 */
	static uint8_t key[1000] = { 0x10, 0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0 };
	static uint8_t delta[1000] = { 0x10, 0x11, 0, 0 };
	return send(VIDEO, is_keyframe ? key : delta, sizeof key, lost);
}

static enum err sound(void)
{
	static const uint8_t opus[80] = { 0xfc };
	return send(AUDIO, opus, sizeof opus, 0);
}

/* So many pictures, 40 ms each, with their sound. */
static void run(unsigned n)
{
	for (unsigned i = 0; i < n; i++, clock_us += 40000) {
		assert_int_equal(sound(), OK);
		assert_int_equal(picture(i % 25 == 0, 0), OK);
		clock_us += 20000;
		assert_int_equal(sound(), OK);
		clock_us -= 20000;
	}
}

static void begin(unsigned format)
{
	open_recording(format, 0, 0);
	open_track(AUDIO, CARDEA_AUDIO);
	open_track(VIDEO, CARDEA_VIDEO);
	describe(AUDIO, CARDEA_OPUS);
	describe(VIDEO, CARDEA_VP8);
}

static void end(void)
{
	say(REC_CMD_STOP);
	close_sink(AUDIO);
	close_sink(VIDEO);
}

static struct mux_info look(void)
{
	struct mux_info info;
	char path[160], why[256] = "";
	snprintf(path, sizeof path, "%s.webm.part", base);
	if (mux_info(path, true, &info, why, sizeof why))
		fail_msg("%s", why);
	return info;
}

/* ---- a recording ---- */

static void sound_and_pictures_become_a_file(void **state)
{
	(void)state;
	start(&(struct disk_conf){ 0 });
	begin(REC_MEDIA);
	run(100);
	end();
	await(&told.n_stopped, 1);
	assert_string_equal(told.order, "SFE");
	assert_int_equal(told.file.container, MUX_WEBM);
	assert_in_range(told.file.duration_us, 3900000, 4000000);
	assert_true(told.last.duration_us == told.file.duration_us);
	assert_true(told.last.bytes == told.file.bytes);
	struct mux_info info = look();
	assert_int_equal(info.tracks[0].frames, 200);
	assert_int_equal(info.tracks[1].frames, 100);
}

#define SOUND    (1u << CARDEA_AUDIO)
#define PICTURES (1u << CARDEA_VIDEO)

static void what_never_came_is_not_told_to_be_in_it(void **state)
{
	(void)state;
	start(&(struct disk_conf){ 0 });
	begin(REC_BOTH);
	for (unsigned i = 0; i < 150; i++, clock_us += 20000)
		assert_int_equal(sound(), OK);
	await(&told.n_started, 2); /* pictures are waited for, and then it begins without them */
	end();
	await(&told.n_stopped, 1);
	assert_int_equal(told.n_files, 3);
	assert_int_equal(told.kinds, SOUND);
	assert_int_equal(told.began_kinds, SOUND | PICTURES); /* they might have come */
}

static void it_ends_when_its_sinks_have_closed(void **state)
{
	(void)state;
	start(&(struct disk_conf){ 0 });
	begin(REC_MEDIA);
	run(25);
	say(REC_CMD_STOP);
	close_sink(AUDIO);
	run(5); /* was on its way */
	listen();
	assert_int_equal(told.n_stopped, 0);
	close_sink(VIDEO);
	await(&told.n_stopped, 1);
	assert_int_equal(look().tracks[1].frames, 30);
}

static void the_end_of_the_thread_ends_it(void **state)
{
	(void)state;
	start(&(struct disk_conf){ 0 });
	begin(REC_MEDIA);
	run(25);
	stop();
	assert_string_equal(told.order, "SFE");
	assert_int_equal(look().tracks[1].frames, 25);
}

static void packets_and_messages_go_into_files_of_their_own(void **state)
{
	static const char *const names[] = { "-audio.mjr", "-video.mjr", "-data.mjr", ".jsonl",
		".vtt", ".webm.part" };
	struct rec_cmd c = { .type = REC_CMD_DATA, .len = 9, .data = { .label_len = 4 } };
	(void)state;
	start(&(struct disk_conf){ 0 });
	begin(REC_BOTH);
	run(10);
	c.data.at_us = clock_us;
	command(&c, "chathello");
	end();
	await(&told.n_stopped, 1);
	assert_int_equal(told.n_files, 6);
	for (unsigned i = 0; i < 6; i++) {
		char path[160];
		snprintf(path, sizeof path, "%s%s", base, names[i]);
		assert_int_equal(access(path, F_OK), 0);
	}
}

static void packets_of_pictures_begin_with_a_keyframe(void **state)
{
	(void)state;
	start(&(struct disk_conf){ 0 });
	begin(REC_MJR);
	for (unsigned i = 0; i < 10; i++, clock_us += 40000)
		assert_int_equal(picture(i == 7, 0), OK);
	end();
	await(&told.n_stopped, 1);
	assert_non_null(strstr(told.file.text, "-video.mjr"));
	assert_int_equal(told.file.duration_us, 80000);
}

static void what_is_encrypted_is_not_taken_apart(void **state)
{
	struct rec_cmd c = { .type = REC_CMD_TRACK,
		.track = {
			.sink = AUDIO, .kind = CARDEA_AUDIO, .e2ee = true, .suffix = "-audio" } };
	(void)state;
	start(&(struct disk_conf){ 0 });
	open_recording(REC_BOTH, 0, 0);
	command(&c, NULL);
	describe(AUDIO, CARDEA_OPUS);
	assert_int_equal(sound(), OK);
	stop();
	assert_int_equal(told.n_files, 1);
	assert_non_null(strstr(told.file.text, "-audio.mjr"));
}

static void what_turns_to_encryption_goes_into_the_next_file(void **state)
{
	struct rec_cmd c = { .type = REC_CMD_TRACK,
		.track = {
			.sink = SECRET, .kind = CARDEA_AUDIO, .e2ee = true, .suffix = "-audio" } };
	char path[160], head[256] = "";
	(void)state;
	start(&(struct disk_conf){ 0 });
	begin(REC_MJR);
	run(5);
	command(&c, NULL);
	describe(SECRET, CARDEA_OPUS);
	assert_int_equal(send(SECRET, (const uint8_t *)"secret", 6, 0), OK);
	end();
	close_sink(SECRET);
	await(&told.n_stopped, 1);
	assert_int_equal(told.n_files, 3);
	snprintf(path, sizeof path, "%s-audio-2.mjr", base);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	fread(head, 1, sizeof head - 1, f);
	fclose(f);
	assert_non_null(strstr(head + 10, "\"e\": true"));
}

static void it_ends_for_a_reason_that_is_given(void **state)
{
	struct rec_cmd c = { .type = REC_CMD_FAIL, .len = 3 };
	(void)state;
	start(&(struct disk_conf){ 0 });
	begin(REC_MEDIA);
	run(25);
	command(&c, "Now");
	run(25); /* was on its way */
	end();
	await(&told.n_stopped, 1);
	assert_string_equal(told.order, "SFXE");
	assert_string_equal(told.why, "Now");
	assert_int_equal(look().tracks[1].frames, 25);
}

static void a_pause_leaves_no_gap(void **state)
{
	(void)state;
	start(&(struct disk_conf){ 0 });
	begin(REC_MEDIA);
	run(50);
	say(REC_CMD_PAUSE);
	run(50);
	say(REC_CMD_RESUME);
	await(&told.n_keyframes, 1); /* to go on with */
	run(50);
	end();
	await(&told.n_stopped, 1);
	struct mux_info info = look();
	assert_int_equal(info.tracks[1].frames, 100);
	assert_in_range(info.tracks[1].last_us, 3800000, 4200000);
}

static void a_sink_takes_the_place_of_another(void **state)
{
	(void)state;
	start(&(struct disk_conf){ 0 });
	begin(REC_MEDIA);
	run(25);
	struct rec_cmd c = { .type = REC_CMD_TRACK,
		.track = { .sink = VIDEO + 1, .kind = CARDEA_VIDEO, .suffix = "-video" } };
	command(&c, NULL);
	run(5); /* of the one before: nobody's any more */
	close_sink(VIDEO);
	end();
	close_sink(VIDEO + 1);
	await(&told.n_stopped, 1);
	assert_int_equal(look().tracks[1].frames, 25);
}

static void a_keyframe_is_asked_for_after_a_loss(void **state)
{
	(void)state;
	start(&(struct disk_conf){ 0 });
	begin(REC_MEDIA);
	run(10);
	assert_int_equal(told.n_keyframes, 0);
	seq[VIDEO - AUDIO]++;
	for (unsigned i = 0; i < 20; i++, clock_us += 100000) /* until it is known to be lost */
		assert_int_equal(picture(false, 0), OK);
	await(&told.n_keyframes, 1);
	assert_true(told.last.sink == VIDEO || told.last.type != REC_REP_KEYFRAME);
}

/* ---- limits ---- */

static void it_may_last_so_long(void **state)
{
	(void)state;
	start(&(struct disk_conf){ 0 });
	open_recording(REC_MEDIA, 2, 0);
	open_track(AUDIO, CARDEA_AUDIO);
	describe(AUDIO, CARDEA_OPUS);
	for (unsigned i = 0; i < 200; i++, clock_us += 20000)
		assert_int_equal(sound(), OK);
	await(&told.n_limited, 1);
	assert_non_null(strstr(told.why, "longest duration"));
	assert_int_equal(told.n_files, 1);
	close_sink(AUDIO);
	say(REC_CMD_STOP);
	await(&told.n_stopped, 1);
}

static void it_may_be_so_large(void **state)
{
	(void)state;
	start(&(struct disk_conf){ 0 });
	open_recording(REC_MEDIA, 0, 100000);
	open_track(VIDEO, CARDEA_VIDEO);
	describe(VIDEO, CARDEA_VP8);
	for (unsigned i = 0; i < 300; i++, clock_us += 40000)
		assert_int_equal(picture(i == 0, 0), OK);
	await(&told.n_limited, 1);
	assert_non_null(strstr(told.why, "largest size"));
	assert_in_range(told.file.bytes, 100000, 400000);
}

static void a_disk_keeps_some_room(void **state)
{
	(void)state;
	start(&(struct disk_conf){ .min_free = UINT64_MAX - 1 });
	begin(REC_MEDIA);
	run(10);
	end();
	await(&told.n_stopped, 1);
	assert_string_equal(told.order, "LE");
	assert_non_null(strstr(told.why, "MB left"));
}

/* ---- bad disks ---- */

static void a_full_disk_ends_it_and_what_is_there_plays(void **state)
{
	(void)state;
	disk_room = 60000;
	start(&(struct disk_conf){ .io = &disk_of_test });
	begin(REC_MEDIA);
	run(100);
	await(&told.n_failed, 1);
	assert_non_null(strstr(told.why, "the disk is full"));
	assert_int_equal(told.n_files, 1);
	run(10); /* written nowhere */
	end();
	await(&told.n_stopped, 1);
	assert_int_equal(told.n_failed, 1);
	assert_in_range(look().tracks[1].frames, 20, 90);
}

static void a_disk_that_stands_still_holds_nobody_up(void **state)
{
	unsigned n = 0, n_refused = 0;
	(void)state;
	start(&(struct disk_conf){ .io = &disk_of_test, .queue_bytes = 256u << 10 });
	open_recording(REC_MEDIA, 0, 0);
	open_track(VIDEO, CARDEA_VIDEO);
	describe(VIDEO, CARDEA_VP8);
	is_still = true;
	assert_int_equal(picture(true, 0), OK);
	UNTIL(n_waiting);
	assert_int_equal(n_waiting, 1);
	for (; n_refused < 100; n++, clock_us += 40000) {
		n_refused += picture(n % 25 == 0, n_refused) != OK;
		assert_in_range(n, 0, 5000);
	}
	is_still = false;
	UNTIL(!picture(true, n_refused));
	close_sink(VIDEO);
	say(REC_CMD_STOP);
	await(&told.n_stopped, 1);
	assert_null(strstr(told.order, "X"));
	assert_int_not_equal(look().tracks[0].frames, 0);
}

static void packets_that_were_shed_are_told(void **state)
{
	(void)state;
	start(&(struct disk_conf){ 0 });
	begin(REC_MEDIA);
	assert_int_equal(picture(true, 0), OK);
	assert_int_equal(picture(true, 17), OK);
	end();
	await(&told.n_stopped, 1);
	assert_int_equal(told.last.shed, 17);
}

/* ---- reports, texts ---- */

static void reports_wait_for_room(void **state)
{
	(void)state;
	queue_destroy(reports);
	reports = queue_create("reports", 128); /* less than two of them */
	start(&(struct disk_conf){ 0 });
	begin(REC_MEDIA);
	run(25);
	end();
	await(&told.n_stopped, 1);
	assert_string_equal(told.order, "SFE");
}

static void a_text_takes_the_place_of_the_one_before(void **state)
{
	struct rec_cmd c = { .type = REC_CMD_INDEX, .len = 5 };
	char text[16] = "";
	(void)state;
	start(&(struct disk_conf){ 0 });
	snprintf(c.index.path, sizeof c.index.path, "%s/new/index.json", dir);
	command(&c, "first");
	c.len = 6;
	command(&c, "second");
	stop();
	FILE *f = fopen(c.index.path, "r");
	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof text, f), 6);
	assert_string_equal(text, "second");
	fclose(f);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(sound_and_pictures_become_a_file),
		T(what_never_came_is_not_told_to_be_in_it),
		T(what_turns_to_encryption_goes_into_the_next_file),
		T(it_ends_for_a_reason_that_is_given),
		T(it_ends_when_its_sinks_have_closed),
		T(the_end_of_the_thread_ends_it),
		T(packets_and_messages_go_into_files_of_their_own),
		T(packets_of_pictures_begin_with_a_keyframe),
		T(what_is_encrypted_is_not_taken_apart),
		T(a_pause_leaves_no_gap),
		T(a_sink_takes_the_place_of_another),
		T(a_keyframe_is_asked_for_after_a_loss),
		T(it_may_last_so_long),
		T(it_may_be_so_large),
		T(a_disk_keeps_some_room),
		T(a_full_disk_ends_it_and_what_is_there_plays),
		T(a_disk_that_stands_still_holds_nobody_up),
		T(packets_that_were_shed_are_told),
		T(reports_wait_for_room),
		T(a_text_takes_the_place_of_the_one_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
