/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "preview.h"

#define GOOD_BUFFER (2 << 20)

struct addr_conf preview_addr_conf(const struct rtc_conf *c)
{
	return (struct addr_conf){ c->ipv6, c->ipv6_linklocal, c->enforce_list, c->ignore_list,
		c->nat_1_1, c->keep_private_host };
}

static bool try_port(int family, uint16_t port, char *why)
{
	struct addr a = { .sa = { .sa_family = (sa_family_t)family } };
	const int on = 1;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	addr_set_port(&a, port);
	if (fd >= 0 && family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	bool is_free = fd >= 0 && !bind(fd, &a.sa, addr_len(&a));
	if (!is_free)
		snprintf(why, 256, "UDP port %u (%s): %s", port,
			family == AF_INET6 ? "IPv6" : "IPv4", strerror(errno));
	if (fd >= 0)
		close(fd);
	return is_free;
}

bool preview_port(const struct rtc_conf *conf, unsigned worker, char *why)
{
	uint16_t port = (uint16_t)(conf->udp_port + worker);
	return try_port(AF_INET, port, why) && (!conf->ipv6 || try_port(AF_INET6, port, why));
}

struct describer {
	void (*line)(void *arg, const char *text);
	void *arg;
};

__attribute__((format(printf, 2, 3))) static void say(
	const struct describer *d, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->line(d->arg, text);
}

static void say_limit(const struct describer *d, const char *file, const char *name)
{
	long long n = 0;
	FILE *f = fopen(file, "re");
	if (!f)
		return;
	if (fscanf(f, "%lld", &n) ==
		1) /* a small buffer costs packets under load; it is no reason not to start */
		say(d, "%s = %lld%s", name, n,
			n < GOOD_BUFFER ? ": raise it to 8388608 for more than a few users" : "");
	fclose(f);
}

void preview_say(const struct rtc_conf *conf, void (*line)(void *arg, const char *text), void *arg)
{
	const struct describer d = { line, arg };
	struct addr_if ifs[256];
	struct addr_list l;
	char text[ADDR_CANDIDATE];
	const struct addr_conf ac = preview_addr_conf(conf);
	addr_choose(&l, &ac, ifs, addr_interfaces(ifs, sizeof(ifs) / sizeof(*ifs)));
	for (unsigned w = 0; w < conf->workers; w++)
		for (unsigned i = 0; i < l.n; i++)
			say(&d, "candidate:%s%s",
				addr_candidate(&l, i, (uint16_t)(conf->udp_port + w), text),
				l.at[i].is_mapped
					? " (public address of a 1:1 NAT: forward this UDP port)"
					: "");
	say(&d, "srtp: AES-GCM by %s", srtp_gcm_name(conf->srtp));
	say_limit(&d, "/proc/sys/net/core/rmem_max", "net.core.rmem_max");
	say_limit(&d, "/proc/sys/net/core/wmem_max", "net.core.wmem_max");
}
