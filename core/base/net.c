/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "net.h"

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool is_ipv4(const unsigned char ip[NET_BYTES])
{
	return !memcmp(ip, mapped, sizeof mapped);
}

static bool parse(const char *text, unsigned char out[NET_BYTES])
{
	if (inet_pton(AF_INET6, text, out) == 1)
		return true;
	memcpy(out, mapped, sizeof mapped);
	return inet_pton(AF_INET, text, out + sizeof mapped) == 1;
}

bool net_address(const char *text, size_t len, unsigned char out[NET_BYTES])
{
	char copy[NET_TEXT];
	const char *end;

	if (len && text[0] == '[') {
		end = memchr(text, ']', len);
		text++;
		len = end ? (size_t)(end - text) : 0;
	} else if ((end = memchr(text, ':', len)) &&
		   !memchr(end + 1, ':', len - (size_t)(end + 1 - text))) {
		len = (size_t)(end - text);
	}
	if (!len || len >= sizeof copy)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return parse(copy, out);
}

static bool read_net(const char *text, size_t len, struct net *out)
{
	const char *slash = memchr(text, '/', len);
	size_t digits = slash ? len - (size_t)(slash + 1 - text) : 0;
	unsigned most, bits = 0;

	if (!net_address(text, slash ? (size_t)(slash - text) : len, out->at))
		return false;
	most = is_ipv4(out->at) ? 32 : 128;
	if (slash && (!digits || digits > 3))
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (slash[1 + i] < '0' || slash[1 + i] > '9')
			return false;
		bits = 10 * bits + (unsigned)(slash[1 + i] - '0');
	}
	out->bits = 8 * NET_BYTES - most + (slash ? bits : most);
	return !slash || bits <= most;
}

int net_next(const char **list, struct net *out)
{
	const char *s = *list + strspn(*list, " \t,");
	size_t len = strcspn(s, " \t,");

	*list = s + len;
	if (!len)
		return 0;
	return read_net(s, len, out) ? 1 : -1;
}

bool net_has(const struct net *n, const unsigned char ip[NET_BYTES])
{
	unsigned whole = n->bits / 8, rest = n->bits % 8;

	return !memcmp(n->at, ip, whole) &&
	       (!rest || (n->at[whole] ^ ip[whole]) >> (8 - rest) == 0);
}

bool net_is_loopback(const unsigned char ip[NET_BYTES])
{
	static const unsigned char six[NET_BYTES] = { [NET_BYTES - 1] = 1 };

	return is_ipv4(ip) ? ip[12] == 127 : !memcmp(ip, six, NET_BYTES);
}

void net_text(const unsigned char ip[NET_BYTES], char *out, size_t size)
{
	if (is_ipv4(ip))
		inet_ntop(AF_INET, ip + sizeof mapped, out, (socklen_t)size);
	else
		inet_ntop(AF_INET6, ip, out, (socklen_t)size);
}
