/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "ice_uri.h"

#define DIGITS       "0123456789"
#define NAMES        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "-._"
#define NAME_MAX_LEN 253 /* RFC 1035 */
#define PORT_MAX     65535

static const char *skip_scheme(const char *s, const char *name)
{
	size_t len = strlen(name);
	if (strncasecmp(s, name, len) != 0)
		return NULL;
	s += len;
	if (*s == 's' || *s == 'S')
		s++;
	return *s == ':' ? s + 1 : NULL;
}

static const char *skip_host(const char *s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr ignored;
	size_t len = *s == '[' ? strcspn(s, "]") : strspn(s, NAMES);
	if (*s != '[')
		return len && len <= NAME_MAX_LEN ? s + len : NULL;
	if (s[len] != ']' || len > sizeof text)
		return NULL;
	memcpy(text, s + 1, len - 1);
	text[len - 1] = '\0';
	return inet_pton(AF_INET6, text, &ignored) == 1 ? s + len + 1 : NULL;
}

static const char *skip_port(const char *s)
{
	if (*s != ':')
		return s;
	size_t len = strspn(++s, DIGITS);
	long port = len && len <= 5 ? strtol(s, NULL, 10) : 0;
	return port && port <= PORT_MAX ? s + len : NULL;
}

bool ice_uri_ok(const char *uri, enum ice_uri kind)
{
	const char *s = skip_scheme(uri, kind == ICE_URI_STUN ? "stun" : "turn");
	s = s ? skip_host(s) : NULL;
	s = s ? skip_port(s) : NULL;
	if (!s || !*s)
		return s != NULL;
	return kind == ICE_URI_TURN &&
	       (strcmp(s, "?transport=udp") == 0 || strcmp(s, "?transport=tcp") == 0);
}
