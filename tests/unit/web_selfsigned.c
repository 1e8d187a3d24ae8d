/* SPDX-License-Identifier: Apache-2.0 */
/* When the certificate of a server that was given none is made, and when it stays; and how files of
 * certificates are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/certfile.h"
#include "../../core/base/log.h"
#include "../../core/web/lws.h"
#include "../../core/web/selfsigned.h"

#define DAY 86400L

static char dir[64], cert[512], key[512], why[256];

static int make_dir(void **state)
{
	(void)state;
	log_set_level(0);
	snprintf(dir, sizeof dir, "/tmp/cardea-cert-XXXXXX");
	return mkdtemp(dir) && selfsigned_paths(dir, cert, key, why) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(cert);
	unlink(key);
	return rmdir(dir);
}

static struct ssl_ctx_st *read_pair(void)
{
	struct certfile_fault fault;
	return certfile_read(cert, key, NULL, &fault);
}

static X509 *certificate(void)
{
	FILE *f = fopen(cert, "r");
	assert_non_null(f);
	X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	assert_non_null(x);
	return x;
}

/* Sign what is there anew, with other ends and names. */
static void rewrite(long begins, long ends, const char *names)
{
	X509 *x = certificate();
	FILE *f = fopen(key, "r");
	EVP_PKEY *k = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	X509_gmtime_adj(X509_getm_notBefore(x), begins);
	X509_gmtime_adj(X509_getm_notAfter(x), ends);
	if (names) {
		int at = X509_get_ext_by_NID(x, NID_subject_alt_name, -1);
		X509_EXTENSION_free(X509_delete_ext(x, at));
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
		assert_non_null(e);
		X509_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
	}
	assert_true(X509_sign(x, k, EVP_sha256()) > 0);
	f = fopen(cert, "w");
	assert_true(PEM_write_X509(f, x));
	fclose(f);
	EVP_PKEY_free(k);
	X509_free(x);
}

/* Ask for it. @return whether it was made anew */
static bool made(void)
{
	struct ssl_ctx_st *before = read_pair();
	assert_int_equal(selfsigned_ensure(dir, why), OK);
	struct ssl_ctx_st *after = read_pair();
	assert_non_null(after);
	bool same = before && certfile_same(before, after);
	certfile_free(before);
	certfile_free(after);
	return !same;
}

static void is_made_once_for_names_and_addresses(void **state)
{
	(void)state;
	assert_true(made());
	assert_false(made());
	X509 *x = certificate();
	assert_int_equal(X509_check_host(x, "localhost", 0, 0, NULL), 1);
	assert_int_equal(X509_check_ip_asc(x, "127.0.0.1", 0), 1);
	X509_free(x);
	struct stat st;
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void is_made_anew_a_month_before_its_end(void **state)
{
	(void)state;
	made();
	rewrite(-DAY, 40 * DAY, NULL);
	assert_false(made());
	rewrite(-DAY, 20 * DAY, NULL);
	assert_true(made());
	rewrite(-3 * DAY, -DAY, NULL);
	assert_true(made());
	assert_false(made());
}

static void is_made_anew_for_an_address_that_it_lacks(void **state)
{
	(void)state;
	made();
	rewrite(-DAY, 400 * DAY, "DNS:localhost,IP:192.0.2.1");
	assert_true(made());
	assert_false(made());
}

static void is_made_anew_when_its_files_are_no_pair(void **state)
{
	char other[520];
	(void)state;
	made();
	snprintf(other, sizeof other, "%s.old", key);
	assert_int_equal(rename(key, other), 0);
	assert_true(made());
	assert_int_equal(rename(other, key), 0); /* the key of another */
	assert_true(made());
	fclose(fopen(cert, "w"));
	assert_true(made());
}

static void is_possible_where_it_is_or_can_be_made(void **state)
{
	char below[600];
	(void)state;
	assert_false(selfsigned_is_possible(NULL));
	assert_true(selfsigned_is_possible(dir));
	snprintf(below, sizeof below, "%s/a/b", dir);
	assert_true(selfsigned_is_possible(below));
	made();
	snprintf(below, sizeof below, "%s/a", cert);
	assert_false(selfsigned_is_possible(below));
}

/* ---- certfile ---- */

static void expect_fault(const char *k, const char *pwd, const char *option, const char *word)
{
	struct certfile_fault fault = { .option = "" };
	assert_null(certfile_read(cert, k, pwd, &fault));
	assert_string_equal(fault.option, option);
	if (!strstr(fault.why, word))
		fail_msg("no \"%s\" in %s", word, fault.why);
}

static void encrypt_key(const char *pwd)
{
	FILE *f = fopen(key, "r");
	EVP_PKEY *k = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	f = fopen(key, "w");
	assert_true(PEM_write_PrivateKey(f, k, EVP_aes_128_cbc(), NULL, 0, NULL, (void *)pwd));
	fclose(f);
	EVP_PKEY_free(k);
}

static void names_the_option_that_is_wrong(void **state)
{
	char other[520];
	struct certfile_fault fault;
	(void)state;
	expect_fault(key, NULL, "cert_pem", "cannot be read: No such file");
	made();
	expect_fault("/nonexistent/key", NULL, "cert_key", "cannot be read: No such file");
	expect_fault(NULL, NULL, "cert_pem", "no private key in");
	expect_fault(cert, NULL, "cert_pem", "no private key in");
	snprintf(other, sizeof other, "%s.old", key);
	assert_int_equal(rename(key, other), 0);
	made();
	expect_fault(other, NULL, "cert_key", "is not that of the certificate");
	FILE *f = fopen(other, "w");
	EVP_PKEY *rsa = EVP_RSA_gen(2048);
	assert_true(PEM_write_PrivateKey(f, rsa, NULL, NULL, 0, NULL, NULL));
	fclose(f);
	EVP_PKEY_free(rsa);
	expect_fault(other, NULL, "cert_key", "is not that of the certificate");
	unlink(other);
	encrypt_key("secret");
	expect_fault(key, NULL, "cert_pwd", "none is given");
	expect_fault(key, "wrong", "cert_pwd", "does not open");
	struct ssl_ctx_st *c = certfile_read(cert, key, "secret", &fault);
	assert_non_null(c);
	assert_false(certfile_is_stale(c, why));
	certfile_free(c);
}

static void knows_a_certificate_out_of_its_time(void **state)
{
	(void)state;
	made();
	rewrite(-3 * DAY, -DAY, NULL);
	struct ssl_ctx_st *c = read_pair();
	assert_true(certfile_is_stale(c, why));
	assert_non_null(strstr(why, "has ended"));
	certfile_free(c);
	rewrite(DAY, 3 * DAY, NULL);
	c = read_pair();
	assert_true(certfile_is_stale(c, why));
	assert_non_null(strstr(why, "begins only"));
	certfile_free(c);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(is_made_once_for_names_and_addresses),
		IN_DIR(is_made_anew_a_month_before_its_end),
		IN_DIR(is_made_anew_for_an_address_that_it_lacks),
		IN_DIR(is_made_anew_when_its_files_are_no_pair),
		IN_DIR(is_possible_where_it_is_or_can_be_made),
		IN_DIR(names_the_option_that_is_wrong),
		IN_DIR(knows_a_certificate_out_of_its_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
