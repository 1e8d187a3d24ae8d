/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#define TYPES "SOCK_SEQPACKET|SOCK_DGRAM"
#define TYPE_NOTE \
	"SOCK_SEQPACKET: connections, whose end is noticed. SOCK_DGRAM: a client binds a path " \
	"of its own and is known by it"
#define CLIENTS_NOTE "at most at a time; each of SOCK_SEQPACKET takes a descriptor"

static const struct cardea_field general[] = {
	{ "enabled", CARDEA_BOOL, .note = "serve the API" },
	{ "events", CARDEA_BOOL, .dflt = 1, .idle = "there are no event handlers yet" },
	{ "json", CARDEA_STR, .dflt_str = "compact", .one_of = "indented|plain|compact",
		.note = "style of what is sent, also by the Admin API" },
	{ "path", CARDEA_STR,
		.note = "where the socket is, at most 107 bytes; a socket that was left there by "
			"a server that was killed is replaced" },
	{ "type", CARDEA_STR, .dflt_str = "SOCK_SEQPACKET", .one_of = TYPES, .note = TYPE_NOTE },
	{ "mode", CARDEA_STR, .dflt_str = "0660",
		.note = "who may connect: permissions of the socket, in octal. They need to write "
			"to it" },
	{ "max_clients", CARDEA_UINT, .min = 1, .max = 65536, .dflt = 1000, .note = CLIENTS_NOTE },
	{ 0 },
};

static const struct cardea_field admin[] = {
	{ "admin_enabled", CARDEA_BOOL,
		.note = "serve the Admin API. Without general.admin_secret in cardea.jcfg all who "
			"may connect are operators" },
	{ "admin_path", CARDEA_STR, .note = "where its socket is" },
	{ "admin_type", CARDEA_STR, .dflt_str = "SOCK_SEQPACKET", .one_of = TYPES,
		.note = "as type" },
	{ "admin_mode", CARDEA_STR, .dflt_str = "0600", .note = "as mode" },
	{ "admin_max_clients", CARDEA_UINT, .min = 1, .max = 65536, .dflt = 100,
		.note = CLIENTS_NOTE },
	{ 0 },
};

const struct cardea_section pfunix_options[] = {
	{ "general", general, "The API, for programs of this machine. One JSON object a packet." },
	{ "admin", admin, "The Admin API." },
	{ 0 },
};
