/* SPDX-License-Identifier: Apache-2.0 */
/* Candidates of clients as text (core/control/candidate.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../core/control/candidate.h"

static void reads_candidates(void **state)
{
	char text[ADDR_TEXT];
	struct candidate c;
	(void)state;
	assert_true(candidate_read(&c,
		"3229573512 1 udp 2122194687 192.0.2.2 55958 typ host generation 0 ufrag Xy6u"));
	assert_int_equal(c.type, CANDIDATE_HOST);
	assert_true(c.is_udp);
	assert_string_equal(addr_text(&c.addr, text), "192.0.2.2:55958");
	assert_true(candidate_read(
		&c, "a 2 TCP 1 2001:db8::1 9 typ srflx raddr 0.0.0.0 rport 0 tcptype active"));
	assert_int_equal(c.type, CANDIDATE_SRFLX);
	assert_false(c.is_udp);
	assert_string_equal(addr_text(&c.addr, text), "[2001:db8::1]:9");
	assert_true(candidate_read(&c, "a 1 UDP 1 192.0.2.2 1 typ relay"));
	assert_string_equal(candidate_word(c.type), "relay");
	assert_true(candidate_read(&c, "a 1 udp 1 9b36eaac.local 1 typ prflx"));
	assert_int_equal(c.type, CANDIDATE_PRFLX);
	assert_int_equal(c.addr.sa.sa_family, 0);
}

static void takes_nothing_else(void **state)
{
	static const char *const none[] = { "", "zzz", "        ", "a 1 udp 1 192.0.2.2 1 typ",
		"a 1 udp 1 192.0.2.2 1 host typ", "a 1 udp 1 192.0.2.2 1 typ hosts",
		"a 0 udp 1 192.0.2.2 1 typ host", "a 1 udp x 192.0.2.2 1 typ host",
		"a 1 udp 1 192.0.2.2 65536 typ host", "a 1 udp 1 192.0.2.2 -1 typ host",
		" 1 udp 1 192.0.2.2 1 typ host", "a 1  1 192.0.2.2 1 typ host",
		"a 1 udp 1  1 typ host",
		"abcdefghijklmnopqrstuvwxyzabcdefg 1 udp 1 192.0.2.2 1 typ host" };
	struct candidate c;
	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (candidate_read(&c, none[i]))
			fail_msg("took '%s'", none[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_candidates),
		cmocka_unit_test(takes_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
