/* SPDX-License-Identifier: Apache-2.0 */
/* Two associations of ours back to back, and OpenSSL's own view of what they agreed on. */
#include "rtc_client.h"
#include "../../core/base/clock.h"
#include "../../core/rtc/dtls.h"
#include "../../core/rtc/dtls_flight.h"
#include "rtc_dtls_ends.h"

static void shake(void)
{
	ends[0].state = dtls_start(ends[0].d);
	while (carry(0, -1) + carry(1, -1))
		;
	assert_int_equal(ends[0].state, DTLS_UP);
	assert_int_equal(ends[1].state, DTLS_UP);
}

static void both_ends_agree_on_keys_and_identity(void **state)
{
	struct srtp_keys k[2];
	uint8_t fp[2][DTLS_SHA256];
	(void)state;
	make(1200);
	shake();
	assert_true(dtls_keys(ends[0].d, &k[0]) && dtls_keys(ends[1].d, &k[1]));
	assert_int_equal(k[0].profile, SRTP_PROFILE_GCM_128);
	assert_int_equal(k[1].profile, SRTP_PROFILE_GCM_128);
	assert_memory_equal(k[0].send, k[1].recv, sizeof(k[0].send));
	assert_memory_equal(k[0].recv, k[1].send, sizeof(k[0].send));
	assert_memory_not_equal(k[0].send, k[0].recv, 28);
	parse_fingerprint(dtls_fingerprint(ctx[0]), fp[0]);
	parse_fingerprint(dtls_fingerprint(ctx[1]), fp[1]);
	struct identity who[2];
	assert_true(dtls_identify(ends[0].d, &who[0]) && dtls_identify(ends[1].d, &who[1]));
	assert_memory_equal(identity_at(&who[0], DTLS_SHA256), fp[1], DTLS_SHA256);
	assert_memory_equal(identity_at(&who[1], DTLS_SHA256), fp[0], DTLS_SHA256);
	drop();
}

static void every_datagram_fits_the_mtu(void **state)
{
	(void)state;
	make(400);
	shake();
	assert_in_range(ends[0].longest, 200, 400);
	assert_in_range(ends[1].longest, 200, 400);
	drop();
}

static void lost_datagrams_are_sent_again(void **state)
{
	(void)state;
	make(400);
	ends[0].state = dtls_start(ends[0].d);
	assert_in_range(dtls_due_us(ends[0].d), 1, 200000);
	assert_int_equal(dtls_repeated(ends[0].d), 0);
	for (int round = 0; round < 50 && (ends[0].state != DTLS_UP || ends[1].state != DTLS_UP);
		round++) {
		for (unsigned i = 0; i < 2; i++)
			carry(i, round < 3 ? round : -1);
		for (unsigned i = 0; i < 2; i++)
			if (!ends[i].n_out) {
				int64_t due = dtls_due_us(ends[i].d);
				if (due > 0)
					usleep((useconds_t)due +
						100); /* OpenSSL has its own clock */
				if (due >= 0)
					ends[i].state = dtls_tick(ends[i].d);
			}
	}
	assert_int_equal(ends[0].state, DTLS_UP);
	assert_int_equal(ends[1].state, DTLS_UP);
	assert_in_range(dtls_repeated(ends[0].d) + dtls_repeated(ends[1].d), 1, 50);
	/* are told once */
	assert_int_equal(dtls_repeated(ends[0].d) + dtls_repeated(ends[1].d), 0);
	drop();
}

static void a_goodbye_is_an_alert(void **state)
{
	(void)state;
	make(1200);
	shake();
	dtls_close(ends[0].d);
	dtls_close(ends[0].d); /* once */
	assert_int_equal(carry(0, -1), 1);
	assert_int_equal(ends[1].state, DTLS_ALERT);
	drop();
}

/* The other end keeps OpenSSL's record layer: it is the judge of ours. */
static void a_settled_association_says_and_hears_goodbye(void **state)
{
	(void)state;
	for (unsigned settled = 0; settled < 2; settled++)
		for (unsigned closes = 0; closes < 2; closes++) {
			make(1200);
			shake();
			assert_int_equal(dtls_settle(ends[settled].d), OK);
			assert_int_equal(dtls_settle(ends[settled].d), OK); /* nothing more to do */
			assert_int_equal(dtls_due_us(ends[settled].d), -1);
			assert_int_equal(dtls_tick(ends[settled].d), DTLS_UP);
			dtls_close(ends[closes].d);
			dtls_close(ends[closes].d); /* once */
			assert_int_equal(ends[closes].n_out, 1);
			/* changed on the way, it says nothing */
			ends[closes].out[0].data[ends[closes].out[0].len - 1] ^= 1;
			assert_int_equal(dtls_input(ends[!closes].d, ends[closes].out[0].data,
						 ends[closes].out[0].len),
				DTLS_UP);
			ends[closes].out[0].data[ends[closes].out[0].len - 1] ^= 1;
			carry(closes, -1);
			assert_int_equal(ends[!closes].state, DTLS_ALERT);
			drop();
		}
}

static void a_settled_server_repeats_its_last_flight(void **state)
{
	(void)state;
	make(1200);
	ends[0].state = dtls_start(ends[0].d);
	while (ends[1].state != DTLS_UP)
		for (unsigned i = 0; i < 2 && ends[1].state != DTLS_UP; i++)
			carry(i, -1);
	assert_int_equal(dtls_settle(ends[1].d), OK);
	ends[1].n_out = 0; /* the flight is lost */
	for (int round = 0; round < 3 && ends[0].state != DTLS_UP; round++) {
		usleep((useconds_t)dtls_due_us(ends[0].d) + 100); /* OpenSSL has its own clock */
		ends[0].state = dtls_tick(ends[0].d);
		carry(0, -1);
		assert_in_range(ends[1].n_out, 1, 4);
		carry(1, -1);
	}
	assert_int_equal(ends[0].state, DTLS_UP);
	dtls_close(ends[1].d);
	carry(1, -1);
	assert_int_equal(ends[0].state, DTLS_ALERT);
	drop();
}

/* Only who has the keys gets our last flight again: what anybody can send does not use up its
 * repeats. */
static void forgeries_do_not_spend_the_repeats_of_the_last_flight(void **state)
{
	static const uint8_t hello[25] = { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 12, 1 };
	uint8_t finished[sizeof(hello) + 64] = { 22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 76 };
	(void)state;
	make(1200);
	ends[0].state = dtls_start(ends[0].d);
	while (ends[1].state != DTLS_UP)
		for (unsigned i = 0; i < 2 && ends[1].state != DTLS_UP; i++)
			carry(i, -1);
	assert_int_equal(dtls_settle(ends[1].d), OK);
	ends[1].n_out = 0; /* the flight is lost */
	for (unsigned i = 0; i < 30; i++) {
		assert_int_equal(dtls_input(ends[1].d, hello, sizeof(hello)), DTLS_UP);
		assert_int_equal(dtls_input(ends[1].d, finished, sizeof(finished)), DTLS_UP);
	}
	assert_int_equal(ends[1].n_out, 0);
	usleep((useconds_t)dtls_due_us(ends[0].d) + 100); /* OpenSSL has its own clock */
	ends[0].state = dtls_tick(ends[0].d);
	struct end again = ends[0];
	carry(0, -1);
	assert_in_range(ends[1].n_out, 1, 1);
	for (unsigned i = 0; i < again.n_out; i++) /* recorded and played */
		dtls_input(ends[1].d, again.out[i].data, again.out[i].len);
	assert_int_equal(ends[1].n_out, 1);
	assert_int_equal(dtls_repeated(ends[1].d), 1);
	carry(1, -1);
	assert_int_equal(ends[0].state, DTLS_UP);
	drop();
}

static void an_association_in_a_handshake_is_not_settled(void **state)
{
	(void)state;
	make(1200);
	ends[0].state = dtls_start(ends[0].d);
	assert_int_equal(dtls_settle(ends[0].d), ERR_UNSUPPORTED);
	while (carry(0, -1) + carry(1, -1))
		;
	assert_int_equal(ends[0].state, DTLS_UP);
	drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_agree_on_keys_and_identity),
		cmocka_unit_test(every_datagram_fits_the_mtu),
		cmocka_unit_test(lost_datagrams_are_sent_again),
		cmocka_unit_test(a_goodbye_is_an_alert),
		cmocka_unit_test(a_settled_association_says_and_hears_goodbye),
		cmocka_unit_test(a_settled_server_repeats_its_last_flight),
		cmocka_unit_test(forgeries_do_not_spend_the_repeats_of_the_last_flight),
		cmocka_unit_test(an_association_in_a_handshake_is_not_settled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
