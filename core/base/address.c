/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "address.h"
#include "net.h"

static const struct cardea_address none;
static const struct net ipv4 = { { [10] = 0xff, [11] = 0xff }, 96 };

static bool is_whole(const struct cardea_address *a)
{
	return net_has(&ipv4, a->bytes) || net_is_loopback(a->bytes);
}

struct cardea_address cardea_address(const char *ip)
{
	struct cardea_address a = none;
	if (!net_address(ip, strlen(ip), a.bytes))
		return none;
	if (!is_whole(&a))
		memset(a.bytes + 8, 0, 8); /* whoever has an address has its network */
	return a;
}

bool address_is_none(const struct cardea_address *a)
{
	return !memcmp(a, &none, sizeof *a);
}

bool address_is_loopback(const struct cardea_address *a)
{
	return net_is_loopback(a->bytes);
}

const char *address_text(const struct cardea_address *a, char out[ADDRESS_TEXT])
{
	char ip[NET_TEXT];
	net_text(a->bytes, ip, sizeof ip);
	snprintf(out, ADDRESS_TEXT, "%s%s", address_is_none(a) ? "unknown" : ip,
		address_is_none(a) || is_whole(a) ? "" : "/64");
	return out;
}
