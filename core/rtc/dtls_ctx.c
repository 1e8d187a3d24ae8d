/* SPDX-License-Identifier: Apache-2.0 */
/* What all associations have of OpenSSL, and how it is told of datagrams. */
#include "ossl.h"
#include <stdio.h>
#include <stdlib.h>
#include "dtls_cert.h"
#include "dtls_ctx.h"
#include "dtls_hello.h"

/* As server we choose the first of these that the client has; as client we offer them in this
 * order. All who speak WebRTC have AES-GCM (RFC 8827, 6.5). What is not an AEAD is not taken: a
 * forged record that is too short for its padding would be fatal to OpenSSL (and see RFC 9325). */
#define PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80"
#define CIPHERS  "ECDHE+AESGCM+AES128:ECDHE+AESGCM:ECDHE+CHACHA20:!PSK:!DSS"
/* Media waits for the handshake: one second, the default, is felt. */
#define FIRST_TIMEOUT_US 200000u
#define LAST_TIMEOUT_US  5000000u
#define MAX_CHAIN        16384 /* bytes of a peer's certificates */
/* OpenSSL takes no certificate on a curve that is not among them: P-521 is for certificates, and
 * for clients that have no other. */
#define GROUPS "X25519:P-256:P-384:P-521"
/* Bytes of our first flight besides certificates and signature: 400 at most, and more headers. */
#define FLIGHT_REST 450

/* ---- datagrams ---- */

static int bio_write(BIO *b, const char *data, int len)
{
	const struct dtls_end *end = BIO_get_data(b);
	if (len > 0)
		end->say(end->of, (const uint8_t *)data, (size_t)len);
	return len;
}

static int bio_read(BIO *b, char *out, int size)
{
	const struct dtls_end *end = BIO_get_data(b);
	size_t n = end->hear(end->of, (uint8_t *)out, (size_t)size);
	BIO_clear_retry_flags(b);
	if (n)
		return (int)n;
	BIO_set_retry_read(b);
	return -1;
}

static long bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	(void)b;
	(void)num;
	(void)ptr;
	return cmd == BIO_CTRL_FLUSH;
}

static int bio_create(BIO *b)
{
	BIO_set_init(b, 1);
	return 1;
}

static BIO_METHOD *make_bio(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
	if (!m)
		return NULL;
	BIO_meth_set_write(m, bio_write);
	BIO_meth_set_read(m, bio_read);
	BIO_meth_set_ctrl(m, bio_ctrl);
	BIO_meth_set_create(m, bio_create);
	return m;
}

/* ---- the context ---- */

static size_t flight_len(SSL_CTX *ssl)
{
	STACK_OF(X509) *chain = NULL;
	size_t n = FLIGHT_REST + (size_t)EVP_PKEY_get_size(SSL_CTX_get0_privatekey(ssl)) +
		   (size_t)i2d_X509(SSL_CTX_get0_certificate(ssl), NULL);
	SSL_CTX_get0_chain_certs(ssl, &chain);
	for (int i = 0; i < sk_X509_num(chain); i++)
		n += (size_t)i2d_X509(sk_X509_value(chain, i), NULL);
	return n;
}

static bool set_fingerprint(struct dtls_ctx *c)
{
	unsigned char md[DTLS_SHA256];
	unsigned n = 0;
	X509 *x = SSL_CTX_get0_certificate(c->ssl);
	if (!x || !X509_digest(x, EVP_sha256(), md, &n))
		return false;
	c->flight = flight_len(c->ssl);
	for (unsigned i = 0; i < n; i++)
		snprintf(c->fingerprint + 3 * i, 4, i + 1 < n ? "%02X:" : "%02X", md[i]);
	return true;
}

/* Any certificate will do here: the fingerprint in the SDP shows who the peer is (RFC 8122). */
static int accept_any(X509_STORE_CTX *store, void *arg)
{
	(void)store;
	(void)arg;
	return 1;
}

/* Cookies are checked in dtls.c. */
static int make_cookie(SSL *ssl, unsigned char *cookie, unsigned *len)
{
	(void)ssl;
	cookie[0] = 0;
	*len = 1;
	return 1;
}

static int accept_cookie(SSL *ssl, const unsigned char *cookie, unsigned len)
{
	(void)ssl;
	(void)cookie;
	return len == DTLS_COOKIE;
}

static void on_info(const SSL *ssl, int where, int value)
{
	if (where & SSL_CB_READ && where & SSL_CB_ALERT) {
		const struct dtls_end *end = SSL_get_app_data(ssl);
		if (value >> 8 == SSL3_AL_FATAL || (value & 0xff) == SSL_AD_CLOSE_NOTIFY)
			end->alert(end->of);
	}
}

enum err dtls_ctx_create(struct dtls_ctx **out, const char *cert_pem, const char *cert_key,
	const char *cert_pwd, bool rsa, int mtu, char *why)
{
	struct dtls_ctx *c = calloc(1, sizeof(*c));
	snprintf(why, 256, "cannot make a DTLS certificate");
	if (!c)
		return ERR_FULL;
	c->mtu = mtu;
	c->bio = make_bio();
	dtls_lib_open(&c->lib);
	c->ssl = SSL_CTX_new_ex(c->lib.ctx, NULL, DTLS_method());
	bool ok = c->bio && c->ssl && SSL_CTX_set_min_proto_version(c->ssl, DTLS1_2_VERSION) &&
		  SSL_CTX_set_cipher_list(c->ssl, CIPHERS) &&
		  SSL_CTX_set1_groups_list(c->ssl, GROUPS) &&
		  !SSL_CTX_set_tlsext_use_srtp(c->ssl, PROFILES) &&
		  dtls_cert_set(c->ssl, cert_pem, cert_key, cert_pwd, rsa, why) &&
		  set_fingerprint(c);
	ERR_clear_error();
	if (!ok) {
		dtls_ctx_destroy(c);
		return ERR_INVALID;
	}
	SSL_CTX_set_options(c->ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
					    SSL_OP_NO_QUERY_MTU | SSL_OP_NO_COMPRESSION |
					    SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(c->ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(c->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(c->ssl, accept_any, NULL);
	SSL_CTX_set_max_cert_list(c->ssl, MAX_CHAIN);
	SSL_CTX_set_read_ahead(c->ssl, 1); /* whole datagrams */
	SSL_CTX_set_info_callback(c->ssl, on_info);
	SSL_CTX_set_cookie_generate_cb(c->ssl, make_cookie);
	SSL_CTX_set_cookie_verify_cb(c->ssl, accept_cookie);
	*out = c;
	return OK;
}

void dtls_ctx_destroy(struct dtls_ctx *c)
{
	if (!c)
		return;
	SSL_CTX_free(c->ssl);
	BIO_meth_free(c->bio);
	dtls_lib_close(&c->lib);
	free(c);
}

const char *dtls_fingerprint(const struct dtls_ctx *c)
{
	return c->fingerprint;
}

/* ---- one association ---- */

static unsigned next_timeout(SSL *ssl, unsigned us)
{
	(void)ssl;
	if (!us)
		return FIRST_TIMEOUT_US;
	return us < LAST_TIMEOUT_US / 2 ? us * 2 : LAST_TIMEOUT_US;
}

SSL *dtls_ctx_ssl(const struct dtls_ctx *c, bool is_server, struct dtls_end *end)
{
	SSL *ssl = SSL_new(c->ssl);
	BIO *b = BIO_new(c->bio);
	if (!ssl || !b) {
		SSL_free(ssl);
		BIO_free(b);
		return NULL;
	}
	BIO_set_data(b, end);
	SSL_set_bio(ssl, b, b);
	SSL_set_app_data(ssl, end);
	DTLS_set_link_mtu(ssl, c->mtu);
	DTLS_set_timer_cb(ssl, next_timeout);
	if (is_server)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	return ssl;
}
