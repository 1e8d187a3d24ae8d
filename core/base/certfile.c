/* SPDX-License-Identifier: Apache-2.0 */
#define ERR_STATE OSSL_ERR_STATE /* a type of OpenSSL's, and an error of ours */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#undef ERR_STATE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "certfile.h"

/* The pass phrase, as OpenSSL asks for it. */
struct phrase {
	const char *text;
	bool was_asked;
};

__attribute__((format(printf, 3, 4))) static bool fail(
	struct certfile_fault *fault, const char *option, const char *fmt, ...)
{
	va_list args;
	fault->option = option;
	va_start(args, fmt);
	vsnprintf(fault->why, sizeof fault->why, fmt, args);
	va_end(args);
	return false;
}

/* OpenSSL's last error, in its words. */
static const char *openssl_error(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());
	return text ? text : "it is not in PEM form";
}

static int on_asked(char *buf, int size, int writing, void *arg)
{
	struct phrase *p = arg;
	size_t len = strlen(p->text);
	(void)writing;
	p->was_asked = true;
	if (len > (size_t)size)
		return -1;
	memcpy(buf, p->text, len);
	return (int)len;
}

static bool is_readable(const char *path, const char *option, struct certfile_fault *fault)
{
	return !access(path, R_OK) ||
	       fail(fault, option, "%.150s cannot be read: %s", path, strerror(errno));
}

static bool load(SSL_CTX *ctx, const char *pem, const char *key, struct phrase *phrase,
	struct certfile_fault *fault)
{
	const char *key_option = strcmp(pem, key) ? "cert_key" : "cert_pem";
	if (!is_readable(pem, "cert_pem", fault) || !is_readable(key, key_option, fault))
		return false;
	SSL_CTX_set_default_passwd_cb(ctx, on_asked);
	SSL_CTX_set_default_passwd_cb_userdata(ctx, phrase);
	if (SSL_CTX_use_certificate_chain_file(ctx, pem) != 1)
		return fail(
			fault, "cert_pem", "no certificate in %.150s: %s", pem, openssl_error());
	bool is_key = SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1;
	/* a key of another type is not compared before */
	if (is_key && SSL_CTX_check_private_key(ctx) == 1)
		return true;
	if (is_key || ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
		return fail(fault, key_option,
			"the private key in %.100s is not that of the certificate in %.100s", key,
			pem);
	if (phrase->was_asked)
		return fail(fault, "cert_pwd", "%s the private key in %.150s",
			*phrase->text ? "it does not open" : "none is given for", key);
	return fail(fault, key_option, "no private key in %.150s: %s", key, openssl_error());
}

struct ssl_ctx_st *certfile_read(
	const char *pem, const char *key, const char *pwd, struct certfile_fault *fault)
{
	struct phrase phrase = { .text = pwd ? pwd : "" };
	ERR_clear_error();
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	if (!ctx) {
		fail(fault, "cert_pem", "out of memory");
	} else if (!load(ctx, pem, key && *key ? key : pem, &phrase, fault)) {
		SSL_CTX_free(ctx);
		ctx = NULL;
	} else {
		SSL_CTX_set_default_passwd_cb_userdata(ctx, NULL); /* it ends with this function */
	}
	ERR_clear_error();
	return ctx;
}

void certfile_free(struct ssl_ctx_st *c)
{
	SSL_CTX_free(c);
}

static STACK_OF(X509) *chain_of(const SSL_CTX *c)
{
	STACK_OF(X509) *chain = NULL;
	SSL_CTX_get0_chain_certs((SSL_CTX *)c, &chain); /* it changes nothing */
	return chain;
}

/* OpenSSL keeps one certificate for each type of key: the old one goes first. */
static int on_certificate(SSL *ssl, void *arg)
{
	SSL_CTX *now = *(SSL_CTX **)arg;
	if (!now)
		return 1;
	SSL_certs_clear(ssl);
	return SSL_use_cert_and_key(
		ssl, SSL_CTX_get0_certificate(now), SSL_CTX_get0_privatekey(now), chain_of(now), 1);
}

void certfile_show(struct ssl_ctx_st *on, struct ssl_ctx_st **now)
{
	SSL_CTX_set_cert_cb(on, on_certificate, now);
}

bool certfile_give(struct ssl_ctx_st *to, const struct ssl_ctx_st *from)
{
	bool given = SSL_CTX_use_cert_and_key(to, SSL_CTX_get0_certificate(from),
			     SSL_CTX_get0_privatekey(from), chain_of(from), 1) == 1;
	ERR_clear_error();
	return given;
}

static void print_time(const ASN1_TIME *t, char *out, size_t size)
{
	struct tm tm = { 0 };
	out[0] = 0;
	if (ASN1_TIME_to_tm(t, &tm))
		strftime(out, size, "%Y-%m-%d %H:%M UTC", &tm);
}

bool certfile_is_stale(const struct ssl_ctx_st *of, char *why)
{
	const X509 *x = SSL_CTX_get0_certificate(of);
	char when[32];
	if (X509_cmp_current_time(X509_get0_notAfter(x)) < 0) {
		print_time(X509_get0_notAfter(x), when, sizeof when);
		snprintf(why, CERTFILE_WHY, "the certificate has ended, at %s", when);
	} else if (X509_cmp_current_time(X509_get0_notBefore(x)) > 0) {
		print_time(X509_get0_notBefore(x), when, sizeof when);
		snprintf(why, CERTFILE_WHY, "the certificate begins only at %s", when);
	} else {
		return false;
	}
	return true;
}

bool certfile_has_ciphers(const char *list)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());
	bool has = c && SSL_CTX_set_cipher_list(c, list) == 1;
	SSL_CTX_free(c);
	ERR_clear_error();
	return has;
}

bool certfile_same(const struct ssl_ctx_st *a, const struct ssl_ctx_st *b)
{
	const X509 *x = SSL_CTX_get0_certificate(a), *y = SSL_CTX_get0_certificate(b);
	return x && y && !X509_cmp(x, y);
}
