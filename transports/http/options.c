/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#define ADDRESS CARDEA_STR, .names = CARDEA_NAMES_ADDRESS
#define ALL     "all addresses when neither this nor the other is set"
#define LOCAL   "127.0.0.1 when neither this nor the other is set"

static const struct cardea_field general[] = {
	{ "events", CARDEA_BOOL, .dflt = 1, .idle = "there are no event handlers yet" },
	{ "json", CARDEA_STR, .dflt_str = "compact", .one_of = "indented|plain|compact",
		.note = "style of what is sent" },
	{ "base_path", CARDEA_STR, .names = CARDEA_NAMES_PATH, .dflt_str = "/janus" },
	{ "http", CARDEA_BOOL, .dflt = 1, .note = "serve plain HTTP" },
	{ "port", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 8088,
		.note = "the web port: joins it" },
	{ "interface", ADDRESS, .note = ALL },
	{ "ip", ADDRESS, .note = ALL },
	{ "https", CARDEA_BOOL, .note = "serve HTTPS" },
	{ "secure_port", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 8089 },
	{ "secure_interface", ADDRESS, .note = ALL },
	{ "secure_ip", ADDRESS, .note = ALL },
	{ "acl", CARDEA_STR, .names = CARDEA_NAMES_PREFIXES,
		.note = "prefixes of the addresses that may connect: \"127.,192.168.0.\"" },
	{ "acl_forwarded", CARDEA_BOOL, .note = "test X-Forwarded-For too" },
	{ "mhd_connection_limit", CARDEA_UINT, .dflt = 1020,
		.idle = "file descriptors are the limit" },
	{ "mhd_debug", CARDEA_BOOL, .idle = "debug_level 7 shows what libwebsockets says" },
	{ 0 },
};

static const struct cardea_field admin[] = {
	{ "admin_base_path", CARDEA_STR, .names = CARDEA_NAMES_PATH, .dflt_str = "/admin" },
	{ "admin_http", CARDEA_BOOL, .note = "serve the Admin API over plain HTTP" },
	{ "admin_port", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 7088 },
	{ "admin_interface", ADDRESS, .note = LOCAL },
	{ "admin_ip", ADDRESS, .note = LOCAL },
	{ "admin_https", CARDEA_BOOL, .note = "serve the Admin API over HTTPS" },
	{ "admin_secure_port", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 7889 },
	{ "admin_secure_interface", ADDRESS, .note = LOCAL },
	{ "admin_secure_ip", ADDRESS, .note = LOCAL },
	{ "admin_acl", CARDEA_STR, .names = CARDEA_NAMES_PREFIXES,
		.note = "prefixes of the addresses that may connect" },
	{ "admin_acl_forwarded", CARDEA_BOOL, .note = "test X-Forwarded-For too" },
	{ 0 },
};

static const struct cardea_field cors[] = {
	{ "allow_origin", CARDEA_STR, .names = CARDEA_NAMES_ORIGINS,
		.note = "origins whose pages may read the answers, comma separated; "
			"web.allow_origin, else * when absent" },
	{ "enforce_cors", CARDEA_BOOL, .note = "403 for an Origin that is not among allow_origin" },
	{ 0 },
};

static const struct cardea_field certificates[] = {
	{ "cert_pem", CARDEA_STR,
		.note = "for the ports with TLS; that of the web host when absent" },
	{ "cert_key", CARDEA_STR, .note = "cert_pem when absent" },
	{ "cert_pwd", CARDEA_STR, .secret = true },
	{ "ciphers", CARDEA_STR, .note = "an OpenSSL list, for TLS 1.2" },
	{ 0 },
};

const struct cardea_section http_options[] = {
	{ "general", general },
	{ "admin", admin },
	{ "cors", cors },
	{ "certificates", certificates },
	{ 0 },
};
