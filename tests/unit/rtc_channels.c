/* SPDX-License-Identifier: Apache-2.0 */
/* Data channels of two peers back to back, and of one whose peer breaks the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <usrsctp.h>
#include "../../core/base/clock.h"
#include "../../core/base/loop.h"
#include "../../core/rtc/channels.h"
#include "../../core/rtp/rtp.h"

#define WIRE   512 /* packets on their way at most; what is beyond gets lost */
#define MTU    1160
#define HEARD  64
#define MILLIS 1000

static struct loop *loop;
static int64_t now_us;
static unsigned lose_nth; /* 0: none */
static unsigned carried;
static size_t longest;
static uint8_t last_data[28]; /* headers of the last packet with data that the first end has sent */

static uint8_t last_init[128];  /* the last INIT of the first end */
static size_t last_init_len;

/* A packet on its way to an end. */
struct packet {
	size_t len;
	uint8_t data[2048];
};
/* One of the two peers: with channels, or with bare SCTP to say what no channel would. */
static struct end {
	struct channels *channels;
	struct sctp *sctp;
	unsigned ready, down, refused, room;
	size_t sent;
	struct data_msg *heard[HEARD];
	unsigned n_heard;
	uint32_t last_ppid; /* of bare SCTP */
	unsigned last_stream;
	unsigned n_resets;
	struct packet *wire; /* what it has sent */
	unsigned n_wire;
} ends[2];

static struct sctp *find(void *arg, uint64_t id)
{
	struct end *e = &ends[id - 1];
	(void)arg;
	return e->channels ? channels_sctp(e->channels) : e->sctp;
}

static void on_send(void *arg, const uint8_t *packet, size_t len)
{
	struct end *e = arg;
	if (len > longest) /* an assertion here would leave usrsctp in the middle of its work */
		longest = len;
	if (e == &ends[0] && len > sizeof(last_data) && !packet[12])
		memcpy(last_data, packet, sizeof(last_data));
	if (e == &ends[0] && len <= sizeof(last_init) && packet[12] == 1)
		memcpy(last_init, packet, last_init_len = len);
	if (e->n_wire == WIRE || (lose_nth && ++carried % lose_nth == 0))
		return;
	e->wire[e->n_wire].len = len;
	memcpy(e->wire[e->n_wire++].data, packet, len);
}

static void on_tell(void *arg, struct data_event *d)
{
	struct end *e = arg;
	e->ready += d->type == DATA_READY;
	e->down += d->type == DATA_DOWN;
	e->refused += d->type == DATA_REFUSED;
	e->room += d->type == DATA_ROOM;
	if (d->type == DATA_REFUSED)
		data_msg_drop(d->msg);
	if (d->type == DATA_SENT)
		e->sent += d->cost;
	if (d->type == DATA_MESSAGE) {
		assert_true(e->n_heard < HEARD);
		e->heard[e->n_heard++] = d->msg;
	}
}

static void feed(struct end *e, const uint8_t *data, size_t len)
{
	if (e->channels)
		channels_input(e->channels, data, len);
	else if (e->sctp)
		sctp_input(e->sctp, data, len);
}

static void carry(struct end *from, struct end *to)
{
	unsigned n = from->n_wire;
	struct packet *packets = from->wire;
	from->wire = calloc(WIRE, sizeof(struct packet));
	from->n_wire = 0;
	for (unsigned i = 0; i < n; i++)
		feed(to, packets[i].data, packets[i].len);
	free(packets);
}

/* Let time pass, and packets cross. */
static void pass(unsigned ms)
{
	for (unsigned i = 0; i < ms; i += 5) {
		now_us += 5 * MILLIS;
		clock_fake(now_us);
		loop_turn(loop, now_us);
		carry(&ends[0], &ends[1]);
		carry(&ends[1], &ends[0]);
	}
}

static void forget(struct end *e)
{
	while (e->n_heard)
		data_msg_drop(e->heard[--e->n_heard]);
}

static void open_end(unsigned i)
{
	static const struct channels_ops ops = { on_send, on_tell };
	const struct channels_conf conf = {
		.id = i + 1, .port = 5000, .mtu = MTU, .is_dtls_server = i == 1
	};
	assert_int_equal(channels_create(&ends[i].channels, &conf, &ops, &ends[i]), OK);
	assert_int_equal(channels_begin(ends[i].channels), OK);
}

/* ---- the end that has no channels ---- */

static void bare_up(void *arg)
{
	struct end *e = arg;
	e->ready++;
}

static void bare_message(void *arg, const struct sctp_msg *m)
{
	struct end *e = arg;
	e->last_ppid = m->ppid;
	e->last_stream = m->stream;
}

static void bare_reset(void *arg, const uint16_t *streams, unsigned n)
{
	struct end *e = arg;
	(void)streams;
	e->n_resets += n;
}

static void bare_nothing(void *arg)
{
	(void)arg;
}

static void bare_down(void *arg)
{
	struct end *e = arg;
	e->down++;
}

static void open_bare(unsigned i)
{
	static const struct sctp_ops ops = { on_send, bare_up, bare_message, bare_reset,
		bare_nothing, bare_nothing, bare_down };
	assert_int_equal(sctp_open(&ends[i].sctp, i + 1, 5000, MTU, &ops, &ends[i]), OK);
	assert_int_equal(sctp_begin(ends[i].sctp), OK);
}

static enum err bare_say(uint16_t stream, uint32_t ppid, const void *data, size_t len)
{
	const struct sctp_msg m = { .stream = stream, .ppid = ppid, .data = data, .len = len };
	enum err e = sctp_send(ends[0].sctp, &m);
	pass(100);
	return e;
}

static size_t in_use(void)
{
	struct mallinfo2 m = mallinfo2();
	return m.uordblks + m.hblkhd;
}

/* ---- begin and end ---- */

static void begin_with(void (*first)(unsigned i))
{
	memset(ends, 0, sizeof(ends));
	lose_nth = carried = 0;
	longest = 0;
	now_us = 1000000;
	clock_fake(now_us);
	loop = loop_create("channels");
	loop_turn(loop, now_us);
	assert_int_equal(sctp_start(loop, find, NULL), OK);
	for (unsigned i = 0; i < 2; i++)
		ends[i].wire = calloc(WIRE, sizeof(struct packet));
	first(0);
	open_end(1);
	pass(500);
	assert_int_equal(ends[0].ready, 1);
	assert_int_equal(ends[1].ready, 1);
}

static int begin(void **state)
{
	(void)state;
	begin_with(open_end);
	return 0;
}

static int begin_bare(void **state)
{
	(void)state;
	begin_with(open_bare);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		forget(&ends[i]);
		channels_destroy(ends[i].channels);
		ends[i].channels = NULL;
		sctp_end(ends[i].sctp);
		ends[i].sctp = NULL;
		free(ends[i].wire);
	}
	sctp_stop();
	loop_destroy(loop);
	clock_fake(-1);
	return 0;
}

static void say(unsigned from, const char *label, const void *bytes, size_t len, bool is_binary)
{
	struct data_msg *m = data_msg_new(label, "", bytes, len);
	m->is_binary = is_binary;
	channels_send(ends[from].channels, m);
}

static void heard(unsigned at, unsigned i, const char *label, unsigned channel, const char *text)
{
	assert_true(i < ends[at].n_heard);
	const struct data_msg *m = ends[at].heard[i];
	assert_string_equal(m->label, label);
	assert_int_equal(m->channel, channel);
	assert_string_equal((const char *)m->bytes, text);
	assert_int_equal(m->len, strlen(text));
}

/* ---- two that keep the rules ---- */

static void test_open_and_send(void **state)
{
	(void)state;
	say(0, "chat", "hello", 5, false);
	say(0, "game", "", 0, true);
	say(0, "chat", "again", 5, false);
	say(1, "news", "hi", 2, false);
	pass(200);
	/* the client of DTLS has the even streams; a channel's number is its stream's plus one */
	heard(1, 0, "chat", 1, "hello");
	heard(1, 1, "game", 3, "");
	assert_true(ends[1].heard[1]->is_binary);
	heard(1, 2, "chat", 1, "again");
	heard(0, 0, "news", 2, "hi");
	assert_int_equal(ends[0].sent, 10 + 3 * DATA_OVERHEAD);
	/* a channel that the other side has opened serves both ways */
	say(1, "game", "your turn", 9, false);
	pass(200);
	heard(0, 1, "game", 3, "your turn");
}

static void test_large_and_lossy(void **state)
{
	(void)state;
	static uint8_t big[DATA_MAX];
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 31 + i / 251);
	lose_nth = 20;
	say(0, "file", big, sizeof(big), true);
	say(1, "file", big, sizeof(big), true);
	pass(30000);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(ends[i].n_heard, 1);
		assert_int_equal(ends[i].heard[0]->len, sizeof(big));
		assert_memory_equal(ends[i].heard[0]->bytes, big, sizeof(big));
	}
	assert_in_range(longest, MTU - 64, MTU);
}

/* Control does not read: the sender is held back, and goes on when it does. */
static void test_held_back(void **state)
{
	(void)state;
	static uint8_t big[100000];
	enum { N = 40 };
	for (unsigned i = 0; i < N; i++)
		say(0, "file", big, sizeof(big), true);
	pass(20000);
	unsigned before = ends[1].n_heard;
	assert_in_range(before, 5, 7); /* half a megabyte */
	assert_true(ends[0].sent < 20 * sizeof(big));
	for (unsigned waited = 0; ends[1].n_heard < N && waited < 200; waited++) {
		channels_consumed(ends[1].channels, 2 * (sizeof(big) + DATA_OVERHEAD));
		pass(500);
	}
	assert_int_equal(ends[1].n_heard, N);
	assert_int_equal(ends[0].sent, N * (sizeof(big) + DATA_OVERHEAD));
}

/* ---- one that does not ---- */

static const uint8_t OPEN_CHAT[] = { 3, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 'c', 'h', 'a', 't' };

static void test_dcep(void **state)
{
	(void)state;
	bare_say(0, 50, OPEN_CHAT, sizeof(OPEN_CHAT));
	assert_int_equal(ends[0].last_ppid, 50); /* acknowledged */
	bare_say(0, 51, "hello", 5);
	heard(1, 0, "chat", 1, "hello");
	/* pieces of the old kind are joined */
	bare_say(0, 54, "one ", 4);
	bare_say(0, 54, "two ", 4);
	bare_say(0, 51, "three", 5);
	heard(1, 1, "chat", 1, "one two three");
	/* opened elsewhere */
	bare_say(6, 53, "bytes", 5);
	heard(1, 2, "", 7, "bytes");
	/* of no kind that is spoken */
	bare_say(0, 55, "what", 4);
	bare_say(0, 4711, "what", 4);
	assert_int_equal(ends[1].n_heard, 3);
}

static void test_malformed_dcep(void **state)
{
	(void)state;
	static const struct {
		uint8_t bytes[20];
		size_t len;
	} bad[] = {
		{ { 3 }, 1 },
		{ { 3, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 'c', 'h', 'a', 't' }, 16 },
		{ { 3, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 'c' }, 13 },
		{ { 3, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 'c', 0 }, 14 },
		{ { 2 }, 1 },
		{ { 9, 9 }, 2 },
	};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		bare_say((uint16_t)(2 * i), 50, bad[i].bytes, bad[i].len);
	assert_int_equal(ends[1].down, 0);
	assert_int_equal(ends[1].n_heard, 0);
	bare_say(20, 50, OPEN_CHAT, sizeof(OPEN_CHAT));
	bare_say(20, 51, "well", 4);
	heard(1, 0, "chat", 21, "well");
	/* opened twice: that channel is closed, the others are not */
	bare_say(22, 50, OPEN_CHAT, sizeof(OPEN_CHAT));
	unsigned before = ends[0].n_resets;
	bare_say(22, 50, OPEN_CHAT, sizeof(OPEN_CHAT));
	assert_int_equal(ends[0].n_resets, before + 1);
	bare_say(22, 51, "gone", 4);
	bare_say(20, 51, "here", 4);
	assert_int_equal(ends[1].n_heard, 2);
	heard(1, 1, "chat", 21, "here");
}

static void test_closed(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		bare_say(0, 50, OPEN_CHAT, sizeof(OPEN_CHAT));
		bare_say(0, 51, "word", 4);
		assert_int_equal(ends[1].n_heard, round + 1);
		assert_int_equal(sctp_reset(ends[0].sctp, 0), OK);
		pass(500);
		assert_int_equal(ends[0].n_resets, round + 1); /* closed on its side, too */
	}
}

/* ---- one that begins anew ---- */

/* The first end goes, with or without a word, and another one is in its place. */
static void begin_again(bool says_so, unsigned ms)
{
	sctp_end(ends[0].sctp);
	if (!says_so)
		ends[0].n_wire = 0;
	pass(20);
	open_bare(0);
	pass(ms);
}

static void test_restart(void **state)
{
	(void)state;
	bare_say(0, 50, OPEN_CHAT, sizeof(OPEN_CHAT));
	say(1, "chat", "before", 6, false);
	for (unsigned n = 1; n <= 2; n++) {
		begin_again(n == 2, 500);
		assert_int_equal(ends[0].ready, 1 + n);
		assert_int_equal(ends[1].ready, 1 + n);
		assert_int_equal(ends[1].down, n);
		/* no channel of before is there */
		ends[0].last_ppid = 0;
		bare_say(0, 50, OPEN_CHAT, sizeof(OPEN_CHAT));
		assert_int_equal(ends[0].last_ppid, 50);
		bare_say(0, 51, "hello", 5);
		heard(1, n - 1, "chat", 1, "hello");
		say(1, "chat", "back", 4, false);
		pass(100);
		assert_int_equal(ends[0].last_ppid, 51);
	}
}

/* A late INIT, or a broken one, ends nothing. */
static void test_no_restart(void **state)
{
	(void)state;
	uint8_t packet[sizeof(last_init)];
	size_t len = last_init_len;
	assert_true(len > 32);
	memcpy(packet, last_init, len);
	channels_input(ends[1].channels, packet, len);
	packet[16] ^= 1; /* its tag: without the checksum */
	channels_input(ends[1].channels, packet, len);
	sctp_seal(packet, len);
	channels_input(ends[1].channels, packet, len - 4);
	memset(packet + 20 + 4, 0, 2); /* no streams */
	sctp_seal(packet, len);
	channels_input(ends[1].channels, packet, len);
	pass(100);
	assert_int_equal(ends[1].down, 0);
}

/* One after the other, but not in no time: then the INIT has to be repeated. */
static void test_restarts_are_paced(void **state)
{
	(void)state;
	begin_again(false, 30);
	assert_int_equal(ends[1].ready, 2);
	begin_again(false, 30);
	assert_int_equal(ends[1].ready, 2);
	assert_int_equal(ends[1].down, 1);
	pass(2000);
	assert_int_equal(ends[1].ready, 3);
	assert_int_equal(ends[1].down, 2);
}

static void test_too_large(void **state)
{
	(void)state;
	static uint8_t big[DATA_MAX + 1];
	assert_int_equal(bare_say(0, 53, big, DATA_MAX), OK);
	pass(3000);
	assert_int_equal(ends[1].n_heard, 1);
	channels_consumed(ends[1].channels, DATA_MAX + DATA_OVERHEAD);
	assert_int_equal(bare_say(0, 53, big, sizeof(big)), OK);
	pass(5000);
	assert_int_equal(ends[1].n_heard, 1);
	assert_int_equal(ends[1].down, 1);
}

/* Pieces without an end must not pile up. */
static void test_endless(void **state)
{
	(void)state;
	static uint8_t big[100000];
	for (unsigned i = 0; i < 6 && !ends[0].n_resets; i++) {
		bare_say(0, 52, big, sizeof(big));
		pass(2000);
	}
	assert_int_equal(ends[0].n_resets, 1);
	assert_int_equal(ends[1].n_heard, 0);
	assert_int_equal(ends[1].down, 0);
}

/* … on however many streams: they count together, and each that is beyond is closed. */
static void test_endless_on_all_streams(void **state)
{
	(void)state;
	static uint8_t big[60000];
	size_t before = in_use();
	for (unsigned s = 0; s < 40; s++) {
		bare_say((uint16_t)(25 * s), 54, big, sizeof(big));
		pass(300);
	}
	pass(3000);
	assert_in_range(ends[0].n_resets, 40 - (512 << 10) / sizeof(big), 40);
	assert_int_equal(ends[1].down, 0);
	assert_true(in_use() < before + (1u << 20));
	/* the others go on */
	bare_say(0, 51, "end", 3);
	assert_int_equal(ends[1].n_heard, 1);
	assert_int_equal(ends[1].heard[0]->len, sizeof(big) + 3);
}

/* A packet of one piece of a message, as no sender that keeps the rules would send it. */
static void forge_data(uint32_t tsn, uint16_t stream, uint16_t ssn, uint8_t flags, size_t len)
{
	uint8_t packet[1500] = { 0 };
	size_t chunk = 16 + len;
	memcpy(packet, last_data, 12);
	packet[13] = flags; /* 1: last, 2: first, 4: unordered */
	wr16(packet + 14, (uint16_t)chunk);
	wr32(packet + 16, rd32(last_data + 16) + tsn);
	wr16(packet + 20, stream);
	wr16(packet + 22, ssn);
	wr32(packet + 24, 53);
	sctp_seal(packet, 12 + (chunk + 3) / 4 * 4);
	feed(&ends[1], packet, 12 + (chunk + 3) / 4 * 4);
}

/* What SCTP itself keeps of a peer that leaves one out, finishes none, or is not read, is bounded
 * by its window: however small they are, and on however many streams. */
static void test_what_sctp_keeps(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 8; way++) {
		size_t size = way % 2 ? 1 : 1000;
		finish(state);
		begin_bare(state);
		bare_say(0, 53, "word", 4);
		size_t before = in_use();
		sctp_hold(channels_sctp(ends[1].channels), way / 2 == 0);
		for (unsigned i = 1; i < 20000; i++) {
			uint16_t stream = (uint16_t)(i % 1000), ssn = (uint16_t)(i / 1000);
			if (way / 2 == 0) /* nobody reads */
				forge_data(i, stream, ssn, 3, size);
			else if (way / 2 == 1) /* the first is not there */
				forge_data(i + 1, stream, ssn, 3, size);
			else if (way / 2 == 2) /* the first of a stream is not there */
				forge_data(i, stream, (uint16_t)(ssn + 1), 3, size);
			else /* a beginning without an end, each behind a gap */
				forge_data(2 * i, stream, ssn, 2, size);
			if (i % 100 == 0)
				pass(5);
			forget(&ends[1]);
		}
		assert_true(in_use() < before + (3u << 20)); /* or the association is over */
	}
}

/* Names count, too: an opening beyond is refused. */
static void test_names(void **state)
{
	(void)state;
	uint8_t open[12 + DATA_LABEL] = { 3, 0, 0, 0, 0, 0, 0, 0, DATA_LABEL >> 8, 0 };
	memset(open + 12, 'n', DATA_LABEL);
	size_t before = in_use();
	for (unsigned s = 0; s < 300; s++) {
		const struct sctp_msg m = {
			.stream = (uint16_t)s, .ppid = 50, .data = open, .len = sizeof(open)
		};
		assert_int_equal(sctp_send(ends[0].sctp, &m), OK);
		pass(10);
	}
	pass(2000);
	assert_in_range(ends[0].n_resets, 50, 100);
	assert_int_equal(ends[1].down, 0);
	assert_true(in_use() < before + (600u << 10));
}

/* ---- many of them ---- */

/* Ids up to 1023, as Chromium counts: opened, carried both ways, closed, and opened again. */
static void test_high_ids(void **state)
{
	(void)state;
	static const uint16_t ids[] = { 1023, 512, 60, 1022 };
	for (unsigned i = 0; i < 4; i++)
		for (unsigned round = 0; round < 2; round++) {
			assert_int_equal(bare_say(ids[i], 50, OPEN_CHAT, sizeof(OPEN_CHAT)), OK);
			assert_int_equal(ends[0].last_ppid, 50);
			assert_int_equal(ends[0].last_stream, ids[i]);
			bare_say(ids[i], 51, "hello", 5);
			heard(1, 0, "chat", ids[i] + 1u, "hello");
			forget(&ends[1]);
			struct data_msg *m = data_msg_new("", "", "back", 4);
			m->channel = ids[i] + 1u;
			channels_send(ends[1].channels, m);
			pass(100);
			assert_int_equal(ends[0].last_ppid, 53 - 2);
			ends[0].n_resets = 0;
			assert_int_equal(sctp_reset(ends[0].sctp, ids[i]), OK);
			pass(500);
			assert_int_equal(ends[0].n_resets, 1);
		}
	/* one that the peer does not have is not asked for */
	assert_int_equal(bare_say(1024, 51, "none", 4), ERR_INVALID);
	assert_int_equal(ends[1].down, 0);
}

/* What begins the association and data on a high stream may come in one packet. */
static void test_high_id_at_once(void **state)
{
	(void)state;
	say(0, "a", "1", 1, false);
	for (unsigned i = 0; i < 60; i++) {
		char label[16];
		snprintf(label, sizeof(label), "label %u", i);
		say(0, label, "x", 1, false);
	}
	pass(1000);
	assert_int_equal(ends[1].n_heard, 61);
}

/* A label for each publisher that a room ever had: all are opened, and when no stream is left it is
 * said; closed ones are streams again. */
static void test_labels_run_out(void **state)
{
	(void)state;
	char label[32];
	for (unsigned i = 0; i < SCTP_STREAMS / 2; i++) {
		snprintf(label, sizeof(label), "publisher-%u", i);
		say(1, label, "x", 1, false);
		pass(15);
		assert_int_equal(ends[1].refused, 0);
	}
	pass(500);
	assert_int_equal(ends[0].last_stream, 1023);
	size_t sent = ends[1].sent;
	assert_int_equal(sent, SCTP_STREAMS / 2 * (1 + DATA_OVERHEAD));
	say(1, "one too many", "x", 1, false);
	assert_int_equal(ends[1].refused, 1);
	assert_int_equal(ends[1].room, 0);
	assert_int_equal(sctp_reset(ends[0].sctp, 101), OK);
	pass(500);
	assert_int_equal(ends[1].room, 1);
	say(1, "one too many", "x", 1, false);
	pass(500);
	assert_int_equal(ends[1].refused, 1);
	assert_int_equal(ends[0].last_stream, 101);
	say(1, "publisher-3", "x", 1, false); /* which has its channel */
	pass(100);
	assert_int_equal(ends[0].last_stream, 7);
}

static void test_streams_are_given_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 600; i++) {
		char label[32];
		snprintf(label, sizeof(label), "short-lived %u", i);
		say(1, label, "x", 1, false);
		pass(40);
		assert_int_equal(ends[0].last_stream, 1);
		assert_int_equal(sctp_reset(ends[0].sctp, 1), OK);
		pass(60);
	}
	assert_int_equal(ends[1].refused, 0);
	assert_int_equal(ends[1].sent, 600 * (1 + DATA_OVERHEAD));
}

/* An association that nobody uses, of which each peer could use a thousand streams both ways. */
static void test_idle_is_small(void **state)
{
	(void)state;
	finish(state);
	begin_with(open_end); /* what usrsctp keeps of its own is there now */
	size_t with = in_use();
	for (unsigned i = 0; i < 2; i++) {
		forget(&ends[i]);
		channels_destroy(ends[i].channels);
		ends[i].channels = NULL;
	}
	pass(500);
	size_t without = in_use();
	print_message("an idle association: %zu bytes\n", (with - without) / 2);
	assert_true((with - without) / 2 < 24000);
}

/* What comes out of DTLS is from the peer, and may be anything. */
static void test_garbage(void **state)
{
	(void)state;
	uint32_t seed = 4711;
	uint8_t packet[1500];
	say(1, "chat", "before", 6, false);
	for (unsigned i = 0; i < 20000; i++) {
		size_t len = i % sizeof(packet);
		for (size_t k = 0; k < len; k++)
			packet[k] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
		if (len >= 4) { /* the ports, so that it gets a little further */
			memcpy(packet, "\x13\x88\x13\x88", 4);
			feed(&ends[1], packet, len);
		}
	}
	pass(1000);
	say(1, "chat", "after", 5, false);
	pass(1000);
	assert_int_equal(ends[0].n_heard, 2);
	heard(0, 1, "chat", 2, "after");
}

/* Real packets with a few bytes changed: whatever becomes of the association, nothing else does. */
static void test_mutations(void **state)
{
	(void)state;
	uint32_t seed = 4711;
	for (unsigned i = 0; i < 200 && !ends[1].down; i++) {
		bare_say((uint16_t)(2 * (i % 100)), 50, OPEN_CHAT, sizeof(OPEN_CHAT));
		const struct sctp_msg m = {
			.stream = 0, .ppid = 51, .data = (const uint8_t *)"text", .len = 4
		};
		sctp_send(ends[0].sctp, &m);
		for (unsigned k = 0; k < ends[0].n_wire; k++) {
			struct packet p = ends[0].wire[k];
			for (unsigned n = 0; n < 3; n++) {
				seed = seed * 1664525 + 1013904223;
				p.data[12 + seed % (p.len - 12)] = (uint8_t)(seed >> 24);
			}
			uint32_t crc;
			memset(p.data + 8, 0, 4);
			crc = usrsctp_crc32c(p.data, p.len);
			memcpy(p.data + 8, &crc, 4);
			feed(&ends[1], p.data, p.len);
		}
		forget(&ends[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open_and_send, begin, finish),
		cmocka_unit_test_setup_teardown(test_large_and_lossy, begin, finish),
		cmocka_unit_test_setup_teardown(test_held_back, begin, finish),
		cmocka_unit_test_setup_teardown(test_dcep, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_malformed_dcep, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_closed, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_restart, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_no_restart, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_restarts_are_paced, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_too_large, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_endless, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_endless_on_all_streams, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_what_sctp_keeps, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_names, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_high_ids, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_high_id_at_once, begin, finish),
		cmocka_unit_test_setup_teardown(test_labels_run_out, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_streams_are_given_back, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_idle_is_small, begin, finish),
		cmocka_unit_test_setup_teardown(test_garbage, begin, finish),
		cmocka_unit_test_setup_teardown(test_mutations, begin_bare, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
