/* SPDX-License-Identifier: Apache-2.0 */
/* Our server and OpenSSL's own client, with the certificates and ciphers that clients may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "../../core/rtc/dtls.h"
#include "../../core/rtc/ossl.h"

static struct dtls_ctx *ctx;
static struct dtls *server;
static SSL_CTX *client_ctx;
static SSL *client;
static uint8_t fingerprint[DTLS_SHA256];

/* An RSA key whose exponent has so many bits: each is work for who verifies. */
static EVP_PKEY *rsa_key(int bits, int exponent_bits)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *key = NULL;
	BN_generate_prime_ex(e, exponent_bits, 0, NULL, NULL, NULL);
	assert_true(EVP_PKEY_keygen_init(c) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(c, bits) == 1);
	assert_true(
		EVP_PKEY_CTX_set1_rsa_keygen_pubexp(c, e) == 1 && EVP_PKEY_generate(c, &key) == 1);
	BN_free(e);
	EVP_PKEY_CTX_free(c);
	return key;
}

static void use_key(EVP_PKEY *key, bool has_digest)
{
	X509 *x = X509_new();
	unsigned n;
	assert_true(key && x && X509_set_version(x, 2) && X509_set_pubkey(x, key));
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	assert_true(X509_sign(x, key, has_digest ? EVP_sha256() : NULL));
	assert_true(X509_digest(x, EVP_sha256(), fingerprint, &n));
	assert_int_equal(SSL_CTX_use_certificate(client_ctx, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(client_ctx, key), 1);
	X509_free(x);
	EVP_PKEY_free(key);
}

static void make_cert(const char *type, size_t bits)
{
	char curve[8];
	snprintf(curve, sizeof(curve), "P-%zu", bits);
	use_key(!strcmp(type, "EC") ? EVP_PKEY_Q_keygen(NULL, NULL, type, curve)
				    : EVP_PKEY_Q_keygen(NULL, NULL, type, bits),
		strcmp(type, "ED25519"));
}

static int any(int ok, X509_STORE_CTX *s)
{
	(void)ok;
	(void)s;
	return 1;
}

static void to_client(void *arg, const uint8_t *data, size_t len)
{
	(void)arg;
	assert_int_equal(BIO_write(SSL_get_rbio(client), data, (int)len), (int)len);
}

static void on_data(void *arg, const uint8_t *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
}

static const struct dtls_ops ops = { to_client, on_data };

static void make_client(void)
{
	client = SSL_new(client_ctx);
	SSL_set_options(client, SSL_OP_NO_QUERY_MTU);
	DTLS_set_link_mtu(client, 1200);
	SSL_set_bio(client, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	BIO_set_mem_eof_return(SSL_get_rbio(client), -1);
	SSL_set_connect_state(client);
}

static void make(const char *type, size_t bits, const char *ciphers, bool our_rsa)
{
	char why[256];
	assert_int_equal(dtls_ctx_create(&ctx, NULL, NULL, NULL, our_rsa, 1200, why), OK);
	assert_int_equal(dtls_create(&server, ctx, true, &ops, NULL), OK);
	client_ctx = SSL_CTX_new(DTLS_method());
	make_cert(type, bits);
	SSL_CTX_set_verify(client_ctx, SSL_VERIFY_PEER, any);
	assert_int_equal(SSL_CTX_set_tlsext_use_srtp(client_ctx, "SRTP_AEAD_AES_128_GCM"), 0);
	assert_int_equal(SSL_CTX_set_cipher_list(client_ctx, ciphers), 1);
	make_client();
}

/* OpenSSL's end is the server from here on. */
static void swap_roles(void)
{
	dtls_destroy(server);
	assert_int_equal(dtls_create(&server, ctx, false, &ops, NULL), OK);
	SSL_set_accept_state(client);
	assert_int_equal(dtls_start(server), DTLS_SHAKING);
}

static void drop(void)
{
	dtls_destroy(server);
	dtls_ctx_destroy(ctx);
	SSL_free(client);
	SSL_CTX_free(client_ctx);
}

static enum dtls_state shake(void)
{
	enum dtls_state st = DTLS_SHAKING;
	for (int round = 0; round < 6 && (st == DTLS_SHAKING || !SSL_is_init_finished(client));
		round++) {
		uint8_t flight[8192];
		SSL_do_handshake(client);
		int n = BIO_read(SSL_get_wbio(client), flight, sizeof(flight));
		if (n > 0)
			st = dtls_input(server, flight, (size_t)n);
	}
	return st;
}

/* The peer's keys by its own library: the client's come first. */
static void check_keys(void)
{
	uint8_t raw[2 * (16 + 12)];
	bool from_server = SSL_is_server(client);
	struct srtp_keys k;
	assert_true(dtls_keys(server, &k));
	assert_int_equal(k.profile, SRTP_PROFILE_GCM_128);
	assert_int_equal(SSL_export_keying_material(
				 client, raw, sizeof(raw), "EXTRACTOR-dtls_srtp", 19, NULL, 0, 0),
		1);
	assert_memory_equal(from_server ? k.send : k.recv, raw, 16);
	assert_memory_equal(from_server ? k.recv : k.send, raw + 16, 16);
	assert_memory_equal((from_server ? k.send : k.recv) + 16, raw + 32, 12);
	assert_memory_equal((from_server ? k.recv : k.send) + 16, raw + 44, 12);
}

static void check(void)
{
	assert_int_equal(shake(), DTLS_UP);
	assert_true(SSL_is_init_finished(client));
	struct identity who;
	assert_true(dtls_identify(server, &who));
	assert_memory_equal(identity_at(&who, DTLS_SHA256), fingerprint, DTLS_SHA256);
	check_keys();
}

static void certificates_of_all_usual_kinds_are_read(void **state)
{
	static const struct {
		const char *type;
		size_t n;
	} kinds[] = {
		{ "EC", 256 },
		{ "EC", 384 },
		{ "EC", 521 },
		{ "RSA", 2048 },
		{ "ED25519", 0 },
	};
	(void)state;
	for (unsigned i = 0; i < 2 * sizeof(kinds) / sizeof(*kinds); i++) {
		const char *type = kinds[i / 2].type;
		bool is_theirs = i & 1;
		if (is_theirs && !strcmp(type, "ED25519"))
			continue; /* OpenSSL is no DTLS server with such a key */
		make(type, kinds[i / 2].n, "DEFAULT", !strcmp(type, "RSA"));
		if (is_theirs)
			swap_roles();
		check();
		drop();
	}
}

/* Who may be nobody gets a flight where what came allows for that many bytes. */
static void no_flight_is_longer_than_is_reckoned(void **state)
{
	static const struct {
		const char *groups; /* as the client prefers them */
		bool our_rsa;
	} clients[] = {
		{ "P-521:P-384:P-256", false },
		{ "P-256", true },
		{ "P-384", true },
		{ "P-521", true },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(clients) / sizeof(*clients); i++) {
		uint8_t hello[2048];
		make("RSA", 2048, "DEFAULT", clients[i].our_rsa);
		assert_int_equal(SSL_set1_groups_list(client, clients[i].groups), 1);
		SSL_do_handshake(client);
		int n = BIO_read(SSL_get_wbio(client), hello, sizeof(hello));
		dtls_prove(server); /* no cookie */
		assert_int_equal(dtls_input(server, hello, (size_t)n), DTLS_SHAKING);
		assert_in_range(BIO_pending(SSL_get_rbio(client)), 400, ctx->flight);
		drop();
	}
}

/* A signature is verified for anybody who asks: one that takes long is none. */
static void keys_that_take_long_are_passed_over(void **state)
{
	static const struct {
		int bits, exponent;
		enum dtls_state st;
	} keys[] = {
		{ 2048, 17, DTLS_UP },
		{ 2048, 32, DTLS_UP },
		{ 2048, 40, DTLS_SHAKING },
		{ 2048, 60, DTLS_SHAKING },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		make("EC", 256, "DEFAULT", false);
		SSL_free(client);
		use_key(rsa_key(keys[i].bits, keys[i].exponent), true);
		make_client();
		assert_int_equal(shake(), keys[i].st);
		drop();
	}
}

static void ciphers_of_all_kinds_are_spoken(void **state)
{
	static const struct {
		const char *name;
		enum err settles;
	} ciphers[] = {
		{ "ECDHE-ECDSA-AES128-GCM-SHA256", OK },
		{ "ECDHE-ECDSA-AES256-GCM-SHA384", OK },
		{ "ECDHE-ECDSA-CHACHA20-POLY1305", ERR_UNSUPPORTED },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(ciphers) / sizeof(*ciphers); i++) {
		uint8_t scrap[16];
		make("EC", 256, ciphers[i].name, false);
		check();
		assert_int_equal(dtls_settle(server), ciphers[i].settles);
		dtls_close(server);
		assert_int_equal(SSL_read(client, scrap, sizeof(scrap)), 0);
		assert_int_equal(
			SSL_get_shutdown(client) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
		drop();
	}
}

/* Records of other kinds are not safe with OpenSSL: one that is too short ends the association. */
static void what_is_not_an_aead_is_not_spoken(void **state)
{
	static const char *const ciphers[] = { "ECDHE-ECDSA-AES128-SHA",
		"ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA384",
		"ECDHE-ECDSA-AES256-CCM8" };
	(void)state;
	for (unsigned i = 0; i < sizeof(ciphers) / sizeof(*ciphers); i++) {
		make("EC", 256, ciphers[i], false);
		assert_int_equal(shake(), DTLS_BROKEN);
		drop();
	}
}

/* What anybody may send under the number of an encrypted record, of all lengths, when the keys are
 * there: before Finished, and behind the handshake. */
static void forged_records_of_no_length_end_an_association(void **state)
{
	static const char *const ciphers[] = { "ECDHE-ECDSA-AES128-GCM-SHA256",
		"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305" };
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		make("EC", 256, ciphers[i], false);
		check();
		for (unsigned n = 0; n < 80; n++)
			for (uint8_t type = 20; type < 24; type++) {
				const uint8_t record[13 + 80] = { type, 254, 253, 0, 1, 0, 0, 0, 0,
					9, (uint8_t)n, 0, (uint8_t)n };
				assert_int_equal(dtls_input(server, record, 13 + n), DTLS_UP);
			}
		drop();
	}
}

static void the_cheaper_of_two_strong_ciphers_is_chosen(void **state)
{
	(void)state;
	make("EC", 256, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256", false);
	check();
	assert_string_equal(SSL_get_cipher(client), "ECDHE-ECDSA-AES128-GCM-SHA256");
	drop();
}

/* A short ClientHello for our large certificate: it is asked for a cookie, says it, and all goes
 * well. */
static void a_short_hello_is_asked_for_a_cookie(void **state)
{
	(void)state;
	make("EC", 256, "ECDHE-RSA-AES128-GCM-SHA256", true);
	uint8_t hello[2048];
	SSL_do_handshake(client);
	int n = BIO_read(SSL_get_wbio(client), hello, sizeof(hello));
	for (unsigned i = 0; i < 8;
		i++) { /* again and again: by then there are bytes enough for all */
		assert_int_equal(dtls_input(server, hello, (size_t)n), DTLS_SHAKING);
		assert_int_equal(dtls_due_us(server), -1);
	}
	assert_int_equal(BIO_pending(SSL_get_rbio(client)), 8 * 48);
	check();
	drop();
}

/* A hello that comes in two pieces, and between them a forgery that is asked for a cookie. */
static void a_forged_hello_between_two_pieces_does_no_harm(void **state)
{
	static const uint8_t forged[] = { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 54, 1, 0, 0, 42,
		0, 1, 0, 0, 0, 0, 0, 42, 254, 253, [59] = 0, 0, 0, 2, 0xc0, 0x2b, 1, 0 };
	uint8_t hello[2048], piece[2048];
	(void)state;
	make("EC", 256, "DEFAULT", false);
	SSL_do_handshake(client);
	size_t n = (size_t)BIO_read(SSL_get_wbio(client), hello, sizeof(hello)) - 25;
	for (unsigned i = 0; i < 2; i++) {
		size_t from = i ? 120 : 0, len = i ? n - 120 : 120;
		memcpy(piece, hello, 25);
		piece[11] = 0;
		piece[12] = (uint8_t)(12 + len);
		piece[19] = piece[20] = 0;
		piece[21] = (uint8_t)from;
		piece[22] = piece[23] = 0;
		piece[24] = (uint8_t)len;
		memcpy(piece + 25, hello + 25 + from, len);
		dtls_input(server, piece, 25 + len);
		if (!i)
			dtls_input(server, forged, sizeof(forged));
	}
	check();
	drop();
}

static int bake(SSL *ssl, unsigned char *cookie, unsigned *len)
{
	(void)ssl;
	memset(cookie, 'c', *len = 20);
	return 1;
}

static int taste(SSL *ssl, const unsigned char *cookie, unsigned len)
{
	(void)ssl;
	return len == 20 && cookie[0] == 'c';
}

/* The same the other way round. */
static void a_server_may_ask_us_for_a_cookie(void **state)
{
	(void)state;
	make("EC", 256, "DEFAULT", false);
	SSL_CTX_set_cookie_generate_cb(client_ctx, bake);
	SSL_CTX_set_cookie_verify_cb(client_ctx, taste);
	SSL_set_options(client, SSL_OP_COOKIE_EXCHANGE);
	swap_roles();
	assert_int_equal(shake(), DTLS_UP);
	assert_true(SSL_is_init_finished(client));
	drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_of_all_usual_kinds_are_read),
		cmocka_unit_test(no_flight_is_longer_than_is_reckoned),
		cmocka_unit_test(keys_that_take_long_are_passed_over),
		cmocka_unit_test(ciphers_of_all_kinds_are_spoken),
		cmocka_unit_test(what_is_not_an_aead_is_not_spoken),
		cmocka_unit_test(forged_records_of_no_length_end_an_association),
		cmocka_unit_test(the_cheaper_of_two_strong_ciphers_is_chosen),
		cmocka_unit_test(a_short_hello_is_asked_for_a_cookie),
		cmocka_unit_test(a_forged_hello_between_two_pieces_does_no_harm),
		cmocka_unit_test(a_server_may_ask_us_for_a_cookie),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
