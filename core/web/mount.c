/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mount.h"

static struct mount *first;
/* what the last mount was refused for: a start hook hands it on at once */
static char refusal[256];

const struct mount *mount_first(void)
{
	return first;
}

void mount_clear(void)
{
	for (struct mount *m = first, *next; m; m = next) {
		next = m->next;
		free(m->name);
		free(m);
	}
	first = NULL;
}

bool mount_has_subprotocol(const struct mount *m)
{
	return m->is_socket && m->name[0] != '/';
}

bool mount_resolve(const char *name, char *out, size_t size)
{
	unsigned char addr[sizeof(struct in6_addr)];
	struct ifaddrs *all = NULL;
	bool found = false;

	for (int i = 0; i < 2; i++)
		if (inet_pton(i ? AF_INET6 : AF_INET, name, addr) == 1)
			return inet_ntop(i ? AF_INET6 : AF_INET, addr, out, (socklen_t)size);
	if (getifaddrs(&all))
		return false;
	for (struct ifaddrs *i = all; i && !found; i = i->ifa_next)
		if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET && !strcmp(i->ifa_name, name))
			found = inet_ntop(AF_INET, &((struct sockaddr_in *)i->ifa_addr)->sin_addr,
				out, (socklen_t)size);
	for (struct ifaddrs *i = all; i && !found; i = i->ifa_next)
		if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET6 && !strcmp(i->ifa_name, name))
			found = inet_ntop(AF_INET6,
				&((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr, out,
				(socklen_t)size);
	freeifaddrs(all);
	return found;
}

static const char *place_ip(const char *name, char *out, size_t size, const char **ip)
{
	*ip = NULL;
	if (!name || !*name)
		return NULL;
	if (!mount_resolve(name, out, size)) {
		snprintf(refusal, sizeof refusal,
			"'%.100s' is neither an address nor an interface of "
			"this machine",
			name);
		return refusal;
	}
	*ip = out;
	return NULL;
}

bool mount_is_broken(const char *header)
{
	return header[strcspn(header, "\r\n")] != '\0';
}

static bool is_among(unsigned port, const struct cardea_web_place *p)
{
	return port && (port == p->port || port == p->secure_port);
}

static bool share_a_port(const struct cardea_web_place *a, const struct cardea_web_place *b)
{
	return (a->shared && b->shared) || is_among(a->port, b) || is_among(a->secure_port, b);
}

static const char *add(struct mount *m, const char *name, const struct cardea_web_place *place)
{
	const char *why;

	memcpy(&m->place, place, place->size < sizeof m->place ? place->size : sizeof m->place);
	why = place_ip(m->place.ip, m->ip, sizeof m->ip, &m->place.ip);
	if (!why)
		why = place_ip(
			m->place.secure_ip, m->secure_ip, sizeof m->secure_ip, &m->place.secure_ip);
	if (!why && m->place.allow_origin && mount_is_broken(m->place.allow_origin))
		why = "allow_origin is more than one line";
	for (const struct mount *o = first; o && !why; o = o->next)
		if (o->is_socket == m->is_socket && !strcmp(o->name, name) &&
			share_a_port(&o->place, &m->place)) {
			snprintf(refusal, sizeof refusal, "'%.100s' is mounted already", name);
			why = refusal;
		}
	if (why || !(m->name = strdup(name))) {
		free(m);
		return why ? why : "out of memory";
	}
	struct mount **end = &first;
	while (*end)
		end = &(*end)->next;
	*end = m;
	return NULL;
}

CARDEA_API const char *cardea_web_mount_socket(const char *name,
	const struct cardea_web_place *place, const struct cardea_web_socket *hooks, void *arg)
{
	struct mount *m = calloc(1, sizeof *m);
	if (!m)
		return "out of memory";
	m->is_socket = true;
	m->socket = *hooks;
	m->arg = arg;
	return add(m, name, place);
}

CARDEA_API const char *cardea_web_mount_path(const char *prefix,
	const struct cardea_web_place *place, const struct cardea_web_pages *hooks, void *arg)
{
	if (prefix[0] != '/' || !prefix[1] || prefix[strlen(prefix) - 1] == '/') {
		snprintf(refusal, sizeof refusal,
			"'%.100s' is no path to mount at: it must look like /name", prefix);
		return refusal;
	}
	struct mount *m = calloc(1, sizeof *m);
	if (!m)
		return "out of memory";
	m->pages = *hooks;
	m->arg = arg;
	return add(m, prefix, place);
}
