/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate that dtls.c shows: made, or read from files. */
#include "ossl.h"
#include "dtls_cert.h"
#include <stdio.h>

#define CERT_DAYS 365

static bool sign_own(X509 *x, EVP_PKEY *key)
{
	unsigned char serial[8];
	if (RAND_bytes(serial, sizeof(serial)) != 1)
		return false;
	serial[0] &= 0x7f;
	BIGNUM *bn = BN_bin2bn(serial, sizeof(serial), NULL);
	X509_NAME *name = X509_get_subject_name(x);
	bool ok = bn && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x)) &&
		  X509_set_version(x, 2) &&
		  X509_gmtime_adj(X509_getm_notBefore(x), -24 * 3600) && /* clocks differ */
		  X509_gmtime_adj(X509_getm_notAfter(x), CERT_DAYS * 24L * 3600) &&
		  X509_set_pubkey(x, key) &&
		  X509_NAME_add_entry_by_txt(
			  name, "CN", MBSTRING_ASC, (const unsigned char *)"cardea", -1, -1, 0) &&
		  X509_set_issuer_name(x, name) && X509_sign(x, key, EVP_sha256());
	BN_free(bn);
	return ok;
}

static bool make_cert(SSL_CTX *ssl, bool rsa)
{
	EVP_PKEY *key = rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	X509 *x = X509_new();
	bool ok = key && x && sign_own(x, key) && SSL_CTX_use_certificate(ssl, x) &&
		  SSL_CTX_use_PrivateKey(ssl, key);
	X509_free(x);
	EVP_PKEY_free(key);
	return ok;
}

static bool load_cert(SSL_CTX *ssl, const char *pem, const char *key, const char *pwd, char *why)
{
	SSL_CTX_set_default_passwd_cb_userdata(ssl, (void *)(pwd ? pwd : ""));
	if (SSL_CTX_use_certificate_chain_file(ssl, pem) != 1)
		snprintf(why, 256, "cannot read the certificate in %s", pem);
	else if (SSL_CTX_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) != 1)
		snprintf(why, 256, "cannot read the private key in %s", key);
	else if (SSL_CTX_check_private_key(ssl) != 1)
		snprintf(why, 256, "the private key in %s is not that of %s", key, pem);
	else
		return true;
	return false;
}

/* Keys are made, and files of all formats read, with the whole of OpenSSL. */
bool dtls_cert_set(
	SSL_CTX *ssl, const char *pem, const char *key, const char *pwd, bool rsa, char *why)
{
	STACK_OF(X509) * chain;
	SSL_CTX *maker = SSL_CTX_new(DTLS_method());
	bool ok =
		maker &&
		(pem ? load_cert(maker, pem, key ? key : pem, pwd, why) : make_cert(maker, rsa)) &&
		SSL_CTX_get0_chain_certs(maker, &chain) &&
		SSL_CTX_use_cert_and_key(ssl, SSL_CTX_get0_certificate(maker),
			SSL_CTX_get0_privatekey(maker), chain, 1) == 1;
	SSL_CTX_free(maker);
	return ok;
}
