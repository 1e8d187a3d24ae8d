/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "../base/certfile.h"
#include "../base/folder.h"
#include "../base/log.h"
#include "lws.h"
#include "selfsigned.h"

#define PATH_SIZE  512
#define WHY_SIZE   256
#define NAMES_SIZE 4096
#define VALID_S    (3650L * 24 * 3600)
#define TEMPORARY  1                 /* IFA_F_TEMPORARY in /proc/net/if_inet6 */
#define SPARE_S    (30L * 24 * 3600) /* before its end it is made anew */

static enum err fail(char *why, const char *what, const char *path)
{
	snprintf(why, WHY_SIZE, "cannot %s %.120s: %.80s", what, path, strerror(errno));
	return ERR_IO;
}

/** Is an IPv6 address one of those that the kernel makes for a day, for privacy (RFC 8981)? */
static bool is_temporary(const struct in6_addr *addr)
{
	char line[128], hex[33] = "";
	unsigned flags, at = 0;
	bool is = false;
	FILE *f = fopen("/proc/net/if_inet6", "re");

	for (; at < 16; at++)
		snprintf(hex + 2 * at, 3, "%02x", addr->s6_addr[at]);
	while (f && !is && fgets(line, sizeof line, f))
		is = !strncmp(line, hex, 32) && sscanf(line + 32, "%*x %*x %*x %x", &flags) == 1 &&
		     (flags & TEMPORARY);
	if (f)
		fclose(f);
	return is;
}

/** The extension text: "DNS:localhost,DNS:host,IP:192.0.2.1,…". Interfaces beyond its size are left
 *  out. */
static void list_names(char *out, size_t size)
{
	char host[256] = "", ip[INET6_ADDRSTRLEN];
	size_t len = (size_t)snprintf(out, size, "DNS:localhost");
	struct ifaddrs *all = NULL;

	/* a name that is no host name would spoil the whole extension */
	if (!gethostname(host, sizeof host - 1) && host[0] &&
		!host[strspn(
			host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")])
		len += (size_t)snprintf(out + len, size - len, ",DNS:%s", host);
	if (getifaddrs(&all))
		return;
	for (struct ifaddrs *i = all; i && len + INET6_ADDRSTRLEN + 8 < size; i = i->ifa_next) {
		int family = i->ifa_addr ? i->ifa_addr->sa_family : 0;
		const void *addr = NULL;
		if (family == AF_INET) {
			addr = &((struct sockaddr_in *)i->ifa_addr)->sin_addr;
		} else if (family == AF_INET6) {
			addr = &((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr;
			if (IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)addr) ||
				is_temporary(addr))
				continue;
		}
		if (addr && inet_ntop(family, addr, ip, sizeof ip))
			len += (size_t)snprintf(out + len, size - len, ",IP:%s", ip);
	}
	freeifaddrs(all);
}

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	bool done = e && X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	return done;
}

static bool fill(X509 *x, EVP_PKEY *key)
{
	char names[NAMES_SIZE];
	BIGNUM *serial = BN_new();
	bool done = serial && BN_rand(serial, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) &&
		    BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x));
	X509_NAME *subject = X509_get_subject_name(x);

	BN_free(serial);
	list_names(names, sizeof names);
	return done && X509_set_version(x, 2) &&
	       X509_gmtime_adj(X509_getm_notBefore(x), -24 * 3600L) &&
	       X509_gmtime_adj(X509_getm_notAfter(x), VALID_S) &&
	       X509_NAME_add_entry_by_txt(
		       subject, "CN", MBSTRING_ASC, (const unsigned char *)"Cardea", -1, -1, 0) &&
	       X509_set_issuer_name(x, subject) && X509_set_pubkey(x, key) &&
	       add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(x, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(x, NID_ext_key_usage, "serverAuth") &&
	       add_extension(x, NID_subject_alt_name, names) && X509_sign(x, key, EVP_sha256());
}

/** Write through a file beside it, so that a crash never leaves half a file under the real name. */
static enum err save(const char *path, mode_t mode, X509 *x, EVP_PKEY *key, char *why)
{
	char tmp[PATH_SIZE + 8];
	snprintf(tmp, sizeof tmp, "%s.new", path);
	unlink(tmp);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		enum err e = fail(why, "create", tmp);
		if (fd >= 0)
			close(fd);
		return e;
	}
	bool done =
		x ? PEM_write_X509(f, x) : PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	done = !fclose(f) && done;
	if (!done || rename(tmp, path)) {
		enum err e = fail(why, "write", path);
		unlink(tmp);
		return e;
	}
	return OK;
}

/* ---- is the old one good? ---- */

static bool lasts(const X509 *x)
{
	time_t until = time(NULL) + SPARE_S;
	return X509_cmp_time(X509_get0_notAfter(x), &until) > 0 &&
	       X509_cmp_current_time(X509_get0_notBefore(x)) < 0;
}

/** @param name "DNS:…" or "IP:…" */
static bool has_name(X509 *x, const char *name)
{
	if (!strncmp(name, "IP:", 3))
		return X509_check_ip_asc(x, name + 3, 0) == 1;
	return X509_check_host(x, name + 4, 0, X509_CHECK_FLAG_NO_WILDCARDS, NULL) == 1;
}

static bool has_names(X509 *x)
{
	char names[NAMES_SIZE], *rest = names, *name;
	list_names(names, sizeof names);
	while ((name = strtok_r(rest, ",", &rest)))
		if (!has_name(x, name))
			return false;
	return true;
}

static bool is_good(const char *cert, const char *key)
{
	struct certfile_fault fault;
	if (access(cert, F_OK) && access(key, F_OK))
		return false;
	struct ssl_ctx_st *kept = certfile_read(cert, key, NULL, &fault);
	X509 *x = kept ? SSL_CTX_get0_certificate(kept) : NULL;
	const char *because = NULL;
	if (!x)
		because = fault.why;
	else if (!lasts(x))
		because = "it ends within a month";
	else if (!has_names(x))
		because = "the machine has other names or addresses";
	if (because)
		log_info("web", 0, "self-signed certificate is made anew", "because=%s",
			LOG_QUOTED(because));
	certfile_free(kept);
	return !because;
}

static enum err make(const char *dir, const char *cert, const char *key, char *why)
{
	enum err e = OK;

	if (mkdir(dir, 0755) && errno != EEXIST)
		return fail(why, "create", dir);
	EVP_PKEY *pair = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	if (!pair || !x || !fill(x, pair)) {
		snprintf(why, WHY_SIZE, "OpenSSL cannot make a certificate for HTTPS");
		e = ERR_IO;
	} else if (!(e = save(key, 0600, NULL, pair, why))) {
		e = save(cert, 0644, x, NULL, why);
	}
	X509_free(x);
	EVP_PKEY_free(pair);
	return e;
}

/* ---- the way in ---- */

bool selfsigned_paths(const char *dir, char *cert, char *key, char *why)
{
	if (snprintf(cert, PATH_SIZE, "%s/web-cert.pem", dir) < PATH_SIZE &&
		snprintf(key, PATH_SIZE, "%s/web-key.pem", dir) < PATH_SIZE)
		return true;
	snprintf(why, WHY_SIZE, "the name of state_dir is too long for a certificate");
	return false;
}

static bool is_there(const char *cert, const char *key)
{
	struct certfile_fault fault;
	struct ssl_ctx_st *kept = certfile_read(cert, key, NULL, &fault);
	certfile_free(kept);
	return kept != NULL;
}

bool selfsigned_is_possible(const char *dir)
{
	char cert[PATH_SIZE], key[PATH_SIZE], why[WHY_SIZE];
	return dir && selfsigned_paths(dir, cert, key, why) &&
	       (folder_can_write(dir) || is_there(cert, key));
}

enum err selfsigned_ensure(const char *dir, char *why)
{
	char cert[PATH_SIZE], key[PATH_SIZE];

	if (!selfsigned_paths(dir, cert, key, why))
		return ERR_INVALID;
	if (is_good(cert, key))
		return OK;
	enum err e = make(dir, cert, key, why);
	if (!e || !is_there(cert, key))
		return e;
	/* a folder that is read only now: an old certificate is better than none */
	log_warn(
		"web", 0, "self-signed certificate cannot be made anew", "why=%s", LOG_QUOTED(why));
	return OK;
}
