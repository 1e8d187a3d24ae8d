/* SPDX-License-Identifier: Apache-2.0 */
#include "schema.h"

static const struct cardea_field general[] = {
	{ "path", CARDEA_STR, .names = CARDEA_NAMES_PATH, .dflt_str = "/mesh",
		.note = "of the WebSocket on the ports of `web`; empty: not there" },
	{ "port", CARDEA_UINT, .max = 65535,
		.note = "a port of its own, where any path will do; 0: none" },
	{ "secure_port", CARDEA_UINT, .max = 65535, .note = "the same with TLS; 0: none" },
	{ "ip", CARDEA_STR, .names = CARDEA_NAMES_ADDRESS,
		.note = "address or interface of these two; all when absent" },
	{ "max_peers", CARDEA_UINT, .min = 1, .max = 10000, .dflt = 500, .note = "in one room" },
	{ "max_rooms", CARDEA_UINT, .min = 1, .max = 1000000, .dflt = 10000, .note = "at a time" },
	{ "max_message", CARDEA_UINT, .min = 1024, .max = 16777216, .dflt = 1048576,
		.note = "bytes that a peer may say at once, as far as max_message_size in "
			"cardea.jcfg lets them in" },
	{ "messages_per_second", CARDEA_UINT, .min = 1, .max = 100000, .dflt = 100,
		.note = "of one peer for long; five times as many at once. One of 8 KiB counts "
			"twice, "
			"and so on" },
	{ "ping_after", CARDEA_UINT, .max = 3600, .dflt = 30,
		.note = "seconds of silence before a peer is asked whether it is there; 0: never" },
	{ "ping_timeout", CARDEA_UINT, .min = 1, .max = 3600, .dflt = 10,
		.note = "seconds to answer" },
	{ "tokens", CARDEA_BOOL,
		.note = "joining takes a signed token for room=<id>, or a stored one, in rooms not "
			"named here" },
	{ 0 },
};

static const struct cardea_field room[] = {
	{ "pin", CARDEA_STR, .secret = true, .note = "asked of whoever joins" },
	{ "token", CARDEA_BOOL,
		.note = "joining takes a signed token for room=<id>, or a stored one" },
	{ 0 },
};

const struct cardea_section options[] = {
	{ "general", general, "Rooms that anybody makes, and how they are reached." },
	{ "room-*", room,
		"Rooms that are always there. Others are made by whoever comes first, who may give "
		"them a pin." },
	{ 0 },
};
