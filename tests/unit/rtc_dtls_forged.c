/* SPDX-License-Identifier: Apache-2.0 */
/* Handshakes that somebody else joins in: forged flights, guesses, hellos out of turn. */
#include "rtc_client.h"
#include "../../core/base/clock.h"
#include "../../core/rtc/dtls.h"
#include "../../core/rtc/dtls_flight.h"
#include "rtc_dtls_ends.h"

static void forge(struct end *e)
{
	unsigned before = e->n_out;
	for (unsigned i = 0; i < N_FORGERIES; i++) {
		enum dtls_state st = dtls_input(e->d, forgeries[i].bytes, forgeries[i].len);
		assert_int_equal(st, e->state);
	}
	assert_int_equal(e->n_out, before);
}

/* With forgeries before, between and behind all that the peers say, in small pieces and large. */
static void forgeries_do_not_end_a_handshake(void **state)
{
	(void)state;
	for (int mtu = 300; mtu <= 1200; mtu += 900) {
		make(mtu);
		ends[1].state = DTLS_SHAKING;
		forge(&ends[1]);
		ends[0].state = dtls_start(ends[0].d);
		while (ends[0].n_out || ends[1].n_out)
			for (unsigned i = 0; i < 2; i++) {
				struct end e = ends[i];
				ends[i].n_out = 0;
				for (unsigned k = 0; k < e.n_out; k++) {
					forge(&ends[!i]);
					ends[!i].state =
						dtls_input(ends[!i].d, e.out[k].data, e.out[k].len);
				}
				forge(&ends[!i]);
			}
		for (unsigned i = 0; i < 2; i++) {
			assert_int_equal(ends[i].state, DTLS_UP);
			assert_true(dtls_heard_alert(ends[i].d));
			forge(&ends[i]);
			assert_int_equal(dtls_settle(ends[i].d), OK);
			forge(&ends[i]);
		}
		drop();
	}
}

/* Whole messages where a client's are due: no certificate, one that is none, a key and a signature
 * of nothing, and those that the server itself has said. */
static const struct forgery guesses[] = {
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 15, 11, 0, 0, 3, 0, 1, 0, 0, 0, 0, 0, 3 },
		28 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 20, 11, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0, 8, 0, 0,
		  5, 0, 0, 2, 48, 0 },
		33 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 14, 16, 0, 0, 2, 0, 2, 0, 0, 0, 0, 0, 2, 1,
		  9 },
		27 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 18, 15, 0, 0, 6, 0, 3, 0, 0, 0, 0, 0, 6, 4, 3,
		  0, 2, 48, 0 },
		31 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 18, 15, 0, 0, 6, 0, 3, 0, 0, 0, 0, 0, 6, 9, 9,
		  0, 2, 48, 0 },
		31 },
	{ { 20, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1 }, 14 },
};

/* Each before each datagram of the client's second flight, in three orders. */
static void guesses_at_the_second_flight_do_not_end_a_handshake(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 3; way++) {
		make(way ? 300 : 1200);
		ends[0].state = dtls_start(ends[0].d);
		carry(0, -1);
		while (ends[0].n_out || ends[1].n_out) {
			carry(1, -1);
			struct end e = ends[0];
			ends[0].n_out = 0;
			for (unsigned k = 0; k < e.n_out; k++) {
				for (unsigned i = 0; i < 6; i++) {
					const struct forgery *g = &guesses[way == 1 ? 5 - i : i];
					dtls_input(ends[1].d, g->bytes, g->len);
				}
				unsigned at = way == 2 ? e.n_out - 1 - k : k;
				ends[1].state =
					dtls_input(ends[1].d, e.out[at].data, e.out[at].len);
			}
		}
		assert_int_equal(ends[0].state, DTLS_UP);
		assert_int_equal(ends[1].state, DTLS_UP);
		drop();
	}
}

/* All that a flight has, in one datagram: whoever sends it needs to know nothing. */
static size_t forge_flight(const struct forgery *parts, unsigned n, uint8_t out[2048], size_t len)
{
	static const uint8_t finished[13 + 40] = { 22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 40 };
	for (unsigned i = 0; i < n; i++) {
		memcpy(out + len, parts[i].bytes, parts[i].len);
		len += parts[i].len;
	}
	memcpy(out + len, finished, sizeof(finished));
	return len + sizeof(finished);
}

static void expect_each_other(void)
{
	for (unsigned i = 0; i < 2; i++) {
		struct fingerprints who = { 0 };
		uint8_t digest[DTLS_SHA256];
		parse_fingerprint(dtls_fingerprint(ctx[!i]), digest);
		fingerprints_add(&who, digest, sizeof(digest));
		dtls_expect(ends[i].d, &who);
	}
}

/* A whole second flight, once, before the ClientHello, or behind it. */
static void one_forged_flight_does_not_end_a_handshake(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 8; way++) {
		uint8_t forged[2048];
		size_t n = forge_flight(guesses + (way & 1 ? 1 : 2), way & 1 ? 5 : 4, forged, 0);
		make(way & 2 ? 300 : 1200);
		expect_each_other();
		dtls_prove(ends[1].d); /* no cookie */
		ends[1].state = DTLS_SHAKING;
		if (way & 4)
			assert_int_equal(dtls_input(ends[1].d, forged, n), DTLS_SHAKING);
		ends[0].state = dtls_start(ends[0].d);
		carry(0, -1);
		if (!(way & 4))
			assert_int_equal(dtls_input(ends[1].d, forged, n), DTLS_SHAKING);
		while (carry(0, -1) + carry(1, -1))
			;
		assert_int_equal(ends[0].state, DTLS_UP);
		assert_int_equal(ends[1].state, DTLS_UP);
		drop();
	}
}

static size_t first_record(const struct end *e, uint8_t out[2048])
{
	size_t n = 13 + (size_t)rd16(e->out[0].data + 11);
	memcpy(out, e->out[0].data, n);
	return n;
}

/* By somebody who has the peer's certificate, which is no secret, but not its key, and does not see
 * when its time is. */
static void a_certificate_alone_proves_nothing(void **state)
{
	uint8_t forged[2048];
	(void)state;
	make(1200);
	dtls_prove(ends[1].d); /* no cookie */
	ends[0].state = dtls_start(ends[0].d);
	carry(0, -1);
	carry(1, -1);
	size_t n = forge_flight(guesses + 2, 4, forged, first_record(&ends[0], forged));
	assert_int_equal(forged[13], 11);
	for (unsigned i = 0; i < 2; i++) { /* the same two once more */
		dtls_destroy(ends[i].d);
		memset(&ends[i], 0, sizeof(ends[i]));
		assert_int_equal(dtls_create(&ends[i].d, ctx[i], i == 1, &ops, &ends[i]), OK);
	}
	expect_each_other();
	dtls_prove(ends[1].d);
	assert_int_equal(dtls_input(ends[1].d, forged, n), DTLS_SHAKING);
	ends[0].state = dtls_start(ends[0].d);
	carry(0, -1);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(dtls_input(ends[1].d, forged, n), DTLS_SHAKING);
	while (carry(0, -1) + carry(1, -1))
		;
	assert_int_equal(ends[0].state, DTLS_UP);
	assert_int_equal(ends[1].state, DTLS_UP);
	drop();
}

static unsigned tries(struct dtls_flight *f)
{
	unsigned n = 0;
	while (n < 100 && dtls_flight_may_try(f))
		n++;
	return n;
}

/* Whatever comes, a handful of signatures is verified for an association and second. */
static void signatures_have_a_budget(void **state)
{
	struct dtls_flight *f = dtls_flight_create(NULL, true);
	int64_t now = 1000 * US_PER_S;
	(void)state;
	clock_fake(now);
	assert_int_equal(tries(f), 8);
	dtls_flight_restart(f);
	assert_int_equal(tries(f), 0);
	clock_fake(now += US_PER_S / 2);
	assert_int_equal(tries(f), 4);
	clock_fake(now += 3600 * US_PER_S);
	assert_int_equal(tries(f), 8);
	clock_fake(-1);
	dtls_flight_destroy(f);
}

/* The peer's own are tried as soon as they are there. */
static void many_forged_signatures_do_not_hide_the_right_one(void **state)
{
	(void)state;
	make(1200);
	expect_each_other();
	dtls_prove(ends[1].d); /* no cookie */
	ends[0].state = dtls_start(ends[0].d);
	carry(0, -1);
	carry(1, -1);
	for (uint8_t i = 0; i < 50; i++)
		for (unsigned k = 2; k < 4; k++) {
			struct forgery g = guesses[k];
			g.bytes[g.len - 1] = i;
			assert_int_equal(dtls_input(ends[1].d, g.bytes, g.len), DTLS_SHAKING);
		}
	while (carry(0, -1) + carry(1, -1))
		;
	assert_int_equal(ends[0].state, DTLS_UP);
	assert_int_equal(ends[1].state, DTLS_UP);
	drop();
}

/* What a server says, whole and in place, before it has said it: hellos with suites of all kinds, a
 * certificate, a key that nobody has signed. */
static const struct forgery answers[] = {
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 50, 2, 0, 0, 38, 0, 0, 0, 0, 0, 0, 0, 38, 254,
		  253, [60] = 0x99, 0x99 },
		63 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 2, 0, 50, 2, 0, 0, 38, 0, 0, 0, 0, 0, 0, 0, 38, 254,
		  253, [60] = 0xc0, 0x2b },
		63 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 20, 11, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0, 8, 0, 0,
		  5, 0, 0, 2, 48, 0 },
		33 },
	{ { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 22, 12, 0, 0, 10, 0, 2, 0, 0, 0, 0, 0, 10, 3,
		  0, 23, 1, 4, 4, 3, 0, 1, 48 },
		35 },
};

static void forged_answers_do_not_end_a_clients_handshake(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 8; way++) {
		uint8_t forged[2048];
		size_t n = forge_flight(answers + (way & 1), way & 1 ? 3 : 4, forged, 0);
		make(way & 2 ? 300 : 1200);
		if (way & 4)
			expect_each_other();
		ends[0].state = dtls_start(ends[0].d);
		for (unsigned i = 0; i < sizeof(answers) / sizeof(*answers); i++)
			assert_int_equal(dtls_input(ends[0].d, answers[i].bytes, answers[i].len),
				DTLS_SHAKING);
		assert_int_equal(dtls_input(ends[0].d, forged, n), DTLS_SHAKING);
		while (carry(0, -1) + carry(1, -1))
			;
		assert_int_equal(ends[0].state, DTLS_UP);
		assert_int_equal(ends[1].state, DTLS_UP);
		drop();
	}
}

/* Until it is known who the peer is, its certificate waits; then it is the right one, or none. */
static void a_certificate_waits_for_its_fingerprint(void **state)
{
	static const struct fingerprints nobody;
	(void)state;
	for (unsigned who = 0; who < 2; who++) {
		make(1200);
		dtls_expect(ends[1].d, &nobody);
		ends[0].state = dtls_start(ends[0].d);
		while (carry(0, -1) + carry(1, -1))
			;
		assert_int_equal(ends[1].state, DTLS_SHAKING);
		assert_true(dtls_waits(ends[1].d));
		struct fingerprints f = { 0 };
		uint8_t digest[DTLS_SHA256];
		parse_fingerprint(dtls_fingerprint(ctx[who]), digest);
		fingerprints_add(&f, digest, sizeof(digest));
		assert_int_equal(dtls_expect(ends[1].d, &f), who ? DTLS_SHAKING : DTLS_UP);
		assert_false(dtls_waits(ends[1].d));
		assert_int_equal(dtls_saw_other(ends[1].d), who);
		carry(1, -1);
		assert_int_equal(ends[0].state, who ? DTLS_SHAKING : DTLS_UP);
		drop();
	}
}

/* @return bytes of a ClientHello of somebody's */
static size_t forge_hello(uint8_t out[400], uint8_t number)
{
	static const uint8_t front[] = { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 83, 1, 0, 0, 71,
		0, 0, 0, 0, 0, 0, 0, 71, 254, 253 },
			     rest[] = { 0, 0, 0, 2, 0xc0, 0x2b, 1, 0, 0, 27, 0, 10, 0, 4, 0, 2, 0,
				     0x17, 0, 13, 0, 4, 0, 2, 4, 3, 0, 14, 0, 7, 0, 4, 0, 7, 0, 1,
				     0 };
	memset(out, number, 59);
	memcpy(out, front, sizeof(front));
	memcpy(out + 59, rest, sizeof(rest));
	return 59 + sizeof(rest);
}

/* Of somebody else, before the peer's and behind it, on a path that is proven or not. */
static void another_hello_does_not_end_a_handshake(void **state)
{
	uint8_t hello[400];
	size_t n = forge_hello(hello, 1);
	(void)state;
	for (unsigned way = 0; way < 8; way++) {
		make(way & 1 ? 300 : 1200);
		expect_each_other();
		if (way & 2)
			dtls_prove(ends[1].d);
		if (way & 4)
			dtls_input(ends[1].d, hello, n);
		ends[1].n_out = 0; /* the peer is not there yet */
		ends[0].state = dtls_start(ends[0].d);
		do {
			carry(0, -1);
			forge_hello(hello, 2);
			if (ends[1].state != DTLS_UP)
				dtls_input(ends[1].d, hello, n);
		} while (carry(1, -1));
		assert_int_equal(ends[0].state, DTLS_UP);
		assert_int_equal(ends[1].state, DTLS_UP);
		drop();
	}
}

/* The peer's datagrams in any order, each twice: nothing needs to be said again. */
static void the_order_of_datagrams_does_not_matter(void **state)
{
	(void)state;
	make(300);
	ends[0].state = dtls_start(ends[0].d);
	while (ends[0].n_out || ends[1].n_out)
		for (unsigned i = 0; i < 2; i++) {
			struct end e = ends[i];
			ends[i].n_out = 0;
			for (unsigned k = 2 * e.n_out; k--;)
				ends[!i].state =
					dtls_input(ends[!i].d, e.out[k / 2].data, e.out[k / 2].len);
		}
	assert_int_equal(ends[0].state, DTLS_UP);
	assert_int_equal(ends[1].state, DTLS_UP);
	drop();
}

static size_t said(const struct end *e)
{
	size_t n = 0;
	for (unsigned i = 0; i < e->n_out; i++)
		n += e->out[i].len;
	return n;
}

/* RFC 9147, 5.1. A STUN check of a hundred bytes, at least, made the path. */
static void who_has_proven_nothing_gets_three_times_what_came_at_most(void **state)
{
	uint8_t hello[400] = { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12 + 71, 1, 0, 0, 71, 0, 0,
		0, 0, 0, 0, 0, 71, 254, 253 };
	static const uint8_t rest[] = { 0, 0, 0, 2, 0xc0, 0x2b, 1, 0, 0, 27, 0, 10, 0, 4, 0, 2, 0,
		0x17, 0, 13, 0, 4, 0, 2, 4, 3, 0, 14, 0, 7, 0, 4, 0, 7, 0, 1, 0 };
	(void)state;
	memcpy(hello + 59, rest, sizeof(rest));
	for (unsigned times = 1; times <= 20; times++) {
		make(1200);
		for (unsigned i = 0; i < times; i++) {
			hello[10] = hello[30] = (uint8_t)i; /* another number, another random */
			dtls_input(ends[1].d, hello, 59 + sizeof(rest));
			if (dtls_due_us(ends[1].d) == 0)
				dtls_tick(ends[1].d);
		}
		assert_true(said(&ends[1]) > 0);
		assert_true(said(&ends[1]) <= 3 * (100 + times * (59 + sizeof(rest))));
		drop();
	}
	/* nor does time-out upon time-out bring more */
	make(1200);
	ends[0].state = dtls_start(ends[0].d);
	size_t came = said(&ends[0]) + sizeof(hello);
	dtls_input(ends[1].d, (uint8_t[sizeof(hello)]){ 0 }, sizeof(hello));
	carry(0, -1);
	size_t first = said(&ends[1]);
	assert_in_range(first, 500, 3 * (100 + came));
	for (unsigned i = 0; i < 3; i++) {
		usleep((useconds_t)dtls_due_us(ends[1].d) + 100);
		dtls_tick(ends[1].d);
	}
	assert_in_range(said(&ends[1]), first, 3 * (100 + came));
	dtls_prove(ends[1].d);
	usleep((useconds_t)dtls_due_us(ends[1].d) + 100);
	dtls_tick(ends[1].d);
	assert_true(said(&ends[1]) > 3 * (100 + came) || said(&ends[1]) >= 2 * first);
	drop();
}

static void two_clients_do_not_get_on(void **state)
{
	char why[256];
	(void)state;
	memset(ends, 0, sizeof(ends));
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(dtls_ctx_create(&ctx[i], NULL, NULL, NULL, false, 1200, why), OK);
		assert_int_equal(dtls_create(&ends[i].d, ctx[i], false, &ops, &ends[i]), OK);
		ends[i].state = dtls_start(ends[i].d);
	}
	carry(0, -1);
	assert_int_equal(ends[1].state, DTLS_SHAKING); /* until time is up */
	drop();
}

static void certificates_come_from_files_too(void **state)
{
	char why[256], pem[] = "/tmp/rtc_dtls_XXXXXX";
	struct dtls_ctx *c;
	(void)state;
	int fd = mkstemp(pem);
	FILE *f = fdopen(fd, "w");
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	PEM_write_X509(f, x);
	PEM_write_PKCS8PrivateKey(f, key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL);
	fclose(f);
	assert_int_equal(dtls_ctx_create(&c, pem, NULL, "secret", false, 1200, why), OK);
	uint8_t md[32], shown[32];
	unsigned n;
	X509_digest(x, EVP_sha256(), md, &n);
	parse_fingerprint(dtls_fingerprint(c), shown);
	assert_memory_equal(md, shown, 32);
	dtls_ctx_destroy(c);
	assert_int_equal(dtls_ctx_create(&c, pem, NULL, "wrong", false, 1200, why), ERR_INVALID);
	assert_non_null(strstr(why, "private key"));
	assert_int_equal(dtls_ctx_create(&c, NULL, NULL, NULL, true, 1200, why), OK); /* RSA */
	assert_int_equal(strlen(dtls_fingerprint(c)), 95);
	dtls_ctx_destroy(c);
	unlink(pem);
	X509_free(x);
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forgeries_do_not_end_a_handshake),
		cmocka_unit_test(guesses_at_the_second_flight_do_not_end_a_handshake),
		cmocka_unit_test(one_forged_flight_does_not_end_a_handshake),
		cmocka_unit_test(a_certificate_alone_proves_nothing),
		cmocka_unit_test(signatures_have_a_budget),
		cmocka_unit_test(many_forged_signatures_do_not_hide_the_right_one),
		cmocka_unit_test(forged_answers_do_not_end_a_clients_handshake),
		cmocka_unit_test(a_certificate_waits_for_its_fingerprint),
		cmocka_unit_test(another_hello_does_not_end_a_handshake),
		cmocka_unit_test(the_order_of_datagrams_does_not_matter),
		cmocka_unit_test(who_has_proven_nothing_gets_three_times_what_came_at_most),
		cmocka_unit_test(two_clients_do_not_get_on),
		cmocka_unit_test(certificates_come_from_files_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
