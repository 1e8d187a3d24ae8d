/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#define ADDRESS      CARDEA_STR, .names = CARDEA_NAMES_ADDRESS
#define ALL(other)   "all addresses when neither this nor " other " is set"
#define LOCAL(other) "127.0.0.1 when neither this nor " other " is set"

static const struct cardea_field general[] = {
	{ "events", CARDEA_BOOL, .dflt = 1, .note = "tell event handlers" },
	{ "json", CARDEA_STR, .dflt_str = "compact", .one_of = "indented|plain|compact",
		.note = "style of what is sent" },
	{ "base_path", CARDEA_STR, .names = CARDEA_NAMES_PATH, .dflt_str = "/janus",
		.note = "path of the API" },
	{ "http", CARDEA_BOOL, .dflt = 1, .note = "plain HTTP" },
	{ "port", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 8088,
		.note = "that of web.port in cardea.jcfg: joins it" },
	{ "interface", ADDRESS, .note = "interface to listen on; " ALL("ip") },
	{ "ip", ADDRESS, .note = "address to listen on; " ALL("interface") },
	{ "https", CARDEA_BOOL,
		.note = "HTTPS on the port below. The ports of `web` have the API, with TLS and "
			"without, as long as http or https is on, and no address or interface is "
			"named here" },
	{ "secure_port", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 8089,
		.note = "port of HTTPS" },
	{ "secure_interface", ADDRESS, .note = "of HTTPS; " ALL("secure_ip") },
	{ "secure_ip", ADDRESS, .note = "of HTTPS; " ALL("secure_interface") },
	{ "acl", CARDEA_STR, .names = CARDEA_NAMES_PREFIXES,
		.note = "prefixes of the addresses that may connect, \"127.,192.168.0.\"; all when "
			"empty" },
	{ "acl_forwarded", CARDEA_BOOL, .note = "test X-Forwarded-For, too" },
	{ "mhd_connection_limit", CARDEA_UINT, .dflt = 1020,
		.idle = "file descriptors are the limit" },
	{ "mhd_debug", CARDEA_BOOL, .idle = "debug_level 7 shows what libwebsockets says" },
	{ 0 },
};

static const struct cardea_field admin[] = {
	{ "admin_base_path", CARDEA_STR, .names = CARDEA_NAMES_PATH, .dflt_str = "/admin",
		.note = "path of the Admin API" },
	{ "admin_http", CARDEA_BOOL, .note = "the Admin API over plain HTTP" },
	{ "admin_port", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 7088, .note = "its port" },
	{ "admin_interface", ADDRESS, .note = "interface to listen on; " LOCAL("admin_ip") },
	{ "admin_ip", ADDRESS,
		.note = "address to listen on; " LOCAL(
			"admin_interface") ". Set general.admin_secret in cardea.jcfg "
					   "before you open this to others" },
	{ "admin_https", CARDEA_BOOL, .note = "the Admin API over HTTPS" },
	{ "admin_secure_port", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 7889,
		.note = "its port with TLS" },
	{ "admin_secure_interface", ADDRESS, .note = "of HTTPS; " LOCAL("admin_secure_ip") },
	{ "admin_secure_ip", ADDRESS, .note = "of HTTPS; " LOCAL("admin_secure_interface") },
	{ "admin_acl", CARDEA_STR, .names = CARDEA_NAMES_PREFIXES,
		.note = "prefixes of the addresses that may connect; all when empty" },
	{ "admin_acl_forwarded", CARDEA_BOOL, .note = "test X-Forwarded-For, too" },
	{ 0 },
};

static const struct cardea_field cors[] = {
	{ "allow_origin", CARDEA_STR, .names = CARDEA_NAMES_ORIGINS,
		.note = "origins whose pages may read the answers, comma separated; those of "
			"web.allow_origin in cardea.jcfg, else all when absent" },
	{ "enforce_cors", CARDEA_BOOL, .note = "403 for an Origin that is not among allow_origin" },
	{ 0 },
};

static const struct cardea_field certificates[] = {
	{ "cert_pem", CARDEA_STR, .note = "the certificate; that of the web host when absent" },
	{ "cert_key", CARDEA_STR, .note = "its key; in cert_pem, too, when absent" },
	{ "cert_pwd", CARDEA_STR, .secret = true, .note = "password of the key" },
	{ "ciphers", CARDEA_STR, .note = "an OpenSSL list, for TLS 1.2" },
	{ 0 },
};

const struct cardea_section http_options[] = {
	{ "general", general, "The API." },
	{ "admin", admin, "The Admin API." },
	{ "cors", cors, "Pages of other origins." },
	{ "certificates", certificates, "Of the ports with TLS of its own." },
	{ 0 },
};
