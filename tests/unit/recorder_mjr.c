/* SPDX-License-Identifier: Apache-2.0 */
/* MJR files by the specification's bytes: written, read, and what is none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/file.h"
#include "../../core/recorder/mjr.h"
#include "../../core/rtp/rtp.h"

#define UNIX_US 1795447276163431

static char folder[64], path[128], part[140];
static char *written;
static size_t written_len;
static struct mjr_writer *writer;

static int begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/cardea-mjr-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/a.mjr", folder);
	snprintf(part, sizeof part, "%s.part", path);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	free(written);
	written = NULL;
	unlink(path);
	unlink(part);
	return rmdir(folder);
}

static struct mjr_head video(void)
{
	return (struct mjr_head){
		.kind = CARDEA_VIDEO, .codec = CARDEA_VP8, .created_us = 1795447276123661
	};
}

static void open_on(const struct rec_disk *disk, const struct mjr_head *head)
{
	char why[256] = "";
	struct rec_file *f = rec_file_new(disk, NULL, path, why, sizeof why);
	assert_string_equal(why, "");
	assert_non_null(f);
	writer = mjr_writer_new(f, head);
	assert_non_null(writer);
}

static void open_writer(const struct mjr_head *head)
{
	open_on(&rec_disk_real, head);
}

static void close_writer(void)
{
	assert_int_equal(mjr_writer_end(writer, true), OK);
	assert_int_equal(file_read(path, 1 << 24, &written, &written_len), OK);
}

/* Numbers and timestamps stand in the bytes too, and the payload tells which one it was. */
static struct rec_packet packet(uint8_t *rtp, uint16_t seq, uint32_t ts, int64_t at_ms)
{
	uint8_t fixed[] = { 0x80, 96 };
	memset(rtp, 0, RTP_HEADER);
	memcpy(rtp, fixed, sizeof fixed);
	wr16(rtp + 2, seq);
	wr32(rtp + 4, ts);
	wr32(rtp + 8, 0xcafe0000 | seq >> 8);
	wr16(rtp + RTP_HEADER, seq);
	return (struct rec_packet){ .at_us = at_ms * 1000,
		.seq = seq,
		.ts = ts,
		.rtp = rtp,
		.rtp_len = RTP_HEADER + 2,
		.payload = RTP_HEADER,
		.payload_len = 2 };
}

static void write_one(uint32_t gen, uint8_t layer, uint16_t seq, uint32_t ts, int64_t at_ms)
{
	uint8_t rtp[RTP_HEADER + 2];
	struct rec_packet p = packet(rtp, seq, ts, at_ms);
	p.gen = gen;
	p.layer = layer;
	assert_int_equal(mjr_write(writer, &p, UNIX_US + at_ms * 1000), OK);
}

static struct mjr_reader *read_bytes(const void *bytes, size_t len, struct mjr_head *head)
{
	char why[256] = "";
	struct mjr_reader *r = mjr_open_bytes(bytes, len, head, why, sizeof why);
	assert_string_equal(why, "");
	assert_non_null(r);
	return r;
}

static struct mjr_reader *read_written(void)
{
	struct mjr_head head;
	return read_bytes(written, written_len, &head);
}

static void next_is(struct mjr_reader *r, uint16_t seq, uint32_t ts, uint16_t was)
{
	struct rec_packet p;
	assert_int_equal(mjr_read(r, &p), OK);
	assert_int_equal(p.seq, seq);
	assert_int_equal(p.ts, ts);
	assert_int_equal(rd16(p.rtp + p.payload), was);
}

static void ends(struct mjr_reader *r)
{
	struct rec_packet p;
	assert_int_equal(mjr_read(r, &p), ERR_NOT_FOUND);
	assert_int_equal(mjr_read(r, &p), ERR_NOT_FOUND);
	mjr_close(r);
}

/* ---- what is written ---- */

static void writes_the_bytes_that_are_specified(void **state)
{
	static const char head[] = "MJR00002\0\x44{\"t\": \"v\", \"c\": \"vp8\", "
				   "\"s\": 1795447276123661, \"u\": 1795447276163431}";
	static const char records[] =
		"MEET\0\0\0\0\0\x0e\x80\x60\0\x07\0\0\0\x64\xca\xfe\0\0\0\x07"
		"MEET\0\0\0\x1f\0\x0e\x80\x60\0\x08\0\0\0\xc8\xca\xfe\0\0\0\x08";
	struct mjr_head h = video();
	(void)state;
	open_writer(&h);
	write_one(0, 0, 7, 100, 0);
	write_one(0, 0, 8, 200, 31);
	close_writer();
	assert_int_equal(written_len, sizeof head - 1 + sizeof records - 1);
	assert_memory_equal(written, head, sizeof head - 1);
	assert_memory_equal(written + sizeof head - 1, records, sizeof records - 1);
}

static void heads_have_their_keys_in_order(void **state)
{
	struct mjr_head h = { .kind = CARDEA_AUDIO,
		.codec = CARDEA_OPUS,
		.fmtp = "stereo=1",
		.description = "Ann \"A\"",
		.red_pt = 63,
		.e2ee = true,
		.created_us = 5 };
	static const char expected[] =
		"{\"t\": \"a\", \"c\": \"opus\", \"f\": \"stereo=1\", \"d\": \"Ann \\\"A\\\"\", "
		"\"x\": {\"1\": \"urn:ietf:params:rtp-hdrext:ssrc-audio-level\"}, "
		"\"s\": 5, \"u\": 1795447276163431, \"or\": 63, \"e\": true}";
	struct mjr_head read;
	(void)state;
	h.ext[CARDEA_EXT_AUDIO_LEVEL] = 1;
	open_writer(&h);
	write_one(0, 0, 1, 1, 0);
	close_writer();
	assert_int_equal(rd16((uint8_t *)written + 8), sizeof expected - 1);
	assert_memory_equal(written + 10, expected, sizeof expected - 1);
	mjr_close(read_bytes(written, written_len, &read));
	assert_int_equal(read.kind, CARDEA_AUDIO);
	assert_int_equal(read.codec, CARDEA_OPUS);
	assert_string_equal(read.codec_name, "opus");
	assert_string_equal(read.fmtp, h.fmtp);
	assert_string_equal(read.description, h.description);
	assert_int_equal(read.ext[CARDEA_EXT_AUDIO_LEVEL], 1);
	assert_int_equal(read.red_pt, 63);
	assert_true(read.e2ee);
	assert_int_equal(read.created_us, 5);
	assert_int_equal(read.began_us, UNIX_US);
}

static void without_packets_there_are_eight_bytes(void **state)
{
	struct mjr_head h = video();
	(void)state;
	open_writer(&h);
	close_writer();
	assert_int_equal(written_len, 8);
	struct mjr_reader *r = read_bytes(written, written_len, &h);
	assert_int_equal(h.kind, 0);
	ends(r);
}

static void numbers_run_on_over_another_source(void **state)
{
	struct mjr_head h = video();
	(void)state;
	open_writer(&h);
	write_one(1, 0, 7, 1000, 0);
	write_one(1, 0, 8, 2000, 20);
	write_one(1, 0, 9, 3000, 40);
	write_one(2, 0, 500, 90000, 80); /* 40 ms later */
	write_one(2, 0, 499, 89000, 81); /* its number is taken */
	write_one(2, 0, 501, 91000, 90);
	write_one(2, 1, 65535, 5, 190); /* another layer, 100 ms after the last */
	write_one(2, 1, 0, 95, 191);
	close_writer();
	struct mjr_reader *r = read_written();
	next_is(r, 7, 1000, 7);
	next_is(r, 8, 2000, 8);
	next_is(r, 9, 3000, 9);
	next_is(r, 10, 6600, 500);
	next_is(r, 11, 7600, 501);
	next_is(r, 12, 16600, 65535);
	next_is(r, 13, 16690, 0);
	ends(r);
}

static void numbers_run_on_over_a_pause(void **state)
{
	struct mjr_head h = video();
	(void)state;
	open_writer(&h);
	write_one(1, 0, 7, 1000, 0);
	mjr_writer_pause(writer);
	write_one(1, 0, 70, 901000, 10000);
	close_writer();
	struct mjr_reader *r = read_written();
	struct rec_packet p;
	next_is(r, 7, 1000, 7);
	assert_int_equal(mjr_read(r, &p), OK);
	assert_int_equal(p.seq, 8);
	assert_int_equal(p.ts, 901000); /* as much as has passed */
	assert_int_equal(p.at_us, UNIX_US / 1000 * 1000 + 431 + 10000000);
	ends(r);
}

static void reordered_packets_and_numbers_that_come_round_stay_as_they_are(void **state)
{
	struct mjr_head h = video();
	(void)state;
	open_writer(&h);
	write_one(1, 0, 1000, 1, 0);
	write_one(2, 0, 1, 1, 1);
	write_one(2, 0, 3, 1, 2);
	write_one(2, 0, 2, 1, 3);
	for (unsigned i = 4; i < 70000; i++)
		write_one(2, 0, (uint16_t)i, 1, 4);
	close_writer();
	struct mjr_reader *r = read_written();
	struct rec_packet p;
	next_is(r, 1000, 1, 1000);
	next_is(r, 1001, 91, 1);
	next_is(r, 1003, 91, 3);
	next_is(r, 1002, 91, 2);
	for (unsigned i = 4; i < 70000; i++)
		assert_int_equal(mjr_read(r, &p), OK);
	ends(r);
}

static void all_packets_get_the_ssrc_of_the_first(void **state)
{
	struct mjr_head h = video();
	struct rec_packet p;
	(void)state;
	open_writer(&h);
	write_one(1, 0, 0x0101, 1, 0);
	write_one(2, 0, 0x0202, 1, 0);
	close_writer();
	struct mjr_reader *r = read_written();
	assert_int_equal(mjr_read(r, &p), OK);
	assert_int_equal(rd32(p.rtp + 8), 0xcafe0001);
	assert_int_equal(mjr_read(r, &p), OK);
	assert_int_equal(rd32(p.rtp + 8), 0xcafe0001);
	ends(r);
}

static void fixed_payload_types_padding_and_empty_packets_are_as_tools_want_them(void **state)
{
	struct mjr_head h = { .kind = CARDEA_AUDIO, .codec = CARDEA_PCMA };
	uint8_t rtp[RTP_HEADER + 2];
	struct rec_packet p = packet(rtp, 1, 1, 0);
	(void)state;
	open_writer(&h);
	rtp[0] |= 0x20;
	rtp[1] = 0x80 | 97;
	assert_int_equal(mjr_write(writer, &p, UNIX_US), OK);
	p.is_empty = true;
	assert_int_equal(mjr_write(writer, &p, UNIX_US), OK);
	close_writer();
	struct mjr_reader *r = read_written();
	assert_int_equal(mjr_read(r, &p), OK);
	assert_int_equal(p.rtp[0], 0x80);
	assert_int_equal(p.rtp[1], 0x80 | 8);
	assert_int_equal(p.payload_len, 2);
	assert_false(p.is_empty);
	assert_int_equal(mjr_read(r, &p), OK);
	assert_true(p.is_empty);
	ends(r);
}

static size_t size_now(void)
{
	char *bytes;
	size_t len;
	assert_int_equal(file_read(part, 1 << 24, &bytes, &len), OK);
	free(bytes);
	return len;
}

static void writes_out_at_least_every_half_second(void **state)
{
	struct mjr_head h = video();
	(void)state;
	open_writer(&h);
	write_one(1, 0, 1, 1, 0);
	write_one(1, 0, 2, 1, 499);
	assert_int_equal(size_now(), 8);
	write_one(1, 0, 3, 1, 500);
	assert_int_equal(size_now(), 8 + 2 + 68 + 3 * 24);
	write_one(1, 0, 4, 1, 501);
	mjr_writer_pause(writer);
	assert_int_equal(size_now(), 8 + 2 + 68 + 4 * 24);
	close_writer();
}

static ssize_t full(int fd, const void *bytes, size_t len)
{
	if (len <= 8)
		return write(fd, bytes, len);
	errno = ENOSPC;
	return -1;
}

static void a_disk_that_is_full_ends_it(void **state)
{
	static const struct rec_disk disk = { full, fdatasync };
	struct mjr_head h = video();
	uint8_t rtp[RTP_HEADER + 2];
	struct rec_packet p = packet(rtp, 1, 1, 0);
	(void)state;
	open_on(&disk, &h);
	assert_int_equal(mjr_write(writer, &p, UNIX_US), OK);
	assert_int_equal(mjr_writer_flush(writer), ERR_IO);
	assert_int_equal(mjr_write(writer, &p, UNIX_US), ERR_IO);
	assert_int_equal(mjr_writer_end(writer, true), ERR_IO);
	assert_int_equal(access(path, F_OK), -1);
}

/* ---- data ---- */

static void messages_are_read_as_they_were_written(void **state)
{
	static const char head[] = "MJR00002\0\x45{\"t\": \"d\", \"c\": \"text\", "
				   "\"s\": 1795447276123661, \"u\": 1795447276163431}";
	static const char records[] =
		"MEET\0\0\0\0\0\x15\0\6\x60\xf3\x5a\x92\x2a\x2e"
		"first messageMEET\0\0\1\x2d\0\x12\0\6\x60\xf3\x5a\x96\xc2\x29second \xe2\x9c\x93"
		"MEET\0\0\1\x2d\0\x0b\0\6\x60\xf3\x5a\x96\xc2\x84\1\2\3";
	char bytes[sizeof head + sizeof records];
	static const char *const texts[] = { "first message", "second ✓", "\1\2\3" };
	struct mjr_head h;
	const uint8_t *text;
	struct rec_packet p;
	size_t len;
	int64_t us;
	(void)state;
	memcpy(bytes, head, sizeof head - 1);
	memcpy(bytes + sizeof head - 1, records, sizeof records - 1);
	struct mjr_reader *r = read_bytes(bytes, sizeof bytes - 2, &h);
	assert_int_equal(h.kind, CARDEA_DATA);
	assert_false(h.is_binary);
	assert_int_equal(mjr_read(r, &p), ERR_STATE);
	h.created_us = 1795447276123661;
	open_writer(&h);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(mjr_read_data(r, &text, &len, &us), OK);
		assert_int_equal(len, strlen(texts[i]));
		assert_memory_equal(text, texts[i], len);
		assert_int_equal(mjr_write_data(writer, text, len, us), OK);
	}
	assert_int_equal(us, 0x660f35a96c284);
	assert_int_equal(mjr_read_data(r, &text, &len, &us), ERR_NOT_FOUND);
	mjr_close(r);
	close_writer();
	/* but for the time of the first, which the head above does not agree with */
	assert_int_equal(written_len, sizeof bytes - 2);
	assert_memory_equal(written + sizeof head - 1, records, sizeof records - 1);
}

static void messages_too_long_for_a_record_are_refused(void **state)
{
	static char big[MJR_DATA + 1];
	struct mjr_head h = { .kind = CARDEA_DATA, .is_binary = true };
	const uint8_t *text;
	size_t len;
	int64_t us;
	(void)state;
	open_writer(&h);
	assert_int_equal(mjr_write_data(writer, big, sizeof big, UNIX_US), ERR_FULL);
	assert_int_equal(mjr_write_data(writer, big, MJR_DATA, UNIX_US), OK);
	assert_int_equal(mjr_write_data(writer, "", 0, UNIX_US), OK);
	close_writer();
	struct mjr_reader *r = read_bytes(written, written_len, &h);
	assert_true(h.is_binary);
	assert_int_equal(mjr_read_data(r, &text, &len, &us), OK);
	assert_int_equal(len, MJR_DATA);
	assert_int_equal(mjr_read_data(r, &text, &len, &us), OK);
	assert_int_equal(len, 0);
	assert_int_equal(mjr_read_data(r, &text, &len, &us), ERR_NOT_FOUND);
	assert_false(mjr_stats(r)->is_cut);
	mjr_close(r);
}

/* ---- what is read ---- */

static void write_ten(void)
{
	struct mjr_head h = video();
	open_writer(&h);
	for (unsigned i = 0; i < 10; i++)
		write_one(0, 0, (uint16_t)i, 90 * i, i);
	close_writer();
}

static void files_are_read_like_bytes(void **state)
{
	char why[256] = "";
	struct mjr_head h = video();
	struct rec_packet p;
	uint8_t rtp[3000] = { 0 };
	(void)state;
	open_writer(&h);
	for (unsigned i = 0; i < 1000; i++) { /* more than the reader's room, and larger ones than
						 some tools read */
		p = packet(rtp, (uint16_t)i, i, i);
		p.rtp_len = sizeof rtp;
		p.payload_len = sizeof rtp - RTP_HEADER;
		assert_int_equal(mjr_write(writer, &p, UNIX_US), OK);
	}
	close_writer();
	struct mjr_reader *r = mjr_open(path, &h, why, sizeof why);
	assert_non_null(r);
	for (unsigned i = 0; i < 1000; i++) {
		next_is(r, (uint16_t)i, i, (uint16_t)i);
		if (i == 499)
			assert_true(mjr_progress(r) > 0.49 && mjr_progress(r) < 0.51);
	}
	assert_true(mjr_progress(r) == 1);
	ends(r);
	assert_null(mjr_open("/nowhere", &h, why, sizeof why));
	assert_string_equal(why, "/nowhere cannot be read: No such file or directory");
	assert_null(mjr_open(folder, &h, why, sizeof why));
}

static void a_last_record_that_is_cut_off_is_passed_over(void **state)
{
	(void)state;
	write_ten();
	for (size_t cut = 1; cut < 24; cut++) {
		struct mjr_head h;
		struct mjr_reader *r = read_bytes(written, written_len - cut, &h);
		for (uint16_t i = 0; i < 9; i++)
			next_is(r, i, 90u * i, i);
		struct rec_packet p;
		assert_int_equal(mjr_read(r, &p), ERR_NOT_FOUND);
		assert_true(mjr_stats(r)->is_cut);
		assert_int_equal(mjr_stats(r)->lost, 24 - cut);
		assert_int_equal(mjr_stats(r)->records, 9);
		mjr_close(r);
	}
}

/* @param at a byte of the fifth record that becomes @p byte; 4 records are read before it
 * @return how many are read after the damage was said */
static unsigned read_damaged(size_t at, char byte)
{
	char *bytes = malloc(written_len);
	struct mjr_head h;
	struct rec_packet p;
	unsigned n = 0;
	enum err e;
	memcpy(bytes, written, written_len);
	bytes[8 + 2 + 68 + 4 * 24 + at] = byte;
	struct mjr_reader *r = read_bytes(bytes, written_len, &h);
	for (uint16_t i = 0; i < 4; i++)
		next_is(r, i, 90u * i, i);
	assert_int_equal(mjr_read(r, &p), ERR_INVALID);
	while (!(e = mjr_read(r, &p)))
		n++;
	assert_int_equal(e, ERR_NOT_FOUND);
	assert_int_equal(mjr_stats(r)->damages, 1);
	assert_in_range(mjr_stats(r)->lost, 11, 24); /* of 24, as much as it did not claim */
	mjr_close(r);
	free(bytes);
	return n;
}

static void goes_on_behind_what_is_damaged(void **state)
{
	(void)state;
	write_ten();
	assert_int_equal(read_damaged(0, 'X'), 5); /* its first word */
	assert_int_equal(read_damaged(8, 1), 5);   /* a length that reaches into others */
	assert_int_equal(read_damaged(8, 127), 5); /* beyond the end */
	assert_int_equal(read_damaged(9, 3), 5);   /* less than it has */
}

static void says_once_that_the_rest_is_damaged(void **state)
{
	struct rec_packet p;
	struct mjr_head h;
	(void)state;
	write_ten();
	char *bytes = calloc(1, written_len + 200000);
	memcpy(bytes, written, written_len);
	struct mjr_reader *r = read_bytes(bytes, written_len + 200000, &h);
	for (uint16_t i = 0; i < 10; i++)
		next_is(r, i, 90u * i, i);
	assert_int_equal(mjr_read(r, &p), ERR_INVALID);
	assert_int_equal(mjr_read(r, &p), ERR_NOT_FOUND);
	assert_int_equal(mjr_stats(r)->lost, 200000);
	mjr_close(r);
	free(bytes);
}

/* A file of format 1: records of a number and a timestamp. */
static size_t put_old(char *out, uint16_t seq, uint32_t ts)
{
	uint8_t rtp[RTP_HEADER + 2];
	packet(rtp, seq, ts, 0);
	memcpy(out, "MEETECHO\0\x0e", 10);
	memcpy(out + 10, rtp, sizeof rtp);
	return 10 + sizeof rtp;
}

static void reads_format_1_with_times_of_the_timestamps(void **state)
{
	static const char json[] = "{\"u\":7000000,\"s\":1,\"c\":\"opus\",\"t\":\"a\"}";
	char bytes[256] = "MJR00001\0";
	size_t n = 10 + sizeof json - 1;
	struct rec_packet p;
	struct mjr_head h;
	static const int64_t at_us[] = { 7000000, 7020000, 7010000, 7040000 };
	(void)state;
	bytes[9] = sizeof json - 1;
	memcpy(bytes + 10, json, sizeof json);
	n += put_old(bytes + n, 1, 0xffffff00);
	n += put_old(bytes + n, 3, 0xffffff00 + 960);
	n += put_old(bytes + n, 2, 0xffffff00 + 480);
	n += put_old(bytes + n, 5, 0xffffff00 + 1920);
	struct mjr_reader *r = read_bytes(bytes, n, &h);
	assert_int_equal(h.codec, CARDEA_OPUS);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(mjr_read(r, &p), OK);
		assert_int_equal(p.at_us, at_us[i]);
		assert_int_equal(p.gen, 0);
	}
	ends(r);
}

static void reads_what_was_there_before_format_1(void **state)
{
	char bytes[256] = "MEETECHO\0\5video";
	size_t n = 15;
	struct mjr_head h;
	(void)state;
	n += put_old(bytes + n, 1, 1);
	struct mjr_reader *r = read_bytes(bytes, n, &h);
	assert_int_equal(h.kind, CARDEA_VIDEO);
	assert_int_equal(h.codec, CARDEA_VP8);
	next_is(r, 1, 1, 1);
	ends(r);
}

static void g711_is_told_by_the_payload_type(void **state)
{
	struct mjr_head h = { .kind = CARDEA_AUDIO, .codec_name = "g711" };
	uint8_t rtp[RTP_HEADER + 2];
	struct rec_packet p = packet(rtp, 1, 1, 0);
	(void)state;
	rtp[1] = 8;
	open_writer(&h);
	assert_int_equal(mjr_write(writer, &p, UNIX_US), OK);
	close_writer();
	mjr_close(read_bytes(written, written_len, &h));
	assert_int_equal(h.codec, CARDEA_PCMA);
	assert_string_equal(h.codec_name, "g711");
}

static void refuses_what_has_no_head(void **state)
{
	static const struct {
		const char *bytes, *why;
		size_t len;
	} bad[] = {
		{ "", "This is no MJR file", 0 },
		{ "MJR0000", "This is no MJR file", 7 },
		{ "MJR00003", "This is no MJR file", 8 },
		{ "MJR00002\0", "This is cut off in its head", 9 },
		{ "MJR00002\0\5{}", "This is cut off in its head", 12 },
		{ "MJR00002\0\2{}", "This has a damaged head", 12 },
		{ "MJR00002\0\2ab", "This has a damaged head", 12 },
		{ "MJR00002\0\x0a{\"t\": \"x\"}", "This has a damaged head", 20 },
		{ "MJR00002\0\x0a{\"t\": \"xa\"", "This has a damaged head", 20 },
		{ "MEETECHO\0\5audit", "This has a damaged head", 15 },
		{ "MEETECHO\0\5au", "This has a damaged head", 12 },
	};
	struct mjr_head h;
	(void)state;
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		char why[256];
		assert_null(mjr_open_bytes(
			(const uint8_t *)bad[i].bytes, bad[i].len, &h, why, sizeof why));
		assert_string_equal(why, bad[i].why);
	}
}

/* Records of whatever stream. */
static char mixed[4096];
static size_t n_mixed;

static void mix(uint8_t ssrc, uint16_t seq, uint32_t ts, uint32_t at_ms)
{
	uint8_t rtp[RTP_HEADER + 2], *out = (uint8_t *)mixed + n_mixed;
	packet(rtp, seq, ts, 0);
	wr32(rtp + 8, ssrc);
	memcpy(out, "MEET", 4);
	wr32(out + 4, at_ms);
	wr16(out + 8, sizeof rtp);
	memcpy(out + 10, rtp, sizeof rtp);
	n_mixed += 10 + sizeof rtp;
}

static void mix_head(void)
{
	static const char head[] = "MJR00002\0\x22{\"t\":\"v\",\"c\":\"vp8\",\"s\":1,\"u\":2   }";
	memcpy(mixed, head, sizeof head - 1);
	n_mixed = sizeof head - 1;
}

static void another_ssrc_goes_on_or_begins_anew(void **state)
{
	struct mjr_head h;
	struct rec_packet p;
	static const struct {
		uint16_t seq;
		uint8_t gen;
	} expected[] = { { 10, 0 }, { 11, 0 }, { 12, 0 }, { 5000, 1 }, { 5001, 1 }, { 9, 2 } };
	(void)state;
	mix_head();
	mix(1, 10, 9000, 100);
	mix(2, 11, 9090, 101); /* runs on */
	mix(1, 12, 9180, 102); /* and back */
	mix(3, 5000, 77777777, 103);
	mix(1, 13, 9270, 104); /* of the one before */
	mix(3, 5001, 77777867, 104);
	mix(3, 9, 5, 104); /* began anew without another SSRC */
	struct mjr_reader *r = read_bytes(mixed, n_mixed, &h);
	for (unsigned i = 0; i < sizeof expected / sizeof *expected; i++) {
		assert_int_equal(mjr_read(r, &p), OK);
		assert_int_equal(p.seq, expected[i].seq);
		assert_int_equal(p.gen, expected[i].gen);
	}
	assert_int_equal(mjr_read(r, &p), ERR_NOT_FOUND);
	assert_int_equal(mjr_stats(r)->skipped, 1);
	mjr_close(r);
}

static void passes_over_what_is_no_rtp(void **state)
{
	struct mjr_head h;
	size_t at;
	(void)state;
	mix_head();
	mix(1, 1, 1, 1);
	at = n_mixed;
	mix(1, 2, 1, 1);
	mixed[at + 10] = 0x40; /* its version */
	mix(1, 3, 1, 1);
	struct mjr_reader *r = read_bytes(mixed, n_mixed, &h);
	next_is(r, 1, 1, 1);
	next_is(r, 3, 1, 3);
	assert_int_equal(mjr_stats(r)->skipped, 1);
	ends(r);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, finish)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_the_bytes_that_are_specified),
		TEST(heads_have_their_keys_in_order),
		TEST(without_packets_there_are_eight_bytes),
		TEST(numbers_run_on_over_another_source),
		TEST(numbers_run_on_over_a_pause),
		TEST(reordered_packets_and_numbers_that_come_round_stay_as_they_are),
		TEST(all_packets_get_the_ssrc_of_the_first),
		TEST(fixed_payload_types_padding_and_empty_packets_are_as_tools_want_them),
		TEST(writes_out_at_least_every_half_second),
		TEST(a_disk_that_is_full_ends_it),
		TEST(messages_are_read_as_they_were_written),
		TEST(messages_too_long_for_a_record_are_refused),
		TEST(files_are_read_like_bytes),
		TEST(a_last_record_that_is_cut_off_is_passed_over),
		TEST(goes_on_behind_what_is_damaged),
		TEST(says_once_that_the_rest_is_damaged),
		TEST(reads_format_1_with_times_of_the_timestamps),
		TEST(reads_what_was_there_before_format_1),
		TEST(g711_is_told_by_the_payload_type),
		TEST(refuses_what_has_no_head),
		TEST(another_ssrc_goes_on_or_begins_anew),
		TEST(passes_over_what_is_no_rtp),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
