/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "address.h"

static const uint8_t v4_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
static const struct cardea_address none, loopback6 = { { [15] = 1 } };

static bool is(const struct cardea_address *a, const struct cardea_address *b)
{
	return !memcmp(a, b, sizeof *a);
}

static bool is_v4(const struct cardea_address *a)
{
	return !memcmp(a->bytes, v4_prefix, sizeof v4_prefix);
}

struct cardea_address cardea_address(const char *ip)
{
	struct cardea_address a = none;
	if (inet_pton(AF_INET, ip, a.bytes + sizeof v4_prefix) == 1)
		memcpy(a.bytes, v4_prefix, sizeof v4_prefix);
	else if (inet_pton(AF_INET6, ip, a.bytes) != 1)
		return none;
	else if (!is_v4(&a) && !is(&a, &loopback6))
		memset(a.bytes + 8, 0, 8); /* whoever has an address has its network */
	return a;
}

bool address_is_none(const struct cardea_address *a)
{
	return is(a, &none);
}

bool address_is_loopback(const struct cardea_address *a)
{
	return is(a, &loopback6) || (is_v4(a) && a->bytes[12] == 127);
}

const char *address_text(const struct cardea_address *a, char out[ADDRESS_TEXT])
{
	char ip[INET6_ADDRSTRLEN];
	bool v4 = is_v4(a);
	if (address_is_none(a))
		return strcpy(out, "unknown");
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? a->bytes + sizeof v4_prefix : a->bytes, ip, sizeof ip);
	snprintf(out, ADDRESS_TEXT, "%s%s", ip, v4 || is(a, &loopback6) ? "" : "/64");
	return out;
}
