/* SPDX-License-Identifier: Apache-2.0 */
/* Associations under loss, and those whose streams or messages come to an end. */
#include "sctp_forge.h"

static uint8_t large[256 << 10];

static unsigned count_unread(void)
{
	for (unsigned i = 0; i < 2; i++)
		if (ends[i].channels)
			channels_consumed(ends[i].channels, 1u << 30);
	return ends[0].n_counted + ends[1].n_counted;
}

static void pass_reading(unsigned ms)
{
	for (unsigned i = 0; i < ms; i += 100) {
		pass(100);
		count_unread();
	}
}

/* ---- more streams ---- */

static struct piece {
	uint32_t tsn;
	unsigned stream;
	uint8_t flags;
} last;
static unsigned n_torn;

/* Pieces of a message have numbers in sequence (RFC 9260, 6.9). */
static void watch(struct packet *p)
{
	const uint8_t *c;
	size_t n;
	for (size_t at = SCTP_COMMON; (c = sctp_item(p->data, at, p->len, &n));
		at += sctp_padded(n)) {
		struct piece now = { rd32(c + 4), rd16(c + 8), c[1] };
		if (c[0] || (last.tsn && (int32_t)(now.tsn - last.tsn) <= 0))
			continue;
		if (last.tsn && !(last.flags & 1))
			n_torn += now.tsn != last.tsn + 1 || now.stream != last.stream ||
				  now.flags & 2;
		last = now;
	}
}

static void pass_watching(unsigned ms)
{
	for (unsigned i = 0; i < ms; i += 5) {
		now_us += 5 * MILLIS;
		clock_fake(now_us);
		loop_turn(loop, now_us);
		carry(&ends[0], &ends[1]);
		for (unsigned k = 0; k < ends[1].n_wire; k++)
			watch(&ends[1].wire[k]);
		carry(&ends[1], &ends[0]);
		count_unread();
	}
}

static unsigned say_on(unsigned channel, size_t len)
{
	char label[16];
	snprintf(label, sizeof(label), "c%u", channel);
	say(1, label, large, len, true);
	return 1;
}

/* usrsctp forgets what it was sending when it gets more streams: it gets none meanwhile. The
 * server's channels have the odd streams. */
static void test_more_streams_while_sending(void **state)
{
	(void)state;
	unsigned n = 0, open = 0;
	memset(&last, 0, sizeof(last));
	n_torn = 0;
	ends[0].only_counts = true;
	for (unsigned streams = SCTP_FIRST; streams < SCTP_STREAMS; streams *= 2) {
		for (; open < streams / 2; open++)
			n += say_on(open, 10);
		pass_watching(2000);
		n += say_on(open - 1, 30000);
		n += say_on(0, 10);
		n += say_on(open++, 10);
		pass_watching(2000);
	}
	assert_int_equal(n_torn, 0);
	assert_int_equal(ends[0].n_counted, n);
	assert_int_equal(ends[1].refused, 0);
}

/* ---- loss ---- */

/* However bad it was: when it is over, all comes. */
static void test_heavy_loss_ends(void **state)
{
	for (unsigned seed = 1; seed <= 8; seed++) {
		finish(state);
		begin(state);
		srand(seed);
		ends[0].only_counts = true;
		say(1, "c", large, 10, true);
		pass_reading(1000);
		lose_percent = 15;
		for (unsigned i = 0; i < 100; i++) {
			say(1, "c", large, 1 + 2000 * i, true);
			if (i % 20 == 0)
				pass_reading(5000);
		}
		lose_percent = 0;
		pass_reading(60000);
		assert_int_equal(ends[0].n_counted, 101);
	}
}

/* ICE gives a peer thirty seconds: so does SCTP. */
static void test_outage(void **state)
{
	(void)state;
	say(1, "c", large, 10, true);
	pass(1000);
	lose_percent = 100;
	say(1, "c", large, 30000, true);
	say(0, "c", large, 30000, true);
	pass(29000);
	lose_percent = 0;
	pass(10000);
	assert_int_equal(ends[0].down + ends[1].down, 0);
	assert_int_equal(ends[0].n_heard, 2);
	assert_int_equal(ends[1].n_heard, 1);
}

/* A channel whose messages are given up when they are lost once. */
static void open_unreliable(void)
{
	uint8_t open[sizeof(OPEN_CHAT)];
	memcpy(open, OPEN_CHAT, sizeof(open));
	open[1] = 1;
	bare_say(0, 50, open, sizeof(open));
	assert_int_equal(ends[0].last_ppid, 50);
}

/* Nothing is in the way of other channels, nor of the end of this one. */
static void test_given_up_by_us(void **state)
{
	for (unsigned seed = 1; seed <= 30; seed++) {
		finish(state);
		begin_bare(state);
		srand(seed);
		open_unreliable();
		lose_percent = 20;
		for (unsigned i = 0; i < 5; i++) {
			say(1, "chat", large, 20000, true);
			pass(100);
		}
		bare_close(0);
		pass(1000);
		lose_percent = 0;
		pass(10000);
		assert_int_equal(ends[0].n_resets, 1);
		say(1, "other", "x", 1, false);
		pass(500);
		assert_int_equal(ends[0].last_stream, 1);
	}
}

/* The word of it is lost, and nothing else is on its way. */
static void test_given_up_unheard(void **state)
{
	(void)state;
	open_unreliable();
	lose_type = CHUNK_DATA;
	lose_times = 1;
	say(1, "chat", large, 20000, true);
	lose_type = CHUNK_FORWARD;
	lose_times = 1;
	pass(3000);
	assert_int_equal(lose_times, 0);
	bare_close(0);
	pass(1000);
	assert_int_equal(ends[0].n_resets, 1);
}

/* An unordered message is given up in its middle (RFC 3758, 3.2: no stream is listed): others come.
 */
static void test_given_up_unordered(void **state)
{
	(void)state;
	unsigned tsn = 1;
	bare_say(0, 53, "word", 4);
	forget(&ends[1]);
	for (; tsn <= 150; tsn++) {
		forge_data(tsn, 5, 0, tsn == 1 ? 4 | 2 : 4, 1100, 0);
		pass_mute(5);
	}
	forge_forward(tsn + 20, 0, 0, LISTS_NONE);
	pass_mute(100);
	forge_data(tsn + 21, 7, 0, 3, 100, 0);
	pass_mute(100);
	assert_int_equal(ends[1].n_heard, 1);
	assert_int_equal(ends[1].heard[0]->channel, 8);
	assert_int_equal(ends[1].down, 0);
}

/* A short one comes late, behind one that was given up and before one whose beginning is missing:
 * all that can be had comes. */
static void test_short_between_pieces(void **state)
{
	for (unsigned whole = 0; whole < 2; whole++) { /* there is one between them */
		unsigned next = whole ? 5 : 3;
		finish(state);
		begin_bare(state);
		bare_say(0, 53, "word", 4);
		forget(&ends[1]);
		for (unsigned tsn = 3; tsn < next; tsn++)
			forge_data(tsn, 5, 0, 4 | (tsn == 3 ? 2 : 1), 1000, 0);
		for (unsigned tsn = next + 1; tsn < next + 4; tsn++)
			forge_data(tsn, 5, 0, tsn == next + 3 ? 4 | 1 : 4, 1000, 0);
		forge_forward(1, 0, 0, LISTS_NONE);
		forge_data(2, 5, 0, 4 | 3, 10, 0);
		forge_data(next, 5, 0, 4 | 2, 1000, 0);
		forge_data(2, 5, 0, 4 | 3, 10, 0);
		pass_mute(100);
		assert_int_equal(ends[1].down, 0);
		assert_int_equal(ends[1].n_heard, 2 + whole);
	}
}

/* Unordered messages of many pieces, half of them given up: nothing that lasts, and no abuse. */
static void test_given_up_often(void **state)
{
	(void)state;
	unsigned tsn = 1, whole = 0;
	bare_say(0, 53, "word", 4);
	forget(&ends[1]);
	ends[1].only_counts = true;
	for (unsigned i = 0; i < 300; i++) {
		unsigned n = 20 + i % 40, gone = i % 2 ? n / 2 : n;
		for (unsigned k = 0; k < n; k++, tsn++)
			if (k != gone)
				forge_data(
					tsn, 5, 0, 4 | (k ? 0 : 2) | (k + 1 == n ? 1 : 0), 1100, 0);
		if (gone < n)
			forge_forward(tsn - 1, 0, 0, LISTS_NONE);
		whole += gone == n;
		pass_mute(40);
		count_unread();
	}
	assert_int_equal(ends[1].down, 0);
	assert_int_equal(ends[1].n_counted, whole);
}

/* After a time-out all is sent again, two to a packet: what is there already costs nothing more. */
static void test_sent_again(void **state)
{
	(void)state;
	enum { N = 660, LEN = 395, AHEAD = 500 };
	bare_say(0, 53, "word", 4);
	forget(&ends[1]);
	for (unsigned i = 2; i <= AHEAD; i++) { /* the first is lost */
		forge_data(i, 5, 0, 0, LEN, 0);
		pass_mute(5);
	}
	for (unsigned i = 2; i < AHEAD; i += 2)
		forge_two(i, 5, 0, 0, LEN);
	forge_data(1, 5, 0, 2, LEN, 0);
	for (unsigned i = AHEAD + 1; i < N; i += 2) {
		pass_mute(5);
		forge_two(i, 5, 0, i + 1 == N ? 1 : 0, LEN);
	}
	pass_mute(100);
	assert_int_equal(ends[1].down, 0);
	assert_int_equal(ends[1].n_heard, 1);
	assert_int_equal(ends[1].heard[0]->len, N * LEN);
}

/* ---- ends ---- */

/* A reset that came before the data which it is behind (RFC 6525, 5.2.2) is performed when it is
 * repeated, without any more data. */
static void test_reset_before_data(void **state)
{
	(void)state;
	bare_say(0, 50, OPEN_CHAT, sizeof(OPEN_CHAT));
	uint32_t first = rd32(last_data + 16);
	forge_reset(first, first + 1, 0, 1);
	assert_int_equal(answered(first), 0);
	forge_data(1, 0, 1, 3, 10, 0);
	forge_reset(first, first + 1, 0, 1);
	assert_int_equal(answered(first), 1);
}

/* Our request to reset a stream, among what is on its way to the peer. @return its number, 0: none
 */
static uint32_t asked_to_reset(uint16_t stream)
{
	for (unsigned i = 0; i < ends[1].n_wire; i++) {
		struct packet *p = &ends[1].wire[i];
		const uint8_t *c;
		size_t n;
		for (size_t at = SCTP_COMMON; (c = sctp_item(p->data, at, p->len, &n));
			at += sctp_padded(n))
			if (c[0] == CHUNK_RECONFIG && rd16(c + 4) == RECONFIG_RESET_OUT &&
				rd16(c + 20) == stream)
				return rd32(c + 8);
	}
	return 0;
}

static void forge_response(uint32_t request)
{
	uint8_t packet[64] = { 0 };
	size_t at = forge_begin(packet);
	packet[at] = CHUNK_RECONFIG;
	wr16(packet + at + 2, 16);
	wr16(packet + at + 4, RECONFIG_RESPONSE);
	wr16(packet + at + 6, 12);
	wr32(packet + at + 8, request);
	wr32(packet + at + 12, RECONFIG_PERFORMED);
	forge_feed(packet, at + 16);
}

/* The second of two resets waits, as the first one does, for what is not acknowledged: usrsctp as
 * peer takes a message twice that comes behind a reset which waits, and ends it all. */
static void test_second_reset_waits(void **state)
{
	(void)state;
	bare_say(0, 50, OPEN_CHAT, sizeof(OPEN_CHAT));
	bare_say(2, 50, OPEN_CHAT, sizeof(OPEN_CHAT));
	uint32_t first = rd32(last_data + 16) - 1;
	forge_reset(first, first + 1, 0, 1);
	uint32_t asked = asked_to_reset(0);
	assert_true(asked);
	forge_reset(first + 1, first + 1, 2, 1);
	say(1, "other", "x", 1, false);
	ends[1].n_wire = 0;
	forge_response(asked);
	assert_int_equal(asked_to_reset(2), 0);
	pass(2000);
	assert_int_equal(ends[0].down + ends[1].down, 0);
	assert_int_equal(ends[0].last_stream, 1);
}

/* Whose association is ended is told: its channels close. */
static void end_first(bool is_lost)
{
	const struct sctp_msg m = {
		.stream = 0, .ppid = 53, .data = (const uint8_t *)"word", .len = 4
	};
	bare_say(0, 53, "word", 4);
	for (unsigned i = 1; i < 4000 && !ends[1].down; i++) {
		forge_data(i, 5, 0, i == 1 ? 2 : 0, 1, 0);
		if (i % 20 == 0)
			pass_mute(5);
	}
	assert_int_equal(ends[1].down, 1);
	if (is_lost) {
		ends[1].n_wire = 0;
		sctp_send(ends[0].sctp, &m);
		carry(&ends[0], &ends[1]);
	}
	carry(&ends[1], &ends[0]);
	pass(100);
	assert_int_equal(ends[0].down, 1);
}

static void test_end_is_told(void **state)
{
	(void)state;
	end_first(false);
}

/* … again, if that word was lost. */
static void test_end_is_told_again(void **state)
{
	(void)state;
	end_first(true);
}

/* ---- lies ---- */

static bool has_sent(unsigned type)
{
	for (unsigned i = 0; i < ends[1].n_wire; i++) {
		struct packet *p = &ends[1].wire[i];
		const uint8_t *c;
		size_t n;
		for (size_t at = SCTP_COMMON; (c = sctp_item(p->data, at, p->len, &n));
			at += sctp_padded(n))
			if (c[0] == type)
				return true;
	}
	return false;
}

/* An INIT behind data, of no tag: one that is up does not begin anew by it. */
static void test_no_second_beginning(void **state)
{
	(void)state;
	uint8_t packet[256] = { 0 };
	bare_say(0, 53, "word", 4);
	size_t at = forge_piece(packet, forge_begin(packet), 0, 0, 0, 3, 1);
	memset(packet + 4, 0, 4);
	memcpy(packet + at, last_init + SCTP_COMMON, last_init_len - SCTP_COMMON);
	forge_feed(packet, at + last_init_len - SCTP_COMMON);
	assert_false(has_sent(CHUNK_INIT_ACK));
}

/* A reset of TSNs (RFC 6525, 4.3), which nobody needs, is not granted. */
static void test_no_reset_of_tsns(void **state)
{
	(void)state;
	uint8_t packet[64] = { 0 };
	bare_say(0, 53, "word", 4);
	size_t at = forge_begin(packet);
	packet[at] = CHUNK_RECONFIG;
	wr16(packet + at + 2, 12);
	wr16(packet + at + 4, RECONFIG_RESET_TSN);
	wr16(packet + at + 6, 8);
	wr32(packet + at + 8, rd32(last_data + 16));
	forge_feed(packet, at + 12);
	assert_false(has_sent(CHUNK_RECONFIG));
}

/* A channel that both sides have agreed on elsewhere is closed before it was used: ours closes,
 * once. */
static void test_unused_is_closed(void **state)
{
	(void)state;
	bare_say(0, 53, "word", 4);
	ends[0].n_resets = 0;
	bare_close(100);
	pass(3000);
	assert_int_equal(ends[0].n_resets, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_more_streams_while_sending, begin, finish),
		cmocka_unit_test_setup_teardown(test_heavy_loss_ends, begin, finish),
		cmocka_unit_test_setup_teardown(test_outage, begin, finish),
		cmocka_unit_test_setup_teardown(test_given_up_by_us, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_given_up_unheard, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_given_up_unordered, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_short_between_pieces, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_given_up_often, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_sent_again, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_reset_before_data, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_second_reset_waits, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_end_is_told, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_end_is_told_again, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_no_second_beginning, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_no_reset_of_tsns, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_unused_is_closed, begin_bare, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
