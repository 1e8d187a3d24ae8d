/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "addr.h"
#include "mapping.h"

#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_"

struct reading {
	bool ipv6, is_right;
	char *out;
	size_t size, len;
	void (*found)(void *arg, bool is_error, const char *text);
	void *arg;
};

__attribute__((format(printf, 3, 4))) static void say(
	struct reading *r, bool is_error, const char *fmt, ...)
{
	char text[MAPPING_WHY];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (is_error)
		r->is_right = false;
	r->found(r->arg, is_error, text);
}

/* ---- addresses ---- */

static bool is_any(const struct addr *a)
{
	return a->sa.sa_family == AF_INET ? !a->v4.sin_addr.s_addr
					  : IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr);
}

static bool is_multicast(const struct addr *a)
{
	return a->sa.sa_family == AF_INET ? IN_MULTICAST(ntohl(a->v4.sin_addr.s_addr))
					  : IN6_IS_ADDR_MULTICAST(&a->v6.sin6_addr);
}

static bool is_loopback(const struct addr *a)
{
	return a->sa.sa_family == AF_INET ? ntohl(a->v4.sin_addr.s_addr) >> 24 == 127
					  : IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
}

/* "This network" (RFC 791), what is kept back for the future, and 255.255.255.255. */
static bool is_nobodys(const struct addr *a)
{
	uint32_t ip = ntohl(a->v4.sin_addr.s_addr);
	return a->sa.sa_family == AF_INET && (ip >> 24 == 0 || ip >> 28 == 15);
}

/* @return what it is instead of the address of one host; NULL: it is one */
static const char *other_than_host(const struct addr *a)
{
	if (is_any(a))
		return "stands for all";
	if (is_multicast(a))
		return "of a group";
	return is_nobodys(a) ? "of nobody" : NULL;
}

/* @param item as it is written: the address itself or its name */
static void take(struct reading *r, const char *item, const struct addr *a)
{
	char ip[INET6_ADDRSTRLEN];
	const char *other = other_than_host(a);
	addr_ip(a, ip);
	if (other) {
		say(r, true, "%.100s is not the address of one host, but %s", item, other);
		return;
	}
	if (is_loopback(a))
		say(r, false, "%.100s is %s: no other machine reaches that", item, ip);
	else if (a->sa.sa_family == AF_INET6 && !r->ipv6)
		say(r, false, "%.100s is not offered: media.ipv6 is off", item);
	size_t n =
		(size_t)snprintf(r->out + r->len, r->size - r->len, "%s%s", r->len ? "," : "", ip);
	if (n >= r->size - r->len) {
		r->out[r->len] = 0;
		say(r, true, "too many addresses");
	} else {
		r->len += n;
	}
}

/* ---- names ---- */

static void look_up(struct reading *r, const char *name)
{
	const struct addrinfo hints = { .ai_family = r->ipv6 ? AF_UNSPEC : AF_INET,
		.ai_socktype = SOCK_DGRAM };
	struct addrinfo *all = NULL;
	int e = getaddrinfo(name, NULL, &hints, &all);
	if (e) {
		say(r, true, "the address of '%.100s' cannot be found: %s", name, gai_strerror(e));
		return;
	}
	for (const struct addrinfo *i = all; i; i = i->ai_next) {
		struct addr a = { 0 };
		memcpy(&a, i->ai_addr, i->ai_addrlen < sizeof(a) ? i->ai_addrlen : sizeof(a));
		addr_set_port(&a, 0);
		take(r, name, &a);
	}
	freeaddrinfo(all);
}

/* "203.0.113" and "300.1.1.1" are typing mistakes, though resolvers of old take the first. */
static bool is_name(const char *item)
{
	return item[strspn(item, "0123456789.")] && !item[strspn(item, NAME_CHARS)];
}

static const char *hint(const char *item)
{
	if (strchr(item, '/'))
		return ": one address is wanted, not a network";
	if (strchr(item, ';') || strchr(item, ' '))
		return ": several are separated by commas";
	if (strchr(item, ':'))
		return ": write it without port and brackets";
	return "";
}

bool mapping_read(const char *list, bool ipv6, char *out, size_t size,
	void (*found)(void *arg, bool is_error, const char *text), void *arg)
{
	struct reading r = { ipv6, true, out, size, 0, found, arg };
	char item[ADDR_ITEM];
	struct addr a;
	out[0] = 0;
	while ((list = addr_next_item(list, item, sizeof(item))))
		if (addr_parse(&a, item))
			take(&r, item, &a);
		else if (is_name(item))
			look_up(&r, item);
		else
			say(&r, true, "'%.100s' is neither an address nor a host name%s", item,
				hint(item));
	return r.is_right;
}
