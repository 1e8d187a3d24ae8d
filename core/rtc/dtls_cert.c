/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate that dtls.c shows: made, or read from files. */
#include "ossl.h"
#include "../base/certfile.h"
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

static SSL_CTX *load_cert(const char *pem, const char *key, const char *pwd, char *why)
{
	struct certfile_fault fault;
	SSL_CTX *loaded = certfile_read(pem, key, pwd, &fault);
	if (!loaded)
		snprintf(why, 256, "%s: %.230s", fault.option, fault.why);
	return loaded;
}

static SSL_CTX *made_cert(bool rsa)
{
	SSL_CTX *made = SSL_CTX_new(DTLS_method());
	if (made && make_cert(made, rsa))
		return made;
	SSL_CTX_free(made);
	return NULL;
}

/* Keys are made, and files of all formats read, with the whole of OpenSSL. */
bool dtls_cert_set(
	SSL_CTX *ssl, const char *pem, const char *key, const char *pwd, bool rsa, char *why)
{
	SSL_CTX *maker = pem ? load_cert(pem, key, pwd, why) : made_cert(rsa);
	bool ok = maker && certfile_give(ssl, maker);
	SSL_CTX_free(maker);
	return ok;
}
