/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base.h"
#include "dtls.h"
#include "options.h"
#include "peers.h"

#define MTU      1200
#define GCM_SALT 12
#define CM_SALT  14
#define WINDOW   4096 /* a sample of a stream leaves long gaps */

static SSL_CTX *context;
static BIO_METHOD *method;
static char fingerprint[128];

static int bio_write(BIO *b, const char *data, int n)
{
	peer_send(BIO_get_data(b), (const uint8_t *)data, (size_t)n);
	return n;
}

static int bio_read(BIO *b, char *out, int size)
{
	struct dtls *d = &((struct peer *)BIO_get_data(b))->dtls;
	BIO_clear_retry_flags(b);
	if (!d->in) {
		BIO_set_retry_read(b);
		return -1;
	}
	int n = d->in_len < size ? d->in_len : size;
	memcpy(out, d->in, (size_t)n);
	d->in = NULL;
	return n;
}

static long bio_ctrl(BIO *b, int command, long number, void *pointer)
{
	(void)b, (void)number, (void)pointer;
	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_DGRAM_QUERY_MTU:
		return MTU;
	case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
		return 28;
	default:
		return 0;
	}
}

static int bio_create(BIO *b)
{
	BIO_set_init(b, 1);
	return 1;
}

static int accept_any(int ok, X509_STORE_CTX *c)
{
	(void)ok, (void)c;
	return 1; /* the fingerprint of the SDP is compared after the handshake */
}

static void print_fingerprint(X509 *x, char *out, size_t size)
{
	unsigned char hash[32];
	unsigned n = 0;
	X509_digest(x, EVP_sha256(), hash, &n);
	size_t at = (size_t)snprintf(out, size, "sha-256 ");
	for (unsigned i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%02X", i ? ":" : "", hash[i]);
}

static X509 *make_certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();
	if (!x || !key)
		die("OpenSSL makes no certificate");
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), (long)(rand32() >> 1));
	X509_gmtime_adj(X509_getm_notBefore(x), -86400);
	X509_gmtime_adj(X509_getm_notAfter(x), 30 * 86400);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
		(const unsigned char *)"rtcload", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	return x;
}

void dtls_init(void)
{
	context = SSL_CTX_new(DTLS_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = make_certificate(key);
	if (!context)
		die("OpenSSL makes no context");
	print_fingerprint(x, fingerprint, sizeof(fingerprint));
	SSL_CTX_use_certificate(context, x);
	SSL_CTX_use_PrivateKey(context, key);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
	SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_read_ahead(context, 1);
	if (SSL_CTX_set_tlsext_use_srtp(context, opt.srtp))
		die("--srtp %s: not a list of profiles", opt.srtp);
	X509_free(x);
	EVP_PKEY_free(key);
	method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rtcload");
	BIO_meth_set_write(method, bio_write);
	BIO_meth_set_read(method, bio_read);
	BIO_meth_set_ctrl(method, bio_ctrl);
	BIO_meth_set_create(method, bio_create);
}

const char *dtls_fingerprint(void)
{
	return fingerprint;
}

bool dtls_session(
	srtp_t *out, bool is_gcm, const uint8_t *key, const uint8_t *salt, bool is_inbound)
{
	uint8_t both[DTLS_KEY + CM_SALT];
	memcpy(both, key, DTLS_KEY);
	memcpy(both + DTLS_KEY, salt, is_gcm ? GCM_SALT : CM_SALT);
	srtp_policy_t policy = { .key = both, .window_size = WINDOW, .allow_repeat_tx = 1 };
	policy.ssrc.type = is_inbound ? ssrc_any_inbound : ssrc_any_outbound;
	if (is_gcm) {
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
	} else {
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
	}
	return srtp_create(out, &policy) == srtp_err_status_ok;
}

static bool is_expected_peer(const struct dtls *d)
{
	char theirs[128];
	X509 *x = SSL_get1_peer_certificate(d->ssl);
	if (!x)
		return false;
	print_fingerprint(x, theirs, sizeof(theirs));
	X509_free(x);
	return !strcasecmp(theirs, d->their_fingerprint);
}

static bool take_keys(struct peer *p)
{
	struct dtls *d = &p->dtls;
	const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(d->ssl);
	if (!profile)
		return false;
	bool is_gcm = strstr(profile->name, "GCM") != NULL;
	size_t salt = is_gcm ? GCM_SALT : CM_SALT;
	uint8_t keys[2 * (DTLS_KEY + CM_SALT)];
	if (SSL_export_keying_material(d->ssl, keys, 2 * (DTLS_KEY + salt), "EXTRACTOR-dtls_srtp",
		    19, NULL, 0, 0) != 1)
		return false;
	const uint8_t *salts = keys + 2 * DTLS_KEY;
	int ours = d->role == DTLS_CLIENT ? 0 : 1, theirs = !ours;
	d->profile = profile->name;
	return dtls_session(&p->out, is_gcm, keys + ours * DTLS_KEY, salts + (size_t)ours * salt,
		       false) &&
	       dtls_session(&p->in, is_gcm, keys + theirs * DTLS_KEY, salts + (size_t)theirs * salt,
		       true);
}

static void step(struct peer *p)
{
	struct dtls *d = &p->dtls;
	uint8_t unused[256];
	if (d->is_up) { /* an alert, perhaps */
		(void)SSL_read(d->ssl, unused, sizeof(unused));
		ERR_clear_error();
		return;
	}
	int r = SSL_do_handshake(d->ssl), e = SSL_get_error(d->ssl, r);
	if (r == 1) {
		d->is_up = is_expected_peer(d) && take_keys(p);
		p->has_failed = !d->is_up;
		p->next_rtcp_ns = now_ns() + rand64() % NS_PER_S;
	} else if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE) {
		p->has_failed = true;
	}
	if (p->has_failed)
		say(0, "DTLS failed: %s", ERR_reason_error_string(ERR_peek_last_error()));
	ERR_clear_error();
}

/* First retransmission after 50 ms, as browsers do; OpenSSL's own default is a second. */
static unsigned next_timeout(SSL *ssl, unsigned us)
{
	(void)ssl;
	if (us == 0)
		return 50000;
	return us >= 500000 ? 1000000 : us * 2;
}

static void make_ssl(struct peer *p)
{
	struct dtls *d = &p->dtls;
	BIO *b = BIO_new(method);
	d->ssl = SSL_new(context);
	BIO_set_data(b, p);
	SSL_set_bio(d->ssl, b, b);
	SSL_set_mtu(d->ssl, MTU);
	DTLS_set_timer_cb(d->ssl, next_timeout);
	if (d->role == DTLS_CLIENT)
		SSL_set_connect_state(d->ssl);
	else
		SSL_set_accept_state(d->ssl);
}

void dtls_begin(struct peer *p)
{
	if (p->dtls.ssl)
		return;
	make_ssl(p);
	step(p);
}

void dtls_in(struct peer *p, const uint8_t *datagram, int n)
{
	if (p->has_failed || p->dtls.role == DTLS_UNDECIDED)
		return;
	if (!p->dtls.ssl)
		make_ssl(p);
	p->dtls.in = datagram;
	p->dtls.in_len = n;
	step(p);
	p->dtls.in = NULL;
}

void dtls_timer(struct peer *p)
{
	struct timeval left;
	if (!p->dtls.ssl || p->dtls.is_up || !DTLSv1_get_timeout(p->dtls.ssl, &left) ||
		left.tv_sec || left.tv_usec)
		return;
	DTLSv1_handle_timeout(p->dtls.ssl);
	ERR_clear_error();
}

void dtls_free(struct peer *p)
{
	if (!p->dtls.ssl)
		return;
	if (p->dtls.is_up)
		SSL_shutdown(p->dtls.ssl);
	SSL_free(p->dtls.ssl);
	ERR_clear_error();
}
