/* SPDX-License-Identifier: Apache-2.0 */
/* Data channels of two peers back to back, and of one whose peer breaks the rules. */
#include "sctp_forge.h"

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
	assert_in_range(before, 10, 12); /* a megabyte */
	assert_true(ends[0].sent < 20 * sizeof(big));
	for (unsigned waited = 0; ends[1].n_heard < N && waited < 200; waited++) {
		channels_consumed(ends[1].channels, 2 * (sizeof(big) + DATA_OVERHEAD));
		pass(500);
	}
	assert_int_equal(ends[1].n_heard, N);
	assert_int_equal(ends[0].sent, N * (sizeof(big) + DATA_OVERHEAD));
}

/* … and small messages count for what they take. The window is opened at once, not when the sender
 * asks for it. */
static void test_small_and_held_back(void **state)
{
	(void)state;
	enum { N = 9000, COST = 1 + DATA_OVERHEAD };
	ends[1].only_counts = true;
	for (unsigned i = 0; i < N; i++)
		say(0, "chat", "x", 1, false);
	pass(5000);
	assert_in_range(ends[1].n_counted, 2 * SCTP_BUFFER / COST, 2 * SCTP_BUFFER / COST * 5 / 4);
	for (unsigned round = 0; round < 12; round++) {
		channels_consumed(ends[1].channels, 1000 * COST);
		pass(500);
	}
	assert_int_equal(ends[1].n_counted, N);
	assert_int_equal(ends[0].down + ends[1].down, 0);
}

/* So they do on their way out, to one that acknowledges none. */
static void test_small_and_not_acked(void **state)
{
	(void)state;
	enum { N = 20000, COST = 1 + DATA_OVERHEAD };
	ends[0].only_counts = true;
	say(1, "chat", "x", 1, false);
	pass(100);
	size_t before = in_use(), given = ends[1].sent / COST;
	for (unsigned i = 0; i < N && ends[1].sent / COST == given; i++, given++)
		say(1, "chat", "x", 1, false);
	assert_true(given < 3000);
	assert_true(in_use() < before + (1u << 20));
	for (unsigned i = 0; i < N / 2; i++)
		say(1, "chat", "x", 1, false);
	for (unsigned round = 0; round < 20; round++) {
		pass(200);
		channels_consumed(ends[0].channels, N * COST);
	}
	assert_int_equal(ends[0].n_counted, given + N / 2);
	assert_int_equal(ends[1].sent, (given + N / 2) * COST);
}

/* ---- one that does not ---- */

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
		bare_close(0);
		pass(500);
		assert_int_equal(ends[0].n_resets, round + 1); /* closed on its side, too */
	}
}

/* ---- one that begins anew ---- */

/* The first end goes, with or without a word, and another one is in its place. */
static void begin_again(bool says_so, unsigned ms)
{
	sctp_end(ends[0].sctp);
	ends[0].sctp = NULL;
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

/* What usrsctp has to do on its own thread when an address is gone is done behind each beginning,
 * or endpoints stay for ever: LeakSanitizer would say so. */
static void test_begun_again_and_again(void **state)
{
	for (unsigned i = 0; i < 50; i++) {
		begin_again(false, 50);
		finish(state);
		begin_with(open_bare);
	}
	size_t before = in_use();
	for (unsigned i = 0; i < 50; i++) {
		begin_again(false, 50);
		finish(state);
		begin_with(open_bare);
	}
	assert_true(in_use() < before + (1u << 20));
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

/* A message has its channel's names with it. */
static void test_long_names_count(void **state)
{
	(void)state;
	char label[DATA_LABEL + 1] = { 0 };
	memset(label, 'n', DATA_LABEL);
	size_t before = in_use();
	struct data_msg *m = data_msg_new(label, "", "x", 1);
	assert_true(data_msg_cost(m) >= in_use() - before);
	data_msg_drop(m);
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
			bare_close(ids[i]);
			pass(500);
			assert_int_equal(ends[0].n_resets, 1);
		}
	/* one that the peer does not have is not asked for */
	assert_int_equal(bare_say(1024, 51, "none", 4), ERR_INVALID);
	assert_int_equal(ends[1].down, 0);
}

/* usrsctp denies to reset more than 248 at once. */
static void test_many_closed_at_once(void **state)
{
	(void)state;
	static const unsigned counts[] = { 3, 249, 700 };
	unsigned first = 0;
	bare_say(0, 50, OPEN_CHAT, sizeof(OPEN_CHAT));
	uint32_t request = rd32(last_data + 16); /* counted from the first TSN on */
	for (unsigned round = 0; round < 3; first += counts[round++], request++) {
		for (unsigned i = !first; i < counts[round]; i++)
			bare_say((uint16_t)(first + i), 50, OPEN_CHAT, sizeof(OPEN_CHAT));
		ends[0].n_resets = 0;
		forge_reset(request, rd32(last_data + 16), first, counts[round]);
		assert_int_equal(answered(request), 1);
		ends[1].n_wire = 0;
		forge_reset(request, rd32(last_data + 16), first,
			counts[round]); /* again, as the answer was lost */
		assert_int_equal(answered(request), 1);
		pass(500);
		assert_int_equal(ends[0].n_resets, counts[round]);
	}
	assert_int_equal(ends[1].down, 0);
}

/* Some of these acknowledgements wait for more streams, and some peers for them. */
static void test_openings_are_acknowledged(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		const struct sctp_msg m = { .stream = (uint16_t)(i * 7 % 1000),
			.ppid = 50,
			.data = OPEN_CHAT,
			.len = sizeof(OPEN_CHAT) };
		while (sctp_send(ends[0].sctp, &m) == ERR_FULL)
			pass(5);
	}
	pass(5000);
	assert_int_equal(ends[0].n_counted, 300);
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
	bare_close(101);
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
		bare_close(1);
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
		cmocka_unit_test_setup_teardown(test_small_and_held_back, begin, finish),
		cmocka_unit_test_setup_teardown(test_small_and_not_acked, begin, finish),
		cmocka_unit_test_setup_teardown(test_dcep, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_malformed_dcep, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_closed, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_restart, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_begun_again_and_again, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_no_restart, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_restarts_are_paced, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_too_large, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_endless, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_endless_on_all_streams, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_long_names_count, begin, finish),
		cmocka_unit_test_setup_teardown(test_names, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_high_ids, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_many_closed_at_once, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_openings_are_acknowledged, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_high_id_at_once, begin, finish),
		cmocka_unit_test_setup_teardown(test_labels_run_out, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_streams_are_given_back, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_idle_is_small, begin, finish),
		cmocka_unit_test_setup_teardown(test_garbage, begin, finish),
		cmocka_unit_test_setup_teardown(test_mutations, begin_bare, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
