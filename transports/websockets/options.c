/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#define ADDRESS CARDEA_STR, .names = CARDEA_NAMES_ADDRESS
#define NO_UNIX "WebSockets are served on TCP only: a port on 127.0.0.1 is as local"

static const struct cardea_field general[] = {
	{ "events", CARDEA_BOOL, .dflt = 1, .note = "tell event handlers" },
	{ "json", CARDEA_STR, .dflt_str = "compact", .one_of = "indented|plain|compact",
		.note = "style of what is sent" },
	{ "pingpong_trigger", CARDEA_UINT, .max = 3600,
		.note = "seconds of silence before a ping; 0: never" },
	{ "pingpong_timeout", CARDEA_UINT, .max = 3600,
		.note = "seconds to wait for the pong; both are needed" },
	{ "ws", CARDEA_BOOL, .dflt = 1,
		.note = "a plain port of its own; the web port serves WebSockets in any case" },
	{ "ws_port", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 8188, .note = "its number" },
	{ "ws_interface", ADDRESS,
		.note = "interface to listen on; all when neither this nor ws_ip is set" },
	{ "ws_ip", ADDRESS, .note = "address to listen on" },
	{ "ws_unix", CARDEA_STR, .idle = NO_UNIX },
	{ "wss", CARDEA_BOOL, .note = "a port of its own with TLS" },
	{ "wss_port", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 8989, .note = "its number" },
	{ "wss_interface", ADDRESS,
		.note = "interface to listen on; all when neither this nor wss_ip is set" },
	{ "wss_ip", ADDRESS, .note = "address to listen on" },
	{ "wss_unix", CARDEA_STR, .idle = NO_UNIX },
	{ "ws_logging", CARDEA_STR, .idle = "debug_level 7 shows what libwebsockets says" },
	{ "ws_acl", CARDEA_STR, .names = CARDEA_NAMES_PREFIXES,
		.note = "prefixes of the addresses that may connect, \"127.,192.168.0.\"; all when "
			"empty" },
	{ "ws_acl_forwarded", CARDEA_BOOL, .note = "test X-Forwarded-For, too" },
	{ 0 },
};

static const struct cardea_field admin[] = {
	{ "admin_ws", CARDEA_BOOL, .note = "the Admin API on a plain port" },
	{ "admin_ws_port", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 7188,
		.note = "its number" },
	{ "admin_ws_interface", ADDRESS, .note = "interface to listen on" },
	{ "admin_ws_ip", ADDRESS,
		.note = "address to listen on; 127.0.0.1 when neither this nor admin_ws_interface "
			"is set. Set general.admin_secret in cardea.jcfg before you open this to "
			"others" },
	{ "admin_ws_unix", CARDEA_STR, .idle = NO_UNIX },
	{ "admin_wss", CARDEA_BOOL, .note = "the Admin API on a port with TLS" },
	{ "admin_wss_port", CARDEA_UINT, .min = 1, .max = 65535, .dflt = 7989,
		.note = "its number" },
	{ "admin_wss_interface", ADDRESS, .note = "interface to listen on" },
	{ "admin_wss_ip", ADDRESS,
		.note = "address to listen on; 127.0.0.1 when neither this nor "
			"admin_wss_interface is set" },
	{ "admin_wss_unix", CARDEA_STR, .idle = NO_UNIX },
	{ "admin_ws_acl", CARDEA_STR, .names = CARDEA_NAMES_PREFIXES,
		.note = "prefixes of the addresses that may connect; all when empty" },
	{ "admin_ws_acl_forwarded", CARDEA_BOOL, .note = "test X-Forwarded-For, too" },
	{ 0 },
};

static const struct cardea_field cors[] = {
	{ "allow_origin", CARDEA_STR, .names = CARDEA_NAMES_ORIGINS,
		.note = "origins whose pages are welcome, comma separated; those of "
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

const struct cardea_section websockets_options[] = {
	{ "general", general,
		"The API: subprotocol janus-protocol. The listeners of the section `web` in "
		"cardea.jcfg serve it in any case." },
	{ "admin", admin, "The Admin API: subprotocol janus-admin-protocol." },
	{ "cors", cors, "Pages of other origins." },
	{ "certificates", certificates, "Of the ports with TLS of its own." },
	{ 0 },
};
