/* SPDX-License-Identifier: Apache-2.0 */
/* The player's thread with real files, of containers and MJR: what it tells and sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/clock.h"
#include "../../core/base/queue.h"
#include "../../core/recorder/av_load.h"
#include "../../core/recorder/depack.h"
#include "../../core/recorder/mjr.h"
#include "../../core/recorder/packetize.h"
#include "../../core/recorder/player.h"
#include "../../core/rtp/rtp.h"
#include "media_maker.h"

/* The player's thread, with real files: what comes out of its source is put together again, and is
 * what was encoded. */
#define PLAY    (2ULL << 32 | 1000)
#define OTHERS  5 /* ids behind that */
#define LARGE   200000
#define WAIT_MS 20000
#define PATH    600

static char dir[] = "/tmp/cardea-player-XXXXXX";
static char path[PATH], path2[PATH], why[512];
static struct queue *reports, *media;

/* ---- what is said ---- */

static struct {
	bool is_open, has_ended, has_closed, has_landed;
	unsigned n_tracks, n_messages;
	struct play_track tracks[PLAY_TRACKS];
	int64_t duration_us, landed_us;
	char failure[PLAY_TEXT], warning[PLAY_TEXT], message[64];
} said;

/* Of those beside PLAY. */
static struct {
	uint64_t opened[OTHERS]; /* in their order */
	unsigned n_opened;
	bool has_opened[OTHERS + 1], has_closed[OTHERS + 1];
} others;

static void on_others_report(const struct play_rep *r)
{
	uint64_t i = r->play - PLAY;
	assert_in_range(i, 1, OTHERS);
	if (r->type == PLAY_REP_OPENED) {
		assert_in_range(others.n_opened, 0, OTHERS - 1);
		others.opened[others.n_opened++] = i;
		others.has_opened[i] = true;
	} else if (r->type == PLAY_REP_CLOSED) {
		assert_false(others.has_closed[i]);
		others.has_closed[i] = true;
	} else {
		fail_msg("%u: %s", r->type, r->type == PLAY_REP_FAILED ? r->text : "");
	}
}

static void on_report(void *arg, const void *rec, size_t len)
{
	const struct play_rep *r = rec;
	(void)arg;
	(void)len;
	if (r->play != PLAY) {
		on_others_report(r);
		return;
	}
	switch ((enum play_rep_type)r->type) {
	case PLAY_REP_OPENED:
		said.is_open = true;
		said.n_tracks = r->opened.n_tracks;
		said.duration_us = r->opened.duration_us;
		memcpy(said.tracks, r->opened.tracks, sizeof said.tracks);
		strcpy(said.warning, r->opened.warning);
		break;
	case PLAY_REP_POSITION:
		if (r->position.is_seek) {
			said.has_landed = true;
			said.landed_us = r->position.us;
		}
		break;
	case PLAY_REP_DATA:
		said.n_messages++;
		snprintf(said.message, sizeof said.message, "%s",
			(const char *)r + play_rep_len(PLAY_REP_DATA));
		break;
	case PLAY_REP_END:
		said.has_ended = true;
		break;
	case PLAY_REP_FAILED:
		strcpy(said.failure, r->text);
		break;
	case PLAY_REP_CLOSED:
		said.has_closed = true;
		break;
	}
}

static const struct made *made[PLAY_TRACKS];
static unsigned n_made[PLAY_TRACKS], n_frames[PLAY_TRACKS], n_keyframes[PLAY_TRACKS];
static unsigned begins_at[PLAY_TRACKS]; /* which frame is to be the first */
static struct depack *depacks[PLAY_TRACKS];
static uint32_t first_ts[PLAY_TRACKS], last_ts[PLAY_TRACKS];
static unsigned track;

/* Annex B has start codes of three bytes and of four. */
static size_t without_starts(uint8_t *to, const uint8_t *from, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		if (from[i] || i + 3 >= len || from[i + 1] ||
			(from[i + 2] != 1 && (from[i + 2] || from[i + 3] != 1)))
			to[n++] = from[i];
		else
			i += from[i + 2] == 1 ? 2 : 3;
	return n;
}

static void on_frame(void *arg, const struct rec_frame *f)
{
	struct rec_frame is =
		media_frame(made[track], n_made[track], begins_at[track] + n_frames[track]);
	static uint8_t a[1u << 16], b[1u << 16];
	(void)arg;
	n_frames[track]++;
	n_keyframes[track] += f->is_keyframe;
	if (said.tracks[track].codec != CARDEA_H264) {
		assert_int_equal(f->len, is.len);
		assert_memory_equal(f->data, is.data, is.len);
		return;
	}
	size_t len = without_starts(a, f->data, f->len);
	assert_int_equal(len, without_starts(b, is.data, is.len));
	assert_memory_equal(a, b, len);
}

static void on_media(void *arg, const void *rec, size_t len)
{
	const struct source_record *r = rec;
	(void)arg;
	assert_int_equal(r->source, PLAY);
	if (r->type != SOURCE_PACKETS)
		return;
	for (const struct source_packet *k = NULL; (k = source_next(r, len, k));) {
		const uint8_t *rtp = source_rtp(k);
		struct rec_packet p = { .ts = rd32(rtp + 4),
			.seq = rd16(rtp + 2),
			.marker = rtp[1] >> 7,
			.rtp = rtp,
			.rtp_len = k->len,
			.payload = (uint16_t)rtp_header_len(rtp, k->len) };
		p.payload_len = (uint16_t)(k->len - p.payload);
		track = k->mindex;
		assert_in_range(track, 0, said.n_tracks - 1);
		assert_int_equal(rtp[1] & 127, said.tracks[track].pt);
		if (!n_frames[track])
			first_ts[track] = p.ts;
		last_ts[track] = p.ts;
		depack_take(depacks[track], &p, 0);
	}
}

static void drain(void)
{
	queue_drain(reports, on_report, NULL);
	queue_drain(media, on_media, NULL);
}

/* Until @p what is so. */
static void await(const bool *what)
{
	int64_t until_us = clock_now_us() + WAIT_MS * US_PER_MS;
	for (drain(); !*what; drain()) {
		struct pollfd fds[] = { { .fd = queue_fd(reports), .events = POLLIN },
			{ .fd = queue_fd(media), .events = POLLIN } };
		poll(fds, 2, WAIT_MS);
		assert_true(clock_now_us() < until_us);
	}
}

static void tell(struct play_cmd c, enum play_cmd_type type)
{
	c.type = type;
	c.play = PLAY;
	assert_int_equal(queue_push(player_queue(), &c, play_cmd_len(&c)), OK);
}
#define TELL(type, ...) tell((struct play_cmd){ __VA_ARGS__ }, type)

/* ---- files ---- */

/* Two seconds of each, pictures half a second behind. */
static void write_media(enum cardea_codec_id audio, enum cardea_codec_id video)
{
	const struct av_ops *av = av_load(NULL, why, sizeof why);
	struct mux_conf conf = { .container = mux_container_for(audio, video) };
	struct mux_track tracks[2] = { { .codec = audio, .clock_hz = 48000, .channels = 2 },
		{ .codec = video, .width = 160, .height = 120 } };
	struct mux *mux;
	if (!av)
		fail_msg("%s", why);
	if (!(n_made[0] = media_make(audio, 0, &made[0])) ||
		!(n_made[1] = media_make(video, 160, &made[1])))
		skip();
	if (video != CARDEA_VP8 && video != CARDEA_VP9) {
		tracks[1].head = made[1]->data;
		tracks[1].head_len = made[1]->len;
	}
	snprintf(path, sizeof path, "%s/film.%s", dir, mux_extension(conf.container));
	conf.file = rec_file_new(&rec_disk_real, NULL, path, why, sizeof why);
	assert_non_null(conf.file);
	assert_non_null(mux = av->mux_new(&conf, tracks, 2, why, sizeof why));
	for (int64_t us = 0; us < 2000000; us += 20000) {
		struct rec_frame s = media_frame(made[0], n_made[0], (unsigned)(us / 20000));
		struct rec_frame p = media_frame(made[1], n_made[1], (unsigned)(us / 40000));
		s.is_keyframe = true;
		assert_int_equal(av->mux_write(mux, 0, &s, us), OK);
		if (us % 40000 == 0)
			assert_int_equal(av->mux_write(mux, 1, &p, us), OK);
	}
	assert_int_equal(av->mux_end(mux), OK);
	assert_int_equal(rec_file_end(conf.file, true), OK);
}

static struct mjr_writer *mjr;
static unsigned n_written;
static struct packetizer packetizer;

static void write_packet(void *arg, const uint8_t *payload, size_t len, bool last)
{
	static uint8_t rtp[1600];
	const int64_t *us = arg;
	unsigned hz = packetizer.codec == CARDEA_OPUS ? 48000 : 90000;
	const struct rtp_out h = { .pt = 96,
		.marker = last,
		.seq = (uint16_t)(65000 + n_written++),
		.ts = (uint32_t)(*us * hz / US_PER_S) + 0xfffff000u,
		.ssrc = 7 };
	struct rec_packet p = {
		.at_us = *us, .ts = h.ts, .seq = h.seq, .marker = last, .rtp = rtp
	};
	p.payload = (uint16_t)rtp_write(rtp, sizeof rtp, &h);
	p.payload_len = (uint16_t)len;
	p.rtp_len = (uint16_t)(p.payload + len);
	memcpy(rtp + p.payload, payload, len);
	assert_int_equal(mjr_write(mjr, &p, 1800000000000000 + *us), OK);
}

static void open_mjr(char to[PATH], const char *name, const struct mjr_head *head)
{
	struct rec_file *f;
	snprintf(to, PATH, "%s/%s.mjr", dir, name);
	f = rec_file_new(&rec_disk_real, NULL, to, why, sizeof why);
	assert_non_null(f);
	assert_non_null(mjr = mjr_writer_new(f, head));
	n_written = 0;
}

static void write_mjr(char to[PATH], unsigned t, enum cardea_codec_id codec, int64_t late_us)
{
	const struct mjr_head head = {
		.kind = cardea_codec_kind(codec), .codec = codec, .created_us = 1800000000000000
	};
	int64_t each_us = head.kind == CARDEA_VIDEO ? 40000 : 20000;
	packetizer = (struct packetizer){ .codec = codec };
	if (!(n_made[t] = media_make(codec, 160, &made[t])))
		skip();
	open_mjr(to, cardea_codec_name(codec), &head);
	for (int64_t us = late_us; us < 2000000; us += each_us) {
		struct rec_frame f =
			media_frame(made[t], n_made[t], (unsigned)((us - late_us) / each_us));
		packetize(&packetizer, &f, write_packet, &us);
	}
	assert_int_equal(mjr_writer_end(mjr, true), OK);
}

/* ---- life ---- */

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/cardea-player-XXXXXX");
	reports = queue_create("reports", 8u << 20);
	media = queue_create("media", 16u << 20);
	memset(&said, 0, sizeof said);
	memset(&others, 0, sizeof others);
	memset(n_frames, 0, sizeof n_frames);
	memset(n_keyframes, 0, sizeof n_keyframes);
	memset(begins_at, 0, sizeof begins_at);
	return !mkdtemp(dir) || player_start(reports);
}

static int teardown(void **state)
{
	char command[128];
	(void)state;
	player_stop();
	player_free();
	queue_destroy(reports);
	queue_destroy(media);
	for (unsigned i = 0; i < PLAY_TRACKS; i++) {
		depack_free(depacks[i]);
		depacks[i] = NULL;
	}
	media_unmake();
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

static void open_files(const char *a, const char *b)
{
	struct play_cmd *c = calloc(1, sizeof *c);
	c->n_files = b ? 2 : 1;
	strcpy(c->open.files[0], a);
	strcpy(c->open.files[1], b ? b : "");
	tell(*c, PLAY_CMD_OPEN);
	free(c);
}

static void play(void)
{
	await(&said.is_open);
	for (unsigned i = 0; i < said.n_tracks; i++)
		if (said.tracks[i].kind != CARDEA_DATA)
			depacks[i] = depack_new(said.tracks[i].codec, 0, on_frame, NULL);
	TELL(PLAY_CMD_START, .start = { media });
}

/* ---- what is played ---- */

static void a_film_is_played(enum cardea_codec_id video)
{
	write_media(CARDEA_OPUS, video);
	open_files(path, NULL);
	play();
	assert_int_equal(said.n_tracks, 2);
	assert_int_equal(said.tracks[0].codec, CARDEA_OPUS);
	assert_int_equal(said.tracks[1].codec, video);
	await(&said.has_ended);
	assert_int_equal(n_frames[0], 100);
	assert_int_equal(n_frames[1], 50);
	assert_int_equal(n_keyframes[1], 2);
	assert_int_equal(last_ts[0] - first_ts[0], 99 * 960);
	assert_in_range(last_ts[1] - first_ts[1], 49 * 3600 - 90, 49 * 3600 + 90);
}

static void webm_vp8(void **state)
{
	(void)state;
	a_film_is_played(CARDEA_VP8);
	assert_string_equal(said.tracks[1].fmtp, "");
	assert_in_range(said.duration_us, 0, 2100000);
}

static void webm_vp9(void **state)
{
	(void)state;
	a_film_is_played(CARDEA_VP9);
	assert_string_equal(said.tracks[1].fmtp, "profile-id=0");
}

static void mp4_h264(void **state)
{
	(void)state;
	a_film_is_played(CARDEA_H264);
	assert_non_null(strstr(said.tracks[1].fmtp, "profile-level-id=42"));
}

static void webm_av1(void **state)
{
	(void)state;
	a_film_is_played(CARDEA_AV1);
}

static void it_is_sought_and_closed(void **state)
{
	(void)state;
	write_media(CARDEA_OPUS, CARDEA_VP8);
	open_files(path, NULL);
	await(&said.is_open);
	TELL(PLAY_CMD_SEEK, .seek = { 1700000 });
	await(&said.has_landed);
	assert_in_range(said.landed_us, 999000, 1001000);
	begins_at[0] = 51; /* that of 1.000 s stands before the keyframe */
	play();
	await(&said.has_ended);
	assert_int_equal(n_frames[0], 49);
	assert_int_equal(n_frames[1], 25);
	TELL(PLAY_CMD_CLOSE, 0);
	await(&said.has_closed);
}

static void mjr_files_are_played_in_sync(void **state)
{
	(void)state;
	write_mjr(path, 0, CARDEA_OPUS, 0);
	write_mjr(path2, 1, CARDEA_VP8, 400000);
	open_files(path, path2);
	play();
	assert_int_equal(said.n_tracks, 2);
	assert_in_range(said.duration_us, 1960000, 1980000);
	await(&said.has_ended);
	assert_int_equal(n_frames[0], 100);
	assert_int_equal(n_frames[1], 40);
	assert_int_equal(last_ts[0] - first_ts[0], 99 * 960);
	assert_int_equal(last_ts[1] - first_ts[1], 39 * 3600);
	said.has_ended = false;
	n_frames[0] = n_frames[1] = 0;
	begins_at[1] = 25;
	begins_at[0] = 71;
	TELL(PLAY_CMD_SEEK, .seek = { 1900000 });
	await(&said.has_ended);
	assert_int_equal(said.landed_us, 1400000);
	assert_int_equal(n_frames[0], 29);
	assert_int_equal(n_frames[1], 15);
}

/* One a millisecond, each with another clock. */
static void write_odd_pictures(unsigned n, uint32_t step)
{
	static const struct mjr_head head = {
		.kind = CARDEA_VIDEO, .codec = CARDEA_VP8, .created_us = 1
	};
	static uint8_t rtp[60] = { 0x80, 96, [RTP_HEADER] = 0x10, 0, 0, 0, 0x9d, 1, 0x2a, 160, 0,
		120, 0 };
	open_mjr(path, "odd", &head);
	for (unsigned i = 0; i < n; i++) {
		struct rec_packet p = { .at_us = i * US_PER_MS,
			.ts = i * step,
			.seq = (uint16_t)i,
			.rtp = rtp,
			.rtp_len = sizeof rtp,
			.payload = RTP_HEADER,
			.payload_len = sizeof rtp - RTP_HEADER };
		wr16(rtp + 2, p.seq);
		wr32(rtp + 4, p.ts);
		wr32(rtp + 8, 7);
		assert_int_equal(mjr_write(mjr, &p, 1800000000000000 + p.at_us), OK);
	}
	assert_int_equal(mjr_writer_end(mjr, true), OK);
}

static void timestamps_that_jump_are_no_times(void **state)
{
	(void)state;
	write_odd_pictures(10000, 0x7fffffff);
	open_files(path, NULL);
	await(&said.is_open);
	assert_in_range(said.duration_us, 9900000, 10100000);
}

/* ---- large files ---- */

static void tell_other(unsigned i, enum play_cmd_type type, uint64_t whose, const char *file)
{
	struct play_cmd *c = calloc(1, sizeof *c);
	c->type = type;
	c->play = PLAY + i;
	if (type == PLAY_CMD_OPEN) {
		c->n_files = 1;
		c->open.whose = whose;
		strcpy(c->open.files[0], file);
	}
	assert_int_equal(queue_push(player_queue(), c, play_cmd_len(c)), OK);
	free(c);
}

/* path is large, path2 is not. */
static void write_both(void)
{
	write_odd_pictures(LARGE, 90);
	write_mjr(path2, 0, CARDEA_OPUS, 0);
}

static void what_one_opens_holds_no_other_up(void **state)
{
	(void)state;
	write_both();
	tell_other(1, PLAY_CMD_OPEN, 7, path);
	tell_other(2, PLAY_CMD_OPEN, 7, path2);
	tell_other(3, PLAY_CMD_OPEN, 7, path);
	tell_other(4, PLAY_CMD_OPEN, 8, path2);
	tell_other(5, PLAY_CMD_OPEN, 0, path2);
	await(&others.has_opened[3]);
	/* its own wait, others do not */
	assert_int_equal(others.opened[0], 4);
	assert_int_equal(others.opened[1], 5);
	assert_int_equal(others.opened[2], 1);
	assert_int_equal(others.opened[3], 2);
}

static void who_plays_goes_on_while_another_is_opened(void **state)
{
	(void)state;
	write_both();
	open_files(path2, NULL);
	play();
	tell_other(1, PLAY_CMD_OPEN, 7, path);
	for (unsigned n = n_frames[0] + 3; n_frames[0] < n;) {
		assert_false(others.has_opened[1]);
		await(&(bool){ true });
	}
}

static void it_is_closed_while_it_is_opened(void **state)
{
	(void)state;
	write_both();
	tell_other(1, PLAY_CMD_OPEN, 7, path);
	tell_other(2, PLAY_CMD_OPEN, 8, path2);
	await(&others.has_opened[2]); /* so the first is begun */
	tell_other(1, PLAY_CMD_CLOSE, 0, NULL);
	tell_other(3, PLAY_CMD_OPEN, 7, path2);
	await(&others.has_closed[1]);
	await(&others.has_opened[3]); /* it has not waited for it */
	assert_false(others.has_opened[1]);
}

/* An end frees it, too: see the teardown. */
static void the_end_does_not_wait_for_it(void **state)
{
	(void)state;
	write_both();
	tell_other(1, PLAY_CMD_OPEN, 7, path);
	tell_other(2, PLAY_CMD_OPEN, 8, path2);
	await(&others.has_opened[2]);
	tell_other(3, PLAY_CMD_OPEN, 9, path2);
	player_stop();
	drain();
	assert_false(others.has_opened[1]);
}

/* @return how often it was read on for it */
static unsigned read_one(struct play_input *in, struct play_unit **u)
{
	unsigned n = 0;
	enum err e;
	while ((e = in->ops->read(in, u, why, sizeof why)) == ERR_AGAIN)
		n++;
	assert_int_equal(e, OK);
	return n;
}

static void a_seek_reads_little_of_a_large_file(void **state)
{
	const int64_t ends_us = LARGE * US_PER_MS;
	const char *const paths[] = { path };
	struct play_input *in;
	struct play_unit *u;
	enum err e;
	(void)state;
	write_odd_pictures(LARGE, 90);
	assert_non_null(in = play_mjr_open(paths, 1, why, sizeof why));
	while ((e = in->ops->survey(in, why, sizeof why)) == ERR_AGAIN)
		;
	assert_int_equal(e, OK);
	assert_int_equal(in->duration_us, ends_us - US_PER_MS);
	for (int64_t us = 0; us < ends_us; us += ends_us / 10) {
		assert_int_equal(in->ops->seek(in, us), OK);
		assert_in_range(read_one(in, &u), 0, 30); /* it has 780 such slices */
		assert_in_range(us - u->us, 0, 100000);
		for (int64_t next_us = u->us + US_PER_MS; next_us < us; next_us += US_PER_MS) {
			read_one(in, &u);
			assert_int_equal(u->us, next_us);
		}
	}
	in->ops->close(in);
}

static void messages_come_when_they_are_due(void **state)
{
	static const struct mjr_head head = { .kind = CARDEA_DATA, .created_us = 1 };
	(void)state;
	write_mjr(path, 0, CARDEA_OPUS, 0);
	open_mjr(path2, "data", &head);
	assert_int_equal(mjr_write_data(mjr, "first", 5, 1800000000100000), OK);
	assert_int_equal(mjr_write_data(mjr, "second", 6, 1800000000900000), OK);
	assert_int_equal(mjr_writer_end(mjr, true), OK);
	open_files(path, path2);
	play();
	assert_int_equal(said.tracks[1].kind, CARDEA_DATA);
	await(&said.has_ended);
	assert_int_equal(said.n_messages, 2);
	assert_string_equal(said.message, "second");
}

static void what_cannot_be_played_is_told(void **state)
{
	static const struct mjr_head head = { .kind = CARDEA_VIDEO, .codec = CARDEA_VP8 };
	FILE *f;
	(void)state;
	open_files("/tmp/cardea-is-not-there.webm", NULL);
	while (!said.failure[0])
		await(&(bool){ true });
	assert_non_null(strstr(said.failure, "cardea-is-not-there.webm"));
	said.failure[0] = 0;
	snprintf(path, sizeof path, "%s/bad.mkv", dir);
	f = fopen(path, "w");
	fputs("This is no film.", f);
	fclose(f);
	open_files(path, NULL);
	while (!said.failure[0])
		await(&(bool){ true });
	assert_non_null(strstr(said.failure, "bad.mkv"));
	/* of two files the one that is empty is left out */
	open_mjr(path2, "empty", &head);
	assert_int_equal(mjr_writer_end(mjr, true), OK);
	write_mjr(path, 0, CARDEA_OPUS, 0);
	open_files(path2, path);
	await(&said.is_open);
	assert_int_equal(said.n_tracks, 1);
	assert_non_null(strstr(said.warning, "empty.mjr"));
	TELL(PLAY_CMD_CLOSE, 0);
	await(&said.has_closed);
	said.has_closed = false;
	TELL(PLAY_CMD_CLOSE, 0); /* it is not there any more */
	await(&said.has_closed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(webm_vp8),
		T(webm_vp9),
		T(mp4_h264),
		T(webm_av1),
		T(it_is_sought_and_closed),
		T(mjr_files_are_played_in_sync),
		T(timestamps_that_jump_are_no_times),
		T(what_one_opens_holds_no_other_up),
		T(who_plays_goes_on_while_another_is_opened),
		T(it_is_closed_while_it_is_opened),
		T(the_end_does_not_wait_for_it),
		T(a_seek_reads_little_of_a_large_file),
		T(messages_come_when_they_are_due),
		T(what_cannot_be_played_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
