/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include "addr.h"

bool addr_same_ip(const struct addr *a, const struct addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return !memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr)) &&
	       a->v6.sin6_scope_id == b->v6.sin6_scope_id;
}

/* sin_port and sin6_port lie at the same place */
uint16_t addr_port(const struct addr *a)
{
	return ntohs(a->v4.sin_port);
}

void addr_set_port(struct addr *a, uint16_t port)
{
	a->v4.sin_port = htons(port);
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_same_ip(a, b) && a->v4.sin_port == b->v4.sin_port;
}

socklen_t addr_len(const struct addr *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

bool addr_parse(struct addr *out, const char *ip)
{
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, ip, &out->v4.sin_addr) == 1)
		out->sa.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, ip, &out->v6.sin6_addr) == 1)
		out->sa.sa_family = AF_INET6;
	return out->sa.sa_family != 0;
}

const char *addr_ip(const struct addr *a, char out[INET6_ADDRSTRLEN])
{
	const void *ip =
		a->sa.sa_family == AF_INET6 ? (const void *)&a->v6.sin6_addr : &a->v4.sin_addr;
	if (!a->sa.sa_family || !inet_ntop(a->sa.sa_family, ip, out, INET6_ADDRSTRLEN))
		strcpy(out, "-");
	return out;
}

const char *addr_text(const struct addr *a, char out[ADDR_TEXT])
{
	char ip[INET6_ADDRSTRLEN];
	addr_ip(a, ip);
	if (!a->sa.sa_family)
		strcpy(out, "-");
	else
		snprintf(out, ADDR_TEXT, a->sa.sa_family == AF_INET6 ? "[%s]:%u" : "%s:%u", ip,
			addr_port(a));
	return out;
}

bool path_equal(const struct path *a, const struct path *b)
{
	return addr_equal(&a->remote, &b->remote) && addr_same_ip(&a->local, &b->local);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 29;
}

static uint64_t ip_hash(const struct addr *a, uint64_t h)
{
	if (a->sa.sa_family == AF_INET)
		return mix(h, a->v4.sin_addr.s_addr);
	uint64_t w[2];
	memcpy(w, &a->v6.sin6_addr, sizeof(w));
	return mix(mix(h, w[0]), w[1]);
}

uint64_t path_hash(const struct path *p, uint64_t key)
{
	return mix(ip_hash(&p->remote, ip_hash(&p->local, key)), p->remote.v4.sin_port);
}

unsigned addr_interfaces(struct addr_if *out, unsigned max)
{
	struct ifaddrs *all, *i;
	unsigned n = 0;
	if (getifaddrs(&all))
		return 0;
	for (i = all; i && n < max; i = i->ifa_next) {
		if (!i->ifa_addr || !(i->ifa_flags & IFF_UP))
			continue;
		if (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6)
			continue;
		struct addr_if *o = &out[n++];
		memset(o, 0, sizeof(*o));
		snprintf(o->name, sizeof(o->name), "%s", i->ifa_name);
		o->is_loopback = i->ifa_flags & IFF_LOOPBACK;
		memcpy(&o->addr, i->ifa_addr,
			i->ifa_addr->sa_family == AF_INET ? sizeof(o->addr.v4)
							  : sizeof(o->addr.v6));
	}
	freeifaddrs(all);
	return n;
}

const char *addr_next_item(const char *list, char *item, size_t size)
{
	while (*list == ' ' || *list == ',')
		list++;
	if (!*list)
		return NULL;
	size_t n = strcspn(list, ","), keep = n;
	while (keep && list[keep - 1] == ' ')
		keep--;
	if (keep >= size)
		keep = size - 1;
	memcpy(item, list, keep);
	item[keep] = 0;
	return list + n;
}

bool addr_item_matches(const char *item, const struct addr_if *i)
{
	char ip[INET6_ADDRSTRLEN];
	size_t n = strlen(item);
	return !strncmp(i->name, item, n) || !strncmp(addr_ip(&i->addr, ip), item, n);
}

static bool is_listed(const char *list, const struct addr_if *i)
{
	char item[ADDR_ITEM];
	while (list && (list = addr_next_item(list, item, sizeof(item))))
		if (addr_item_matches(item, i))
			return true;
	return false;
}

static bool is_wanted(const struct addr_conf *c, const struct addr_if *i, bool loopback)
{
	bool enforced = is_listed(c->enforce_list, i);
	if (i->addr.sa.sa_family == AF_INET6) {
		if (!c->ipv6)
			return false;
		if (IN6_IS_ADDR_LINKLOCAL(&i->addr.v6.sin6_addr) && !c->ipv6_linklocal)
			return false;
	}
	if (is_listed(c->ignore_list ? c->ignore_list : "vmnet", i))
		return false;
	if (c->enforce_list && *c->enforce_list)
		return enforced;
	return i->is_loopback == loopback;
}

static void add(struct addr_list *l, const struct addr *a, unsigned foundation, bool is_mapped)
{
	if (l->n == ADDR_MAX)
		return;
	l->at[l->n].addr = *a;
	addr_set_port(&l->at[l->n].addr, 0);
	l->at[l->n].foundation = foundation;
	l->at[l->n++].is_mapped = is_mapped;
}

/* All public addresses of a family stand for the first private one: same foundation, same port. */
static unsigned add_mapped(struct addr_list *l, const char *nat, int family, unsigned foundation)
{
	char item[ADDR_ITEM];
	struct addr a;
	unsigned n = 0;
	while (nat && (nat = addr_next_item(nat, item, sizeof(item))))
		if (addr_parse(&a, item) && a.sa.sa_family == family) {
			add(l, &a, foundation, true);
			n++;
		}
	return n;
}

static void choose(struct addr_list *out, const struct addr_conf *c, const struct addr_if *ifs,
	unsigned n, bool loopback)
{
	bool did_map[2] = { false, false };
	unsigned foundation = 0, mapped[2] = { 0, 0 };
	out->n = 0;
	for (unsigned pass = 0; pass < 2; pass++) /* IPv4 first: what o= and c= lines show */
		for (unsigned i = 0; i < n; i++) {
			bool v6 = ifs[i].addr.sa.sa_family == AF_INET6;
			if (v6 != (pass == 1) || !is_wanted(c, &ifs[i], loopback))
				continue;
			foundation++;
			if (!did_map[v6])
				mapped[v6] = add_mapped(
					out, c->nat_1_1, ifs[i].addr.sa.sa_family, foundation);
			did_map[v6] = true;
			if (!mapped[v6] || c->keep_private_host)
				add(out, &ifs[i].addr, foundation, false);
		}
}

void addr_choose(
	struct addr_list *out, const struct addr_conf *conf, const struct addr_if *ifs, unsigned n)
{
	choose(out, conf, ifs, n, false);
	out->is_last_resort = !out->n;
	if (!out->n)
		choose(out, conf, ifs, n, true);
}

bool addr_list_equal(const struct addr_list *a, const struct addr_list *b)
{
	if (a->n != b->n || a->is_last_resort != b->is_last_resort)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (!addr_equal(&a->at[i].addr, &b->at[i].addr) ||
			a->at[i].foundation != b->at[i].foundation ||
			a->at[i].is_mapped != b->at[i].is_mapped)
			return false;
	return true;
}

const char *addr_candidate(
	const struct addr_list *l, unsigned i, uint16_t port, char out[ADDR_CANDIDATE])
{
	char ip[INET6_ADDRSTRLEN];
	/* RFC 8445, 5.1.2.1: type preference 126 (host), local preference falling with the place in
	 * the list */
	uint32_t priority = 126u << 24 | (65535 - i) << 8 | 255;
	snprintf(out, ADDR_CANDIDATE, "%u 1 udp %u %s %u typ host", l->at[i].foundation, priority,
		addr_ip(&l->at[i].addr, ip), port);
	return out;
}
