/* SPDX-License-Identifier: Apache-2.0 */
/* What an association keeps of packets that no sender which keeps the rules would send. */
#include "sctp_forge.h"

#ifndef N_FORGED
#define N_FORGED 6000 /* packets */
#endif

/* Streams shall be reset behind a packet that never comes. */
static void forge_resets(unsigned i)
{
	uint32_t first = rd32(last_data + 16);
	forge_reset(first + i - 1, first + 100000, 0, SCTP_FIRST);
}

enum way {
	NOT_READ,
	BEHIND_GAP,
	UNORDERED_BEHIND_GAP,
	STREAM_BEHIND_GAP,
	BEGINNINGS_APART,
	BEGINNINGS,
	ENDLESS,
	ENDLESS_UNORDERED,
	ENDLESS_THEN_NEXT,
	ENDLESS_THEN_GAP,
	RESETS,
	EARLY_RESETS,
	FORGOTTEN,
	FALSELY_FORWARDED,
	UNHEARD_FORWARDED,
	WAYS
};

static void forge(enum way way, unsigned i, size_t len, size_t pad)
{
	uint16_t stream = (uint16_t)(i % 1000), ssn = (uint16_t)(i / 1000);
	if (way == NOT_READ)
		forge_data(i, stream, ssn, 3, len, pad);
	else if (way == BEHIND_GAP)
		forge_data(i + 1, 5, (uint16_t)i, 3, len, pad);
	else if (way == UNORDERED_BEHIND_GAP)
		forge_data(i + 1, stream, 0, 7, len, pad);
	else if (way == STREAM_BEHIND_GAP)
		forge_data(i, stream, (uint16_t)(ssn + 1), 3, len, pad);
	else if (way == BEGINNINGS_APART)
		forge_data(2 * i, stream, ssn, 2, len, pad);
	else if (way == BEGINNINGS)
		forge_data(i, stream, ssn, 2, len, pad);
	else if (way == ENDLESS || way == ENDLESS_UNORDERED)
		forge_data(i, 5, 0, (way == ENDLESS ? 0 : 4) | (i == 1 ? 2 : 0), len, pad);
	else if (way == ENDLESS_THEN_NEXT)
		forge_data(i, (uint16_t)(i / 200), 1, (i - 1) % 200 ? 0 : 2, len, pad);
	else if (way == ENDLESS_THEN_GAP)
		forge_data(i > 560 ? i + 1 : i, 5, 0, i == 1 ? 2 : 0, len, pad);
	else if (way == RESETS || way == EARLY_RESETS)
		forge_resets(i);
	else if (way == FALSELY_FORWARDED || way == UNHEARD_FORWARDED) {
		forge_forward(
			i + 100000, 5, 0, way == FALSELY_FORWARDED ? FALSE_TAG : BEHIND_UNKNOWN);
		forge_data(i, 5, 0, i == 1 ? 2 : 0, len, pad);
	} else if (i % 200) /* given up without a word of the stream that it was on */
		forge_data(i, (uint16_t)(1 + i / 200), 1, i % 200 > 1 ? 0 : 2, len, pad);
	else
		forge_forward(i, 999, 0, LISTS);
}

/* What SCTP itself keeps of a peer that leaves one out, finishes none, or is not read, is bounded:
 * however small they are, on however many streams, and whatever comes with them in a packet. */
static void test_what_sctp_keeps(void **state)
{
	static const struct {
		size_t len, pad;
	} sizes[] = { { 1, 0 }, { 1, 1100 }, { 1000, 0 } };
	for (enum way way = 0; way < WAYS; way++)
		for (unsigned k = 0; k < 3; k++) {
			finish(state);
			begin_bare(state);
			if (way != EARLY_RESETS)
				bare_say(0, 53, "word", 4);
			size_t before = in_use(), most = 0;
			if (way == NOT_READ)
				sctp_unread(channels_sctp(ends[1].channels), 2 * SCTP_BUFFER);
			for (unsigned i = 1; i < N_FORGED; i++) {
				forge(way, i, sizes[k].len, sizes[k].pad);
				if (i % 20 == 0)
					pass_mute(5);
				forget(&ends[1]);
				size_t now = in_use();
				if (now > before + most)
					most = now - before;
			}
			print_message("way %u, %zu and %zu bytes: %zu, ended %u\n", way,
				sizes[k].len, sizes[k].pad, most, ends[1].down);
			assert_true(most <
				    (way == RESETS || way == EARLY_RESETS ? 64u << 10 : 3u << 20));
		}
}

/* A sender cuts pieces to what its congestion window has left: the largest message, in small ones
 * or in those that cost the most, is a message. */
static void test_pieces_of_any_size(void **state)
{
	static const size_t sizes[] = { 150, 810 };
	for (size_t k = 0; k < 2; k++) {
		size_t left = 256u << 10;
		finish(state);
		begin_bare(state);
		bare_say(0, 53, "word", 4);
		forget(&ends[1]);
		for (unsigned i = 1; left; i++) {
			size_t len = left < sizes[k] ? left : sizes[k];
			left -= len;
			forge_data(i, 5, 0, (i == 1 ? 2 : 0) | (left ? 0 : 1), len, 0);
			if (i % 20 == 0)
				pass_mute(5);
		}
		pass_mute(100);
		assert_int_equal(ends[1].down, 0);
		assert_int_equal(ends[1].n_heard, 1);
		assert_int_equal(ends[1].heard[0]->len, 256u << 10);
	}
}

/* A large message of which a part was delivered, and which its sender has given up: nothing of it
 * is before the next one, on its stream or another. */
static void test_given_up(void **state)
{
	for (unsigned stream = 5; stream <= 7; stream += 2) {
		finish(state);
		begin_bare(state);
		bare_say(0, 53, "word", 4);
		forget(&ends[1]);
		unsigned i = 1;
		forge_data(i++, 5, 0, 2, 1000, 0);
		for (; i <= 200; i++) {
			forge_data(i, 5, 0, 0, 1000, 0);
			pass_mute(5);
		}
		forge_forward(203, 5, 0, LISTS);
		pass_mute(100);
		forge_data(204, (uint16_t)stream, stream == 5, 3, 100, 0);
		forge_data(205, (uint16_t)stream, 1 + (stream == 5), 3, 100, 0);
		pass_mute(100);
		assert_int_equal(ends[1].down, 0);
		assert_int_equal(ends[1].n_heard, 2);
		for (unsigned k = 0; k < 2; k++) {
			assert_int_equal(ends[1].heard[k]->channel, stream + 1);
			assert_int_equal(ends[1].heard[k]->len, 100);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_sctp_keeps, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_pieces_of_any_size, begin_bare, finish),
		cmocka_unit_test_setup_teardown(test_given_up, begin_bare, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
