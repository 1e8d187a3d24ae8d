/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "../base/log.h"
#include "../base/log_rate.h"
#include "access.h"

#define MAX_PROXIES 64

/* Whose request it is. */
struct asker {
	unsigned char peer[NET_BYTES], client[NET_BYTES];
	bool by_proxy; /* that is trusted */
};

static struct access_conf conf;
static struct net proxies[MAX_PROXIES];
static unsigned n_proxies;
static char mistake[160];

const char *access_configure(const struct access_conf *c, const char **option)
{
	const char *list = c->trusted_proxies ? c->trusted_proxies : "", *from = list;
	int found;

	conf = *c;
	n_proxies = 0;
	while ((found = net_next(&list, &proxies[n_proxies])) > 0 && n_proxies + 1 < MAX_PROXIES) {
		n_proxies++;
		from = list;
	}
	*option = found ? "trusted_proxies" : "allow_origin";
	if (!found)
		return c->allow_origin && mount_is_broken(c->allow_origin)
			       ? "it is more than one line"
			       : NULL;
	from += strspn(from, " \t,");
	snprintf(mistake, sizeof mistake,
		found < 0 ? "'%.*s' is neither an address nor a network like 10.0.0.0/8"
			  : "there are too many, from '%.*s' on",
		(int)(list - from < 64 ? list - from : 64), from);
	return mistake;
}

/* ---- the address ---- */

static bool is_trusted(const unsigned char ip[NET_BYTES])
{
	for (unsigned i = 0; i < n_proxies; i++)
		if (net_has(&proxies[i], ip))
			return true;
	return false;
}

bool access_is_proxy(const char *ip)
{
	unsigned char at[NET_BYTES];
	return n_proxies && net_address(ip, strlen(ip), at) && is_trusted(at);
}

/** Each proxy adds whom it has heard from at the right: the rightmost that is no proxy of ours is
 *  the client. What stands left of it anybody may have written. @return false: what a proxy has
 *  added is no address */
static bool find_client(const struct head *h, struct asker *a)
{
	unsigned char ip[NET_BYTES];
	const char *s;
	unsigned at = 0;
	bool any = false, ok = true;

	while ((s = head_each(h, "X-Forwarded-For", &at)))
		while (*(s += strspn(s, " \t,"))) {
			size_t len = strcspn(s, " \t,");
			bool is_address = net_address(s, len, ip);
			if (!is_address || !any || !is_trusted(ip))
				ok = is_address;
			if (is_address && (!any || !is_trusted(ip)))
				memcpy(a->client, ip, sizeof ip);
			any = true;
			s += len;
		}
	return ok;
}

static bool find(const char *ip, const struct head *h, struct asker *a)
{
	*a = (struct asker){ 0 };
	if (!net_address(ip, strlen(ip), a->peer))
		return false;
	memcpy(a->client, a->peer, sizeof a->client);
	a->by_proxy = is_trusted(a->peer);
	return !a->by_proxy || find_client(h, a);
}

/* ---- lists of addresses ---- */

static bool has_prefix_of(const char *acl, const char *ip, size_t ip_len)
{
	while (*(acl += strspn(acl, " ,"))) {
		size_t len = strcspn(acl, " ,");
		if (len <= ip_len && !strncmp(acl, ip, len))
			return true;
		acl += len;
	}
	return false;
}

static bool has_prefixes_of(const char *acl, const char *forwarded)
{
	while (*(forwarded += strspn(forwarded, " \t,"))) {
		size_t len = strcspn(forwarded, " \t,");
		if (!has_prefix_of(acl, forwarded, len))
			return false;
		forwarded += len;
	}
	return true;
}

static bool admits(const char *acl, bool forwarded_too, const struct asker *a,
	const struct visitor *v, const struct head *h)
{
	const char *forwarded;
	unsigned at = 0;

	if (!acl || !acl[strspn(acl, " ,")])
		return true;
	if (!has_prefix_of(acl, v->ip, strlen(v->ip)))
		return false;
	while (forwarded_too && !a->by_proxy && (forwarded = head_each(h, "X-Forwarded-For", &at)))
		if (!has_prefixes_of(acl, forwarded))
			return false;
	return true;
}

/* ---- the host ---- */

static bool has_field(const struct head *h, const char *name)
{
	unsigned at = 0;
	/* whatever it says: a client may have put an empty one before it */
	return head_each(h, name, &at) != NULL;
}

/** The length of the name in "name:port". */
static size_t name_len(const char *host)
{
	const char *end = host[0] == '[' ? strchr(host, ']') : strchr(host, ':');
	size_t len = !end ? strlen(host) : (size_t)(end - host) + (host[0] == '[');

	return len && host[len - 1] == '.' ? len - 1 : len;
}

/** RFC 6761, section 6.3: also what ends with ".localhost". */
static bool is_loopback_host(const char *host)
{
	static const char local[] = "localhost";
	size_t len = name_len(host), n = sizeof local - 1;
	unsigned char ip[NET_BYTES];

	if (len >= n && !strncasecmp(host + len - n, local, n) &&
		(len == n || host[len - n - 1] == '.'))
		return true;
	return net_address(host, len, ip) && net_is_loopback(ip);
}

/** A name without a dot, which nobody can have DNS answer for on the Internet: it is of the machine
 *  or its network. */
static bool is_local_name(const char *host)
{
	size_t len = name_len(host);

	return len && !memchr(host, '.', len) && host[0] != '[';
}

static bool is_listed_host(const char *host)
{
	const char *s = conf.hosts ? conf.hosts : "";
	size_t n = name_len(host);

	while (*(s += strspn(s, " \t,"))) {
		size_t len = strcspn(s, " \t,");
		if (len == n && !strncasecmp(s, host, n))
			return true;
		s += len;
	}
	return false;
}

/** A page of anybody's can reach what listens on loopback only, under a name of its own that it has
 *  made to point there: the Host gives it away. */
static bool knows_host(const struct listener *l, const struct mount *m, const struct asker *a,
	const struct head *h)
{
	unsigned char bound[NET_BYTES];
	const char *ip = listen_bound(l, m), *host = head_get(h, "Host");
	/* no browser beside the proxy */
	bool is_forwarded = a->by_proxy && has_field(h, "X-Forwarded-For");

	if (!*host || is_forwarded || !net_address(ip, strlen(ip), bound) ||
		!net_is_loopback(bound))
		return true;
	return is_loopback_host(host) || is_local_name(host) || is_listed_host(host);
}

/* ---- the origin ---- */

/** From where it comes: the Origin (RFC 6454, 7), else the Referer's. More than one is none.
 *  @return a serialized origin */
static const char *come_from(const struct head *h, size_t *len)
{
	unsigned at = 0;
	const char *origin = head_each(h, "Origin", &at), *scheme;

	if (origin && *origin) {
		*len = head_each(h, "Origin", &at) ? 0 : strlen(origin);
		return origin;
	}
	origin = head_get(h, "Referer");
	scheme = strstr(origin, "://");
	*len = scheme ? (size_t)(scheme + 3 - origin) + strcspn(scheme + 3, "/?#") : strlen(origin);
	return origin;
}

/** The one of a list that it is, else the first. @return found */
static bool find_origin(const char *list, const char *from, size_t from_len, struct visitor *v)
{
	v->allow_origin = NULL;
	while (*(list += strspn(list, " \t,"))) {
		size_t all = strcspn(list, " \t,"), len = all;
		while (len && list[len - 1] == '/')
			len--;
		bool is_it = (len == 1 && *list == '*') ||
			     (len && len == from_len && !strncasecmp(from, list, len));
		if (is_it || !v->allow_origin) {
			v->allow_origin = list;
			v->allow_origin_len = len;
		}
		if (is_it)
			return true;
		list += all;
	}
	return false;
}

static bool admits_origin(
	const struct listener *l, const struct mount *m, const struct head *h, struct visitor *v)
{
	const char *allowed = m ? m->place.allow_origin : NULL;
	bool is_enforced = m && m->place.enforce_origin;
	size_t from_len;
	const char *from = come_from(h, &from_len);

	if (!allowed && (m || listen_is_web(l)) && conf.allow_origin && *conf.allow_origin) {
		allowed = conf.allow_origin;
		is_enforced = conf.enforce_origin;
	}
	if (!allowed)
		allowed = m ? "*" : "";
	return !*allowed || find_origin(allowed, from, from_len, v) || !is_enforced;
}

/** Does the request come from a page of this server, or from none? */
static bool is_own_page(const struct head *h)
{
	const char *origin = head_get(h, "Origin"), *site = head_get(h, "Sec-Fetch-Site");
	const char *name = strstr(origin, "://");

	if (*site && strcmp(site, "same-origin") && strcmp(site, "none"))
		return false;
	return !*origin || (name && !strcasecmp(name + 3, head_get(h, "Host")));
}

/* ---- all together ---- */

/** Has it come through a proxy, without a word that we believe on whose behalf? */
static bool is_of_a_stranger(const struct asker *a, const struct head *h)
{
	static const char *const signs[] = { "Forwarded", "Via", "X-Forwarded-Host",
		"X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server", "X-Real-IP",
		"X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP" };

	if (has_field(h, "X-Forwarded-For"))
		return !a->by_proxy;
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (has_field(h, signs[i]))
			return true;
	return false;
}

static const char *against_open_admin(const struct asker *a, const struct head *h)
{
	const char *host = head_get(h, "Host");

	if (!net_is_loopback(a->peer) || !net_is_loopback(a->client) || is_of_a_stranger(a, h))
		return "The Admin API has no secret, so it answers programs of this machine only: "
		       "set "
		       "general.admin_secret";
	if (*host && !is_loopback_host(host))
		return "The Admin API has no secret, so it answers at loopback names only: set "
		       "general.admin_secret";
	if (!is_own_page(h))
		return "The Admin API has no secret, so it answers no pages of others: set "
		       "general.admin_secret";
	return NULL;
}

static int refuse(struct visitor *v, int status, const char *reason)
{
	v->reason = reason;
	if (log_seldom())
		log_warn("web", 0, "refused", "ip=%s because=%s", v->ip, LOG_QUOTED(reason));
	return status;
}

int access_check(const struct listener *l, const struct mount *m, const char *ip,
	const struct head *h, struct visitor *v)
{
	bool is_open_admin = m && m->place.admin && !conf.has_admin_secret;
	const char *why;
	struct asker a;

	*v = (struct visitor){ 0 };
	snprintf(v->ip, sizeof v->ip, "%s", ip);
	if (!find(ip, h, &a))
		return refuse(
			v, 400, "A trusted proxy has added to X-Forwarded-For what is no address");
	net_text(a.client, v->ip, sizeof v->ip);
	if ((listen_is_web(l) && !admits(conf.acl, conf.acl_forwarded, &a, v, h)) ||
		(m && !admits(m->place.acl, m->place.acl_forwarded, &a, v, h)))
		return ACCESS_DROP;
	if (is_open_admin && (why = against_open_admin(&a, h)))
		return refuse(v, 403, why);
	if (!knows_host(l, m, &a, h))
		return refuse(v, 403,
			"This server listens on loopback only, and nobody has told it that the "
			"name in Host leads here: see web.trusted_proxies and web.hosts");
	if (!admits_origin(l, m, h, v)) {
		refuse(v, 403, "The Origin is not among those that are allowed");
		v->reason = NULL; /* clients of the API know an empty answer */
		return 403;
	}
	if (is_open_admin)
		v->allow_origin = NULL; /* no page of others is to read its answers */
	return 0;
}
