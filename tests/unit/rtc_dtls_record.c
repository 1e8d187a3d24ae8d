/* SPDX-License-Identifier: Apache-2.0 */
/* The bare record layer against itself; against OpenSSL's it stands in rtc_dtls.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/rtc/dtls_record.h"

#define LONGEST 1200

static struct dtls_record client, server;
static uint8_t wire[LONGEST + DTLS_RECORD_OVERHEAD], copy[2 * sizeof(wire)];

static void make(unsigned key_len, const char *digest)
{
	struct dtls_secrets s = { .digest = digest,
		.key_len = (uint8_t)key_len,
		.seq_out = 1ULL << 48,
		.nonce_out = UINT64_MAX };
	memset(s.master, 0x4d, sizeof(s.master));
	memset(s.client_random, 0x43, 32);
	memset(s.server_random, 0x53, 32);
	assert_int_equal(dtls_record_init(&client, &s), OK);
	s.is_server = true;
	assert_int_equal(dtls_record_init(&server, &s), OK);
}

static size_t say(struct dtls_record *from, const char *text)
{
	return dtls_record_seal(from, DTLS_CONTENT_DATA, (const uint8_t *)text, strlen(text), wire);
}

/* Open the first record of what is on the wire, from a copy that may be changed. */
static enum err hear(struct dtls_record *to, size_t len, const char *text)
{
	struct dtls_plain plain;
	uint8_t *at = copy;
	memcpy(copy, wire, len);
	enum err e = dtls_record_open(to, &at, &len, &plain);
	if (!e) {
		assert_int_equal(plain.type, DTLS_CONTENT_DATA);
		assert_int_equal(plain.len, strlen(text));
		assert_memory_equal(plain.data, text, plain.len);
	}
	return e;
}

static void both_directions_have_their_own_keys(void **state)
{
	static const struct {
		unsigned key_len;
		const char *digest;
	} suites[] = { { 16, "SHA256" }, { 32, "SHA384" } };
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		make(suites[i].key_len, suites[i].digest);
		size_t n = say(&client, "to the server");
		assert_int_equal(n, 13 + DTLS_RECORD_OVERHEAD);
		assert_int_equal(hear(&client, n, ""), ERR_DENIED);
		assert_int_equal(hear(&server, n, "to the server"), OK);
		assert_int_equal(hear(&client, say(&server, ""), ""), OK);
	}
}

static void replays_and_forgeries_are_told_apart(void **state)
{
	uint8_t kept[sizeof(wire)];
	(void)state;
	make(16, "SHA256");
	size_t n = say(&client, "first"), m;
	memcpy(kept, wire, n);
	for (unsigned i = 0; i < 70; i++) {
		m = say(&client, "later");
		if (i % 2)
			assert_int_equal(hear(&server, m, "later"), OK);
		assert_int_equal(hear(&server, m, "later"), i % 2 ? ERR_EXISTS : OK);
	}
	memcpy(wire, kept, n); /* so late that nobody can tell any more */
	assert_int_equal(hear(&server, n, "first"), ERR_EXISTS);
	m = say(&client, "changed");
	for (size_t i = 0; i < m; i++) {
		wire[i] ^= 0x10;
		assert_int_not_equal(hear(&server, m, "changed"), OK);
		wire[i] ^= 0x10;
	}
	assert_int_equal(hear(&server, m, "changed"), OK);
}

static void a_datagram_may_hold_several_records_and_a_rest(void **state)
{
	struct dtls_plain plain;
	uint8_t *at = copy;
	(void)state;
	make(16, "SHA256");
	size_t n = say(&client, "one"), len = n;
	memcpy(copy, wire, n);
	copy[4] = 7; /* another epoch */
	memcpy(copy + len, wire, n);
	len += n;
	n = say(&client, "two");
	memcpy(copy + len, wire, n);
	len += n;
	memcpy(copy + len, wire, n - 1); /* cut off */
	len += n - 1;
	assert_int_equal(dtls_record_open(&server, &at, &len, &plain), ERR_INVALID);
	assert_int_equal(dtls_record_open(&server, &at, &len, &plain), OK);
	assert_memory_equal(plain.data, "one", 3);
	assert_int_equal(dtls_record_open(&server, &at, &len, &plain), OK);
	assert_memory_equal(plain.data, "two", 3);
	assert_int_equal(dtls_record_open(&server, &at, &len, &plain), ERR_NOT_FOUND);
}

static void numbers_do_not_run_over_into_the_epoch(void **state)
{
	(void)state;
	make(16, "SHA256");
	client.seq_out = (1ULL << 48) + (1ULL << 48) - 2;
	assert_int_equal(hear(&server, say(&client, "last"), "last"), OK);
	assert_int_equal(say(&client, "none left"), 0);
}

static void what_no_suite_has_is_refused(void **state)
{
	struct dtls_secrets s = { .digest = "SHA256", .key_len = 24 };
	(void)state;
	assert_int_equal(dtls_record_init(&client, &s), ERR_UNSUPPORTED);
	s = (struct dtls_secrets){ .digest = "no such", .key_len = 16 };
	assert_int_equal(dtls_record_init(&client, &s), ERR_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_have_their_own_keys),
		cmocka_unit_test(replays_and_forgeries_are_told_apart),
		cmocka_unit_test(a_datagram_may_hold_several_records_and_a_rest),
		cmocka_unit_test(numbers_do_not_run_over_into_the_epoch),
		cmocka_unit_test(what_no_suite_has_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
